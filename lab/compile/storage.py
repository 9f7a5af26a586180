"""Storage accounts: hosts of the Internet that know who asks, and whom to answer."""

import json
from dataclasses import replace
from ipaddress import IPv4Network

from lab.cloud.private_link import enabled_subnets, endpoints_of
from lab.compile.addresses import Addresses
from lab.contract.node_state import Container, NodeState
from lab.topology.model import Cloud
from lab.topology.private_link import DefaultAction, StorageAccount

IMAGE = "storage-account"
RULES = "NETWORK_RULES"
"""Variable of the container's environment that has the rules, as JSON."""


def with_service(state: NodeState, cloud: Cloud, addresses: Addresses) -> NodeState:
    """`state` with what makes a host a storage account; any other host's as it is."""
    account = next((each for each in cloud.storage_accounts if each.name == state.name), None)
    if account is None:
        return state
    endpoints = {
        addresses.private_endpoints[each.name]: each.name for each in endpoints_of(cloud, account)
    }
    node = state.vswitch.node
    rules = _rules(account, cloud) | {
        "private_endpoints": {str(address): name for address, name in endpoints.items()}
    }
    return replace(
        state,
        nic=replace(state.nic, secondary=tuple(endpoints)),
        vswitch=replace(
            state.vswitch,
            node=replace(node, addresses=(*node.addresses, *map(IPv4Network, endpoints))),
        ),
        containers=(
            Container(name="storage", image=IMAGE, environment={RULES: json.dumps(rules)}),
        ),
    )


def _rules(account: StorageAccount, cloud: Cloud) -> dict[str, object]:
    rules = account.network_rule_set
    named = set(rules.virtual_network_rules)
    return {
        "public": account.public_network_access,
        "allow": rules.default_action is DefaultAction.ALLOW,
        "addresses": list(map(str, rules.ip_rules)),
        "subnets": {
            str(prefix): {"name": str(reference), "allow": reference in named}
            for reference, prefix in enabled_subnets(cloud)
        },
    }
