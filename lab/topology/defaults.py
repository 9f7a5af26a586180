"""What a lab file may leave out, and what holds then.

The constants are AKS's defaults where AKS has one; kubenet as the default network
model is claim A29.
"""

from ipaddress import IPv4Address, IPv4Interface, IPv4Network

from lab.topology.cluster import NetworkMode, NetworkPlugin, NetworkPluginMode
from lab.topology.model import InternetHost

PROVIDER = "azure"
NETWORK_PLUGIN = NetworkPlugin.KUBENET
POD_CIDR = IPv4Network("10.244.0.0/16")
SERVICE_CIDR = IPv4Network("10.0.0.0/16")
DOCKER_BRIDGE_CIDR = IPv4Interface("172.17.0.1/16")
WITHIN = 10.0
"""Seconds in which a test's expectation has to come true."""
INTERNET = (InternetHost(name="internet", address=IPv4Address("203.0.113.10")),)


def dns_service_ip(service_cidr: IPv4Network) -> IPv4Address:
    """The tenth address of the Services' range, as AKS's own default is of its default range.

    The last one when the range has no tenth.
    """
    return service_cidr[min(10, service_cidr.num_addresses - 1)]


def network_mode(plugin: NetworkPlugin, version: str | None) -> NetworkMode | None:
    """How `version` of Azure CNI attaches pods: over a bridge before 1.2.0 (claim B1).

    None, which stands for the newest, does without one. Other plugins have no such mode.
    """
    if plugin is not NetworkPlugin.AZURE:
        return None
    if version is None:
        return NetworkMode.TRANSPARENT
    numbers = tuple(int(number) for number in version.removeprefix("v").split("."))
    return NetworkMode.TRANSPARENT if numbers >= (1, 2, 0) else NetworkMode.BRIDGE


def max_pods(plugin: NetworkPlugin, mode: NetworkPluginMode | None, *, has_pod_subnet: bool) -> int:
    """Pods of a node: 110, 30 in the nodes' subnet (claim B9), 250 in other modes of Azure CNI.

    Where pods have addresses apart from the nodes' subnet none is kept ahead for each
    (semantics 4.5; AKS' documents contradict each other for pod subnets, semantics 9.2).
    """
    if plugin is not NetworkPlugin.AZURE:
        return 110
    return 250 if mode is NetworkPluginMode.OVERLAY or has_pod_subnet else 30


def registration_order(count: int) -> tuple[int, ...]:
    """Instances register in the order of their numbers."""
    return tuple(range(count))
