from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network

import pytest

from lab.runtime.docker import labels
from lab.runtime.docker.containers import LabContainers
from lab.runtime.provider import Host

CONTAINERS = LabContainers(
    lab="one",
    image="sha256:1",
    underlay=IPv4Network("198.18.4.0/22"),
    network="4f1d",
    authority="aa",
    state_directory="/run/user/1000/vnetlab/one",
    user="1000:1000",
)
HOST = Host(name="vm1", underlay_address=IPv4Address("198.18.4.10"))


def test_a_host_gets_the_address_that_the_cloud_process_gave_it() -> None:
    assert CONTAINERS.node(HOST).address == HOST.underlay_address


def test_containers_of_two_labs_never_have_one_name() -> None:
    """No name of a lab has a dot, so where the host's ends is never in doubt."""
    other = replace(CONTAINERS, lab="vm1-one")
    assert (
        CONTAINERS.node(replace(HOST, name="a-vm1")).name
        != other.node(replace(HOST, name="a")).name
    )


def test_agents_dial_the_address_that_the_cloud_container_has() -> None:
    cloud = CONTAINERS.cloud()
    dialled = CONTAINERS.node(HOST).environment["VNETLAB_CLOUD"]
    assert dialled == cloud.environment["VNETLAB_AGENTS"]
    assert dialled.startswith(f"{cloud.address}:")


def test_the_cloud_container_has_no_capability_and_is_not_root() -> None:
    cloud = CONTAINERS.cloud()
    assert cloud.dropped_capabilities == ("ALL",)
    assert cloud.added_capabilities == ()
    assert cloud.user == "1000:1000"


def test_a_node_sees_no_directory_of_the_machine() -> None:
    assert not CONTAINERS.node(HOST).binds


def test_no_container_gains_privileges() -> None:
    for container in (CONTAINERS.cloud(), CONTAINERS.node(HOST)):
        assert "no-new-privileges:true" in container.security


def test_credentials_are_not_below_a_tmpfs() -> None:
    """What is put into a tmpfs before the start is gone after it, without a word."""
    assert not any("/etc/vnetlab".startswith(mounted) for mounted in CONTAINERS.node(HOST).tmpfs)


def test_equal_specifications_have_equal_digests() -> None:
    assert CONTAINERS.node(HOST).digest == replace(CONTAINERS).node(replace(HOST)).digest


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("image", "sha256:2"),
        ("network", "5e2c"),
        ("authority", "bb"),
        ("underlay", IPv4Network("198.18.8.0/22")),
    ],
)
def test_whatever_makes_a_container_wrong_changes_its_digest(field: str, value: object) -> None:
    assert replace(CONTAINERS, **{field: value}).node(HOST).digest != CONTAINERS.node(HOST).digest


def test_a_container_is_found_by_lab_role_and_node() -> None:
    marks = CONTAINERS.node(HOST).labels(lab="one", owner=1000)
    assert marks[labels.LAB] == "one"
    assert marks[labels.ROLE] == "node"
    assert marks[labels.NODE] == "vm1"
    assert marks[labels.OWNER] == "1000"


def test_the_cloud_container_says_which_directory_the_lab_lives_in() -> None:
    marks = CONTAINERS.cloud().labels(lab="one", owner=1000)
    assert marks[labels.STATE_DIRECTORY] == CONTAINERS.state_directory
