"""Sends datagrams from many nodes while a change is under way, and tells which were carried.

    python3 probe_stream.py SPECIFICATION

Runs in a capsule, whose network namespace is the spine between its hosts: what a
host's switch lets out is seen here as it passes, whether or not anybody receives
it. The kernel notes it in a ring in memory. SPECIFICATION is JSON: ``{"sources":
{NODE: [PIN, ADDRESS]}, "gateway": MAC, "destination": ADDRESS, "port": PORT, "flows":
BOOLEAN}``.

Who measures is to take little of the processors that are measured. So datagrams leave as
frames, by the node's network interface and not through its own rules, which nobody asks about;
and few are sent before something may be seen. After ``watch 1`` (or 0) each node sends one,
and ``watching`` is the answer. ``asked SECONDS`` says when (``time.monotonic``) somebody wanted
the datagrams of all to be carried (or dropped). A little before the last one should have
turned, by the times before, nodes begin to send in turn, in the order of the last time: the fewer
are left, the more closely each is watched. So nobody is seen to turn earlier than it did, and
what the hosts do until then they do undisturbed: afterwards, too, the program runs only while
nobody else wants its processor. One in each beat besides of those that have
turned, to see whether they fall back. ``seen`` ends that and is answered by one JSON object: by
node the pairs of the time at which a datagram was sent, and whether it was carried. The program
ends with its standard input.

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

LEAST, MOST = 4, 64
"""Datagrams in each: twice as many as were found to have turned in the one before."""

LEAD = 0.008
"""Seconds before the last one should have turned, by the first time."""

FEW, MANY = 0.05, 0.25
"""Parts of all nodes: between them is how many should have been asked before they had turned."""

STEP, PATIENCE = 0.001, 1
"""Seconds by which to begin sooner or later the next time. The step doubles each time when there
were too few so many times in a row."""

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
        self.interface.send(self.frame)
        # Not before: whoever is interrupted in between would have seen earlier than it did.
        self.sent[self.number] = time.monotonic()


class Rota:
    """Whose turn it is to send."""

    def __init__(self, sources: Iterable[Source], *, carried: bool) -> None:
        """`carried`: what is to become of the datagrams of all."""
        self._carried = carried
        self._waiting = deque(sorted(sources, key=lambda source: source.place))
        self._turned: deque[Source] = deque()
        self._asked: list[Source] = []
        self._known: list[Source] = []
        """Who has turned, in order."""
        self.latest = 0.0
        """When the last of those was asked that were found to have turned."""
        self.early: set[Source] = set()
        """Who was asked before it had turned."""

    def next(self) -> list[Source]:
        """The next ones: some who have not turned, and one who has."""
        known = len(self._known)
        for source in self._asked:
            self._put_back(source)
        pace = max(LEAST, min(MOST, 2 * (len(self._known) - known)))
        self._asked = [self._waiting.popleft() for _ in range(min(pace, len(self._waiting)))]
        if self._turned:
            self._asked.append(self._turned.popleft())
        return self._asked

    def hastens(self) -> bool:
        """Whether somebody has not been found to have turned, but all who were asked just now."""
        return bool(self._waiting) and all(map(self._has_turned, self._asked))

    def _has_turned(self, source: Source) -> bool:
        return (source.number in source.carried) is self._carried

    def _put_back(self, source: Source) -> None:
        if not self._has_turned(source):
            # Soon again: who turned later than this one the last time will do so now.
            self._waiting.insert(AGAIN, source)
            self.early.add(source)
            return
        self._turned.append(source)
        if source in self._known:
            return
        self.latest = source.sent[source.number]
        self._known.append(source)
        source.place = len(self._known)


class Schedule:
    """When to begin: so that most have turned, and a few have not."""

    def __init__(self) -> None:
        self.wait: float | None = None
        """Seconds after somebody wanted it; None: nothing is known yet."""
        self._late = 0
        """How many times in a row it was too late."""

    def learn(self, *, latest: float, early: float) -> None:
        """The last one took `latest` seconds; so large a part of all were asked too `early`."""
        self._late = self._late + 1 if early < FEW else 0
        if self.wait is None:
            self.wait = latest - LEAD
        elif self._late:
            self.wait -= STEP * 2 ** max(0, self._late - PATIENCE)
        elif early > MANY:
            self.wait += STEP
        self.wait = max(0.0, self.wait)


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


def give_way(processor: int) -> None:
    """Have a processor of this one's own, for as long as nobody else wants it.

    Who measures would take as much of it as who is measured.
    """
    os.sched_setaffinity(0, {processor})
    os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))


def main() -> None:
    wanted = json.loads(sys.argv[1])
    give_way(wanted["processor"])
    destination = socket.inet_aton(wanted["destination"])
    gateway = bytes.fromhex(wanted["gateway"].replace(":", ""))
    spine = Spine()
    sources = {}
    for name, (pin, address) in wanted["sources"].items():
        own, interface = socket.inet_aton(address), inside(pin)
        frame = frame_of(interface, gateway, own, destination, wanted["port"])
        sources[name] = Source(own, interface, frame, wanted["flows"])
    by_address = {source.address: source for source in sources.values()}
    schedule = Schedule()
    print("ready", flush=True)
    for line in iter(sys.stdin.readline, ""):
        match line.split():
            case "watch", what:
                carried = what == "1"
                begin(spine, by_address, destination)
                print("watching", flush=True)
            case "asked", seconds:
                since = float(seconds)
                rota = Rota(sources.values(), carried=carried)
                began = since + (schedule.wait or 0.0)
                watch(spine, by_address, destination, rota, began=began)
                schedule.learn(latest=rota.latest - since, early=len(rota.early) / len(sources))
            case ["seen"]:
                note(spine, by_address, destination)
                print(json.dumps(seen(sources)), flush=True)


def begin(spine: Spine, sources: dict[bytes, Source], destination: bytes) -> None:
    """Forget what was, and have each node send one."""
    # What has passed meanwhile is nobody's business.
    note(spine, sources, destination)
    for source in sources.values():
        source.forget()
        source.send()
    note(spine, sources, destination)


def watch(
    spine: Spine,
    sources: dict[bytes, Source],
    destination: bytes,
    rota: Rota,
    *,
    began: float,
) -> None:
    """Have nodes send from `began` on (``time.monotonic``), until there is something to be read."""
    due = began
    while not select.select([sys.stdin], [], [], max(0.0, due - time.monotonic()))[0]:
        for source in rota.next():
            source.send()
        note(spine, sources, destination)
        # Where all have turned there is nothing to wait for but to ask the others.
        due = time.monotonic() if rota.hastens() else max(due + BEAT, time.monotonic())


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
