"""Which addresses are the node's network container and which its pods' (semantics 1.10)."""

from collections.abc import Iterable, Set
from functools import lru_cache
from ipaddress import IPv4Network, collapse_addresses

from lab.contract.node_state import Address, Nic, Prefix, Vswitch

_HOSTS = 512
"""How many a process remembers: rounds ask again and again, and prefixes are slow to merge."""


def node_addresses(vswitch: Vswitch, nic: Nic) -> tuple[IPv4Network, ...]:
    """The NIC's own addresses: the primary one and what the node's container has beside it."""
    return _of_node(nic.primary.ip, vswitch.node.addresses)


def pod_addresses(vswitch: Vswitch, nic: Nic) -> tuple[IPv4Network, ...]:
    """What belongs to the pods' container, as few prefixes as can be.

    Where an address of the node lies in a prefix of the pods, the longer match
    wins: the node's is cut out. The other way about, rules that ask for pods
    first do the same.
    """
    if vswitch.pods is None:
        return ()
    return _remaining(vswitch.pods.addresses, node_addresses(vswitch, nic))


def own_addresses(vswitch: Vswitch, nic: Nic) -> tuple[IPv4Network, ...]:
    """Those of both containers, merged."""
    return _collapsed((*pod_addresses(vswitch, nic), *node_addresses(vswitch, nic)))


def own_prefixes(vswitch: Vswitch, nic: Nic) -> Set[IPv4Network]:
    """Those of both containers, each as it is."""
    pods = () if vswitch.pods is None else vswitch.pods.addresses
    return _own_prefixes(nic.primary.ip, vswitch.node.addresses, pods)


@lru_cache(maxsize=_HOSTS)
def _own_prefixes(
    primary: Address, node: tuple[Prefix, ...], pods: tuple[Prefix, ...]
) -> Set[IPv4Network]:
    of_node = _of_node(primary, node)
    return frozenset((*of_node, *_remaining(pods, of_node)))


@lru_cache(maxsize=_HOSTS)
def _of_node(primary: Address, beside: tuple[Prefix, ...]) -> tuple[IPv4Network, ...]:
    return _collapsed((IPv4Network(int(primary)), *beside))


@lru_cache(maxsize=_HOSTS)
def _remaining(pods: tuple[Prefix, ...], node: tuple[IPv4Network, ...]) -> tuple[IPv4Network, ...]:
    remaining = list(_collapsed(pods))
    for own in node:
        remaining = [piece for prefix in remaining for piece in _without(prefix, own)]
    return tuple(sorted(remaining))


def _without(prefix: IPv4Network, own: IPv4Network) -> Iterable[IPv4Network]:
    inside = own.subnet_of(prefix) and own != prefix
    return prefix.address_exclude(own) if inside else [prefix]


@lru_cache(maxsize=_HOSTS)
def _collapsed(prefixes: tuple[Prefix, ...]) -> tuple[IPv4Network, ...]:
    return tuple(collapse_addresses(p for p in prefixes if isinstance(p, IPv4Network)))
