"""Answers to the calls that change user or group, where there is only one user.

A user namespace with a single id makes the kernel refuse to change ids or
groups, which tcpdump, haproxy and others insist on before they work. A seccomp
filter answers "done" instead; there being nobody else, nothing is lost.

Imports little, as it stands between a person and every command.
"""

import ctypes
import errno
import os
import struct

from lab.runtime.native.syscalls import prctl

_PR_SET_SECCOMP = 22
_SECCOMP_MODE_FILTER = 2
_LOAD_WORD, _JUMP_IF_EQUAL, _RETURN = 0x20, 0x15, 0x06
_ALLOW, _ANSWER_ZERO = 0x7FFF0000, 0x00050000
_OFFSET_NUMBER, _OFFSET_ARCHITECTURE = 0, 4

AUDIT_NAMES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
"""How seccomp names an architecture: AUDIT_ARCH_… of linux/audit.h."""

CALLS = {
    "x86_64": (105, 106, 113, 114, 116, 117, 119, 122, 123, 92, 93, 94, 260),
    "aarch64": (146, 144, 145, 143, 159, 147, 149, 151, 152, 55, 54),
}
"""Numbers of setuid, setgid, setreuid, setregid, setgroups, setresuid, setresgid,
setfsuid, setfsgid, chown, fchown, lchown, fchownat, as far as an architecture has them."""


def filter_program(architecture: str) -> bytes:
    """The filter as classic BPF: zero for the architecture's `CALLS`, anything else as ever."""
    calls = CALLS[architecture]
    program = [
        (_LOAD_WORD, 0, 0, _OFFSET_ARCHITECTURE),
        (_JUMP_IF_EQUAL, 1, 0, AUDIT_NAMES[architecture]),
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

    On an architecture without known numbers, or a kernel without filters, nothing
    happens: tools that change their ids then fail there, and say so.
    """
    architecture = os.uname().machine
    if architecture not in CALLS:
        return
    program = filter_program(architecture)
    buffer = ctypes.create_string_buffer(program, len(program))
    described = _Program(len(program) // 8, ctypes.addressof(buffer))
    try:
        prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(described))
    except OSError as refusal:
        if refusal.errno != errno.EINVAL:
            raise


def single_user() -> bool:
    """Whether the user namespace of this process knows one user only."""
    with open("/proc/self/uid_map") as mapping:
        return sum(int(line.split()[2]) for line in mapping) == 1
