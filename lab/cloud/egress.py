"""By which way a network interface gets to the Internet (semantics 2.6).

It has one way: the first of `Exit` that there is for it. A user-defined route for
0.0.0.0/0 comes before all of them, because then nothing is left for the next hop
Internet: that is the routes' affair.
"""

from collections.abc import Sequence
from enum import Enum

from lab.topology.egress import PublicIPAddressSku
from lab.topology.model import Cloud
from lab.topology.virtual_network import Subnet


class Exit(Enum):
    """The ways out, first come first."""

    INSTANCE = "instance-level public address"
    NAT_GATEWAY = "NAT gateway"
    LOAD_BALANCER = "outbound rule of a load balancer"
    DEFAULT = "default outbound access"
    NONE = "none"

    # By identity, without a call: who leaves by the same way is found by it.
    __hash__ = object.__hash__


def exit_of(
    subnet: Subnet, *, public_ip_address: str | None, balanced: bool = False, blocked: bool = False
) -> Exit:
    """The way of a network interface in `subnet`.

    `public_ip_address`: one of its own. `balanced`: an outbound rule is for it.
    `blocked`: it has no default outbound access, whatever the subnet says.
    """
    if public_ip_address is not None:
        return Exit.INSTANCE
    if subnet.nat_gateway is not None:
        return Exit.NAT_GATEWAY
    if balanced:
        return Exit.LOAD_BALANCER
    if subnet.default_outbound_access and not blocked:
        return Exit.DEFAULT
    return Exit.NONE


def accepts_inbound(cloud: Cloud, public_ip_address: str | None, gates: Sequence[object]) -> bool:
    """Whether flows may begin outside that go to a network interface's public address.

    `gates` are the security groups in front of it: without one, an address with the
    sku Standard is closed.
    """
    if public_ip_address is None:
        return False
    sku = next(each.sku for each in cloud.public_ip_addresses if each.name == public_ip_address)
    return sku is PublicIPAddressSku.BASIC or bool(gates)
