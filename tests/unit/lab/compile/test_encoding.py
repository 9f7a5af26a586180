"""Shared parts in front of a host's own decode to the whole state, whatever was encoded before."""

from dataclasses import replace
from ipaddress import IPv4Network

import pytest

from lab.compile import Compilation
from lab.compile.encoding import encoded
from lab.contract.node_state import NodeState, SecurityGate, SecurityProtocol, SecurityRule
from lab.contract.state_parts import assembled
from tests.unit.lab.compile.labs import compiled, documented
from tests.unit.lab.compile.pod_networks import overlay_lab

NODE = "aks-nodepool1-52243381-vmss000000"


def gate(name: str, *, allow: bool = True) -> SecurityGate:
    rule = SecurityRule(
        name="first",
        priority=100,
        allow=allow,
        protocol=SecurityProtocol.TCP,
        sources=(IPv4Network("10.0.0.0/8"),),
        destinations=(IPv4Network("0.0.0.0/0"),),
    )
    return SecurityGate(name=name, network_security_group="group", rules=(rule,))


def on_the_wire(found: Compilation, state: NodeState) -> NodeState:
    """`state` as the agent of its host reads it."""
    return assembled(
        encoded(
            state,
            routes=found.port_routes[state.name],
            platform=found.shared_platforms.get(state.name),
            services=found.shared_services.get(state.name),
            names=found.shared_names.get(state.name),
        )
    )


def behind(state: NodeState, *gates: SecurityGate) -> NodeState:
    """`state` with `gates` before its node, and the other way round before its pods if apart."""
    vswitch = state.vswitch
    node = replace(vswitch.node, inbound=gates, outbound=gates[::-1])
    pods = vswitch.pods and replace(vswitch.pods, inbound=gates[::-1], outbound=gates[:1])
    return replace(state, vswitch=replace(vswitch, node=node, pods=pods))


@pytest.mark.parametrize("found", [compiled(documented()), compiled(overlay_lab())])
def test_gates_arrive_in_their_order_at_their_container(found: Compilation) -> None:
    for state in found.nodes.values():
        told = behind(state, gate("subnet a/b"), gate("nic c"))

        assert on_the_wire(found, told) == told


def test_a_gate_that_changes_is_told() -> None:
    found = compiled(documented())
    state = found.nodes[NODE]
    for allow in (True, False, True):
        told = behind(state, gate("subnet a/b", allow=allow))

        assert on_the_wire(found, told) == told


def test_what_is_the_hosts_own_is_told_when_it_changes() -> None:
    found = compiled(documented())
    state = found.nodes[NODE]
    for mtu in (1500, 9000, 1500):
        told = replace(state, nic=replace(state.nic, mtu=mtu))

        assert on_the_wire(found, told) == told
