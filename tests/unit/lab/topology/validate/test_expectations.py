"""Tests that can't be asked as they are written."""

import pytest

from tests.unit.lab.topology.labs import messages

MACHINES = "virtualMachines: [{name: a, subnet: vnet01/vlan01}, {name: b, subnet: vnet01/vlan01}]\n"


def found(expect: str, *, ends: str = "from: vm/a, to: vm/b") -> list[str]:
    return messages(f"{MACHINES}tests: [{{name: t, {ends}, expect: {{{expect}}}}}]\n")


@pytest.mark.parametrize(
    "expect",
    [
        "reachable: true",
        "reachable: false, tcp: {port: 80, result: failed}",
        "ping: {}",
        "ping: {loss: 50, ttl: 64}",
        "http: {}, dns: {name: example.com}",
        "tcp: {port: 80, result: timeout}, sourceSeen: nodeIP",
        "packets: [{on: vm/b, seen: 3}]",
    ],
)
def test_what_makes_sense_is_accepted(expect: str) -> None:
    assert found(expect) == []


@pytest.mark.parametrize("expect", ["ping: {}", "sourceSeen: nodeIP", "packets: [{on: vm/a}]"])
def test_packets_need_a_destination(expect: str) -> None:
    (message,) = found(expect, ends="from: vm/a")

    assert message.endswith("but does not say whom to ask")


def test_a_question_to_a_name_server_alone_has_none() -> None:
    assert found("dns: {name: example.com}", ends="from: vm/a") == []
    assert len(found("dns: {name: example.com}")) == 1


@pytest.mark.parametrize(
    "expect",
    [
        "reachable: true, ping: {ttl: 64}",
        "ping: {loss: 100, ttl: 64}",
        "http: {result: refused, status: 200}",
        "http: {result: failed, body: {pod: x}}",
        "http: {result: failed}, sourceSeen: nodeIP",
        "sourceSeen: podIP",
    ],
)
def test_what_contradicts_itself_is_refused(expect: str) -> None:
    assert len(found(expect)) == 1


def test_a_name_without_prefix_may_be_that_of_a_pod() -> None:
    assert found("sourceSeen: podIP", ends="from: a, to: b") == []


def test_two_tests_do_not_have_the_same_name() -> None:
    test = "{name: t, from: a, to: b, expect: {reachable: true}}"

    (message,) = messages(f"{MACHINES}tests: [{test}, {test}]\n")

    assert message.startswith("there are two tests called 't'")


def test_a_question_to_a_name_server_may_be_captured() -> None:
    assert found("dns: {name: vm1}, packets: [{on: vm/a}]", ends="from: vm/a") == []


def test_a_name_says_whom_to_ask() -> None:
    assert found("http: {host: www.example.com}", ends="from: vm/a") == []
    assert found("http: {host: www.example.com}") == []
    assert len(found("http: {scheme: https}", ends="from: vm/a")) == 1
