"""Packets made and seen by hand: AF_PACKET and raw sockets in a place."""

import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import IPv4Address

from tests.kernel.hosts import Host

_ETH_P_ALL = 0x0003
_ETH_P_IP = 0x0800
_ETH_P_ARP = 0x0806
_OUTGOING = 4
_ICMP = 1
_UDP = 17
DEADLINE = 5.0
"""Seconds after which a packet that must come counts as lost."""


@dataclass(frozen=True, slots=True)
class Datagram:
    """A UDP packet as it was seen."""

    source: IPv4Address
    destination: IPv4Address
    ttl: int
    payload: bytes


@contextmanager
def capture(host: Host, place: str, link: str) -> Iterator["Capture"]:
    """Everything that comes in through a device, from now on."""
    with host.inside(place):
        raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(_ETH_P_ALL))
        raw.bind((link, _ETH_P_ALL))
    with raw:
        raw.settimeout(DEADLINE)
        yield Capture(raw)


class Capture:
    def __init__(self, raw: socket.socket) -> None:
        self._raw = raw

    def frames(self) -> Iterator[bytes]:
        """Incoming frames as they come; `TimeoutError` when none does for long."""
        while True:
            frame, address = self._raw.recvfrom(65536)
            if address[2] != _OUTGOING:
                yield frame

    def datagrams_until(self, payload: bytes) -> list[Datagram]:
        """UDP packets up to and including the one with that payload."""
        seen = []
        for frame in self.frames():
            datagram = parse_datagram(frame)
            if datagram is not None:
                seen.append(datagram)
                if datagram.payload == payload:
                    return seen
        raise AssertionError("unreachable")

    def icmp_types_until(self, payload: bytes) -> list[int]:
        """Types of the ICMP messages seen before the UDP packet with that payload."""
        seen = []
        for frame in self.frames():
            datagram = parse_datagram(frame)
            if datagram is not None and datagram.payload == payload:
                return seen
            if frame[12:14] == b"\x08\x00" and frame[23] == _ICMP:
                seen.append(frame[34])
        raise AssertionError("unreachable")


def parse_datagram(frame: bytes) -> Datagram | None:
    if frame[12:14] != _ETH_P_IP.to_bytes(2, "big") or frame[23] != _UDP:
        return None
    header = (frame[14] & 0x0F) * 4
    length = struct.unpack_from("!H", frame, 14 + header + 4)[0]
    payload = frame[14 + header + 8 : 14 + header + length]
    return Datagram(IPv4Address(frame[26:30]), IPv4Address(frame[30:34]), frame[22], payload)


def send(
    host: Host,
    place: str,
    *,
    source: IPv4Address,
    destination: IPv4Address,
    payload: bytes,
    ttl: int = 64,
    port: int = 40000,
) -> None:
    """Send a UDP packet with any source address."""
    udp = struct.pack("!HHHH", port, port, 8 + len(payload), 0) + payload
    header = struct.pack(
        "!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 0, 0, ttl, _UDP, 0, source.packed,
        destination.packed,
    )  # fmt: skip
    with (
        host.inside(place),
        socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW) as raw,
    ):
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        raw.sendto(header + udp, (str(destination), 0))


def arp_answers(
    host: Host, *, own: IPv4Address, mac: str, asked: list[IPv4Address]
) -> dict[IPv4Address, str]:
    """MAC addresses that the fabric answers with, until the last one asked is answered."""
    sender = bytes.fromhex(mac.replace(":", ""))
    header = b"\xff" * 6 + sender + _ETH_P_ARP.to_bytes(2, "big")
    with host.inside("node"):
        raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(_ETH_P_ARP))
        raw.bind(("eth0", _ETH_P_ARP))
    answers: dict[IPv4Address, str] = {}
    with raw:
        raw.settimeout(DEADLINE)
        for address in asked:
            question = struct.pack(
                "!HHBBH6s4s6s4s", 1, _ETH_P_IP, 6, 4, 1, sender, own.packed, bytes(6),
                address.packed,
            )  # fmt: skip
            raw.send(header + question)
        while asked[-1] not in answers:
            frame, origin = raw.recvfrom(2048)
            if origin[2] != _OUTGOING and frame[20:22] == b"\0\2":
                answers[IPv4Address(frame[28:32])] = frame[22:28].hex(":")
    return answers
