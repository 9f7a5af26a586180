"""The routing domain of an overlay's pods (semantics 4.5).

The fabric takes a packet for a node's range of the pod CIDR to that node, when it
comes from a pod or a node of the same cluster. No route of the virtual network
says so and none can change it, so clusters of one network may have the same pod
CIDR and never meet.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network

from lab.compile.addresses import Addresses, overlay_domain
from lab.contract.node_state import Delivery, FabricRoute
from lab.topology.cluster import Cluster, NetworkPluginMode

_EVERYTHING = IPv4Network("0.0.0.0/0")


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlay:
    """One cluster's pods and nodes, as the fabric knows them."""

    pod_cidr: IPv4Network
    pods: tuple[FabricRoute, ...]
    """To the range of each node, shortest prefix first; the rest of the pod CIDR is nobody's."""
    nodes: tuple[FabricRoute, ...]
    """To each node itself, for what pods answer."""

    @property
    def routes_of_pods(self) -> tuple[FabricRoute, ...]:
        """What packets with a pod's address find: pods and nodes of the cluster."""
        nowhere = FabricRoute(prefix=_EVERYTHING, delivery=Delivery.DROP)
        return (nowhere, *self.pods, *self.nodes)

    def routes_of_nodes(self, subnet: Iterable[FabricRoute]) -> tuple[FabricRoute, ...]:
        """Those of the nodes' `subnet`, but in the pod CIDR the overlay's alone."""
        kept = (each for each in subnet if not _inside(each, self.pod_cidr))
        return (*kept, *self.pods)


def overlay_of(
    cluster: Cluster, cidrs: Mapping[str, IPv4Network], addresses: Addresses
) -> Overlay | None:
    """The overlay of `cluster`; None when its model has none.

    `cidrs` has the range of each node, in the order of registration.
    """
    if cluster.network_plugin_mode is not NetworkPluginMode.OVERLAY or cluster.pod_cidr is None:
        return None
    vni = addresses.networks[overlay_domain(cluster)]
    network = cluster.node_pools[0].subnet.virtual_network
    return Overlay(
        pod_cidr=cluster.pod_cidr,
        pods=(
            FabricRoute(prefix=cluster.pod_cidr, delivery=Delivery.DROP),
            *(
                _to(cidr, addresses.underlay[node], vni)
                for node, cidr in sorted(cidrs.items(), key=lambda entry: entry[1])
            ),
        ),
        nodes=tuple(
            _to(
                IPv4Network(addresses.primary[node]),
                addresses.underlay[node],
                addresses.networks[network],
            )
            for node in sorted(cidrs, key=addresses.primary.__getitem__)
        ),
    )


def _to(prefix: IPv4Network, underlay: IPv4Address, vni: int) -> FabricRoute:
    return FabricRoute(prefix=prefix, delivery=Delivery.FABRIC, underlay_address=underlay, vni=vni)


def _inside(route: FabricRoute, pod_cidr: IPv4Network) -> bool:
    return isinstance(route.prefix, IPv4Network) and route.prefix.subnet_of(pod_cidr)
