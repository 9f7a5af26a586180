"""HTTP as hosts answer it, without I/O: bytes in, bytes out; and what the built-in workload says.

Every port of that workload speaks HTTP to those who speak HTTP and echoes to all others, so that
one responder does whatever a port was declared for. An HTTP answer says who
answers and whom it saw; a UDP answer the same, with what was sent.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from ipaddress import IPv6Address, ip_address
from typing import Any

import h11

METHODS = (b"GET ", b"HEAD ", b"POST ", b"PUT ", b"DELETE ", b"OPTIONS ", b"PATCH ", b"TRACE ")

SERVER = b"vnetlab"


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who answers."""

    pod: str | None
    """None: the machine itself."""
    namespace: str | None
    node: str
    image: str
    address: str | None
    """What others reach it at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """Whom the responder saw: the other end of the connection, or a datagram's source."""

    address: str
    port: int
    reached: str = ""
    """The responder's own address that it came to; empty: not known."""

    @classmethod
    def of(cls, peer: tuple[Any, ...], own: tuple[Any, ...] | None = None) -> "Client":
        """From the socket addresses of both ends."""
        reached = "" if own is None else _plain(own)
        return cls(address=_plain(peer), port=peer[1], reached=reached)


def _plain(end: tuple[Any, ...]) -> str:
    """An address; a socket for both families shows IPv4 as ::ffff:a.b.c.d."""
    address = ip_address(str(end[0]).partition("%")[0])
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return str(address)


def speaks_http(data: bytes) -> bool | None:
    """Whether a connection that begins like this is HTTP; None: it can't be told yet."""
    if data.startswith(METHODS):
        return True
    if any(method.startswith(data) for method in METHODS):
        return None
    return False


def answer_datagram(identity: Identity, client: Client, payload: bytes) -> bytes:
    """The answer to a datagram."""
    return _json(_seen(identity, client) | {"payload": payload.decode(errors="replace")})


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a request is answered with."""

    status: int
    body: bytes
    content_type: bytes = b"application/json"


Respond = Callable[[h11.Request], Answer]
"""Whoever answers requests."""


def json_answer(document: Mapping[str, Any], *, status: int = HTTPStatus.OK) -> Answer:
    """An answer that programs read."""
    return Answer(status=status, body=_json(document))


def responder(identity: Identity, client: Client) -> Respond:
    """The built-in workload: says who answers, and whom and what it saw."""

    def respond(request: h11.Request) -> Answer:
        return json_answer(described(identity, client, request))

    return respond


def described(identity: Identity, client: Client, request: h11.Request) -> dict[str, Any]:
    """Who answers, whom it saw, and what was asked."""
    return _seen(identity, client) | _asked(request)


class HttpExchange:
    """One HTTP/1.1 connection, as many requests as the client likes."""

    def __init__(self, respond: Respond) -> None:
        self._respond_to = respond
        self._connection = h11.Connection(h11.SERVER)
        self._request: h11.Request | None = None
        self.ended = False
        """Nothing more will be said: the connection is to be closed."""

    def receive(self, data: bytes) -> bytes:
        """What to send in answer to what came; empty: nothing yet."""
        self._connection.receive_data(data)
        answer = bytearray()
        try:
            while True:
                event = self._connection.next_event()
                # Not `in`: events are values that can't be hashed.
                if event is h11.NEED_DATA or event is h11.PAUSED:
                    break
                answer += self._happened(event)
                if self.ended:
                    break
        except h11.RemoteProtocolError as problem:
            answer += self._refuse(problem)
        return bytes(answer)

    def _happened(self, event: h11.Event | type[h11.NEED_DATA] | type[h11.PAUSED]) -> bytes:
        match event:
            case h11.Request():
                self._request = event
                if self._connection.they_are_waiting_for_100_continue:
                    return self._said(
                        h11.InformationalResponse(status_code=HTTPStatus.CONTINUE, headers=[])
                    )
            case h11.EndOfMessage():
                return self._respond()
            case h11.ConnectionClosed():
                self.ended = True
        return b""

    def _respond(self) -> bytes:
        assert self._request is not None
        answer = self._answer(self._respond_to(self._request))
        if self._connection.our_state is h11.MUST_CLOSE:
            self.ended = True
        else:
            self._connection.start_next_cycle()
        return answer

    def _refuse(self, problem: h11.RemoteProtocolError) -> bytes:
        self.ended = True
        if self._connection.our_state not in {h11.IDLE, h11.SEND_RESPONSE}:
            return b""
        return self._answer(json_answer({"error": str(problem)}, status=problem.error_status_hint))

    def _answer(self, answer: Answer) -> bytes:
        headers = [
            (b"Server", SERVER),
            (b"Content-Type", answer.content_type),
            (b"Content-Length", str(len(answer.body)).encode()),
        ]
        reason = HTTPStatus(answer.status).phrase.encode()
        response = h11.Response(status_code=answer.status, headers=headers, reason=reason)
        head = self._said(response)
        if self._request is None or self._request.method != b"HEAD":
            head += self._said(h11.Data(data=answer.body))
        return head + self._said(h11.EndOfMessage())

    def _said(self, event: h11.Event) -> bytes:
        return self._connection.send(event) or b""


def _asked(request: h11.Request) -> dict[str, Any]:
    headers: dict[str, str] = {}
    for name, value in request.headers:
        key, text = name.decode(), value.decode(errors="replace")
        headers[key] = f"{headers[key]}, {text}" if key in headers else text
    return {
        "method": request.method.decode(),
        "path": request.target.decode(errors="replace"),
        "protocol": f"HTTP/{request.http_version.decode()}",
        "headers": headers,
    }


def _seen(identity: Identity, client: Client) -> dict[str, Any]:
    return {
        "pod": identity.pod,
        "namespace": identity.namespace,
        "node": identity.node,
        "image": identity.image,
        "address": identity.address,
        "client": {"address": client.address, "port": client.port},
    }


def _json(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document, indent=2).encode() + b"\n"
