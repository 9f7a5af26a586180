"""Opening sockets inside other network namespaces.

A socket belongs to the namespace of the thread that makes it and stays there.
One thread of its own changes namespaces, so that nothing else ever finds itself
in a pod.
"""

import errno
import os
import socket
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from agents.kernel.errors import NamespaceMissing
from agents.kernel.namespaces import NamespaceDirectory
from lab.contract.node_state import ContainerPort, Protocol

BACKLOG = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """Sockets wanted in one namespace."""

    pin: str
    ports: tuple[ContainerPort, ...]
    address: str = ""
    """IPv4; empty: every address of the namespace."""


Outcome = socket.socket | str
"""A listening or bound socket, or why there is none."""


class NamespaceSockets:
    """Opens sockets in the pinned namespaces of a host."""

    def __init__(self, namespaces: Path) -> None:
        self._namespaces = NamespaceDirectory(namespaces)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="sockets")

    @property
    def thread(self) -> ThreadPoolExecutor:
        """Where `open` has to run."""
        return self._thread

    def open(self, openings: Sequence[Opening]) -> list[list[Outcome]]:
        """An outcome for every port of every opening, in order."""
        return [self._open_in(opening) for opening in openings]

    def calling(self, pin: str, protocol: Protocol) -> socket.socket:
        """A socket in one namespace from which others are called. Raises `OSError`."""
        kind = socket.SOCK_STREAM if protocol is Protocol.TCP else socket.SOCK_DGRAM
        try:
            with self._namespaces.inside(pin):
                return socket.socket(socket.AF_INET, kind | socket.SOCK_NONBLOCK)
        except NamespaceMissing as missing:
            raise OSError(errno.ENETDOWN, str(missing)) from missing

    def close(self) -> None:
        """End the thread."""
        self._thread.shutdown()

    def _open_in(self, opening: Opening) -> list[Outcome]:
        if not opening.ports:
            return []
        try:
            with self._namespaces.inside(opening.pin):
                return [_open(port, opening.address) for port in opening.ports]
        except (NamespaceMissing, OSError) as problem:
            return [str(problem)] * len(opening.ports)


def _open(port: ContainerPort, address: str) -> Outcome:
    kind = socket.SOCK_STREAM if port.protocol is Protocol.TCP else socket.SOCK_DGRAM
    try:
        if address:
            return _bound(socket.AF_INET, kind, port.port, address)
        opened = _bound(socket.AF_INET6, kind, port.port)
    except OSError as problem:
        # A namespace without IPv6 still has IPv4.
        if address or problem.errno not in {errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL}:
            return _why(port, problem)
        try:
            opened = _bound(socket.AF_INET, kind, port.port)
        except OSError as second:
            return _why(port, second)
    return opened


def _bound(
    family: socket.AddressFamily, kind: socket.SocketKind, port: int, address: str = ""
) -> socket.socket:
    """A socket at an address, or at all of the namespace; an IPv6 one takes IPv4 as well."""
    opened = socket.socket(family, kind | socket.SOCK_NONBLOCK)
    try:
        if kind is socket.SOCK_STREAM:
            # Connections that are closing don't keep a port from being served again.
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family is socket.AF_INET6:
            opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        opened.bind((address, port))
        if kind is socket.SOCK_STREAM:
            opened.listen(BACKLOG)
    except OSError:
        opened.close()
        raise
    return opened


def _why(port: ContainerPort, problem: OSError) -> str:
    where = f"port {port.port}/{port.protocol.value}"
    if problem.errno == errno.EADDRINUSE:
        return f"{where} is taken by another container of the same network namespace"
    return f"{where}: {os.strerror(problem.errno or 0)}"
