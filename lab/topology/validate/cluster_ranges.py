"""The address ranges of a cluster: pods, Services, the Docker bridge."""

from collections.abc import Iterator
from ipaddress import IPv4Network

from lab.topology import defaults
from lab.topology.cluster import Cluster, NetworkPlugin
from lab.topology.model import Lab
from lab.topology.problems import Problem
from lab.topology.validate.places import network_of
from lab.topology.validate.ranges import ANY_RESERVED, CLUSTER_ALONE_RESERVED, overlap
from lab.topology.virtual_network import VirtualNetwork

NODE_PREFIX = 24
"""What each node gets of the pod CIDR (claim A10)."""
LARGEST_SERVICE_RANGE = 12


def check(cluster: Cluster, lab: Lab) -> Iterator[Problem]:
    """Problems of the ranges of `cluster`."""
    yield from _overlaps(cluster, lab)
    yield from _reserved(cluster)
    yield from _virtual_network_reserved(cluster, lab)
    yield from _pod_cidr(cluster)
    yield from _service_cidr(cluster)


def warnings(cluster: Cluster, lab: Lab) -> Iterator[Problem]:
    """Ranges that hide peers: pods send there, and nothing arrives (semantics 4.5)."""
    network = network_of(lab, cluster.node_pools[0].subnet) if cluster.node_pools else None
    remotes = (
        {each.remote_virtual_network for each in network.virtual_network_peerings}
        if (network)
        else set()
    )
    for peer in lab.cloud.virtual_networks:
        if peer.name not in remotes:
            continue
        for key, prefix in _ranges(cluster).items():
            hidden = next((each for each in peer.address_prefixes if overlap(each, prefix)), None)
            if hidden is not None:
                yield Problem(
                    cluster.at(key),
                    f"{_named(cluster, key)} overlaps virtual network '{peer.name}' ({hidden}), "
                    "which is peered with the cluster's: pods will not reach machines there",
                    f"choose a {key} outside the networks that the cluster's is peered with",
                )


def _ranges(cluster: Cluster) -> dict[str, IPv4Network]:
    pods = {"podCidr": cluster.pod_cidr} if cluster.pod_cidr is not None else {}
    return pods | {
        "serviceCidr": cluster.service_cidr,
        "dockerBridgeCidr": cluster.docker_bridge_cidr.network,
    }


def _named(cluster: Cluster, key: str) -> str:
    default = "" if key in cluster.places else ", the default"
    return f"{key} of cluster '{cluster.name}' ({_ranges(cluster)[key]}{default})"


def _overlaps(cluster: Cluster, lab: Lab) -> Iterator[Problem]:
    ranges = _ranges(cluster)
    keys = list(ranges)
    for position, key in enumerate(keys):
        for other in keys[:position]:
            if overlap(ranges[key], ranges[other]):
                yield Problem(
                    cluster.at(key),
                    f"{_named(cluster, key)} overlaps its {other} ({ranges[other]})",
                    f"choose ranges apart for {other} and {key}",
                )
    if not cluster.node_pools:
        return
    network = network_of(lab, cluster.node_pools[0].subnet)
    for key in keys:
        for prefix in network.address_prefixes if network else ():
            if network and overlap(ranges[key], prefix):
                yield Problem(
                    cluster.at(key),
                    f"{_named(cluster, key)} overlaps virtual network '{network.name}' ({prefix})"
                    f"{_error(key, ranges[key], network)}",
                    f"choose a {key} outside the virtual network",
                )


def _error(key: str, prefix: IPv4Network, network: VirtualNetwork) -> str:
    """The name that AKS has for the overlap, where it has one."""
    if key == "podCidr":
        return " (NetworkProfileCIDROverlapVNET)"
    subnets = any(overlap(prefix, subnet.address_prefix) for subnet in network.subnets)
    return " (ServiceCidrOverlapExistingSubnetsCidr)" if key == "serviceCidr" and subnets else ""


