from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ConditionStatus(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CONDITION_STATUS_UNSPECIFIED: _ClassVar[ConditionStatus]
    CONDITION_STATUS_PENDING: _ClassVar[ConditionStatus]
    CONDITION_STATUS_APPLIED: _ClassVar[ConditionStatus]
    CONDITION_STATUS_FAILED: _ClassVar[ConditionStatus]
CONDITION_STATUS_UNSPECIFIED: ConditionStatus
CONDITION_STATUS_PENDING: ConditionStatus
CONDITION_STATUS_APPLIED: ConditionStatus
CONDITION_STATUS_FAILED: ConditionStatus

class AgentMessages(_message.Message):
    __slots__ = ("messages",)
    MESSAGES_FIELD_NUMBER: _ClassVar[int]
    messages: _containers.RepeatedCompositeFieldContainer[AgentMessage]
    def __init__(self, messages: _Optional[_Iterable[_Union[AgentMessage, _Mapping]]] = ...) -> None: ...

class AgentMessage(_message.Message):
    __slots__ = ("node", "hello", "report", "probe_reply", "farewell", "backend_health")
    NODE_FIELD_NUMBER: _ClassVar[int]
    HELLO_FIELD_NUMBER: _ClassVar[int]
    REPORT_FIELD_NUMBER: _ClassVar[int]
    PROBE_REPLY_FIELD_NUMBER: _ClassVar[int]
    FAREWELL_FIELD_NUMBER: _ClassVar[int]
    BACKEND_HEALTH_FIELD_NUMBER: _ClassVar[int]
    node: str
    hello: Hello
    report: Report
    probe_reply: ProbeReply
    farewell: Farewell
    backend_health: BackendHealth
    def __init__(self, node: _Optional[str] = ..., hello: _Optional[_Union[Hello, _Mapping]] = ..., report: _Optional[_Union[Report, _Mapping]] = ..., probe_reply: _Optional[_Union[ProbeReply, _Mapping]] = ..., farewell: _Optional[_Union[Farewell, _Mapping]] = ..., backend_health: _Optional[_Union[BackendHealth, _Mapping]] = ...) -> None: ...

class CloudMessages(_message.Message):
    __slots__ = ("messages", "parts", "forgotten_parts", "succession")
    MESSAGES_FIELD_NUMBER: _ClassVar[int]
    PARTS_FIELD_NUMBER: _ClassVar[int]
    FORGOTTEN_PARTS_FIELD_NUMBER: _ClassVar[int]
    SUCCESSION_FIELD_NUMBER: _ClassVar[int]
    messages: _containers.RepeatedCompositeFieldContainer[CloudMessage]
    parts: _containers.RepeatedCompositeFieldContainer[Part]
    forgotten_parts: _containers.RepeatedScalarFieldContainer[int]
    succession: Succession
    def __init__(self, messages: _Optional[_Iterable[_Union[CloudMessage, _Mapping]]] = ..., parts: _Optional[_Iterable[_Union[Part, _Mapping]]] = ..., forgotten_parts: _Optional[_Iterable[int]] = ..., succession: _Optional[_Union[Succession, _Mapping]] = ...) -> None: ...

class Succession(_message.Message):
    __slots__ = ("revision", "ask", "replacements")
    REVISION_FIELD_NUMBER: _ClassVar[int]
    ASK_FIELD_NUMBER: _ClassVar[int]
    REPLACEMENTS_FIELD_NUMBER: _ClassVar[int]
    revision: int
    ask: int
    replacements: _containers.RepeatedCompositeFieldContainer[Replacement]
    def __init__(self, revision: _Optional[int] = ..., ask: _Optional[int] = ..., replacements: _Optional[_Iterable[_Union[Replacement, _Mapping]]] = ...) -> None: ...

class Replacement(_message.Message):
    __slots__ = ("old", "new")
    OLD_FIELD_NUMBER: _ClassVar[int]
    NEW_FIELD_NUMBER: _ClassVar[int]
    old: int
    new: int
    def __init__(self, old: _Optional[int] = ..., new: _Optional[int] = ...) -> None: ...

class Part(_message.Message):
    __slots__ = ("number", "node_state")
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    NODE_STATE_FIELD_NUMBER: _ClassVar[int]
    number: int
    node_state: bytes
    def __init__(self, number: _Optional[int] = ..., node_state: _Optional[bytes] = ...) -> None: ...

class CloudMessage(_message.Message):
    __slots__ = ("node", "desired_state", "probe_request", "reconcile", "abandoned_probe")
    NODE_FIELD_NUMBER: _ClassVar[int]
    DESIRED_STATE_FIELD_NUMBER: _ClassVar[int]
    PROBE_REQUEST_FIELD_NUMBER: _ClassVar[int]
    RECONCILE_FIELD_NUMBER: _ClassVar[int]
    ABANDONED_PROBE_FIELD_NUMBER: _ClassVar[int]
    node: str
    desired_state: DesiredState
    probe_request: ProbeRequest
    reconcile: Reconcile
    abandoned_probe: int
    def __init__(self, node: _Optional[str] = ..., desired_state: _Optional[_Union[DesiredState, _Mapping]] = ..., probe_request: _Optional[_Union[ProbeRequest, _Mapping]] = ..., reconcile: _Optional[_Union[Reconcile, _Mapping]] = ..., abandoned_probe: _Optional[int] = ...) -> None: ...

class Hello(_message.Message):
    __slots__ = ("revision", "version", "backend_health")
    REVISION_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    BACKEND_HEALTH_FIELD_NUMBER: _ClassVar[int]
    revision: int
    version: str
    backend_health: BackendHealth
    def __init__(self, revision: _Optional[int] = ..., version: _Optional[str] = ..., backend_health: _Optional[_Union[BackendHealth, _Mapping]] = ...) -> None: ...

class BackendHealth(_message.Message):
    __slots__ = ("up", "down")
    UP_FIELD_NUMBER: _ClassVar[int]
    DOWN_FIELD_NUMBER: _ClassVar[int]
    up: _containers.RepeatedScalarFieldContainer[str]
    down: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, up: _Optional[_Iterable[str]] = ..., down: _Optional[_Iterable[str]] = ...) -> None: ...

