from lab.contract.v1 import agent_pb2 as _agent_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class SourceFile(_message.Message):
    __slots__ = ("path", "content", "reference")
    PATH_FIELD_NUMBER: _ClassVar[int]
    CONTENT_FIELD_NUMBER: _ClassVar[int]
    REFERENCE_FIELD_NUMBER: _ClassVar[int]
    path: str
    content: bytes
    reference: str
    def __init__(self, path: _Optional[str] = ..., content: _Optional[bytes] = ..., reference: _Optional[str] = ...) -> None: ...

class ApplyRequest(_message.Message):
    __slots__ = ("lab", "manifests", "origin", "deadline")
    LAB_FIELD_NUMBER: _ClassVar[int]
    MANIFESTS_FIELD_NUMBER: _ClassVar[int]
    ORIGIN_FIELD_NUMBER: _ClassVar[int]
    DEADLINE_FIELD_NUMBER: _ClassVar[int]
    lab: SourceFile
    manifests: _containers.RepeatedCompositeFieldContainer[SourceFile]
    origin: str
    deadline: float
    def __init__(self, lab: _Optional[_Union[SourceFile, _Mapping]] = ..., manifests: _Optional[_Iterable[_Union[SourceFile, _Mapping]]] = ..., origin: _Optional[str] = ..., deadline: _Optional[float] = ...) -> None: ...

class Host(_message.Message):
    __slots__ = ("name", "underlay_address")
    NAME_FIELD_NUMBER: _ClassVar[int]
    UNDERLAY_ADDRESS_FIELD_NUMBER: _ClassVar[int]
    name: str
    underlay_address: str
    def __init__(self, name: _Optional[str] = ..., underlay_address: _Optional[str] = ...) -> None: ...

class ApplyProgress(_message.Message):
    __slots__ = ("revision", "nodes_ready", "nodes_total", "pods_attached", "pods_total", "operations", "failures", "done", "hosts", "warnings")
    REVISION_FIELD_NUMBER: _ClassVar[int]
    NODES_READY_FIELD_NUMBER: _ClassVar[int]
    NODES_TOTAL_FIELD_NUMBER: _ClassVar[int]
    PODS_ATTACHED_FIELD_NUMBER: _ClassVar[int]
    PODS_TOTAL_FIELD_NUMBER: _ClassVar[int]
    OPERATIONS_FIELD_NUMBER: _ClassVar[int]
    FAILURES_FIELD_NUMBER: _ClassVar[int]
    DONE_FIELD_NUMBER: _ClassVar[int]
    HOSTS_FIELD_NUMBER: _ClassVar[int]
    WARNINGS_FIELD_NUMBER: _ClassVar[int]
    revision: int
    nodes_ready: int
    nodes_total: int
    pods_attached: int
    pods_total: int
    operations: int
    failures: _containers.RepeatedCompositeFieldContainer[NodeCondition]
    done: bool
    hosts: _containers.RepeatedCompositeFieldContainer[Host]
    warnings: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, revision: _Optional[int] = ..., nodes_ready: _Optional[int] = ..., nodes_total: _Optional[int] = ..., pods_attached: _Optional[int] = ..., pods_total: _Optional[int] = ..., operations: _Optional[int] = ..., failures: _Optional[_Iterable[_Union[NodeCondition, _Mapping]]] = ..., done: _Optional[bool] = ..., hosts: _Optional[_Iterable[_Union[Host, _Mapping]]] = ..., warnings: _Optional[_Iterable[str]] = ...) -> None: ...

class NodeCondition(_message.Message):
    __slots__ = ("node", "condition")
    NODE_FIELD_NUMBER: _ClassVar[int]
    CONDITION_FIELD_NUMBER: _ClassVar[int]
    node: str
    condition: _agent_pb2.Condition
    def __init__(self, node: _Optional[str] = ..., condition: _Optional[_Union[_agent_pb2.Condition, _Mapping]] = ...) -> None: ...

class InspectRequest(_message.Message):
    __slots__ = ("kinds",)
    KINDS_FIELD_NUMBER: _ClassVar[int]
    kinds: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, kinds: _Optional[_Iterable[str]] = ...) -> None: ...

