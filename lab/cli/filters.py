"""Which rows of an inspection are wanted."""

import difflib
from collections.abc import Mapping, Sequence

from lab.cli.errors import REFUSED, CommandFailed
from lab.cli.route_tables import subnet_of
from lab.cli.rows import KINDS, Row
from lab.contract.v1.lab_pb2 import InspectReply, NodeStatus


def filtered(kind: str, reply: InspectReply, given: Mapping[str, str]) -> Sequence[Row]:
    """Rows of `kind` that every filter lets through.

    Raises `CommandFailed` when a filter names what isn't there: an empty table
    would look like an answer.
    """
    rows = KINDS[kind].rows(reply)
    if node := given.get("node"):
        name = machine(reply, node).name
        rows = [row for row in rows if row["node"] == name]
    if namespace := given.get("namespace"):
        rows = [row for row in rows if row["namespace"] == namespace]
    subnet = given.get("subnet")
    if kind == "nsg":
        return [row for row in rows if not subnet or is_in_subnet(row, subnet)]
    if nic := given.get("nic"):
        subnet = machine(reply, nic).subnet
        if not subnet:
            raise CommandFailed(
                f"{nic} is on the Internet: it has no network interface in a subnet",
                exit_code=REFUSED,
            )
    if subnet:
        rows = in_subnet(kind, rows, subnet)
    return rows


def machine(reply: InspectReply, target: str) -> NodeStatus:
    """The machine called ``NAME``, ``node/NAME``, ``vm/NAME`` or ``internet/NAME``."""
    name = target.rpartition("/")[2]
    for node in reply.nodes:
        if node.name == name:
            return node
    raise missing("machine", name, [node.name for node in reply.nodes])


def in_subnet(kind: str, rows: Sequence[Row], subnet: str) -> Sequence[Row]:
    """Rows that belong to a subnet, named in any case as Azure takes it."""
    names = [place_of(kind, row) for row in rows]
    kept = [
        row for row, name in zip(rows, names, strict=True) if name.casefold() == subnet.casefold()
    ]
    if not kept:
        raise missing("subnet", subnet, [name for name in names if "/" in name])
    return kept


def is_in_subnet(row: Row, subnet: str) -> bool:
    """Whether a security rule is one of the subnet's own group."""
    return str(row["place"]).casefold() == f"subnet {subnet}".casefold()


def place_of(kind: str, row: Row) -> str:
    """``VNET/SUBNET`` of a row; other pools of addresses are called otherwise."""
    match kind:
        case "routes":
            return subnet_of(row)
        case "ipam":
            return str(row["pool"])
        case _:
            return str(row["subnet"])


def missing(what: str, name: str, known: Sequence[str]) -> CommandFailed:
    """Nothing is called `name`; the nearest that is."""
    choices = sorted(set(known))
    close = difflib.get_close_matches(name, choices, n=1)
    hint = f"did you mean {close[0]}?" if close else f"there are: {', '.join(choices) or 'none'}"
    return CommandFailed(f'there is no {what} "{name}"', remedy=hint, exit_code=REFUSED)
