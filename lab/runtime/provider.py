"""What every runtime can do with a lab's machines, and nothing about how.

A runtime is synchronous: the command line runs it on a thread beside the gRPC
stream that delivers desired state.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address
from pathlib import Path
from typing import Protocol

from lab.contract.v1.lab_pb2 import ResolveReply


class RuntimeFailure(Exception):
    """A runtime can't do what was asked: `str()` says why, `remedy` what to do next."""

    def __init__(self, message: str, *, remedy: str = "") -> None:
        super().__init__(message)
        self.remedy = remedy


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Host:
    """A machine that a revision needs."""

    name: str
    underlay_address: IPv4Address


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class RunningLab:
    """A lab that a runtime found on this machine."""

    name: str
    runtime: str
    """``native`` or ``docker``."""
    state_directory: Path


class Runtime(Protocol):
    """The machines of one lab. Every method may be called again after any interruption."""

    @property
    def target(self) -> str:
        """gRPC target of the lab's `LabService`."""

    def start(self) -> None:
        """Bring up what the cloud process lives in, unless it is there.

        Returns when `target` accepts connections. Raises `RuntimeFailure`.
        """

    def provide(self, hosts: Sequence[Host]) -> None:
        """Make the machines match: create those that are missing, remove all others.

        What is there and right is left alone. Raises `RuntimeFailure`.
        """

    def execute(self, place: ResolveReply, argv: Sequence[str], *, tty: bool) -> int:
        """Run a command where `place` says, with this process' stdin, stdout and stderr.

        Returns the command's exit code. Raises `RuntimeFailure` when it can't be started.
        """

    def destroy(self) -> None:
        """Leave nothing of the lab. Destroying what is not there is no error."""