class InspectReply(_message.Message):
    __slots__ = ("lab", "revision", "nodes", "pods", "routes", "allocations", "source", "security_rules", "pools", "services", "backends")
    LAB_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    NODES_FIELD_NUMBER: _ClassVar[int]
    PODS_FIELD_NUMBER: _ClassVar[int]
    ROUTES_FIELD_NUMBER: _ClassVar[int]
    ALLOCATIONS_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    SECURITY_RULES_FIELD_NUMBER: _ClassVar[int]
    POOLS_FIELD_NUMBER: _ClassVar[int]
    SERVICES_FIELD_NUMBER: _ClassVar[int]
    BACKENDS_FIELD_NUMBER: _ClassVar[int]
    lab: str
    revision: int
    nodes: _containers.RepeatedCompositeFieldContainer[NodeStatus]
    pods: _containers.RepeatedCompositeFieldContainer[PodStatus]
    routes: _containers.RepeatedCompositeFieldContainer[EffectiveRoute]
    allocations: _containers.RepeatedCompositeFieldContainer[Allocation]
    source: ApplyRequest
    security_rules: _containers.RepeatedCompositeFieldContainer[EffectiveSecurityRule]
    pools: _containers.RepeatedCompositeFieldContainer[AddressPool]
    services: _containers.RepeatedCompositeFieldContainer[ServiceStatus]
    backends: _containers.RepeatedCompositeFieldContainer[BackendStatus]
    def __init__(self, lab: _Optional[str] = ..., revision: _Optional[int] = ..., nodes: _Optional[_Iterable[_Union[NodeStatus, _Mapping]]] = ..., pods: _Optional[_Iterable[_Union[PodStatus, _Mapping]]] = ..., routes: _Optional[_Iterable[_Union[EffectiveRoute, _Mapping]]] = ..., allocations: _Optional[_Iterable[_Union[Allocation, _Mapping]]] = ..., source: _Optional[_Union[ApplyRequest, _Mapping]] = ..., security_rules: _Optional[_Iterable[_Union[EffectiveSecurityRule, _Mapping]]] = ..., pools: _Optional[_Iterable[_Union[AddressPool, _Mapping]]] = ..., services: _Optional[_Iterable[_Union[ServiceStatus, _Mapping]]] = ..., backends: _Optional[_Iterable[_Union[BackendStatus, _Mapping]]] = ...) -> None: ...

class BackendStatus(_message.Message):
    __slots__ = ("load_balancer", "rule", "frontend", "protocol", "frontend_port", "backend_address_pool", "backend_port", "host", "probe", "status")
    LOAD_BALANCER_FIELD_NUMBER: _ClassVar[int]
    RULE_FIELD_NUMBER: _ClassVar[int]
    FRONTEND_FIELD_NUMBER: _ClassVar[int]
    PROTOCOL_FIELD_NUMBER: _ClassVar[int]
    FRONTEND_PORT_FIELD_NUMBER: _ClassVar[int]
    BACKEND_ADDRESS_POOL_FIELD_NUMBER: _ClassVar[int]
    BACKEND_PORT_FIELD_NUMBER: _ClassVar[int]
    HOST_FIELD_NUMBER: _ClassVar[int]
    PROBE_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    load_balancer: str
    rule: str
    frontend: str
    protocol: str
    frontend_port: int
    backend_address_pool: str
    backend_port: int
    host: str
    probe: str
    status: str
    def __init__(self, load_balancer: _Optional[str] = ..., rule: _Optional[str] = ..., frontend: _Optional[str] = ..., protocol: _Optional[str] = ..., frontend_port: _Optional[int] = ..., backend_address_pool: _Optional[str] = ..., backend_port: _Optional[int] = ..., host: _Optional[str] = ..., probe: _Optional[str] = ..., status: _Optional[str] = ...) -> None: ...

class ServiceStatus(_message.Message):
    __slots__ = ("cluster", "namespace", "name", "type", "cluster_ip", "ports", "endpoints", "external_ip")
    CLUSTER_FIELD_NUMBER: _ClassVar[int]
    NAMESPACE_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    CLUSTER_IP_FIELD_NUMBER: _ClassVar[int]
    PORTS_FIELD_NUMBER: _ClassVar[int]
    ENDPOINTS_FIELD_NUMBER: _ClassVar[int]
    EXTERNAL_IP_FIELD_NUMBER: _ClassVar[int]
    cluster: str
    namespace: str
    name: str
    type: str
    cluster_ip: str
    ports: _containers.RepeatedScalarFieldContainer[str]
    endpoints: _containers.RepeatedScalarFieldContainer[str]
    external_ip: str
    def __init__(self, cluster: _Optional[str] = ..., namespace: _Optional[str] = ..., name: _Optional[str] = ..., type: _Optional[str] = ..., cluster_ip: _Optional[str] = ..., ports: _Optional[_Iterable[str]] = ..., endpoints: _Optional[_Iterable[str]] = ..., external_ip: _Optional[str] = ...) -> None: ...

