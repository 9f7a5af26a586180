"""Labs for the e2e tier: deployed once per runtime through the command line a user has.

Everything a test learns, it learns as a user would: by `vnetlab exec` inside a
node, a pod or a machine, and by `vnetlab inspect --format json`.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

VNETLAB = (sys.executable, "-m", "lab.cli.main")
REPOSITORY = Path(__file__).resolve().parents[2]
TCPDUMP = ("tcpdump", "--immediate-mode", "-s", "2048", "-n", "-l")
"""With room for a thousand packets: at its own snapshot length its ring has eight slots."""

DEADLINE = 300
"""Seconds after which a command counts as hung; no test asserts how long one takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ping:
    """What `ping` printed."""

    sent: int
    received: int
    ttls: frozenset[int]
    output: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeployedLab:
    """A running lab and the ways of a user into it."""

    name: str
    file: Path
    runtime: str
    environment: dict[str, str]

    def vnetlab(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [*VNETLAB, *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=DEADLINE,
            check=False,
        )
        if check and done.returncode != 0:
            raise AssertionError(
                f"vnetlab {' '.join(arguments)} ended with {done.returncode}\n"
                f"{done.stdout}\n{done.stderr}"
            )
        return done

    def deploy(self) -> str:
        done = self.vnetlab("deploy", "-t", str(self.file), "--runtime", self.runtime)
        return done.stdout + done.stderr

    def destroy(self) -> None:
        self.vnetlab("destroy", "-n", self.name)

    def execute(
        self, target: str, *command: str, check: bool = True
    ) -> subprocess.CompletedProcess[str]:
        return self.vnetlab("exec", "-n", self.name, target, "--", *command, check=check)

    def output(self, target: str, *command: str) -> str:
        return self.execute(target, *command).stdout

    def start(self, target: str, *command: str) -> subprocess.Popen[str]:
        """A command that goes on inside `target` while the test works."""
        return subprocess.Popen(
            [*VNETLAB, "exec", "-n", self.name, target, "--", *command],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def inspect(self, kind: str, *arguments: str) -> list[dict[str, Any]]:
        done = self.vnetlab("inspect", kind, "-n", self.name, "--format", "json", *arguments)
        rows: list[dict[str, Any]] = json.loads(done.stdout)
        return rows

    def ping(self, source: str, destination: str, *, count: int = 3) -> Ping:
        done = self.execute(
            source, "ping", "-n", "-c", str(count), "-i", "0.2", "-W", "2", destination, check=False
        )
        summary = re.search(r"(\d+) packets transmitted, (\d+) received", done.stdout)
        assert summary, done.stdout + done.stderr
        return Ping(
            sent=int(summary[1]),
            received=int(summary[2]),
            ttls=frozenset(int(ttl) for ttl in re.findall(r"ttl=(\d+)", done.stdout)),
            output=done.stdout,
        )

    @contextmanager
    def capture(self, target: str, interface: str, expression: str) -> Iterator[list[str]]:
        """The packets that a real tcpdump saw while the block ran, one line each.

        tcpdump says when it listens and prints what it saw when it is
        interrupted, so nothing here waits for time to pass.
        """
        process = self.start(target, *TCPDUMP, "-i", interface, expression)
        assert process.stdout is not None
        assert process.stderr is not None
        for line in process.stderr:
            if "listening on" in line:
                break
        else:
            raise AssertionError(f"tcpdump did not start on {interface} of {target}")
        packets: list[str] = []
        try:
            yield packets
        finally:
            # The process group of the lab's command is not ours: end tcpdump where it runs.
            self.execute(target, "pkill", "-INT", "-f", f"tcpdump.*-i {interface} {expression}")
            rest, _ = process.communicate(timeout=DEADLINE)
            packets.extend(line for line in rest.splitlines() if line)


def environment_for(state_directory: Path) -> dict[str, str]:
    """The environment of a user whose labs live below `state_directory`."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("VNETLAB_")}
    return kept | {"VNETLAB_STATE_DIR": str(state_directory), "COLUMNS": "80", "LC_ALL": "C.UTF-8"}


@pytest.fixture(scope="session")
def state_directory() -> Iterator[Path]:
    """A short path: unix sockets below it are limited to 108 bytes."""
    directory = Path(tempfile.mkdtemp(prefix="vl", dir="/tmp"))
    yield directory
    shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture(
    scope="session",
    params=[
        pytest.param("native", marks=pytest.mark.e2e),
        pytest.param("docker", marks=[pytest.mark.e2e, pytest.mark.docker]),
    ],
)
def runtime(request: pytest.FixtureRequest) -> str:
    """Every test that asks for a runtime runs on both."""
    return str(request.param)


@contextmanager
def deployed(file: Path, *, runtime: str, state_directory: Path) -> Iterator[DeployedLab]:
    """The lab of `file`, destroyed at the end whatever happens."""
    name = re.search(r"^metadata:.*?name: *([a-z0-9-]+)", file.read_text(), re.M | re.S)
    assert name
    lab = DeployedLab(
        name=name[1], file=file, runtime=runtime, environment=environment_for(state_directory)
    )
    try:
        lab.deploy()
    except BaseException:
        # Half a lab would be in the way of the next test, and after an interrupt of the
        # next run: an engine keeps what it has.
        lab.vnetlab("destroy", "-n", lab.name, check=False)
        raise
    try:
        yield lab
    finally:
        lab.destroy()


@pytest.fixture(scope="session")
def kubenet(
    runtime: str, state_directory: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[DeployedLab]:
    """The documented deployment, from a copy of the example, so that a test may change it."""
    folder = tmp_path_factory.mktemp("kubenet")
    shutil.copy(REPOSITORY / "examples/nginx.yaml", folder)
    file = Path(shutil.copy(REPOSITORY / "examples/aks-kubenet.lab.yaml", folder))
    with deployed(file, runtime=runtime, state_directory=state_directory) as lab:
        yield lab
