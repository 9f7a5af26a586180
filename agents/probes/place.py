"""Where a probe runs: the wire's places, and sockets opened inside them."""

import socket
from pathlib import Path

from agents.config import AgentConfig
from agents.kernel.errors import NamespaceMissing
from agents.kernel.namespaces import NamespaceDirectory
from agents.kernel.worker import Worker
from agents.probes.sockets import OpenSocket
from agents.probes.tool import ProbeError
from agents.render.entry import Layout, NodePlace, Place, PodPlace, VswitchPlace
from lab.contract.v1 import agent_pb2


def layout_of(config: AgentConfig) -> Layout:
    """Where the host's things lie."""
    return Layout(
        namespaces=config.namespaces, run_directory=config.run_directory, root=config.root
    )


def place_of(message: agent_pb2.Place) -> Place:
    """The place that a request names. Raises `ProbeError` when it names none."""
    match message.WhichOneof("place"):
        case "node":
            return NodePlace()
        case "vswitch":
            return VswitchPlace()
        case "pod_uid":
            return PodPlace(uid=message.pod_uid)
        case _:
            raise ProbeError("the request names no place")


def socket_opener(config: AgentConfig) -> OpenSocket:
    """Opens sockets inside the host's places, on a thread of its own.

    The network namespace is a property of the thread: the loop's stays where it
    is, and so does that of the kernel's thread, which may be busy for long.
    """
    namespaces = NamespaceDirectory(config.namespaces)
    worker = Worker("probes")

    async def open_socket(
        pin: Path, family: socket.AddressFamily, kind: socket.SocketKind
    ) -> socket.socket:
        def inside() -> socket.socket:
            with namespaces.inside(pin.name):
                return socket.socket(family, kind)

        try:
            return await worker.run(inside)
        except NamespaceMissing as error:
            raise ProbeError(str(error)) from error

    return open_socket
