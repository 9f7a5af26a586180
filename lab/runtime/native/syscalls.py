"""The few system calls that Python 3.11 lacks, each under its own name.

Failures are OSError, as everywhere in `os`. The numbers of the newer calls are
the same on every architecture (asm-generic/unistd.h, from 424 on).
"""

import ctypes
import os
from enum import IntEnum, IntFlag

_libc = ctypes.CDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long


class Clone(IntFlag):
    """Kinds of namespaces (sched.h)."""

    NEWNS = 0x00020000
    NEWUTS = 0x04000000
    NEWIPC = 0x08000000
    NEWUSER = 0x10000000
    NEWPID = 0x20000000
    NEWNET = 0x40000000


CAPSULE = Clone.NEWUSER | Clone.NEWNS | Clone.NEWPID | Clone.NEWNET | Clone.NEWUTS | Clone.NEWIPC
"""What makes up a capsule."""


class Mount(IntFlag):
    """Flags of mount(2)."""

    NOSUID = 0x2
    NODEV = 0x4
    NOEXEC = 0x8
    BIND = 0x1000
    REC = 0x4000
    PRIVATE = 0x40000


class _Number(IntEnum):
    OPEN_TREE = 428
    MOVE_MOUNT = 429
    MOUNT_SETATTR = 442


_AT_FDCWD = -100
_AT_EMPTY_PATH = 0x1000
_AT_RECURSIVE = 0x8000
_OPEN_TREE_CLONE = 0x1
_OPEN_TREE_CLOEXEC = os.O_CLOEXEC
_MOVE_MOUNT_F_EMPTY_PATH = 0x4
_MOUNT_ATTR_RDONLY = 0x1
_MNT_DETACH = 0x2
_PR_SET_PDEATHSIG = 1
_PR_SET_NAME = 15
_LONGEST_NAME = 15


class _MountAttributes(ctypes.Structure):
    _fields_ = (
        ("attr_set", ctypes.c_uint64),
        ("attr_clr", ctypes.c_uint64),
        ("propagation", ctypes.c_uint64),
        ("userns_fd", ctypes.c_uint64),
    )


def unshare(kinds: Clone) -> None:
    """Leave the namespaces of these kinds for new ones; of NEWPID only children do."""
    _checked(_libc.unshare(int(kinds)), "unshare")


def setns(descriptor: int, kinds: Clone) -> None:
    """Enter namespaces: of a namespace's file, or of a process by its pidfd (Linux 5.8)."""
    _checked(_libc.setns(descriptor, int(kinds)), "setns")


def mount(source: str, target: str, *, kind: str = "", flags: int = 0, data: str = "") -> None:
    """mount(2)."""
    result = _libc.mount(
        source.encode(),
        os.fsencode(target),
        kind.encode() or None,
        ctypes.c_ulong(flags),
        data.encode() or None,
    )
    _checked(result, f"mount {kind or source} on {target}")


def detach(target: str) -> None:
    """Take a mount out of sight; it ends with its last user (umount2, MNT_DETACH)."""
    _checked(_libc.umount2(os.fsencode(target), _MNT_DETACH), f"umount {target}")


def clone_tree(path: str) -> int:
    """Descriptor of a detached copy of the mounts at and below `path` (open_tree)."""
    flags = _OPEN_TREE_CLONE | _OPEN_TREE_CLOEXEC | _AT_RECURSIVE
    return _syscall(
        _Number.OPEN_TREE, _AT_FDCWD, os.fsencode(path), flags, what=f"open_tree {path}"
    )


def attach_tree(tree: int, target: str) -> None:
    """Put a detached copy of mounts at `target`, and close it (move_mount)."""
    try:
        _syscall(
            _Number.MOVE_MOUNT,
            tree,
            b"",
            _AT_FDCWD,
            os.fsencode(target),
            _MOVE_MOUNT_F_EMPTY_PATH,
            what=f"move_mount {target}",
        )
    finally:
        os.close(tree)


def make_read_only(path: str) -> None:
    """Refuse every change at and below `path`, whatever is mounted there (Linux 5.12)."""
    attributes = _MountAttributes(attr_set=_MOUNT_ATTR_RDONLY)
    _syscall(
        _Number.MOUNT_SETATTR,
        _AT_FDCWD,
        os.fsencode(path),
        _AT_RECURSIVE,
        ctypes.byref(attributes),
        ctypes.c_size_t(ctypes.sizeof(attributes)),
        what=f"mount_setattr {path}",
    )


def set_process_name(name: str) -> None:
    """What ps and top call the process: up to 15 bytes."""
    _checked(_libc.prctl(_PR_SET_NAME, name.encode()[:_LONGEST_NAME], 0, 0, 0), "prctl")


def die_with_parent(signal_number: int) -> None:
    """Get a signal when the thread that forked this process ends."""
    _checked(_libc.prctl(_PR_SET_PDEATHSIG, signal_number, 0, 0, 0), "prctl")


def prctl(option: int, second: int, third: object) -> None:
    """prctl(2) with a pointer as its third argument."""
    _checked(_libc.prctl(option, ctypes.c_ulong(second), third, 0, 0), "prctl")


def _syscall(number: _Number, *arguments: object, what: str) -> int:
    return _checked(int(_libc.syscall(ctypes.c_long(number), *arguments)), what)


def _checked(result: int, what: str) -> int:
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, f"{what}: {os.strerror(error)}")
    return result
