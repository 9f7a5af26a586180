"""The namespaces of a host and its link to the underlay, made and removed.

The underlay is a routed spine: the capsule's own network namespace. A host hangs
on it by a veth pair, ``und0`` at its end, with one address and no broadcast
domain; the spine forwards. Both ends know each other's MAC address beforehand,
so there is no ARP, no port limit of a bridge, and nothing that grows with the
square of the number of hosts.

Not here: the virtual switch and the node's own plumbing, which are the agent's.
"""

import os
import shutil
import socket
from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from pathlib import Path
from struct import Struct

from agents.kernel import addresses, carrier, links, neighbours, routes, sysctls
from agents.kernel.attributes import number, text
from agents.kernel.namespaces import NamespaceDirectory
from agents.kernel.netlink import NetlinkSocket, Request
from agents.objects.address import Address
from agents.objects.link import Link, Loopback, Veth, VethPair
from agents.objects.neighbour import Neighbour
from agents.objects.origin import Origin
from agents.objects.route import Route
from lab.contract.underlay import UNDERLAY
from lab.runtime.native import syscalls
from lab.runtime.native.filesystem import HOSTNAME_FILES
from lab.runtime.provider import Host

HOST_PIN, NODE_PIN = "host", "node"

UNDERLAY_LINK = "und0"
UNDERLAY_MTU = 9000
"""Room for a full frame of a virtual network and its encapsulation."""

SPINE_ADDRESS = IPv4Address("169.254.255.1")
"""What hosts call their next hop; nobody owns it, its MAC address is all that counts."""

QUIET = {
    "net.ipv6.conf.all.disable_ipv6": "1",
    "net.ipv6.conf.default.disable_ipv6": "1",
    "net.ipv4.conf.all.rp_filter": "0",
    "net.ipv4.conf.default.rp_filter": "0",
}
"""Of every namespace that the underlay touches. A new namespace may start with the
machine's values (native-runtime-facts §1), so nothing is left to chance."""

FORWARDING = QUIET | {
    "net.ipv4.ip_forward": "1",
    "net.ipv4.conf.all.send_redirects": "0",
    "net.ipv4.conf.default.send_redirects": "0",
}
"""Of the spine."""

_NEW_LINK, _DELETE_LINK = 16, 17
_NAME, _GROUP = 3, 27
_DOOMED = 1
_LINK_MESSAGE = Struct("=BxHiII")

NODE_DIRECTORIES = ("etc/cni", "var/lib", "var/log")
"""What a node's own view shows of its root directory, besides `HOSTNAME_FILES`."""


def spine_link(address: IPv4Address) -> str:
    """Name of the spine's end of a host's cable; at most 15 characters, as IFNAMSIZ allows."""
    return f"u{address}"


def host_mac(address: IPv4Address) -> str:
    """MAC address of a host's end."""
    return _mac(b"\x0a\x01", address)


def spine_mac(address: IPv4Address) -> str:
    """MAC address of the spine's end."""
    return _mac(b"\x0a\x00", address)


def _mac(kind: bytes, address: IPv4Address) -> str:
    """Locally administered, and following from the address: nobody has to ask for it."""
    return (kind + address.packed).hex(":")


def prepare_spine() -> None:
    """Make the network namespace of this process the spine. Raises OSError or KernelError."""
    for name, value in FORWARDING.items():
        sysctls.write(name, value)
    with NetlinkSocket() as netlink:
        _execute(netlink, [_up(Link(name="lo", kind=Loopback()))])


def make_directories(host: Host, run_directory: Path) -> None:
    """What lies in a host's run directory before anything runs: pins, and the node's root."""
    root = run_directory / "root"
    (run_directory / "netns").mkdir(parents=True)
    for name in NODE_DIRECTORIES:
        (root / name).mkdir(parents=True)
    for name, content in HOSTNAME_FILES.items():
        (root / "etc" / name).write_text(f"{host.name}\n" if name == "hostname" else content)


