"""Namespaces that stay open between rounds, each by a socket for its links and routes.

To enter a namespace, open a socket there and leave again takes longer than what a small
change has to do in it. The virtual switch and the node end with their host, so that to keep
them alive harms nobody; nothing else is kept open.
"""

from collections.abc import Iterator

from agents.kernel.ears import UNTOLD_PORT
from agents.kernel.namespaces import Identity, NamespaceDirectory
from agents.kernel.netlink import NetlinkSocket
from agents.objects.namespace import NODE_NAMESPACE, VSWITCH_NAMESPACE

LASTING = (VSWITCH_NAMESPACE, NODE_NAMESPACE)
"""The runtime's: they end with the host."""


class OpenNamespaces:
    """Of one host."""

    def __init__(self, directory: NamespaceDirectory) -> None:
        self._directory = directory
        self._open: dict[str, tuple[Identity, NetlinkSocket]] = {}

    def socket(self, name: str) -> NetlinkSocket | None:
        """A socket in the namespace that has the name now; None: that doesn't stay open."""
        if name not in LASTING or (identity := self._directory.identity(name)) is None:
            return None
        known, socket = self._open.get(name, (None, None))
        if socket is not None:
            if known == identity:
                return socket
            socket.close()
        with self._directory.inside(name):
            socket = NetlinkSocket(port=UNTOLD_PORT)
        self._open[name] = identity, socket
        return socket

    def identity(self, name: str) -> Identity | None:
        """Which namespace had the name when its socket was asked for last; None: nobody has."""
        return self._open[name][0] if name in self._open else None

    def echoes(self) -> Iterator[tuple[str, list[bytes]]]:
        """What was said of changes by these sockets since this was last asked, by namespace."""
        for name, (_, socket) in self._open.items():
            if echoes := socket.echoes():
                yield name, echoes

    def close(self) -> None:
        """Let go of all. Idempotent."""
        for _, socket in self._open.values():
            socket.close()
        self._open.clear()
