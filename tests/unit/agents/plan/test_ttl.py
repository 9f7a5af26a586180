"""The table that gives the hop back."""

import pytest

from agents.objects.filter import Verdict
from agents.plan.ttl import ttl_table


@pytest.mark.parametrize("ttl", range(255))
def test_exactly_one_rule_adds_one(ttl: int) -> None:
    one_more, _ = ttl_table(["nic"]).chains
    matching = [
        rule.raised_bits
        for rule in one_more.rules
        if ttl % (1 << rule.raised_bits) == (1 << rule.raised_bits - 1) - 1
    ]
    assert len(matching) == 1
    (bits,) = matching
    assert (ttl >> bits << bits) + (1 << bits - 1) == ttl + 1


def test_each_rule_is_the_last_that_a_packet_meets() -> None:
    """Or what it has raised would be raised again."""
    one_more, _ = ttl_table(["nic"]).chains
    assert {rule.verdict for rule in one_more.rules} == {Verdict.ACCEPT}
    assert (
        str(one_more.rules[2]) == "ip ttl and 0x7 == 0x3 ip ttl set ip ttl and 0xf8 or 0x4 accept"
    )


def test_only_what_comes_in_by_the_links_is_raised() -> None:
    _, hooked = ttl_table(["nic", "vx0"]).chains
    assert [rule.incoming for rule in hooked.rules] == ["nic", "vx0"]
    assert hooked.hook is not None
    assert hooked.hook.priority == -150
