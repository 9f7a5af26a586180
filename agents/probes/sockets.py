"""Sockets of a place: opened inside its namespace, used from the agent's own loop.

A socket belongs to the namespace it was made in, whoever holds it, so that a
connection needs no process of its own there.
"""

import errno
import socket
from collections.abc import Awaitable, Callable
from ipaddress import ip_address
from pathlib import Path

from agents.probes.tool import ProbeError

OpenSocket = Callable[[Path, socket.AddressFamily, socket.SocketKind], Awaitable[socket.socket]]
"""Opens a socket inside the network namespace that is pinned at a path."""

FAILURES = {
    errno.ECONNREFUSED: "refused",
    errno.ETIMEDOUT: "timeout",
    errno.EHOSTUNREACH: "unreachable",
    errno.ENETUNREACH: "unreachable",
    errno.EACCES: "prohibited",
    errno.EPERM: "prohibited",
    errno.ECONNRESET: "reset",
}


def failure_of(error: OSError) -> str:
    """The wire's answer in one word; errno's own name for what has no word."""
    if isinstance(error, TimeoutError):
        return "timeout"
    number = error.errno or 0
    return FAILURES.get(number, errno.errorcode.get(number, str(error)))


def family_of(destination: str) -> socket.AddressFamily:
    """The address family of `destination`. Raises `ProbeError` when it is no address."""
    try:
        version = ip_address(destination).version
    except ValueError as error:
        raise ProbeError(f"{destination!r} is no address; name a target or an address") from error
    return socket.AF_INET if version == 4 else socket.AF_INET6


def local_address_of(connection: socket.socket) -> str:
    """The address that the place gave the connection."""
    address: str = connection.getsockname()[0]
    return address
