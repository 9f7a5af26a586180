"""The table that gives the fabric's hop back."""

from agents.render.ttl import ttl_ruleset


def test_every_ttl_but_the_largest_is_raised_by_one() -> None:
    rules = ttl_ruleset(["nic", "vx0"]).rules
    assert rules[0] == "chain t1 { ip ttl set 2; }"
    assert rules[253] == "chain t254 { ip ttl set 255; }"
    assert len(rules) == 254 + 4


def test_the_jump_happens_before_routing_for_the_given_devices() -> None:
    head, hook, jump, tail = ttl_ruleset(["nic", "vx0"]).rules[254:]
    assert (head, hook.strip(), tail) == (
        "chain prerouting {",
        "type filter hook prerouting priority mangle;",
        "}",
    )
    assert jump.startswith('  iifname { "nic", "vx0" } ip ttl vmap { 1 : jump t1, 2 : jump t2, ')
    assert jump.endswith(", 254 : jump t254 }")


def test_the_text_is_the_same_for_every_host() -> None:
    """It is loaded once in a host's life: nothing in it may follow from the host."""
    assert ttl_ruleset(["nic", "vx0"]).digest == ttl_ruleset(["nic", "vx0"]).digest
