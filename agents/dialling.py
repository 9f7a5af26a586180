"""How agents get hold of the cloud process: channels, and how long to wait in between."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

import grpc

from lab.contract.credentials import CLOUD_NAME, Credentials

UNIX = "unix:"

OPTIONS: tuple[tuple[str, str | int], ...] = (
    # A state of any size, and no proxy of the machine's environment.
    ("grpc.max_receive_message_length", -1),
    ("grpc.enable_http_proxy", 0),
    # Waiting between attempts is ours: nothing of an earlier channel may delay a new one.
    ("grpc.use_local_subchannel_pool", 1),
    ("grpc.enable_retries", 0),
)

TCP_OPTIONS: tuple[tuple[str, str | int], ...] = (
    # The other end of a unix socket cannot vanish unnoticed; that of a network can.
    ("grpc.keepalive_time_ms", 20_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    ("grpc.http2.max_pings_without_data", 0),
)

TLS_OPTIONS: tuple[tuple[str, str | int], ...] = (
    *TCP_OPTIONS,
    # Whoever answers has to be the cloud process, under whatever address it was reached.
    ("grpc.ssl_target_name_override", CLOUD_NAME),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Backoff:
    """Waits that double from `first` to `bound`, in seconds."""

    first: float
    bound: float

    @classmethod
    def towards(cls, target: str) -> Self:
        """The waits between attempts to reach `target`: shorter where an attempt costs less."""
        return cls(first=0.02, bound=0.2 if target.startswith(UNIX) else 1.0)

    def waits(self) -> Iterator[float]:
        """One wait after the other, without end."""
        wait = self.first
        while True:
            yield wait
            wait = min(2 * wait, self.bound)


def channel_to(target: str, credentials: Credentials | None) -> grpc.aio.Channel:
    """A channel that shares nothing with any other.

    Raises `OSError` when a file of `credentials` can't be read.
    """
    if credentials is None:
        options = OPTIONS if target.startswith(UNIX) else OPTIONS + TCP_OPTIONS
        return grpc.aio.insecure_channel(target, options=options)
    return grpc.aio.secure_channel(
        target,
        grpc.ssl_channel_credentials(
            root_certificates=credentials.authority.read_bytes(),
            private_key=credentials.key.read_bytes(),
            certificate_chain=credentials.certificate.read_bytes(),
        ),
        options=OPTIONS + TLS_OPTIONS,
    )


async def knock(target: str) -> bool:
    """Whether it is worth while to dial `target`: somebody listens at a unix socket.

    Connecting costs a twentieth of a gRPC channel that fails: what keeps hundreds of
    agents idle while there is no cloud process. Other targets are always worth a try.
    """
    if not target.startswith(UNIX):
        return True
    try:
        transport, _ = await asyncio.get_running_loop().create_unix_connection(
            asyncio.Protocol, target.removeprefix(UNIX)
        )
    except OSError:
        return False
    transport.abort()
    return True