class Farewell(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class DesiredState(_message.Message):
    __slots__ = ("revision", "parts", "ask")
    REVISION_FIELD_NUMBER: _ClassVar[int]
    PARTS_FIELD_NUMBER: _ClassVar[int]
    ASK_FIELD_NUMBER: _ClassVar[int]
    revision: int
    parts: _containers.RepeatedScalarFieldContainer[int]
    ask: int
    def __init__(self, revision: _Optional[int] = ..., parts: _Optional[_Iterable[int]] = ..., ask: _Optional[int] = ...) -> None: ...

class Reconcile(_message.Message):
    __slots__ = ("ask",)
    ASK_FIELD_NUMBER: _ClassVar[int]
    ask: int
    def __init__(self, ask: _Optional[int] = ...) -> None: ...

class Report(_message.Message):
    __slots__ = ("revision", "conditions", "operations", "pods_attached", "ask")
    REVISION_FIELD_NUMBER: _ClassVar[int]
    CONDITIONS_FIELD_NUMBER: _ClassVar[int]
    OPERATIONS_FIELD_NUMBER: _ClassVar[int]
    PODS_ATTACHED_FIELD_NUMBER: _ClassVar[int]
    ASK_FIELD_NUMBER: _ClassVar[int]
    revision: int
    conditions: _containers.RepeatedCompositeFieldContainer[Condition]
    operations: int
    pods_attached: int
    ask: int
    def __init__(self, revision: _Optional[int] = ..., conditions: _Optional[_Iterable[_Union[Condition, _Mapping]]] = ..., operations: _Optional[int] = ..., pods_attached: _Optional[int] = ..., ask: _Optional[int] = ...) -> None: ...

class Condition(_message.Message):
    __slots__ = ("object", "status", "reason")
    OBJECT_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    object: str
    status: ConditionStatus
    reason: str
    def __init__(self, object: _Optional[str] = ..., status: _Optional[_Union[ConditionStatus, str]] = ..., reason: _Optional[str] = ...) -> None: ...

class ProbeRequest(_message.Message):
    __slots__ = ("id", "place", "deadline", "ping", "tcp", "udp", "http", "dns", "capture", "command", "stop_capture")
    ID_FIELD_NUMBER: _ClassVar[int]
    PLACE_FIELD_NUMBER: _ClassVar[int]
    DEADLINE_FIELD_NUMBER: _ClassVar[int]
    PING_FIELD_NUMBER: _ClassVar[int]
    TCP_FIELD_NUMBER: _ClassVar[int]
    UDP_FIELD_NUMBER: _ClassVar[int]
    HTTP_FIELD_NUMBER: _ClassVar[int]
    DNS_FIELD_NUMBER: _ClassVar[int]
    CAPTURE_FIELD_NUMBER: _ClassVar[int]
    COMMAND_FIELD_NUMBER: _ClassVar[int]
    STOP_CAPTURE_FIELD_NUMBER: _ClassVar[int]
    id: int
    place: Place
    deadline: float
    ping: PingProbe
    tcp: TcpProbe
    udp: UdpProbe
    http: HttpProbe
    dns: DnsProbe
    capture: CaptureProbe
    command: CommandProbe
    stop_capture: StopCaptureProbe
    def __init__(self, id: _Optional[int] = ..., place: _Optional[_Union[Place, _Mapping]] = ..., deadline: _Optional[float] = ..., ping: _Optional[_Union[PingProbe, _Mapping]] = ..., tcp: _Optional[_Union[TcpProbe, _Mapping]] = ..., udp: _Optional[_Union[UdpProbe, _Mapping]] = ..., http: _Optional[_Union[HttpProbe, _Mapping]] = ..., dns: _Optional[_Union[DnsProbe, _Mapping]] = ..., capture: _Optional[_Union[CaptureProbe, _Mapping]] = ..., command: _Optional[_Union[CommandProbe, _Mapping]] = ..., stop_capture: _Optional[_Union[StopCaptureProbe, _Mapping]] = ...) -> None: ...

class Place(_message.Message):
    __slots__ = ("node", "vswitch", "pod_uid")
    NODE_FIELD_NUMBER: _ClassVar[int]
    VSWITCH_FIELD_NUMBER: _ClassVar[int]
    POD_UID_FIELD_NUMBER: _ClassVar[int]
    node: bool
    vswitch: bool
    pod_uid: str
    def __init__(self, node: _Optional[bool] = ..., vswitch: _Optional[bool] = ..., pod_uid: _Optional[str] = ...) -> None: ...

class PingProbe(_message.Message):
    __slots__ = ("destination", "count", "interval", "size")
    DESTINATION_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    INTERVAL_FIELD_NUMBER: _ClassVar[int]
    SIZE_FIELD_NUMBER: _ClassVar[int]
    destination: str
    count: int
    interval: float
    size: int
    def __init__(self, destination: _Optional[str] = ..., count: _Optional[int] = ..., interval: _Optional[float] = ..., size: _Optional[int] = ...) -> None: ...

class TcpProbe(_message.Message):
    __slots__ = ("destination", "port")
    DESTINATION_FIELD_NUMBER: _ClassVar[int]
    PORT_FIELD_NUMBER: _ClassVar[int]
    destination: str
    port: int
    def __init__(self, destination: _Optional[str] = ..., port: _Optional[int] = ...) -> None: ...

class UdpProbe(_message.Message):
    __slots__ = ("destination", "port", "payload")
    DESTINATION_FIELD_NUMBER: _ClassVar[int]
    PORT_FIELD_NUMBER: _ClassVar[int]
    PAYLOAD_FIELD_NUMBER: _ClassVar[int]
    destination: str
    port: int
    payload: bytes
    def __init__(self, destination: _Optional[str] = ..., port: _Optional[int] = ..., payload: _Optional[bytes] = ...) -> None: ...

class HttpProbe(_message.Message):
    __slots__ = ("url", "headers", "address")
    class HeadersEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    URL_FIELD_NUMBER: _ClassVar[int]
    HEADERS_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    url: str
    headers: _containers.ScalarMap[str, str]
    address: str
    def __init__(self, url: _Optional[str] = ..., headers: _Optional[_Mapping[str, str]] = ..., address: _Optional[str] = ...) -> None: ...

class DnsProbe(_message.Message):
    __slots__ = ("name", "type", "server")
    NAME_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    SERVER_FIELD_NUMBER: _ClassVar[int]
    name: str
    type: str
    server: str
    def __init__(self, name: _Optional[str] = ..., type: _Optional[str] = ..., server: _Optional[str] = ...) -> None: ...

class CaptureProbe(_message.Message):
    __slots__ = ("interface", "filter", "count", "token")
    INTERFACE_FIELD_NUMBER: _ClassVar[int]
    FILTER_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    interface: str
    filter: str
    count: int
    token: str
    def __init__(self, interface: _Optional[str] = ..., filter: _Optional[str] = ..., count: _Optional[int] = ..., token: _Optional[str] = ...) -> None: ...

class StopCaptureProbe(_message.Message):
    __slots__ = ("token",)
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    token: str
    def __init__(self, token: _Optional[str] = ...) -> None: ...

class CommandProbe(_message.Message):
    __slots__ = ("argv",)
    ARGV_FIELD_NUMBER: _ClassVar[int]
    argv: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, argv: _Optional[_Iterable[str]] = ...) -> None: ...

