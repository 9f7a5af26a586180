"""User and group ids in a capsule: the map of its user namespace.

Whoever may map many ids (root) keeps them all: inside, every id means what it
means outside. An ordinary user may map one id without help: inside it is root,
and there is nobody else.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from lab.runtime.native.id_calls import single_user

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
