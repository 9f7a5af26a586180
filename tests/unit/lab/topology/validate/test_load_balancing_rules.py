"""Load-balancing rules; the messages are below ``tests/rejected``."""

from tests.unit.lab.topology.labs import CLOUD, messages

BALANCER = """\
  publicIPAddresses: [{name: ip1}, {name: ip2}]
  loadBalancers:
    - name: lb1
      frontendIPConfigurations:
        - {name: front, publicIPAddress: ip1}
        - {name: second, publicIPAddress: ip2}
      backendAddressPools: [{name: pool1}]
      loadBalancingRules:
"""


def rule(name: str, port: int, **values: str) -> str:
    fields = {
        "frontendIPConfiguration": "front",
        "backendAddressPool": "pool1",
        "protocol": "Tcp",
        "frontendPort": str(port),
        "backendPort": str(port),
        **values,
    }
    written = ", ".join(f"{key}: {value}" for key, value in fields.items())
    return f"        - {{name: {name}, {written}}}\n"


def problems(*rules: str, probes: str = "") -> list[str]:
    return messages(cloud=CLOUD + BALANCER + "".join(rules) + probes)


def test_ports_and_protocols_apart_are_fine() -> None:
    assert problems(rule("a", 80), rule("b", 80, protocol="Udp"), rule("c", 81)) == []


def test_members_share_a_port_among_frontends_with_floating_ip_only() -> None:
    floating = {"enableFloatingIP": "true"}
    other = {"frontendIPConfiguration": "second"}
    assert problems(rule("a", 80, **floating), rule("b", 80, **floating, **other)) == []
    assert len(problems(rule("a", 80, **floating), rule("b", 80, **other))) == 1
    assert len(problems(rule("a", 80), rule("b", 80, **other))) == 1


def test_without_probes_there_is_nothing_to_guess() -> None:
    assert problems(rule("a", 80, probe="alive")) == [
        "load-balancing rule 'a' refers to probe 'alive', which load balancer 'lb1' doesn't have"
    ]


def test_a_probe_that_was_refused_is_not_missed() -> None:
    probes = "      probes: [{name: alive, protocol: Tcp}]\n"
    assert len(problems(rule("a", 80, probe="alive"), probes=probes)) == 1
