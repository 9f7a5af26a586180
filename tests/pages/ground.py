"""What a model's lab is, as far as reading a walk needs it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from typing import Any

from tests.e2e.conftest import DeployedLab
from tests.pages.names import Names
from tests.pages.places import Shell

FABRIC_MAC = "12:34:56:78:9a:bc"
PODS = {"pod one": "node 0", "pod two": "node 0", "pod three": "node 1"}
"""And where they are."""

LINK = re.compile(
    r"^(\d+): ([^:@\s]+)(?:@if(\d+))?: .*?(?: master (\S+))?(?: state .*)?link/\S+ (\S+)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A device of a place."""

    name: str
    peer: int
    """Its veth peer's number in the other namespace; 0 without one."""
    bridge: str | None
    mac: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """A running lab."""

    addresses: Mapping[str, str]
    """By place: pods, nodes and the machine."""
    links: Mapping[str, Mapping[int, Link]]
    """By place and number."""
    routes: Sequence[Mapping[str, Any]]
    """Effective routes of every subnet."""
    pod_cidrs: Sequence[IPv4Network]
    names: Names

    def bridge(self, place: str, device: str) -> str | None:
        """The bridge that `device` is a port of."""
        return next(
            (link.bridge for link in self.links[place].values() if link.name == device), None
        )

    def effective_route(self, source: str, destination: str) -> Mapping[str, Any] | None:
        """What the fabric has for a packet; None where the cluster's overlay decides."""
        subnet = next(
            (subnet for subnet, prefix in SUBNETS.items() if IPv4Address(source) in prefix),
            next(iter(SUBNETS)),
        )
        fitting = [
            row
            for row in self.routes
            if (f"{row['virtual_network']}/{row['subnet']}", row["state"]) == (subnet, "Active")
            and IPv4Address(destination) in IPv4Network(row["address_prefix"])
        ]
        best = max(fitting, key=lambda row: IPv4Network(row["address_prefix"]).prefixlen)
        of_a_pod = any(IPv4Address(destination) in prefix for prefix in self.pod_cidrs)
        return None if of_a_pod and best["source"] != "User" else best


def next_hop(route: Mapping[str, Any]) -> str:
    """Of an effective route, and who made the route."""
    address = f" {route['next_hop_ip_address']}" if route["next_hop_ip_address"] else ""
    return f"{route['next_hop_type']}{address} ({route['source']})"


SUBNETS = {
    "vnet/nodes": IPv4Network("10.0.0.0/24"),
    "vnet/machines": IPv4Network("10.0.1.0/24"),
    "vnet/pods": IPv4Network("10.0.2.0/24"),
}
"""Of the base lab; a source in none of them is a pod's behind a NIC of the first."""


def ground_of(lab: DeployedLab, shells: Mapping[str, Shell]) -> Ground:
    nodes, pods = lab.inspect("nodes"), lab.inspect("pods")
    addresses = {f"pod {pod['name']}": str(pod["address"]) for pod in pods}
    cluster_nodes = [node for node in nodes if node["kind"] == "cluster-node"]
    for number, node in enumerate(sorted(cluster_nodes, key=lambda row: str(row["name"]))):
        addresses[f"node {number}"] = str(node["address"])
    addresses["vm"] = next(str(node["address"]) for node in nodes if node["name"] == "machine")
    links = {place: _links(shell) for place, shell in shells.items()}
    return Ground(
        addresses=addresses,
        links=links,
        routes=lab.inspect("routes"),
        pod_cidrs=[IPv4Network(node["pod_cidr"]) for node in nodes if node.get("pod_cidr")],
        names=Names(known=dict(_names(links))),
    )


def _links(shell: Shell) -> Mapping[int, Link]:
    found = {}
    for line in shell.ask("ip -o link").splitlines():
        if match := LINK.match(line):
            found[int(match[1])] = Link(
                name=match[2], peer=int(match[3] or 0), bridge=match[4], mac=match[5]
            )
    return found


def _names(links: Mapping[str, Mapping[int, Link]]) -> Sequence[tuple[str, str]]:
    names = []
    for pod, node in PODS.items():
        (nic,) = (link for link in links[pod].values() if link.name == "eth0")
        veth = links[node][nic.peer].name
        own = pod.removeprefix("pod ")
        names += [
            (veth, f"{re.match('[a-z]+?(?=[0-9a-f]+$)', veth)[0]}-{own}"),  # type: ignore[index]
            (nic.mac, f"MAC-of-{own}"),
        ]
    for node in dict.fromkeys(PODS.values()):
        (nic,) = (link for link in links[node].values() if link.name == "eth0")
        names.append((nic.mac, f"MAC-of-{node.replace(' ', '-')}"))
    return names
