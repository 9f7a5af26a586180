"""What the hypervisor answers the hosts of each virtual network: the same for all of one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address

from lab.cloud.dns_zone import internal_suffix, internal_zone, linked_zone, public_zone
from lab.cloud.private_link import public_names, registered_endpoints
from lab.compile.addresses import Addresses
from lab.compile.hosts import Host
from lab.contract.platform import Platform
from lab.contract.state_parts import encode_platform
from lab.topology.model import Lab


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedPlatform:
    """What all hosts of a virtual network have in common."""

    dns_suffix: str
    """What they append to short names."""
    platform: Platform
    encoded: bytes
    """The same for the wire (`lab.contract.state_parts.encode_platform`)."""


def platforms_of(
    lab: Lab, hosts: Sequence[Host], addresses: Addresses
) -> dict[str, SharedPlatform]:
    """What is answered in each virtual network of `lab`, by its name."""
    machines: dict[str, dict[str, IPv4Address]] = {
        network.name: {} for network in lab.cloud.virtual_networks
    }
    for host in hosts:
        if host.subnet is not None and host.kind.has_guest:
            machines[host.subnet.virtual_network][host.name] = addresses.primary[host.name]
    public = public_zone(
        ((name, host.address) for host in lab.internet for name in host.names),
        public_names(lab.cloud),
    )
    endpoints = registered_endpoints(lab.cloud, addresses.private_endpoints)
    found = {}
    for network, own in machines.items():
        suffix = internal_suffix(network)
        linked = [
            linked_zone(zone, network, machines, endpoints.get(zone.name, {}))
            for zone in lab.cloud.private_dns_zones
        ]
        platform = Platform(
            zones=(
                internal_zone(suffix, own),
                *(zone for zone in linked if zone is not None),
                public,
            )
        )
        found[network] = SharedPlatform(
            dns_suffix=suffix, platform=platform, encoded=encode_platform(platform)
        )
    return found


def platform_of(host: Host, platforms: Mapping[str, SharedPlatform]) -> SharedPlatform | None:
    """What `host` is answered; None: no hypervisor of this cloud stands behind it."""
    if host.subnet is None or not host.kind.has_guest:
        return None
    return platforms[host.subnet.virtual_network]
