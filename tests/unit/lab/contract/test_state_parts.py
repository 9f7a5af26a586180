"""A host's own part and what it has in common with others are the whole state again."""

from dataclasses import replace

import pytest

from lab.contract.codec import CodecError, encode
from lab.contract.load_balancing import ProbedBackend
from lab.contract.node_state import Edge, NodeState
from lab.contract.platform import DnsZone, Platform
from lab.contract.service import ClusterDns
from lab.contract.state_parts import (
    assembled,
    encode_cluster_dns,
    encode_gates,
    encode_health,
    encode_platform,
    encode_routes,
    encode_services,
    shared_change,
)
from tests.unit.lab.contract.values import Values

SEEDS = pytest.mark.parametrize("seed", range(20))


def with_pods(values: Values) -> NodeState:
    state = values.state()
    return replace(state, vswitch=replace(state.vswitch, pods=values.network_container()))


def bare(state: NodeState, *fields: str) -> NodeState:
    """`state` without `fields` of its network containers."""
    vswitch, nothing = state.vswitch, dict.fromkeys(fields, ())
    node = replace(vswitch.node, **nothing)
    pods = vswitch.pods and replace(vswitch.pods, **nothing)
    return replace(state, vswitch=replace(vswitch, node=node, pods=pods))


@SEEDS
def test_a_state_may_be_one_part(seed: int) -> None:
    state = Values(seed).state()
    assert assembled((encode(state),)) == state


@SEEDS
def test_routes_become_those_of_their_container(seed: int) -> None:
    state = with_pods(Values(seed))
    assert state.vswitch.pods is not None
    node = encode_routes(state.vswitch.node.routes)
    pods = encode_routes(state.vswitch.pods.routes, pods=True)
    assert assembled((encode(bare(state, "routes")), node, pods)) == state
    assert assembled((encode(bare(state, "routes")), pods, node)) == state


@SEEDS
def test_gates_become_those_of_their_container(seed: int) -> None:
    state = with_pods(Values(seed))
    node, pods = state.vswitch.node, state.vswitch.pods
    assert pods is not None
    own = encode(bare(state, "inbound", "outbound"))
    shared = encode_gates(node.inbound, node.outbound)
    of_pods = encode_gates(pods.inbound, pods.outbound, pods=True)
    assert assembled((own, shared, of_pods)) == state


@SEEDS
def test_a_platform_takes_the_place_of_one_that_answers_nothing(seed: int) -> None:
    values = Values(seed)
    platform, rest = values.platform(), replace(values.state(), platform=Platform())
    assert assembled((encode(rest), encode_platform(platform))) == replace(rest, platform=platform)


@SEEDS
def test_services_become_those_of_kube_proxy(seed: int) -> None:
    values = Values(seed)
    proxy = values.kube_proxy()
    rest = replace(values.state(), kube_proxy=replace(proxy, services=()))
    shared = encode_services(proxy.services)
    assert assembled((encode(rest), shared)) == replace(rest, kube_proxy=proxy)


@SEEDS
def test_names_become_those_of_coredns(seed: int) -> None:
    values = Values(seed)
    dns = ClusterDns(zones=values.platform().zones)
    rest = replace(values.state(), cluster_dns=ClusterDns())
    assert assembled((encode(rest), encode_cluster_dns(dns))) == replace(rest, cluster_dns=dns)


def test_who_is_up_becomes_known_to_the_edge() -> None:
    state = replace(Values(1).state(), edge=Edge())
    up = (ProbedBackend(probe="lb/alive", host="vm1"),)
    assert assembled((encode(state), encode_health(up))) == replace(state, edge=Edge(up=up))


def test_several_parts_at_once_and_their_values_are_shared() -> None:
    values = Values(7)
    states = [replace(with_pods(values), platform=Platform()) for _ in range(2)]
    routes = encode_routes(tuple(values.route() for _ in range(5)))
    platform = encode_platform(values.platform())
    one, other = (assembled((encode(bare(each, "routes")), routes, platform)) for each in states)
    assert one.vswitch.node.routes
    assert one.vswitch.node.routes is other.vswitch.node.routes
    assert one.platform is other.platform


def test_what_stays_the_same_stays_the_same_object() -> None:
    values = Values(3)
    own = encode(bare(with_pods(values), "routes"))
    one, other = (
        assembled((own, encode_routes(tuple(values.route() for _ in range(3))))) for _ in range(2)
    )
    assert one.vswitch.node.routes != other.vswitch.node.routes
    assert one.nic is other.nic
    assert one.pods is other.pods
    assert one.vswitch.pods is other.vswitch.pods


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ((), "at least one part"),
        ((b"\xff\xff",), "no node state"),
        ((encode(Values(1).state()), b"\xff\xff"), "no part of a node state"),
    ],
    ids=["none", "damaged", "damaged part"],
)
def test_what_is_no_state_is_refused(parts: tuple[bytes, ...], message: str) -> None:
    with pytest.raises(CodecError, match=message):
        assembled(parts)


@SEEDS
def test_routes_that_alone_differ_are_told(seed: int) -> None:
    values = Values(seed)
    state, other = with_pods(values), with_pods(values)
    assert state.vswitch.pods is not None
    assert other.vswitch.pods is not None
    own = encode(bare(state, "routes"))
    gates = encode_gates(other.vswitch.node.inbound, other.vswitch.node.outbound)
    pods = encode_routes(state.vswitch.pods.routes, pods=True)
    before = (own, encode_routes(state.vswitch.node.routes), pods, gates)
    after = (own, encode_routes(other.vswitch.node.routes), pods, gates)
    change = shared_change(before, after)
    if state.vswitch.node.routes == other.vswitch.node.routes:
        assert change is None
    else:
        assert change is not None
        assert change.before.node.routes == state.vswitch.node.routes
        assert change.after.node.routes == other.vswitch.node.routes
        assert change.before.pods.routes == change.after.pods.routes == state.vswitch.pods.routes


@SEEDS
def test_where_more_differs_routes_are_not_told_alone(seed: int) -> None:
    values = Values(seed)
    state, other = with_pods(values), with_pods(values)
    routes, others = (encode_routes(each.vswitch.node.routes) for each in (state, other))
    one, two = encode(bare(state, "routes")), encode(bare(other, "routes"))
    assert one != two
    assert shared_change((one, routes), (two, others)) is None
    gates = encode_gates(other.vswitch.node.inbound, other.vswitch.node.outbound)
    if other.vswitch.node.inbound or other.vswitch.node.outbound:
        assert shared_change((one, routes), (one, others, gates)) is None
    platform = encode_platform(Platform())
    assert shared_change((one, routes), (one, others, platform)) is None


def test_what_programs_alone_are_told_may_differ_as_well() -> None:
    """A machine more is in the names that its virtual network knows."""
    values = Values(1)
    state = with_pods(values)
    platforms = [
        encode_platform(Platform(zones=(DnsZone(name=name, record_sets=()),)))
        for name in ("one.example", "two.example")
    ]
    own = encode(bare(state, "routes"))
    routes = (encode_routes(state.vswitch.node.routes), encode_routes(()))
    assert shared_change((own, routes[0], platforms[0]), (own, routes[1], platforms[1])) is not None
