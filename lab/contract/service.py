"""What kube-proxy and CoreDNS know (semantics 7): Services, who answers for them, their names."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lab.contract.platform import DnsZone

if TYPE_CHECKING:
    from lab.contract.node_state import Address, Prefix, Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """A port of a pod that answers for a port of a Service."""

    address: "Address"
    port: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ServicePort:
    """A port of a Service."""

    name: str = ""
    """Empty: the Service's only one."""
    protocol: "Protocol"
    port: int
    endpoints: tuple[Endpoint, ...] = ()
    """In the order in which kube-proxy asks them; none: connections are refused."""
    node_port: int = 0
    """Where every node is asked for it; 0: nowhere."""

    def endpoints_at(self, addresses: Collection["Address"]) -> tuple[Endpoint, ...]:
        """Those with one of `addresses`, in the same order."""
        return tuple(each for each in self.endpoints if each.address in addresses)


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A Service with an address in the cluster."""

    namespace: str
    name: str
    cluster_ip: "Address"
    ports: tuple[ServicePort, ...] = ()
    affinity_seconds: int = 0
    """How long a client keeps its endpoint; 0: it has none."""
    load_balancer_ingress: "Address | None" = None
    """Of type LoadBalancer: the address of the cloud, at which packets come to nodes."""
    load_balancer_source_ranges: "tuple[Prefix, ...]" = ()
    """Whom that address answers; none: everybody."""
    external_policy_local: bool = False
    """Only endpoints of the node that was asked answer who comes from outside."""
    health_check_node_port: int = 0
    """Where every node tells whether it has endpoints; 0: nowhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KubeProxy:
    """kube-proxy of a node."""

    cluster_cidr: "Prefix | None" = None
    """Whose packets come from pods; all others reach endpoints as the node. None: not known,
    nobody's source is changed for that reason."""
    services: tuple[Service, ...] = ()
    """Of the whole cluster, by namespace and name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterDns:
    """What CoreDNS knows."""

    zones: tuple[DnsZone, ...] = ()
    """What none of them holds is asked of the platform."""
