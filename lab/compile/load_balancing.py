"""Load-balancing rules: what edges spread over whom, what that makes of members, who is probed.

A member is a backend only behind a network security group: an address with the sku
Standard is closed until one allows something (semantics 3.1).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Address

from lab.cloud.managed_egress import pools
from lab.compile.addresses import Addresses
from lab.compile.hosts import Host
from lab.compile.public_addresses import frontend_key, locator
from lab.compile.security import Security
from lab.contract.load_balancing import (
    Backend,
    BalancedPort,
    BalancingRule,
    HealthProbe,
    LoadDistribution,
)
from lab.contract.node_state import Protocol
from lab.topology.load_balancer import (
    LoadBalancer,
    LoadBalancingRule,
    Probe,
    ProbeProtocol,
    TransportProtocol,
)
from lab.topology.model import Lab


@dataclass(frozen=True, slots=True, kw_only=True)
class BackendRow:
    """A member of the pool of a load-balancing rule, as it is shown."""

    load_balancer: str
    rule: LoadBalancingRule
    frontend: IPv4Address
    host: str
    is_open: bool
    """A security group stands in front of it; without one nothing gets in."""

    @property
    def probe(self) -> str:
        """Name of the probe that decides whether it is up; empty: none does."""
        return "" if self.rule.probe is None else _probe_name(self.load_balancer, self.rule.probe)


@dataclass(frozen=True, slots=True, kw_only=True)
class Balancing:
    """All load balancing of a lab."""

    rules: Mapping[str, tuple[BalancingRule, ...]] = field(default_factory=dict)
    """By load balancer."""
    ports: Mapping[str, tuple[BalancedPort, ...]] = field(default_factory=dict)
    """Frontends' ports of which a host gets flows, by host."""
    probes: Mapping[str, tuple[HealthProbe, ...]] = field(default_factory=dict)
    """By host."""
    rows: tuple[BackendRow, ...] = ()
    """In the order of load balancers, their rules, and members."""

    def frontends(self, host: str) -> tuple[IPv4Address, ...]:
        """The addresses that packets to a host keep as their destination (floating IP)."""
        floating = (port.frontend for port in self.ports.get(host, ()) if port.floating)
        return tuple(dict.fromkeys(each for each in floating if isinstance(each, IPv4Address)))


NO_BALANCING = Balancing()


def balancing_of(
    lab: Lab, hosts: Sequence[Host], *, addresses: Addresses, security: Security
) -> Balancing:
    """What the load-balancing rules of `lab` come to."""
    if not any(each.load_balancing_rules for each in lab.cloud.load_balancers):
        return NO_BALANCING
    opened = {
        host.name
        for host in hosts
        if host.subnet is not None and security.gates(host.subnet, host.name).inbound
    }
    rows = tuple(
        row
        for balancer in lab.cloud.load_balancers
        for row in _rows(balancer, pools(lab, balancer.name), addresses, opened)
    )
    return Balancing(
        rules={
            balancer.name: tuple(_rules(balancer, rows, addresses))
            for balancer in lab.cloud.load_balancers
        },
        ports=_ports(rows, addresses),
        probes=_probes(lab, rows),
        rows=rows,
    )


def _rows(
    balancer: LoadBalancer,
    members: Mapping[str, Sequence[str]],
    addresses: Addresses,
    opened: set[str],
) -> Iterator[BackendRow]:
    for rule in balancer.load_balancing_rules:
        for host in members.get(rule.backend_address_pool, ()):
            yield BackendRow(
                load_balancer=balancer.name,
                rule=rule,
                frontend=_frontend(balancer, rule, addresses),
                host=host,
                is_open=host in opened,
            )


def _frontend(balancer: LoadBalancer, rule: LoadBalancingRule, addresses: Addresses) -> IPv4Address:
    names = [each.name for each in balancer.frontend_ip_configurations]
    return addresses.edges[balancer.name][names.index(rule.frontend_ip_configuration)]


def _rules(
    balancer: LoadBalancer, rows: Sequence[BackendRow], addresses: Addresses
) -> Iterator[BalancingRule]:
    for rule in balancer.load_balancing_rules:
        yield BalancingRule(
            frontend=_frontend(balancer, rule, addresses),
            protocol=_PROTOCOLS[rule.protocol],
            port=rule.frontend_port,
            distribution=LoadDistribution(rule.load_distribution.value),
            idle_seconds=60 * rule.idle_timeout_in_minutes,
            probe="" if rule.probe is None else _probe_name(balancer.name, rule.probe),
            backends=tuple(
                Backend(host=row.host, locator=_locator(row, addresses))
                for row in rows
                if row.rule is rule and row.is_open
            ),
        )


def _ports(rows: Sequence[BackendRow], addresses: Addresses) -> dict[str, tuple[BalancedPort, ...]]:
    found: dict[str, list[BalancedPort]] = {}
    for row in rows:
        if row.is_open:
            rule = row.rule
            found.setdefault(row.host, []).append(
                BalancedPort(
                    frontend=row.frontend,
                    protocol=_PROTOCOLS[rule.protocol],
                    port=rule.frontend_port,
                    backend_port=0 if rule.enable_floating_ip else rule.backend_port,
                    locator=_locator(row, addresses),
                )
            )
    return {host: tuple(ports) for host, ports in found.items()}


def _probes(lab: Lab, rows: Sequence[BackendRow]) -> dict[str, tuple[HealthProbe, ...]]:
    known = {
        _probe_name(balancer.name, probe.name): probe
        for balancer in lab.cloud.load_balancers
        for probe in balancer.probes
    }
    found: dict[str, dict[str, HealthProbe]] = {}
    for row in rows:
        if row.probe:
            found.setdefault(row.host, {})[row.probe] = _probe(row.probe, known[row.probe])
    return {host: tuple(probes.values()) for host, probes in found.items()}


def _probe(name: str, probe: Probe) -> HealthProbe:
    return HealthProbe(
        name=name,
        port=probe.port,
        request_path=probe.request_path if probe.protocol is ProbeProtocol.HTTP else "",
        interval_seconds=probe.interval_in_seconds,
        threshold=probe.threshold,
    )


def _probe_name(balancer: str, probe: str) -> str:
    return f"{balancer}/{probe}"


def _locator(row: BackendRow, addresses: Addresses) -> IPv4Address:
    number = addresses.frontends[
        frontend_key(row.load_balancer, row.rule.frontend_ip_configuration)
    ]
    return locator(number, addresses.underlay[row.host])


_PROTOCOLS = {TransportProtocol.TCP: Protocol.TCP, TransportProtocol.UDP: Protocol.UDP}
