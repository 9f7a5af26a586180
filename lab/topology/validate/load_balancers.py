"""Load balancers: frontends, pools, what rules refer to, ports of outbound ones (semantics 2.6)."""

from collections import Counter
from collections.abc import Iterator

from lab.topology.egress import PublicIPAddressSku
from lab.topology.load_balancer import LoadBalancer, OutboundProtocol, OutboundRule
from lab.topology.model import Lab
from lab.topology.problems import Problem
from lab.topology.usable import Usable
from lab.topology.validate.duplicates import duplicates
from lab.topology.validate.load_balancing_rules import FRONTENDS, POOL, inbound_problems, unknown
from lab.topology.words import nearest

PORTS = 64_000
"""Of each address."""
BLOCK = 8
LARGEST_POOL = 1_000
"""Members for which ports are allocated by the size of the pool."""


def check(lab: Lab, usable: Usable) -> Iterator[Problem]:
    """Problems of the cloud's load balancers, and of who is in their pools."""
    yield from duplicates(lab.cloud.load_balancers, "load balancer")
    members = Counter(
        reference
        for machine in lab.virtual_machines
        for reference in machine.load_balancer_backend_address_pools
    )
    for balancer in lab.cloud.load_balancers:
        where = f" in load balancer '{balancer.name}'"
        yield from duplicates(balancer.frontend_ip_configurations, "frontend", where)
        yield from duplicates(balancer.backend_address_pools, "pool", where)
        yield from duplicates(balancer.outbound_rules, "outbound rule", where)
        yield from duplicates(balancer.load_balancing_rules, "load-balancing rule", where)
        yield from duplicates(balancer.probes, "probe", where)
        yield from _skus(balancer, lab)
        yield from _shared_frontends(balancer)
        for rule in balancer.outbound_rules:
            wanted = [
                *((FRONTENDS, name) for name in rule.frontend_ip_configurations),
                (POOL, rule.backend_address_pool),
            ]
            yield from unknown("outbound rule", rule, wanted, balancer, usable)
            yield from ports_of(rule, members[f"{balancer.name}/{rule.backend_address_pool}"])
        yield from inbound_problems(balancer, usable)
    yield from _members(lab, usable)


def ports_of(rule: OutboundRule, members: int) -> Iterator[Problem]:
    """Problems of the ports that `rule` gives each of its `members`."""
    ports, place = rule.allocated_outbound_ports, rule.at("allocatedOutboundPorts")
    room = PORTS // ports * len(rule.frontend_ip_configurations) if ports else LARGEST_POOL
    if ports % BLOCK:
        yield Problem(
            place,
            f"allocatedOutboundPorts {ports} of outbound rule '{rule.name}' is no multiple of "
            f"{BLOCK}",
            f"write {ports // BLOCK * BLOCK} or {(ports // BLOCK + 1) * BLOCK}",
        )
    elif members > room:
        yield Problem(
            place,
            f"outbound rule '{rule.name}' has ports for {room} members, and its pool has {members}",
            "lower allocatedOutboundPorts, or add a frontend: each has 64000 ports",
        )


def _skus(balancer: LoadBalancer, lab: Lab) -> Iterator[Problem]:
    basic = {
        each.name for each in lab.cloud.public_ip_addresses if each.sku is PublicIPAddressSku.BASIC
    }
    for frontend in balancer.frontend_ip_configurations:
        if frontend.public_ip_address in basic:
            yield Problem(
                frontend.at("publicIPAddress"),
                f"public address '{frontend.public_ip_address}' of load balancer "
                f"'{balancer.name}' has the sku Basic",
                "write sku: {name: Standard}: load balancers take no other",
            )


def _shared_frontends(balancer: LoadBalancer) -> Iterator[Problem]:
    """Two rules would give the same ports to two members."""
    first: dict[tuple[str, str], OutboundRule] = {}
    for rule in balancer.outbound_rules:
        both = rule.protocol is OutboundProtocol.ALL
        for name in rule.frontend_ip_configurations:
            for protocol in ("Tcp", "Udp") if both else (rule.protocol.value,):
                before = first.setdefault((name, protocol), rule)
                if before is not rule:
                    yield Problem(
                        rule.at("frontendIPConfigurations"),
                        f"outbound rules '{before.name}' and '{rule.name}' of load balancer "
                        f"'{balancer.name}' both use frontend '{name}' for {protocol}",
                        "give each a frontend of its own",
                    )


def _members(lab: Lab, usable: Usable) -> Iterator[Problem]:
    known = [
        f"{balancer.name}/{pool.name}"
        for balancer in lab.cloud.load_balancers
        for pool in balancer.backend_address_pools
    ]
    if usable.lacks("backendAddressPools"):
        return
    for machine in lab.virtual_machines:
        for index, reference in enumerate(machine.load_balancer_backend_address_pools):
            if reference not in known:
                guess = nearest(reference, known)
                yield Problem(
                    machine.at(f"loadBalancerBackendAddressPools[{index}]"),
                    f"virtual machine '{machine.name}' refers to pool '{reference}', which does "
                    "not exist",
                    f"did you mean '{guess}'?" if guess else "define it under cloud.loadBalancers",
                )
