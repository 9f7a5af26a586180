"""Comparing a wanted device with one that is there."""

from dataclasses import replace

from agents.objects.link import Bridge, Link, VxlanGpe, completed

SEEN = Link(
    name="b0",
    kind=Bridge(),
    mtu=1500,
    mac="02:00:00:00:00:01",
    master="",
    promiscuous=True,
)


def test_what_is_left_open_is_satisfied_by_anything() -> None:
    assert completed(Link(name="b0", kind=Bridge(), promiscuous=True), SEEN) == SEEN


def test_flags_are_never_left_open() -> None:
    assert completed(Link(name="b0", kind=Bridge()), SEEN) == replace(SEEN, promiscuous=False)
    down = Link(name="b0", kind=Bridge(), up=False, promiscuous=True)
    assert completed(down, SEEN) == replace(SEEN, up=False)


def test_an_empty_master_is_an_opinion() -> None:
    """None leaves a port where it is, the empty string takes it off."""
    port = replace(SEEN, master="b1")
    assert completed(replace(SEEN, master=None), port) == port
    assert completed(SEEN, port) == SEEN


def test_another_kind_is_never_the_same_device() -> None:
    assert completed(replace(SEEN, kind=VxlanGpe(port=4790)), SEEN) != SEEN
