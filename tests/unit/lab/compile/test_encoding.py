"""Shared parts in front of a host's own decode to the whole state, whatever was encoded before."""

from collections.abc import Mapping
from dataclasses import replace
from ipaddress import IPv4Network

import pytest

from lab.compile import Compilation
from lab.compile.encoding import Shared, encoded, shared_of, whole
from lab.compile.security import Gates
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


def behind(found: Compilation, *gates: SecurityGate) -> dict[str, Shared]:
    """What hosts share, with `gates` before every node, otherwise before pods that are apart."""
    node = Gates(inbound=gates, outbound=gates[::-1])
    pods = Gates(inbound=gates[::-1], outbound=gates[:1])
    return shared_of(
        {
            name: each.port._replace(gates=node, pod_gates=pods if each.port.pod_routes else None)
            for name, each in found.shared.items()
        },
        platforms={name: each.platform for name, each in found.shared.items() if each.platform},
        services={name: each.services for name, each in found.shared.items() if each.services},
        names={name: each.names for name, each in found.shared.items() if each.names},
    )


def told(found: Compilation, shared: Mapping[str, Shared]) -> dict[str, NodeState]:
    """The states as the agents of their hosts read them."""
    parts = encoded("lab", found.own_states, shared)
    return {name: assembled(each) for name, each in parts.items()}


@pytest.mark.parametrize("found", [compiled(documented()), compiled(overlay_lab())])
def test_gates_arrive_in_their_order_at_their_container(found: Compilation) -> None:
    first, second = gate("subnet a/b"), gate("nic c")
    shared = behind(found, first, second)

    for name, state in told(found, shared).items():
        assert state == whole(found.own_states[name], shared[name])
        assert state.vswitch.node.inbound == (first, second)
        assert state.vswitch.node.outbound == (second, first)
        if state.vswitch.pods is not None:
            assert state.vswitch.pods.inbound == (second, first)
            assert state.vswitch.pods.outbound == (first,)


def test_what_hosts_share_alike_is_one_object() -> None:
    found = compiled(overlay_lab())

    shared = behind(found, gate("subnet a/b"))

    nodes = [row.name for row in found.hosts if row.cluster]
    assert len({id(shared[node]) for node in nodes}) == 1
    assert len({id(each) for each in shared.values()}) > 1


def test_a_gate_that_changes_is_told() -> None:
    found = compiled(documented())
    for allow in (True, False, True):
        changed = gate("subnet a/b", allow=allow)

        assert told(found, behind(found, changed))[NODE].vswitch.node.inbound == (changed,)


def test_what_is_the_hosts_own_is_told_when_it_changes() -> None:
    found = compiled(documented())
    own = found.own_states[NODE]
    for mtu in (1500, 9000, 1500):
        changed = replace(own, nic=replace(own.nic, mtu=mtu))
        states = told(replace(found, own_states={**found.own_states, NODE: changed}), found.shared)

        assert states[NODE] == whole(changed, found.shared[NODE])
