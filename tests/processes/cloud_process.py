"""A cloud process to be killed: ``python -m tests.processes.cloud_process DIRECTORY READY_FD``."""

import sys
from pathlib import Path

from lab.control.config import ControlConfig
from lab.control.main import run


def main() -> None:
    directory, ready_fd = Path(sys.argv[1]), int(sys.argv[2])
    run(
        ControlConfig(
            state_directory=directory,
            agents=f"unix:{directory}/agents.sock",
            lab_service=directory / "cloud.sock",
            ready_fd=ready_fd,
        )
    )


if __name__ == "__main__":
    main()
