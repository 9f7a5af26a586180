"""Reads namespaces into objects."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial

from agents.kernel import (
    addresses,
    links,
    namespace_ids,
    neighbours,
    nexthops,
    routes,
    rules,
    sysctls,
)
from agents.kernel.door import View
from agents.kernel.errors import NamespaceMissing
from agents.kernel.links import ListedLink
from agents.kernel.namespaces import NamespaceDirectory
from agents.kernel.netlink import NetlinkSocket
from agents.kernel.rulesets import Rulesets
from agents.objects.link import Foreign, Link, Veth
from agents.objects.namespace import NamespaceObjects, Observed
from agents.objects.ruleset import RulesetName

_VETH = Foreign(kind="veth")
_Peers = dict[tuple[str, int], tuple[str, int]]


@dataclass(slots=True)
class _Listed:
    """A namespace as it was read, before its cables are traced."""

    links: dict[int, ListedLink]
    objects: NamespaceObjects
    rulesets: Mapping[RulesetName, str]


def observe(
    directory: NamespaceDirectory, rulesets: Rulesets, views: Sequence[View]
) -> dict[str, Observed]:
    """Read the namespaces of `views`; those that are not pinned are left out."""
    observed: dict[str, Observed] = {}
    listed: dict[str, _Listed] = {}
    with ExitStack() as stack:
        descriptors: dict[str, int] = {}
        for view in views:
            if alias := directory.alias_of(view.namespace):
                observed[view.namespace] = Observed(objects=NamespaceObjects(), alias_of=alias)
                continue
            try:
                descriptor = directory.open(view.namespace)
            except NamespaceMissing:
                continue
            stack.callback(os.close, descriptor)
            descriptors[view.namespace] = descriptor
            with directory.inside_descriptor(descriptor):
                listed[view.namespace] = _read(rulesets, view)
        peers = _peers(directory, listed, descriptors)
    for name, namespace in listed.items():
        observed[name] = Observed(
            objects=replace(namespace.objects, links=_links(name, listed, peers)),
            rulesets=namespace.rulesets,
        )
    return observed


def _read(rulesets: Rulesets, view: View) -> _Listed:
    with NetlinkSocket() as netlink:
        devices = {found.index: found for found in netlink.dump(links.listing(), links.parse)}
        names = {index: found.link.name for index, found in devices.items()}
        objects = NamespaceObjects(
            addresses=frozenset(
                netlink.dump(addresses.listing(), partial(addresses.parse, names=names))
            ),
            routes=frozenset(netlink.dump(routes.listing(), partial(routes.parse, names=names))),
            sysctls={
                name: value for name in view.sysctls if (value := sysctls.read(name)) is not None
            },
        )
        if view.routing_policy:
            objects = replace(
                objects,
                nexthops=frozenset(
                    netlink.dump(nexthops.listing(), partial(nexthops.parse, names=names))
                ),
                neighbours=frozenset(
                    netlink.dump(neighbours.listing(), partial(neighbours.parse, names=names))
                ),
                rules=frozenset(netlink.dump(rules.listing(), rules.parse)),
            )
    standing = rulesets.observe(view.namespace, view.rulesets) if view.rulesets else {}
    return _Listed(links=devices, objects=objects, rulesets=standing)


def _peers(
    directory: NamespaceDirectory, listed: Mapping[str, _Listed], descriptors: Mapping[str, int]
) -> _Peers:
    """Which end of a veth belongs to which, both as namespace and index.

    A namespace names the other one by an id that only it knows. Asking in the
    namespace with most veths (the node) first settles both ends of all of them,
    so that pods need not be asked.
    """
    peers: _Peers = {}
    for here in sorted(listed, key=lambda name: -sum(1 for _ in _veths(listed[name]))):
        open_ends = [veth for veth in _veths(listed[here]) if (here, veth.index) not in peers]
        if not open_ends:
            continue
        there_by_id = {}
        if any(veth.peer_namespace_id is not None for veth in open_ends):
            others = [name for name in listed if name != here]
            with directory.inside_descriptor(descriptors[here]), NetlinkSocket() as netlink:
                questions = [namespace_ids.question(descriptors[name]) for name in others]
                for name, body in zip(others, netlink.ask(questions), strict=True):
                    there_by_id[namespace_ids.answer(body)] = name
        for veth in open_ends:
            identifier = veth.peer_namespace_id
            there = here if identifier is None else there_by_id.get(identifier)
            if there is not None and veth.peer in listed[there].links:
                peers[here, veth.index] = (there, veth.peer)
                peers[there, veth.peer] = (here, veth.index)
    return peers


def _veths(namespace: _Listed) -> Iterator[ListedLink]:
    return (found for found in namespace.links.values() if found.link.kind == _VETH)


def _links(name: str, listed: Mapping[str, _Listed], peers: _Peers) -> frozenset[Link]:
    devices = listed[name].links
    complete = []
    for index, found in devices.items():
        link = found.link
        if found.master in devices:
            link = replace(link, master=devices[found.master].link.name)
        if link.kind == _VETH:
            kind = Veth(peer_namespace=None, peer=None)
            if there := peers.get((name, index)):
                other = listed[there[0]].links[there[1]].link.name
                kind = Veth(peer_namespace=there[0], peer=other)
            link = replace(link, kind=kind)
        complete.append(link)
    return frozenset(complete)