class ProbeReply(_message.Message):
    __slots__ = ("id", "error", "ping", "connection", "http", "dns", "capture", "command", "capture_started")
    ID_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    PING_FIELD_NUMBER: _ClassVar[int]
    CONNECTION_FIELD_NUMBER: _ClassVar[int]
    HTTP_FIELD_NUMBER: _ClassVar[int]
    DNS_FIELD_NUMBER: _ClassVar[int]
    CAPTURE_FIELD_NUMBER: _ClassVar[int]
    COMMAND_FIELD_NUMBER: _ClassVar[int]
    CAPTURE_STARTED_FIELD_NUMBER: _ClassVar[int]
    id: int
    error: str
    ping: PingResult
    connection: ConnectionResult
    http: HttpResult
    dns: DnsResult
    capture: CaptureResult
    command: CommandResult
    capture_started: bool
    def __init__(self, id: _Optional[int] = ..., error: _Optional[str] = ..., ping: _Optional[_Union[PingResult, _Mapping]] = ..., connection: _Optional[_Union[ConnectionResult, _Mapping]] = ..., http: _Optional[_Union[HttpResult, _Mapping]] = ..., dns: _Optional[_Union[DnsResult, _Mapping]] = ..., capture: _Optional[_Union[CaptureResult, _Mapping]] = ..., command: _Optional[_Union[CommandResult, _Mapping]] = ..., capture_started: _Optional[bool] = ...) -> None: ...

