"""Network security groups, application security groups, service tags (semantics 2.3, 2.8)."""

from collections.abc import Iterator
from typing import NamedTuple

from lab.contract.node_state import SecurityProtocol
from lab.topology.limits import Limits
from lab.topology.model import Lab
from lab.topology.problems import Location, Problem
from lab.topology.security import (
    BUILT_IN_TAGS,
    PLATFORM_TAGS,
    Direction,
    NetworkSecurityGroup,
    Peers,
    SecurityRule,
    same_name,
)
from lab.topology.usable import Usable
from lab.topology.validate.duplicates import duplicates
from lab.topology.words import listed, nearest
from lab.topology.written import Written

_PORTLESS = {SecurityProtocol.ICMP, SecurityProtocol.ESP, SecurityProtocol.AH}


def check(lab: Lab, usable: Usable) -> Iterator[Problem]:
    """Problems of the cloud's security groups and of those who refer to them."""
    cloud = lab.cloud
    yield from duplicates(cloud.network_security_groups, "network security group")
    yield from duplicates(cloud.application_security_groups, "application security group")
    yield from _tags(lab)
    for group in cloud.network_security_groups:
        where = f" in network security group '{group.name}'"
        yield from duplicates(group.security_rules, "security rule", where)
        yield from _priorities(group)
        yield from _limits(group, lab.limits)
        for rule in group.security_rules:
            yield from _ports(rule)
            for side, peers in (("source", rule.source), ("destination", rule.destination)):
                yield from _one_way_of_naming(rule, side, peers)
                yield from _unknown_tags(rule, side, peers, lab=lab, usable=usable)
                yield from _unknown_groups(rule, side, peers, lab=lab, usable=usable)
            yield from _apart(rule, lab)
    yield from _associations(lab, usable)
    yield from _members(lab)


def _tags(lab: Lab) -> Iterator[Problem]:
    yield from duplicates(lab.cloud.service_tags, "service tag")
    for tag in lab.cloud.service_tags:
        taken = next(
            (each for each in (*BUILT_IN_TAGS, *PLATFORM_TAGS) if same_name(each, tag.name)), None
        )
        if taken:
            yield Problem(
                tag.at("name"),
                f"service tag '{tag.name}' has the name of Azure's own tag {taken}",
                "choose another name",
            )


def _priorities(group: NetworkSecurityGroup) -> Iterator[Problem]:
    first: dict[object, SecurityRule] = {}
    for rule in group.security_rules:
        before = first.setdefault((rule.direction, rule.priority), rule)
        if before is not rule:
            yield Problem(
                rule.at("priority"),
                f"security rules '{before.name}' and '{rule.name}' of network security group "
                f"'{group.name}' are both {rule.direction.value} with priority {rule.priority} "
                "(SecurityRuleConflict)",
                "give one of them another priority",
            )


def _limits(group: NetworkSecurityGroup, limits: Limits) -> Iterator[Problem]:
    rules = group.security_rules
    if len(rules) > limits.security_rules_per_network_security_group:
        yield Problem(
            group.at("securityRules"),
            f"network security group '{group.name}' has {len(rules)} rules; "
            f"{limits.security_rules_per_network_security_group} is the limit",
            "join rules: one takes several prefixes and ports; or raise "
            "limits.securityRulesPerNetworkSecurityGroup",
        )
    prefixes = sum(len(rule.source.prefixes) + len(rule.destination.prefixes) for rule in rules)
    if prefixes > limits.address_prefixes_per_network_security_group:
        yield Problem(
            group.at("securityRules"),
            f"the rules of network security group '{group.name}' name {prefixes} prefixes; "
            f"{limits.address_prefixes_per_network_security_group} is the limit",
            "join prefixes into larger ones, or raise "
            "limits.addressPrefixesPerNetworkSecurityGroup",
        )


def _ports(rule: SecurityRule) -> Iterator[Problem]:
    if rule.protocol not in _PORTLESS:
        return
    for side, peers in (("source", rule.source), ("destination", rule.destination)):
        if not all(each.is_any for each in peers.ports):
            yield Problem(
                _place(rule, f"{side}PortRange", f"{side}PortRanges"),
                f"security rule '{rule.name}' names {side} ports, but {rule.protocol.value} has "
                "none",
                f"write '*' or leave {side}PortRange out",
            )


def _one_way_of_naming(rule: SecurityRule, side: str, peers: Peers) -> Iterator[Problem]:
    """Several prefixes, or one service tag, or one application security group."""
    tags, groups = peers.tags, peers.application_security_groups
    if groups and (peers.prefixes or tags):
        yield Problem(
            _place(rule, f"{side}ApplicationSecurityGroups"),
            f"security rule '{rule.name}' names both prefixes and an application security group "
            f"as its {side}",
            "make two rules of it",
        )
    elif tags and (len(tags) > 1 or peers.prefixes):
        yield Problem(
            _place(rule, f"{side}AddressPrefixes", f"{side}AddressPrefix"),
            f"security rule '{rule.name}' names service tag {tags[0]} beside others as its "
            f"{side}; a tag stands alone",
            "make a rule for each tag",
        )


