"""What every runtime can do, whatever it is made of; and its one family of errors."""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address
from pathlib import Path
from typing import Protocol

from lab.contract.v1.lab_pb2 import ResolveReply


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Host:
    """A machine that a revision needs: what the runtime has to know of it."""

    name: str
    """Unique in the lab."""
    underlay_address: IPv4Address


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class RunningLab:
    """A lab of this user that a runtime found on this machine."""

    name: str
    runtime: str
    """``native`` or ``docker``."""
    state_directory: Path
    running: bool = True
    """False: only remains are there, of a lab that was ended from outside or half made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Capability:
    """One thing that a machine can do, or can't."""

    name: str
    present: bool
    needed_for: str
    """What doesn't work without it, as a phrase: "deploying any lab"."""
    remedy: str
    """What to do when it is missing, one sentence without a full stop."""
    seen: str = ""
    """What was found instead, or what the kernel said."""
    required: bool = True
    """False: only the part named in `needed_for` fails; labs can be deployed."""


class RuntimeFailure(Exception):
    """A runtime can't do what was asked: `str()` says what and why, `remedy` what to do next.

    Subclasses say whose turn it is.
    """

    def __init__(self, message: str, *, remedy: str = "") -> None:
        super().__init__(message)
        self.remedy = remedy


class MachineUnfit(RuntimeFailure):
    """The machine lacks something: install or permit it, then try again."""


class LabNotRunning(RuntimeFailure):
    """No such lab of this user runs here: deploy it, or look at the name."""


class LabNameInUse(RuntimeFailure):
    """Another lab or runtime has the name: destroy that one, or take another name."""


class LabOfAnotherUser(RuntimeFailure):
    """The lab belongs to another user of the machine: only its owner may touch it."""


class StartFailed(RuntimeFailure):
    """The lab's first processes didn't come up; the lab's log says more."""


class HostsFailed(RuntimeFailure):
    """Some hosts could not be provided; the others are there and stay."""


class Runtime(Protocol):
    """The machines of one lab. Every method may be called again after any interruption.

    Synchronous: the command line runs it on a thread beside the gRPC stream that
    delivers desired state. Only `execute` has to run on the main thread, as it
    handles signals. Deploys of one lab follow each other by
    `lab.runtime.state_directory.StateDirectory.deploying`.
    """

    @property
    def target(self) -> str:
        """gRPC target of the lab's `LabService`; listens once `start` has returned."""
        ...

    def start(self) -> None:
        """Have the cloud process listening, and make what that takes; idempotent.

        Remains of an earlier lab of the name that no longer runs are removed
        first. Raises `MachineUnfit`, `LabNameInUse` or `StartFailed`.
        """
        ...

    def provide(self, hosts: Sequence[Host]) -> None:
        """Make the lab's machines exactly `hosts`: create the missing, remove all others.

        Idempotent, and returns as soon as every host's agent runs; agents hear
        their desired state on their own. Raises `LabNotRunning` or `HostsFailed`.
        """
        ...

    def execute(self, place: ResolveReply, argv: Sequence[str], *, tty: bool) -> int:
        """Run a command in a place with the caller's stdin, stdout and stderr.

        `tty`: stdin is a terminal that the command may take over. Returns the
        command's exit code, 128 + n if signal n ended it. Raises `LabNotRunning`.
        """
        ...

    def destroy(self) -> None:
        """End everything of the lab and remove every trace, from any state of it.

        Destroying what is not there is no error. Never waits for a deploy to end:
        cleaning up always works.
        """
        ...
