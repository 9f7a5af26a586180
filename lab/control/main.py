"""The cloud process from start to end."""

from lab.control.config import ControlConfig

__all__ = ["ControlConfig", "run"]


def run(config: ControlConfig) -> None:
    """Serve agents and the command line until SIGTERM or SIGINT; blocks.

    Raises `lab.control.store.StateFileError` when the state file can't be used,
    and `lab.topology.problems.LabFileError` when `config.apply` is not a lab.
    """
    raise NotImplementedError