def make_namespaces(host: Host, run_directory: Path) -> None:
    """Make and pin both namespaces of a host and its cable to the spine.

    Called in the spine by a process with a single thread, which is back there
    afterwards. Raises OSError or KernelError, and may then have made a part.
    """
    pins = NamespaceDirectory(run_directory / "netns")
    spine = os.open("/proc/self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    try:
        with pins.inside_new(HOST_PIN), NetlinkSocket() as netlink:
            for name, value in QUIET.items():
                sysctls.write(name, value)
            _execute(netlink, [links.add_pair(cable(host.underlay_address), spine)])
            index = socket.if_nametoindex(UNDERLAY_LINK)
            _execute(netlink, _host_end(host.underlay_address, index))
    finally:
        os.close(spine)
    with NetlinkSocket() as netlink:
        index = socket.if_nametoindex(spine_link(host.underlay_address))
        _execute(netlink, _spine_end(host.underlay_address, index))
    carrier.settle([spine_link(host.underlay_address)])
    with pins.inside_new(NODE_PIN), NetlinkSocket() as netlink:
        _execute(netlink, [_up(Link(name="lo", kind=Loopback()))])


def cable(address: IPv4Address) -> VethPair:
    """The cable between a host and the spine."""
    name = spine_link(address)
    return VethPair(
        link=Link(
            name=UNDERLAY_LINK,
            kind=Veth(peer_namespace="spine", peer=name),
            mtu=UNDERLAY_MTU,
            mac=host_mac(address),
        ),
        peer=Link(
            name=name,
            kind=Veth(peer_namespace=HOST_PIN, peer=UNDERLAY_LINK),
            mtu=UNDERLAY_MTU,
            mac=spine_mac(address),
        ),
    )


def _host_end(address: IPv4Address, index: int) -> Sequence[Request]:
    pair = cable(address)
    to_spine = IPv4Network(SPINE_ADDRESS)
    return (
        _up(Link(name="lo", kind=Loopback())),
        _up(pair.link),
        addresses.add(Address(link=UNDERLAY_LINK, interface=IPv4Interface(address)), index),
        routes.add(Route(prefix=to_spine, origin=Origin.BOOT, link=UNDERLAY_LINK), index),
        neighbours.add(
            Neighbour(
                link=UNDERLAY_LINK,
                address=SPINE_ADDRESS,
                mac=spine_mac(address),
                origin=Origin.BOOT,
            ),
            index,
        ),
        routes.add(
            Route(prefix=UNDERLAY, origin=Origin.BOOT, link=UNDERLAY_LINK, gateway=SPINE_ADDRESS),
            index,
        ),
    )


def _spine_end(address: IPv4Address, index: int) -> Sequence[Request]:
    name = spine_link(address)
    mac = host_mac(address)
    return (
        _up(cable(address).peer),
        routes.add(Route(prefix=IPv4Network(address), origin=Origin.BOOT, link=name), index),
        neighbours.add(Neighbour(link=name, address=address, mac=mac, origin=Origin.BOOT), index),
    )


def _up(link: Link) -> Request:
    down = Link(name=link.name, kind=link.kind, up=False, mtu=link.mtu, mac=link.mac)
    return links.change(link, down, 0)


def remove(gone: Sequence[tuple[Host, Path]]) -> None:
    """Unpin hosts' namespaces, cut their cables, remove their run directories.

    From any half state. Their processes have to be gone: what they hold open
    stays. Called in the spine.
    """
    if gone:
        _cut([spine_link(host.underlay_address) for host, _ in gone])
    for _, run_directory in gone:
        pins = run_directory / "netns"
        if pins.is_dir():
            for pin in os.scandir(pins):
                if not pin.is_symlink() and os.stat(pin.path).st_dev != os.stat(pins).st_dev:
                    syscalls.detach(pin.path)
        shutil.rmtree(run_directory, ignore_errors=True)


def _cut(names: Sequence[str]) -> None:
    """Remove links of the spine, those that are there.

    Marked as a group and removed as one: a removal takes the kernel 30 ms,
    however many devices it is of.
    """
    marks = [
        Request(
            _NEW_LINK,
            0,
            _LINK_MESSAGE.pack(0, 0, 0, 0, 0) + text(_NAME, name) + number(_GROUP, _DOOMED),
        )
        for name in names
    ]
    end = Request(_DELETE_LINK, 0, _LINK_MESSAGE.pack(0, 0, 0, 0, 0) + number(_GROUP, _DOOMED))
    with NetlinkSocket() as netlink:
        netlink.execute(marks)
        netlink.execute([end])


def processes_inside(run_directories: Iterable[Path]) -> tuple[int, ...]:
    """Processes in any network namespace that is pinned for one of the hosts."""
    namespaces = {
        os.stat(pin.path).st_ino
        for directory in run_directories
        if (directory / "netns").is_dir()
        for pin in os.scandir(directory / "netns")
    }
    found = []
    for entry in os.listdir("/proc"):
        if not entry.isdecimal():
            continue
        try:
            inside = os.stat(f"/proc/{entry}/ns/net").st_ino in namespaces
        except OSError:  # it ended meanwhile
            continue
        if inside:
            found.append(int(entry))
    return tuple(found)


def _execute(netlink: NetlinkSocket, requests: Sequence[Request]) -> None:
    for refusal in netlink.execute(requests):
        raise OSError(refusal.code, f"underlay of the host: {refusal}")
