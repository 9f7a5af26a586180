import socket
from pathlib import Path

import pytest

from agents.probes.tcp import connect
from agents.probes.tool import ProbeError
from lab.contract.v1.agent_pb2 import TcpProbe


async def no_socket(
    pin: Path, family: socket.AddressFamily, kind: socket.SocketKind
) -> socket.socket:
    raise AssertionError("a socket was opened")


async def test_a_name_is_refused_before_anything_is_opened() -> None:
    probe = TcpProbe(destination="nginx", port=80)
    with pytest.raises(ProbeError, match="'nginx' is no address"):
        await connect(probe, namespace=Path("pod-1"), deadline=1, open_socket=no_socket)
