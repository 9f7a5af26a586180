from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class NodeKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    NODE_KIND_UNSPECIFIED: _ClassVar[NodeKind]
    NODE_KIND_CLUSTER_NODE: _ClassVar[NodeKind]
    NODE_KIND_VIRTUAL_MACHINE: _ClassVar[NodeKind]
    NODE_KIND_INTERNET_HOST: _ClassVar[NodeKind]
    NODE_KIND_NAT_GATEWAY: _ClassVar[NodeKind]
    NODE_KIND_LOAD_BALANCER: _ClassVar[NodeKind]
    NODE_KIND_VIRTUAL_NETWORK_GATEWAY: _ClassVar[NodeKind]
    NODE_KIND_ON_PREMISES_HOST: _ClassVar[NodeKind]

class DnsRecordType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    DNS_RECORD_TYPE_UNSPECIFIED: _ClassVar[DnsRecordType]
    DNS_RECORD_TYPE_A: _ClassVar[DnsRecordType]
    DNS_RECORD_TYPE_AAAA: _ClassVar[DnsRecordType]
    DNS_RECORD_TYPE_CNAME: _ClassVar[DnsRecordType]
    DNS_RECORD_TYPE_MX: _ClassVar[DnsRecordType]
    DNS_RECORD_TYPE_PTR: _ClassVar[DnsRecordType]
    DNS_RECORD_TYPE_SRV: _ClassVar[DnsRecordType]
    DNS_RECORD_TYPE_TXT: _ClassVar[DnsRecordType]

