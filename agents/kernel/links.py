"""RTM_*LINK: network devices."""

import fcntl
from dataclasses import dataclass
from struct import Struct

from agents.kernel.attributes import (
    BE16,
    NESTED,
    U8,
    U32,
    attribute,
    attributes,
    number,
    string,
    text,
)
from agents.kernel.netlink import CREATE, EXCLUSIVE, NetlinkSocket, Request
from agents.objects.link import Bridge, Foreign, Link, LinkKind, Loopback, VethPair, VxlanGpe

_NEW, _DELETE, _GET = 16, 17, 18

_ADDRESS, _NAME, _MTU, _PEER_INDEX, _MASTER, _INFO = 1, 3, 4, 5, 10, 18
_GROUP, _NAMESPACE_DESCRIPTOR, _EXTENSION_MASK, _PEER_NAMESPACE_ID = 27, 28, 29, 37
_INFO_KIND, _INFO_DATA, _INFO_PORT_KIND, _INFO_PORT_DATA = 1, 2, 4, 5
_BRIDGE_PORT_HAIRPIN = 4
_VETH_PEER = 1
_BRIDGE_STP_STATE = 5
_VXLAN_LEARNING, _VXLAN_PORT, _VXLAN_COLLECT_METADATA, _VXLAN_GPE = 7, 15, 25, 27

_SKIP_STATISTICS = 8
_UP, _LOOPBACK, _PROMISCUOUS = 0x1, 0x8, 0x100

_SIOCGIFINDEX = 0x8933
# struct ifreq: name, then a union that is an index here
_INTERFACE = Struct("=16si20x")

# struct ifinfomsg: family, type, index, flags, change mask
_MESSAGE = Struct("=BxHiII")


@dataclass(frozen=True, slots=True)
class ListedLink:
    """A device as the kernel lists it: other devices by index, namespaces by id."""

    index: int
    link: Link
    """For a veth the kind is left foreign until its peer is known."""
    master: int
    peer: int
    peer_namespace_id: int | None
    """None: the peer is in the same namespace."""


def add(link: Link) -> Request:
    """Make a bridge or VXLAN device; up, if it is to be up."""
    match link.kind:
        case Bridge():
            kind = "bridge"
            data = number(_BRIDGE_STP_STATE, 0)
        case VxlanGpe(port=port):
            kind = "vxlan"
            data = (
                attribute(_VXLAN_COLLECT_METADATA, U8.pack(1))
                + attribute(_VXLAN_LEARNING, U8.pack(0))
                + attribute(_VXLAN_GPE, b"")
                + attribute(_VXLAN_PORT, BE16.pack(port))
            )
        case _:
            raise ValueError(f"{link.name}: not a device that is made alone: {link.kind}")
    info = text(_INFO_KIND, kind) + attribute(_INFO_DATA | NESTED, data)
    flags = _flags(link)
    body = _MESSAGE.pack(0, 0, 0, flags, flags) + _described(link)
    return Request(_NEW, CREATE | EXCLUSIVE, body + attribute(_INFO | NESTED, info))


def add_pair(pair: VethPair, peer_descriptor: int | None) -> Request:
    """Make both ends of a veth, both down.

    `peer_descriptor` is an open file of the peer's namespace; None: this one. A
    peer that is created up is refused with ENOTCONN, slowly
    (native-runtime-facts §10), so nothing here brings anything up.
    """
    peer = _MESSAGE.pack(0, 0, 0, 0, 0) + _described(pair.peer)
    if peer_descriptor is not None:
        peer += number(_NAMESPACE_DESCRIPTOR, peer_descriptor)
    info = text(_INFO_KIND, "veth") + attribute(
        _INFO_DATA | NESTED, attribute(_VETH_PEER | NESTED, peer)
    )
    body = _MESSAGE.pack(0, 0, 0, 0, 0) + _described(pair.link)
    return Request(_NEW, CREATE | EXCLUSIVE, body + attribute(_INFO | NESTED, info))


def change(desired: Link, previous: Link, master_index: int) -> Request:
    """Set what differs. `master_index`: of the desired master, 0 for none."""
    differing = _flags(desired) ^ _flags(previous)
    # Flags with an empty mask would count as "all flags": multicast would go off.
    body = _MESSAGE.pack(0, 0, 0, _flags(desired) & differing, differing)
    body += text(_NAME, desired.name)
    if desired.mtu is not None and desired.mtu != previous.mtu:
        body += number(_MTU, desired.mtu)
    if desired.mac is not None and desired.mac != previous.mac:
        body += attribute(_ADDRESS, mac_bytes(desired.mac))
    if desired.master is not None and desired.master != previous.master:
        body += number(_MASTER, master_index)
    if desired.hairpin != previous.hairpin and desired.master:
        port = attribute(_BRIDGE_PORT_HAIRPIN, U8.pack(desired.hairpin))
        info = text(_INFO_PORT_KIND, "bridge") + attribute(_INFO_PORT_DATA | NESTED, port)
        body += attribute(_INFO | NESTED, info)
    return Request(_NEW, 0, body)


