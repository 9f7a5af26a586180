"""Load-balancing rules and probes: what they refer to, and rules that contradict each other."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from lab.topology.load_balancer import (
    BackendAddressPool,
    FrontendIPConfiguration,
    LoadBalancer,
    LoadBalancingRule,
    OutboundRule,
    Probe,
    ProbeProtocol,
)
from lab.topology.problems import Problem
from lab.topology.usable import Usable
from lab.topology.words import nearest, some


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A property with which a rule names another part of its load balancer."""

    key: str
    noun: str
    among: str
    """Key of the load balancer's list that has to have it."""


FRONTENDS = Reference(
    key="frontendIPConfigurations", noun="frontend", among="frontendIPConfigurations"
)
FRONTEND = Reference(
    key="frontendIPConfiguration", noun="frontend", among="frontendIPConfigurations"
)
POOL = Reference(key="backendAddressPool", noun="pool", among="backendAddressPools")
PROBE = Reference(key="probe", noun="probe", among="probes")


def unknown(
    kind: str,
    rule: OutboundRule | LoadBalancingRule,
    wanted: Iterable[tuple[Reference, str]],
    balancer: LoadBalancer,
    usable: Usable,
) -> Iterator[Problem]:
    """What `rule`, a `kind`, names and `balancer` doesn't have."""
    lists: dict[str, tuple[FrontendIPConfiguration | BackendAddressPool | Probe, ...]] = {
        FRONTEND.among: balancer.frontend_ip_configurations,
        POOL.among: balancer.backend_address_pools,
        PROBE.among: balancer.probes,
    }
    for reference, name in wanted:
        known = [each.name for each in lists[reference.among]]
        if name not in known and not usable.lacks(reference.among):
            guess = nearest(name, known)
            use = f"use one of {some(known)}" if known else f"define it under {reference.among}"
            yield Problem(
                rule.at(reference.key),
                f"{kind} '{rule.name}' refers to {reference.noun} '{name}', which load balancer "
                f"'{balancer.name}' doesn't have",
                f"did you mean '{guess}'?" if guess else use,
            )


def inbound_problems(balancer: LoadBalancer, usable: Usable) -> Iterator[Problem]:
    """Problems of the load-balancing rules and probes of `balancer`."""
    for rule in balancer.load_balancing_rules:
        wanted = [
            (FRONTEND, rule.frontend_ip_configuration),
            (POOL, rule.backend_address_pool),
            *([(PROBE, rule.probe)] if rule.probe is not None else []),
        ]
        yield from unknown("load-balancing rule", rule, wanted, balancer, usable)
        if rule.enable_floating_ip and rule.backend_port != rule.frontend_port:
            yield Problem(
                rule.at("backendPort"),
                f"load-balancing rule '{rule.name}' has enableFloatingIP, so that members see "
                f"port {rule.frontend_port}, and backendPort {rule.backend_port}",
                f"write backendPort: {rule.frontend_port}, or take enableFloatingIP out",
            )
    yield from _same_frontend_port(balancer)
    yield from _same_backend_port(balancer)
    for probe in balancer.probes:
        if probe.protocol is ProbeProtocol.HTTP and not probe.request_path:
            yield Problem(
                probe.location,
                f"probe '{probe.name}' of load balancer '{balancer.name}' has protocol Http and "
                "no requestPath",
                "say what to ask for, as requestPath: /",
            )


def _same_frontend_port(balancer: LoadBalancer) -> Iterator[Problem]:
    first: dict[object, LoadBalancingRule] = {}
    for rule in balancer.load_balancing_rules:
        key = rule.frontend_ip_configuration, rule.frontend_port, rule.protocol
        before = first.setdefault(key, rule)
        if before is not rule:
            yield Problem(
                rule.at("frontendPort"),
                f"load-balancing rules '{before.name}' and '{rule.name}' of load balancer "
                f"'{balancer.name}' are both for port {rule.frontend_port} {rule.protocol.value} "
                f"of frontend '{rule.frontend_ip_configuration}'",
                "give each a port or a frontend of its own",
            )


def _same_backend_port(balancer: LoadBalancer) -> Iterator[Problem]:
    """Members could not tell the flows of one rule from those of the other."""
    first: dict[object, LoadBalancingRule] = {}
    for rule in balancer.load_balancing_rules:
        key = rule.backend_address_pool, rule.backend_port, rule.protocol
        before = first.setdefault(key, rule)
        if before is not rule and not (before.enable_floating_ip and rule.enable_floating_ip):
            yield Problem(
                rule.at("backendPort"),
                f"load-balancing rules '{before.name}' and '{rule.name}' of load balancer "
                f"'{balancer.name}' both lead to port {rule.backend_port} {rule.protocol.value} "
                f"of pool '{rule.backend_address_pool}', and not both with enableFloatingIP",
                "give each a backendPort of its own, or both enableFloatingIP: true",
            )