class LoadDistribution(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    LOAD_DISTRIBUTION_UNSPECIFIED: _ClassVar[LoadDistribution]
    LOAD_DISTRIBUTION_DEFAULT: _ClassVar[LoadDistribution]
    LOAD_DISTRIBUTION_SOURCE_IP: _ClassVar[LoadDistribution]
    LOAD_DISTRIBUTION_SOURCE_IP_PROTOCOL: _ClassVar[LoadDistribution]

class SecurityProtocol(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SECURITY_PROTOCOL_UNSPECIFIED: _ClassVar[SecurityProtocol]
    SECURITY_PROTOCOL_ANY: _ClassVar[SecurityProtocol]
    SECURITY_PROTOCOL_TCP: _ClassVar[SecurityProtocol]
    SECURITY_PROTOCOL_UDP: _ClassVar[SecurityProtocol]
    SECURITY_PROTOCOL_ICMP: _ClassVar[SecurityProtocol]
    SECURITY_PROTOCOL_ESP: _ClassVar[SecurityProtocol]
    SECURITY_PROTOCOL_AH: _ClassVar[SecurityProtocol]

class Delivery(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    DELIVERY_UNSPECIFIED: _ClassVar[Delivery]
    DELIVERY_FABRIC: _ClassVar[Delivery]
    DELIVERY_INTERNET: _ClassVar[Delivery]
    DELIVERY_DROP: _ClassVar[Delivery]

class AzureCniMode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    AZURE_CNI_MODE_UNSPECIFIED: _ClassVar[AzureCniMode]
    AZURE_CNI_MODE_BRIDGE: _ClassVar[AzureCniMode]
    AZURE_CNI_MODE_TUNNEL: _ClassVar[AzureCniMode]
    AZURE_CNI_MODE_TRANSPARENT: _ClassVar[AzureCniMode]

class Protocol(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PROTOCOL_UNSPECIFIED: _ClassVar[Protocol]
    PROTOCOL_TCP: _ClassVar[Protocol]
    PROTOCOL_UDP: _ClassVar[Protocol]
NODE_KIND_UNSPECIFIED: NodeKind
NODE_KIND_CLUSTER_NODE: NodeKind
NODE_KIND_VIRTUAL_MACHINE: NodeKind
NODE_KIND_INTERNET_HOST: NodeKind
NODE_KIND_NAT_GATEWAY: NodeKind
NODE_KIND_LOAD_BALANCER: NodeKind
NODE_KIND_VIRTUAL_NETWORK_GATEWAY: NodeKind
NODE_KIND_ON_PREMISES_HOST: NodeKind
DNS_RECORD_TYPE_UNSPECIFIED: DnsRecordType
DNS_RECORD_TYPE_A: DnsRecordType
DNS_RECORD_TYPE_AAAA: DnsRecordType
DNS_RECORD_TYPE_CNAME: DnsRecordType
DNS_RECORD_TYPE_MX: DnsRecordType
DNS_RECORD_TYPE_PTR: DnsRecordType
DNS_RECORD_TYPE_SRV: DnsRecordType
DNS_RECORD_TYPE_TXT: DnsRecordType
LOAD_DISTRIBUTION_UNSPECIFIED: LoadDistribution
LOAD_DISTRIBUTION_DEFAULT: LoadDistribution
LOAD_DISTRIBUTION_SOURCE_IP: LoadDistribution
LOAD_DISTRIBUTION_SOURCE_IP_PROTOCOL: LoadDistribution
SECURITY_PROTOCOL_UNSPECIFIED: SecurityProtocol
SECURITY_PROTOCOL_ANY: SecurityProtocol
SECURITY_PROTOCOL_TCP: SecurityProtocol
SECURITY_PROTOCOL_UDP: SecurityProtocol
SECURITY_PROTOCOL_ICMP: SecurityProtocol
SECURITY_PROTOCOL_ESP: SecurityProtocol
SECURITY_PROTOCOL_AH: SecurityProtocol
DELIVERY_UNSPECIFIED: Delivery
DELIVERY_FABRIC: Delivery
DELIVERY_INTERNET: Delivery
DELIVERY_DROP: Delivery
AZURE_CNI_MODE_UNSPECIFIED: AzureCniMode
AZURE_CNI_MODE_BRIDGE: AzureCniMode
AZURE_CNI_MODE_TUNNEL: AzureCniMode
AZURE_CNI_MODE_TRANSPARENT: AzureCniMode
PROTOCOL_UNSPECIFIED: Protocol
PROTOCOL_TCP: Protocol
PROTOCOL_UDP: Protocol

class Prefix(_message.Message):
    __slots__ = ("address", "length")
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    LENGTH_FIELD_NUMBER: _ClassVar[int]
    address: bytes
    length: int
    def __init__(self, address: _Optional[bytes] = ..., length: _Optional[int] = ...) -> None: ...

class Interface(_message.Message):
    __slots__ = ("address", "length")
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    LENGTH_FIELD_NUMBER: _ClassVar[int]
    address: bytes
    length: int
    def __init__(self, address: _Optional[bytes] = ..., length: _Optional[int] = ...) -> None: ...

class NodeState(_message.Message):
    __slots__ = ("name", "kind", "nic", "vswitch", "kubenet", "pods", "files", "sysctls", "containers", "azure_cni", "masquerade", "edge", "platform", "restricts_metadata", "firewall", "tls_certificate", "kube_proxy", "cluster_dns", "health_probes")
    class SysctlsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    NAME_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    NIC_FIELD_NUMBER: _ClassVar[int]
    VSWITCH_FIELD_NUMBER: _ClassVar[int]
    KUBENET_FIELD_NUMBER: _ClassVar[int]
    PODS_FIELD_NUMBER: _ClassVar[int]
    FILES_FIELD_NUMBER: _ClassVar[int]
    SYSCTLS_FIELD_NUMBER: _ClassVar[int]
    CONTAINERS_FIELD_NUMBER: _ClassVar[int]
    AZURE_CNI_FIELD_NUMBER: _ClassVar[int]
    MASQUERADE_FIELD_NUMBER: _ClassVar[int]
    EDGE_FIELD_NUMBER: _ClassVar[int]
    PLATFORM_FIELD_NUMBER: _ClassVar[int]
    RESTRICTS_METADATA_FIELD_NUMBER: _ClassVar[int]
    FIREWALL_FIELD_NUMBER: _ClassVar[int]
    TLS_CERTIFICATE_FIELD_NUMBER: _ClassVar[int]
    KUBE_PROXY_FIELD_NUMBER: _ClassVar[int]
    CLUSTER_DNS_FIELD_NUMBER: _ClassVar[int]
    HEALTH_PROBES_FIELD_NUMBER: _ClassVar[int]
    name: str
    kind: NodeKind
    nic: Nic
    vswitch: Vswitch
    kubenet: Kubenet
    pods: _containers.RepeatedCompositeFieldContainer[Pod]
    files: _containers.RepeatedCompositeFieldContainer[File]
    sysctls: _containers.ScalarMap[str, str]
    containers: _containers.RepeatedCompositeFieldContainer[Container]
    azure_cni: AzureCni
    masquerade: Masquerade
    edge: Edge
    platform: Platform
    restricts_metadata: bool
    firewall: Firewall
    tls_certificate: str
    kube_proxy: KubeProxy
    cluster_dns: ClusterDns
    health_probes: _containers.RepeatedCompositeFieldContainer[HealthProbe]
    def __init__(self, name: _Optional[str] = ..., kind: _Optional[_Union[NodeKind, str]] = ..., nic: _Optional[_Union[Nic, _Mapping]] = ..., vswitch: _Optional[_Union[Vswitch, _Mapping]] = ..., kubenet: _Optional[_Union[Kubenet, _Mapping]] = ..., pods: _Optional[_Iterable[_Union[Pod, _Mapping]]] = ..., files: _Optional[_Iterable[_Union[File, _Mapping]]] = ..., sysctls: _Optional[_Mapping[str, str]] = ..., containers: _Optional[_Iterable[_Union[Container, _Mapping]]] = ..., azure_cni: _Optional[_Union[AzureCni, _Mapping]] = ..., masquerade: _Optional[_Union[Masquerade, _Mapping]] = ..., edge: _Optional[_Union[Edge, _Mapping]] = ..., platform: _Optional[_Union[Platform, _Mapping]] = ..., restricts_metadata: _Optional[bool] = ..., firewall: _Optional[_Union[Firewall, _Mapping]] = ..., tls_certificate: _Optional[str] = ..., kube_proxy: _Optional[_Union[KubeProxy, _Mapping]] = ..., cluster_dns: _Optional[_Union[ClusterDns, _Mapping]] = ..., health_probes: _Optional[_Iterable[_Union[HealthProbe, _Mapping]]] = ...) -> None: ...

class ClusterDns(_message.Message):
    __slots__ = ("zones",)
    ZONES_FIELD_NUMBER: _ClassVar[int]
    zones: _containers.RepeatedCompositeFieldContainer[DnsZone]
    def __init__(self, zones: _Optional[_Iterable[_Union[DnsZone, _Mapping]]] = ...) -> None: ...

class KubeProxy(_message.Message):
    __slots__ = ("cluster_cidr", "services")
    CLUSTER_CIDR_FIELD_NUMBER: _ClassVar[int]
    SERVICES_FIELD_NUMBER: _ClassVar[int]
    cluster_cidr: Prefix
    services: _containers.RepeatedCompositeFieldContainer[Service]
    def __init__(self, cluster_cidr: _Optional[_Union[Prefix, _Mapping]] = ..., services: _Optional[_Iterable[_Union[Service, _Mapping]]] = ...) -> None: ...

class Service(_message.Message):
    __slots__ = ("namespace", "name", "cluster_ip", "ports", "affinity_seconds", "load_balancer_ingress", "load_balancer_source_ranges", "external_policy_local", "health_check_node_port")
    NAMESPACE_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    CLUSTER_IP_FIELD_NUMBER: _ClassVar[int]
    PORTS_FIELD_NUMBER: _ClassVar[int]
    AFFINITY_SECONDS_FIELD_NUMBER: _ClassVar[int]
    LOAD_BALANCER_INGRESS_FIELD_NUMBER: _ClassVar[int]
    LOAD_BALANCER_SOURCE_RANGES_FIELD_NUMBER: _ClassVar[int]
    EXTERNAL_POLICY_LOCAL_FIELD_NUMBER: _ClassVar[int]
    HEALTH_CHECK_NODE_PORT_FIELD_NUMBER: _ClassVar[int]
    namespace: str
    name: str
    cluster_ip: bytes
    ports: _containers.RepeatedCompositeFieldContainer[ServicePort]
    affinity_seconds: int
    load_balancer_ingress: bytes
    load_balancer_source_ranges: _containers.RepeatedCompositeFieldContainer[Prefix]
    external_policy_local: bool
    health_check_node_port: int
    def __init__(self, namespace: _Optional[str] = ..., name: _Optional[str] = ..., cluster_ip: _Optional[bytes] = ..., ports: _Optional[_Iterable[_Union[ServicePort, _Mapping]]] = ..., affinity_seconds: _Optional[int] = ..., load_balancer_ingress: _Optional[bytes] = ..., load_balancer_source_ranges: _Optional[_Iterable[_Union[Prefix, _Mapping]]] = ..., external_policy_local: _Optional[bool] = ..., health_check_node_port: _Optional[int] = ...) -> None: ...

class ServicePort(_message.Message):
    __slots__ = ("name", "protocol", "port", "endpoints", "node_port")
    NAME_FIELD_NUMBER: _ClassVar[int]
    PROTOCOL_FIELD_NUMBER: _ClassVar[int]
    PORT_FIELD_NUMBER: _ClassVar[int]
    ENDPOINTS_FIELD_NUMBER: _ClassVar[int]
    NODE_PORT_FIELD_NUMBER: _ClassVar[int]
    name: str
    protocol: Protocol
    port: int
    endpoints: _containers.RepeatedCompositeFieldContainer[Endpoint]
    node_port: int
    def __init__(self, name: _Optional[str] = ..., protocol: _Optional[_Union[Protocol, str]] = ..., port: _Optional[int] = ..., endpoints: _Optional[_Iterable[_Union[Endpoint, _Mapping]]] = ..., node_port: _Optional[int] = ...) -> None: ...

class Endpoint(_message.Message):
    __slots__ = ("address", "port")
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    PORT_FIELD_NUMBER: _ClassVar[int]
    address: bytes
    port: int
    def __init__(self, address: _Optional[bytes] = ..., port: _Optional[int] = ...) -> None: ...

class Platform(_message.Message):
    __slots__ = ("zones",)
    ZONES_FIELD_NUMBER: _ClassVar[int]
    zones: _containers.RepeatedCompositeFieldContainer[DnsZone]
    def __init__(self, zones: _Optional[_Iterable[_Union[DnsZone, _Mapping]]] = ...) -> None: ...

class DnsZone(_message.Message):
    __slots__ = ("name", "record_sets")
    NAME_FIELD_NUMBER: _ClassVar[int]
    RECORD_SETS_FIELD_NUMBER: _ClassVar[int]
    name: str
    record_sets: _containers.RepeatedCompositeFieldContainer[DnsRecordSet]
    def __init__(self, name: _Optional[str] = ..., record_sets: _Optional[_Iterable[_Union[DnsRecordSet, _Mapping]]] = ...) -> None: ...

class DnsRecordSet(_message.Message):
    __slots__ = ("name", "type", "ttl", "data")
    NAME_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    TTL_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    name: str
    type: DnsRecordType
    ttl: int
    data: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, name: _Optional[str] = ..., type: _Optional[_Union[DnsRecordType, str]] = ..., ttl: _Optional[int] = ..., data: _Optional[_Iterable[str]] = ...) -> None: ...

class Firewall(_message.Message):
    __slots__ = ("network_rules", "application_rules", "denied_status")
    NETWORK_RULES_FIELD_NUMBER: _ClassVar[int]
    APPLICATION_RULES_FIELD_NUMBER: _ClassVar[int]
    DENIED_STATUS_FIELD_NUMBER: _ClassVar[int]
    network_rules: _containers.RepeatedCompositeFieldContainer[SecurityRule]
    application_rules: _containers.RepeatedCompositeFieldContainer[ApplicationRule]
    denied_status: int
    def __init__(self, network_rules: _Optional[_Iterable[_Union[SecurityRule, _Mapping]]] = ..., application_rules: _Optional[_Iterable[_Union[ApplicationRule, _Mapping]]] = ..., denied_status: _Optional[int] = ...) -> None: ...

class ApplicationRule(_message.Message):
    __slots__ = ("name", "allow", "sources", "fqdns", "http_ports", "https_ports")
    NAME_FIELD_NUMBER: _ClassVar[int]
    ALLOW_FIELD_NUMBER: _ClassVar[int]
    SOURCES_FIELD_NUMBER: _ClassVar[int]
    FQDNS_FIELD_NUMBER: _ClassVar[int]
    HTTP_PORTS_FIELD_NUMBER: _ClassVar[int]
    HTTPS_PORTS_FIELD_NUMBER: _ClassVar[int]
    name: str
    allow: bool
    sources: _containers.RepeatedCompositeFieldContainer[Prefix]
    fqdns: _containers.RepeatedScalarFieldContainer[str]
    http_ports: _containers.RepeatedScalarFieldContainer[int]
    https_ports: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, name: _Optional[str] = ..., allow: _Optional[bool] = ..., sources: _Optional[_Iterable[_Union[Prefix, _Mapping]]] = ..., fqdns: _Optional[_Iterable[str]] = ..., http_ports: _Optional[_Iterable[int]] = ..., https_ports: _Optional[_Iterable[int]] = ...) -> None: ...

class Edge(_message.Message):
    __slots__ = ("outward", "inward", "translation", "leases", "rules", "up")
    OUTWARD_FIELD_NUMBER: _ClassVar[int]
    INWARD_FIELD_NUMBER: _ClassVar[int]
    TRANSLATION_FIELD_NUMBER: _ClassVar[int]
    LEASES_FIELD_NUMBER: _ClassVar[int]
    RULES_FIELD_NUMBER: _ClassVar[int]
    UP_FIELD_NUMBER: _ClassVar[int]
    outward: _containers.RepeatedCompositeFieldContainer[FabricRoute]
    inward: _containers.RepeatedCompositeFieldContainer[FabricRoute]
    translation: SourceTranslation
    leases: _containers.RepeatedCompositeFieldContainer[PortLease]
    rules: _containers.RepeatedCompositeFieldContainer[BalancingRule]
    up: _containers.RepeatedCompositeFieldContainer[ProbedBackend]
    def __init__(self, outward: _Optional[_Iterable[_Union[FabricRoute, _Mapping]]] = ..., inward: _Optional[_Iterable[_Union[FabricRoute, _Mapping]]] = ..., translation: _Optional[_Union[SourceTranslation, _Mapping]] = ..., leases: _Optional[_Iterable[_Union[PortLease, _Mapping]]] = ..., rules: _Optional[_Iterable[_Union[BalancingRule, _Mapping]]] = ..., up: _Optional[_Iterable[_Union[ProbedBackend, _Mapping]]] = ...) -> None: ...

class BalancingRule(_message.Message):
    __slots__ = ("frontend", "protocol", "port", "distribution", "idle_seconds", "probe", "backends")
    FRONTEND_FIELD_NUMBER: _ClassVar[int]
    PROTOCOL_FIELD_NUMBER: _ClassVar[int]
    PORT_FIELD_NUMBER: _ClassVar[int]
    DISTRIBUTION_FIELD_NUMBER: _ClassVar[int]
    IDLE_SECONDS_FIELD_NUMBER: _ClassVar[int]
    PROBE_FIELD_NUMBER: _ClassVar[int]
    BACKENDS_FIELD_NUMBER: _ClassVar[int]
    frontend: bytes
    protocol: Protocol
    port: int
    distribution: LoadDistribution
    idle_seconds: int
    probe: str
    backends: _containers.RepeatedCompositeFieldContainer[Backend]
    def __init__(self, frontend: _Optional[bytes] = ..., protocol: _Optional[_Union[Protocol, str]] = ..., port: _Optional[int] = ..., distribution: _Optional[_Union[LoadDistribution, str]] = ..., idle_seconds: _Optional[int] = ..., probe: _Optional[str] = ..., backends: _Optional[_Iterable[_Union[Backend, _Mapping]]] = ...) -> None: ...

class Backend(_message.Message):
    __slots__ = ("host", "locator")
    HOST_FIELD_NUMBER: _ClassVar[int]
    LOCATOR_FIELD_NUMBER: _ClassVar[int]
    host: str
    locator: bytes
    def __init__(self, host: _Optional[str] = ..., locator: _Optional[bytes] = ...) -> None: ...

class ProbedBackend(_message.Message):
    __slots__ = ("probe", "host")
    PROBE_FIELD_NUMBER: _ClassVar[int]
    HOST_FIELD_NUMBER: _ClassVar[int]
    probe: str
    host: str
    def __init__(self, probe: _Optional[str] = ..., host: _Optional[str] = ...) -> None: ...

class BalancedPort(_message.Message):
    __slots__ = ("frontend", "protocol", "port", "backend_port", "locator")
    FRONTEND_FIELD_NUMBER: _ClassVar[int]
    PROTOCOL_FIELD_NUMBER: _ClassVar[int]
    PORT_FIELD_NUMBER: _ClassVar[int]
    BACKEND_PORT_FIELD_NUMBER: _ClassVar[int]
    LOCATOR_FIELD_NUMBER: _ClassVar[int]
    frontend: bytes
    protocol: Protocol
    port: int
    backend_port: int
    locator: bytes
    def __init__(self, frontend: _Optional[bytes] = ..., protocol: _Optional[_Union[Protocol, str]] = ..., port: _Optional[int] = ..., backend_port: _Optional[int] = ..., locator: _Optional[bytes] = ...) -> None: ...

class HealthProbe(_message.Message):
    __slots__ = ("name", "port", "request_path", "interval_seconds", "threshold")
    NAME_FIELD_NUMBER: _ClassVar[int]
    PORT_FIELD_NUMBER: _ClassVar[int]
    REQUEST_PATH_FIELD_NUMBER: _ClassVar[int]
    INTERVAL_SECONDS_FIELD_NUMBER: _ClassVar[int]
    THRESHOLD_FIELD_NUMBER: _ClassVar[int]
    name: str
    port: int
    request_path: str
    interval_seconds: int
    threshold: int
    def __init__(self, name: _Optional[str] = ..., port: _Optional[int] = ..., request_path: _Optional[str] = ..., interval_seconds: _Optional[int] = ..., threshold: _Optional[int] = ...) -> None: ...

class SourceTranslation(_message.Message):
    __slots__ = ("public_addresses", "tcp_idle_seconds")
    PUBLIC_ADDRESSES_FIELD_NUMBER: _ClassVar[int]
    TCP_IDLE_SECONDS_FIELD_NUMBER: _ClassVar[int]
    public_addresses: _containers.RepeatedScalarFieldContainer[bytes]
    tcp_idle_seconds: int
    def __init__(self, public_addresses: _Optional[_Iterable[bytes]] = ..., tcp_idle_seconds: _Optional[int] = ...) -> None: ...

class PortLease(_message.Message):
    __slots__ = ("public_address", "ports", "protocol", "locator")
    PUBLIC_ADDRESS_FIELD_NUMBER: _ClassVar[int]
    PORTS_FIELD_NUMBER: _ClassVar[int]
    PROTOCOL_FIELD_NUMBER: _ClassVar[int]
    LOCATOR_FIELD_NUMBER: _ClassVar[int]
    public_address: bytes
    ports: PortRange
    protocol: Protocol
    locator: bytes
    def __init__(self, public_address: _Optional[bytes] = ..., ports: _Optional[_Union[PortRange, _Mapping]] = ..., protocol: _Optional[_Union[Protocol, str]] = ..., locator: _Optional[bytes] = ...) -> None: ...

class Nic(_message.Message):
    __slots__ = ("mac", "primary", "gateway", "mtu", "enable_ip_forwarding", "secondary")
    MAC_FIELD_NUMBER: _ClassVar[int]
    PRIMARY_FIELD_NUMBER: _ClassVar[int]
    GATEWAY_FIELD_NUMBER: _ClassVar[int]
    MTU_FIELD_NUMBER: _ClassVar[int]
    ENABLE_IP_FORWARDING_FIELD_NUMBER: _ClassVar[int]
    SECONDARY_FIELD_NUMBER: _ClassVar[int]
    mac: bytes
    primary: Interface
    gateway: bytes
    mtu: int
    enable_ip_forwarding: bool
    secondary: _containers.RepeatedScalarFieldContainer[bytes]
    def __init__(self, mac: _Optional[bytes] = ..., primary: _Optional[_Union[Interface, _Mapping]] = ..., gateway: _Optional[bytes] = ..., mtu: _Optional[int] = ..., enable_ip_forwarding: _Optional[bool] = ..., secondary: _Optional[_Iterable[bytes]] = ...) -> None: ...

class Vswitch(_message.Message):
    __slots__ = ("underlay_address", "node", "pods")
    UNDERLAY_ADDRESS_FIELD_NUMBER: _ClassVar[int]
    NODE_FIELD_NUMBER: _ClassVar[int]
    PODS_FIELD_NUMBER: _ClassVar[int]
    underlay_address: bytes
    node: NetworkContainer
    pods: NetworkContainer
    def __init__(self, underlay_address: _Optional[bytes] = ..., node: _Optional[_Union[NetworkContainer, _Mapping]] = ..., pods: _Optional[_Union[NetworkContainer, _Mapping]] = ...) -> None: ...

class NetworkContainer(_message.Message):
    __slots__ = ("subnet", "addresses", "routes", "public_address", "inbound", "outbound", "accepts_inbound", "leases", "balanced", "answers")
    SUBNET_FIELD_NUMBER: _ClassVar[int]
    ADDRESSES_FIELD_NUMBER: _ClassVar[int]
    ROUTES_FIELD_NUMBER: _ClassVar[int]
    PUBLIC_ADDRESS_FIELD_NUMBER: _ClassVar[int]
    INBOUND_FIELD_NUMBER: _ClassVar[int]
    OUTBOUND_FIELD_NUMBER: _ClassVar[int]
    ACCEPTS_INBOUND_FIELD_NUMBER: _ClassVar[int]
    LEASES_FIELD_NUMBER: _ClassVar[int]
    BALANCED_FIELD_NUMBER: _ClassVar[int]
    ANSWERS_FIELD_NUMBER: _ClassVar[int]
    subnet: str
    addresses: _containers.RepeatedCompositeFieldContainer[Prefix]
    routes: _containers.RepeatedCompositeFieldContainer[FabricRoute]
    public_address: bytes
    inbound: _containers.RepeatedCompositeFieldContainer[SecurityGate]
    outbound: _containers.RepeatedCompositeFieldContainer[SecurityGate]
    accepts_inbound: bool
    leases: _containers.RepeatedCompositeFieldContainer[PortLease]
    balanced: _containers.RepeatedCompositeFieldContainer[BalancedPort]
    answers: _containers.RepeatedCompositeFieldContainer[FabricRoute]
    def __init__(self, subnet: _Optional[str] = ..., addresses: _Optional[_Iterable[_Union[Prefix, _Mapping]]] = ..., routes: _Optional[_Iterable[_Union[FabricRoute, _Mapping]]] = ..., public_address: _Optional[bytes] = ..., inbound: _Optional[_Iterable[_Union[SecurityGate, _Mapping]]] = ..., outbound: _Optional[_Iterable[_Union[SecurityGate, _Mapping]]] = ..., accepts_inbound: _Optional[bool] = ..., leases: _Optional[_Iterable[_Union[PortLease, _Mapping]]] = ..., balanced: _Optional[_Iterable[_Union[BalancedPort, _Mapping]]] = ..., answers: _Optional[_Iterable[_Union[FabricRoute, _Mapping]]] = ...) -> None: ...

class SecurityGate(_message.Message):
    __slots__ = ("name", "network_security_group", "rules")
    NAME_FIELD_NUMBER: _ClassVar[int]
    NETWORK_SECURITY_GROUP_FIELD_NUMBER: _ClassVar[int]
    RULES_FIELD_NUMBER: _ClassVar[int]
    name: str
    network_security_group: str
    rules: _containers.RepeatedCompositeFieldContainer[SecurityRule]
    def __init__(self, name: _Optional[str] = ..., network_security_group: _Optional[str] = ..., rules: _Optional[_Iterable[_Union[SecurityRule, _Mapping]]] = ...) -> None: ...

class SecurityRule(_message.Message):
    __slots__ = ("name", "priority", "allow", "protocol", "sources", "source_ports", "destinations", "destination_ports", "platform")
    NAME_FIELD_NUMBER: _ClassVar[int]
    PRIORITY_FIELD_NUMBER: _ClassVar[int]
    ALLOW_FIELD_NUMBER: _ClassVar[int]
    PROTOCOL_FIELD_NUMBER: _ClassVar[int]
    SOURCES_FIELD_NUMBER: _ClassVar[int]
    SOURCE_PORTS_FIELD_NUMBER: _ClassVar[int]
    DESTINATIONS_FIELD_NUMBER: _ClassVar[int]
    DESTINATION_PORTS_FIELD_NUMBER: _ClassVar[int]
    PLATFORM_FIELD_NUMBER: _ClassVar[int]
    name: str
    priority: int
    allow: bool
    protocol: SecurityProtocol
    sources: _containers.RepeatedCompositeFieldContainer[Prefix]
    source_ports: _containers.RepeatedCompositeFieldContainer[PortRange]
    destinations: _containers.RepeatedCompositeFieldContainer[Prefix]
    destination_ports: _containers.RepeatedCompositeFieldContainer[PortRange]
    platform: bool
    def __init__(self, name: _Optional[str] = ..., priority: _Optional[int] = ..., allow: _Optional[bool] = ..., protocol: _Optional[_Union[SecurityProtocol, str]] = ..., sources: _Optional[_Iterable[_Union[Prefix, _Mapping]]] = ..., source_ports: _Optional[_Iterable[_Union[PortRange, _Mapping]]] = ..., destinations: _Optional[_Iterable[_Union[Prefix, _Mapping]]] = ..., destination_ports: _Optional[_Iterable[_Union[PortRange, _Mapping]]] = ..., platform: _Optional[bool] = ...) -> None: ...

class PortRange(_message.Message):
    __slots__ = ("first", "last")
    FIRST_FIELD_NUMBER: _ClassVar[int]
    LAST_FIELD_NUMBER: _ClassVar[int]
    first: int
    last: int
    def __init__(self, first: _Optional[int] = ..., last: _Optional[int] = ...) -> None: ...

class FabricRoute(_message.Message):
    __slots__ = ("prefix", "delivery", "underlay_address", "vni")
    PREFIX_FIELD_NUMBER: _ClassVar[int]
    DELIVERY_FIELD_NUMBER: _ClassVar[int]
    UNDERLAY_ADDRESS_FIELD_NUMBER: _ClassVar[int]
    VNI_FIELD_NUMBER: _ClassVar[int]
    prefix: Prefix
    delivery: Delivery
    underlay_address: bytes
    vni: int
    def __init__(self, prefix: _Optional[_Union[Prefix, _Mapping]] = ..., delivery: _Optional[_Union[Delivery, str]] = ..., underlay_address: _Optional[bytes] = ..., vni: _Optional[int] = ...) -> None: ...

class Kubenet(_message.Message):
    __slots__ = ("bridge", "pod_cidr", "bridge_interface", "mtu", "promiscuous", "last_reserved_address")
    BRIDGE_FIELD_NUMBER: _ClassVar[int]
    POD_CIDR_FIELD_NUMBER: _ClassVar[int]
    BRIDGE_INTERFACE_FIELD_NUMBER: _ClassVar[int]
    MTU_FIELD_NUMBER: _ClassVar[int]
    PROMISCUOUS_FIELD_NUMBER: _ClassVar[int]
    LAST_RESERVED_ADDRESS_FIELD_NUMBER: _ClassVar[int]
    bridge: str
    pod_cidr: Prefix
    bridge_interface: Interface
    mtu: int
    promiscuous: bool
    last_reserved_address: bytes
    def __init__(self, bridge: _Optional[str] = ..., pod_cidr: _Optional[_Union[Prefix, _Mapping]] = ..., bridge_interface: _Optional[_Union[Interface, _Mapping]] = ..., mtu: _Optional[int] = ..., promiscuous: _Optional[bool] = ..., last_reserved_address: _Optional[bytes] = ...) -> None: ...

class AzureCni(_message.Message):
    __slots__ = ("mode", "bridge", "routes_via_gateway", "ips_to_route_via_host")
    MODE_FIELD_NUMBER: _ClassVar[int]
    BRIDGE_FIELD_NUMBER: _ClassVar[int]
    ROUTES_VIA_GATEWAY_FIELD_NUMBER: _ClassVar[int]
    IPS_TO_ROUTE_VIA_HOST_FIELD_NUMBER: _ClassVar[int]
    mode: AzureCniMode
    bridge: str
    routes_via_gateway: _containers.RepeatedCompositeFieldContainer[Prefix]
    ips_to_route_via_host: _containers.RepeatedScalarFieldContainer[bytes]
    def __init__(self, mode: _Optional[_Union[AzureCniMode, str]] = ..., bridge: _Optional[str] = ..., routes_via_gateway: _Optional[_Iterable[_Union[Prefix, _Mapping]]] = ..., ips_to_route_via_host: _Optional[_Iterable[bytes]] = ...) -> None: ...

class Masquerade(_message.Message):
    __slots__ = ("non_masquerade_cidrs", "masquerade_link_local", "agent", "platform_sources")
    NON_MASQUERADE_CIDRS_FIELD_NUMBER: _ClassVar[int]
    MASQUERADE_LINK_LOCAL_FIELD_NUMBER: _ClassVar[int]
    AGENT_FIELD_NUMBER: _ClassVar[int]
    PLATFORM_SOURCES_FIELD_NUMBER: _ClassVar[int]
    non_masquerade_cidrs: _containers.RepeatedCompositeFieldContainer[Prefix]
    masquerade_link_local: bool
    agent: bool
    platform_sources: _containers.RepeatedCompositeFieldContainer[Prefix]
    def __init__(self, non_masquerade_cidrs: _Optional[_Iterable[_Union[Prefix, _Mapping]]] = ..., masquerade_link_local: _Optional[bool] = ..., agent: _Optional[bool] = ..., platform_sources: _Optional[_Iterable[_Union[Prefix, _Mapping]]] = ...) -> None: ...

class Pod(_message.Message):
    __slots__ = ("namespace", "name", "uid", "labels", "host_network", "interface", "containers", "resolv_conf")
    class LabelsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    NAMESPACE_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    UID_FIELD_NUMBER: _ClassVar[int]
    LABELS_FIELD_NUMBER: _ClassVar[int]
    HOST_NETWORK_FIELD_NUMBER: _ClassVar[int]
    INTERFACE_FIELD_NUMBER: _ClassVar[int]
    CONTAINERS_FIELD_NUMBER: _ClassVar[int]
    RESOLV_CONF_FIELD_NUMBER: _ClassVar[int]
    namespace: str
    name: str
    uid: str
    labels: _containers.ScalarMap[str, str]
    host_network: bool
    interface: PodInterface
    containers: _containers.RepeatedCompositeFieldContainer[Container]
    resolv_conf: str
    def __init__(self, namespace: _Optional[str] = ..., name: _Optional[str] = ..., uid: _Optional[str] = ..., labels: _Optional[_Mapping[str, str]] = ..., host_network: _Optional[bool] = ..., interface: _Optional[_Union[PodInterface, _Mapping]] = ..., containers: _Optional[_Iterable[_Union[Container, _Mapping]]] = ..., resolv_conf: _Optional[str] = ...) -> None: ...

class PodInterface(_message.Message):
    __slots__ = ("address", "gateway", "mac", "mtu", "host_interface")
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    GATEWAY_FIELD_NUMBER: _ClassVar[int]
    MAC_FIELD_NUMBER: _ClassVar[int]
    MTU_FIELD_NUMBER: _ClassVar[int]
    HOST_INTERFACE_FIELD_NUMBER: _ClassVar[int]
    address: Interface
    gateway: bytes
    mac: bytes
    mtu: int
    host_interface: str
    def __init__(self, address: _Optional[_Union[Interface, _Mapping]] = ..., gateway: _Optional[bytes] = ..., mac: _Optional[bytes] = ..., mtu: _Optional[int] = ..., host_interface: _Optional[str] = ...) -> None: ...

class Container(_message.Message):
    __slots__ = ("name", "image", "command", "ports", "environment")
    class EnvironmentEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    NAME_FIELD_NUMBER: _ClassVar[int]
    IMAGE_FIELD_NUMBER: _ClassVar[int]
    COMMAND_FIELD_NUMBER: _ClassVar[int]
    PORTS_FIELD_NUMBER: _ClassVar[int]
    ENVIRONMENT_FIELD_NUMBER: _ClassVar[int]
    name: str
    image: str
    command: _containers.RepeatedScalarFieldContainer[str]
    ports: _containers.RepeatedCompositeFieldContainer[ContainerPort]
    environment: _containers.ScalarMap[str, str]
    def __init__(self, name: _Optional[str] = ..., image: _Optional[str] = ..., command: _Optional[_Iterable[str]] = ..., ports: _Optional[_Iterable[_Union[ContainerPort, _Mapping]]] = ..., environment: _Optional[_Mapping[str, str]] = ...) -> None: ...

class ContainerPort(_message.Message):
    __slots__ = ("protocol", "port", "name")
    PROTOCOL_FIELD_NUMBER: _ClassVar[int]
    PORT_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    protocol: Protocol
    port: int
    name: str
    def __init__(self, protocol: _Optional[_Union[Protocol, str]] = ..., port: _Optional[int] = ..., name: _Optional[str] = ...) -> None: ...

class File(_message.Message):
    __slots__ = ("path", "content", "mode")
    PATH_FIELD_NUMBER: _ClassVar[int]
    CONTENT_FIELD_NUMBER: _ClassVar[int]
    MODE_FIELD_NUMBER: _ClassVar[int]
    path: str
    content: bytes
    mode: int
    def __init__(self, path: _Optional[str] = ..., content: _Optional[bytes] = ..., mode: _Optional[int] = ...) -> None: ...
