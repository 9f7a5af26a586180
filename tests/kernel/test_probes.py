"""Probes made with the real tools, inside places that a test wires up.

Captures need tcpdump to change its user, which only a capsule allows: the
command line's e2e tests make them.
"""

import asyncio
import json
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from agents.config import AgentConfig
from agents.kernel.namespaces import NamespaceDirectory
from agents.probes.runner import ProbeRunner
from lab.contract.v1.agent_pb2 import (
    CommandProbe,
    DnsProbe,
    HttpProbe,
    PingProbe,
    Place,
    ProbeReply,
    ProbeRequest,
    TcpProbe,
    UdpProbe,
)
from tests.kernel.hosts import run

NODE, POD, NOBODY = "10.1.0.1", "10.1.0.2", "10.1.0.9"
HTTP_PORT, ECHO_PORT, CLOSED_PORT = 80, 7, 81
PLACE = Place(pod_uid="u1")


class Servers:
    """HTTP on TCP and an echo on UDP, in the node."""

    def __init__(self) -> None:
        self._http = socket.create_server((NODE, HTTP_PORT))
        self._echo = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._echo.bind((NODE, ECHO_PORT))
        self._threads = [threading.Thread(target=serve) for serve in (self._serve, self._reply)]
        for thread in self._threads:
            thread.start()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                connection, (address, _) = self._http.accept()
                with connection, suppress(ConnectionError):
                    if connection.recv(4096):
                        body = json.dumps({"client": {"address": address}})
                        connection.sendall(
                            f"HTTP/1.1 418 I'm a teapot\r\nX-A: 1\r\nX-A: 2\r\n"
                            f"Content-Length: {len(body)}\r\n\r\n{body}".encode()
                        )

    def _reply(self) -> None:
        with suppress(OSError):
            while (received := self._echo.recvfrom(4096))[0]:
                self._echo.sendto(*received)

    def close(self) -> None:
        self._http.shutdown(socket.SHUT_RDWR)
        self._http.close()
        with suppress(OSError):
            self._echo.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()
        self._echo.close()


@pytest.fixture
def config(tmp_path: Path) -> Iterator[AgentConfig]:
    """A node and a pod with a cable between them."""
    config = AgentConfig(
        node="vm1",
        cloud="",
        run_directory=tmp_path,
        namespaces=tmp_path / "netns",
        root=tmp_path / "root",
    )
    config.namespaces.mkdir()
    pod_files = tmp_path / "pods" / "u1"
    pod_files.mkdir(parents=True)
    (pod_files / "hostname").write_text("nginx-0\n")
    (pod_files / "resolv.conf").write_text(f"nameserver {NODE}\n")
    (pod_files / "hosts").write_text(f"127.0.0.1 localhost\n{NODE} node.example\n")
    pins = NamespaceDirectory(config.namespaces)
    for name in ("node", "pod-u1"):
        with pins.inside_new(name):
            pass
    run(pins.pin("node"), "sh", "-ec", f"""
        exec 9<{pins.pin("pod-u1")}
        ip link set lo up
        ip link add cable type veth peer name eth0 netns /proc/$$/fd/9
        ip addr add {NODE}/24 dev cable
        ip link set cable up
        nsenter --net=/proc/$$/fd/9 sh -ec '
            ip link set lo up
            ip addr add {POD}/24 dev eth0
            ip link set eth0 up'
        """)  # fmt: skip
    with pins.inside("node"):
        servers = Servers()
    yield config
    servers.close()
    for name in pins.names():
        pins.remove(name)


async def ask(config: AgentConfig, *, deadline: float = 5, **probe: object) -> ProbeReply:
    replies: list[ProbeReply] = []

    async def reply(message: ProbeReply) -> None:
        replies.append(message)

    request = ProbeRequest(id=7, place=PLACE, deadline=deadline, **probe)  # type: ignore[arg-type]
    await ProbeRunner(config).run(request, reply)
    (only,) = replies
    assert only.error == ""
    return only


async def test_ping_is_answered(config: AgentConfig) -> None:
    result = (await ask(config, ping=PingProbe(destination=NODE, count=2))).ping
    assert (result.sent, result.received, list(result.ttls)) == (2, 2, [64, 64])
    assert len(result.round_trip_ms) == 2


