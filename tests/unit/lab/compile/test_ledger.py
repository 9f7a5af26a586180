"""What one compilation tells the next."""

from ipaddress import IPv4Network

from lab.compile.ledger import Ledger, NodeRegistration
from lab.contract.underlay import UNDERLAY


def test_an_empty_ledger_is_where_a_lab_begins() -> None:
    assert Ledger().underlay == UNDERLAY
    assert Ledger().nodes == ()
    assert Ledger() == Ledger()


def test_the_nodes_of_a_cluster_are_given_oldest_first() -> None:
    nodes = tuple(
        NodeRegistration(cluster=cluster, node=node, pod_cidr=IPv4Network("10.244.0.0/24"))
        for cluster, node in [("one", "b"), ("two", "x"), ("one", "a")]
    )
    assert [each.node for each in Ledger(nodes=nodes).registered("one")] == ["b", "a"]
