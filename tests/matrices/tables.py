"""The tables: their rows, and the tests of a lab file that prove a cell."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.matrices.models import Model, Value

Check = dict[str, Any]
"""An entry of ``tests:`` without its name."""

NODE, OTHER_NODE = "node/aks-pool-00000000-vmss000000", "node/aks-pool-00000000-vmss000001"
POD, NEAR_POD, FAR_POD = "pod/one", "pod/two", "pod/three"
MACHINE, PEER, PREMISES = "vm/machine", "vm/peer", "onprem/desk"
INTERNET, CLIENT_ADDRESS = "internet/internet", "203.0.113.10"
ANY_NODE, OWN_NODE = "service/cluster", "service/local"
"""Of type LoadBalancer, with either externalTrafficPolicy; their pod is on `OTHER_NODE`."""
STORAGE = "internet/vnetlabmatrix"
"""Lets in the subnets of nodes and pods by their service endpoints."""
AZURE_DNS = "168.63.129.16"
PRIVATE_NAME, PRIVATE_ADDRESS = "db.corp.example", "10.0.1.200"
"""Of a zone that the pods' virtual network is linked to and the peered one is not."""

SOURCES = {"pod": "podIP", "node": "nodeIP", "public": "publicIP", "own": "nodeIP"}
"""Words of the lab file; a machine's own address is called the node's there."""

FIRST_ADDRESSES = {"node": "10.0.0.4"}
"""Of `NODE` in every model's lab."""

UNREACHABLE = "-"

TERMINAL = 80
"""Columns of a terminal."""

