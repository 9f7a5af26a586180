"""Service endpoints, storage accounts and private endpoints (semantics 2.7)."""

from collections.abc import Iterator
from ipaddress import IPv4Address

from lab.topology.model import Lab
from lab.topology.private_link import STORAGE, PrivateEndpoint, StorageAccount
from lab.topology.problems import Problem
from lab.topology.usable import Usable
from lab.topology.validate.duplicates import duplicates
from lab.topology.validate.internet import is_public
from lab.topology.validate.machines import unusable_address
from lab.topology.validate.places import prefix_of, subnet_of, unknown_subnet
from lab.topology.virtual_network import VirtualNetwork
from lab.topology.words import nearest


def check(lab: Lab, usable: Usable) -> Iterator[Problem]:
    """Problems of the cloud's storage accounts and private endpoints."""
    yield from duplicates(lab.cloud.private_endpoints, "private endpoint")
    for account in lab.cloud.storage_accounts:
        yield from _rules(account, lab, usable)
    taken: dict[tuple[str, IPv4Address], str] = {
        (machine.subnet.virtual_network, machine.private_ip_address): f"virtual machine "
        f"'{machine.name}'"
        for machine in lab.virtual_machines
        if machine.private_ip_address is not None
    }
    for endpoint in lab.cloud.private_endpoints:
        yield from _endpoint(endpoint, lab, usable, taken=taken)
    yield from _apart(lab)


def _rules(account: StorageAccount, lab: Lab, usable: Usable) -> Iterator[Problem]:
    rules = account.network_rule_set
    who = f"the network rules of storage account '{account.name}'"
    for prefix in rules.ip_rules:
        if not is_public(prefix.network_address):
            yield Problem(
                rules.at("ipRules"),
                f"{who} name {prefix}, which is not public: by its public address nobody has it",
                "name a public address, or a subnet under virtualNetworkRules",
            )
    for reference in rules.virtual_network_rules:
        subnet = subnet_of(lab, reference)
        if subnet is None:
            if not usable.lacks("subnets"):
                yield Problem(
                    rules.at("virtualNetworkRules"),
                    f"{who} name subnet '{reference}', which does not exist",
                    "write VNET/SUBNET of one that does",
                )
        elif STORAGE not in subnet.service_endpoints:
            yield Problem(
                rules.at("virtualNetworkRules"),
                f"{who} name subnet '{reference}', which has no service endpoint for "
                f"{STORAGE} (SubnetsHaveNoServiceEndpointsConfigured)",
                f"add serviceEndpoints: [{{service: {STORAGE}}}] to the subnet",
            )


def _endpoint(
    endpoint: PrivateEndpoint,
    lab: Lab,
    usable: Usable,
    *,
    taken: dict[tuple[str, IPv4Address], str],
) -> Iterator[Problem]:
    who = f"private endpoint '{endpoint.name}'"
    yield from unknown_subnet(endpoint, endpoint.subnet, lab, usable=usable, who=who)
    accounts = [account.name for account in lab.cloud.storage_accounts]
    if endpoint.storage_account not in accounts and not usable.lacks("storageAccounts"):
        guess = nearest(endpoint.storage_account, accounts)
        yield Problem(
            endpoint.at("privateLinkServiceConnections"),
            f"{who} leads to storage account '{endpoint.storage_account}', which does not exist",
            f"did you mean '{guess}'?"
            if guess
            else f"define '{endpoint.storage_account}' under cloud.storageAccounts",
        )
    zones = {zone.name for zone in lab.cloud.private_dns_zones}
    wanted = f"privatelink.{endpoint.group}.core.windows.net"
    for zone in endpoint.private_dns_zones:
        if zone != wanted:
            yield Problem(
                endpoint.at("privateDnsZoneGroups"),
                f"{who} is in private DNS zone '{zone}', where nobody looks for its names",
                f"name {wanted}, which the names of group {endpoint.group} lead to",
            )
        elif zone not in zones and not usable.lacks("privateDnsZones"):
            yield Problem(
                endpoint.at("privateDnsZoneGroups"),
                f"{who} is in private DNS zone '{zone}', which does not exist",
                f"define '{zone}' under cloud.privateDnsZones, linked to the virtual network",
            )
    address, prefix = endpoint.private_ip_address, prefix_of(lab, endpoint.subnet)
    if address is not None and prefix is not None:
        place = endpoint.at("ipConfigurations")
        yield from unusable_address(address, prefix, who, where=(endpoint.subnet, place))
        before = taken.setdefault((endpoint.subnet.virtual_network, address), who)
        if before != who:
            yield Problem(
                place,
                f"{who} and {before} have the same privateIPAddress {address}",
                "choose another address for one of them, or leave it out",
            )


def _apart(lab: Lab) -> Iterator[Problem]:
    """A service tells networks apart by their addresses alone."""
    seen: list[VirtualNetwork] = []
    endpoints = {endpoint.subnet.virtual_network for endpoint in lab.cloud.private_endpoints}
    for network in lab.cloud.virtual_networks:
        enabled = any(STORAGE in subnet.service_endpoints for subnet in network.subnets)
        if not lab.cloud.storage_accounts or not (enabled or network.name in endpoints):
            continue
        for other in seen:
            if any(a.overlaps(b) for a in network.address_prefixes for b in other.address_prefixes):
                yield Problem(
                    network.at("addressPrefixes"),
                    f"virtual networks '{other.name}' and '{network.name}' overlap and both reach "
                    "storage accounts by private addresses: in a lab these could not tell them "
                    "apart",
                    "choose prefixes apart, or take service and private endpoints out of one",
                )
        seen.append(network)
