"""What the socket promises, against the kernel itself."""

import errno
import os

import pytest

from agents.kernel import links, routes
from agents.kernel.errors import KernelError
from agents.kernel.netlink import NetlinkSocket, Request
from agents.objects.link import Bridge, Link

pytestmark = pytest.mark.kernel


def bridge(name: str) -> Link:
    return Link(name=name, kind=Bridge(), up=False)


def test_every_refusal_of_a_batch_is_mapped_to_its_request() -> None:
    """A refused request does not stop the ones after it, and is told apart from them."""
    with NetlinkSocket() as netlink:
        refusals = netlink.execute(
            [links.add(bridge("b1")), links.add(bridge("b1")), links.add(bridge("b2")),
             links.remove(bridge("b9"))]
        )  # fmt: skip
        names = {found.link.name for found in netlink.dump(links.listing(), links.parse)}
        netlink.execute([links.remove(bridge("b1")), links.remove(bridge("b2"))])
    assert [(r.index, r.code) for r in refusals] == [(1, errno.EEXIST), (3, errno.ENODEV)]
    assert {"b1", "b2"} <= names


def test_thousands_of_refusals_in_one_call_are_all_told() -> None:
    """The receive buffer holds a few hundred answers; none may be lost."""
    with NetlinkSocket() as netlink:
        refusals = netlink.execute([links.remove(bridge("none"))] * 3000)
    assert [refusal.index for refusal in refusals] == list(range(3000))


def test_the_kernels_own_words_are_kept() -> None:
    """An errno says little; the kernel often says more."""
    with NetlinkSocket() as netlink:
        refusals = netlink.execute([Request(kind=104, flags=0x400, body=bytes(8))])
    assert str(refusals[0]).endswith("(EINVAL)")
    assert os.strerror(errno.EINVAL) not in str(refusals[0])


def test_a_refused_dump_raises() -> None:
    """A dump that fails is never mistaken for an empty list."""
    broken = Request(kind=routes.listing().kind, flags=0, body=b"\2\7\0\0\0\0\0\0\0\0\0\0")
    with NetlinkSocket() as netlink, pytest.raises(KernelError):
        netlink.dump(broken, lambda *_: None)
