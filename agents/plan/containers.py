"""Which addresses are the node's network container and which its pods' (semantics 1.10)."""

from collections.abc import Iterable
from ipaddress import IPv4Network, collapse_addresses

from lab.contract.node_state import Nic, Prefix, Vswitch


def node_addresses(vswitch: Vswitch, nic: Nic) -> tuple[IPv4Network, ...]:
    """The NIC's own addresses: the primary one and what the node's container has beside it."""
    return _collapsed([IPv4Network(int(nic.primary.ip)), *vswitch.node.addresses])


def pod_addresses(vswitch: Vswitch, nic: Nic) -> tuple[IPv4Network, ...]:
    """What belongs to the pods' container, as few prefixes as can be.

    Where an address of the node lies in a prefix of the pods, the longer match
    wins: the node's is cut out. The other way about, rules that ask for pods
    first do the same.
    """
    if vswitch.pods is None:
        return ()
    remaining = list(_collapsed(vswitch.pods.addresses))
    for own in node_addresses(vswitch, nic):
        remaining = [piece for prefix in remaining for piece in _without(prefix, own)]
    return tuple(sorted(remaining))


def _without(prefix: IPv4Network, own: IPv4Network) -> Iterable[IPv4Network]:
    inside = own.subnet_of(prefix) and own != prefix
    return prefix.address_exclude(own) if inside else [prefix]


def _collapsed(prefixes: Iterable[Prefix]) -> tuple[IPv4Network, ...]:
    return tuple(collapse_addresses(p for p in prefixes if isinstance(p, IPv4Network)))
