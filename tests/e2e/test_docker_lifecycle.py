"""What only containers can get wrong over time: the engine's own hands, interruptions, remains."""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.conftest import DEADLINE, VNETLAB, DeployedLab, deployed, environment_for
from tests.e2e.engine import (
    IMAGE,
    VM1,
    VM2_ADDRESS,
    container,
    containers,
    docker,
    in_engine_namespace,
    output,
    reachable,
    write,
)

pytestmark = [pytest.mark.e2e, pytest.mark.docker]


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory, state_directory: Path) -> Iterator[DeployedLab]:
    file = write(tmp_path_factory.mktemp("left-alone"), "left-alone")
    with deployed(file, runtime="docker", state_directory=state_directory) as lab:
        yield lab


@pytest.fixture
def own(tmp_path: Path, state_directory: Path) -> Iterator[DeployedLab]:
    """A lab that the test may break."""
    file = write(tmp_path, "broken")
    with deployed(file, runtime="docker", state_directory=state_directory) as lab:
        yield lab


# --- the engine's hands, and interruptions ------------------------------------


def test_the_underlay_may_be_disconnected_and_connected_again(own: DeployedLab) -> None:
    """The engine removes what is called eth0 in its namespace: the node's own must not be there."""
    node = container(own, "vm1")
    network = f"vnetlab-{own.name}"
    connected = json.loads(output("inspect", "-f", "{{json .NetworkSettings.Networks}}", node))
    address = connected[network]["IPAddress"]
    before = own.output(VM1, "ip", "-o", "-4", "addr", "show", "eth0")
    docker("network", "disconnect", network, node)
    assert not own.ping(VM1, VM2_ADDRESS, count=1).received
    assert own.output(VM1, "ip", "-o", "-4", "addr", "show", "eth0") == before
    docker("network", "connect", "--ip", address, network, node)
    assert reachable(own)


@pytest.mark.parametrize("process", ["agent", "workloads"])
def test_whatever_process_of_a_node_is_killed_comes_back(own: DeployedLab, process: str) -> None:
    """And every packet is answered meanwhile: none of them forwards."""
    ping = own.start(VM1, "ping", "-n", "-i", "0.01", "-c", "300", VM2_ADDRESS)
    node = container(own, "vm1")
    victim = output("exec", node, "pgrep", "-x", process)
    docker("exec", node, "kill", "-9", victim)
    said, _ = ping.communicate(timeout=DEADLINE)
    assert "300 packets transmitted, 300 received" in said
    assert "nothing to change" in own.deploy()
    assert output("exec", node, "pgrep", "-x", process) != victim


@pytest.mark.parametrize("victim", ["vm1", "vnetlab-cloud"])
def test_a_container_that_is_killed_is_made_good_by_the_next_deploy(
    own: DeployedLab, victim: str
) -> None:
    docker("kill", container(own, victim))
    own.deploy()
    assert reachable(own)
    assert {row["status"] for row in own.inspect("nodes")} == {"Ready"}


def test_a_container_that_is_restarted_becomes_what_it_was(own: DeployedLab) -> None:
    before = own.output(VM1, "ip", "-o", "-4", "addr")
    docker("restart", "--time=1", container(own, "vm1"))
    own.deploy()
    assert own.output(VM1, "ip", "-o", "-4", "addr") == before
    assert reachable(own)


@pytest.mark.parametrize("events", range(1, 8))
def test_a_deploy_that_is_killed_at_any_moment_is_completed_by_the_next(
    tmp_path: Path, state_directory: Path, events: int
) -> None:
    """Killed after the n-th of the eight things that the engine does for it, creating and
    starting four containers: no clock, and no luck.
    """
    file = write(tmp_path, "killed")
    lab = DeployedLab(
        name="killed", file=file, runtime="docker", environment=environment_for(state_directory)
    )
    watching = subprocess.Popen(
        ["docker", "events", "--filter=label=vnetlab.lab=killed", "--filter=type=container"],
        stdout=subprocess.PIPE,
        text=True,
    )
    deploying = subprocess.Popen(
        [*VNETLAB, "deploy", "-t", str(file), "--runtime", "docker"],
        env=lab.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    assert watching.stdout is not None
    try:
        for _ in range(events):
            watching.stdout.readline()
        deploying.kill()
        deploying.wait(timeout=DEADLINE)
        lab.deploy()
        assert reachable(lab)
        names = output("ps", "-a", "--filter=label=vnetlab.lab=killed", "--format={{.Names}}")
        assert sorted(names.split()) == [
            "internet.killed", "vm1.killed", "vm2.killed", "vnetlab-cloud.killed"
        ]  # fmt: skip
    finally:
        watching.kill()
        watching.communicate()
        lab.destroy()
    assert containers("killed") == []


def test_a_second_deploy_creates_and_removes_no_container(lab: DeployedLab) -> None:
    before = containers(lab.name)
    assert "nothing to change" in lab.deploy()
    assert containers(lab.name) == before


# --- side by side, and afterwards ---------------------------------------------


def test_two_labs_run_side_by_side_on_ranges_of_their_own(
    lab: DeployedLab, own: DeployedLab
) -> None:
    """With the same addresses inside: tenants never meet."""
    ranges = {
        json.loads(output("network", "inspect", f"vnetlab-{each.name}"))[0]["IPAM"]["Config"][0][
            "Subnet"
        ]
        for each in (lab, own)
    }
    assert len(ranges) == 2
    assert reachable(lab)
    assert reachable(own)


def test_what_has_no_label_of_a_lab_is_never_touched(tmp_path: Path, state_directory: Path) -> None:
    """A container that is only called like one of ours is in the way, and stays."""
    foreign = output("create", "--name=vm1.foreign", "--network=none", IMAGE, "true")
    network = output("network", "create", "--internal", "foreign-vnetlab")
    lab = DeployedLab(
        name="foreign",
        file=write(tmp_path, "foreign"),
        runtime="docker",
        environment=environment_for(state_directory),
    )
    try:
        failed = lab.vnetlab("deploy", "-t", str(lab.file), "--runtime", "docker", check=False)
        assert failed.returncode != 0
        assert "vm1.foreign" in failed.stdout + failed.stderr
        lab.destroy()
        assert output("ps", "-aq", "--no-trunc", "--filter=name=^vm1\\.foreign$") == foreign
        assert output("network", "ls", "-q", "--no-trunc", "--filter=name=foreign-vnetlab") == (
            network
        )
    finally:
        lab.destroy()
        docker("rm", "-f", foreign)
        docker("network", "rm", network)


def test_destroy_leaves_the_engine_as_it_was(tmp_path: Path, state_directory: Path) -> None:
    """Containers, networks, volumes, directory; addresses, routes, rules and sysctls."""
    settings = (
        "ip -o link; ip -4 -o addr; ip route show table all; ip rule; nft list ruleset; "
        "grep -rs . /proc/sys/net | grep -vE 'conntrack_count|_mem:|fastopen_key' | sort"
    )

    def engine() -> list[str]:
        listed = [
            output("ps", "--all", "--quiet"),
            output("network", "ls", "--quiet"),
            output("volume", "ls", "--quiet"),
        ]
        return [*listed, *_without_counters(in_engine_namespace(settings)).splitlines()]

    before = engine()
    file = write(tmp_path, "gone")
    with deployed(file, runtime="docker", state_directory=state_directory) as lab:
        assert reachable(lab)
        assert engine() != before
    assert engine() == before
    assert not (state_directory / "gone").exists()


def _without_counters(text: str) -> str:
    return re.sub(r"counter packets \d+ bytes \d+", "counter", text)
