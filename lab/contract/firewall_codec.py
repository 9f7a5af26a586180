"""A firewall's rules to messages and back."""

from lab.contract import wire
from lab.contract.firewall import ApplicationRule, Firewall
from lab.contract.v1 import node_state_pb2 as pb
from lab.contract.vswitch_codec import rule_from_wire, rule_to_wire


def firewall_to_wire(firewall: Firewall) -> pb.Firewall:
    """The message of a firewall."""
    return pb.Firewall(
        network_rules=map(rule_to_wire, firewall.network_rules),
        application_rules=[
            pb.ApplicationRule(
                name=rule.name,
                allow=rule.allow,
                sources=map(wire.prefix_to_wire, rule.sources),
                fqdns=rule.fqdns,
                http_ports=rule.http_ports,
                https_ports=rule.https_ports,
            )
            for rule in firewall.application_rules
        ],
        denied_status=firewall.denied_status,
    )


def firewall_from_wire(message: pb.Firewall) -> Firewall:
    """The firewall of a message."""
    return Firewall(
        network_rules=tuple(map(rule_from_wire, message.network_rules)),
        application_rules=tuple(
            ApplicationRule(
                name=rule.name,
                allow=rule.allow,
                sources=tuple(map(wire.prefix_from_wire, rule.sources)),
                fqdns=tuple(rule.fqdns),
                http_ports=tuple(rule.http_ports),
                https_ports=tuple(rule.https_ports),
            )
            for rule in message.application_rules
        ),
        denied_status=message.denied_status,
    )
