"""What is ours to remove, where the kernel carries no mark of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from agents.objects.address import Address
from agents.objects.link import Link, Loopback, Veth, VethPair
from agents.objects.namespace import (
    NODE_NAMESPACE,
    VSWITCH_NAMESPACE,
    Desired,
    NamespaceObjects,
    is_pod_namespace,
)
from agents.objects.origin import Origin
from agents.objects.route import Route
from agents.objects.rule import Rule
from agents.objects.ruleset import RulesetName
from agents.plan.operations import Add, LoadRuleset, Operation
from agents.plan.vswitch import KERNEL_LOCAL_RULE


@dataclass(frozen=True, slots=True, kw_only=True)
class Ownership:
    """What we made and no mark tells: each with its namespace."""

    namespaces: frozenset[str] = frozenset()
    """Of pods; a name that looks like one of ours proves nothing."""
    links: frozenset[tuple[str, str]] = frozenset()
    addresses: frozenset[tuple[str, Address]] = frozenset()
    rulesets: frozenset[tuple[str, RulesetName]] = frozenset()

    def __or__(self, other: "Ownership") -> "Ownership":
        return Ownership(
            namespaces=self.namespaces | other.namespaces,
            links=self.links | other.links,
            addresses=self.addresses | other.addresses,
            rulesets=self.rulesets | other.rulesets,
        )


def owned_by(desired: Mapping[str, Desired]) -> Ownership:
    """What we own once the host is as desired."""
    return Ownership(
        namespaces=frozenset(name for name in desired if is_pod_namespace(name)),
        # A pod's own devices end with its namespace.
        links=frozenset(
            (name, link.name)
            for name, place in desired.items()
            if not is_pod_namespace(name)
            for link in place.objects.links
            if not isinstance(link.kind, Loopback)
        ),
        addresses=frozenset(
            (name, address)
            for name, place in desired.items()
            for address in place.objects.addresses
        ),
        rulesets=frozenset(
            (name, ruleset.name) for name, place in desired.items() for ruleset in place.rulesets
        ),
    )


def owned_alike(desired: Mapping[str, Desired], before: Mapping[str, Desired]) -> bool:
    """Whether `owned_by` says the same of both, as far as the very same objects tell."""
    return desired.keys() == before.keys() and all(
        place is other
        or (
            place.objects.links is other.objects.links
            and place.objects.addresses is other.objects.addresses
            and [each.name for each in place.rulesets] == [each.name for each in other.rulesets]
        )
        for place, other in zip(desired.values(), map(before.__getitem__, desired), strict=True)
    )


def made_by(operations: Iterable[Operation]) -> Ownership:
    """What we own for having made it just now, whether or not all the rest succeeded."""
    links, addresses, rulesets = set(), set(), set()
    for operation in operations:
        space = operation.namespace
        match operation:
            case Add(value=VethPair(link=link, peer=peer)):
                links.add((space, link.name))
                if isinstance(link.kind, Veth) and link.kind.peer_namespace:
                    links.add((link.kind.peer_namespace, peer.name))
            case Add(value=Link(name=name)):
                links.add((space, name))
            case Add(value=Address() as address):
                addresses.add((space, address))
            case LoadRuleset(ruleset=ruleset) if ruleset.rules:
                rulesets.add((space, ruleset.name))
    return Ownership(
        links=frozenset(link for link in links if not is_pod_namespace(link[0])),
        addresses=frozenset(addresses),
        rulesets=frozenset(rulesets),
    )


def owned_routes(namespace: str, routes: Iterable[Route]) -> list[Route]:
    """Those of `routes` that bear our mark. A pod's are its own business, but for those we want."""
    marks = {
        VSWITCH_NAMESPACE: (Origin.VNETLAB,),
        NODE_NAMESPACE: (Origin.DHCP, Origin.VNETLAB),
    }.get(namespace, ())
    return [route for route in routes if route.origin in marks]


def owned_rules(namespace: str, objects: NamespaceObjects) -> frozenset[Rule]:
    """Observed rules that bear our mark; in the virtual switch the kernel's first one too."""
    ours = frozenset(rule for rule in objects.rules if rule.origin == Origin.VNETLAB)
    if namespace == VSWITCH_NAMESPACE:
        return ours | (objects.rules & {KERNEL_LOCAL_RULE})
    return ours if namespace == NODE_NAMESPACE else frozenset()


def owned_links(namespace: str, objects: NamespaceObjects, ownership: Ownership) -> frozenset[str]:
    """Observed devices that we made: noted, or cables to pods of ours."""
    return frozenset(
        link.name
        for link in objects.links
        if (namespace, link.name) in ownership.links
        or (
            namespace == NODE_NAMESPACE
            and isinstance(link.kind, Veth)
            and link.kind.peer_namespace in ownership.namespaces
        )
    )
