"""The directory of a lab on the machine: sockets, log, database, locks.

It is private to its user and lasts as long as the lab. What a lab *is* is never
read from here: a lab runs exactly when its processes do, so that a directory
that a crash or a reboot left behind means nothing and can be removed.
"""

import fcntl
import os
import re
import shutil
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from lab.runtime.provider import LabNameInUse, LabOfAnotherUser, RuntimeFailure

LONGEST_SOCKET_PATH = 107
"""Bytes of a unix socket's path, sun_path less its terminator (unix(7))."""

LAB_NAME = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
"""A DNS label, as the lab file demands it: safe as the name of a directory."""


def state_root(environment: Mapping[str, str], user: int) -> Path:
    """Where labs of a user live: told, else the session's directory, else below /tmp.

    ``XDG_RUNTIME_DIR`` counts only if it is the user's own: ``su`` hands over
    that of the user before.
    """
    if told := environment.get("VNETLAB_STATE_DIR"):
        return Path(told).absolute()
    session = environment.get("XDG_RUNTIME_DIR")
    if session and _belongs_to(Path(session), user):
        return Path(session) / "vnetlab"
    return Path("/tmp") / f"vnetlab-{user}"


def _belongs_to(path: Path, user: int) -> bool:
    try:
        return path.stat().st_uid == user
    except OSError:
        return False


@dataclass(frozen=True, slots=True, kw_only=True)
class StateDirectory:
    """The directory of one lab; it may or may not exist."""

    root: Path
    lab: str

    def __post_init__(self) -> None:
        if not LAB_NAME.fullmatch(self.lab):
            raise RuntimeFailure(
                f'"{self.lab}" is no name of a lab',
                remedy="use up to 63 lower-case letters, digits and hyphens",
            )

    @classmethod
    def of(cls, lab: str) -> "StateDirectory":
        """The directory of a lab of the user who runs this."""
        return cls(root=state_root(os.environ, os.geteuid()), lab=lab)

    @property
    def path(self) -> Path:
        """The directory itself."""
        return self.root / self.lab

    @property
    def cloud_socket(self) -> Path:
        """`LabService` of the lab's cloud process."""
        return self.path / "cloud.sock"

    @property
    def capsule_socket(self) -> Path:
        """First process of a native lab."""
        return self.path / "capsule.sock"

    @property
    def log(self) -> Path:
        """What the lab's processes write to stdout and stderr."""
        return self.path / "log"

    @property
    def runtime(self) -> str:
        """Which runtime the directory was made for; empty: it isn't there, or is half made."""
        try:
            return (self.path / "runtime").read_text().strip()
        except OSError:
            return ""

    def make(self) -> None:
        """Have the directory, entered by its user alone.

        Raises `LabOfAnotherUser`, or `RuntimeFailure` if no socket could be made in it.
        """
        self._check_socket_paths()
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Below /tmp anybody may have made it first; the owner of a directory
        # can exchange what is in it, unless it is sticky, as /tmp itself.
        root = self.root.stat()
        if root.st_uid != os.geteuid() and not root.st_mode & stat.S_ISVTX:
            raise _of_another_user(self.root)
        self.path.mkdir(mode=0o700, exist_ok=True)
        found = self.path.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
            raise _of_another_user(self.path)
        if found.st_mode & 0o077:
            self.path.chmod(0o700)

    @contextmanager
    def locked(self, runtime: str) -> Iterator[None]:
        """Make the directory if need be and be the only one to change it.

        Held for as long as it takes to start or to end a lab. The lock is on the
        directory itself, so removing the directory leaves no lock behind. Raises
        `LabNameInUse` if the directory is another runtime's.
        """
        lock = self._lock(".", os.O_RDONLY | os.O_DIRECTORY)
        try:
            if (other := self.runtime) not in {"", runtime}:
                raise LabNameInUse(
                    f'lab "{self.lab}" exists on the {other} runtime',
                    remedy=f"destroy it first (vnetlab destroy -n {self.lab}), "
                    "or take another name",
                )
            (self.path / "runtime").write_text(f"{runtime}\n")
            yield
        finally:
            os.close(lock)

    @contextmanager
    def deploying(self) -> Iterator[None]:
        """Be the only deploy of the lab; waits for the one before to end."""
        lock = self._lock("deploying", os.O_RDWR | os.O_CREAT)
        try:
            yield
        finally:
            os.close(lock)

    def clear(self) -> None:
        """Remove what an ended lab left, but neither locks nor the directory. Call `locked`."""
        for entry in self.path.iterdir():
            if entry.name in {"runtime", "deploying"}:
                continue
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            else:
                entry.unlink(missing_ok=True)

    def remove(self) -> None:
        """Remove the directory, and the root if it was the last lab's. Call `locked`."""
        shutil.rmtree(self.path)
        try:
            self.root.rmdir()
        except OSError:  # other labs live there, or the user keeps other things there
            return

    def _lock(self, name: str, flags: int) -> int:
        """A descriptor that holds the lock on a name in the directory, ``.`` for itself.

        What was waited for may have been removed meanwhile, with the directory:
        then a lock on it means nothing, and all starts again.
        """
        while True:
            try:
                self.make()
                lock = os.open(self.path / name, flags | os.O_CLOEXEC, 0o600)
            except FileNotFoundError:
                continue
            fcntl.flock(lock, fcntl.LOCK_EX)
            if _is_at(lock, self.path / name):
                return lock
            os.close(lock)

    def _check_socket_paths(self) -> None:
        length = len(os.fsencode(self.capsule_socket))
        if length > LONGEST_SOCKET_PATH:
            raise RuntimeFailure(
                f"{self.capsule_socket} is {length} bytes long, a socket's path may have "
                f"{LONGEST_SOCKET_PATH}",
                remedy="set VNETLAB_STATE_DIR to a directory with a shorter path",
            )


def known_directories(root: Path) -> tuple[StateDirectory, ...]:
    """Every lab that has a directory below `root`, by name."""
    try:
        names = sorted(entry.name for entry in root.iterdir() if entry.is_dir())
    except FileNotFoundError:
        return ()
    return tuple(StateDirectory(root=root, lab=name) for name in names if LAB_NAME.fullmatch(name))


def _is_at(descriptor: int, path: Path) -> bool:
    """Whether the path still leads to the open file: it may have been removed meanwhile."""
    try:
        return os.path.samestat(os.fstat(descriptor), path.lstat())
    except FileNotFoundError:
        return False


def _of_another_user(path: Path) -> LabOfAnotherUser:
    return LabOfAnotherUser(
        f"{path} belongs to another user",
        remedy="set VNETLAB_STATE_DIR to a directory of your own",
    )
