"""The ledger as text and back."""

import json
from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network

import pytest

from lab.compile.ledger import Ledger
from lab.compile.ledger_json import LedgerFormatError, from_json, to_json
from tests.unit.lab.compile.labs import compiled, deployment, documented, pod


def full() -> Ledger:
    host = pod("client", host_network=True)
    return compiled(documented(), deployment(), host).ledger


def read_anew(ledger: Ledger) -> Ledger:
    """What a process reads that did not write `ledger`: JSON may end in blank lines."""
    return from_json(to_json(ledger) + "\n")


@pytest.mark.parametrize(
    "ledger",
    [Ledger(), Ledger(underlay=IPv4Network("198.19.0.0/24")), full()],
    ids=["empty", "another underlay", "full"],
)
def test_a_ledger_comes_back_equal(ledger: Ledger) -> None:
    assert from_json(to_json(ledger)) == ledger
    assert read_anew(ledger) == ledger


def test_what_was_written_comes_back_as_others_read_it() -> None:
    """To the order of its mappings: nothing shows whether a process remembers."""
    ledger = full()
    backward = replace(
        ledger,
        interfaces=dict(reversed(ledger.interfaces.items())),
        pods=dict(reversed(ledger.pods.items())),
        service_addresses={
            "b": {("ns", "b"): IPv4Address("10.0.0.2"), ("ns", "a"): IPv4Address("10.0.0.3")},
            "a": {("n", "s"): IPv4Address("10.0.0.1"), ("n-", "s"): IPv4Address("10.0.0.4")},
        },
        service_node_ports={"b": {("ns", "b", "p"): 2, ("ns", "a", "p"): 1}, "a": {}},
    )

    assert repr(from_json(to_json(backward))) == repr(read_anew(backward))


def test_the_order_of_registration_comes_back() -> None:
    nodes = [each.node for each in full().nodes]
    assert nodes != sorted(nodes)
    assert [each.node for each in from_json(to_json(full())).nodes] == nodes


def test_equal_ledgers_are_equal_text() -> None:
    ledger = full()
    backward = replace(ledger, pods=dict(reversed(ledger.pods.items())))
    assert to_json(backward) == to_json(ledger)


def test_the_text_has_its_keys_in_order() -> None:
    text = to_json(full())
    assert json.dumps(json.loads(text), sort_keys=True) == text


def test_the_text_says_its_version() -> None:
    assert json.loads(to_json(Ledger()))["version"] == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "this is no ledger"),
        ("[]", "this is no ledger"),
        ("{}", "this is no ledger"),
        ('{"version": 2}', "has version 2, and this program reads 1 only"),
        ('{"version": 1}', "this ledger is damaged"),
        (to_json(Ledger()).replace("198.18.0.0/15", "nonsense"), "this ledger is damaged"),
        (to_json(Ledger()).replace('"pods": {}', '"pods": []'), "this ledger is damaged"),
    ],
)
def test_what_is_no_ledger_is_refused(text: str, message: str) -> None:
    with pytest.raises(LedgerFormatError, match=message):
        from_json(text)
