"""How much Azure takes of each thing (semantics 2.8).

Sources disagree in places and subscriptions differ, so a lab file may set its own
under ``limits:``; the defaults are those of the documents that the claims are from.
"""

from dataclasses import dataclass

from lab.topology.written import Written


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits(Written):
    """Numbers above which Azure refuses."""

    routes_per_route_table: int = 400
    """Newer pages say 600, and 1,000 with Network Manager."""
    service_tags_per_route_table: int = 25
    route_tables: int = 200
    security_rules_per_network_security_group: int = 1000
    address_prefixes_per_network_security_group: int = 4000
    subnets_per_virtual_network: int = 3000
    peerings_per_virtual_network: int = 500
    private_ip_addresses_per_virtual_network: int = 65_536
    private_ip_addresses_per_network_interface: int = 256
    nodes_per_kubenet_cluster: int = 400
    """Claim A23."""
    nodes_per_overlay_cluster: int = 5000


DEFAULT_LIMITS = Limits()
