"""Removing what a lab has in an engine, and nothing that does not carry its label."""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from lab.runtime.docker.engine import Container, Engine
from lab.runtime.docker.refusals import EngineRefused

Item = TypeVar("Item")
Result = TypeVar("Result")

THREADS = 8
"""Requests to the engine at a time; more only queue up inside it."""


def remove_lab(engine: Engine, lab: str) -> None:
    """Remove every container and network of a lab. Raises `EngineRefused`."""
    remove_all(engine, engine.containers(lab=lab))
    for network in engine.networks(lab=lab):
        engine.remove_network(network)


def remove_all(engine: Engine, containers: Iterable[Container]) -> None:
    """End and remove containers. Raises the first `EngineRefused` when all were tried."""

    def remove(container: Container) -> EngineRefused | None:
        try:
            engine.remove(container.id)
        except EngineRefused as reason:
            return reason
        return None

    for refusal in in_parallel(remove, tuple(containers)):
        if refusal is not None:
            raise refusal


def in_parallel(act: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
    """What `act` returns for each item, in their order; up to `THREADS` at a time."""
    with ThreadPoolExecutor(max_workers=THREADS, thread_name_prefix="docker") as threads:
        return list(threads.map(act, items))
