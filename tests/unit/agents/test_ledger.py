"""The ledger as JSON, and back."""

import json
from ipaddress import IPv4Interface
from typing import Any

import pytest

from agents.ledger import Ledger, decoded, encoded
from agents.objects.address import Address
from agents.plan.host import host_for
from agents.plan.ownership import Ownership, owned_by
from tests.unit.agents.states import node, pod

LEDGER = Ledger(ownership=owned_by(host_for(node(1, pods=[pod(1, 0)]))), files=frozenset(["/a"]))


def test_a_ledger_survives_the_way_through_json() -> None:
    assert decoded(json.loads(json.dumps(encoded(LEDGER)))) == LEDGER


def test_equal_ledgers_are_equal_text() -> None:
    """Or every round would write the file anew."""
    other = Ledger(ownership=LEDGER.ownership | Ownership(), files=frozenset(LEDGER.files))
    assert json.dumps(encoded(LEDGER)) == json.dumps(encoded(other))


@pytest.mark.parametrize(
    "record",
    [
        {},
        {"files": ["/a"]},
        {**encoded(LEDGER), "links": [["only one"]]},
        {**encoded(LEDGER), "addresses": [["node", "eth0", "nonsense", False]]},
        {**encoded(LEDGER), "files": 7},
    ],
)
def test_what_cannot_be_read_counts_as_nothing(record: dict[str, Any]) -> None:
    """Then nothing is pruned that nobody can vouch for."""
    assert decoded(record) == Ledger()


def test_ledgers_add_up() -> None:
    address = Address(link="eth0", interface=IPv4Interface("10.0.0.9/22"))
    more = Ledger(ownership=Ownership(addresses=frozenset([("node", address)])))
    both = LEDGER | more
    assert both.files == {"/a"}
    assert ("node", address) in both.ownership.addresses
    assert LEDGER.ownership.links <= both.ownership.links
