"""Kubernetes objects as their manifests state them: frozen values, Kubernetes words.

Property names are those of the Kubernetes API in snake_case. What a field does
is not decided here, and fields that have no effect on the network are not kept.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from ipaddress import IPv4Address, IPv4Network
from types import MappingProxyType

from lab.topology.written import Written

NO_ENTRIES: Mapping[str, str] = MappingProxyType({})
DEFAULT_NAMESPACE = "default"


class DnsPolicy(Enum):
    """`dnsPolicy` of a pod."""

    CLUSTER_FIRST = "ClusterFirst"
    CLUSTER_FIRST_WITH_HOST_NET = "ClusterFirstWithHostNet"
    DEFAULT = "Default"
    NONE = "None"


class Transport(Enum):
    """`protocol` of a container port."""

    TCP = "TCP"
    UDP = "UDP"


class ServiceType(Enum):
    """`type` of a Service."""

    CLUSTER_IP = "ClusterIP"
    NODE_PORT = "NodePort"
    """Reached at every node's address as well."""

    LOAD_BALANCER = "LoadBalancer"
    """Reached at an address of the cloud as well."""


class ExternalTrafficPolicy(Enum):
    """`externalTrafficPolicy` of a Service: which endpoints answer who comes from outside."""

    CLUSTER = "Cluster"
    """All; they see the node that passed it on."""

    LOCAL = "Local"
    """Those of the node that was asked; they see who asked."""


