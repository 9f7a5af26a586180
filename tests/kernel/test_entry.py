"""Entering a place: its network, its name, its files, and nothing of the machine's changed."""

import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from agents.render.entry import Layout, NodePlace, Place, PodPlace, VswitchPlace, entry
from lab.contract.node_state import File
from tests.kernel.hosts import Host, Site
from tests.unit.agents.states import address_of, host_network_pod, node, pod, pod_address_of

pytestmark = pytest.mark.kernel

FILES = (
    File(path="/etc/hostname", content=b"node1\n"),
    File(path="/etc/hosts", content=b"10.0.0.4 node1\n"),
    File(path="/etc/resolv.conf", content=b"nameserver 168.63.129.16\n"),
    File(path="/var/lib/cni/networks/kubenet/10.244.1.2", content=b"abc"),
)


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    site = Site(Path(tmp_path_factory.mktemp("site")))
    host = site.host(1)
    state = node(1, pods=[pod(1, 0), host_network_pod("agent")])
    done = host.reconcile(replace(state, files=FILES))
    assert [c for c in done.conditions if c.reason] == []
    yield host
    site.close()


def enter(host: Host, place: Place, *argv: str) -> subprocess.CompletedProcess[str]:
    config = host.config
    layout = Layout(
        namespaces=config.namespaces, run_directory=config.run_directory, root=config.root
    )
    return subprocess.run(
        [*entry(layout, place), *argv], capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    ("place", "address"),
    [
        pytest.param(NodePlace(), address_of(1), id="node"),
        pytest.param(VswitchPlace(), "198.18.0.1", id="vswitch"),
        pytest.param(PodPlace(uid="1-0"), pod_address_of(1, 0), id="pod"),
        pytest.param(PodPlace(uid="agent"), address_of(1), id="pod on the host's network"),
    ],
)
def test_a_place_has_its_own_network(host: Host, place: Place, address: object) -> None:
    assert f"inet {address}/" in enter(host, place, "ip", "addr").stdout


@pytest.mark.parametrize(
    ("place", "name"),
    [(NodePlace(), "node1"), (PodPlace(uid="1-0"), "web-0"), (PodPlace(uid="agent"), "node1")],
)
def test_a_place_has_its_own_name(host: Host, place: Place, name: str) -> None:
    assert enter(host, place, "hostname").stdout == f"{name}\n"


def test_a_place_shows_its_own_files(host: Host) -> None:
    assert enter(host, NodePlace(), "cat", "/etc/hosts").stdout == "10.0.0.4 node1\n"
    lease = enter(host, NodePlace(), "cat", "/var/lib/cni/networks/kubenet/10.244.1.2")
    assert lease.stdout == "abc"
    resolver = enter(host, PodPlace(uid="1-0"), "cat", "/etc/resolv.conf")
    assert resolver.stdout == "nameserver 172.16.1.10\n"


def test_tools_that_read_sysfs_see_the_place(host: Host) -> None:
    assert "cbr0" in enter(host, NodePlace(), "brctl", "show").stdout


def test_exit_codes_and_arguments_are_the_commands_own(host: Host) -> None:
    """Blanks, quotes and an exit code pass through unharmed."""
    done = enter(host, PodPlace(uid="1-0"), "sh", "-c", 'printf %s "$1"; exit 7', "sh", "a 'b' $c")
    assert (done.returncode, done.stdout) == (7, "a 'b' $c")


def test_entering_leaves_no_trace(host: Host) -> None:
    before = Path("/proc/self/mountinfo").read_text()
    name = Path("/proc/sys/kernel/hostname").read_text()
    enter(host, NodePlace(), "true")
    assert Path("/proc/self/mountinfo").read_text() == before
    assert Path("/proc/sys/kernel/hostname").read_text() == name


def test_a_place_that_is_not_there_is_an_error(host: Host) -> None:
    done = enter(host, PodPlace(uid="gone"), "true")
    assert done.returncode != 0
    assert "pod-gone" in done.stderr
