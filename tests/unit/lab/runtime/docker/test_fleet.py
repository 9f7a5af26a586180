from dataclasses import replace
from ipaddress import IPv4Address

from lab.runtime.docker.containers import ContainerSpecification
from lab.runtime.docker.engine import Container
from lab.runtime.docker.fleet import Order, difference
from lab.runtime.docker.labels import Role

SPECIFICATION = ContainerSpecification(
    name="vm1.one",
    hostname="vm1",
    image="sha256:1",
    address=IPv4Address("198.18.0.10"),
    role=Role.NODE,
    node="vm1",
    entrypoint=("/entry",),
    command=("command",),
    environment={},
    security=(),
)
ORDER = Order(specification=SPECIFICATION, prepare=lambda: None)
FOUND = Container(
    id="1",
    name="vm1.one",
    image="sha256:1",
    labels=SPECIFICATION.labels(lab="one", owner=0),
    running=True,
)


def test_a_running_container_of_the_same_specification_stays() -> None:
    """A second deploy touches no container."""
    plan = difference([FOUND], [ORDER])
    assert plan.keep == {"vm1.one": "1"}
    assert not plan.remove
    assert not plan.create


def test_a_missing_container_is_created() -> None:
    assert difference([], [ORDER]).create == (ORDER,)


def test_a_container_that_nobody_ordered_is_removed() -> None:
    assert difference([FOUND], []).remove == (FOUND,)


def test_a_container_of_another_specification_is_made_anew() -> None:
    changed = replace(ORDER, specification=replace(SPECIFICATION, image="sha256:2"))
    plan = difference([FOUND], [changed])
    assert plan.remove == (FOUND,)
    assert plan.create == (changed,)


def test_a_container_that_does_not_run_is_made_anew() -> None:
    """Created, but killed before it was started; or ended since."""
    stopped = replace(FOUND, running=False)
    plan = difference([stopped], [ORDER])
    assert plan.remove == (stopped,)
    assert plan.create == (ORDER,)
