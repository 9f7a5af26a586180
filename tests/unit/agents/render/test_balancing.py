"""How an edge spreads flows, as text; what becomes of packets is for the kernel to say."""

from ipaddress import IPv4Address

from agents.render.balancing import balancing_ruleset
from lab.contract.load_balancing import Backend, BalancingRule, LoadDistribution, ProbedBackend
from lab.contract.node_state import Edge, Protocol

BACKENDS = tuple(
    Backend(host=f"vm{number}", locator=IPv4Address("240.2.0.10") + number) for number in range(2)
)
RULE = BalancingRule(
    frontend=IPv4Address("20.0.0.1"), protocol=Protocol.TCP, port=80, backends=BACKENDS
)


def rules(rule: BalancingRule, *up: ProbedBackend) -> str:
    found = balancing_ruleset(Edge(rules=(rule,), up=up), outside="inet0")
    assert found.keeps_maps, "a change of who is up must not end anybody's flow"
    text = "\n".join(found.rules)
    return text[text.index("chain rule_0") :]


def test_flows_are_hashed_once_and_remembered() -> None:
    assert (
        rules(RULE)
        == """\
chain rule_0 {
  meta mark set ip saddr . th sport . ip daddr . th dport map @tcp_flows
  meta mark != { 0, 131082, 131083 } tcp flags & (fin | syn | rst | ack) == syn \
delete @tcp_flows { ip saddr . th sport . ip daddr . th dport : meta mark } meta mark set 0
  meta mark 0 meta mark set jhash ip saddr . th sport . ip daddr . th dport . meta l4proto \
mod 2 seed 0x6c62 map { 0 : 131082, 1 : 131083 }
  meta mark 0 drop
  update @tcp_flows { ip saddr . th sport . ip daddr . th dport timeout 240s : meta mark }
  ip daddr set meta mark map { 131082 : 240.2.0.10, 131083 : 240.2.0.11 }
  meta mark set 0
}
chain balanced {
  type filter hook prerouting priority raw - 10;
  iifname "inet0" ip daddr . meta l4proto . th dport vmap { 20.0.0.1 . tcp . 80 : goto rule_0 }
}"""
    )


def test_who_is_down_gets_nothing_new_and_keeps_what_it_has() -> None:
    probed = BalancingRule(
        frontend=RULE.frontend, protocol=Protocol.UDP, port=53, probe="lb/dns", backends=BACKENDS
    )
    found = rules(probed, ProbedBackend(probe="lb/dns", host="vm1"))

    assert "mod 1 seed 0x6c62 map { 0 : 131083 }" in found
    assert "map { 131082 : 240.2.0.10, 131083 : 240.2.0.11 }" in found
    assert "jhash" not in rules(probed, ProbedBackend(probe="lb/other", host="vm1"))


def test_a_flow_of_datagrams_leaves_who_is_down() -> None:
    found = rules(BalancingRule(frontend=RULE.frontend, protocol=Protocol.UDP, port=53))
    assert "meta mark != { 0 } delete @udp_flows" in found


def test_affinity_hashes_less_of_a_packet() -> None:
    def hashed(distribution: LoadDistribution) -> str:
        rule = BalancingRule(
            frontend=RULE.frontend,
            protocol=Protocol.TCP,
            port=80,
            distribution=distribution,
            backends=BACKENDS,
        )
        return rules(rule).partition("jhash ")[2].partition(" mod")[0]

    assert hashed(LoadDistribution.SOURCE_IP) == "ip saddr . ip daddr"
    assert hashed(LoadDistribution.SOURCE_IP_PROTOCOL) == "ip saddr . ip daddr . meta l4proto"
