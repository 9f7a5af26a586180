"""Sends datagrams from many nodes at a fixed pace and tells which of them the fabric carried.

    python3 probe_stream.py SPECIFICATION

Runs in a capsule, whose network namespace is the spine between its hosts: what a
host's switch lets out is seen here as it passes, whether or not anybody receives
it. SPECIFICATION is JSON: ``{"sources": {NODE: [PIN, ADDRESS]}, "destination":
ADDRESS, "port": PORT, "interval": SECONDS}``.

Every datagram is a flow of its own, so that each is asked about anew. A line with
a time on standard input (``time.monotonic``) is answered by one JSON object: by
node the pairs of the time at which a datagram was sent since, and whether it was
carried. Ends with its standard input.
"""

import ctypes
import json
import os
import select
import socket
import struct
import sys
import time
from collections import deque
from dataclasses import dataclass, field

CLONE_NEWNET = 0x40000000
ETH_P_IP = 0x0800
OUTGOING = 4
UDP = 17
INNER = 14 + 20 + 8 + 8
"""Ethernet, IPv4, UDP and VXLAN-GPE in front of what a guest sent."""

FIRST_PORT, PORTS = 20000, 40000
"""Source ports in turn: none comes again before connection tracking has forgotten it."""

KEPT = 20000
"""Probes of each node that can be asked about."""

UNDER_WAY = 0.1
"""Seconds in which a probe may not have been seen yet, on a busy machine."""

SOL_PACKET, PACKET_STATISTICS = 263, 6
STATISTICS = struct.Struct("=II")
"""Frames that the socket was offered, and those of them that it had no room for."""

NUMBER = struct.Struct("!Q")


@dataclass
class Source:
    """A node that sends."""

    address: bytes
    raw: socket.socket
    header: bytearray
    sent: deque[tuple[int, float]] = field(default_factory=lambda: deque(maxlen=KEPT))
    carried: deque[int] = field(default_factory=lambda: deque(maxlen=KEPT))

    def send(self, number: int, destination: str) -> None:
        struct.pack_into("!H", self.header, 20, FIRST_PORT + number % PORTS)
        NUMBER.pack_into(self.header, 28, number)
        self.sent.append((number, time.monotonic()))
        self.raw.sendto(self.header, (destination, 0))


def inside(pin: str) -> socket.socket:
    """A raw socket of the namespace at `pin`."""
    libc = ctypes.CDLL(None, use_errno=True)
    home = os.open("/proc/self/ns/net", os.O_RDONLY)
    there = os.open(pin, os.O_RDONLY)
    try:
        if libc.setns(there, CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), f"setns {pin}")
        return socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    finally:
        libc.setns(home, CLONE_NEWNET)
        os.close(there)
        os.close(home)


def header_of(address: bytes, destination: bytes, port: int) -> bytearray:
    length = 8 + NUMBER.size
    ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + length, 0, 0, 64, UDP, 0, address, destination)
    return bytearray(ip + struct.pack("!HHHH", 0, port, length, 0) + bytes(NUMBER.size))


def main() -> None:
    wanted = json.loads(sys.argv[1])
    destination, port = wanted["destination"], wanted["port"]
    packed = socket.inet_aton(destination)
    spine = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_IP))
    spine.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
    spine.setblocking(False)
    sources = {}
    for name, (pin, address) in wanted["sources"].items():
        own = socket.inet_aton(address)
        sources[name] = Source(own, inside(pin), header_of(own, packed, port))
    by_address = {source.address: source for source in sources.values()}
    pace = wanted["interval"] / len(sources)
    due = time.monotonic()
    number = 0
    print("ready", flush=True)
    while True:
        number += 1
        for source in sources.values():
            source.send(number, destination)
            due += pace
            listen(spine, by_address, packed, until=due)
        if select.select([sys.stdin], [], [], 0)[0]:
            line = sys.stdin.readline()
            if not line:
                return
            statistics = spine.getsockopt(SOL_PACKET, PACKET_STATISTICS, STATISTICS.size)
            _, dropped = STATISTICS.unpack(statistics)
            if dropped:
                sys.exit(f"{dropped} frames were not seen: no telling which probes were carried")
            print(json.dumps(since(float(line), sources)), flush=True)
            due = time.monotonic()


def listen(
    spine: socket.socket, sources: dict[bytes, Source], destination: bytes, *, until: float
) -> None:
    """Note what is carried, until it is time for the next probe."""
    while True:
        while True:
            try:
                frame, origin = spine.recvfrom(256)
            except BlockingIOError:
                break
            inner = frame[INNER:]
            if origin[2] == OUTGOING or inner[16:20] != destination:
                continue
            if source := sources.get(inner[12:16]):
                source.carried.append(NUMBER.unpack_from(inner, 28)[0])
        left = until - time.monotonic()
        if left <= 0:
            return
        select.select([spine], [], [], left)


def since(start: float, sources: dict[str, Source]) -> dict[str, list[tuple[float, bool]]]:
    answer = {}
    end = time.monotonic() - UNDER_WAY
    for name, source in sources.items():
        carried = set(source.carried)
        answer[name] = [
            (sent, number in carried) for number, sent in source.sent if start <= sent < end
        ]
    return answer


if __name__ == "__main__":
    main()
