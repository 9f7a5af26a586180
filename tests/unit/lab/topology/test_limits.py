"""How much Azure takes, as documented."""

from lab.topology.limits import DEFAULT_LIMITS, Limits


def test_the_defaults_are_those_of_the_documents() -> None:
    assert DEFAULT_LIMITS.routes_per_route_table == 400
    assert DEFAULT_LIMITS.security_rules_per_network_security_group == 1000
    assert Limits() == DEFAULT_LIMITS
