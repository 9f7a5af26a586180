"""``vnetlab inspect``."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lab.cli.invocation import SETTINGS
from lab.cli.options import file_option, format_option, lab_option

if TYPE_CHECKING:
    from lab.cli.service import LabService
    from lab.contract.v1.lab_pb2 import InspectReply

KINDS = ("nodes", "pods", "services", "loadbalancers", "routes", "ipam", "nsg")


EPILOG = """\
\b
Examples:
  vnetlab inspect                      the lab in short
  vnetlab inspect routes --nic vm1     what the fabric does with its packets
  vnetlab inspect nsg --nic vm1        its security rules, counted
  vnetlab inspect pods --node aks-nodepool1-52243381-vmss000000
  vnetlab inspect ipam --format json
"""


@click.command("inspect", context_settings=SETTINGS, epilog=EPILOG)
@click.argument("kind", type=click.Choice(KINDS), required=False)
@click.option("--nic", metavar="MACHINE", help="routes, nsg: those of a machine's interface.")
@click.option(
    "--subnet", metavar="VNET/SUBNET", help="nodes, routes, ipam, nsg: those of a subnet."
)
@click.option("--node", metavar="NODE", help="pods: those of a node.")
@click.option("--namespace", metavar="NAMESPACE", help="pods, services: those of a namespace.")
@file_option
@lab_option
@format_option
def command(  # noqa: PLR0913 - one for each option
    *,
    kind: str | None,
    nic: str | None,
    subnet: str | None,
    node: str | None,
    namespace: str | None,
    file: Path | None,
    lab: str | None,
    output_format: str,
) -> None:
    """Show what a running lab consists of and how it stands.

    \b
    nodes          cluster nodes, virtual machines and Internet hosts
    pods           pods with their addresses and nodes
    services       Services with their addresses and the pods that answer for them
    loadbalancers  who gets flows of load-balancing rules, and whether it is up
    routes         effective routes of each subnet, as the cloud shows them
    ipam           how far subnets and pod CIDRs are used; of one of them, by whom
    nsg            security rules as evaluated where they are associated

    Without a kind, the lab in short.
    """
    filters = {"nic": nic, "subnet": subnet, "node": node, "namespace": namespace}
    given = {name: value for name, value in filters.items() if value}
    refuse_useless(kind, given)
    from lab.cli.selection import selected
    from lab.cli.service import connected

    with connected(selected(lab, file).target) as service:
        reply = service.inspect(*({kind, "nodes"} if kind else KINDS))
        if kind == "nsg" and nic:
            show_interface(service, reply, nic, output_format)
            return
    if kind:
        show_kind(kind, reply, given, output_format)
    else:
        show_everything(reply, output_format)


FILTERS = {
    "nodes": {"subnet"},
    "pods": {"node", "namespace"},
    "services": {"namespace"},
    "loadbalancers": set(),
    "routes": {"nic", "subnet"},
    "ipam": {"subnet"},
    "nsg": {"nic", "subnet"},
}
"""Which options choose among which rows."""


def refuse_useless(kind: str | None, given: Iterable[str]) -> None:
    """An option that would change nothing is a misunderstanding."""
    for name in given:
        if kind is None or name not in FILTERS[kind]:
            kinds = ", ".join(each for each in KINDS if name in FILTERS[each])
            raise click.UsageError(f"--{name} goes with: {kinds}")


def show_kind(
    kind: str, reply: "InspectReply", given: Mapping[str, str], output_format: str
) -> None:
    """Rows of one kind, those that the filters leave."""
    from lab.cli.address_tables import address_tables
    from lab.cli.filters import filtered
    from lab.cli.load_balancer_tables import load_balancer_tables
    from lab.cli.route_tables import route_tables
    from lab.cli.rows import KINDS as KNOWN
    from lab.cli.rows import waiting
    from lab.cli.security_tables import security_tables
    from lab.cli.service_tables import service_tables
    from lab.cli.tables import show_lines, show_rows, terminal_width

    rows = filtered(kind, reply, given)
    if kind == "routes" and output_format == "table":
        show_lines(route_tables(rows, width=terminal_width()))
    elif kind == "nsg" and output_format == "table":
        show_lines(security_tables(rows, width=terminal_width()))
    elif kind == "ipam" and output_format == "table":
        show_lines(address_tables(rows, width=terminal_width()))
    elif kind == "loadbalancers" and output_format == "table":
        show_lines(load_balancer_tables(rows, width=terminal_width()))
    elif kind == "services" and output_format == "table":
        show_lines(service_tables(rows, width=terminal_width()))
    else:
        show_rows(rows, KNOWN[kind].columns, output_format=output_format)
        if kind == "pods" and output_format == "table":
            show_lines(waiting(rows))


def show_interface(
    service: "LabService", reply: "InspectReply", nic: str, output_format: str
) -> None:
    """The security rules that packets of one network interface meet, with counters."""
    from lab.cli.filters import machine
    from lab.cli.rows import KINDS as KNOWN
    from lab.cli.security_counters import counters_of, rules_met
    from lab.cli.security_tables import security_tables
    from lab.cli.tables import show_lines, show_rows, terminal_width

    node = machine(reply, nic)
    counters = counters_of(service, node.name) if node.security else {}
    rows = list(rules_met(node, KNOWN["nsg"].rows(reply), counters))
    if output_format == "table":
        show_lines(security_tables(rows, width=terminal_width()))
    else:
        show_rows(rows, KNOWN["nsg"].columns, output_format=output_format)


def show_everything(reply: "InspectReply", output_format: str) -> None:
    """All kinds in one JSON object, or machines, pods and what is wrong."""
    from lab.cli.rows import KINDS as KNOWN
    from lab.cli.rows import troubles, waiting
    from lab.cli.tables import show_json, show_lines, show_rows

    if output_format == "json":
        everything = {kind: list(KNOWN[kind].rows(reply)) for kind in KNOWN}
        show_json({"lab": reply.lab, "revision": reply.revision, **everything})
        return
    show_lines([f"{reply.lab}, revision {reply.revision}", ""])
    for kind in ("nodes", "pods"):
        if rows := KNOWN[kind].rows(reply):
            show_rows(rows, KNOWN[kind].columns, output_format=output_format)
            click.echo()
    show_lines(waiting(KNOWN["pods"].rows(reply)))
    show_lines(troubles(reply))
