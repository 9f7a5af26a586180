"""What of the machine a lab must leave as it was, as one comparable value."""

import os
import subprocess
from dataclasses import dataclass, fields
from pathlib import Path

COUNTERS = frozenset(
    {
        "net/netfilter/nf_conntrack_count",
        "net/ipv4/tcp_mem",
        "net/ipv4/udp_mem",
        "net/ipv4/tcp_fastopen_key",
    }
)
"""Below /proc/sys/net, but readings of the kernel rather than settings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """The machine's own network namespace, mounts and cgroups."""

    links: str
    addresses: str
    routes: str
    rules: str
    neighbours: str
    nftables: str
    sysctls: tuple[tuple[str, str], ...]
    mounts: str
    cgroups: tuple[str, ...]

    def differences(self, other: "Machine") -> list[str]:
        """Names of what changed, with both values."""
        return [
            f"{field.name}: {getattr(self, field.name)!r} became {getattr(other, field.name)!r}"
            for field in fields(self)
            if getattr(self, field.name) != getattr(other, field.name)
        ]


def printed(*command: str) -> str:
    """What `command` printed, or why it may not be run."""
    # Debian hides nft from an ordinary user's PATH.
    path = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
    done = subprocess.run(
        command,
        env=os.environ | {"PATH": path},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.stdout + done.stderr


def sysctls() -> tuple[tuple[str, str], ...]:
    root = Path("/proc/sys")
    found = []
    for path in sorted(root.glob("net/**/*")):
        name = str(path.relative_to(root))
        if name in COUNTERS or not path.is_file():
            continue
        try:
            found.append((name, path.read_text()))
        except OSError as error:
            found.append((name, os.strerror(error.errno or 0)))
    return tuple(found)


def namespaces(*, of: str = "") -> frozenset[str]:
    """Namespaces of every process whose command line contains `of`, as far as may be seen.

    A process that has ended and waits to be reaped holds nothing, whatever it shows.
    """
    found: set[str] = set()
    for directory in Path("/proc").glob("[0-9]*"):
        try:
            ended = (directory / "stat").read_text().rpartition(")")[2].split()[0] == "Z"
            if (
                not ended
                and of in (directory / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            ):
                found |= {os.readlink(path) for path in (directory / "ns").iterdir()}
        except OSError:  # ended meanwhile, or somebody else's
            continue
    return frozenset(found)


def observe() -> Machine:
    """The machine as it is now."""
    return Machine(
        links=printed("ip", "-d", "link"),
        addresses=printed("ip", "-o", "-4", "addr"),
        routes=printed("ip", "route", "show", "table", "all"),
        rules=printed("ip", "rule"),
        neighbours=printed("ip", "neigh", "show", "nud", "permanent"),
        nftables=printed("nft", "list", "ruleset"),
        sysctls=sysctls(),
        mounts=Path("/proc/self/mounts").read_text(),
        cgroups=tuple(sorted(str(path) for path in Path("/sys/fs/cgroup").glob("*/**/"))),
    )
