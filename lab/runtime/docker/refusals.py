"""What an engine refuses, in our words: the client library's errors go no further than here."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import docker.errors
import requests

from lab.runtime.provider import RuntimeFailure


class EngineRefused(RuntimeFailure):
    """The engine said no: its own words are the message."""


class NameTaken(EngineRefused):
    """A container of that name exists."""


class AddressTaken(EngineRefused):
    """Another network or container has the address range or the address."""


@contextmanager
def gone_is_fine() -> Iterator[None]:
    """Removing what is not there, or is being removed, has happened."""
    try:
        yield
    except docker.errors.NotFound:
        return
    except docker.errors.APIError as error:
        if "is already in progress" not in str(error.explanation):
            raise


@contextmanager
def refusals() -> Iterator[None]:
    """Errors of the client library become ours; the engine's own words stay."""
    try:
        yield
    except docker.errors.APIError as error:
        raise _refusal(str(error.explanation or error)) from error
    except (docker.errors.DockerException, requests.RequestException) as error:
        raise EngineRefused(
            f"the Docker engine does not answer: {error}", remedy="see whether it still runs"
        ) from error


_MISCOUNTED = (
    "if docker network inspect shows no container on it, the engine has lost count of them "
    "(moby/moby#42119): restart it, then destroy again"
)


def _refusal(words: str) -> EngineRefused:
    known: Sequence[tuple[str, type[EngineRefused]]] = (
        ("is already in use by container", NameTaken),
        ("Pool overlaps with other one", AddressTaken),
        ("Address already in use", AddressTaken),
    )
    for phrase, kind in known:
        if phrase in words:
            return kind(words)
    if "has active endpoints" in words:
        return EngineRefused(words, remedy=_MISCOUNTED)
    return EngineRefused(words)