def remove(link: Link) -> Request:
    """Remove a device; a veth's peer goes with it."""
    return Request(_DELETE, 0, _MESSAGE.pack(0, 0, 0, 0, 0) + text(_NAME, link.name))


def doom(link: Link, group: int) -> Request:
    """Put a device in the group that is about to be removed; ENODEV where there is none."""
    body = _MESSAGE.pack(0, 0, 0, 0, 0) + text(_NAME, link.name)
    return Request(_NEW, 0, body + number(_GROUP, group))


def remove_doomed(group: int) -> Request:
    """Remove all devices of a group: the kernel waits once for all, not 15 ms for each."""
    return Request(_DELETE, 0, _MESSAGE.pack(0, 0, 0, 0, 0) + number(_GROUP, group))


def index_of(name: str, netlink: NetlinkSocket) -> int:
    """The index of a device in the namespace of the socket, wherever the thread is.

    Raises:
        OSError: ENODEV.
    """
    asked = fcntl.ioctl(netlink.fileno(), _SIOCGIFINDEX, _INTERFACE.pack(name.encode(), 0))
    return int(_INTERFACE.unpack(asked)[1])


def listing() -> Request:
    """Ask for all devices, without their statistics."""
    return Request(
        _GET, 0, _MESSAGE.pack(0, 0, 0, 0, 0) + number(_EXTENSION_MASK, _SKIP_STATISTICS)
    )


def parse(data: bytes, start: int, end: int) -> ListedLink:
    """One device of the listing."""
    _, _, index, flags, _ = _MESSAGE.unpack_from(data, start)
    found = attributes(data, start + _MESSAGE.size, end)
    mac = found.get(_ADDRESS, b"")
    namespace_id = found.get(_PEER_NAMESPACE_ID)
    link = Link(
        name=string(found[_NAME]),
        kind=_kind(flags, found.get(_INFO, b"")),
        up=bool(flags & _UP),
        mtu=U32.unpack(found[_MTU])[0],
        mac=mac.hex(":") if mac else None,
        master="",
        promiscuous=bool(flags & _PROMISCUOUS),
        hairpin=_hairpin(found.get(_INFO, b"")),
    )
    return ListedLink(
        index=index,
        link=link,
        master=U32.unpack(found[_MASTER])[0] if _MASTER in found else 0,
        peer=U32.unpack(found[_PEER_INDEX])[0] if _PEER_INDEX in found else 0,
        peer_namespace_id=None if namespace_id is None else U32.unpack(namespace_id)[0],
    )


def mac_bytes(mac: str) -> bytes:
    """The six bytes of a MAC address."""
    return bytes.fromhex(mac.replace(":", ""))


def _flags(link: Link) -> int:
    return (_UP if link.up else 0) | (_PROMISCUOUS if link.promiscuous else 0)


def _described(link: Link) -> bytes:
    described = text(_NAME, link.name)
    if link.mtu is not None:
        described += number(_MTU, link.mtu)
    if link.mac is not None:
        described += attribute(_ADDRESS, mac_bytes(link.mac))
    return described


def _hairpin(info: bytes) -> bool:
    """Whether a bridge's port is one; other devices are no such ports."""
    found = attributes(info, 0, len(info))
    if string(found.get(_INFO_PORT_KIND, b"")) != "bridge":
        return False
    data = found.get(_INFO_PORT_DATA, b"")
    return attributes(data, 0, len(data)).get(_BRIDGE_PORT_HAIRPIN, b"\0") != b"\0"


def _kind(flags: int, info: bytes) -> LinkKind:
    if flags & _LOOPBACK:
        return Loopback()
    if not info:
        return Foreign(kind="")
    found = attributes(info, 0, len(info))
    kind = string(found.get(_INFO_KIND, b""))
    data = found.get(_INFO_DATA, b"")
    if kind == "bridge":
        return Bridge()
    if kind == "vxlan":
        details = attributes(data, 0, len(data))
        if details.get(_VXLAN_COLLECT_METADATA, b"\0") != b"\0" and _VXLAN_GPE in details:
            return VxlanGpe(port=BE16.unpack(details[_VXLAN_PORT])[0])
    return Foreign(kind=kind)