class NodeStatus(_message.Message):
    __slots__ = ("name", "kind", "cluster", "subnet", "address", "pod_cidr", "status", "revision", "conditions", "public_address", "security")
    NAME_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    CLUSTER_FIELD_NUMBER: _ClassVar[int]
    SUBNET_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    POD_CIDR_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    CONDITIONS_FIELD_NUMBER: _ClassVar[int]
    PUBLIC_ADDRESS_FIELD_NUMBER: _ClassVar[int]
    SECURITY_FIELD_NUMBER: _ClassVar[int]
    name: str
    kind: str
    cluster: str
    subnet: str
    address: str
    pod_cidr: str
    status: str
    revision: int
    conditions: _containers.RepeatedCompositeFieldContainer[_agent_pb2.Condition]
    public_address: str
    security: _containers.RepeatedCompositeFieldContainer[SecurityPath]
    def __init__(self, name: _Optional[str] = ..., kind: _Optional[str] = ..., cluster: _Optional[str] = ..., subnet: _Optional[str] = ..., address: _Optional[str] = ..., pod_cidr: _Optional[str] = ..., status: _Optional[str] = ..., revision: _Optional[int] = ..., conditions: _Optional[_Iterable[_Union[_agent_pb2.Condition, _Mapping]]] = ..., public_address: _Optional[str] = ..., security: _Optional[_Iterable[_Union[SecurityPath, _Mapping]]] = ...) -> None: ...

class SecurityPath(_message.Message):
    __slots__ = ("container", "direction", "places")
    CONTAINER_FIELD_NUMBER: _ClassVar[int]
    DIRECTION_FIELD_NUMBER: _ClassVar[int]
    PLACES_FIELD_NUMBER: _ClassVar[int]
    container: str
    direction: str
    places: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, container: _Optional[str] = ..., direction: _Optional[str] = ..., places: _Optional[_Iterable[str]] = ...) -> None: ...

class EffectiveSecurityRule(_message.Message):
    __slots__ = ("place", "network_security_group", "direction", "priority", "name", "access", "protocol", "source", "source_ports", "destination", "destination_ports", "expanded_source", "expanded_destination")
    PLACE_FIELD_NUMBER: _ClassVar[int]
    NETWORK_SECURITY_GROUP_FIELD_NUMBER: _ClassVar[int]
    DIRECTION_FIELD_NUMBER: _ClassVar[int]
    PRIORITY_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    ACCESS_FIELD_NUMBER: _ClassVar[int]
    PROTOCOL_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    SOURCE_PORTS_FIELD_NUMBER: _ClassVar[int]
    DESTINATION_FIELD_NUMBER: _ClassVar[int]
    DESTINATION_PORTS_FIELD_NUMBER: _ClassVar[int]
    EXPANDED_SOURCE_FIELD_NUMBER: _ClassVar[int]
    EXPANDED_DESTINATION_FIELD_NUMBER: _ClassVar[int]
    place: str
    network_security_group: str
    direction: str
    priority: int
    name: str
    access: str
    protocol: str
    source: _containers.RepeatedScalarFieldContainer[str]
    source_ports: _containers.RepeatedScalarFieldContainer[str]
    destination: _containers.RepeatedScalarFieldContainer[str]
    destination_ports: _containers.RepeatedScalarFieldContainer[str]
    expanded_source: _containers.RepeatedScalarFieldContainer[str]
    expanded_destination: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, place: _Optional[str] = ..., network_security_group: _Optional[str] = ..., direction: _Optional[str] = ..., priority: _Optional[int] = ..., name: _Optional[str] = ..., access: _Optional[str] = ..., protocol: _Optional[str] = ..., source: _Optional[_Iterable[str]] = ..., source_ports: _Optional[_Iterable[str]] = ..., destination: _Optional[_Iterable[str]] = ..., destination_ports: _Optional[_Iterable[str]] = ..., expanded_source: _Optional[_Iterable[str]] = ..., expanded_destination: _Optional[_Iterable[str]] = ...) -> None: ...

