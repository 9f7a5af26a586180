"""The table of a switch without a guest, as text."""

from ipaddress import IPv4Address

from agents.render.edge import edge_ruleset
from lab.contract.node_state import Edge, PortLease, PortRange, Protocol, SourceTranslation

FIRST, SECOND = IPv4Address("20.0.0.1"), IPv4Address("20.0.0.2")


def text(edge: Edge) -> str:
    return "\n".join(edge_ruleset(edge, inside="vx0", outside="inet0").rules)


def translating(*addresses: IPv4Address) -> Edge:
    translation = SourceTranslation(public_addresses=addresses, tcp_idle_seconds=240)
    return Edge(translation=translation)


def test_a_gateway_that_translates_nothing_is_silent() -> None:
    assert text(Edge()) == (
        "chain own {\n  type filter hook output priority filter;\n  meta l4proto icmp drop\n}"
    )


def test_a_nat_gateway_takes_tcp_and_udp_and_lets_answers_back() -> None:
    """Semantics 2.6: 64,512 ports of an address, no ICMP, nothing that begins outside."""
    assert text(translating(FIRST)).endswith(
        """\
chain forwarded {
  type filter hook forward priority filter;
  ct state established,related accept
  iifname "vx0" ct state invalid meta l4proto tcp meta mark set 1 reject with tcp reset
  iifname "vx0" oifname "inet0" ct state new meta l4proto { tcp, udp } accept
  drop
}
chain unmarked {
  type filter hook postrouting priority mangle;
  meta mark 1 meta mark set 0
}
chain translated {
  type nat hook postrouting priority srcnat;
  oifname "inet0" meta l4proto { tcp, udp } snat to 20.0.0.1:1024-65535
}"""
    )


def test_connections_are_spread_over_several_addresses() -> None:
    assert "snat to numgen inc mod 2 map { 0 : 20.0.0.1, 1 : 20.0.0.2 }" in text(
        translating(FIRST, SECOND)
    )


def test_a_load_balancers_answers_go_by_the_port() -> None:
    """Without connection tracking: whose a port is, is a map."""
    leases = (
        PortLease(
            public_address=FIRST,
            ports=PortRange(first=1024, last=2047),
            locator=IPv4Address("240.0.0.1"),
        ),
        PortLease(
            public_address=FIRST,
            ports=PortRange(first=2048, last=3071),
            protocol=Protocol.UDP,
            locator=IPv4Address("240.0.0.2"),
        ),
    )
    found = text(Edge(leases=leases))
    assert (
        "elements = { 20.0.0.1 . tcp . 1024-2047 : 240.0.0.1, "
        "20.0.0.1 . udp . 1024-2047 : 240.0.0.1, 20.0.0.1 . udp . 2048-3071 : 240.0.0.2 };" in found
    )
    assert 'iifname "inet0" ip daddr set ip daddr . meta l4proto . th dport map @leased' in found
    assert " ct " not in found
    assert "type nat" not in found
