"""A new cable carries its very first packet."""

import socket

import pytest

from agents.kernel import carrier, links
from agents.kernel.netlink import NetlinkSocket
from agents.objects.link import Bridge, Link, Veth, VethPair

pytestmark = pytest.mark.kernel

EXPERIMENTAL = 0x88B5
"""An EtherType that nothing else here sends."""


def end(name: str, peer: str, *, up: bool) -> Link:
    return Link(name=name, kind=Veth(peer_namespace="here", peer=peer), up=up, mtu=1500)


def test_first_frame_over_a_new_pair_arrives() -> None:
    """Twenty new pairs, each asked to carry a frame right after `settle`."""
    with NetlinkSocket() as netlink:
        for number in range(20):
            here, there = f"here{number}", f"there{number}"
            pair = VethPair(link=end(here, there, up=False), peer=end(there, here, up=False))
            assert not netlink.execute([links.add_pair(pair, None)])
            for name, peer in ((here, there), (there, here)):
                up, down = end(name, peer, up=True), end(name, peer, up=False)
                assert not netlink.execute([links.change(up, down, 0)])
            carrier.settle([here, there])
            assert carries(here, there)
            netlink.execute([links.remove(pair.link)])


def carries(here: str, there: str) -> bool:
    kind = socket.htons(EXPERIMENTAL)
    with (
        socket.socket(socket.AF_PACKET, socket.SOCK_RAW, kind) as sender,
        socket.socket(socket.AF_PACKET, socket.SOCK_RAW, kind) as receiver,
    ):
        sender.bind((here, EXPERIMENTAL))
        receiver.bind((there, EXPERIMENTAL))
        receiver.settimeout(2)
        sender.send(b"\xff" * 12 + EXPERIMENTAL.to_bytes(2, "big") + bytes(46))
        try:
            return len(receiver.recv(100)) == 60
        except TimeoutError:
            return False


def test_devices_without_a_link_and_unknown_names_are_passed_over() -> None:
    bridge = Link(name="nolink", kind=Bridge(), up=False)
    with NetlinkSocket() as netlink:
        netlink.execute([links.add(bridge)])
        carrier.settle()
        carrier.settle(["nolink", "nosuchdevice"])
        netlink.execute([links.remove(bridge)])