class PodStatus(_message.Message):
    __slots__ = ("namespace", "name", "node", "address", "status", "host_network", "owner", "ordinal", "uid", "reason", "message")
    NAMESPACE_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    NODE_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    HOST_NETWORK_FIELD_NUMBER: _ClassVar[int]
    OWNER_FIELD_NUMBER: _ClassVar[int]
    ORDINAL_FIELD_NUMBER: _ClassVar[int]
    UID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    namespace: str
    name: str
    node: str
    address: str
    status: str
    host_network: bool
    owner: str
    ordinal: int
    uid: str
    reason: str
    message: str
    def __init__(self, namespace: _Optional[str] = ..., name: _Optional[str] = ..., node: _Optional[str] = ..., address: _Optional[str] = ..., status: _Optional[str] = ..., host_network: _Optional[bool] = ..., owner: _Optional[str] = ..., ordinal: _Optional[int] = ..., uid: _Optional[str] = ..., reason: _Optional[str] = ..., message: _Optional[str] = ...) -> None: ...

class EffectiveRoute(_message.Message):
    __slots__ = ("virtual_network", "subnet", "source", "state", "address_prefix", "next_hop_type", "next_hop_ip_address", "name", "route_table")
    VIRTUAL_NETWORK_FIELD_NUMBER: _ClassVar[int]
    SUBNET_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_PREFIX_FIELD_NUMBER: _ClassVar[int]
    NEXT_HOP_TYPE_FIELD_NUMBER: _ClassVar[int]
    NEXT_HOP_IP_ADDRESS_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    ROUTE_TABLE_FIELD_NUMBER: _ClassVar[int]
    virtual_network: str
    subnet: str
    source: str
    state: str
    address_prefix: str
    next_hop_type: str
    next_hop_ip_address: str
    name: str
    route_table: str
    def __init__(self, virtual_network: _Optional[str] = ..., subnet: _Optional[str] = ..., source: _Optional[str] = ..., state: _Optional[str] = ..., address_prefix: _Optional[str] = ..., next_hop_type: _Optional[str] = ..., next_hop_ip_address: _Optional[str] = ..., name: _Optional[str] = ..., route_table: _Optional[str] = ...) -> None: ...

class Allocation(_message.Message):
    __slots__ = ("pool", "prefix", "address", "owner", "state")
    POOL_FIELD_NUMBER: _ClassVar[int]
    PREFIX_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    OWNER_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    pool: str
    prefix: str
    address: str
    owner: str
    state: str
    def __init__(self, pool: _Optional[str] = ..., prefix: _Optional[str] = ..., address: _Optional[str] = ..., owner: _Optional[str] = ..., state: _Optional[str] = ...) -> None: ...

class AddressPool(_message.Message):
    __slots__ = ("pool", "prefix", "used", "reserved", "free")
    POOL_FIELD_NUMBER: _ClassVar[int]
    PREFIX_FIELD_NUMBER: _ClassVar[int]
    USED_FIELD_NUMBER: _ClassVar[int]
    RESERVED_FIELD_NUMBER: _ClassVar[int]
    FREE_FIELD_NUMBER: _ClassVar[int]
    pool: str
    prefix: str
    used: int
    reserved: int
    free: int
    def __init__(self, pool: _Optional[str] = ..., prefix: _Optional[str] = ..., used: _Optional[int] = ..., reserved: _Optional[int] = ..., free: _Optional[int] = ...) -> None: ...

class TargetedProbe(_message.Message):
    __slots__ = ("target", "probe")
    TARGET_FIELD_NUMBER: _ClassVar[int]
    PROBE_FIELD_NUMBER: _ClassVar[int]
    target: str
    probe: _agent_pb2.ProbeRequest
    def __init__(self, target: _Optional[str] = ..., probe: _Optional[_Union[_agent_pb2.ProbeRequest, _Mapping]] = ...) -> None: ...

class ResolveRequest(_message.Message):
    __slots__ = ("target",)
    TARGET_FIELD_NUMBER: _ClassVar[int]
    target: str
    def __init__(self, target: _Optional[str] = ...) -> None: ...

class ResolveReply(_message.Message):
    __slots__ = ("node", "place", "address", "canonical_name")
    NODE_FIELD_NUMBER: _ClassVar[int]
    PLACE_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    CANONICAL_NAME_FIELD_NUMBER: _ClassVar[int]
    node: str
    place: _agent_pb2.Place
    address: str
    canonical_name: str
    def __init__(self, node: _Optional[str] = ..., place: _Optional[_Union[_agent_pb2.Place, _Mapping]] = ..., address: _Optional[str] = ..., canonical_name: _Optional[str] = ...) -> None: ...
