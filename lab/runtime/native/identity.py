"""User ids in a capsule: its map, and what answers calls that the map would refuse.

Whoever may map many ids (root) keeps them all: inside, every id means what it
means outside. An ordinary user may map one id without help: inside it is root,
and there is nobody else. The kernel then refuses to change ids or groups, which
tcpdump, haproxy and others insist on before they work. A seccomp filter answers
"done" to these calls instead; there being nobody else, nothing is lost.
"""

import ctypes
import os
import platform
import struct
from dataclasses import dataclass
from pathlib import Path

from lab.runtime.native.syscalls import prctl

_PR_SET_SECCOMP = 22
_SECCOMP_MODE_FILTER = 2
_LOAD_WORD, _JUMP_IF_EQUAL, _RETURN = 0x20, 0x15, 0x06
_ALLOW, _ANSWER_ZERO = 0x7FFF0000, 0x00050000
_OFFSET_NUMBER, _OFFSET_ARCHITECTURE = 0, 4
_CAP_SETUID = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityMap:
    """Contents of a new user namespace's map files (user_namespaces(7))."""

    users: str
    groups: str

    @property
    def single(self) -> bool:
        """Whether there is only one user inside."""
        lines = self.users.splitlines()
        return len(lines) == 1 and lines[0].split()[2] == "1"


def identity_map() -> IdentityMap:
    """The widest map that this process can give to a namespace it makes."""
    if _may_map_others():
        return IdentityMap(
            users=_as_it_is(Path("/proc/self/uid_map").read_text()),
            groups=_as_it_is(Path("/proc/self/gid_map").read_text()),
        )
    return IdentityMap(users=f"0 {os.geteuid()} 1\n", groups=f"0 {os.getegid()} 1\n")


def write_map(identities: IdentityMap, *, process: int | str) -> None:
    """Give the map to the user namespace of a process.

    A map of many ids has to come from outside, by whoever may map them; a single
    one the process writes itself, after it has given up on groups.
    """
    directory = Path(f"/proc/{process}")
    if identities.single:
        (directory / "setgroups").write_text("deny")
    (directory / "uid_map").write_text(identities.users)
    (directory / "gid_map").write_text(identities.groups)


def _may_map_others() -> bool:
    """root with CAP_SETUID over more than itself; a container's root may lack either."""
    if os.geteuid() != 0 or single_user():
        return False
    effective = next(
        int(line.split()[1], 16)
        for line in Path("/proc/self/status").read_text().splitlines()
        if line.startswith("CapEff:")
    )
    return bool(effective & (1 << _CAP_SETUID))


def _ids(mapping: str) -> list[tuple[int, int]]:
    """First id inside, and how many, of each line."""
    lines = (line.split() for line in mapping.splitlines())
    return [(int(inside), int(count)) for inside, _, count in lines]


def _as_it_is(mapping: str) -> str:
    """A map under which every id of this namespace stays what it is."""
    return "".join(f"{first} {first} {count}\n" for first, count in _ids(mapping))


@dataclass(frozen=True, slots=True, kw_only=True)
class Architecture:
    """How seccomp names an architecture, and its numbers of the calls that change ids."""

    audit: int
    """AUDIT_ARCH_… of linux/audit.h."""
    calls: tuple[int, ...]
    """setuid, setgid, setreuid, setregid, setgroups, setresuid, setresgid, setfsuid,
    setfsgid, chown, fchown, lchown, fchownat, as far as the architecture has them."""


ARCHITECTURES = {
    "x86_64": Architecture(
        audit=0xC000003E,
        calls=(105, 106, 113, 114, 116, 117, 119, 122, 123, 92, 93, 94, 260),
    ),
    "aarch64": Architecture(
        audit=0xC00000B7,
        calls=(146, 144, 145, 143, 159, 147, 149, 151, 152, 55, 54),
    ),
}


def filter_program(architecture: Architecture) -> bytes:
    """The filter as classic BPF: zero for `architecture.calls`, anything else as ever."""
    calls = architecture.calls
    program = [
        (_LOAD_WORD, 0, 0, _OFFSET_ARCHITECTURE),
        (_JUMP_IF_EQUAL, 1, 0, architecture.audit),
        (_RETURN, 0, 0, _ALLOW),
        (_LOAD_WORD, 0, 0, _OFFSET_NUMBER),
        *((_JUMP_IF_EQUAL, len(calls) - at, 0, call) for at, call in enumerate(calls)),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _ANSWER_ZERO),
    ]
    return b"".join(struct.pack("HBBI", *instruction) for instruction in program)


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_void_p))


def answer_id_calls() -> None:
    """Install the filter for this process and all that it starts. Needs root inside.

    On an architecture without known numbers nothing happens: tools that change
    their ids then fail there, and say so.
    """
    architecture = ARCHITECTURES.get(platform.machine())
    if architecture is None:
        return
    program = filter_program(architecture)
    buffer = ctypes.create_string_buffer(program, len(program))
    described = _Program(len(program) // 8, ctypes.addressof(buffer))
    prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(described))


def single_user() -> bool:
    """Whether the user namespace of this process knows one user only."""
    return sum(count for _, count in _ids(Path("/proc/self/uid_map").read_text())) == 1
