"""A capsule that lasts for one function call: to find out whether this machine allows one."""

import os
from collections.abc import Callable
from typing import NoReturn

from lab.runtime.native import filesystem
from lab.runtime.native.birth import program_paths
from lab.runtime.native.id_calls import answer_id_calls, single_user
from lab.runtime.native.identity import IdentityMap, identity_map, write_map
from lab.runtime.native.syscalls import CAPSULE, unshare

_WORKED, _REFUSED = b"+", b"-"


class NoCapsule(Exception):
    """The machine doesn't allow a capsule; the message is what it said."""


def inside_capsule(act: Callable[[], bytes]) -> bytes:
    """What `act` returns inside a capsule, made as a lab's and gone afterwards.

    Raises `NoCapsule`, also for whatever `act` raises.
    """
    identities = identity_map()
    answer, answered = os.pipe()
    go, let_go = os.pipe()
    process = os.fork()
    if process == 0:
        os.close(answer)
        os.close(let_go)
        _outside(act, identities, go=go, answered=answered)
    os.close(answered)
    os.close(go)
    with open(answer, "rb") as pipe:
        if pipe.read(1) == _WORKED and not identities.single:
            write_map(identities, process=process)
        os.close(let_go)
        said = pipe.read()
    os.waitpid(process, 0)
    if said[:1] != _WORKED:
        raise NoCapsule(said[1:].decode(errors="replace") or "no reason was given")
    return said[1:]


def _outside(
    act: Callable[[], bytes],
    identities: IdentityMap,
    *,
    go: int,
    answered: int,
) -> NoReturn:
    """In a child: as far as the first process of the new pid namespace, and wait for it."""
    try:
        unshare(CAPSULE)
        if identities.single:
            write_map(identities, process="self")
        os.write(answered, _WORKED)
        os.read(go, 1)  # the other end closes it when the map is written
        first = os.fork()
        if first == 0:
            _first(act, answered=answered)
        os.waitpid(first, 0)
    except OSError as refusal:
        os.write(answered, _REFUSED + _REFUSED + str(refusal).encode())
    finally:
        os._exit(0)


def _first(act: Callable[[], bytes], *, answered: int) -> NoReturn:
    try:
        filesystem.furnish(None, visible=program_paths())
        if single_user():
            answer_id_calls()
        os.write(answered, _WORKED + act())
    except BaseException as refusal:  # whatever it is, it is the answer
        os.write(answered, _REFUSED + str(refusal).encode())
    finally:
        os._exit(0)
