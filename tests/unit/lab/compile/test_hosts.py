"""Who is there, and in which order."""

from lab.compile.hosts import hosts_of
from lab.contract.node_state import NodeKind
from tests.unit.lab.compile.labs import (
    NODE0,
    NODE1,
    cluster,
    documented,
    lab,
    machine,
)


def test_hosts_are_nodes_then_machines_then_the_internet() -> None:
    kinds = {host.name: host.kind for host in hosts_of(documented())}
    assert list(kinds.items()) == [
        (NODE0, NodeKind.CLUSTER_NODE),
        (NODE1, NodeKind.CLUSTER_NODE),
        ("vm1", NodeKind.VIRTUAL_MACHINE),
        ("internet", NodeKind.INTERNET_HOST),
    ]


def test_nodes_have_ip_forwarding_and_machines_what_they_ask_for() -> None:
    """Semantics 4.1: without it the fabric drops packets of pods."""
    made = lab(cluster(), machine("a"), machine("b", enable_ip_forwarding=True))
    forwarding = {host.name: host.enable_ip_forwarding for host in hosts_of(made)}
    assert forwarding == {NODE0: True, NODE1: True, "a": False, "b": True}
