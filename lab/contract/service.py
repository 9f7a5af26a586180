"""What kube-proxy and CoreDNS know (semantics 7): Services, who answers for them, their names."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A Service with an address in the cluster."""

    namespace: str
    name: str
    cluster_ip: "Address"
    ports: tuple[ServicePort, ...] = ()
    affinity_seconds: int = 0
    """How long a client keeps its endpoint; 0: it has none."""


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
