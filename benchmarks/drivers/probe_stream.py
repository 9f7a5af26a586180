"""Sends datagrams from many nodes at a fixed pace and tells which of them the fabric carried.

    python3 probe_stream.py SPECIFICATION

Runs in a capsule, whose network namespace is the spine between its hosts: what a
host's switch lets out is seen here as it passes, whether or not anybody receives
it. The kernel notes it in a ring in memory, which is read when somebody asks: who
measures is to take little of the processors that are measured. SPECIFICATION is
JSON: ``{"sources": {NODE: [PIN, ADDRESS]}, "destination": ADDRESS, "port": PORT,
"interval": SECONDS, "flows": BOOLEAN}``.

With `flows` every datagram is a flow of its own, so that rules are asked about each anew.
Routes are asked about every datagram anyway, and connection tracking costs more than all else
of sending one: without, those of a node are one flow. A line with
a time on standard input (``time.monotonic``) is answered by one JSON object: by
node the pairs of the time at which a datagram was sent since, and whether it was
carried. Ends with its standard input.
"""

import ctypes
import json
import mmap
import os
import select
import socket
import struct
import sys
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

CLONE_NEWNET = 0x40000000
ETH_P_IP = 0x0800
UDP = 17
INNER = 14 + 20 + 8 + 8
"""Ethernet, IPv4, UDP and VXLAN-GPE in front of what a guest sent."""

FIRST_PORT, PORTS = 20000, 40000
"""Source ports in turn: none comes again before connection tracking has forgotten it."""

KEPT = 20000
"""Probes of each node that can be asked about."""

UNDER_WAY = 0.1
"""Seconds in which a probe may not have been seen yet, on a busy machine."""

SOL_PACKET = 263
PACKET_RX_RING, PACKET_STATISTICS, PACKET_VERSION, PACKET_IGNORE_OUTGOING = 5, 6, 10, 23
TPACKET_V2 = 1
TP_STATUS_KERNEL = 0
RING = struct.Struct("=IIII")
"""Bytes of a block, blocks, bytes of a frame, frames."""
FRAME_HEADER = struct.Struct("=IIIH")
"""The beginning of struct tpacket2_hdr: whose the frame is, its length, how much of it is
here, and where."""
FRAME_BYTES, BLOCK_BYTES, BLOCKS = 256, 1 << 16, 256
STATISTICS = struct.Struct("=II")
"""Frames that the socket was offered, and those of them that it had no room for."""

NUMBER = struct.Struct("!Q")


@dataclass
class Source:
    """A node that sends."""

    address: bytes
    raw: socket.socket
    header: bytearray
    flows: bool
    sent: deque[tuple[int, float]] = field(default_factory=lambda: deque(maxlen=KEPT))
    carried: deque[int] = field(default_factory=lambda: deque(maxlen=KEPT))

    def send(self, number: int, destination: str) -> None:
        if self.flows:
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
    udp = struct.pack("!HHHH", FIRST_PORT, port, length, 0)
    return bytearray(ip + udp + bytes(NUMBER.size))


class Spine:
    """What passes between hosts, from the time at which this is made."""

    frames = BLOCKS * BLOCK_BYTES // FRAME_BYTES

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_IP))
        self._socket.setsockopt(SOL_PACKET, PACKET_VERSION, TPACKET_V2)
        # A frame passes here twice: once is enough.
        self._socket.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
        ring = RING.pack(BLOCK_BYTES, BLOCKS, FRAME_BYTES, self.frames)
        self._socket.setsockopt(SOL_PACKET, PACKET_RX_RING, ring)
        self._ring = mmap.mmap(self._socket.fileno(), BLOCKS * BLOCK_BYTES)
        self._next = 0

    def read(self) -> Iterator[bytes]:
        """All frames since the last time; ends the program when one was not seen."""
        while True:
            at = self._next * FRAME_BYTES
            status, _, length, begin = FRAME_HEADER.unpack_from(self._ring, at)
            if status == TP_STATUS_KERNEL:
                break
            yield self._ring[at + begin : at + begin + length]
            self._ring[at : at + 4] = bytes(4)
            self._next = (self._next + 1) % self.frames
        _, dropped = STATISTICS.unpack(
            self._socket.getsockopt(SOL_PACKET, PACKET_STATISTICS, STATISTICS.size)
        )
        if dropped:
            sys.exit(f"{dropped} frames were not seen: no telling which probes were carried")


def main() -> None:
    wanted = json.loads(sys.argv[1])
    destination, port, interval = wanted["destination"], wanted["port"], wanted["interval"]
    packed = socket.inet_aton(destination)
    spine = Spine()
    sources = {}
    for name, (pin, address) in wanted["sources"].items():
        own = socket.inet_aton(address)
        sources[name] = Source(own, inside(pin), header_of(own, packed, port), wanted["flows"])
    by_address = {source.address: source for source in sources.values()}
    before_full = spine.frames // (4 * len(sources))
    """Rounds of probes; what else passes is less than what these make."""
    due = time.monotonic()
    number = 0
    print("ready", flush=True)
    while True:
        number += 1
        for source in sources.values():
            source.send(number, destination)
        if number % before_full == 0:
            note(spine, by_address, packed)
        due += interval
        if select.select([sys.stdin], [], [], max(0.0, due - time.monotonic()))[0]:
            line = sys.stdin.readline()
            if not line:
                return
            note(spine, by_address, packed)
            print(json.dumps(since(float(line), sources)), flush=True)
            due = time.monotonic()


def note(spine: Spine, sources: dict[bytes, Source], destination: bytes) -> None:
    """Note which probes were carried."""
    for frame in spine.read():
        inner = frame[INNER:]
        if inner[16:20] == destination and (source := sources.get(inner[12:16])):
            source.carried.append(NUMBER.unpack_from(inner, 28)[0])


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
