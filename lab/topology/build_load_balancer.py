"""From the usable part of a document to load balancers."""

from lab.topology.entry import Entry
from lab.topology.load_balancer import (
    PROBE_INTERVAL,
    PROBE_THRESHOLD,
    BackendAddressPool,
    FrontendIPConfiguration,
    LoadBalancer,
    LoadBalancingRule,
    LoadDistribution,
    OutboundProtocol,
    OutboundRule,
    Probe,
    ProbeProtocol,
    TransportProtocol,
)


def load_balancer(entry: Entry) -> LoadBalancer:
    """A load balancer; the members of its pools name it, it names none."""
    return LoadBalancer(
        **entry.origin,
        name=entry.text("name"),
        frontend_ip_configurations=tuple(
            FrontendIPConfiguration(
                **each.origin,
                name=each.text("name"),
                public_ip_address=each.text("publicIPAddress"),
            )
            for each in entry.entries("frontendIPConfigurations")
        ),
        backend_address_pools=tuple(
            BackendAddressPool(**each.origin, name=each.text("name"))
            for each in entry.entries("backendAddressPools")
        ),
        outbound_rules=entry.made("outboundRules", _outbound_rule),
        load_balancing_rules=entry.made("loadBalancingRules", _load_balancing_rule),
        probes=entry.made("probes", _probe),
    )


def _outbound_rule(entry: Entry) -> OutboundRule:
    return OutboundRule(
        **entry.origin,
        name=entry.text("name"),
        frontend_ip_configurations=tuple(map(_last, entry.texts("frontendIPConfigurations"))),
        backend_address_pool=_last(entry.text("backendAddressPool")),
        protocol=entry.parsed("protocol", OutboundProtocol) or OutboundProtocol.ALL,
        allocated_outbound_ports=entry.number("allocatedOutboundPorts"),
    )


def _load_balancing_rule(entry: Entry) -> LoadBalancingRule:
    return LoadBalancingRule(
        **entry.origin,
        name=entry.text("name"),
        frontend_ip_configuration=_last(entry.text("frontendIPConfiguration")),
        backend_address_pool=_last(entry.text("backendAddressPool")),
        protocol=entry.parsed("protocol", TransportProtocol) or TransportProtocol.TCP,
        frontend_port=entry.number("frontendPort"),
        backend_port=entry.number("backendPort"),
        probe=_last(entry.text("probe")) or None,
        enable_floating_ip=entry.flag("enableFloatingIP", default=False),
        load_distribution=entry.parsed("loadDistribution", LoadDistribution)
        or LoadDistribution.DEFAULT,
        idle_timeout_in_minutes=entry.number("idleTimeoutInMinutes", 4),
    )


def _probe(entry: Entry) -> Probe:
    return Probe(
        **entry.origin,
        name=entry.text("name"),
        protocol=entry.parsed("protocol", ProbeProtocol) or ProbeProtocol.TCP,
        port=entry.number("port"),
        request_path=entry.text("requestPath"),
        interval_in_seconds=entry.number("intervalInSeconds", PROBE_INTERVAL),
        threshold=entry.number("probeThreshold", entry.number("numberOfProbes", PROBE_THRESHOLD)),
    )


def _last(name: str) -> str:
    """Its own name of a part of the load balancer: an id has the load balancer's before it."""
    return name.rpartition("/")[2]
