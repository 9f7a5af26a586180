"""From the usable part of a document to the limits that hold in the lab."""

from lab.topology.entry import Entry
from lab.topology.limits import DEFAULT_LIMITS, Limits


def limits(entry: Entry) -> Limits:
    """The limits of a lab file; those that it does not set are the default ones."""
    default = DEFAULT_LIMITS
    return Limits(
        **entry.origin,
        routes_per_route_table=entry.number("routesPerRouteTable", default.routes_per_route_table),
        service_tags_per_route_table=entry.number(
            "serviceTagsPerRouteTable", default.service_tags_per_route_table
        ),
        route_tables=entry.number("routeTables", default.route_tables),
        security_rules_per_network_security_group=entry.number(
            "securityRulesPerNetworkSecurityGroup",
            default.security_rules_per_network_security_group,
        ),
        address_prefixes_per_network_security_group=entry.number(
            "addressPrefixesPerNetworkSecurityGroup",
            default.address_prefixes_per_network_security_group,
        ),
        subnets_per_virtual_network=entry.number(
            "subnetsPerVirtualNetwork", default.subnets_per_virtual_network
        ),
        peerings_per_virtual_network=entry.number(
            "peeringsPerVirtualNetwork", default.peerings_per_virtual_network
        ),
        private_ip_addresses_per_virtual_network=entry.number(
            "privateIPAddressesPerVirtualNetwork", default.private_ip_addresses_per_virtual_network
        ),
        private_ip_addresses_per_network_interface=entry.number(
            "privateIPAddressesPerNetworkInterface",
            default.private_ip_addresses_per_network_interface,
        ),
        nodes_per_kubenet_cluster=entry.number(
            "nodesPerKubenetCluster", default.nodes_per_kubenet_cluster
        ),
        nodes_per_overlay_cluster=entry.number(
            "nodesPerOverlayCluster", default.nodes_per_overlay_cluster
        ),
    )
