"""Commands inside containers, as the Docker API has them: prepared, attached to, asked about."""

import json
import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import docker

from lab.runtime.docker.refusals import EngineRefused, refusals

END_OF_HEADERS = b"\r\n\r\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """The streams of a command inside a container."""

    connection: socket.socket
    received: bytes
    """What had come already when the connection changed from HTTP to the streams."""


class Commands:
    """Commands in the containers of one engine, whose socket is at `address`."""

    def __init__(self, client: docker.APIClient, *, address: Path) -> None:
        self._client = client
        self._address = address

    def prepare(
        self, container: str, argv: Sequence[str], *, tty: bool, environment: Mapping[str, str]
    ) -> str:
        """A command to be run in a running container; its id."""
        with refusals():
            created = self._client.exec_create(
                container, list(argv), stdin=True, tty=tty, environment=dict(environment)
            )
        execution: str = created["Id"]
        return execution

    @contextmanager
    def attach(self, execution: str, *, tty: bool) -> Iterator[Attachment]:
        """Run a prepared command; both directions of its streams until the block ends.

        Speaks HTTP itself: the client library may lose what comes together with
        the answer's headers, for it reads ahead.
        """
        body = json.dumps({"Detach": False, "Tty": tty}).encode()
        request = (
            f"POST /v{self._client.api_version}/exec/{execution}/start HTTP/1.1\r\n"
            "Host: docker\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.connect(str(self._address))
            connection.sendall(request.encode() + body)
            answer = b""
            while END_OF_HEADERS not in answer:
                received = connection.recv(4096)
                if not received:
                    raise EngineRefused("the Docker engine hung up before a command ran")
                answer += received
            headers, _, rest = answer.partition(END_OF_HEADERS)
            status = headers.split(b" ", 2)[1]
            if status not in {b"101", b"200"}:
                raise EngineRefused(rest.decode(errors="replace").strip())
            yield Attachment(connection=connection, received=rest)

    def resize(self, execution: str, *, rows: int, columns: int) -> None:
        """Tell a command's terminal its size; one that has ended has none."""
        with suppress(EngineRefused), refusals():
            self._client.exec_resize(execution, height=rows, width=columns)

    def exit_code(self, execution: str) -> int:
        """Of a command that has ended; 128 + n if signal n ended it."""
        with refusals():
            found = self._client.exec_inspect(execution)
        return int(found["ExitCode"] or 0)

    def run_detached(self, container: str, argv: Sequence[str]) -> None:
        """Run a command whose output and end nobody waits for."""
        with suppress(EngineRefused), refusals():
            created = self._client.exec_create(container, list(argv), stdout=False, stderr=False)
            self._client.exec_start(created["Id"], detach=True)
