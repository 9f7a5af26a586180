"""Load balancing to messages and back."""

from lab.contract import wire
from lab.contract.load_balancing import (
    Backend,
    BalancedPort,
    BalancingRule,
    HealthProbe,
    LoadDistribution,
    ProbedBackend,
)
from lab.contract.v1 import node_state_pb2 as pb

_DISTRIBUTION_TO_WIRE = {
    LoadDistribution.DEFAULT: pb.LOAD_DISTRIBUTION_DEFAULT,
    LoadDistribution.SOURCE_IP: pb.LOAD_DISTRIBUTION_SOURCE_IP,
    LoadDistribution.SOURCE_IP_PROTOCOL: pb.LOAD_DISTRIBUTION_SOURCE_IP_PROTOCOL,
}
_DISTRIBUTION_FROM_WIRE: dict[int, LoadDistribution] = {
    number: distribution for distribution, number in _DISTRIBUTION_TO_WIRE.items()
}


def balancing_rule_to_wire(rule: BalancingRule) -> pb.BalancingRule:
    """The message of a rule."""
    return pb.BalancingRule(
        frontend=rule.frontend.packed,
        protocol=wire.PROTOCOL_TO_WIRE[rule.protocol],
        port=rule.port,
        distribution=_DISTRIBUTION_TO_WIRE[rule.distribution],
        idle_seconds=rule.idle_seconds,
        probe=rule.probe,
        backends=[
            pb.Backend(host=each.host, locator=each.locator.packed) for each in rule.backends
        ],
    )


def balancing_rule_from_wire(message: pb.BalancingRule) -> BalancingRule:
    """The rule of a message; raises `CodecError` when it holds none."""
    return BalancingRule(
        frontend=wire.address_from_wire(message.frontend),
        protocol=wire.enum_from_wire(wire.PROTOCOL_FROM_WIRE, message.protocol),
        port=message.port,
        distribution=wire.enum_from_wire(_DISTRIBUTION_FROM_WIRE, message.distribution),
        idle_seconds=message.idle_seconds,
        probe=message.probe,
        backends=tuple(
            Backend(host=each.host, locator=wire.address_from_wire(each.locator))
            for each in message.backends
        ),
    )


def probed_backend_to_wire(backend: ProbedBackend) -> pb.ProbedBackend:
    """The message of a backend that is up."""
    return pb.ProbedBackend(probe=backend.probe, host=backend.host)


def probed_backend_from_wire(message: pb.ProbedBackend) -> ProbedBackend:
    """The backend of a message."""
    return ProbedBackend(probe=message.probe, host=message.host)


def balanced_port_to_wire(port: BalancedPort) -> pb.BalancedPort:
    """The message of a frontend's port."""
    return pb.BalancedPort(
        frontend=port.frontend.packed,
        protocol=wire.PROTOCOL_TO_WIRE[port.protocol],
        port=port.port,
        backend_port=port.backend_port,
        locator=port.locator.packed,
    )


def balanced_port_from_wire(message: pb.BalancedPort) -> BalancedPort:
    """The port of a message; raises `CodecError` when it holds none."""
    return BalancedPort(
        frontend=wire.address_from_wire(message.frontend),
        protocol=wire.enum_from_wire(wire.PROTOCOL_FROM_WIRE, message.protocol),
        port=message.port,
        backend_port=message.backend_port,
        locator=wire.address_from_wire(message.locator),
    )


def health_probe_to_wire(probe: HealthProbe) -> pb.HealthProbe:
    """The message of a probe."""
    return pb.HealthProbe(
        name=probe.name,
        port=probe.port,
        request_path=probe.request_path,
        interval_seconds=probe.interval_seconds,
        threshold=probe.threshold,
    )


def health_probe_from_wire(message: pb.HealthProbe) -> HealthProbe:
    """The probe of a message."""
    return HealthProbe(
        name=message.name,
        port=message.port,
        request_path=message.request_path,
        interval_seconds=message.interval_seconds,
        threshold=message.threshold,
    )
