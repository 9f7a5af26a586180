"""Sends datagrams from many nodes while a change is under way, and tells which were carried.

    python3 probe_stream.py SPECIFICATION

Runs in a capsule, whose network namespace is the spine between its hosts: what a
host's switch lets out is seen here as it passes, whether or not anybody receives
it. The kernel notes it in a ring in memory. SPECIFICATION is JSON: ``{"sources":
{NODE: [PIN, ADDRESS]}, "gateway": MAC, "destination": ADDRESS, "port": PORT, "flows":
BOOLEAN}``.

Who measures is to take little of the processors that are measured. So datagrams leave as
frames, by the node's network interface and not through its own rules, which nobody asks about;
and nothing is sent but between two lines on standard input. After ``watch 1`` (or 0) nodes
send in turn, a few until it is seen that the datagrams of one of them are carried (or
dropped), and then more of those where they are not yet, in the order of the last time: the
fewer are left, the more closely each is watched. One in each beat besides of those where
they are, to see whether they fall back. ``watching`` is the answer, once every node has
sent one. ``seen`` ends that and is answered by one JSON object: by node the pairs of the
time at which a datagram was sent (``time.monotonic``), and whether it was carried. The
program ends with its standard input.

With `flows` every datagram is a flow of its own, so that rules are asked about each anew.
Routes are asked about every datagram anyway, and connection tracking costs more than all else
of sending one: without, those of a node are one flow.
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
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

CLONE_NEWNET = 0x40000000
ETH_P_IP = 0x0800
UDP = 17
INNER = 14 + 20 + 8 + 8
"""Ethernet, IPv4, UDP and VXLAN-GPE in front of what a guest sent."""

FIRST_PORT, PORTS = 20000, 40000
"""Source ports in turn: none comes again before connection tracking has forgotten it."""

BEAT = 0.0005
"""Seconds from one wakening to the next."""

BEFORE = 2
"""Datagrams in each, before the first host has turned."""

AFTERWARDS, LAP = 4, 12
"""At least so many in each from then on, and all within so many beats."""

AGAIN = 8
"""How many others are asked before one who has not turned."""

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

INTERFACE = "eth0"
"""Of a node."""

NUMBER, PORT = struct.Struct("!Q"), struct.Struct("!H")
UDP_HEADER = 14 + 20
PAYLOAD = UDP_HEADER + 8
"""Where they are in a frame."""


@dataclass(eq=False)
class Source:
    """A node that sends."""

    address: bytes
    interface: socket.socket
    frame: bytearray
    flows: bool
    number: int = 0
    """Of its last datagram."""
    place: int = 0
    """The how-manieth it was to turn the last time."""
    sent: dict[int, float] = field(default_factory=dict)
    """When, of all datagrams since the watch began."""
    carried: set[int] = field(default_factory=set)

    def forget(self) -> None:
        self.sent.clear()
        self.carried.clear()

    def send(self) -> None:
        self.number += 1
        if self.flows:
            PORT.pack_into(self.frame, UDP_HEADER, FIRST_PORT + self.number % PORTS)
        NUMBER.pack_into(self.frame, PAYLOAD, self.number)
        self.sent[self.number] = time.monotonic()
        self.interface.send(self.frame)


class Rota:
    """Whose turn it is to send."""

    def __init__(self, sources: Iterable[Source], *, carried: bool) -> None:
        """`carried`: what is to become of the datagrams of all."""
        self._carried = carried
        self._waiting = deque(sources)
        self._turned: deque[Source] = deque()
        self._afterwards = max(AFTERWARDS, len(self._waiting) // LAP)
        self._asked: list[Source] = []
        self._known: list[Source] = []
        """Who has turned, in order."""

    def next(self) -> list[Source]:
        """The next ones: some who have not turned, and one who has."""
        for source in self._asked:
            self._put_back(source)
        most = self._afterwards if self._known else BEFORE
        self._asked = [self._waiting.popleft() for _ in range(min(most, len(self._waiting)))]
        if self._turned:
            self._asked.append(self._turned.popleft())
        return self._asked

    def _put_back(self, source: Source) -> None:
        if (source.number in source.carried) is not self._carried:
            # Soon again: who turned later than this one the last time will do so now.
            self._waiting.insert(AGAIN if self._known else len(self._waiting), source)
            return
        self._turned.append(source)
        if source in self._known:
            return
        if not self._known:
            self._waiting = deque(sorted(self._waiting, key=lambda source: source.place))
        self._known.append(source)
        source.place = len(self._known)


def inside(pin: str) -> socket.socket:
    """What sends frames by the network interface of the node whose namespace is at `pin`."""
    libc = ctypes.CDLL(None, use_errno=True)
    home = os.open("/proc/self/ns/net", os.O_RDONLY)
    there = os.open(pin, os.O_RDONLY)
    try:
        if libc.setns(there, CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), f"setns {pin}")
        sender = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        sender.bind((INTERFACE, 0))
        return sender
    finally:
        libc.setns(home, CLONE_NEWNET)
        os.close(there)
        os.close(home)


def frame_of(
    interface: socket.socket, gateway: bytes, address: bytes, destination: bytes, port: int
) -> bytearray:
    """A datagram on its way to the gateway; its source port and its number are still to be put in.

    Its UDP header has no checksum, as IPv4 allows.
    """
    length = 8 + NUMBER.size
    ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + length, 0, 0, 64, UDP, 0, address, destination)
    words = sum(struct.unpack("!10H", ip))
    words = (words & 0xFFFF) + (words >> 16)
    words = (words & 0xFFFF) + (words >> 16)
    ip = ip[:10] + struct.pack("!H", words ^ 0xFFFF) + ip[12:]
    udp = struct.pack("!HHHH", FIRST_PORT, port, length, 0)
    ethernet = gateway + interface.getsockname()[4] + struct.pack("!H", ETH_P_IP)
    return bytearray(ethernet + ip + udp + bytes(NUMBER.size))


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
    destination = socket.inet_aton(wanted["destination"])
    gateway = bytes.fromhex(wanted["gateway"].replace(":", ""))
    spine = Spine()
    sources = {}
    for name, (pin, address) in wanted["sources"].items():
        own, interface = socket.inet_aton(address), inside(pin)
        frame = frame_of(interface, gateway, own, destination, wanted["port"])
        sources[name] = Source(own, interface, frame, wanted["flows"])
    by_address = {source.address: source for source in sources.values()}
    print("ready", flush=True)
    for line in iter(sys.stdin.readline, ""):
        match line.split():
            case "watch", carried:
                watch(spine, by_address, destination, carried=carried == "1")
            case ["seen"]:
                note(spine, by_address, destination)
                print(json.dumps(seen(sources)), flush=True)


def watch(spine: Spine, sources: dict[bytes, Source], destination: bytes, *, carried: bool) -> None:
    """Have nodes send until there is something to be read; says so once all have been asked."""
    # What has passed meanwhile is nobody's business.
    note(spine, sources, destination)
    for source in sources.values():
        source.forget()
    rota = Rota(sources.values(), carried=carried)
    beats = -(-len(sources) // BEFORE)
    due = time.monotonic()
    while not select.select([sys.stdin], [], [], max(0.0, due - time.monotonic()))[0]:
        note(spine, sources, destination)
        for source in rota.next():
            source.send()
        beats -= 1
        if beats == 0:
            print("watching", flush=True)
        due = max(due + BEAT, time.monotonic())


def note(spine: Spine, sources: dict[bytes, Source], destination: bytes) -> None:
    """Note which probes were carried."""
    for frame in spine.read():
        inner = frame[INNER:]
        if inner[16:20] == destination and (source := sources.get(inner[12:16])):
            source.carried.add(NUMBER.unpack_from(inner, 28)[0])


def seen(sources: dict[str, Source]) -> dict[str, list[tuple[float, bool]]]:
    end = time.monotonic() - UNDER_WAY
    return {
        name: [
            (sent, number in source.carried) for number, sent in source.sent.items() if sent < end
        ]
        for name, source in sources.items()
    }


if __name__ == "__main__":
    main()
