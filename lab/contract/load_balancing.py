"""Load balancing of flows from outside (semantics 3.1): the edge's part, the host's, and probes."""

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lab.contract.node_state import Address, Protocol


class LoadDistribution(Enum):
    """What of a packet decides to which backend its flow goes; Azure's `loadDistribution`."""

    DEFAULT = "Default"
    """Both addresses, both ports, the protocol."""
    SOURCE_IP = "SourceIP"
    """Both addresses."""
    SOURCE_IP_PROTOCOL = "SourceIPProtocol"
    """Both addresses and the protocol."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Backend:
    """A host that may get flows of a rule."""

    host: str
    locator: "Address"
    """In place of the frontend's address between edge and host, as of a `PortLease`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BalancingRule:
    """Flows to a port of a frontend, as its edge spreads them over backends."""

    frontend: "Address"
    protocol: "Protocol"
    port: int
    distribution: LoadDistribution = LoadDistribution.DEFAULT
    idle_seconds: int = 240
    """After how long without a packet a flow is forgotten."""
    probe: str = ""
    """Name of the probe that decides who is up; empty: all are."""
    backends: tuple[Backend, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class ProbedBackend:
    """A host as a probe sees it."""

    probe: str
    host: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BalancedPort:
    """A port of a frontend whose flows come to a host."""

    frontend: "Address"
    protocol: "Protocol"
    port: int
    backend_port: int = 0
    """Of the host; 0: it sees the frontend's address and port (floating IP)."""
    locator: "Address"

    @property
    def floating(self) -> bool:
        """Whether the host sees the frontend's address and port as the destination."""
        return self.backend_port == 0


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthProbe:
    """How the switch of a host asks whether the host is up, from 168.63.129.16."""

    name: str
    """``LOADBALANCER/PROBE``."""
    port: int
    request_path: str = ""
    """HTTP GET of this, to be answered with 200; empty: a TCP connection is all."""
    interval_seconds: int
    """From one probe to the next; so long may an answer take."""
    threshold: int
    """Failures one after the other until the host is down."""
