"""Tests: what can't be asked as it is written. Targets are checked where pods are known."""

from collections.abc import Iterator, Mapping
from typing import Any

from lab.topology.model import Lab, Test
from lab.topology.problems import Problem
from lab.topology.usable import Usable
from lab.topology.validate.duplicates import duplicates

_NEEDS_DESTINATION = ("reachable", "ping", "tcp", "udp", "http", "sourceSeen", "packets")
_FAILURES = {"refused", "timeout", "unreachable", "failed"}


def check(lab: Lab, _usable: Usable) -> Iterator[Problem]:
    """Problems of tests."""
    yield from duplicates(lab.tests, "test")
    for test in lab.tests:
        yield from _destination(test)
        yield from _contradictions(test)


def _destination(test: Test) -> Iterator[Problem]:
    expect = test.expect.values
    asked = [key for key in _NEEDS_DESTINATION if key in expect and not _looks_up(expect, key)]
    if asked == ["packets"] and ("dns" in expect or "http" in expect):
        # What they see is the question.
        return
    if asked and test.destination is None:
        yield Problem(
            test.location,
            f"test '{test.name}' expects {asked[0]} but does not say whom to ask",
            "add to, for example to: pod/nginx-0",
        )
    if not asked and "http" not in expect and test.destination is not None:
        yield Problem(
            test.at("to"),
            f"test '{test.name}' asks a name server and nobody else, so to has no meaning",
            "take to out; dns.server says whom to ask",
        )


def _looks_up(expect: Mapping[str, Any], key: str) -> bool:
    """Whether a name says whom to ask."""
    return key == "http" and "host" in expect["http"]


def _contradictions(test: Test) -> Iterator[Problem]:
    expect = test.expect.values
    if "reachable" in expect and "ping" in expect:
        yield Problem(
            test.expect.at("reachable"),
            f"test '{test.name}' has both reachable and ping, which is the same question",
            "take one of them out",
        )
    ping: Mapping[str, Any] = expect.get("ping", {})
    if ping.get("loss") == 100 and "ttl" in ping:
        yield Problem(
            test.expect.at("ping"),
            f"test '{test.name}' wants the TTL of replies that must not come (loss: 100)",
            "take ttl out, or loss",
        )
    http: Mapping[str, Any] = expect.get("http", {})
    if http.get("result") in _FAILURES and ("status" in http or "body" in http):
        yield Problem(
            test.expect.at("http"),
            f"test '{test.name}' wants status or body of an answer that must not come "
            f"(result: {http['result']})",
            "take status and body out, or result",
        )
    if expect.get("sourceSeen") == "podIP" and not _may_be_pod(test.source):
        yield Problem(
            test.expect.at("sourceSeen"),
            f"test '{test.name}' wants the pod address of {test.source}, which is no pod",
            "write nodeIP, publicIP or an address",
        )
    if "sourceSeen" in expect and http.get("result") in _FAILURES:
        yield Problem(
            test.expect.at("sourceSeen"),
            f"test '{test.name}' wants the source that an HTTP answer tells, but the answer must "
            f"not come (result: {http['result']})",
            "take sourceSeen out, or ask tcp instead of http, whose packets are captured",
        )


def _may_be_pod(target: str) -> bool:
    return target.startswith("pod/") or "/" not in target
