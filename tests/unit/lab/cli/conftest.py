"""The command line as a user has it, against a cloud process that a test scripts."""

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from lab.cli.main import run
from tests.unit.lab.cli.fake_service import FakeLabService, serving

SNAPSHOTS = Path(__file__).parent / "snapshots"


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """What a command left."""

    exit_code: int
    out: str
    err: str


CommandLine = Callable[..., Printed]


@pytest.fixture(autouse=True)
def _a_users_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A terminal of 80 columns, a folder of one's own, and no lab anywhere."""
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("VNETLAB_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/no-engine")
    for name in ("VNETLAB_SOCKET", "VNETLAB_DEBUG", "VNETLAB_LAB", "VNETLAB_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def vnetlab(capsys: pytest.CaptureFixture[str]) -> CommandLine:
    """Runs a command line in this process."""

    def command_line(*arguments: str) -> Printed:
        exit_code = run(arguments)
        out, err = capsys.readouterr()
        return Printed(exit_code=exit_code, out=out, err=err)

    return command_line


@pytest.fixture
def service() -> FakeLabService:
    """What the cloud process says."""
    return FakeLabService()


@pytest.fixture
def target(service: FakeLabService) -> Iterator[str]:
    """Where `service` listens."""
    # A short path: that of a unix socket has 107 bytes at most.
    with (
        tempfile.TemporaryDirectory(prefix="vl") as folder,
        serving(service, Path(folder) / "cloud.sock") as target,
    ):
        yield target


@pytest.fixture
def inside(target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As inside a lab's container: the socket is at hand, and no runtime."""
    monkeypatch.setenv("VNETLAB_SOCKET", target.removeprefix("unix:"))


@pytest.fixture
def snapshot(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Asserts that a reviewed text is what is printed; ``--update-golden`` writes it anew."""

    def check(name: str, text: str) -> None:
        path = SNAPSHOTS / f"{name}.txt"
        if request.config.getoption("--update-golden"):
            path.write_text(text, encoding="utf-8")
        assert path.exists(), f"{path} is missing: run pytest {path.parent.parent} --update-golden"
        assert text == path.read_text(encoding="utf-8"), f"not what {path} says"

    return check
