from ipaddress import IPv4Address, IPv4Network
from pathlib import PurePosixPath
from typing import Any

import yaml

from lab.control.compiling import compile_sources
from lab.runtime.docker.cloud import read_sources
from lab.runtime.docker.compose import EXAMPLE, SHIPPED, compose_file, shipped
from lab.runtime.docker.containers import LabContainers
from lab.runtime.docker.image_source import repository_root
from lab.runtime.docker.network import SHIPPED_UNDERLAY
from lab.runtime.provider import Host

REPOSITORY = repository_root() or PurePosixPath()
UNDERLAY = IPv4Network("198.18.4.0/22")
HOSTS = [
    Host(name="node1", underlay_address=IPv4Address("198.18.4.10")),
    Host(name="vm1", underlay_address=IPv4Address("198.18.4.11")),
]
FILE: dict[str, Any] = yaml.safe_load(
    compose_file("one", file=PurePosixPath("labs/one.lab.yaml"), hosts=HOSTS, underlay=UNDERLAY)
)
NODES = {name: FILE["services"][name] for name in ("node1", "vm1")}
REFUSED_BY_1_29 = {"name", "include", "develop", "version"}
"""`version` only warns, and in version 2."""


def test_the_shipped_file_is_what_the_example_compiles_to() -> None:
    """After `make compose`, that is: addresses, hosts and specifications are generated."""
    assert (REPOSITORY / SHIPPED).read_text() == shipped(REPOSITORY)


def test_the_shipped_addresses_are_those_that_the_cloud_process_will_assign() -> None:
    compiled = compile_sources(read_sources(REPOSITORY / EXAMPLE), None, underlay=SHIPPED_UNDERLAY)
    services = yaml.safe_load((REPOSITORY / SHIPPED).read_text())["services"]
    shipped_addresses = {
        name: service["networks"]["underlay"]["ipv4_address"]
        for name, service in services.items()
        if name != "cloud"
    }
    assert shipped_addresses == {name: str(each) for name, each in compiled.hosts.items()}


def test_a_node_is_specified_as_the_runtime_would() -> None:
    """Whoever starts with compose gets the same container."""
    specification = LabContainers(
        lab="one",
        image="",
        underlay=UNDERLAY,
        network="",
        authority="",
        state_directory="",
        user="",
    ).node(HOSTS[0])
    node = NODES["node1"]
    assert node["hostname"] == specification.hostname
    assert node["environment"] == specification.environment
    assert tuple(node["cap_add"]) == specification.added_capabilities
    assert tuple(node["security_opt"]) == specification.security
    assert node["networks"]["underlay"]["ipv4_address"] == str(specification.address)


def test_every_node_sees_its_own_certificate_and_no_other() -> None:
    for name, node in NODES.items():
        assert node["volumes"] == [f"{name}:/etc/vnetlab:ro"]


def test_the_cloud_container_fills_the_volume_of_every_node() -> None:
    mounted = [volume.split(":") for volume in FILE["services"]["cloud"]["volumes"]]
    filled = {source: target for source, target, *_ in mounted}
    for name in NODES:
        assert filled[name] == f"/var/lib/vnetlab/credentials/{name}"
    assert set(FILE["volumes"]) == {"authority", *NODES}


def test_the_lab_file_is_seen_with_the_manifests_beside_it() -> None:
    cloud = FILE["services"]["cloud"]
    assert "./labs:/files:ro" in cloud["volumes"]
    assert cloud["environment"]["VNETLAB_LAB_FILE"] == "/files/one.lab.yaml"


def test_nodes_wait_for_their_certificates() -> None:
    for node in NODES.values():
        assert node["depends_on"] == {"cloud": {"condition": "service_healthy"}}


def test_no_other_init_takes_the_place_of_the_entrypoint() -> None:
    """A first process that never leaves the engine's namespace shows the wrong one to exec."""
    assert all("init" not in service for service in FILE["services"].values())


def test_both_majors_of_compose_know_every_key() -> None:
    assert not REFUSED_BY_1_29 & FILE.keys()
    for service in FILE["services"].values():
        assert "start_interval" not in service.get("healthcheck", {})
        assert "cgroup" not in service


def test_the_underlay_is_internal_and_wide() -> None:
    underlay = FILE["networks"]["underlay"]
    assert underlay["internal"] is True
    assert underlay["driver_opts"] == {
        "com.docker.network.driver.mtu": "9000",
        "com.docker.network.bridge.inhibit_ipv4": "true",
    }
    assert underlay["ipam"]["config"] == [{"subnet": str(UNDERLAY)}]
