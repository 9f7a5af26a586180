"""What a capsule's first process can be asked, and what it answers, as lines of JSON."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address
from types import MappingProxyType
from typing import Any

from lab.runtime.provider import Host

NOTHING_FAILED: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Provide:
    """Make the hosts exactly these."""

    hosts: tuple[Host, ...]
    crew: int = 1
    """How many of those that are new share a process."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """Say what there is."""


Question = Provide | Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Provided:
    """The hosts are there, each with an agent, but for those in `failures`."""

    hosts: int
    failures: Mapping[str, str] = field(default_factory=lambda: NOTHING_FAILED)
    """Reason by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CapsuleStatus:
    """What there is."""

    lab: str
    hosts: tuple[Host, ...]
    processes: Mapping[str, int]
    """Process ids inside the capsule: ``cloud``, ``agent NODE``, ``workloads NODE``, and
    ``crew NUMBER`` in place of the node where several share processes."""
    restarts: int
    """How often any of them had to be started again."""


class Unintelligible(ValueError):
    """A line that is none of the above."""


def encode(message: Question | Provided | CapsuleStatus) -> bytes:
    """One line, newline included."""
    match message:
        case Provide(hosts=hosts, crew=crew):
            fields: dict[str, Any] = {"provide": _host_fields(hosts), "crew": crew}
        case Status():
            fields = {"status": None}
        case Provided(hosts=count, failures=failures):
            fields = {"provided": count, "failures": dict(failures)}
        case CapsuleStatus(lab=lab, hosts=hosts, processes=processes, restarts=restarts):
            fields = {
                "lab": lab,
                "hosts": _host_fields(hosts),
                "processes": dict(processes),
                "restarts": restarts,
            }
    return json.dumps(fields, separators=(",", ":")).encode() + b"\n"


def decode_question(line: bytes) -> Question:
    """What was asked. Raises `Unintelligible`."""
    match _object(line):
        case {"provide": list(entries), "crew": int(crew)} if crew > 0:
            return Provide(hosts=_hosts(entries), crew=crew)
        case {"status": None}:
            return Status()
        case _:
            raise Unintelligible(f"no such question: {line[:80]!r}")


def decode_provided(line: bytes) -> Provided:
    """The answer to `Provide`. Raises `Unintelligible`."""
    match _object(line):
        case {"provided": int(count), "failures": dict(failures)}:
            return Provided(hosts=count, failures=failures)
        case _:
            raise Unintelligible(f"no answer to what was asked: {line[:80]!r}")


def decode_status(line: bytes) -> CapsuleStatus:
    """The answer to `Status`. Raises `Unintelligible`."""
    match _object(line):
        case {
            "lab": str(lab),
            "hosts": list(entries),
            "processes": dict(processes),
            "restarts": int(restarts),
        }:
            return CapsuleStatus(
                lab=lab, hosts=_hosts(entries), processes=processes, restarts=restarts
            )
        case _:
            raise Unintelligible(f"no answer to what was asked: {line[:80]!r}")


def _object(line: bytes) -> Any:  # noqa: ANN401 - what JSON holds is what is to be found out
    try:
        return json.loads(line)
    except ValueError:
        raise Unintelligible(f"not JSON: {line[:80]!r}") from None


def _host_fields(hosts: tuple[Host, ...]) -> list[list[str]]:
    return [[host.name, str(host.underlay_address)] for host in hosts]


def _hosts(entries: list[Any]) -> tuple[Host, ...]:
    try:
        return tuple(
            Host(name=str(name), underlay_address=IPv4Address(address)) for name, address in entries
        )
    except (TypeError, ValueError) as problem:
        raise Unintelligible(f"not a list of hosts: {problem}") from None
