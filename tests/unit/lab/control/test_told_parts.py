"""What is said once, and what is forgotten when."""

from lab.contract.v1.agent_pb2 import Part
from lab.control.told_parts import ToldParts


def told_parts() -> ToldParts:
    return ToldParts(most=100)


def said(told: ToldParts) -> tuple[list[bytes], list[int]]:
    parts, forgotten = told.take()
    return [part.node_state for part in parts], forgotten


def test_a_part_that_hosts_have_in_common_is_said_once() -> None:
    told = told_parts()
    assert told.tell("a", (b"of a", b"shared")) == [1, 2]
    assert told.tell("b", (b"of b", b"shared")) == [3, 2]

    parts, forgotten = told.take()
    assert parts == [
        Part(number=1, node_state=b"of a"),
        Part(number=2, node_state=b"shared"),
        Part(number=3, node_state=b"of b"),
    ]
    assert forgotten == []


def test_a_part_that_stays_is_not_said_again() -> None:
    told = told_parts()
    told.tell("a", (b"own", b"shared"))
    told.take()

    assert told.tell("a", (b"own", b"other")) == [1, 3]
    assert said(told) == ([b"other"], [2])


def test_a_part_is_forgotten_with_the_last_host_that_has_it() -> None:
    told = told_parts()
    for host in "ab":
        told.tell(host, (b"shared",))
    told.take()
    told.forget("a")
    assert said(told) == ([], [])

    told.forget("b")
    told.forget("b")
    assert said(told) == ([], [1])
    assert told.tell("a", (b"shared",)) == [2], "a number is never given twice"
    assert said(told) == ([b"shared"], [])


def test_a_part_may_come_twice_in_a_state() -> None:
    told = told_parts()
    assert told.tell("a", (b"same", b"same")) == [1, 1]
    assert told.tell("a", (b"same",)) == [1]
    assert said(told) == ([b"same"], [])


def test_it_knows_how_much_there_is_to_say() -> None:
    told = told_parts()
    told.tell("a", (b"123", b"45"))
    assert told.unsaid == 5
    told.take()
    assert told.unsaid == 0
