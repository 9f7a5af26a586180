"""Listens to everything that changes in a namespace: the proof that nothing was written."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from tests.kernel.hosts import Host

_NETFILTER = 12
_ADD_MEMBERSHIP = 1
_SOL_NETLINK = 270
_NFNLGRP_NFTABLES = 7

# link, notify, neigh, tc, IPv4 and IPv6 addresses and routes, rules, nexthops
_ROUTE_GROUPS = (1, 2, 3, 4, 5, 7, 8, 9, 11, 18, 19, 32)

_NEW_NEIGHBOUR = 28
_DELETE_NEIGHBOUR = 29
_PERMANENT = 0x80


@dataclass(frozen=True, slots=True)
class Listener:
    """What was heard in a namespace."""

    place: str
    socket: socket.socket

    def heard(self) -> list[int]:
        """Types of all notifications so far, but for neighbours that the kernel learns."""
        types = []
        while True:
            try:
                data = self.socket.recv(1 << 16, socket.MSG_DONTWAIT)
            except BlockingIOError:
                return types
            kind = int.from_bytes(data[4:6], "little")
            learned = not int.from_bytes(data[24:26], "little") & _PERMANENT
            if kind not in (_NEW_NEIGHBOUR, _DELETE_NEIGHBOUR) or not learned:
                types.append(kind)


@contextmanager
def listening(host: Host, *places: str) -> Iterator[list[Listener]]:
    """Listen to links, addresses, routes, rules, nexthops, neighbours and packet filters."""
    with ExitStack() as stack:
        listeners = []
        for place in places:
            for family, groups in ((0, _ROUTE_GROUPS), (_NETFILTER, (_NFNLGRP_NFTABLES,))):
                with host.inside(place):
                    netlink = stack.enter_context(
                        socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, family)
                    )
                netlink.bind((0, 0))
                for group in groups:
                    netlink.setsockopt(_SOL_NETLINK, _ADD_MEMBERSHIP, group)
                listeners.append(Listener(place, netlink))
        yield listeners


def heard(listeners: list[Listener]) -> list[tuple[str, int]]:
    """All that was heard, with the place."""
    return [(listener.place, kind) for listener in listeners for kind in listener.heard()]
