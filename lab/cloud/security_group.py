"""What network security groups let through: rules as evaluated, defaults behind them.

A rule as written names tags and application security groups; what they stand for
depends on where the group is associated, so a group is evaluated for each subnet.
Which packets a rule meets is the virtual switch's affair (semantics 1.5, 2.3).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, collapse_addresses
from types import MappingProxyType

from lab.cloud.virtual_network import RESERVED_PREFIXES
from lab.contract import platform
from lab.contract.node_state import SecurityProtocol
from lab.topology.security import (
    ANYWHERE,
    AZURE_LOAD_BALANCER,
    INTERNET,
    PLATFORM_DNS,
    PLATFORM_METADATA,
    VIRTUAL_NETWORK,
    Access,
    Direction,
    NetworkSecurityGroup,
    Peers,
    SecurityRule,
)

HOST_ADDRESS = IPv4Network(platform.HOST_ADDRESS)
"""The host itself: source of health probes, Azure DNS (semantics 2.4)."""

_NOT_ON_THE_INTERNET = (
    *RESERVED_PREFIXES,
    HOST_ADDRESS,
    *map(IPv4Network, ("0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/3")),
)

_PLATFORM = {
    PLATFORM_DNS.casefold(): (HOST_ADDRESS,),
    PLATFORM_METADATA.casefold(): (IPv4Network(platform.METADATA_ADDRESS),),
}

_ANY, _VNET = Peers(prefixes=(ANYWHERE,)), Peers(tags=(VIRTUAL_NETWORK,))


def _default(
    name: str, priority: int, direction: Direction, *, peers: tuple[Peers, Peers], access: Access
) -> SecurityRule:
    return SecurityRule(
        name=name,
        priority=priority,
        direction=direction,
        access=access,
        protocol=SecurityProtocol.ANY,
        source=peers[0],
        destination=peers[1],
    )


DEFAULT_RULES = (
    _default(
        "AllowVnetInBound",
        65000,
        Direction.INBOUND,
        peers=(_VNET, _VNET),
        access=Access.ALLOW,
    ),
    _default(
        "AllowAzureLoadBalancerInBound",
        65001,
        Direction.INBOUND,
        peers=(Peers(tags=(AZURE_LOAD_BALANCER,)), _ANY),
        access=Access.ALLOW,
    ),
    _default("DenyAllInBound", 65500, Direction.INBOUND, peers=(_ANY, _ANY), access=Access.DENY),
    _default(
        "AllowVnetOutBound", 65000, Direction.OUTBOUND, peers=(_VNET, _VNET), access=Access.ALLOW
    ),
    _default(
        "AllowInternetOutBound",
        65001,
        Direction.OUTBOUND,
        peers=(_ANY, Peers(tags=(INTERNET,))),
        access=Access.ALLOW,
    ),
    _default("DenyAllOutBound", 65500, Direction.OUTBOUND, peers=(_ANY, _ANY), access=Access.DENY),
)
"""Behind the rules of every group (semantics 2.3)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What tags and application security groups stand for where a group is associated."""

    virtual_network: tuple[IPv4Network, ...]
    """Address space, peers and user-defined routes: the tag VirtualNetwork (`network_tag`)."""
    internet: tuple[IPv4Network, ...]
    """The tag Internet (`internet_tag`)."""
    service_tags: Mapping[str, tuple[IPv4Network, ...]] = field(
        default_factory=lambda: MappingProxyType({})
    )
    """Tags of the lab's own, by case-folded name."""
    members: Mapping[str, tuple[IPv4Address, ...]] = field(
        default_factory=lambda: MappingProxyType({})
    )
    """Addresses of the network interfaces of each application security group."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluatedRule:
    """A rule with what its tags and groups stand for."""

    rule: SecurityRule
    sources: tuple[IPv4Network, ...]
    """Without overlaps; empty: the rule matches nothing."""
    destinations: tuple[IPv4Network, ...]


def network_tag(
    space: Iterable[IPv4Network],
    *,
    peers: Iterable[IPv4Network] = (),
    user_routes: Iterable[IPv4Network] = (),
    pods: Iterable[IPv4Network] = (),
) -> tuple[IPv4Network, ...]:
    """What the tag VirtualNetwork stands for in a subnet (semantics 2.3).

    `user_routes` are the prefixes of the subnet's route table: by way of those the
    pods of a kubenet cluster count, and everything once 0.0.0.0/0 is among them.
    `pods` are ranges of overlay clusters, which no route names.
    """
    return _collapsed((*space, *peers, *user_routes, *pods, HOST_ADDRESS))


def internet_tag(owned: Iterable[IPv4Network]) -> tuple[IPv4Network, ...]:
    """What the tag Internet stands for: public addresses outside of the network.

    `owned` is the address space of the virtual network and its peers.
    """
    return _outside((*owned, *_NOT_ON_THE_INTERNET))


def outside(prefixes: Iterable[IPv4Network]) -> tuple[IPv4Network, ...]:
    """Every address but those of `prefixes`."""
    return _outside(tuple(prefixes))


@lru_cache(maxsize=256)
def _outside(prefixes: tuple[IPv4Network, ...]) -> tuple[IPv4Network, ...]:
    rest = [ANYWHERE]
    for gone in collapse_addresses(prefixes):
        rest = [part for each in rest for part in _without(each, gone)]
    return tuple(sorted(rest))


def evaluated(
    group: NetworkSecurityGroup, direction: Direction, surroundings: Surroundings
) -> tuple[EvaluatedRule, ...]:
    """The rules of `group` in one direction by rising priority, the default ones last."""
    rules = (*group.security_rules, *DEFAULT_RULES)
    return tuple(
        EvaluatedRule(
            rule=rule,
            sources=_prefixes(rule.source, surroundings),
            destinations=_prefixes(rule.destination, surroundings),
        )
        for rule in sorted(rules, key=lambda each: each.priority)
        if rule.direction is direction
    )


def _prefixes(peers: Peers, surroundings: Surroundings) -> tuple[IPv4Network, ...]:
    found = [*peers.prefixes]
    for tag in peers.tags:
        found += _tag(tag, surroundings)
    for name in peers.application_security_groups:
        found += map(IPv4Network, surroundings.members.get(name, ()))
    return _collapsed(tuple(found))


@lru_cache(maxsize=4096)
def _collapsed(prefixes: tuple[IPv4Network, ...]) -> tuple[IPv4Network, ...]:
    return tuple(collapse_addresses(prefixes))


def _tag(name: str, surroundings: Surroundings) -> tuple[IPv4Network, ...]:
    """Case does not count in the name of a tag."""
    folded = name.casefold()
    if folded == VIRTUAL_NETWORK.casefold():
        return surroundings.virtual_network
    if folded == INTERNET.casefold():
        return surroundings.internet
    if folded == AZURE_LOAD_BALANCER.casefold():
        return (HOST_ADDRESS,)
    return _PLATFORM.get(folded) or surroundings.service_tags.get(folded, ())


def _without(whole: IPv4Network, gone: IPv4Network) -> Iterator[IPv4Network]:
    if whole.subnet_of(gone):
        return
    if gone.subnet_of(whole):
        yield from whole.address_exclude(gone)
    else:
        yield whole
