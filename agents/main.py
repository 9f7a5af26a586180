"""The agent of one host from start to end."""

from agents.config import AgentConfig


def run(config: AgentConfig) -> None:
    """Keep the host at the state that the cloud process wants until SIGTERM; blocks.

    Safe to call in a process forked from one that imported this module: no
    thread, loop or gRPC object exists before the call.
    """
    raise NotImplementedError


def main() -> None:
    """Run an agent from the command line or from ``VNETLAB_…`` variables, as containers do."""
    raise NotImplementedError
