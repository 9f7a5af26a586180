"""A runtime that remembers what it was asked for."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from lab.contract.v1.lab_pb2 import ResolveReply
from lab.runtime.provider import Host, RuntimeFailure


@dataclass
class FakeRuntime:
    """`lab.runtime.provider.Runtime` without machines."""

    target: str = ""
    calls: list[str] = field(default_factory=list)
    hosts: Sequence[Host] = ()
    failure: RuntimeFailure | None = None
    """Raised by `provide`."""
    executed: list[tuple[str, tuple[str, ...], bool]] = field(default_factory=list)

    def start(self) -> None:
        self.calls.append("start")

    def provide(self, hosts: Sequence[Host]) -> None:
        self.calls.append("provide")
        self.hosts = hosts
        if self.failure is not None:
            raise self.failure

    def execute(self, place: ResolveReply, argv: Sequence[str], *, tty: bool) -> int:
        self.executed.append((place.canonical_name, tuple(argv), tty))
        return 7

    def destroy(self) -> None:
        self.calls.append("destroy")
