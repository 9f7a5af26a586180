"""A /24 for each node, and host-local within it."""

from ipaddress import IPv4Address, IPv4Network

from lab.kube.ipam import Leases, bridge_interface, host_local, node_cidrs, reserved_addresses

POD_CIDR = IPv4Network("10.244.0.0/16")
NODE_CIDR = IPv4Network("10.244.1.0/24")
NONE = Leases(addresses={}, last_reserved=None)


def cidrs(
    *nodes: str, previous: dict[str, str] | None = None, of: IPv4Network = POD_CIDR
) -> dict[str, str]:
    before = {node: IPv4Network(text) for node, text in (previous or {}).items()}
    found = node_cidrs(of, nodes=nodes, previous=before)
    return {node: str(cidr) for node, cidr in found.items()}


def lease(*pods: str, previous: Leases = NONE) -> Leases:
    return host_local(NODE_CIDR, pods=pods, previous=previous)


def texts(leases: Leases) -> dict[str, str]:
    return {uid: str(address) for uid, address in leases.addresses.items()}


def test_nodes_get_a_slash_24_in_the_order_of_registration() -> None:
    """Claims A10, A15: the older node has the lower range, whatever its name."""
    assert cidrs("n1", "n0") == {"n1": "10.244.0.0/24", "n0": "10.244.1.0/24"}


def test_a_node_keeps_its_range_and_a_freed_one_is_used_again() -> None:
    previous = {"n0": "10.244.0.0/24", "n1": "10.244.1.0/24", "n2": "10.244.2.0/24"}
    assert cidrs("n0", "n2", "n3", previous=previous) == {
        "n0": "10.244.0.0/24",
        "n2": "10.244.2.0/24",
        "n3": "10.244.1.0/24",
    }


def test_another_pod_cidr_gives_other_ranges() -> None:
    previous = {"n0": "10.244.0.0/24"}
    assert cidrs("n0", previous=previous, of=IPv4Network("10.100.0.0/16")) == {
        "n0": "10.100.0.0/24"
    }


def test_a_node_without_a_range_is_missing() -> None:
    small = IPv4Network("10.244.0.0/23")
    assert list(cidrs("n0", "n1", "n2", of=small)) == ["n0", "n1"]
    assert cidrs("n0", of=IPv4Network("10.244.0.0/25")) == {}


def test_the_bridge_has_the_first_address() -> None:
    assert str(bridge_interface(NODE_CIDR)) == "10.244.1.1/24"


def test_pods_start_at_two() -> None:
    """Claim A15: .1 is the bridge."""
    leases = lease("a", "b")
    assert texts(leases) == {"a": "10.244.1.2", "b": "10.244.1.3"}
    assert leases.last_reserved == IPv4Address("10.244.1.3")


def test_a_pod_keeps_its_address() -> None:
    first = lease("a", "b", "c")
    assert texts(lease("c", "b", "a", previous=first)) == {
        "a": "10.244.1.2",
        "b": "10.244.1.3",
        "c": "10.244.1.4",
    }


def test_a_freed_address_waits_until_its_turn_comes_round() -> None:
    """Semantics 4.1: round robin from the last one that was handed out."""
    first = lease("a", "b")
    second = lease("b", previous=first)
    third = lease("b", "c", previous=second)
    assert texts(third)["c"] == "10.244.1.4"
    assert second.last_reserved == first.last_reserved


def test_the_turn_comes_round_behind_the_last_address_and_skips_the_bridge() -> None:
    previous = Leases(addresses={}, last_reserved=IPv4Address("10.244.1.253"))
    assert texts(lease("a", "b", "c", previous=previous)) == {
        "a": "10.244.1.254",
        "b": "10.244.1.2",
        "c": "10.244.1.3",
    }


def test_an_address_in_use_is_skipped() -> None:
    previous = Leases(
        addresses={"a": IPv4Address("10.244.1.2")}, last_reserved=IPv4Address("10.244.1.254")
    )
    assert texts(lease("a", "b", previous=previous))["b"] == "10.244.1.3"


def test_a_node_has_253_addresses_and_no_more() -> None:
    uids = [f"p{number}" for number in range(254)]
    leases = lease(*uids)
    assert len(set(leases.addresses.values())) == 253
    assert "p253" not in leases.addresses
    assert IPv4Address("10.244.1.1") not in leases.addresses.values()
    assert IPv4Address("10.244.1.255") not in leases.addresses.values()


def test_leases_of_another_range_are_not_kept() -> None:
    previous = Leases(
        addresses={"a": IPv4Address("10.244.9.7")}, last_reserved=IPv4Address("10.244.9.7")
    )
    leases = lease("a", previous=previous)
    assert texts(leases) == {"a": "10.244.1.2"}


def test_no_pod_leaves_nothing_behind() -> None:
    assert lease() == NONE


KEPT = tuple(IPv4Address("10.0.0.5") + number for number in range(3))


def test_a_pod_has_the_lowest_free_address_that_its_node_keeps() -> None:
    found = reserved_addresses(KEPT, pods=["a", "b"], previous={})
    assert found == {"a": KEPT[0], "b": KEPT[1]}


def test_a_pod_keeps_its_address_and_what_is_gone_is_free_at_once() -> None:
    found = reserved_addresses(KEPT, pods=["c", "b"], previous={"a": KEPT[0], "b": KEPT[1]})
    assert found == {"b": KEPT[1], "c": KEPT[0]}


def test_an_address_that_the_node_no_longer_keeps_is_given_up() -> None:
    found = reserved_addresses(KEPT[:1], pods=["a"], previous={"a": KEPT[2]})
    assert found == {"a": KEPT[0]}


def test_a_pod_too_many_has_no_address() -> None:
    assert "d" not in reserved_addresses(KEPT, pods=["a", "b", "c", "d"], previous={})
