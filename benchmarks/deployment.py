"""Labs deployed through the command line that a user has."""

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.commands import output
from benchmarks.labs import GeneratedLab
from benchmarks.measurement import Unavailable

COMMAND = Path(sys.executable).with_name("vnetlab")
DEADLINE = 600.0
"""Seconds after which a command counts as hung."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """A lab file in a folder and state directory of its own."""

    lab: GeneratedLab
    file: Path
    state: Path
    runtime: str

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, "VNETLAB_STATE_DIR": str(self.state)}

    @property
    def cloud_socket(self) -> str:
        return str(self.state / self.lab.name / "cloud.sock")

    def deploy(self) -> float:
        """Seconds."""
        return self._timed("deploy", "-t", str(self.file), "--runtime", self.runtime)

    def destroy(self) -> float:
        """Seconds."""
        return self._timed("destroy", "-n", self.lab.name)

    def inside(self, target: str) -> tuple[str, ...]:
        """Prefix for a command inside `target`."""
        return (str(COMMAND), "exec", "-n", self.lab.name, target, "--")

    def inspect(self, kind: str) -> str:
        """JSON."""
        return output(
            [str(COMMAND), "inspect", kind, "-n", self.lab.name, "--format", "json"],
            deadline=DEADLINE,
            environment=self.environment,
        )

    def _timed(self, *arguments: str) -> float:
        started = time.monotonic()
        output([str(COMMAND), *arguments], deadline=DEADLINE, environment=self.environment)
        return time.monotonic() - started


@contextmanager
def prepared(lab: GeneratedLab, *, runtime: str = "native") -> Iterator[Deployment]:
    """A deployment ready to be deployed; destroyed when the block ends, come what may."""
    if not COMMAND.exists():
        raise Unavailable(f"{COMMAND} is not there; run make setup")
    # Short, because the path of a unix socket may have 107 bytes.
    folder = Path(tempfile.mkdtemp(prefix="vb-", dir="/tmp"))
    deployment = Deployment(
        lab=lab, file=lab.write(folder / "lab"), state=folder / "s", runtime=runtime
    )
    try:
        yield deployment
    finally:
        try:
            if (deployment.state / lab.name).exists():
                deployment.destroy()
        finally:
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def running(lab: GeneratedLab, *, runtime: str = "native") -> Iterator[Deployment]:
    """A deployed lab."""
    with prepared(lab, runtime=runtime) as deployment:
        deployment.deploy()
        yield deployment
