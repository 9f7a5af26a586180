"""What a lab survives, and what it leaves behind: nothing."""

import random
import re
import signal
import subprocess
from pathlib import Path

import pytest

from tests.e2e.conftest import DEADLINE, VNETLAB, DeployedLab, environment_for
from tests.e2e.machine import namespaces, observe
from tests.e2e.test_lab_changes import write

NODES = ("pool-vmss000000", "pool-vmss000001")


def lab_in(folder: Path, *, runtime: str, state_directory: Path) -> DeployedLab:
    """A lab that is not deployed yet."""
    file = folder / f"robust-{runtime}.lab.yaml"
    write(file)
    return DeployedLab(
        name=f"robust-{runtime}",
        file=file,
        runtime=runtime,
        environment=environment_for(state_directory),
    )


@pytest.fixture
def robust(runtime: str, state_directory: Path, tmp_path: Path) -> DeployedLab:
    return lab_in(tmp_path, runtime=runtime, state_directory=state_directory)


def remote_address(lab: DeployedLab) -> str:
    return str(next(row["address"] for row in lab.inspect("pods") if row["ordinal"] == 1))


def kill_cloud(lab: DeployedLab) -> None:
    if lab.runtime == "native":
        lab.execute("vm/vm1", "pkill", "-KILL", "-x", "cloud")
        return
    argv = ["docker", "exec", cloud_container(lab), "pkill", "-KILL", "-x", "cloud"]
    # The container ends with the process, and may take pkill along before that has ended.
    assert subprocess.run(argv, check=False).returncode in (0, 128 + signal.SIGKILL)


def cloud_container(lab: DeployedLab) -> str:
    labels = (f"label=vnetlab.lab={lab.name}", "label=vnetlab.role=cloud")
    return docker("ps", "-q", *(word for label in labels for word in ("-f", label)))


def docker(*arguments: str) -> str:
    done = subprocess.run(["docker", *arguments], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def kill_agents(lab: DeployedLab) -> None:
    for node in NODES if lab.runtime == "docker" else NODES[:1]:
        lab.execute(f"node/{node}", "pkill", "-KILL", "^agent")


def test_agents_and_cloud_die_without_a_packet_lost(robust: DeployedLab) -> None:
    """1000 packets a second go on while all are killed; their successors change nothing."""
    robust.deploy()
    try:
        remote = remote_address(robust)
        pinging = robust.start("pod/web-0", "ping", "-n", "-i", "0.001", "-c", "8000", remote)
        assert pinging.stdout is not None
        kills = {1000: kill_agents, 3000: kill_cloud, 5000: kill_agents}
        output = []
        for line in pinging.stdout:
            output.append(line)
            sequence = re.search(r"icmp_seq=(\d+) ", line)
            if sequence and int(sequence[1]) in kills:
                kills[int(sequence[1])](robust)
        pinging.communicate(timeout=DEADLINE)
        assert "8000 packets transmitted, 8000 received" in "".join(output[-5:])
        assert "nothing to change" in robust.deploy()
        assert robust.ping("pod/web-0", remote).ttls == {62}
        if robust.runtime == "docker":
            assert docker("inspect", "-f", "{{.RestartCount}}", cloud_container(robust)) == "1"
    finally:
        robust.destroy()


@pytest.mark.timeout(900)
def test_a_killed_deploy_is_made_good_by_the_next(robust: DeployedLab) -> None:
    """At 30 moments, half of them in a lab's beginning and half in a change of it."""
    moments = random.Random(20)
    try:
        for attempt in range(30):
            write(robust.file, count=2 + attempt % 2)
            killed = subprocess.Popen(
                [*VNETLAB, "deploy", "-t", str(robust.file), "--runtime", robust.runtime],
                env=robust.environment,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            try:
                killed.wait(timeout=moments.uniform(0.05, 2.0))
            except subprocess.TimeoutExpired:
                killed.kill()
                killed.wait()
            robust.deploy()
            nodes = [row for row in robust.inspect("nodes") if row["kind"] == "cluster-node"]
            assert len(nodes) == 2 + attempt % 2
            assert robust.ping("pod/web-0", remote_address(robust), count=1).ttls == {62}
            if attempt % 4 == 3:
                robust.destroy()
    finally:
        robust.destroy()


def test_destroy_leaves_the_machine_as_it_was(robust: DeployedLab) -> None:
    """Namespaces, devices, addresses, routes, rules, sysctls, mounts, cgroups, processes."""
    state = robust.environment["VNETLAB_STATE_DIR"]
    before, own = observe(), namespaces(of="pytest")
    robust.deploy()
    during = observe()
    of_lab = namespaces(of=f"{state}/{robust.name}") - own
    robust.ping("pod/web-0", remote_address(robust))
    robust.destroy()
    assert observe().differences(before) == []
    assert not namespaces() & of_lab
    assert not (Path(state) / robust.name).exists()
    if robust.runtime == "native":
        assert of_lab
        # While it runs it shows nowhere in the machine's own network either.
        beside = ("mounts", "cgroups")
        changed = [line for line in during.differences(before) if not line.startswith(beside)]
        assert changed == []
    else:
        for kind in ("container", "network", "volume"):
            assert labelled(kind, robust.name) == ""


def labelled(kind: str, lab: str) -> str:
    """Ids of the engine's objects that carry the lab's label."""
    every = ("--all",) if kind == "container" else ()
    return subprocess.run(
        ["docker", kind, "ls", "-q", *every, "--filter", f"label=vnetlab.lab={lab}"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
