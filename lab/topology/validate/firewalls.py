"""Azure firewalls (semantics 2.6)."""

from collections.abc import Iterator, Sequence

from lab.topology.firewall import (
    SUBNET_NAME,
    ApplicationRuleCollection,
    AzureFirewall,
    FirewallApplicationRule,
    FirewallNetworkRule,
    NetworkRuleCollection,
)
from lab.topology.model import Lab
from lab.topology.problems import Problem
from lab.topology.security import same_name
from lab.topology.usable import Usable
from lab.topology.validate.duplicates import duplicates
from lab.topology.validate.machines import unusable_address
from lab.topology.validate.places import prefix_of, unknown_subnet
from lab.topology.words import nearest

LONGEST_PREFIX = 26
"""Of the firewall's subnet."""


def check(lab: Lab, usable: Usable) -> Iterator[Problem]:
    """Problems of the cloud's firewalls."""
    for firewall in lab.cloud.azure_firewalls:
        yield from _place(firewall, lab, usable)
        where = f" in Azure firewall '{firewall.name}'"
        network, application = (
            firewall.network_rule_collections,
            firewall.application_rule_collections,
        )
        yield from duplicates((*network, *application), "rule collection", where)
        yield from _priorities(network, firewall)
        yield from _priorities(application, firewall)
        for collection in network:
            yield from duplicates(collection.rules, "rule", f" in collection '{collection.name}'")
            for rule in collection.rules:
                yield from _network_rule(rule, lab, usable)
        for each in application:
            yield from duplicates(each.rules, "rule", f" in collection '{each.name}'")
            for application_rule in each.rules:
                yield from _application_rule(application_rule)
    yield from _neighbours(lab)


def _place(firewall: AzureFirewall, lab: Lab, usable: Usable) -> Iterator[Problem]:
    who, place = f"Azure firewall '{firewall.name}'", firewall.at("ipConfigurations")
    yield from unknown_subnet(firewall, firewall.subnet, lab, usable=usable, who=who)
    if firewall.subnet.subnet != SUBNET_NAME:
        yield Problem(
            place,
            f"{who} is in subnet '{firewall.subnet}'; firewalls are in a subnet called "
            f"{SUBNET_NAME}",
            "make such a subnet, /26 or larger, and put the firewall into it",
        )
    prefix = prefix_of(lab, firewall.subnet)
    if prefix is None:
        return
    if prefix.prefixlen > LONGEST_PREFIX:
        yield Problem(
            place,
            f"the subnet {prefix} of {who} is too small: /{LONGEST_PREFIX} is the smallest",
            "choose a larger prefix",
        )
    if firewall.private_ip_address is not None:
        where = (firewall.subnet, place)
        yield from unusable_address(firewall.private_ip_address, prefix, who, where=where)


def _neighbours(lab: Lab) -> Iterator[Problem]:
    """Nobody else is in a firewall's subnet."""
    taken = {firewall.subnet: firewall for firewall in lab.cloud.azure_firewalls}
    for firewall in lab.cloud.azure_firewalls:
        first = next(e for e in lab.cloud.azure_firewalls if e.subnet == firewall.subnet)
        if first is not firewall:
            yield Problem(
                firewall.at("ipConfigurations"),
                f"Azure firewalls '{first.name}' and '{firewall.name}' are both in "
                f"'{firewall.subnet}'",
                "put one of them into another virtual network",
            )
    for machine in lab.virtual_machines:
        if machine.subnet in taken:
            yield Problem(
                machine.at("subnet"),
                f"virtual machine '{machine.name}' is in the subnet of Azure firewall "
                f"'{taken[machine.subnet].name}'",
                "choose another subnet",
            )


def _priorities(
    collections: Sequence[NetworkRuleCollection] | Sequence[ApplicationRuleCollection],
    firewall: AzureFirewall,
) -> Iterator[Problem]:
    first: dict[int, str] = {}
    for each in collections:
        before = first.setdefault(each.priority, each.name)
        if before != each.name:
            yield Problem(
                each.at("priority"),
                f"rule collections '{before}' and '{each.name}' of Azure firewall "
                f"'{firewall.name}' have the same priority {each.priority}",
                "give one of them another priority",
            )


def _network_rule(rule: FirewallNetworkRule, lab: Lab, usable: Usable) -> Iterator[Problem]:
    who = f"firewall rule '{rule.name}'"
    if not (rule.destination_addresses or rule.destination_tags or rule.destination_fqdns):
        yield Problem(
            rule.location,
            f"{who} names no destination",
            "write destinationAddresses or destinationFqdns",
        )
    tags = [tag.name for tag in lab.cloud.service_tags]
    for tag in rule.destination_tags:
        if not any(same_name(tag, each) for each in tags) and not usable.lacks("serviceTags"):
            guess = nearest(tag, tags)
            yield Problem(
                rule.at("destinationAddresses"),
                f"{who} names '{tag}', which is neither an address nor a service tag of this lab",
                f"did you mean '{guess}'?" if guess else "define it under cloud.serviceTags",
            )
    known = {name for host in lab.internet for name in host.names}
    for name in rule.destination_fqdns:
        if name not in known and not usable.lacks("hosts"):
            yield Problem(
                rule.at("destinationFqdns"),
                f"{who} names '{name}', which no Internet host has: the rule would match nothing",
                "add it to the names of an Internet host",
            )


def _application_rule(rule: FirewallApplicationRule) -> Iterator[Problem]:
    who = f"firewall rule '{rule.name}'"
    if rule.target_fqdns and not rule.protocols:
        yield Problem(
            rule.location,
            f"{who} names targetFqdns and no protocol",
            "write protocols, for example [{protocolType: Https, port: 443}]",
        )
    if not rule.target_fqdns and not rule.fqdn_tags:
        yield Problem(rule.location, f"{who} names nobody", "write targetFqdns or fqdnTags")
    elif rule.target_fqdns and rule.fqdn_tags:
        yield Problem(
            rule.at("fqdnTags"),
            f"{who} names both targetFqdns and fqdnTags",
            "make two rules of it",
        )
