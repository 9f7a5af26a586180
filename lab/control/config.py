"""What a cloud process has to know before it starts."""

from dataclasses import dataclass
from ipaddress import IPv4Network
from pathlib import Path

from lab.contract.credentials import Credentials
from lab.contract.underlay import UNDERLAY
from lab.topology.sources import LabSources


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlConfig:
    """Where the cloud process keeps its state and where it listens.

    The two services never share a socket: what agents can reach must not be
    able to apply a lab.
    """

    state_directory: Path
    """Private to the lab; holds ``cloud.sqlite``, and for moments ``cloud.asked``. Exists."""
    agents: str
    """Where `AgentService` listens: ``unix:/path`` (made with mode 0600) or ``address:port``."""
    lab_service: Path
    """Unix socket of `LabService`, made with mode 0600."""
    credentials: Credentials | None = None
    """Mutual TLS for agents; None: their transport is a unix socket."""
    apply: LabSources | None = None
    """Applied at start, as if the command line had sent it; None: what was applied last stands."""
    underlay: IPv4Network = UNDERLAY
    """Hosts get their underlay addresses out of it, from `first_host_address` on. A lab keeps
    the range of its first apply: another one is a new lab."""
    ready_fd: int | None = None
    """Gets one byte and is closed as soon as both services listen, so that whoever started
    the process waits for an event, never polls; None: nobody waits."""