ANSWERED = {"tcp": {"port": 80}}
UNANSWERED = {"tcp": {"port": 80, "result": "failed"}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One table; `rows` make the checks of a cell from what has to be seen there."""

    title: str
    rows: Mapping[str, Callable[[Value], Sequence[Check]]]


def asked(source: str, destination: str, **expect: object) -> Check:
    return {"from": source, "to": destination, "expect": expect}


def told(source: str, **expect: object) -> Check:
    """A question that names no receiver."""
    return {"from": source, "expect": expect}


def _ttl(source: str, destination: str) -> Callable[[Value], Sequence[Check]]:
    return lambda value: [asked(source, destination, ping={"ttl": value, "count": 1})]


def _source(source: str, destination: str) -> Callable[[Value], Sequence[Check]]:
    def checks(value: Value) -> Sequence[Check]:
        if value == UNREACHABLE:
            return [asked(source, destination, **UNANSWERED)]
        word = SOURCES[str(value)]
        return [asked(source, destination, ping={"count": 1}, sourceSeen=word)]

    return checks


def _dns_source(value: Value) -> Sequence[Check]:
    """Read off the NIC: the service itself is nobody's to look into."""
    question = f"udp port 53 and dst host {AZURE_DNS} and"
    address = FIRST_ADDRESSES[str(value)]
    return [
        told(
            POD,
            dns={"name": PRIVATE_NAME},
            packets=[
                {"on": NODE, "filter": f"{question} src host {address}"},
                {"on": NODE, "filter": f"{question} not src host {address}", "seen": False},
            ],
        )
    ]


def _service_source(value: Value) -> Sequence[Check]:
    """The service knows the subnet by its service endpoint, as whatever the packet carries."""
    subnet = {"node": "vnet/nodes", "pod": "vnet/pods"}[str(value)]
    answer = {"status": 200, "body": {"subnet": subnet}}
    return [asked(POD, STORAGE, http=answer, sourceSeen=SOURCES[str(value)])]


def _behind_load_balancer(service: str) -> Callable[[Value], Sequence[Check]]:
    """Whom a pod sees that answers by way of `NODE`, or of its own node alone."""

    def checks(value: Value) -> Sequence[Check]:
        address = {**FIRST_ADDRESSES, "client": CLIENT_ADDRESS}[str(value)]
        return [asked(INTERNET, service, http={"body": {"client.address": address}})]

    return checks


def _exposed(_: Value) -> Sequence[Check]:
    """A Service behind the load balancer answers the Internet, and only at its port."""
    closed = {"tcp": {"port": 81, "result": "failed"}}
    return [asked(INTERNET, ANY_NODE, **ANSWERED), asked(INTERNET, ANY_NODE, **closed)]


def _initiative(machine: str) -> Callable[[Value], Sequence[Check]]:
    """Who may begin: ``both``, or ``pod``, whom the machine then sees as its node."""

    def checks(value: Value) -> Sequence[Check]:
        if value == "both":
            return [asked(POD, machine, **ANSWERED), asked(machine, POD, **ANSWERED)]
        return [
            asked(POD, machine, **ANSWERED, sourceSeen="nodeIP"),
            asked(machine, POD, **UNANSWERED),
        ]

    return checks


def _secured(_: Value) -> Sequence[Check]:
    """Pods get in, and a machine whose subnet has no service endpoint does not."""
    return [
        asked(POD, STORAGE, http={"status": 200}),
        asked(MACHINE, STORAGE, http={"status": 403}),
    ]


def _names(_: Value) -> Sequence[Check]:
    """Pods are told private names, and a network that is not linked is not."""
    return [
        told(POD, dns={"name": PRIVATE_NAME, "answers": [PRIVATE_ADDRESS]}),
        told(PEER, dns={"name": PRIVATE_NAME, "status": "NXDOMAIN"}),
    ]


def _no_packets(_: Value) -> Sequence[Check]:
    """`tests.matrices.test_lab_files` asks."""
    return []


def _pods(_: Value) -> Sequence[Check]:
    pairs = ((POD, NEAR_POD), (NEAR_POD, POD), (POD, FAR_POD), (FAR_POD, POD))
    return [asked(source, destination, **ANSWERED) for source, destination in pairs]


TABLES: Mapping[str, Table] = {
    "ttl": Table(
        title="the TTL that ping prints",
        rows={
            "pod -> pod, same node": _ttl(POD, NEAR_POD),
            "pod -> own node": _ttl(POD, NODE),
            "pod -> other node": _ttl(POD, OTHER_NODE),
            "pod -> pod, other node": _ttl(POD, FAR_POD),
            "pod -> machine": _ttl(POD, MACHINE),
            "machine -> pod": _ttl(MACHINE, POD),
        },
    ),
    "sources": Table(
        title="whose address the receiver sees",
        rows={
            "pod -> pod, other node": _source(POD, FAR_POD),
            "pod -> other node": _source(POD, OTHER_NODE),
            "pod -> machine": _source(POD, MACHINE),
            "pod -> peered machine": _source(POD, PEER),
            "pod -> on premises": _source(POD, PREMISES),
            "pod -> Internet": _source(POD, INTERNET),
            "pod -> service endpoint": _service_source,
            "pod -> Azure DNS": _dns_source,
            "machine -> pod": _source(MACHINE, POD),
            "load balancer -> pod, other node": _behind_load_balancer(ANY_NODE),
            "load balancer -> pod, policy Local": _behind_load_balancer(OWN_NODE),
        },
    ),
    "connectivity": Table(
        title="who may begin",
        rows={
            "pod - pod": _pods,
            "pod - machine": _initiative(MACHINE),
            "pod - peered machine": _initiative(PEER),
            "pod - on premises": _initiative(PREMISES),
            "secured service": _secured,
            "private zone": _names,
            "exposed by a load balancer": _exposed,
        },
    ),
    "lab file": Table(
        title="what a cluster may have",
        rows={"existing network": _no_packets, "Windows pool": _no_packets},
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """What a model has to do in one row of a table."""

    model: Model
    table: str
    row: str

    def __str__(self) -> str:
        return f"{self.model.name}: {self.table}: {self.row}"

    @property
    def value(self) -> Value:
        return self.model.tables[self.table][self.row]

    @property
    def checks(self) -> Mapping[str, Check]:
        """The tests that prove it, by name."""
        made = TABLES[self.table].rows[self.row](self.value)
        return {f"{self.table}: {self.row}: {number}": each for number, each in enumerate(made, 1)}


def cells(model: Model) -> tuple[Cell, ...]:
    """Every cell of a model, table by table."""
    return tuple(
        Cell(model=model, table=table, row=row)
        for table in TABLES
        for row in model.tables.get(table, {})
    )


def as_text(name: str, models: Sequence[Model]) -> str:
    """A table, a column for each model that is in it; ``?`` where nothing is asked.

    As many columns beside each other as a terminal shows; the rest below.
    """
    columns = [model for model in models if name in model.tables]
    labels = ["", *TABLES[name].rows]
    margin = max(map(len, labels))
    blocks: list[list[list[str]]] = []
    room = 0
    for model in columns:
        cells = [model.name, *(str(model.tables[name].get(row, "?")) for row in labels[1:])]
        width = 2 + max(map(len, cells))
        if width > room:
            blocks.append([])
            room = TERMINAL - margin
        room -= width
        blocks[-1].append([f"  {cell.ljust(width - 2)}" for cell in cells])
    return "\n".join(
        "".join(
            f"{label.ljust(margin)}{''.join(cells)}".rstrip() + "\n"
            for label, *cells in zip(labels, *block, strict=True)
        )
        for block in blocks
    )
