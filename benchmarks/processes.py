"""The processes of a native lab, as the machine's /proc shows them."""

import os
import re
import socket
import struct
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measurement import NotMeasured

PROC = Path("/proc")


@dataclass(frozen=True, slots=True, kw_only=True)
class LabProcess:
    """One process inside a capsule."""

    pid: int
    name: str
    """As the capsule named it; cut by the kernel to 15 bytes."""

    @property
    def proportional_set_size(self) -> float:
        """MiB; a page that n processes share counts 1/n."""
        rollup = (PROC / str(self.pid) / "smaps_rollup").read_text()
        found = re.search(r"^Pss:\s+(\d+) kB$", rollup, re.MULTILINE)
        if found is None:
            raise NotMeasured(f"process {self.pid} has no proportional set size")
        return int(found[1]) / 1024

    @property
    def processor_seconds(self) -> float:
        """Of all its threads that live, to the nanosecond."""
        tasks = (PROC / str(self.pid) / "task").iterdir()
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9


def processes_of(cloud_socket: str) -> list[LabProcess]:
    """Every process of the capsule whose cloud process listens there."""
    inside = _pid_namespace(listener(cloud_socket))
    if inside == _pid_namespace(os.getpid()):
        raise NotMeasured(f"who listens at {cloud_socket} is in no capsule")
    found = []
    for directory in PROC.glob("[0-9]*"):
        pid = int(directory.name)
        try:
            if _pid_namespace(pid) == inside:
                name = (directory / "comm").read_text().strip()
                found.append(LabProcess(pid=pid, name=name))
        except OSError:  # ended meanwhile, or somebody else's
            continue
    return found


def listener(path: str) -> int:
    """The process that listens at a unix socket."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(path)
        credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
    pid: int = struct.unpack("iII", credentials)[0]
    return pid


def _pid_namespace(pid: int) -> str:
    return str((PROC / str(pid) / "ns" / "pid").readlink())
