"""Where the cloud process listens: unix sockets for their owner only, TCP with mutual TLS."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import grpc

from lab.contract.credentials import Credentials

UNIX = "unix:"

LONGEST_PATH = 107
"""Bytes of a unix socket's path (unix(7): sun_path, less its final NUL)."""

OPTIONS: tuple[tuple[str, int], ...] = (
    ("grpc.max_receive_message_length", -1),
    # Two cloud processes on one port would each get half of the agents.
    ("grpc.so_reuseport", 0),
)

TCP_OPTIONS: tuple[tuple[str, int], ...] = (
    # Agents reached over a network may vanish without a word, and ask whether we have.
    ("grpc.http2.min_ping_interval_without_data_ms", 10_000),
    ("grpc.keepalive_time_ms", 20_000),
    ("grpc.keepalive_timeout_ms", 10_000),
)


class ListenError(Exception):
    """A service can't listen where it should; the message says where, why and what to do."""


def server_for(target: str) -> grpc.aio.Server:
    """A server with what listening on `target` asks for; it does not listen yet."""
    return grpc.aio.server(options=OPTIONS if target.startswith(UNIX) else OPTIONS + TCP_OPTIONS)


def listen_on_socket(server: grpc.aio.Server, path: Path) -> None:
    """Let `server` listen on a unix socket that only its owner may connect to.

    A socket file that a killed process left behind is replaced. Raises
    `ListenError` when the path is too long or its directory isn't there.
    """
    if len(os.fsencode(path)) > LONGEST_PATH:
        raise ListenError(
            f"{path} is longer than the {LONGEST_PATH} bytes of a unix socket's path: "
            "choose a shorter state directory"
        )
    with _private():
        _bind(server, f"{UNIX}{path}", None)


def listen_for_agents(
    server: grpc.aio.Server, target: str, credentials: Credentials | None
) -> None:
    """Let `server` listen on `target`, ``unix:/path`` or ``address:port``.

    Raises `ListenError` when it can't, or when an address comes without credentials.
    """
    if target.startswith(UNIX):
        listen_on_socket(server, Path(target.removeprefix(UNIX)))
    elif credentials is None:
        raise ListenError(f"agents may not reach {target} without certificates")
    else:
        _bind(server, target, _server_credentials(credentials))


def _bind(
    server: grpc.aio.Server, address: str, credentials: grpc.ServerCredentials | None
) -> None:
    try:
        if credentials is None:
            server.add_insecure_port(address)
        else:
            server.add_secure_port(address, credentials)
    except RuntimeError as error:
        raise ListenError(f"can't listen on {address}: {error}") from error


def _server_credentials(credentials: Credentials) -> grpc.ServerCredentials:
    try:
        key, certificate, authority = (
            path.read_bytes()
            for path in (credentials.key, credentials.certificate, credentials.authority)
        )
    except OSError as error:
        raise ListenError(f"{error.filename} can't be read: {error.strerror}") from error
    return grpc.ssl_server_credentials(
        [(key, certificate)], root_certificates=authority, require_client_auth=True
    )


@contextmanager
def _private() -> Iterator[None]:
    """Files made within the block are their owner's only, from their first moment on."""
    before = os.umask(0o177)
    try:
        yield
    finally:
        os.umask(before)
