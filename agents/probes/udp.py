"""A datagram, and the one that comes back."""

import asyncio
import socket
from pathlib import Path

from agents.probes.sockets import OpenSocket, failure_of, family_of, local_address_of
from lab.contract.v1.agent_pb2 import ConnectionResult, UdpProbe

DEFAULT_PAYLOAD = b"vnetlab"
LARGEST_DATAGRAM = 65535


async def exchange(
    probe: UdpProbe, *, namespace: Path, deadline: float, open_socket: OpenSocket
) -> ConnectionResult:
    """Connected means that a datagram came back within `deadline` seconds.

    Silence and a full drop look alike on UDP: both are "timeout". A port that
    nobody listens on answers with ICMP, which is "refused". Raises `ProbeError`
    when the destination is no address.
    """
    family = family_of(probe.destination)
    loop = asyncio.get_running_loop()
    with await open_socket(namespace, family, socket.SOCK_DGRAM) as exchange_socket:
        exchange_socket.setblocking(False)
        try:
            # On a datagram socket this only sets the peer; it never blocks.
            exchange_socket.connect((probe.destination, probe.port))
            async with asyncio.timeout(deadline):
                await loop.sock_sendall(exchange_socket, probe.payload or DEFAULT_PAYLOAD)
                received = await loop.sock_recv(exchange_socket, LARGEST_DATAGRAM)
        except OSError as error:
            return ConnectionResult(connected=False, failure=failure_of(error))
        return ConnectionResult(
            connected=True, received=received, local_address=local_address_of(exchange_socket)
        )
