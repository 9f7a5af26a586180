"""The workloads process of a real host: what it opens, starts, answers and ends."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import Any

import pytest

from agents.workloads.desired import (
    MACHINE_RESPONDER,
    Desired,
    Phase,
    Statuses,
    Workload,
    WorkloadStatus,
    decode_statuses,
    encode_desired,
    failures,
)
from lab.contract.node_state import Container, ContainerPort, Protocol
from lab.runtime.native.provider import NativeRuntime
from tests.e2e.capsules import (
    A,
    entering,
    kill_and_wait,
    lab_with,
    output_inside,
    processes_of,
    run_inside,
    status_of,
)

pytestmark = pytest.mark.e2e

RELAY = """\
import os, socket, threading
line = socket.socket(socket.AF_UNIX)
line.connect("/run/vnetlab/hosts/a/workloads.sock")
def forward():
    while data := os.read(0, 65536):
        line.sendall(data)
threading.Thread(target=forward, daemon=True).start()
while data := line.recv(65536):
    os.write(1, data)
os._exit(0)
"""


@dataclass
class Line:
    """The agent's end of the line, carried into the capsule."""

    relay: "subprocess.Popen[bytes]"
    revision: int = 0

    def apply(self, *workloads: Workload) -> dict[str, str]:
        """Reasons of those that don't run, by uid, once the list is brought about."""
        assert self.relay.stdin is not None
        self.revision += 1
        self.relay.stdin.write(encode_desired(Desired(revision=self.revision, workloads=workloads)))
        while (statuses := self.next()).revision < self.revision:
            continue
        return failures(statuses.statuses)

    def next(self) -> Statuses:
        assert self.relay.stdout is not None
        return decode_statuses(self.relay.stdout.readline())


@pytest.fixture(scope="module")
def lab() -> Iterator[NativeRuntime]:
    with lab_with(A) as runtime:
        yield runtime


@contextmanager
def connected(lab: NativeRuntime) -> Iterator[Line]:
    command = entering(lab, "a", "/usr/bin/python3", "-c", RELAY, kind="vswitch")
    relay = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
    with relay:
        yield Line(relay)
        relay.terminate()


@pytest.fixture
def line(lab: NativeRuntime) -> Iterator[Line]:
    """Leaves nothing running."""
    with connected(lab) as line:
        yield line
        line.apply()


def machine(*containers: Container) -> Workload:
    return Workload(node="a", address=IPv4Address("10.0.0.4"), containers=containers)


def pod(uid: str, *containers: Container) -> Workload:
    """On the host's network: no agent makes namespaces here."""
    return Workload(
        node="a",
        uid=uid,
        namespace="default",
        name=f"pod-{uid}",
        address=IPv4Address("10.0.0.4"),
        host_network=True,
        containers=containers,
    )


def command(script: str, *, name: str = "main") -> Container:
    return Container(name=name, image="busybox", command=("sh", "-c", script))


def nginx(port: int = 80) -> Container:
    return Container(
        name="web", image="nginx", ports=(ContainerPort(protocol=Protocol.TCP, port=port),)
    )


