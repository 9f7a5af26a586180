"""Hosts that are more than a machine: storage accounts, firewalls, websites."""

from dataclasses import replace
from ipaddress import IPv4Address

from lab.cloud.firewall import firewall_rules
from lab.cloud.route_table import tag_prefixes
from lab.compile.addresses import Addresses
from lab.compile.certificates import certificate
from lab.compile.storage import with_service
from lab.contract.node_state import NodeKind, NodeState
from lab.topology.model import Lab


def with_role(state: NodeState, lab: Lab, addresses: Addresses) -> NodeState:
    """`state` with what its host is beside a machine, if it is anything."""
    if state.kind is NodeKind.CLUSTER_NODE:
        return state
    state = with_service(state, lab.cloud, addresses)
    for firewall in lab.cloud.azure_firewalls:
        if firewall.name == state.name:
            rules = firewall_rules(firewall, names=_names(lab), tags=tag_prefixes(lab.cloud))
            return replace(state, firewall=rules)
    for host in lab.internet:
        if host.name == state.name and host.names:
            return replace(state, tls_certificate=certificate(host.names))
    return state


def _names(lab: Lab) -> dict[str, tuple[IPv4Address, ...]]:
    """The addresses of each name in the public DNS."""
    found: dict[str, tuple[IPv4Address, ...]] = {}
    for host in lab.internet:
        for name in host.names:
            found[name] = (*found.get(name, ()), host.address)
    return found
