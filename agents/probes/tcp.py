"""A TCP connection, opened and closed again."""

import asyncio
import socket
from pathlib import Path

from agents.probes.sockets import OpenSocket, failure_of, family_of, local_address_of
from lab.contract.v1.agent_pb2 import ConnectionResult, TcpProbe


async def connect(
    probe: TcpProbe, *, namespace: Path, deadline: float, open_socket: OpenSocket
) -> ConnectionResult:
    """Whether the handshake succeeds within `deadline` seconds, and if not, what answered.

    Raises `ProbeError` when the destination is no address.
    """
    family = family_of(probe.destination)
    loop = asyncio.get_running_loop()
    with await open_socket(namespace, family, socket.SOCK_STREAM) as connection:
        connection.setblocking(False)
        try:
            async with asyncio.timeout(deadline):
                await loop.sock_connect(connection, (probe.destination, probe.port))
        except OSError as error:
            return ConnectionResult(connected=False, failure=failure_of(error))
        return ConnectionResult(connected=True, local_address=local_address_of(connection))
