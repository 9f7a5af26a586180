"""NAT gateways, by packets: what the example doesn't say itself (semantics 2.6)."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.conftest import REPOSITORY, DeployedLab, deployed

DEAD_FLOW = """
import socket
opened = socket.create_connection(("203.0.113.10", 7), timeout=5)
opened.sendall(b"hello")
assert opened.recv(16) == b"hello"
print("open", flush=True)
open("/tmp/forgotten").read()
opened.sendall(b"again")
try:
    print(opened.recv(16))
except ConnectionResetError:
    print("reset")
"""
"""Reading the pipe waits until the test has had the gateway forget the flow."""


@pytest.fixture(scope="module")
def translated(
    runtime: str, state_directory: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[DeployedLab]:
    folder = tmp_path_factory.mktemp("translated")
    file = Path(shutil.copy(REPOSITORY / "examples/nat-gateway.lab.yaml", folder))
    file.write_text(file.read_text().replace("  name: nat-gateway\n", "  name: translated\n"))
    with deployed(file, runtime=runtime, state_directory=state_directory) as lab:
        yield lab


def test_who_sends_on_a_forgotten_connection_gets_a_reset(translated: DeployedLab) -> None:
    """As after the idle timeout: the gateway answers only when a packet comes."""
    translated.execute("vm/app1", "mkfifo", "/tmp/forgotten")
    process = translated.start("vm/app1", "python3", "-c", DEAD_FLOW)
    assert process.stdout is not None
    assert process.stdout.readline() == "open\n"
    translated.execute("host/egress", "conntrack", "-F")
    translated.execute("vm/app1", "sh", "-c", "echo > /tmp/forgotten")
    rest, errors = process.communicate(timeout=60)
    assert rest == "reset\n", errors


def test_connections_are_spread_over_the_addresses_of_the_gateway(
    translated: DeployedLab,
) -> None:
    with translated.capture("internet/server", "eth0", "tcp dst port 80") as seen:
        for _ in range(4):
            translated.execute("vm/app1", "curl", "-s", "-m", "5", "http://203.0.113.10/")

    sources = {found[1] for line in seen if (found := re.search(r"IP (\S+)\.\d+ >", line))}
    assert sources == {"198.51.100.40", "198.51.100.41"}


def test_a_traceroute_shows_no_gateway(translated: DeployedLab) -> None:
    printed = translated.output(
        "vm/app1", "traceroute", "-n", "-q1", "-w2", "-T", "-p", "80", "203.0.113.10"
    )
    hops = re.findall(r"^ *\d+ +(\S+)", printed, re.M)
    assert hops == ["203.0.113.10"]
