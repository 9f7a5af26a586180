"""What only containers can get wrong about a place: what it shows, its privileges, its way out."""

import json
import os
import pty
import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.conftest import DEADLINE, VNETLAB, DeployedLab, deployed
from tests.e2e.engine import (
    VM1,
    container,
    containers,
    docker,
    in_engine_namespace,
    inspected,
    output,
    reachable,
    write,
)

pytestmark = [pytest.mark.e2e, pytest.mark.docker]


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory, state_directory: Path) -> Iterator[DeployedLab]:
    file = write(tmp_path_factory.mktemp("containers"), "containers")
    with deployed(file, runtime="docker", state_directory=state_directory) as lab:
        yield lab


# --- what a node shows --------------------------------------------------------


def test_exec_lands_in_the_nodes_operating_system(lab: DeployedLab) -> None:
    """`docker exec` shows the node's NIC, never the engine's interface."""
    links = output("exec", container(lab, "vm1"), "ip", "-o", "-4", "addr")
    assert re.findall(r"^\d+: (\S+)\s+inet (\S+)", links, re.M) == [
        ("lo", "127.0.0.1/8"),
        ("eth0", "10.0.0.4/24"),
    ]


def test_nothing_of_the_engine_is_in_the_nodes_rules(lab: DeployedLab) -> None:
    """The engine's resolver keeps its rules in the namespace that the node has left."""
    assert "DOCKER" not in output("exec", container(lab, "vm1"), "nft", "list", "ruleset")
    assert "DOCKER" in lab.output("host/vm1", "nft", "list", "ruleset")


def test_a_node_has_the_name_and_the_files_of_its_host(lab: DeployedLab) -> None:
    assert lab.output(VM1, "hostname").strip() == "vm1"
    assert "198.18." not in lab.output(VM1, "cat", "/etc/hosts")


# --- hermetic -----------------------------------------------------------------


def test_no_packet_of_a_node_reaches_the_machine(lab: DeployedLab) -> None:
    """Not even with a route and a neighbour entry made by hand, which `internal` alone permits."""
    machine = in_engine_namespace("ip -o -4 addr show").split()
    addresses = [word.split("/")[0] for word in machine if re.fullmatch(r"[\d.]+/\d+", word)]
    targets = [each for each in addresses if not each.startswith("127.")] + ["192.0.2.99"]
    network = json.loads(output("network", "inspect", f"vnetlab-{lab.name}"))[0]
    gateway = network["IPAM"]["Config"][0]["Subnet"].replace("0/22", "1")
    bridge = f"br-{network['Id'][:12]}"
    mac = in_engine_namespace(f"cat /sys/class/net/{bridge}/address || ip -br link show {bridge}")
    mac = re.findall(r"(?:[0-9a-f]{2}:){5}[0-9a-f]{2}", mac)[0]
    interface = re.findall(
        r"^\d+: (\S+)\s+inet 198\.", lab.output("host/vm1", "ip", "-o", "-4", "addr"), re.M
    )[0]
    lab.execute("host/vm1", "ip", "neigh", "replace", gateway, "lladdr", mac, "dev", interface)
    lab.execute("host/vm1", "ip", "route", "add", "default", "via", gateway, "dev", interface)
    try:
        with (
            lab.capture("host/vm1", interface, "icmp") as escaped,
            lab.capture("host/vm1", interface, "udp port 4790") as tunnelled,
        ):
            for target in targets:
                for place in ("host/vm1", VM1):
                    assert lab.execute(
                        place, "ping", "-c1", "-W1", target, check=False
                    ).returncode, (place, target)
            assert reachable(lab)
        assert escaped == []
        assert tunnelled, "the capture sees what does leave"
    finally:
        lab.execute("host/vm1", "ip", "route", "del", "default")
        lab.execute("host/vm1", "ip", "neigh", "del", gateway, "dev", interface)


def test_the_machine_has_no_way_to_a_container(lab: DeployedLab) -> None:
    """Else a command line that dialled one would send it along the default route."""
    assert "198.18." not in in_engine_namespace("ip -4 route; ip -4 addr")


def test_neither_nodes_nor_the_cloud_container_reach_out(lab: DeployedLab) -> None:
    probe = (
        "import socket,sys; s=socket.socket(); s.settimeout(1)\n"
        "sys.exit(0 if s.connect_ex((sys.argv[1], 22)) not in (0, 111) else 1)"
    )
    docker_bridge = json.loads(output("network", "inspect", "bridge"))[0]["IPAM"]["Config"][0]
    address = docker_bridge.get("Gateway") or docker_bridge["Subnet"].replace("0.0/16", "0.1")
    for each in containers(lab.name):
        assert docker("exec", each, "python3", "-c", probe, address, check=False).returncode == 0


def test_no_name_is_asked_for_outside(lab: DeployedLab) -> None:
    """Old engines ask the machine's resolvers on behalf of internal networks (CVE-2024-29018)."""
    for each in containers(lab.name):
        configured = inspected(each)["HostConfig"]
        assert isinstance(configured, dict)
        assert all(server.startswith("198.18.") for server in configured["Dns"])


# --- privileges ---------------------------------------------------------------


