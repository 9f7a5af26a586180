"""What goes over the wire comes back equal, and equal states are equal bytes."""

from dataclasses import replace

import pytest

from lab.contract import codec
from lab.contract.platform import Platform
from lab.contract.service import ClusterDns
from lab.contract.v1 import node_state_pb2 as pb
from tests.unit.lab.contract.values import Values


@pytest.mark.parametrize("seed", range(200))
def test_any_state_comes_back_equal(seed: int) -> None:
    state = Values(seed).state()
    assert codec.decode(codec.encode(state)) == state


@pytest.mark.parametrize("seed", range(50))
def test_shared_routes_in_front_of_a_state_become_its_routes(seed: int) -> None:
    values = Values(seed)
    state = values.state()
    routes = tuple(values.route() for _ in range(5))
    node, pods = replace(state.vswitch.node, routes=()), values.network_container()
    rest = replace(state, vswitch=replace(state.vswitch, node=node, pods=replace(pods, routes=())))
    whole = replace(
        state,
        vswitch=replace(
            state.vswitch,
            node=replace(node, routes=routes),
            pods=replace(pods, routes=routes[:2]),
        ),
    )
    shared = codec.encode_shared(routes) + codec.encode_shared(routes[:2], pods=True)
    assert codec.decode(shared + codec.encode(rest)) == whole


@pytest.mark.parametrize("seed", range(20))
def test_shared_gates_in_front_of_a_state_become_its_gates(seed: int) -> None:
    values = Values(seed)
    whole, container = values.state(), values.network_container()
    whole = replace(whole, vswitch=replace(whole.vswitch, pods=container))
    node = whole.vswitch.node
    rest = replace(
        whole,
        vswitch=replace(
            whole.vswitch,
            node=replace(node, inbound=(), outbound=()),
            pods=replace(container, inbound=(), outbound=()),
        ),
    )
    shared = codec.encode_shared_gates(node.inbound, node.outbound)
    shared += codec.encode_shared_gates(container.inbound, container.outbound, pods=True)
    assert codec.decode(shared + codec.encode(rest)) == whole


@pytest.mark.parametrize("seed", range(20))
def test_a_shared_platform_in_front_of_a_state_becomes_its_platform(seed: int) -> None:
    values = Values(seed)
    platform, rest = values.platform(), replace(values.state(), platform=Platform())
    shared = codec.encode_shared_platform(platform)
    assert codec.decode(shared + codec.encode(rest)) == replace(rest, platform=platform)


@pytest.mark.parametrize("seed", range(20))
def test_shared_services_in_front_of_a_state_become_those_of_its_kube_proxy(seed: int) -> None:
    values = Values(seed)
    proxy = values.kube_proxy()
    rest = replace(values.state(), kube_proxy=replace(proxy, services=()))
    shared = codec.encode_shared_services(proxy.services)
    assert codec.decode(shared + codec.encode(rest)) == replace(rest, kube_proxy=proxy)


@pytest.mark.parametrize("seed", range(20))
def test_shared_names_in_front_of_a_state_become_those_of_its_coredns(seed: int) -> None:
    values = Values(seed)
    dns = ClusterDns(zones=values.platform().zones)
    rest = replace(values.state(), cluster_dns=ClusterDns())
    shared = codec.encode_shared_cluster_dns(dns)
    assert codec.decode(shared + codec.encode(rest)) == replace(rest, cluster_dns=dns)


def test_equal_states_are_equal_bytes_whatever_the_order_of_their_mappings() -> None:
    state = Values(1).state()
    names = [f"net.ipv4.conf.eth{number}.rp_filter" for number in range(40)]
    forward = replace(state, sysctls=dict.fromkeys(names, "2"))
    backward = replace(state, sysctls=dict.fromkeys(reversed(names), "2"))
    assert codec.encode(forward) == codec.encode(backward)


def test_different_states_are_different_bytes() -> None:
    states = [Values(seed).state() for seed in range(200)]
    assert len({codec.encode(state) for state in states}) == len(states)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"\xff\xff", "no node state"),
        (b"", "0 stands for no NodeKind"),
        (pb.NodeState(name="n", kind=1).SerializeToString(), "6 bytes, not 0"),
    ],
    ids=["damaged", "empty", "without a NIC"],
)
def test_bytes_that_hold_no_state_are_refused(data: bytes, message: str) -> None:
    with pytest.raises(codec.CodecError, match=message):
        codec.decode(data)
