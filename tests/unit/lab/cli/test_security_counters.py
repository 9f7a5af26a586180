"""Counters of the virtual switch, rule by rule."""

import json

from lab.cli.rows import KINDS
from lab.cli.security_counters import chain_name, parsed, rules_met
from tests.unit.lab.cli.fake_service import INSPECTION

VM1 = next(node for node in INSPECTION.nodes if node.name == "vm1")
ROWS = KINDS["nsg"].rows(INSPECTION)


def rule(chain: str, comment: str | None, packets: int) -> dict[str, object]:
    named = {"comment": comment} if comment else {}
    expressions = [{"match": {}}, {"counter": {"packets": packets, "bytes": 0}}, {"drop": None}]
    return {"rule": {"chain": chain, **named, "expr": expressions}}


def test_a_listing_is_read_by_chain_and_name() -> None:
    listing = {
        "nftables": [
            {"metainfo": {"version": "1.0.6"}},
            {"chain": {"name": "security_in_0"}},
            rule("security_in_0", "web", 3),
            rule("security_in_1", "web", 5),
            rule("from_nic", None, 9),
        ]
    }

    assert parsed(json.dumps(listing).encode()) == {
        ("security_in_0", "web"): 3,
        ("security_in_1", "web"): 5,
    }


def test_chains_are_called_after_direction_and_position() -> None:
    assert chain_name("node", "Inbound", 0) == "security_in_0"
    assert chain_name("node", "Outbound", 1) == "security_out_1"
    assert chain_name("pods", "Inbound", 0) == "security_pods_in_0"


def test_a_rule_that_never_decided_has_no_packets() -> None:
    found = list(rules_met(VM1, ROWS, {("security_in_0", "ping"): 4}))

    assert [(row["container"], row["name"], row["packets"]) for row in found] == [
        ("node", "ping", 4),
        ("node", "DenyAllInBound", 0),
    ]
