"""Ports of Services in kube-proxy's words: their names, chains and matches (semantics §7)."""

from base64 import b32encode
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256

from lab.contract.node_state import Address
from lab.contract.service import Endpoint, Service, ServicePort

_HASH_LENGTH = 16


def called(service: Service, port: ServicePort) -> str:
    """A port of a Service, as kube-proxy logs and hashes it."""
    suffix = f":{port.name}" if port.name else ""
    return f"{service.namespace}/{service.name}{suffix}"


def written(endpoint: Endpoint) -> str:
    """``ADDRESS:PORT``."""
    return f"{endpoint.address}:{endpoint.port}"


def service_chain(service: Service, port: ServicePort) -> str:
    """``KUBE-SVC-…``: to all endpoints of a port."""
    return f"KUBE-SVC-{_of_port(service, port)}"


def external_chain(service: Service, port: ServicePort) -> str:
    """``KUBE-EXT-…``: what comes by a node port, or by the address of a load balancer."""
    return f"KUBE-EXT-{_of_port(service, port)}"


def local_chain(service: Service, port: ServicePort) -> str:
    """``KUBE-SVL-…``: to the endpoints of the node itself."""
    return f"KUBE-SVL-{_of_port(service, port)}"


def firewall_chain(service: Service, port: ServicePort) -> str:
    """``KUBE-FW-…``: whom the address of a load balancer answers."""
    return f"KUBE-FW-{_of_port(service, port)}"


def endpoint_chain(service: Service, port: ServicePort, endpoint: Endpoint) -> str:
    """``KUBE-SEP-…``: to an endpoint of a port."""
    protocol = port.protocol.value.lower()
    return f"KUBE-SEP-{_hash(f'{called(service, port)}{protocol}{written(endpoint)}')}"


def _of_port(service: Service, port: ServicePort) -> str:
    return _hash(called(service, port) + port.protocol.value.lower())


@lru_cache(maxsize=8192)
def _hash(seed: str) -> str:
    return b32encode(sha256(seed.encode()).digest()).decode()[:_HASH_LENGTH]


@dataclass(frozen=True, slots=True, kw_only=True)
class Portal:
    """A port of a Service, as the kube-proxy of one node sees it."""

    service: Service
    port: ServicePort
    node: Address
    local: tuple[Endpoint, ...]
    """Endpoints of the node itself, where they matter."""

    @property
    def name(self) -> str:
        """As logs and comments have it."""
        return called(self.service, self.port)

    @property
    def chain(self) -> str:
        """To all endpoints."""
        return service_chain(self.service, self.port)

    @property
    def external_chain(self) -> str:
        """Of who comes from outside."""
        return external_chain(self.service, self.port)

    @property
    def is_external(self) -> bool:
        """Whether anything but its ClusterIP leads to it."""
        return bool(self.port.node_port or self.service.load_balancer_ingress)

    @property
    def answers_outside(self) -> bool:
        """Whether there is an endpoint for who comes from outside."""
        return bool(self.local if self.service.external_policy_local else self.port.endpoints)

    @property
    def protocol(self) -> str:
        """As iptables has it."""
        return self.port.protocol.value.lower()

    def to(self, address: Address) -> str:
        """What matches packets to the port at `address`."""
        return f"-m {self.protocol} -p {self.protocol} -d {address} --dport {self.port.port}"

    @property
    def to_node_port(self) -> str:
        """What matches packets to the node port."""
        return f"-m {self.protocol} -p {self.protocol} --dport {self.port.node_port}"

    def comment(self, text: str) -> str:
        """`text` in which ``%`` is the port's name, as a match."""
        return f'-m comment --comment "{text.replace("%", self.name)}"'