class PingResult(_message.Message):
    __slots__ = ("sent", "received", "ttls", "round_trip_ms", "output")
    SENT_FIELD_NUMBER: _ClassVar[int]
    RECEIVED_FIELD_NUMBER: _ClassVar[int]
    TTLS_FIELD_NUMBER: _ClassVar[int]
    ROUND_TRIP_MS_FIELD_NUMBER: _ClassVar[int]
    OUTPUT_FIELD_NUMBER: _ClassVar[int]
    sent: int
    received: int
    ttls: _containers.RepeatedScalarFieldContainer[int]
    round_trip_ms: _containers.RepeatedScalarFieldContainer[float]
    output: str
    def __init__(self, sent: _Optional[int] = ..., received: _Optional[int] = ..., ttls: _Optional[_Iterable[int]] = ..., round_trip_ms: _Optional[_Iterable[float]] = ..., output: _Optional[str] = ...) -> None: ...

class ConnectionResult(_message.Message):
    __slots__ = ("connected", "failure", "received", "local_address")
    CONNECTED_FIELD_NUMBER: _ClassVar[int]
    FAILURE_FIELD_NUMBER: _ClassVar[int]
    RECEIVED_FIELD_NUMBER: _ClassVar[int]
    LOCAL_ADDRESS_FIELD_NUMBER: _ClassVar[int]
    connected: bool
    failure: str
    received: bytes
    local_address: str
    def __init__(self, connected: _Optional[bool] = ..., failure: _Optional[str] = ..., received: _Optional[bytes] = ..., local_address: _Optional[str] = ...) -> None: ...

class HttpResult(_message.Message):
    __slots__ = ("status", "failure", "headers", "body")
    class HeadersEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    STATUS_FIELD_NUMBER: _ClassVar[int]
    FAILURE_FIELD_NUMBER: _ClassVar[int]
    HEADERS_FIELD_NUMBER: _ClassVar[int]
    BODY_FIELD_NUMBER: _ClassVar[int]
    status: int
    failure: str
    headers: _containers.ScalarMap[str, str]
    body: bytes
    def __init__(self, status: _Optional[int] = ..., failure: _Optional[str] = ..., headers: _Optional[_Mapping[str, str]] = ..., body: _Optional[bytes] = ...) -> None: ...

class DnsResult(_message.Message):
    __slots__ = ("status", "answers")
    STATUS_FIELD_NUMBER: _ClassVar[int]
    ANSWERS_FIELD_NUMBER: _ClassVar[int]
    status: str
    answers: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, status: _Optional[str] = ..., answers: _Optional[_Iterable[str]] = ...) -> None: ...

class CaptureResult(_message.Message):
    __slots__ = ("packets", "matched")
    PACKETS_FIELD_NUMBER: _ClassVar[int]
    MATCHED_FIELD_NUMBER: _ClassVar[int]
    packets: _containers.RepeatedScalarFieldContainer[str]
    matched: int
    def __init__(self, packets: _Optional[_Iterable[str]] = ..., matched: _Optional[int] = ...) -> None: ...

class CommandResult(_message.Message):
    __slots__ = ("exit_code", "stdout", "stderr")
    EXIT_CODE_FIELD_NUMBER: _ClassVar[int]
    STDOUT_FIELD_NUMBER: _ClassVar[int]
    STDERR_FIELD_NUMBER: _ClassVar[int]
    exit_code: int
    stdout: bytes
    stderr: bytes
    def __init__(self, exit_code: _Optional[int] = ..., stdout: _Optional[bytes] = ..., stderr: _Optional[bytes] = ...) -> None: ...
