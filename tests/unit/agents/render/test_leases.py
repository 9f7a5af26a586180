"""How a host uses its ports of a shared address, as text."""

from ipaddress import IPv4Address

from agents.render.leases import leased_chains, protocols_of
from lab.contract.node_state import PortLease, PortRange, Protocol

OWN, FRONT = "10.0.0.4", IPv4Address("20.0.0.1")


def lease(first: int, *, number: int = 0, protocol: Protocol | None = None) -> PortLease:
    return PortLease(
        public_address=FRONT + number,
        ports=PortRange(first=first, last=first + 7),
        protocol=protocol,
        locator=IPv4Address("240.0.0.1") + number,
    )


def test_a_host_translates_within_its_ports() -> None:
    found = "\n".join(leased_chains([lease(1024)], own=OWN, internet="inet0"))
    assert (
        found
        == """\
chain leased {
  type filter hook forward priority filter + 5;
  oifname "inet0" ip saddr 10.0.0.4 meta l4proto != { tcp, udp } drop
}
chain answers {
  type filter hook prerouting priority raw;
  iifname "inet0" ip daddr 240.0.0.1 ip daddr set 20.0.0.1
}
chain tcp_0 {
  meta l4proto tcp snat to 20.0.0.1:1024-1031
}
chain udp_0 {
  meta l4proto udp snat to 20.0.0.1:1024-1031
}
chain borrowed {
  type nat hook postrouting priority srcnat;
  oifname "inet0" ip saddr 10.0.0.4 meta l4proto tcp numgen inc mod 1 vmap { 0 : jump tcp_0 }
  oifname "inet0" ip saddr 10.0.0.4 meta l4proto udp numgen inc mod 1 vmap { 0 : jump udp_0 }
}"""
    )


def test_flows_use_several_leases_in_turn() -> None:
    found = leased_chains([lease(1024), lease(2048, number=1)], own=OWN, internet="inet0")
    assert any("numgen inc mod 2 vmap { 0 : jump tcp_0, 1 : jump tcp_1 }" in each for each in found)
    assert '  iifname "inet0" ip daddr 240.0.0.2 ip daddr set 20.0.0.2' in found


def test_what_no_rule_is_for_does_not_leave() -> None:
    found = leased_chains([lease(1024, protocol=Protocol.UDP)], own=OWN, internet="inet0")
    assert '  oifname "inet0" ip saddr 10.0.0.4 meta l4proto != { udp } drop' in found
    assert not any("tcp" in each for each in found)


def test_protocols_of_a_lease() -> None:
    assert protocols_of(lease(1)) == ("tcp", "udp")
    assert protocols_of(lease(1, protocol=Protocol.UDP)) == ("udp",)