def _reserved(cluster: Cluster) -> Iterator[Problem]:
    for key, prefix in _ranges(cluster).items():
        reserved = next((each for each in ANY_RESERVED if overlap(prefix, each)), None)
        if reserved is not None:
            yield Problem(
                cluster.at(key),
                f"{_named(cluster, key)} overlaps {reserved}, which no cluster may use",
                f"choose another {key}",
            )


def _virtual_network_reserved(cluster: Cluster, lab: Lab) -> Iterator[Problem]:
    network = network_of(lab, cluster.node_pools[0].subnet) if cluster.node_pools else None
    for index, prefix in enumerate(network.address_prefixes if network else ()):
        for reserved in CLUSTER_ALONE_RESERVED:
            if network and overlap(prefix, reserved):
                yield Problem(
                    network.at(f"addressPrefixes[{index}]"),
                    f"virtual network '{network.name}' ({prefix}) overlaps {reserved}, which AKS "
                    f"keeps for itself, and cluster '{cluster.name}' is in it",
                    "choose another prefix, or put the cluster into another virtual network",
                )


def _pod_cidr(cluster: Cluster) -> Iterator[Problem]:
    if cluster.pod_cidr is None:
        return
    if cluster.network_plugin is NetworkPlugin.NONE:
        yield Problem(
            cluster.at("podCidr"),
            f"cluster '{cluster.name}' has networkPlugin none, which gives pods no addresses, and "
            "a podCidr",
            "take podCidr out, or choose a networkPlugin",
        )
        return
    if not cluster.has_pod_cidr:
        yield Problem(
            cluster.at("podCidr"),
            f"cluster '{cluster.name}' has networkPlugin azure, whose pods have addresses of a "
            "subnet, and a podCidr",
            "take podCidr out, or write networkPluginMode: overlay",
        )
        return
    nodes = sum(pool.count for pool in cluster.node_pools)
    room = 2 ** max(0, NODE_PREFIX - cluster.pod_cidr.prefixlen)
    if cluster.pod_cidr.prefixlen > NODE_PREFIX:
        yield Problem(
            cluster.at("podCidr"),
            f"{_named(cluster, 'podCidr')} is smaller than the /{NODE_PREFIX} that each node gets",
            f"choose a range of /{NODE_PREFIX} or larger",
        )
    elif nodes > room:
        needed = NODE_PREFIX - (nodes - 1).bit_length()
        yield Problem(
            cluster.at("podCidr"),
            f"{_named(cluster, 'podCidr')} has a /{NODE_PREFIX} for {room} nodes, but there are "
            f"{nodes}",
            f"choose a range of /{needed} or larger, or lower the count of nodes",
        )


def _service_cidr(cluster: Cluster) -> Iterator[Problem]:
    services, dns = cluster.service_cidr, cluster.dns_service_ip
    if services.prefixlen < LARGEST_SERVICE_RANGE:
        yield Problem(
            cluster.at("serviceCidr"),
            f"{_named(cluster, 'serviceCidr')} is larger than /{LARGEST_SERVICE_RANGE}",
            f"choose a range of /{LARGEST_SERVICE_RANGE} or smaller",
        )
    if dns not in services:
        yield Problem(
            cluster.at("dnsServiceIP"),
            f"dnsServiceIP {dns} of cluster '{cluster.name}' is outside its serviceCidr {services}",
            f"choose an address of {services}, for example {defaults.dns_service_ip(services)}",
        )
    elif dns in {services[0], services[min(1, services.num_addresses - 1)], services[-1]}:
        yield Problem(
            cluster.at("dnsServiceIP"),
            f"dnsServiceIP {dns} of cluster '{cluster.name}' is the first, second or last address "
            f"of its serviceCidr {services}; the second is that of the kubernetes Service",
            "choose another address of the range, the tenth by custom",
        )