async def test_ping_into_silence_sends_all_and_gets_none(config: AgentConfig) -> None:
    probe = PingProbe(destination=NOBODY, count=2, interval=0.2)
    result = (await ask(config, ping=probe, deadline=0.5)).ping
    assert (result.sent, result.received) == (2, 0)


async def test_ping_without_a_route_sends_nothing(config: AgentConfig) -> None:
    result = (await ask(config, ping=PingProbe(destination="192.0.2.1"))).ping
    assert (result.sent, result.received) == (0, 0)
    assert "unreachable" in result.output


@pytest.mark.parametrize(
    ("destination", "port", "failure"),
    [
        (NODE, HTTP_PORT, ""),
        (NODE, CLOSED_PORT, "refused"),
        ("192.0.2.1", HTTP_PORT, "unreachable"),
        (NOBODY, HTTP_PORT, "timeout"),
    ],
)
async def test_tcp(config: AgentConfig, destination: str, port: int, failure: str) -> None:
    deadline = 0.3 if failure == "timeout" else 5
    probe = TcpProbe(destination=destination, port=port)
    result = (await ask(config, tcp=probe, deadline=deadline)).connection
    assert (result.connected, result.failure) == (not failure, failure)
    assert result.local_address == ("" if failure else POD)


@pytest.mark.parametrize(("port", "failure"), [(ECHO_PORT, ""), (CLOSED_PORT, "refused")])
async def test_udp(config: AgentConfig, port: int, failure: str) -> None:
    probe = UdpProbe(destination=NODE, port=port, payload=b"a datagram")
    result = (await ask(config, udp=probe)).connection
    assert (result.connected, result.failure) == (not failure, failure)
    assert result.received == (b"" if failure else b"a datagram")


async def test_http_by_address_and_by_the_places_own_names(config: AgentConfig) -> None:
    for name in (NODE, "node.example"):
        result = (await ask(config, http=HttpProbe(url=f"http://{name}/"))).http
        assert (result.status, dict(result.headers)["x-a"]) == (418, "1, 2")
        assert json.loads(result.body) == {"client": {"address": POD}}


async def test_http_refused(config: AgentConfig) -> None:
    result = (await ask(config, http=HttpProbe(url=f"http://{NODE}:{CLOSED_PORT}/"))).http
    assert result.status == 0
    assert result.failure.startswith("refused: ")


async def test_http_needs_no_resolver(config: AgentConfig) -> None:
    """curl's own report must not look names up: the pod's resolver never answers."""
    resolv_conf = config.run_directory / "pods" / "u1" / "resolv.conf"
    resolv_conf.write_text(f"nameserver {NOBODY}\n")
    result = (await ask(config, http=HttpProbe(url=f"http://{NODE}/"), deadline=3)).http
    assert result.status == 418


async def test_dns_without_a_server_says_why(config: AgentConfig) -> None:
    assert (await ask(config, dns=DnsProbe(name="a.example"))).dns.status == "refused"


async def test_a_command_runs_as_somebody_in_the_place_would_see_it(config: AgentConfig) -> None:
    words = ["sh", "-c", "hostname; cat /etc/resolv.conf; ls /sys/class/net; exit 3"]
    result = (await ask(config, command=CommandProbe(argv=words))).command
    assert result.exit_code == 3
    assert result.stdout.decode().split() == ["nginx-0", "nameserver", NODE, "eth0", "lo"]


async def test_a_command_ends_with_its_deadline(config: AgentConfig) -> None:
    words = ["sh", "-c", "echo begun; sleep 1000"]
    result = (await ask(config, command=CommandProbe(argv=words), deadline=0.3)).command
    assert result.exit_code == 130
    assert result.stdout == b"begun\n"


@pytest.mark.parametrize("patience", [0, 0.001, 0.01, 0.1])
async def test_nothing_outlives_an_asker_who_leaves(config: AgentConfig, patience: float) -> None:
    """Whether the tool was about to be started, entering the place, or running."""
    words = ["sh", "-c", "sleep 86399 & sleep 86399"]
    with suppress(TimeoutError):
        async with asyncio.timeout(patience):
            await ask(config, command=CommandProbe(argv=words), deadline=60)
    assert [name for name in running_commands() if "86399" in name] == []


def running_commands() -> list[str]:
    """Command lines of all processes here; those that have ended have none."""
    found = []
    for process in os.listdir("/proc"):
        if process.isdigit():
            with suppress(OSError):
                found.append(Path("/proc", process, "cmdline").read_text())
    return found
