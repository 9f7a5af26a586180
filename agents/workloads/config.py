"""What a workloads process has to know before it hears what to run."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkloadsConfig:
    """Where a workloads process listens, and where it finds its host."""

    node: str
    socket: Path
    """Unix socket that the agent connects to."""
    namespaces: Path
    """Directory of pinned network namespaces: ``node``, ``pod-UID``."""
    run_directory: Path
    """As `agents.config.AgentConfig.run_directory`; logs of containers go below it."""
    root: Path = Path("/")
    """As `agents.config.AgentConfig.root`."""
    listen_fd: int | None = None
    """`socket`, already listening, from whoever starts this process again and again: so the
    agent's connections wait instead of failing. None: the process binds it itself."""