def _unknown_tags(
    rule: SecurityRule, side: str, peers: Peers, *, lab: Lab, usable: Usable
) -> Iterator[Problem]:
    known = [*BUILT_IN_TAGS, *(tag.name for tag in lab.cloud.service_tags)]
    for tag in peers.tags:
        place = _place(rule, f"{side}AddressPrefix", f"{side}AddressPrefixes")
        if any(same_name(tag, each) for each in PLATFORM_TAGS):
            if side == "source" or rule.direction is Direction.INBOUND:
                yield Problem(
                    place,
                    f"security rule '{rule.name}' names {tag}, a service that is asked and never "
                    f"asks, as its {side} {rule.direction.value.lower()}",
                    "name it as the destination of an Outbound rule",
                )
        elif not any(same_name(tag, each) for each in known) and not usable.lacks("serviceTags"):
            guess = nearest(tag, known)
            yield Problem(
                place,
                f"security rule '{rule.name}' names the {side} '{tag}', which is neither an "
                "address nor a service tag of this lab",
                f"did you mean '{guess}'?"
                if guess
                else f"define it under cloud.serviceTags, or use one of {listed(BUILT_IN_TAGS)}",
            )


class _Defined(NamedTuple):
    """What can be referred to by name."""

    noun: str
    key: str
    """Of the list below ``cloud`` that defines it."""
    names: list[str]


def _groups(lab: Lab) -> _Defined:
    names = [each.name for each in lab.cloud.application_security_groups]
    return _Defined("application security group", "applicationSecurityGroups", names)


def _unknown_groups(
    rule: SecurityRule, side: str, peers: Peers, *, lab: Lab, usable: Usable
) -> Iterator[Problem]:
    for name in peers.application_security_groups:
        place = _place(rule, f"{side}ApplicationSecurityGroups")
        yield from _unknown(name, _groups(lab), place, f"security rule '{rule.name}'", usable)


def _associations(lab: Lab, usable: Usable) -> Iterator[Problem]:
    """Subnets and network interfaces refer to groups that exist."""
    names = [each.name for each in lab.cloud.network_security_groups]
    known = _Defined("network security group", "networkSecurityGroups", names)
    owners: list[tuple[Written, str, str | None]] = [
        (subnet, f"subnet '{subnet.name}'", subnet.network_security_group)
        for network in lab.cloud.virtual_networks
        for subnet in network.subnets
    ]
    owners += [
        (machine, f"virtual machine '{machine.name}'", machine.network_security_group)
        for machine in lab.virtual_machines
    ]
    for written, who, wanted in owners:
        if wanted is not None:
            yield from _unknown(wanted, known, written.at("networkSecurityGroup"), who, usable)
    for machine in lab.virtual_machines:
        for index, name in enumerate(machine.application_security_groups):
            place = machine.at(f"applicationSecurityGroups[{index}]")
            who = f"virtual machine '{machine.name}'"
            yield from _unknown(name, _groups(lab), place, who, usable)


def _unknown(
    name: str, known: _Defined, place: Location, who: str, usable: Usable
) -> Iterator[Problem]:
    if name in known.names or usable.lacks(known.key):
        return
    guess = nearest(name, known.names)
    yield Problem(
        place,
        f"{who} refers to {known.noun} '{name}', which does not exist",
        f"did you mean '{guess}'?" if guess else f"define '{name}' under cloud.{known.key}",
    )


def _members(lab: Lab) -> Iterator[Problem]:
    """All network interfaces of an application security group are in one virtual network."""
    first: dict[str, str] = {}
    for machine in lab.virtual_machines:
        network = machine.subnet.virtual_network
        for name in machine.application_security_groups:
            before = first.setdefault(name, network)
            if before != network:
                yield Problem(
                    machine.at("applicationSecurityGroups"),
                    f"virtual machine '{machine.name}' is in virtual network '{network}', other "
                    f"members of application security group '{name}' in '{before}'",
                    "use a group for each virtual network",
                )


def _apart(rule: SecurityRule, lab: Lab) -> Iterator[Problem]:
    """Source and destination groups of a rule have their members in one virtual network."""
    networks = {
        machine.subnet.virtual_network
        for name in (
            *rule.source.application_security_groups,
            *rule.destination.application_security_groups,
        )
        for machine in lab.virtual_machines
        if name in machine.application_security_groups
    }
    both = rule.source.application_security_groups and rule.destination.application_security_groups
    if both and len(networks) > 1:
        yield Problem(
            rule.at("destinationApplicationSecurityGroups"),
            f"the application security groups of security rule '{rule.name}' are in different "
            f"virtual networks ({listed(sorted(networks))})",
            "name prefixes on one of the sides",
        )


def _place(rule: SecurityRule, *keys: str) -> Location:
    """Where the first of `keys` stands that the rule has."""
    return next((rule.places[key] for key in keys if key in rule.places), rule.location)
