import struct

import pytest

from lab.runtime.native.id_calls import AUDIT_NAMES, CALLS, filter_program

ALLOW, ANSWER_ZERO = 0x7FFF0000, 0x00050000
OTHERS = {"x86_64": (0, 59, 107, 261), "aarch64": (63, 221, 175, 53)}
"""read, execve, geteuid, and a neighbour of fchownat."""


def verdict(program: bytes, *, call: int, architecture: int) -> int:
    """What the kernel would do: classic BPF over struct seccomp_data (seccomp(2))."""
    data = struct.pack("II", call, architecture)
    instructions = list(struct.iter_unpack("HBBI", program))
    at, accumulator = 0, 0
    while True:
        operation, if_equal, if_not, operand = instructions[at]
        at += 1
        match operation:
            case 0x20:
                (accumulator,) = struct.unpack_from("I", data, operand)
            case 0x15:
                at += if_equal if accumulator == operand else if_not
            case 0x06:
                return int(operand)
            case _:
                raise AssertionError(f"no such instruction: {operation:#x}")


@pytest.mark.parametrize("architecture", sorted(CALLS))
def test_every_id_call_is_answered_and_nothing_else(architecture: str) -> None:
    program = filter_program(architecture)
    audit = AUDIT_NAMES[architecture]

    for call in CALLS[architecture]:
        assert verdict(program, call=call, architecture=audit) == ANSWER_ZERO
    for call in OTHERS[architecture]:
        assert verdict(program, call=call, architecture=audit) == ALLOW


@pytest.mark.parametrize("architecture", sorted(CALLS))
def test_numbers_of_another_architecture_are_left_alone(architecture: str) -> None:
    """A 32-bit program's numbers mean other calls."""
    program = filter_program(architecture)

    for call in CALLS[architecture]:
        assert verdict(program, call=call, architecture=0x40000003) == ALLOW
