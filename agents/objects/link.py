"""Network devices."""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True, kw_only=True)
class Loopback:
    """``lo``: every namespace has one from birth; it only needs to be up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Veth:
    """One end of a virtual cable."""

    peer_namespace: str | None
    """Where the other end lives; None in an observed value: nowhere that we know."""
    peer: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bridge:
    """A learning switch, spanning tree off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VxlanGpe:
    """VXLAN with the generic protocol extension, carrying IP without Ethernet.

    One device serves all peers: the tunnel's far end comes with each route's
    encapsulation. It has no MAC addresses and no neighbours, and a packet that
    brings no encapsulation vanishes in it.
    """

    port: int
    """UDP destination port."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreign:
    """A kind of device that we never make."""

    kind: str
    """As ``ip -d link`` prints it; empty for hardware."""


LinkKind = Loopback | Veth | Bridge | VxlanGpe | Foreign


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A device of a namespace."""

    name: str
    kind: LinkKind
    up: bool = True
    """Administratively."""
    mtu: int | None = None
    """Bytes of the payload of a frame."""
    mac: str | None = None
    """Lower-case, colon separated."""
    master: str | None = None
    """The bridge whose port it is; the empty string: of none."""
    promiscuous: bool = False
    hairpin: bool = False
    """As a port: what comes in through it may leave through it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VethPair:
    """Both ends of a cable: the kernel makes them together and removes them together."""

    link: Link
    peer: Link
    """``link.kind.peer_namespace`` says where."""


def completed(desired: Link, observed: Link) -> Link:
    """`desired`, with what it leaves open taken from `observed`.

    Equal to `observed` where that has everything that `desired` has an opinion on.
    """
    return replace(
        desired,
        mtu=observed.mtu if desired.mtu is None else desired.mtu,
        mac=observed.mac if desired.mac is None else desired.mac,
        master=observed.master if desired.master is None else desired.master,
    )
