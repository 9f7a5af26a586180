"""What an agent has to know before it hears its first desired state."""

from dataclasses import dataclass
from pathlib import Path

from lab.contract.credentials import Credentials

__all__ = ["AgentConfig", "Credentials"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentConfig:
    """Where an agent finds its cloud process and its host.

    The runtime prepares the host before it starts the agent: the pins ``host``
    (the virtual switch's network namespace, holding the underlay interface with
    its address and a route to all of the underlay) and ``node`` (the node's
    operating system, empty but for lo) exist below `namespaces`.
    """

    node: str
    cloud: str
    """gRPC target: ``unix:/path`` or ``address:port``."""
    run_directory: Path
    """Private to the host: ledger, workloads socket. Outlives the agent, not the host."""
    namespaces: Path
    """Directory of pinned network namespaces: ``host``, ``node``, ``pod-UID``."""
    root: Path
    """The node's root directory as the agent sees it: ``/`` inside a container."""
    credentials: Credentials | None = None
    """None: the transport is a unix socket of mode 0600."""

    @property
    def workloads_socket(self) -> Path:
        """Where the workloads process of this host listens."""
        return self.run_directory / "workloads.sock"
