"""The virtual switch's namespace."""

from dataclasses import replace
from ipaddress import IPv4Network

from agents.objects.neighbour import Neighbour
from agents.objects.origin import Origin
from agents.plan.vswitch import KERNEL_LOCAL_RULE, vswitch_for
from lab.contract.node_state import SecurityGate, SecurityProtocol, SecurityRule
from tests.unit.agents.states import machine, node, routes_of

DESIRED = vswitch_for(node(1, routes=routes_of(nodes=[1, 2])))


def test_the_port_has_the_fabrics_mac_and_answers_at_once() -> None:
    """Semantics 1.3."""
    port = DESIRED.objects.link("nic")
    assert port is not None
    assert port.mac == "12:34:56:78:9a:bc"
    assert DESIRED.objects.sysctls["net.ipv4.conf.nic.proxy_arp"] == "1"
    assert DESIRED.objects.sysctls["net.ipv4.conf.nic.proxy_arp_pvlan"] == "1"
    assert DESIRED.objects.sysctls["net.ipv4.neigh.nic.proxy_delay"] == "0"


def test_the_guest_is_never_asked_for() -> None:
    (neighbour,) = DESIRED.objects.neighbours
    assert neighbour == Neighbour(
        link="nic",
        address=neighbour.address,
        mac="00:0d:3a:00:00:01",
        origin=Origin.VNETLAB,
    )


def test_guests_are_routed_before_the_underlay_is_looked_at() -> None:
    """So that they may use its addresses; the kernel's own first rule has to go."""
    rules = sorted(DESIRED.objects.rules, key=lambda rule: rule.priority)
    assert [(r.priority, r.incoming, r.table) for r in rules] == [
        (10, "nic", 100),
        (11, "vx0", 200),
        (12, "inet0", 200),
        (100, None, 255),
    ]
    assert KERNEL_LOCAL_RULE not in DESIRED.objects.rules


def test_both_tables_are_there_for_every_kind_of_host() -> None:
    for desired in (DESIRED, vswitch_for(machine(1))):
        assert [str(r.name) for r in desired.rulesets] == [
            "nf_tables ip vnetlab_fabric",
            "nft ip vnetlab",
        ]


def test_ipv6_is_off_in_the_fabric() -> None:
    assert DESIRED.objects.sysctls["net.ipv6.conf.all.disable_ipv6"] == "1"


def test_no_socket_is_looked_for_of_packets_that_pass() -> None:
    assert DESIRED.objects.sysctls["net.ipv4.ip_early_demux"] == "0"


def test_failures_are_told_as_the_virtual_switch() -> None:
    assert DESIRED.subject == "vswitch"


def test_what_follows_from_the_same_is_the_very_same() -> None:
    """Rules from gates, objects from routes: a change of one leaves the other as it was."""
    rule = SecurityRule(
        name="all",
        priority=100,
        allow=False,
        protocol=SecurityProtocol.ANY,
        sources=(IPv4Network("0.0.0.0/0"),),
        destinations=(IPv4Network("0.0.0.0/0"),),
    )
    gate = SecurityGate(name="nic x", network_security_group="x", rules=(rule,))
    before = node(1, routes=routes_of(nodes=[1, 2]))
    earlier = vswitch_for(before)
    switch = before.vswitch
    gated = replace(before, vswitch=replace(switch, node=replace(switch.node, inbound=(gate,))))
    routed = node(1, routes=routes_of(nodes=[1, 3]))
    other = replace(before, nic=replace(before.nic, mtu=1400))
    for state in (gated, routed, other):
        again = vswitch_for(state, before=before, earlier=earlier)
        assert again == vswitch_for(state)
        assert (again.objects is earlier.objects) is (state is gated)
        assert (again.rulesets is earlier.rulesets) is (state is routed)
