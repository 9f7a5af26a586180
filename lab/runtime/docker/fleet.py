"""Making the containers of a lab match what was ordered: remove what is not, then create.

In that order, because an address or a name may have to change hands.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from lab.runtime.docker import labels
from lab.runtime.docker.containers import ContainerSpecification
from lab.runtime.docker.engine import Container, Engine, Network
from lab.runtime.docker.labels import Role
from lab.runtime.docker.refusals import AddressTaken, EngineRefused, NameTaken
from lab.runtime.docker.removal import in_parallel, remove_all

ROUNDS = 3
"""A deploy that was killed may have left a request in the engine that is carried out
after we have looked; what it made is found in the next round."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A container that has to run."""

    specification: ContainerSpecification
    prepare: Callable[[], None]
    """Lays out what the container finds when it starts; called only for one that is created."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Created:
    """An order that was carried out."""

    name: str
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """An order that the engine did not carry out."""

    name: str
    reason: EngineRefused

    def __str__(self) -> str:
        return f"{self.name}: {self.reason}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of all orders."""

    running: Mapping[str, str]
    """Id of each container that runs, by name."""
    refusals: tuple[Refusal, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What stands between the containers that are there and those that were ordered."""

    keep: Mapping[str, str]
    """Ids by name."""
    remove: tuple[Container, ...]
    create: tuple[Order, ...]


def difference(found: Iterable[Container], orders: Sequence[Order]) -> Difference:
    """A container stays if it runs and is of the very specification that was ordered."""
    wanted = {order.specification.name: order for order in orders}
    keep: dict[str, str] = {}
    remove: list[Container] = []
    for container in found:
        order = wanted.get(container.name)
        if (
            order is not None
            and container.running
            and labels.specification_of(container.labels) == order.specification.digest
        ):
            keep[container.name] = container.id
        else:
            remove.append(container)
    create = tuple(order for name, order in wanted.items() if name not in keep)
    return Difference(keep=keep, remove=tuple(remove), create=create)


class Fleet:
    """The containers of one lab on one network."""

    def __init__(self, engine: Engine, *, lab: str, owner: int, network: Network) -> None:
        self._engine = engine
        self._lab = lab
        self._owner = owner
        self._network = network

    def provide(self, orders: Sequence[Order], *, role: Role) -> Outcome:
        """Make the containers of `role` exactly those ordered."""
        for attempt in range(1, ROUNDS + 1):
            todo = difference(self._engine.containers(lab=self._lab, role=role), orders)
            remove_all(self._engine, todo.remove)
            made = in_parallel(self._create, todo.create)
            refusals = tuple(result for result in made if isinstance(result, Refusal))
            settled = not any(
                isinstance(refusal.reason, NameTaken | AddressTaken) for refusal in refusals
            )
            if settled or attempt == ROUNDS:
                break
        created = {each.name: each.id for each in made if isinstance(each, Created)}
        return Outcome(running={**todo.keep, **created}, refusals=refusals)

    def _create(self, order: Order) -> Created | Refusal:
        specification = order.specification
        marks = specification.labels(lab=self._lab, owner=self._owner)
        order.prepare()
        try:
            container = self._engine.create(specification, network=self._network, marks=marks)
        except EngineRefused as reason:
            return Refusal(name=specification.name, reason=reason)
        try:
            self._engine.start(container)
        except EngineRefused as reason:
            # What never ran is of no use, and in the way of the next attempt.
            self._engine.remove(container)
            return Refusal(name=specification.name, reason=reason)
        return Created(name=specification.name, id=container)
