"""The packet filter of an Azure firewall, as text."""

from ipaddress import IPv4Network

from agents.objects.filter import FilterRule, Verdict
from agents.render.firewall import firewall_ruleset
from lab.contract.firewall import ApplicationRule, Firewall

ANY = (IPv4Network("0.0.0.0/0"),)
DENIED = FilterRule(
    verdict=Verdict.DROP,
    comment="net/no",
    counted=True,
    destinations=(IPv4Network("203.0.113.20/32"),),
)
WEB = ApplicationRule(
    name="app/web", allow=True, sources=ANY, fqdns=("*",), http_ports=(8080, 80), https_ports=(443,)
)


def test_network_rules_come_before_names() -> None:
    text = "\n".join(
        firewall_ruleset(Firewall(application_rules=(WEB,)), [DENIED], link="eth0").rules
    )
    assert (
        text
        == """\
chain redirected {
  type nat hook prerouting priority dstnat;
  iifname != "eth0" accept
  fib daddr type local accept
  ip daddr 203.0.113.20/32 accept comment "net/no"
  tcp dport { 80, 8080 } redirect to :3128
  tcp dport { 443 } redirect to :3129
}
chain forwarded {
  type filter hook forward priority filter; policy drop;
  ct state established,related accept
  ip daddr 203.0.113.20/32 counter drop comment "net/no"
}
chain own {
  type filter hook input priority filter; policy drop;
  iifname "lo" accept
  ct state established,related accept
  ct status dnat accept
}
chain translated {
  type nat hook postrouting priority srcnat;
  oifname "eth0" ip daddr != { 10.0.0.0/8, 100.64.0.0/10, 172.16.0.0/12, 192.168.0.0/16 } masquerade
}"""
    )


def test_without_rules_about_names_nothing_is_redirected() -> None:
    lines = firewall_ruleset(Firewall(), [], link="eth0").rules
    assert not any("redirect" in line and "to" in line for line in lines)
