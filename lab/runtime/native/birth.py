"""From a plain process to the first one of a capsule.

Run as a program by `lab.runtime.native.launch`, which stays at the other end of a
socket until the lab can be talked to. Should it go away before, so does this:
both ends write lines, and the end of the stream is an answer, too.
"""

import os
import socket
import sys
from contextlib import suppress
from pathlib import Path

from lab.runtime.native.identity import IdentityMap, identity_map, write_map
from lab.runtime.native.syscalls import CAPSULE, unshare
from lab.runtime.provider import StartFailed


def main(state_directory: Path, lab_name: str, starter: socket.socket) -> None:
    """Make the namespaces of a capsule and become its first process."""
    os.umask(0o022)
    identities = identity_map()  # inside the new namespace it couldn't be told any more
    try:
        unshare(CAPSULE)
        _take_identity(identities, starter)
    except OSError as refusal:
        _tell(starter, f"unfit {refusal}")
        sys.exit(1)
    # A new pid namespace begins with the next child; nobody waits for this process.
    if os.fork():
        os._exit(0)
    os.setsid()
    _live(state_directory, lab_name, starter)


def _take_identity(identities: IdentityMap, starter: socket.socket) -> None:
    if identities.single:
        write_map(identities, process="self")
        return
    starter.sendall(b"unshared\n")
    if not starter.recv(1):
        sys.exit(1)


def _live(state_directory: Path, lab_name: str, starter: socket.socket) -> None:
    try:
        # Not before it is certain that there may be a capsule: it takes a while.
        from lab.runtime.native import init  # noqa: PLC0415

        init.run(
            state_directory=state_directory,
            lab_name=lab_name,
            visible=program_paths(),
            starter=starter,
        )
    except PermissionError as refusal:
        _tell(starter, f"unfit {refusal}")
        raise
    except StartFailed as problem:
        _tell(starter, f"failed {problem}")
        sys.exit(1)
    except Exception as problem:
        _tell(starter, f"failed {problem}")
        raise


def _tell(starter: socket.socket, line: str) -> None:
    """Let the person who waits know; once the lab is up, nobody waits any more."""
    with suppress(OSError):
        starter.sendall(f"{line}\n".encode())


def program_paths() -> list[Path]:
    """Directories that Python and this program are loaded from."""
    return [Path(path) for path in {sys.prefix, sys.base_prefix, *sys.path} if os.path.isdir(path)]


if __name__ == "__main__":
    main(
        Path(sys.argv[1]),
        sys.argv[2],
        socket.socket(fileno=int(sys.argv[3])),
    )
