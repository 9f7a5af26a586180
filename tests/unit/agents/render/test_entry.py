"""The command line that enters a place."""

from pathlib import Path

from agents.render.entry import (
    Layout,
    NodePlace,
    PodPlace,
    VswitchPlace,
    entry,
    network_entry,
    pin,
    pod_directory,
)

NATIVE = Layout(
    namespaces=Path("/run/vnetlab/hosts/n 1/netns"),
    run_directory=Path("/run/vnetlab/hosts/n 1"),
    root=Path("/run/vnetlab/hosts/n 1/root"),
)
CONTAINER = Layout(
    namespaces=Path("/run/netns"), run_directory=Path("/run/vnetlab"), root=Path("/")
)


def test_places_are_pinned_by_their_names() -> None:
    assert pin(CONTAINER, NodePlace()) == Path("/run/netns/node")
    assert pin(CONTAINER, VswitchPlace()) == Path("/run/netns/host")
    assert pin(CONTAINER, PodPlace(uid="7c2f")) == Path("/run/netns/pod-7c2f")


def test_the_network_alone_takes_one_step() -> None:
    assert network_entry(NATIVE, PodPlace(uid="7")) == (
        "nsenter",
        f"--net={pin(NATIVE, PodPlace(uid='7'))}",
        "--",
    )


def test_a_machine_that_is_the_node_shows_its_own_files_already() -> None:
    assert entry(CONTAINER, NodePlace()) == ("nsenter", "--net=/run/netns/node", "--")


def test_a_place_with_files_gets_views_of_its_own() -> None:
    """One shell, no interpreter; the command's words follow as they are."""
    *prefix, script, name = entry(NATIVE, NodePlace())
    assert prefix == [
        "nsenter", "--net=/run/vnetlab/hosts/n 1/netns/node", "--",
        "unshare", "--mount", "--uts", "--", "sh", "-c",
    ]  # fmt: skip
    assert name == "vnetlab"
    assert script.startswith("set -e\n")
    assert script.endswith('\nexec "$@"')


def test_paths_are_quoted() -> None:
    script = entry(NATIVE, NodePlace())[-2]
    assert "mount --bind '/run/vnetlab/hosts/n 1/root/etc/hosts' /etc/hosts" in script


def test_a_pods_files_are_its_own() -> None:
    script = entry(CONTAINER, PodPlace(uid="7c2f"))[-2]
    directory = pod_directory(CONTAINER, "7c2f")
    assert directory == Path("/run/vnetlab/pods/7c2f")
    for file in ("hosts", "hostname", "resolv.conf"):
        assert f"mount --bind {directory}/{file} /etc/{file}" in script


def test_what_a_place_lacks_is_not_put_over_the_machines() -> None:
    script = entry(CONTAINER, PodPlace(uid="7c2f"))[-2]
    assert "[ ! -e /run/vnetlab/pods/7c2f/hosts ] ||" in script


def test_the_virtual_switch_keeps_the_machines_name() -> None:
    assert "--uts" not in entry(NATIVE, VswitchPlace())
