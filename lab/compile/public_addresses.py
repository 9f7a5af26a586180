"""Public addresses: whose they are, and what hosts have of those that they share."""

from collections.abc import Iterable, Mapping
from ipaddress import IPv4Address
from itertools import count

from lab.cloud import addressing
from lab.cloud.managed_egress import pools
from lab.cloud.outbound_rule import leases as outbound_leases
from lab.compile.ledger import Ledger
from lab.contract.node_state import PortLease, Protocol
from lab.topology.load_balancer import OutboundProtocol
from lab.topology.model import Lab

_LOCATORS = IPv4Address("240.0.0.0")
"""Reserved for a future that never came (RFC 1112): nobody's packets have such an address."""

_HOST_BITS = 17
"""Of underlay addresses: all lie in a /15."""

MOST_FRONTENDS = 1 << (32 - 4 - _HOST_BITS)
"""For which there are locators."""


def leases_of(
    lab: Lab,
    *,
    edges: Mapping[str, tuple[IPv4Address, ...]],
    underlay: Mapping[str, IPv4Address],
    frontends: Mapping[str, int],
) -> Mapping[str, tuple[PortLease, ...]]:
    """What each host has of public addresses that it shares, by host."""
    found: dict[str, list[PortLease]] = {}
    for balancer in lab.cloud.load_balancers:
        names = [each.name for each in balancer.frontend_ip_configurations]
        for lease in outbound_leases(balancer, pools(lab, balancer.name)):
            found.setdefault(lease.member, []).append(
                PortLease(
                    public_address=edges[balancer.name][lease.frontend],
                    ports=lease.ports,
                    protocol=_PROTOCOLS[lease.protocol],
                    locator=locator(
                        frontends[frontend_key(balancer.name, names[lease.frontend])],
                        underlay[lease.member],
                    ),
                )
            )
    return {host: tuple(several) for host, several in found.items()}


def handed_out(
    lab: Lab,
    by_default: Iterable[str],
    *,
    internet: Mapping[str, IPv4Address],
    previous: Ledger,
) -> dict[str, IPv4Address]:
    """Public addresses by owner: hosts (`by_default` and `internet`), and those of the cloud."""
    resources = {public_owner(each.name): each for each in lab.cloud.public_ip_addresses}
    asked = {name: each.ip_address for name, each in resources.items() if each.ip_address}
    return addressing.allocate(
        (
            *by_default,
            *internet,
            *resources,
        ),
        pool=addressing.PUBLIC_POOL,
        fixed={**internet, **asked},
        previous=previous.public_addresses,
    )


def public_owner(name: str) -> str:
    """Who owns a public address of the cloud: no host has such a name."""
    return f"publicIPAddresses/{name}"


def frontend_key(load_balancer: str, frontend: str) -> str:
    """What a frontend is known by in the ledger."""
    return f"{load_balancer}/{frontend}"


def frontend_numbers(lab: Lab, previous: Ledger) -> dict[str, int]:
    """A number for each frontend of the lab: what it had before, otherwise the lowest free one.

    Flows on their way are remembered by locators: others coming and going must not move them.
    """
    names = [
        frontend_key(balancer.name, frontend.name)
        for balancer in lab.cloud.load_balancers
        for frontend in balancer.frontend_ip_configurations
    ]
    held = {name: previous.frontends[name] for name in names if name in previous.frontends}
    taken = set(held.values())
    free = (number for number in count() if number not in taken)
    return {name: held[name] if name in held else next(free) for name in names}


def locator(frontend: int, underlay: IPv4Address) -> IPv4Address:
    """What a host is reached at for one of the load balancers' addresses, by its number."""
    return _LOCATORS + (frontend << _HOST_BITS) + int(underlay) % (1 << _HOST_BITS)


_PROTOCOLS = {
    OutboundProtocol.ALL: None,
    OutboundProtocol.TCP: Protocol.TCP,
    OutboundProtocol.UDP: Protocol.UDP,
}
