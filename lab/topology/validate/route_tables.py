"""Route tables and user-defined routes (semantics 2.2)."""

from collections.abc import Iterator

from lab.topology import names
from lab.topology.cluster import NetworkPlugin
from lab.topology.model import Lab
from lab.topology.problems import Problem
from lab.topology.route_table import NextHopType, Route, RouteTable, TaggedRoute
from lab.topology.security import same_name
from lab.topology.usable import Usable
from lab.topology.validate.duplicates import duplicates
from lab.topology.words import nearest


def check(lab: Lab, usable: Usable) -> Iterator[Problem]:
    """Problems of the cloud's route tables."""
    yield from duplicates(lab.cloud.route_tables, "route table")
    yield from _count(lab)
    yield from _managed(lab)
    for table in lab.cloud.route_tables:
        written: tuple[Route | TaggedRoute, ...] = (*table.routes, *table.tagged_routes)
        yield from duplicates(written, "route", f" in route table '{table.name}'")
        yield from _same_prefix(table)
        for route in written:
            yield from _next_hop(route)
        yield from _tags(table, lab, usable)
        yield from _limit(table, lab)


def _count(lab: Lab) -> Iterator[Problem]:
    tables, limit = lab.cloud.route_tables, lab.limits.route_tables
    if len(tables) > limit:
        yield Problem(
            tables[limit].location,
            f"there are {len(tables)} route tables; {limit} is the limit",
            "associate one table with several subnets, or raise limits.routeTables",
        )


def _managed(lab: Lab) -> Iterator[Problem]:
    """Whoever wants routes of their own brings a table of their own (claim L4)."""
    for cluster in lab.clusters:
        if cluster.network_plugin is not NetworkPlugin.KUBENET or not cluster.node_pools:
            continue
        name = names.route_table(cluster)
        for table in lab.cloud.route_tables:
            if same_name(table.name, name):
                yield Problem(
                    table.at("name"),
                    f"route table '{table.name}' is the one that cluster '{cluster.name}' manages, "
                    "and its routes are the cluster's alone: changes to it are not supported",
                    "give the table a name of its own and let the nodes' subnet refer to it; the "
                    "cluster then adds its routes to yours",
                )


def _same_prefix(table: RouteTable) -> Iterator[Problem]:
    first: dict[object, Route] = {}
    for route in table.routes:
        before = first.setdefault(route.address_prefix, route)
        if before is not route:
            yield Problem(
                route.at("addressPrefix"),
                f"routes '{before.name}' and '{route.name}' of route table '{table.name}' have "
                f"the same prefix {route.address_prefix}",
                "take one of them out: a table has one route for a prefix",
            )


def _tags(table: RouteTable, lab: Lab, usable: Usable) -> Iterator[Problem]:
    known = [tag.name for tag in lab.cloud.service_tags]
    first: dict[str, TaggedRoute] = {}
    for route in table.tagged_routes:
        tag, place = route.service_tag, route.at("addressPrefix")
        before = first.setdefault(tag.casefold(), route)
        if before is not route:
            yield Problem(
                place,
                f"routes '{before.name}' and '{route.name}' of route table '{table.name}' have "
                f"the same service tag {tag}",
                "take one of them out: a table has one route for a tag",
            )
        if not any(same_name(tag, each) for each in known) and not usable.lacks("serviceTags"):
            guess = nearest(tag, known)
            yield Problem(
                place,
                f"route '{route.name}' is for '{tag}', which is neither a prefix nor a service "
                "tag of this lab",
                f"did you mean '{guess}'?" if guess else "define it under cloud.serviceTags",
            )
    limit = lab.limits.service_tags_per_route_table
    if len(table.tagged_routes) > limit:
        yield Problem(
            table.at("routes"),
            f"route table '{table.name}' has {len(table.tagged_routes)} routes with a service "
            f"tag; {limit} is the limit",
            "write prefixes instead, or raise limits.serviceTagsPerRouteTable",
        )


def _next_hop(route: Route | TaggedRoute) -> Iterator[Problem]:
    appliance = route.next_hop_type is NextHopType.VIRTUAL_APPLIANCE
    if appliance and route.next_hop_ip_address is None:
        yield Problem(
            route.at("nextHopType"),
            f"route '{route.name}' goes to a VirtualAppliance but has no nextHopIpAddress",
            "add nextHopIpAddress, the address of the appliance's network interface",
        )
    if not appliance and route.next_hop_ip_address is not None:
        yield Problem(
            route.at("nextHopIpAddress"),
            f"route '{route.name}' has a nextHopIpAddress, but its next hop is "
            f"{route.next_hop_type.value}",
            "take nextHopIpAddress out, or write nextHopType: VirtualAppliance",
        )


def _limit(table: RouteTable, lab: Lab) -> Iterator[Problem]:
    """A kubenet cluster adds a route per node to the tables of its subnets (claim A22)."""
    associated = {
        (network.name, subnet.name)
        for network in lab.cloud.virtual_networks
        for subnet in network.subnets
        if subnet.route_table == table.name
    }
    nodes = sum(
        sum(pool.count for pool in cluster.node_pools)
        for cluster in lab.clusters
        if cluster.network_plugin is NetworkPlugin.KUBENET
        and any(
            (pool.subnet.virtual_network, pool.subnet.subnet) in associated
            for pool in cluster.node_pools
        )
    )
    own = len(table.routes) + len(table.tagged_routes)
    limit = lab.limits.routes_per_route_table
    if own and own + nodes > limit:
        total = f"{own} of its own and {nodes} of cluster nodes" if nodes else f"{own} of its own"
        yield Problem(
            table.at("routes"),
            f"route table '{table.name}' would have {own + nodes} routes ({total}); "
            f"{limit} is the limit",
            "take routes out or join them into larger prefixes, or raise "
            "limits.routesPerRouteTable",
        )
