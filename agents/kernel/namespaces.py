"""Network namespaces: made, pinned, entered, let go.

A pin is a file that the namespace is mounted on: it keeps the namespace alive
after every process in it has gone, and it is its name for everybody else
(``nsenter --net=PIN``). Changing namespace concerns the calling thread only, so
all of this belongs on one thread that nothing else runs on (`worker`).
"""

import ctypes
import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from agents.kernel.errors import NamespaceMissing

_CLONE_NEWNET = 0x40000000
_MS_BIND = 0x1000
_MNT_DETACH = 2
_SELF = "/proc/thread-self/ns/net"

Identity = tuple[int, int]
"""Of a namespace while it lives: its file system's device, and inode."""

_libc = ctypes.CDLL(None, use_errno=True)


def _checked(result: int, what: str) -> None:
    if result:
        code = ctypes.get_errno()
        raise OSError(code, f"{what}: {os.strerror(code)}")


class NamespaceDirectory:
    """The pinned namespaces of a host: a directory, by default on a tmpfs."""

    def __init__(self, path: Path) -> None:
        self._path = path
        # Text: this is asked of every namespace in every round, and paths are slow to make.
        self._prefix = f"{path}/"
        self._own_device: int | None = None

    def names(self) -> frozenset[str]:
        """Pins that lead to a namespace, and aliases of such."""
        try:
            entries = list(os.scandir(self._path))
        except FileNotFoundError:
            return frozenset()
        return frozenset(entry.name for entry in entries if self._leads_somewhere(entry.name))

    def alias_of(self, name: str) -> str | None:
        """The pin that a name is only another name for."""
        try:
            return os.readlink(self._prefix + name)
        except OSError:
            return None

    def pin(self, name: str) -> Path:
        """Where a namespace of that name is, or would be, pinned."""
        return self._path / name

    def open(self, name: str) -> int:
        """A descriptor of the namespace; it keeps the namespace alive until closed.

        Raises:
            NamespaceMissing: nothing is pinned under that name.
        """
        if not self._leads_somewhere(name):
            raise NamespaceMissing(f"no network namespace is pinned at {self._path / name}")
        return os.open(self._prefix + name, os.O_RDONLY | os.O_CLOEXEC)

    def identity(self, name: str) -> Identity | None:
        """Which namespace a name stands for now; None: nothing is pinned under it."""
        # A namespace's file lives in the kernel's own file system; an empty file
        # that a crash left before the mount is on the same one as its directory.
        try:
            status = os.stat(self._prefix + name)
            if status.st_dev == self._device():
                return None
        except FileNotFoundError:
            return None
        return status.st_dev, status.st_ino

    def _device(self) -> int:
        """Of the directory's own file system, which is the same for as long as it is there."""
        if self._own_device is None:
            self._own_device = os.stat(self._prefix).st_dev
        return self._own_device

    @contextmanager
    def inside(self, name: str) -> Iterator[None]:
        """Have the calling thread in the namespace; back where it was afterwards.

        Raises:
            NamespaceMissing: nothing is pinned under that name.
        """
        descriptor = self.open(name)
        try:
            with self.inside_descriptor(descriptor):
                yield
        finally:
            os.close(descriptor)

    @contextmanager
    def inside_descriptor(self, descriptor: int) -> Iterator[None]:
        """As `inside`, for a namespace that is open already."""
        with _returning():
            _checked(_libc.setns(descriptor, _CLONE_NEWNET), "setns")
            yield

    @contextmanager
    def inside_new(self, name: str) -> Iterator[None]:
        """Make and pin a namespace, with the calling thread in it for the ``with`` block.

        Raises:
            OSError: EEXIST, it is pinned already; or what the kernel said.
        """
        with _returning():
            path = self._path / name
            if self._leads_somewhere(name):
                raise FileExistsError(errno.EEXIST, f"{path} exists")
            path.unlink(missing_ok=True)
            path.touch(mode=0o444)
            _checked(_libc.unshare(_CLONE_NEWNET), "unshare network namespace")
            _checked(
                _libc.mount(_SELF.encode(), bytes(path), None, _MS_BIND, None), f"mount on {path}"
            )
            yield

    def alias(self, name: str, target: str) -> None:
        """Give a pinned namespace another name.

        Raises:
            OSError: EEXIST, the name is taken.
        """
        path = self._path / name
        if not self._leads_somewhere(name):
            path.unlink(missing_ok=True)
        path.symlink_to(target)

    def remove(self, name: str) -> None:
        """Unpin a namespace, or drop an alias.

        Raises:
            OSError: ENOENT, there is no such pin.
        """
        path = self._path / name
        if not path.is_symlink() and self._leads_somewhere(name):
            _checked(_libc.umount2(bytes(path), _MNT_DETACH), f"umount {path}")
        path.unlink()

    def _leads_somewhere(self, name: str) -> bool:
        return self.identity(name) is not None


@contextmanager
def inside_nameless() -> Iterator[None]:
    """Make a namespace that lasts as long as something in it, with the calling thread there."""
    with _returning():
        _checked(_libc.unshare(_CLONE_NEWNET), "unshare network namespace")
        yield


@contextmanager
def _returning() -> Iterator[None]:
    home = os.open(_SELF, os.O_RDONLY | os.O_CLOEXEC)
    try:
        yield
    finally:
        _checked(_libc.setns(home, _CLONE_NEWNET), "setns back")
        os.close(home)