def curl(lab: NativeRuntime, url: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(output_inside(lab, "a", "curl", "-sf", url))
    return document


def python(lab: NativeRuntime, program: str) -> str:
    return output_inside(lab, "a", "/usr/bin/python3", "-c", program).strip()


def test_a_machine_answers_http_and_echoes_tcp_and_udp(lab: NativeRuntime, line: Line) -> None:
    assert line.apply(machine(MACHINE_RESPONDER)) == {}

    seen = curl(lab, "http://127.0.0.1/x")
    echoed = python(
        lab,
        "import socket; s = socket.create_connection(('127.0.0.1', 7)); s.sendall(b'hi');"
        "s.shutdown(socket.SHUT_WR); print(s.makefile('rb').read())",
    )
    datagram = python(
        lab,
        "import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);"
        "s.connect(('127.0.0.1', 7)); s.send(b'hi'); print(s.recv(4096).decode())",
    )

    assert (seen["node"], seen["pod"], seen["path"]) == ("a", None, "/x")
    assert seen["client"]["address"] == "127.0.0.1"
    assert echoed == "b'hi'"
    assert json.loads(datagram)["payload"] == "hi"
    assert json.loads(datagram)["client"]["address"] == "127.0.0.1"


def test_ipv6_is_answered_at_the_same_socket(lab: NativeRuntime, line: Line) -> None:
    line.apply(machine(MACHINE_RESPONDER))

    assert curl(lab, "http://[::1]/")["client"]["address"] == "::1"


def test_sockets_are_those_of_the_place_and_nowhere_else(lab: NativeRuntime, line: Line) -> None:
    line.apply(machine(MACHINE_RESPONDER))

    assert ":80 " in output_inside(lab, "a", "ss", "-Hltn")
    assert output_inside(lab, "a", "ss", "-Hltn", kind="vswitch") == ""


def test_what_is_no_longer_wanted_is_closed_with_its_connections(
    lab: NativeRuntime, line: Line
) -> None:
    """A listening socket, or a connection, would keep a pod's namespace alive."""
    line.apply(pod("p", nginx()))
    hold = (
        "import socket; s = socket.create_connection(('127.0.0.1', 80)); print('held', flush=True)"
    )
    with subprocess.Popen(
        entering(lab, "a", "/usr/bin/python3", "-c", f"{hold}; print(s.recv(1), flush=True)"),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"

        line.apply()

        assert holder.stdout.readline().strip() != "held"
    assert output_inside(lab, "a", "ss", "-Hltn") == ""


def test_what_stays_wanted_keeps_its_connections(lab: NativeRuntime, line: Line) -> None:
    line.apply(pod("p", nginx()))
    talk = (
        "import socket, sys; s = socket.create_connection(('127.0.0.1', 80));"
        "print('held', flush=True); sys.stdin.readline();"
        "s.sendall(b'hello'); print(s.recv(5).decode())"
    )
    with subprocess.Popen(
        entering(lab, "a", "/usr/bin/python3", "-c", talk),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"

        line.apply(pod("p", nginx()), pod("q", nginx(8080)))

        output, _ = holder.communicate("go\n")
        assert output == "hello\n"


def test_two_containers_that_want_one_port_are_told_so(lab: NativeRuntime, line: Line) -> None:
    reasons = line.apply(pod("p", nginx()), pod("q", nginx()))

    assert list(reasons) == ["q"]
    assert "port 80/TCP is taken" in reasons["q"]
    assert line.apply(pod("q", nginx())) == {}
    assert curl(lab, "http://127.0.0.1/")["pod"] == "pod-q"


def test_an_unknown_image_and_a_missing_namespace_fail_alone(
    lab: NativeRuntime, line: Line
) -> None:
    lost = Workload(node="a", uid="lost", name="lost", containers=(nginx(8080),))
    unknown = pod("unknown", Container(name="x", image="example/front-end"))

    reasons = line.apply(lost, unknown, pod("p", nginx()))

    assert set(reasons) == {"lost", "unknown"}
    assert "no network namespace" in reasons["lost"]
    assert "front-end" in reasons["unknown"]
    assert curl(lab, "http://127.0.0.1/")["pod"] == "pod-p"


def test_a_command_runs_in_its_place_with_its_environment(lab: NativeRuntime, line: Line) -> None:
    program = "echo $HOSTNAME $GREETING >/run/vnetlab/seen; exec sleep 1000"
    container = Container(
        name="main",
        image="whatever/tool",
        command=("sh", "-c", f"({program}) & while ! [ -s /run/vnetlab/seen ]; do :; done; wait"),
        environment={"GREETING": "hello"},
    )

    assert line.apply(machine(container)) == {}

    wait = "while ! [ -s /run/vnetlab/seen ]; do :; done; cat /run/vnetlab/seen"
    assert output_inside(lab, "a", "sh", "-c", wait) == "a hello\n"


def test_a_command_that_ends_is_started_again_and_said_to_have_ended(
    lab: NativeRuntime, line: Line
) -> None:
    """At once the first time, then after a while: restartPolicy Always."""
    line.apply(machine(command("exit 3")))

    seen = line.next()
    while seen.statuses[0].phase is Phase.RUNNING:
        seen = line.next()

    assert seen.statuses == (
        WorkloadStatus(
            uid="",
            phase=Phase.FAILED,
            reason="container main: ended with exit code 3; starting again in 1 s",
        ),
    )


def test_a_command_goes_with_everything_it_started(lab: NativeRuntime, line: Line) -> None:
    """Even what left its session."""
    script = "setsid sleep 4711 & echo started >/run/vnetlab/started; sleep 4712"
    line.apply(machine(command(script)))
    output_inside(lab, "a", "sh", "-c", "while ! [ -s /run/vnetlab/started ]; do :; done")
    output_inside(lab, "a", "pgrep", "-f", "sleep 471[12]")

    line.apply()

    assert run_inside(lab, "a", "pgrep", "-f", "^sleep 471[12]").returncode == 1


def test_all_of_it_comes_back_when_the_process_is_killed(lab: NativeRuntime) -> None:
    """Nobody else holds what it held; whoever asks again is served again."""
    with connected(lab) as line:
        line.apply(machine(MACHINE_RESPONDER, command("setsid sleep 4713", name="sleeper")))
        kill_and_wait(processes_of(lab)[status_of(lab).processes["workloads a"]])
        line.relay.wait()

    with connected(lab) as again:
        assert again.apply(machine(MACHINE_RESPONDER)) == {}
        assert curl(lab, "http://127.0.0.1/")["node"] == "a"
        assert run_inside(lab, "a", "pgrep", "-f", "^sleep 4713").returncode == 1
        again.apply()


CLIENT = """\
import asyncio, sys
from ipaddress import IPv4Address
from pathlib import Path
sys.path[:0] = sys.argv[1:]
from agents.workloads.client import WorkloadsClient
from agents.workloads.desired import MACHINE_RESPONDER, Workload

async def main():
    heard = asyncio.Queue()
    client = WorkloadsClient(Path("/run/vnetlab/hosts/a/workloads.sock"), changed=heard.put_nowait)
    async with asyncio.TaskGroup() as tasks:
        connected = tasks.create_task(client.run())
        wanted = Workload(node="a", containers=(MACHINE_RESPONDER,))
        print([status.phase.value for status in await client.apply([wanted])], flush=True)
        await heard.get()
        sys.stdin.readline()
        print([status.phase.value for status in await heard.get()], flush=True)
        print(await client.apply([]), flush=True)
        connected.cancel()

asyncio.run(main())
"""


def test_a_client_says_again_what_has_to_run_when_the_process_was_started_again(
    lab: NativeRuntime,
) -> None:
    caller = entering(lab, "a", sys.executable, "-c", CLIENT, *sys.path, kind="vswitch")
    with subprocess.Popen(
        caller, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as client:
        assert client.stdin is not None
        assert client.stdout is not None
        assert client.stdout.readline() == "['running']\n"

        kill_and_wait(processes_of(lab)[status_of(lab).processes["workloads a"]])
        output, _ = client.communicate("killed\n")

        assert output == "['running']\n()\n"
