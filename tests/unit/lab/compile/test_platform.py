"""What the hosts of a network are answered."""

from dataclasses import replace
from ipaddress import IPv4Address

from lab.compile import Compilation
from lab.contract.platform import Platform
from lab.contract.state_parts import assembled
from lab.topology.model import InternetHost
from lab.topology.private_dns import PrivateDnsZone, VirtualNetworkLink
from tests.unit.lab.compile.labs import (
    INTERNET,
    NODE0,
    cluster,
    compiled,
    lab,
    machine,
    network,
    pool,
)

NAMED = InternetHost(name="site", address=IPv4Address("203.0.113.20"), names=("www.example.com",))


def two_networks() -> Compilation:
    other = network("vnet02", "10.9.0.0/16", vlan="10.9.0.0/24")
    return compiled(
        lab(
            cluster(pool(1)),
            machine("vm1"),
            machine("vm2", "vnet02/vlan"),
            NAMED,
            networks=(network(), other),
        )
    )


def platform(found: Compilation, host: str) -> Platform:
    told = found.nodes[host].platform
    assert told is not None
    return told


def test_hosts_of_a_network_are_answered_alike_and_encoded_once() -> None:
    found = two_networks()
    assert platform(found, NODE0) is platform(found, "vm1")
    assert found.shared[NODE0].platform is found.shared["vm1"].platform
    assert platform(found, "vm2") != platform(found, "vm1")
    assert {name: assembled(found.encoded(name)) for name in found.nodes} == found.nodes


def test_a_networks_own_zone_has_its_machines_and_nodes() -> None:
    own, public = platform(two_networks(), "vm1").zones
    assert [each.name.partition(".")[0] for each in own.record_sets] == [NODE0, "vm1"]
    assert [(each.name, each.data) for each in public.record_sets] == [
        ("www.example.com", ("203.0.113.20",))
    ]


def test_nothing_answers_on_the_internet() -> None:
    assert compiled(lab(INTERNET)).nodes["internet"].platform is None


def test_a_private_zone_is_between_the_networks_own_and_the_public_one() -> None:
    linked = PrivateDnsZone(
        name="corp.example",
        virtual_network_links=(VirtualNetworkLink(name="l", virtual_network="vnet01"),),
    )
    made = lab(machine("vm1"), NAMED)
    made = replace(made, cloud=replace(made.cloud, private_dns_zones=(linked,)))
    names = [zone.name for zone in platform(compiled(made), "vm1").zones]
    assert names[1:] == ["corp.example", ""]