class Operator(Enum):
    """`operator` of a label selector's requirement."""

    IN = "In"
    NOT_IN = "NotIn"
    EXISTS = "Exists"
    DOES_NOT_EXIST = "DoesNotExist"


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectMeta(Written):
    """`metadata` of an object or of a pod template."""

    name: str
    """Empty in a pod template."""
    namespace: str = DEFAULT_NAMESPACE
    """Empty for a Namespace, which lies in none."""
    labels: Mapping[str, str] = field(default_factory=lambda: NO_ENTRIES)
    annotations: Mapping[str, str] = field(default_factory=lambda: NO_ENTRIES)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerPort(Written):
    """An entry of `ports` of a container."""

    container_port: int
    protocol: Transport = Transport.TCP
    name: str = ""
    host_port: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Container(Written):
    """A container of a pod."""

    name: str
    image: str
    command: tuple[str, ...] = ()
    args: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=lambda: NO_ENTRIES)
    """Variables with a value; those that come from elsewhere (`valueFrom`) are left out."""
    ports: tuple[ContainerPort, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PodDnsConfig(Written):
    """`dnsConfig` of a pod."""

    nameservers: tuple[str, ...] = ()
    searches: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    """As resolv.conf writes them: ``ndots:5``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PodSpec(Written):
    """`spec` of a pod."""

    containers: tuple[Container, ...]
    node_name: str | None = None
    node_selector: Mapping[str, str] = field(default_factory=lambda: NO_ENTRIES)
    host_network: bool = False
    dns_policy: DnsPolicy = DnsPolicy.CLUSTER_FIRST
    dns_config: PodDnsConfig = field(default_factory=PodDnsConfig)
    hostname: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PodTemplate(Written):
    """`template` of a Deployment."""

    metadata: ObjectMeta
    spec: PodSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement(Written):
    """An entry of `matchExpressions`."""

    key: str
    operator: Operator
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelSelector(Written):
    """`selector` of a Deployment."""

    match_labels: Mapping[str, str] = field(default_factory=lambda: NO_ENTRIES)
    match_expressions: tuple[Requirement, ...] = ()

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Whether an object with `labels` is selected; every requirement must hold."""
        return self.match_labels.items() <= labels.items() and all(
            _holds(requirement, labels) for requirement in self.match_expressions
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Namespace(Written):
    """`v1 Namespace`."""

    metadata: ObjectMeta


@dataclass(frozen=True, slots=True, kw_only=True)
class Pod(Written):
    """`v1 Pod`."""

    metadata: ObjectMeta
    spec: PodSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment(Written):
    """`apps/v1 Deployment`."""

    metadata: ObjectMeta
    replicas: int = 1
    selector: LabelSelector
    template: PodTemplate


@dataclass(frozen=True, slots=True, kw_only=True)
class ServicePort(Written):
    """An entry of `ports` of a Service."""

    port: int
    target_port: int | str
    """Of the pods; a text is the name of a port that their containers declare."""
    protocol: Transport = Transport.TCP
    name: str = ""
    node_port: int | None = None
    """As written; None: whatever is free, of a Service that has node ports."""


HEADLESS = "None"
"""`clusterIP` of a Service without an address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Service(Written):
    """`v1 Service`."""

    metadata: ObjectMeta
    type: ServiceType = ServiceType.CLUSTER_IP
    ports: tuple[ServicePort, ...] = ()
    selector: Mapping[str, str] = field(default_factory=lambda: NO_ENTRIES)
    """Labels that a pod needs, all of them; none: the Service has no endpoints."""
    cluster_ip: IPv4Address | None = None
    """As written; None: whatever is free, unless it is headless."""
    cluster_ips: tuple[str, ...] = ()
    """`clusterIPs` as written: the first one is `clusterIP` once more."""
    headless: bool = False
    """``clusterIP: None``: a name for pods, without an address of its own."""
    affinity_seconds: int | None = None
    """`sessionAffinity: ClientIP`: how long a client keeps its pod."""
    external_traffic_policy: ExternalTrafficPolicy | None = None
    """As written; None: all endpoints answer, as with `Cluster`."""
    health_check_node_port: int | None = None
    """As written; None: whatever is free, where there is one."""
    load_balancer_source_ranges: tuple[IPv4Network, ...] = ()
    """Whom the address of the cloud answers; none: everybody."""
    allocate_load_balancer_node_ports: bool | None = None

    @property
    def has_node_ports(self) -> bool:
        """Whether it is reached at every node's address."""
        return self.type is not ServiceType.CLUSTER_IP

    @property
    def is_local(self) -> bool:
        """Whether only endpoints of the node that was asked answer who comes from outside."""
        return self.has_node_ports and self.external_traffic_policy is ExternalTrafficPolicy.LOCAL

    @property
    def has_health_check(self) -> bool:
        """Whether nodes tell at a port of their own whether they have endpoints of it."""
        return self.type is ServiceType.LOAD_BALANCER and self.is_local


KubernetesObject = Namespace | Pod | Deployment | Service


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterManifests:
    """Every object of one cluster, in the order in which it was written."""

    cluster: str
    objects: tuple[KubernetesObject, ...] = ()

    @property
    def namespaces(self) -> tuple[Namespace, ...]:
        """Namespaces that manifests create; ``default`` and its like exist anyway."""
        return tuple(each for each in self.objects if isinstance(each, Namespace))

    @property
    def pods(self) -> tuple[Pod, ...]:
        """Pods that no controller owns."""
        return tuple(each for each in self.objects if isinstance(each, Pod))

    @property
    def deployments(self) -> tuple[Deployment, ...]:
        """Deployments."""
        return tuple(each for each in self.objects if isinstance(each, Deployment))

    @property
    def services(self) -> tuple[Service, ...]:
        """Services that manifests create; those that a cluster brings are not among them."""
        return tuple(each for each in self.objects if isinstance(each, Service))


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifests:
    """Every object of every cluster of a lab, clusters in the lab file's order."""

    clusters: tuple[ClusterManifests, ...] = ()

    def of(self, cluster: str) -> ClusterManifests:
        """The objects of the cluster called `cluster`; none for an unknown one."""
        return next(
            (each for each in self.clusters if each.cluster == cluster),
            ClusterManifests(cluster=cluster),
        )


def _holds(requirement: Requirement, labels: Mapping[str, str]) -> bool:
    value = labels.get(requirement.key)
    match requirement.operator:
        case Operator.IN:
            return value in requirement.values
        case Operator.NOT_IN:
            return value not in requirement.values
        case Operator.EXISTS:
            return value is not None
        case Operator.DOES_NOT_EXIST:
            return value is None
