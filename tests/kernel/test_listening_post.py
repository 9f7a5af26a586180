"""One socket that hears of the namespaces of several hosts."""

import os
import select
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from agents.kernel import rules
from agents.kernel.ears import UNTOLD_PORT, Ear
from agents.kernel.listening_post import ListeningPost
from agents.kernel.namespaces import NamespaceDirectory
from agents.kernel.netlink import NetlinkSocket, batch
from agents.objects.origin import Origin
from agents.objects.rule import Rule
from tests.kernel.hosts import namespaces, run

pytestmark = pytest.mark.kernel

NAMES = ("one", "two")
Follow = Callable[[str], int]


@pytest.fixture
def pins(tmp_path: Path) -> Iterator[NamespaceDirectory]:
    with namespaces(tmp_path, *NAMES) as pins:
        yield pins


@pytest.fixture
def post() -> Iterator[ListeningPost]:
    post = ListeningPost()
    yield post
    post.close()


@pytest.fixture
def follow(post: ListeningPost, pins: NamespaceDirectory) -> Iterator[Follow]:
    with ExitStack() as stack:

        def follow(name: str) -> int:
            descriptor = pins.open(name)
            stack.callback(os.close, descriptor)
            number = post.follow(descriptor)
            assert number is not None
            return number

        yield follow


def change(pins: NamespaceDirectory, name: str, count: int = 1) -> None:
    add_rules(pins, name, range(1000, 1000 + count))


def add_rules(pins: NamespaceDirectory, name: str, numbers: range) -> None:
    batch = "".join(f"rule add pref {number} lookup 7\n" for number in numbers)
    Path("/run/batch").write_text(batch)
    run(pins.pin(name), "ip", "-batch", "/run/batch")


def said_of(post: ListeningPost, number: int) -> int | None:
    post.listen()
    said = post.heard(number)
    return None if said is None else len(said)


def test_each_change_is_told_once_and_of_its_namespace(
    post: ListeningPost, pins: NamespaceDirectory, follow: Follow
) -> None:
    one, two = map(follow, NAMES)
    assert one != two
    change(pins, "one", 3)
    assert [said_of(post, number) for number in (one, two, one)] == [3, 0, 0]
    change(pins, "two")
    assert [said_of(post, number) for number in (one, two)] == [0, 1]


@pytest.mark.parametrize("echo", [True, False])
def test_who_asks_for_an_echo_is_told_instead(
    post: ListeningPost, follow: Follow, pins: NamespaceDirectory, *, echo: bool
) -> None:
    """By the port that both have, so that the kernel need not look for who listens."""
    number = follow("one")
    rule = Rule(priority=1000, table=7, origin=Origin.VNETLAB)
    with pins.inside("one"), NetlinkSocket(port=UNTOLD_PORT) as netlink:
        assert netlink.send(batch([rules.add(rule)], echo=echo)) == []
        assert len(netlink.echoes()) == echo
        assert netlink.echoes() == []
    assert said_of(post, number) == (not echo)


def test_who_is_followed_twice_keeps_its_number(follow: Follow) -> None:
    one, two, again = map(follow, ("one", "two", "one"))
    assert one == again != two


def test_those_that_change_often_come_before_all_others(
    post: ListeningPost, pins: NamespaceDirectory, follow: Follow
) -> None:
    """In the kernel's search, which begins with the lowest number."""
    other = follow("one")
    # However often others are followed anew, as their hosts are read again.
    assert {follow("one") for _ in range(20)} == {other}
    descriptor = pins.open("two")
    first = post.follow(descriptor, first=True)
    os.close(descriptor)
    assert first == 1
    assert other > first


def test_nothing_is_kept_of_who_is_not_followed(
    post: ListeningPost, pins: NamespaceDirectory, follow: Follow
) -> None:
    number = follow("one")
    post.forget(number)
    change(pins, "one")
    assert said_of(post, number) == 0
    assert follow("one") == number
    change(pins, "two")
    assert said_of(post, number) == 0


def test_a_namespace_ends_although_it_is_followed(
    post: ListeningPost, pins: NamespaceDirectory
) -> None:
    """Else nobody's devices would go before the process does."""
    with pins.inside_new("doomed"):
        pass
    cable = ("ip", "link", "add", "cable0", "type", "veth", "peer", "name", "cable1")
    run(pins.pin("one"), *cable, "netns", str(pins.pin("doomed")))
    descriptor = pins.open("doomed")
    assert post.follow(descriptor) is not None
    os.close(descriptor)
    with pins.inside("one"):
        ear = Ear(others=False)
    pins.remove("doomed")
    while "cable0" in run(pins.pin("one"), "ip", "link"):
        assert select.select([ear], [], [], 30)[0], "the device is still there"
        ear.forget()
    ear.close()


def test_more_than_can_be_kept_is_a_miss_for_all(
    post: ListeningPost, pins: NamespaceDirectory, follow: Follow
) -> None:
    one, two = map(follow, NAMES)
    change(pins, "two")
    add_rules(pins, "one", range(2000, 22000))
    assert post.misses == 0
    assert said_of(post, two) == 0
    assert post.misses == 1
    change(pins, "one")
    assert [said_of(post, number) for number in (one, two)] == [1, 0]
    assert post.misses == 1


def test_what_is_written_is_listened_to_before_it_is_too_much(
    post: ListeningPost, pins: NamespaceDirectory, follow: Follow
) -> None:
    """Of an ordinary user's socket: that of root holds more."""
    one, two = map(follow, NAMES)
    for first in range(1000, 1900, 100):
        post.expect(100)
        add_rules(pins, "one", range(first, first + 100))
    assert said_of(post, one) == 900
    assert post.misses == 0
    assert said_of(post, two) == 0


def test_of_a_namespace_that_nobody_asks_about_not_everything_is_kept(
    post: ListeningPost, pins: NamespaceDirectory, follow: Follow
) -> None:
    """Others go on hearing theirs."""
    one, two = map(follow, NAMES)
    for first in range(1000, 3200, 100):
        add_rules(pins, "one", range(first, first + 100))
        post.listen()
    change(pins, "two")
    assert said_of(post, one) is None
    assert said_of(post, two) == 1
    assert said_of(post, one) == 0
    add_rules(pins, "one", range(5000, 5003))
    assert said_of(post, one) == 3
    assert post.misses == 0
