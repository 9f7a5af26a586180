"""A switch where virtual networks end, and nothing beside it."""

from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network

from agents.objects.rule import LOCAL_TABLE
from agents.plan.edge import edge_for
from agents.plan.host import host_for
from lab.contract.node_state import Delivery, Edge, NodeKind, SourceTranslation
from tests.unit.agents.states import fabric_route, machine

EDGE = Edge(
    outward=(
        fabric_route("203.0.113.10/32", 4, Delivery.INTERNET),
        fabric_route("20.0.0.1/32", 1, Delivery.INTERNET),
    ),
    inward=(fabric_route("10.0.0.5/32", 2),),
    translation=SourceTranslation(
        public_addresses=(IPv4Address("20.0.0.1"),), tcp_idle_seconds=600
    ),
)
STATE = replace(machine(1), kind=NodeKind.NAT_GATEWAY, edge=EDGE)
SWITCH = edge_for(STATE, EDGE)["host"]


def test_there_is_no_machine() -> None:
    desired = host_for(STATE)
    assert desired.keys() == {"host", "node"}
    for place, links in (("host", {"lo", "vx0", "inet0"}), ("node", {"lo"})):
        assert {link.name for link in desired[place].objects.links} == links


def test_each_side_has_routes_of_its_own() -> None:
    """What is for the edge itself is dropped: there is nobody."""
    prefixes = {
        table: {str(route.prefix) for route in SWITCH.objects.routes if route.table == table}
        for table in (100, 200)
    }
    assert prefixes == {
        100: {"0.0.0.0/0", "203.0.113.10/32"},
        200: {"0.0.0.0/0", "10.0.0.5/32"},
    }
    found = {(rule.incoming, rule.mark): rule.table for rule in SWITCH.objects.rules}
    assert found == {("vx0", None): 100, ("inet0", None): 200, (None, 1): 200, (None, None): 255}
    assert LOCAL_TABLE == 255


def test_what_is_dropped_goes_into_the_tunnel_without_a_header() -> None:
    (default,) = (
        route
        for route in SWITCH.objects.routes
        if route.table == 200 and route.prefix == IPv4Network("0.0.0.0/0")
    )
    assert (default.link, default.nexthop) == ("vx0", None)


def test_timers_of_a_nat_gateway() -> None:
    """Semantics 2.6: TCP as configured, UDP 4 minutes, FIN 65 s, RST 16 s, half-open 30 s."""
    sysctls = SWITCH.objects.sysctls
    base = "net.netfilter.nf_conntrack_"
    assert sysctls[f"{base}tcp_timeout_established"] == "600"
    assert sysctls[f"{base}udp_timeout_stream"] == "240"
    assert sysctls[f"{base}tcp_timeout_time_wait"] == "65"
    assert sysctls[f"{base}tcp_timeout_close"] == "16"
    assert sysctls[f"{base}tcp_timeout_syn_sent"] == "30"
    plain = edge_for(STATE, replace(EDGE, translation=None))["host"].objects.sysctls
    assert not any(name.startswith(base) for name in plain)
