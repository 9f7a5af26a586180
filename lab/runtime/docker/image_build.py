"""Building the image of a lab's containers: base, wheels, then `docker build`.

Needs no registry: without one the base comes from images/base (debootstrap). The
variable ``BASE_IMAGE`` names another, such as ``debian:bookworm-slim``. What is
there already is not made again, so a changed source file costs one layer.

Standard library only: images/build runs it before anything is installed.
"""

import hashlib
import os
import platform
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Sequence
from pathlib import Path

from lab.runtime.docker.image_source import IMAGE, repository_root, source_digest

PUBLIC_BASE = "debian:bookworm-slim"
PUBLIC_BASE_PYTHON = "3.11"
GLIBC_TAGS = ("manylinux2014", "manylinux_2_17", "manylinux_2_28", "manylinux_2_34")
"""Every spelling that wheels for the base's C library use."""
PYTHON_PROBE = "import sys; print('%d.%d' % sys.version_info[:2])"
LAST_LINES = 15

Report = Callable[[str], None]


class BuildError(Exception):
    """A step failed; the message says which, and what it said last."""


def build(repository: Path, report: Report) -> None:
    """Build `IMAGE` from the files of `repository`. Raises `BuildError`."""
    base = _base_image(repository, report)
    _fetch_wheels(repository, version=_python_of(base), report=report)
    report(f"building {IMAGE} on {base}")
    before = _answer("docker", "image", "inspect", "--format={{.Id}}", IMAGE)
    _run(
        "docker",
        "build",
        f"--tag={IMAGE}",
        f"--file={repository / 'images' / 'Dockerfile'}",
        f"--build-arg=BASE_IMAGE={base}",
        f"--build-arg=SOURCE_DIGEST={source_digest(repository)}",
        str(repository),
    )
    if before and before != _answer("docker", "image", "inspect", "--format={{.Id}}", IMAGE):
        # The engine keeps it where containers of a running lab are still of it.
        _answer("docker", "image", "rm", before)
    size = _answer("docker", "image", "inspect", "--format={{.Size}}", IMAGE)
    report(f"{IMAGE} is ready, {int(size or 0) // 1_000_000} MB")


def _base_image(repository: Path, report: Report) -> str:
    """The base asked for, the public one if it is here, one by debootstrap, or a pull."""
    if named := os.environ.get("BASE_IMAGE"):
        return named
    if _answer("docker", "image", "inspect", PUBLIC_BASE) is not None:
        return PUBLIC_BASE
    if os.geteuid() != 0 or not shutil.which("debootstrap"):
        return PUBLIC_BASE
    report("base image by debootstrap (about a minute the first time)")
    try:
        return _run(str(repository / "images" / "base")).splitlines()[-1]
    except BuildError as error:
        report(f"no base by debootstrap, trying {PUBLIC_BASE}: {error}")
        return PUBLIC_BASE


def _python_of(base: str) -> str:
    """The base's Python as MAJOR.MINOR; that of the public base when it has none yet."""
    if _answer("docker", "image", "inspect", base) is None:
        return PUBLIC_BASE_PYTHON
    run = ("docker", "run", "--rm", "--network=none", "--entrypoint=python3", base)
    return _answer(*run, "-c", PYTHON_PROBE) or PUBLIC_BASE_PYTHON


def _fetch_wheels(repository: Path, *, version: str, report: Report) -> None:
    """Wheels of all dependencies into build/wheels, unless the right ones are there."""
    project = tomllib.loads((repository / "pyproject.toml").read_text())
    wanted = [*project["project"]["dependencies"], *project["build-system"]["requires"], "pip"]
    machine = platform.machine()
    expected = hashlib.sha256(repr((sorted(wanted), version, machine)).encode()).hexdigest()
    wheels = repository / "build" / "wheels"
    stamp = wheels / "complete"
    if stamp.is_file() and stamp.read_text() == expected:
        return
    report(f"fetching wheels for Python {version} on {machine}")
    shutil.rmtree(wheels, ignore_errors=True)
    wheels.mkdir(parents=True)
    _run(
        *_python_with_pip(repository),
        "download",
        "--quiet",
        "--disable-pip-version-check",
        f"--dest={wheels}",
        "--only-binary=:all:",
        "--implementation=cp",
        f"--python-version={version}",
        f"--abi=cp{version.replace('.', '')}",
        "--abi=abi3",
        "--abi=none",
        *(f"--platform={tag}_{machine}" for tag in GLIBC_TAGS),
        *wanted,
    )
    stamp.write_text(expected)


def _python_with_pip(repository: Path) -> Sequence[str]:
    candidates = (sys.executable, str(repository / ".venv" / "bin" / "python"), "python3")
    for python in candidates:
        if _answer(python, "-m", "pip", "--version") is not None:
            return (python, "-m", "pip")
    raise BuildError("no Python with pip to fetch wheels with; install python3-pip")


def _answer(*argv: str) -> str | None:
    """What a command printed, or None when it failed or is not there."""
    try:
        done = subprocess.run(
            argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def _run(*argv: str) -> str:
    """Run a step and return what it printed to stdout. Raises `BuildError`."""
    try:
        done = subprocess.run(
            argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        raise BuildError(f"{argv[0]} is not installed") from None
    if done.returncode != 0:
        said = (done.stdout + done.stderr).strip().splitlines()[-LAST_LINES:]
        raise BuildError("\n    ".join([f"{argv[0]} ended with {done.returncode}", *said]))
    return done.stdout


def main() -> None:
    """The whole of images/build."""

    def report(line: str) -> None:
        sys.stdout.write(f"images/build: {line}\n")
        sys.stdout.flush()

    repository = repository_root()
    if repository is None:
        sys.exit("images/build: not in a clone of the repository")
    try:
        build(repository, report)
    except BuildError as error:
        sys.exit(f"images/build: {error}")


if __name__ == "__main__":
    main()
