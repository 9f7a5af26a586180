"""A public load balancer, by packets: what the example doesn't say itself (semantics 3.1)."""

import json
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.conftest import DEADLINE, REPOSITORY, DeployedLab, deployed
from tests.e2e.members import eventually

FRONTEND = "198.51.100.70"
CLIENT = "203.0.113.10"
MACHINES = {"web1", "web2", "web3"}

WHO = f"""
import http.client, json, sys
for _ in range(int(sys.argv[1])):
    asked = http.client.HTTPConnection("{FRONTEND}", 80, timeout=5)
    asked.request("GET", "/", headers={{"Host": sys.argv[2]}})
    said = json.load(asked.getresponse())
    print(said["node"], said["client"]["address"], said["client"]["port"], flush=True)
    asked.close()
"""
"""Who answers each of so many connections, and whom they see."""

TALK = f"""
import socket, sys
opened = socket.create_connection(("{FRONTEND}", int(sys.argv[1])), timeout=5)
print(opened.getsockname()[1], flush=True)
while word := open(sys.argv[2]).read():
    opened.sendall(word.encode())
    print(opened.recv(64).decode().strip(), flush=True)
"""
"""One connection that says what it is told to, and what came back."""


@pytest.fixture(scope="module")
def balanced(
    runtime: str, state_directory: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[DeployedLab]:
    folder = tmp_path_factory.mktemp("balanced")
    file = Path(shutil.copy(REPOSITORY / "examples/load-balancer.lab.yaml", folder))
    file.write_text(file.read_text().replace("  name: load-balancer\n", "  name: balanced\n"))
    with deployed(file, runtime=runtime, state_directory=state_directory) as lab:
        eventually(lab, dict.fromkeys(MACHINES, "Up"), rule="http")
        yield lab


def answers(lab: DeployedLab, count: int, *, host: str = "one.example") -> Counter[str]:
    printed = lab.output("internet/client", "python3", "-c", WHO, str(count), host)
    return Counter(line.split()[0] for line in printed.splitlines())


@pytest.mark.claim("E8")
def test_connections_are_spread_over_all_machines(balanced: DeployedLab) -> None:
    assert set(answers(balanced, 40)) == MACHINES


@pytest.mark.claim("E9")
def test_a_load_balancer_knows_no_hosts(balanced: DeployedLab) -> None:
    """Whatever name is asked for, the same machines answer."""
    assert set(answers(balanced, 40, host="two.example")) == MACHINES


@pytest.mark.claim("E31")
def test_the_destination_stays_with_floating_ip(balanced: DeployedLab) -> None:
    """The machine sees the client's address and port, and the frontend's as its own."""
    with balanced.capture("vm/web1", "eth0", f"src {CLIENT} and tcp dst port 80") as seen:
        printed = balanced.output("internet/client", "python3", "-c", WHO, "24", "one.example")

    said = [line.split() for line in printed.splitlines()]
    clients = {f"{address}.{port}" for machine, address, port in said if machine == "web1"}
    flows = [re.search(r"IP (\S+) > (\S+):", line) for line in seen]
    assert {(flow[1], flow[2]) for flow in flows if flow} == {
        (client, f"{FRONTEND}.80") for client in clients
    }
    assert all(address == CLIENT for _, address, _ in said)


def test_a_client_with_affinity_has_one_machine(balanced: DeployedLab) -> None:
    reached = set()
    for name in sorted(MACHINES):
        with balanced.capture(f"vm/{name}", "eth0", f"src {CLIENT} and tcp dst port 7") as seen:
            balanced.execute(
                "internet/client", "bash", "-c",
                f"for _ in $(seq 8); do echo hello > /dev/tcp/{FRONTEND}/8007; done",
            )  # fmt: skip
        if seen:
            reached.add(name)
    assert len(reached) == 1


def test_answers_take_no_way_round(balanced: DeployedLab) -> None:
    """The edge sees what the client says, never what the machine does (semantics 1.10)."""
    with (
        balanced.capture("host/public", "any", "tcp src port 80") as answered,
        balanced.capture("host/public", "any", "tcp dst port 80") as asked,
    ):
        answers(balanced, 4)

    assert asked
    assert answered == []


def test_a_machine_that_fails_its_probe_keeps_what_it_has(balanced: DeployedLab) -> None:
    """An established connection goes on, new ones go elsewhere; one success brings it back."""
    balanced.execute("internet/client", "mkfifo", "/tmp/words")
    process = balanced.start("internet/client", "python3", "-c", TALK, "8007", "/tmp/words")
    assert process.stdout is not None
    port = process.stdout.readline().strip()
    assert say(balanced, "before") == process.stdout.readline().strip()
    machine = holder(balanced, port)
    drop = ["-s", "168.63.129.16", "-p", "tcp", "--dport", "80", "-j", "DROP"]
    balanced.execute(f"vm/{machine}", "iptables", "-I", "INPUT", *drop)
    eventually(
        balanced, {name: "Down" if name == machine else "Up" for name in MACHINES}, rule="http"
    )

    assert say(balanced, "after") == process.stdout.readline().strip()
    assert set(answers(balanced, 24)) == MACHINES - {machine}

    balanced.execute(f"vm/{machine}", "iptables", "-D", "INPUT", *drop)
    eventually(balanced, dict.fromkeys(MACHINES, "Up"), rule="http")
    assert set(answers(balanced, 40)) == MACHINES
    process.terminate()
    process.communicate(timeout=DEADLINE)


def say(lab: DeployedLab, word: str) -> str:
    lab.execute("internet/client", "sh", "-c", f"echo {word} > /tmp/words")
    return word


def holder(lab: DeployedLab, port: str) -> str:
    """Which machine has the client's connection from `port`."""
    for name in sorted(MACHINES):
        if f"{CLIENT}]:{port}" in (found := lab.output(f"vm/{name}", "ss", "-Htn")) or (
            f"{CLIENT}:{port}" in found
        ):
            return name
    raise AssertionError("nobody has the connection")


def test_a_machine_does_not_begin_as_the_frontend(balanced: DeployedLab) -> None:
    """It answers as the frontend, but opens nothing as it (semantics 1.7)."""
    with balanced.capture("internet/client", "eth0", f"src {FRONTEND}") as seen:
        done = balanced.execute(
            "vm/web1", "curl", "-s", "-m", "2", "--interface", FRONTEND, f"http://{CLIENT}/",
            check=False,
        )  # fmt: skip
        assert done.returncode == 28
    assert seen == []


def test_a_denied_probe_takes_all_machines_out(balanced: DeployedLab) -> None:
    """Probes meet the security group as what comes from tag AzureLoadBalancer (semantics 2.3)."""
    before = balanced.file.read_text()
    denied = """      securityRules:
        - name: no-probes
          priority: 4000
          direction: Inbound
          access: Deny
          protocol: "*"
          sourceAddressPrefix: AzureLoadBalancer
          sourcePortRange: "*"
          destinationAddressPrefix: "*"
          destinationPortRange: "*"
"""
    balanced.file.write_text(before.replace("      securityRules:\n", denied, 1))
    balanced.deploy()
    eventually(balanced, dict.fromkeys(MACHINES, "Down"), rule="http")
    done = balanced.execute(
        "internet/client", "curl", "-s", "-m", "2", f"http://{FRONTEND}/", check=False
    )
    assert done.returncode == 28

    balanced.file.write_text(before)
    balanced.deploy()
    eventually(balanced, dict.fromkeys(MACHINES, "Up"), rule="http")


def test_behind_a_nat_gateway_machines_still_answer_as_the_frontend(
    balanced: DeployedLab,
) -> None:
    """It is for what begins inside (semantics 2.6)."""
    before = balanced.file.read_text()
    addresses = "  publicIPAddresses:\n"
    gateway = "  natGateways: [{name: way-out, publicIpAddresses: [way-out-ip]}]\n"
    balanced.file.write_text(
        before.replace(
            ", networkSecurityGroup: web", ", networkSecurityGroup: web, natGateway: way-out"
        ).replace(
            addresses, f"{gateway}{addresses}    - {{name: way-out-ip, ipAddress: 198.51.100.71}}\n"
        )
    )
    balanced.deploy()
    eventually(balanced, dict.fromkeys(MACHINES, "Up"), rule="http")
    assert set(answers(balanced, 24)) == MACHINES
    balanced.execute(
        "internet/client",
        "bash",
        "-c",
        f"exec 3<>/dev/tcp/{FRONTEND}/8007; echo hello >&3; read -t 5 said <&3; test $said = hello",
    )
    said = balanced.output("vm/web1", "curl", "-s", "-m", "5", f"http://{CLIENT}/")
    assert json.loads(said)["client"]["address"] == "198.51.100.71"
    balanced.file.write_text(before)
    balanced.deploy()


def test_without_a_security_group_a_frontend_is_closed(balanced: DeployedLab) -> None:
    """As every address with the sku Standard (semantics 3.1)."""
    before = balanced.file.read_text()
    assert set(answers(balanced, 8)) <= MACHINES
    balanced.file.write_text(before.replace(", networkSecurityGroup: web", ""))
    balanced.deploy()
    eventually(balanced, dict.fromkeys(MACHINES, "Closed"), rule="http")
    done = balanced.execute(
        "internet/client", "curl", "-s", "-m", "2", f"http://{FRONTEND}/", check=False
    )
    assert done.returncode == 28
    balanced.file.write_text(before)
    balanced.deploy()
