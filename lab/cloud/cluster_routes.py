"""Routes that a cluster keeps in a route table: one per node (semantics 3.3, 4.1).

The cloud provider of a kubenet cluster adds a route as each node registers and
removes it as the node goes. It uses the table that the user associated with the
nodes' subnet, and leaves the user's routes in it alone (claim A27); where there is
none it brings a table of its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from ipaddress import IPv4Address, IPv4Network
from typing import NamedTuple

from lab.cloud.virtual_network import subnet_of, subnets
from lab.topology.model import Cloud
from lab.topology.problems import Problem
from lab.topology.route_table import NextHopType, Route, RouteTable
from lab.topology.virtual_network import SubnetReference


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutedCluster:
    """What a cluster wants of the route tables of its subnets."""

    name: str
    managed_table: str
    """Name of the table that it brings where the user associated none."""
    subnets: tuple[SubnetReference, ...]
    """Where its nodes are."""
    routes: tuple[Route, ...]
    """One per node, in the order of registration."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Association:
    """A route table, or none, and the subnets that it steers."""

    table: RouteTable | None
    subnets: tuple[SubnetReference, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Associations:
    """The route tables of a cloud with the clusters' routes in them."""

    tables: tuple[Association, ...]
    """Every subnet is in exactly one."""
    warnings: tuple[Problem, ...] = ()


def node_route(node: str, *, pod_cidr: IPv4Network, address: IPv4Address) -> Route:
    """The route of one node: its pods by way of its network interface (claims A21, A22)."""
    return Route(
        name=node,
        address_prefix=pod_cidr,
        next_hop_type=NextHopType.VIRTUAL_APPLIANCE,
        next_hop_ip_address=address,
    )


class _Key(NamedTuple):
    name: str
    managed: bool
    """Brought by a cluster: the user may have a table of that name as well."""


def associations(cloud: Cloud, clusters: Sequence[RoutedCluster]) -> Associations:
    """The route table of every subnet, with the routes of the clusters in it.

    A subnet has one table. Where two clusters share a subnet, the routes of both
    are in the table of the first. What cannot be added is a warning, as it is a
    failed event of the node on the real thing.
    """
    keys = _table_keys(cloud, clusters)
    added: dict[_Key, list[Route]] = {}
    for cluster in clusters:
        for key in dict.fromkeys(keys[reference] for reference in cluster.subnets):
            added.setdefault(key, []).extend(cluster.routes)
    members: dict[_Key | None, list[SubnetReference]] = {}
    for reference in subnets(cloud):
        members.setdefault(keys.get(reference), []).append(reference)
    written = {table.name: table for table in cloud.route_tables}
    warnings: list[Problem] = []
    result = []
    for seat, group in members.items():
        table = None
        if seat is not None:
            base = RouteTable(name=seat.name, routes=()) if seat.managed else written[seat.name]
            table = _with_routes(base, added.get(seat, ()), warnings)
        result.append(Association(table=table, subnets=tuple(group)))
    return Associations(tables=tuple(result), warnings=tuple(warnings))


def _table_keys(cloud: Cloud, clusters: Sequence[RoutedCluster]) -> dict[SubnetReference, _Key]:
    """The table of each subnet that has one: the user's, otherwise the first cluster's."""
    keys = {}
    for reference in subnets(cloud):
        name = subnet_of(cloud, reference).route_table
        if name is not None:
            keys[reference] = _Key(name, managed=False)
    for cluster in clusters:
        for reference in cluster.subnets:
            keys.setdefault(reference, _Key(cluster.managed_table, managed=True))
    return keys


def _with_routes(table: RouteTable, added: Sequence[Route], warnings: list[Problem]) -> RouteTable:
    """`table` with the routes of nodes behind its own; what is in the way goes to `warnings`."""
    prefixes = {route.address_prefix: route for route in table.routes}
    names = {route.name for route in added}
    routes = [route for route in table.routes if route.name not in names]
    for route in table.routes:
        if route.name in names:
            warnings.append(
                Problem(
                    location=route.location,
                    message=f"route {route.name} has the name of a node, whose own route "
                    "takes its place",
                    remedy="give the route another name",
                )
            )
    for route in added:
        # Mostly there are none, and a network is hashed at a cost.
        own = prefixes.get(route.address_prefix) if prefixes else None
        if own is None or own.name in names:
            routes.append(route)
            continue
        warnings.append(
            Problem(
                location=own.location,
                message=f"route {own.name} has the prefix {own.address_prefix} of node "
                f"{route.name}, which therefore gets no route: pods on other nodes "
                "will not reach its pods",
                remedy="remove the route from the table, the cluster adds its own",
            )
        )
    return replace(table, routes=tuple(routes))