def test_containers_have_the_privileges_that_they_need_and_no_more(lab: DeployedLab) -> None:
    for each in containers(lab.name):
        config = inspected(each)["HostConfig"]
        assert isinstance(config, dict)
        assert not config["Privileged"]
        assert "no-new-privileges:true" in config["SecurityOpt"]
        assert config["PidMode"] == ""
        if each in containers(lab.name, role="cloud"):
            assert config["CapDrop"] == ["ALL"]
            assert not config["CapAdd"]
        else:
            assert sorted(name.removeprefix("CAP_") for name in config["CapAdd"]) == [
                "NET_ADMIN",
                "SYS_ADMIN",
            ]
            (seen,) = config["Binds"]
            name = output("inspect", "--format", "{{.Config.Hostname}}", each).strip()
            assert seen.endswith(f"/credentials/{name}:/etc/vnetlab:ro"), "its own, and no more"


def test_only_the_nodes_own_network_settings_can_be_written(lab: DeployedLab) -> None:
    """A writable /proc/sys would give the machine's kernel.core_pattern away."""
    for name in ("kernel/core_pattern", "vm/swappiness", "fs/file-max"):
        write_back = f"cat /proc/sys/{name} >/tmp/value && cat /tmp/value >/proc/sys/{name}"
        refused = lab.execute(VM1, "sh", "-c", write_back, check=False)
        assert "Read-only" in refused.stderr, name
    lab.execute(VM1, "sh", "-c", "echo 1 >/proc/sys/net/ipv4/conf/eth0/rp_filter")
    lab.execute(VM1, "sh", "-c", "echo 0 >/proc/sys/net/ipv4/conf/eth0/rp_filter")


def test_the_key_of_a_node_can_be_read_by_its_root_alone(lab: DeployedLab) -> None:
    assert lab.output(VM1, "stat", "-c", "%a %U", "/etc/vnetlab/key.pem").split() == ["400", "root"]
    assert "authority-key" not in lab.output(VM1, "ls", "/etc/vnetlab")


def test_an_agent_hears_its_own_node_only(lab: DeployedLab) -> None:
    """Mutual TLS: without a certificate nothing, with one of vm1 nothing of vm2."""
    hello = """
import os, sys, grpc
from pathlib import Path
from lab.contract.credentials import CLOUD_NAME
from lab.contract.v1 import agent_pb2, agent_pb2_grpc
def read(name): return Path(os.environ["VNETLAB_" + name]).read_bytes()
own = {"private_key": read("KEY"), "certificate_chain": read("CERTIFICATE")}
channel = grpc.secure_channel(
    os.environ["VNETLAB_CLOUD"],
    grpc.ssl_channel_credentials(read("AUTHORITY"), **(own if sys.argv[2] == "mine" else {})),
    options=[("grpc.ssl_target_name_override", CLOUD_NAME)],
)
greeting = agent_pb2.AgentMessage(node=sys.argv[1], hello=agent_pb2.Hello(version="test"))
greetings = agent_pb2.AgentMessages(messages=[greeting])
try:
    next(agent_pb2_grpc.AgentServiceStub(channel).Connect(iter([greetings]), timeout=10))
    print("served")
except grpc.RpcError as error:
    print(error.code().name)
"""

    def answer(node: str, certificate: str) -> str:
        python = ("/opt/vnetlab/bin/python", "-c", hello, node, certificate)
        return lab.output("host/vm1", *python).split()[-1]

    assert answer("vm2", "mine") == "PERMISSION_DENIED"
    assert answer("vm1", "none") == "UNAVAILABLE"


# --- commands -----------------------------------------------------------------


@pytest.mark.parametrize(("script", "code"), [("exit 7", 7), ("kill -9 $$", 137), ("true", 0)])
def test_the_commands_exit_code_is_ours(lab: DeployedLab, script: str, code: int) -> None:
    assert lab.execute(VM1, "sh", "-c", script, check=False).returncode == code


def test_standard_streams_pass_through_unchanged_and_apart(lab: DeployedLab) -> None:
    content = os.urandom(1 << 20)
    done = subprocess.run(
        [*VNETLAB, "exec", "-n", lab.name, VM1, "--", "sh", "-c", "cat; echo aside >&2"],
        env=lab.environment,
        input=content,
        capture_output=True,
        timeout=DEADLINE,
        check=True,
    )
    assert done.stdout == content
    assert done.stderr == b"aside\n"


def test_a_signal_ends_the_command_in_the_container(lab: DeployedLab) -> None:
    """`docker exec` itself would leave it running."""
    command = lab.start(VM1, "sh", "-c", "echo $$; exec sleep 987")
    assert command.stdout is not None
    command.stdout.readline()
    command.send_signal(signal.SIGTERM)
    command.communicate(timeout=DEADLINE)
    assert command.returncode == 128 + signal.SIGTERM
    assert "sleep 987" not in lab.output(VM1, "ps", "ax")


def everything_from(terminal: int) -> str:
    """What was written to a terminal that nobody holds any more; it comes in pieces."""
    said = b""
    while True:
        try:
            piece = os.read(terminal, 4096)
        except OSError:  # EIO: the other end is closed
            return said.decode()
        said += piece


def test_a_terminal_is_a_terminal_of_the_callers_size(lab: DeployedLab) -> None:
    ours, theirs = pty.openpty()
    os.set_blocking(ours, True)
    subprocess.run(["stty", "rows", "33", "cols", "99"], stdin=theirs, check=True, timeout=DEADLINE)
    environment = {key: value for key, value in lab.environment.items() if key != "COLUMNS"}
    done = subprocess.run(
        [*VNETLAB, "exec", "-n", lab.name, VM1, "--", "sh", "-c", "tty && stty size; exit 3"],
        env=environment,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        timeout=DEADLINE,
        check=False,
    )
    os.close(theirs)
    shown = everything_from(ours)
    os.close(ours)
    assert done.returncode == 3, shown
    assert "/dev/pts/" in shown
    assert "33 99" in shown
