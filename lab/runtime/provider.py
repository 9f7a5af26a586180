"""What every runtime can do, whatever it is made of; and its one family of errors."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Protocol

from lab.contract.node_state import Address
from lab.contract.v1.lab_pb2 import ResolveReply


class RuntimeName(Enum):
    """The runtimes there are; values as the command line spells them."""

    NATIVE = "native"
    DOCKER = "docker"


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """A machine that a lab needs: what the runtime has to know of it."""

    name: str
    """Unique in the lab."""
    underlay_address: Address


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownLab:
    """A lab of this user that left traces on this machine."""

    name: str
    runtime: RuntimeName
    running: bool
    """False: only remains are there, of a lab that was ended from outside or half made."""
    state_directory: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Capability:
    """One thing that a machine can do, or can't."""

    name: str
    present: bool
    needed_for: str
    """What doesn't work without it, as a phrase: "deploying any lab"."""
    remedy: str
    """What to do when it is missing, one sentence without a full stop."""
    required: bool = True
    """False: only the part named in `needed_for` fails; labs can be deployed."""


class RuntimeFailure(Exception):
    """A runtime could not do what it was asked.

    Subclasses say whose turn it is; the message says what and why, `remedy`
    what to do next.
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
    """The machines of one lab.

    Synchronous: call from a thread where an event loop runs. Only `execute` has
    to be called from the main thread, as it handles signals.
    """

    @property
    def target(self) -> str:
        """gRPC target of the lab's `LabService`; listens once `start` has returned."""
        ...

    def exclusive(self) -> AbstractContextManager[None]:
        """Held by a deploy from start to end, so that two of one lab follow each other.

        `destroy` doesn't wait for it: cleaning up always works.
        """
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

    def destroy(self) -> bool:
        """End everything of the lab and remove every trace, from any state of it.

        True: there was something to remove.
        """
        ...
