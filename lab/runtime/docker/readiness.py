"""Waiting for the cloud process: it writes one byte to its container's output when it listens.

Following the output needs no polling, and it ends when the container does.
"""

from lab.runtime.docker.engine import Engine
from lab.runtime.provider import StartFailed

LAST_LINES = 20


def await_listening(engine: Engine, container: str) -> None:
    """Return when the cloud process of `container` listens, at once if it does already.

    Raises `StartFailed` with the container's last words when it ends before.
    """
    for _ in engine.output(container):
        return
    words = "\n    ".join(engine.messages(container, lines=LAST_LINES).splitlines())
    raise StartFailed(
        f"the cloud process ended before it listened:\n    {words}",
        remedy="what it said last is above",
    )
