"""Load balancers: frontends, pools, and the rules that lead from one to the other."""

from dataclasses import dataclass
from enum import Enum

from lab.topology.written import Written


class OutboundProtocol(Enum):
    """`protocol` of an outbound rule."""

    ALL = "All"
    """TCP and UDP; a load balancer carries nothing else."""
    TCP = "Tcp"
    UDP = "Udp"


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontendIPConfiguration(Written):
    """A public address of a load balancer, under a name of the load balancer's own."""

    name: str
    public_ip_address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BackendAddressPool(Written):
    """A set of network interfaces, which name it as ``LOADBALANCER/POOL``."""

    name: str
    members: tuple[str, ...] = ()
    """Hosts that are in it without naming it: what a cluster makes for its nodes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboundRule(Written):
    """Has network interfaces of a pool go to the Internet with addresses of frontends."""

    name: str
    frontend_ip_configurations: tuple[str, ...]
    backend_address_pool: str
    protocol: OutboundProtocol = OutboundProtocol.ALL
    allocated_outbound_ports: int = 0
    """For each member, a multiple of 8; 0: by the size of the pool."""


class LoadDistribution(Enum):
    """`loadDistribution` of a rule: what of a packet decides to which member it goes."""

    DEFAULT = "Default"
    """Both addresses, both ports and the protocol: connections of a client are spread."""
    SOURCE_IP = "SourceIP"
    """Both addresses."""
    SOURCE_IP_PROTOCOL = "SourceIPProtocol"
    """Both addresses and the protocol."""


class TransportProtocol(Enum):
    """`protocol` of a load-balancing rule."""

    TCP = "Tcp"
    UDP = "Udp"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadBalancingRule(Written):
    """Spreads the flows to a port of a frontend over the members of a pool (semantics 3.1)."""

    name: str
    frontend_ip_configuration: str
    backend_address_pool: str
    protocol: TransportProtocol
    frontend_port: int
    backend_port: int
    probe: str | None = None
    """Name of the probe that decides who of the pool is up; None: all are."""
    enable_floating_ip: bool = False
    """Members see the frontend's address and port as the destination, not their own."""
    load_distribution: LoadDistribution = LoadDistribution.DEFAULT
    idle_timeout_in_minutes: int = 4
    """After how long without a packet a flow is forgotten."""


class ProbeProtocol(Enum):
    """`protocol` of a probe."""

    TCP = "Tcp"
    """A connection has to come about."""
    HTTP = "Http"
    """A GET has to be answered with 200."""


PROBE_INTERVAL = 15
"""Seconds; what Azure takes where nothing is said."""

PROBE_THRESHOLD = 2
"""What AKS sets (semantics 9)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe(Written):
    """Asks each member of a rule's pool whether it is up (semantics 2.4: from 168.63.129.16)."""

    name: str
    protocol: ProbeProtocol
    port: int
    request_path: str = ""
    """Of `ProbeProtocol.HTTP`."""
    interval_in_seconds: int = PROBE_INTERVAL
    threshold: int = PROBE_THRESHOLD
    """Failures one after the other that take a member out; the first success brings it back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadBalancer(Written):
    """A public load balancer. Names in it are its own."""

    name: str
    frontend_ip_configurations: tuple[FrontendIPConfiguration, ...]
    backend_address_pools: tuple[BackendAddressPool, ...]
    outbound_rules: tuple[OutboundRule, ...] = ()
    load_balancing_rules: tuple[LoadBalancingRule, ...] = ()
    probes: tuple[Probe, ...] = ()
