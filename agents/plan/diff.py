"""Desired minus observed: the operations that lead from one to the other.

The order is such that nothing that stays in use is ever absent in between: what
is missing is made before what is surplus is removed. Two exceptions. Pods that go
are removed first, so that their addresses may be given on in the same round. And
an address of a device gives way before its successor, because the kernel takes
the successor along when the first one of a prefix leaves.

Pruning touches only what is ours (`agents.plan.ownership`).
"""

from collections.abc import Callable, Iterator, Mapping, Set
from types import MappingProxyType
from typing import Any, TypeVar

from agents.objects.address import Address
from agents.objects.filter import FilterTable
from agents.objects.link import Bridge, Link
from agents.objects.namespace import Desired, Observed, is_pod_namespace
from agents.objects.neighbour import Neighbour
from agents.objects.nexthop import Nexthop
from agents.objects.origin import Origin
from agents.objects.route import Route
from agents.objects.ruleset import Ruleset
from agents.plan.links import NOTHING, LinkDifference, Space
from agents.plan.operations import (
    Add,
    Addition,
    Change,
    CreateNamespace,
    LoadRuleset,
    Operation,
    Removal,
    Remove,
    RemoveNamespace,
    SetSysctl,
)
from agents.plan.ownership import Ownership, owned_routes, owned_rules
from agents.plan.settled import SECTIONS

_DEVICE_SYSCTLS = ("net.ipv4.conf.", "net.ipv4.neigh.", "net.ipv6.conf.", "net.ipv6.neigh.")
_NO_DEVICES = ("all.", "default.")
_EVIDENCE_OF_IPV6 = "net.ipv6.conf.all.disable_ipv6"

_BUT_RULESETS = SECTIONS - {"rulesets"}

_Keyed = TypeVar("_Keyed", Neighbour, Nexthop, Route)


Settled = Mapping[str, Set[str]]
"""Sections (`agents.plan.settled`) of namespaces that are known to be as desired, by name."""

NOTHING_SETTLED: Settled = MappingProxyType({})


def operations_between(
    desired: Mapping[str, Desired],
    observed: Mapping[str, Observed],
    ownership: Ownership,
    *,
    settled: Settled = NOTHING_SETTLED,
) -> tuple[Operation, ...]:
    """The operations that make the host as desired, in order; empty: it is already.

    `observed` holds every pinned namespace of the host. The virtual switch's and
    the node's are the runtime's to make: where they are absent, operations in
    them are planned all the same, and fail by name. What is `settled` is not looked at.
    """
    return tuple(_operations(desired, observed, ownership, settled))


def _operations(
    desired: Mapping[str, Desired],
    observed: Mapping[str, Observed],
    ownership: Ownership,
    settled: Settled,
) -> Iterator[Operation]:
    links = LinkDifference(desired, observed, ownership)
    spaces = [
        Space(name, place, observed.get(name, NOTHING), settled.get(name, frozenset()))
        for name, place in desired.items()
        if settled.get(name) != SECTIONS
    ]
    machines = [space for space in spaces if not is_pod_namespace(space.name)]
    pods = [space for space in spaces if is_pod_namespace(space.name)]

    departing = [
        name
        for name, seen in observed.items()
        if name in ownership.namespaces
        and (name not in desired or seen.alias_of != desired[name].alias_of)
    ]
    yield from links.cables_to(departing)
    for name in departing:
        yield RemoveNamespace(namespace=name, subject="node", reason="no longer wanted")

    for space in machines:
        yield from _contents(space, links.present(space, _links(space, guests=False)), ownership)
    for space in pods:
        present = space.name in observed and space.name not in departing
        yield from _pod(space if present else _absent(space), links, ownership, present=present)
    # Ports of the bridge, all in one batch: their other ends are there by now.
    for space in machines:
        yield from links.present(space, _links(space, guests=True))
        yield from _sysctls(space, of_devices=True, guests=True)
        yield from _neighbours(space, guests=True)
        yield from _routes(space, guests=True)
    for space in machines:
        yield from _surplus(space, ownership)
        yield from links.surplus(space)


def _links(space: Space, *, guests: bool) -> Iterator[Link]:
    """Devices that are here on behalf of another, or all others."""
    for link in space.desired.objects.links:
        if (link.name in space.desired.guests) is guests:
            yield link


def _absent(space: Space) -> Space:
    return Space(space.name, space.desired, NOTHING)


def _pod(
    space: Space, links: LinkDifference, ownership: Ownership, *, present: bool
) -> Iterator[Operation]:
    alias_of = space.desired.alias_of
    if not present:
        yield CreateNamespace(
            namespace=space.name,
            subject=space.desired.subject,
            reason="missing",
            alias_of=alias_of,
        )
    if alias_of is None:
        own = links.present(space, space.desired.objects.links)
        yield from _contents(space, own, ownership)
        yield from _surplus(space, ownership)


def _contents(
    space: Space, links: Iterator[Operation], ownership: Ownership
) -> Iterator[Operation]:
    """Have in the namespace what is wanted: rules first, so that nothing is ever open."""
    wanted, seen = space.desired.objects, space.observed.objects
    yield from _rulesets(space)
    if space.settled >= _BUT_RULESETS:
        return
    yield from _sysctls(space, of_devices=False)
    yield from links
    yield from _sysctls(space, of_devices=True, guests=False)
    yield from _addresses(space, ownership)
    yield from _neighbours(space, guests=False)
    if "nexthops" not in space.settled:
        yield from _keyed(space, wanted.nexthops, seen.nexthops, key=lambda nexthop: nexthop.number)
    yield from _routes(space, guests=False)
    if "rules" not in space.settled:
        for rule in sorted(wanted.rules - seen.rules, key=lambda rule: rule.priority):
            yield _add(space, rule)


def _rulesets(space: Space) -> Iterator[Operation]:
    if "rulesets" in space.settled:
        return
    for ruleset in space.desired.rulesets:
        standing = space.observed.rulesets.get(ruleset.name)
        if standing != ruleset.digest:
            yield _load(space, ruleset, "missing" if standing is None else "differs")


def _neighbours(space: Space, *, guests: bool) -> Iterator[Operation]:
    """Neighbours behind guests' devices, or all others.

    With the former those that are learned behind a bridge: without ports it has no
    carrier, and the kernel forgets whom it has learned there.
    """
    if "neighbours" in space.settled:
        return
    seen = space.observed.objects.neighbours
    bridges = {link.name for link in space.desired.objects.links if isinstance(link.kind, Bridge)}
    missing = frozenset(
        neighbour
        for neighbour in space.desired.objects.neighbours - seen
        if guests
        is (
            neighbour.link in space.desired.guests
            or (neighbour.learned and neighbour.link in bridges)
        )
    )
    yield from _keyed(space, missing, seen, key=_neighbour_key)


def _routes(space: Space, *, guests: bool) -> Iterator[Operation]:
    """Routes through guests' devices, or all others; those without a gateway lead to gateways."""
    if "routes" in space.settled:
        return
    wanted, seen = space.desired.objects.routes, space.observed.objects.routes
    missing = frozenset(
        route for route in wanted - seen if (route.link in space.desired.guests) is guests
    )
    yield from _keyed(
        space,
        missing,
        seen - wanted,
        key=lambda route: (route.gateway is not None, route.key),
        identity=lambda route: route.key,
    )


def _sysctls(space: Space, *, of_devices: bool, guests: bool = False) -> Iterator[Operation]:
    if "sysctls" in space.settled:
        return
    seen = space.observed.objects.sysctls
    # Every namespace has it, but for those of a machine that was started without IPv6.
    without_ipv6 = bool(seen) and _EVIDENCE_OF_IPV6 not in seen
    for name, value in space.desired.objects.sysctls.items():
        if seen.get(name) == value or (without_ipv6 and name.startswith("net.ipv6.")):
            continue
        if _of_a_guest(space, name) is guests and _of_a_device(name) is of_devices:
            yield SetSysctl(
                namespace=space.name,
                subject=space.desired.subject,
                reason=f"was {seen[name]}" if name in seen else "missing",
                name=name,
                value=value,
            )


def _of_a_guest(space: Space, name: str) -> bool:
    return any(part in space.desired.guests for part in name.split("."))


def _of_a_device(name: str) -> bool:
    """Whether a sysctl comes and goes with a device."""
    for prefix in _DEVICE_SYSCTLS:
        if name.startswith(prefix):
            return not name.removeprefix(prefix).startswith(_NO_DEVICES)
    return False


def _addresses(space: Space, ownership: Ownership) -> Iterator[Operation]:
    if "addresses" in space.settled:
        return
    wanted, seen = space.desired.objects.addresses, space.observed.objects.addresses
    assigned = {(address.link, address.interface) for address in wanted}
    for address in sorted(seen - wanted, key=_address_order):
        noted = (space.name, address) in ownership.addresses
        if noted or (address.link, address.interface) in assigned:
            yield _remove(space, address)
    for address in sorted(wanted - seen, key=_address_order):
        yield _add(space, address)


def _keyed(
    space: Space,
    wanted: frozenset[_Keyed],
    seen: frozenset[_Keyed],
    *,
    key: Callable[[_Keyed], Any],
    identity: Callable[[_Keyed], Any] | None = None,
) -> Iterator[Operation]:
    """Additions of what is missing, changes of what is there in another form.

    `key` is the order, and what the kernel allows once unless `identity` says that.
    """
    identity = identity or key
    missing = wanted - seen
    if not missing:
        return
    there = {identity(value): value for value in seen - wanted}
    for value in sorted(missing, key=key):
        previous = there.get(identity(value))
        if previous is None:
            yield _add(space, value)
        else:
            yield Change(
                namespace=space.name,
                subject=space.desired.subject,
                reason="differs",
                value=value,
                previous=previous,
            )


def _surplus(space: Space, ownership: Ownership) -> Iterator[Operation]:
    """Remove what is ours and not wanted any more; what refers to others goes first."""
    if not space.settled >= _BUT_RULESETS:
        yield from _surplus_objects(space)
    yield from _surplus_rulesets(space, ownership)


def _surplus_objects(space: Space) -> Iterator[Operation]:
    wanted, seen, settled = space.desired.objects, space.observed.objects, space.settled
    if "rules" not in settled:
        for rule in sorted(owned_rules(space.name, seen) - wanted.rules, key=str):
            yield _remove(space, rule)
    if "routes" not in settled:
        yield from _surplus_routes(space)
    if "nexthops" not in settled:
        unused = seen.nexthops - wanted.nexthops
        numbers = {nexthop.number for nexthop in wanted.nexthops} if unused else set()
        for nexthop in sorted(unused, key=lambda nexthop: nexthop.number):
            if nexthop.origin == Origin.VNETLAB and nexthop.number not in numbers:
                yield _remove(space, nexthop)
    if "neighbours" not in settled:
        yield from _surplus_neighbours(space)


def _surplus_routes(space: Space) -> Iterator[Operation]:
    wanted, seen = space.desired.objects.routes, space.observed.objects.routes
    other = owned_routes(space.name, seen - wanted)
    # What is there in another form is changed, not removed.
    changed = {route.key for route in wanted - seen} if other else set()
    for route in sorted(other, key=lambda route: route.key):
        if route.key not in changed:
            yield _remove(space, route)


def _surplus_neighbours(space: Space) -> Iterator[Operation]:
    wanted, seen = space.desired.objects, space.observed.objects
    neighbours = {_neighbour_key(neighbour) for neighbour in wanted.neighbours}
    staying = {link.name for link in wanted.links}
    for neighbour in sorted(seen.neighbours - wanted.neighbours, key=str):
        # Nobody else in a host knows neighbours from outside; a device takes its own along.
        ours = neighbour.origin == Origin.VNETLAB or neighbour.learned
        if ours and neighbour.link in staying and _neighbour_key(neighbour) not in neighbours:
            yield _remove(space, neighbour)


def _surplus_rulesets(space: Space, ownership: Ownership) -> Iterator[Operation]:
    if "rulesets" in space.settled:
        return
    names = {ruleset.name for ruleset in space.desired.rulesets}
    for name in sorted(space.observed.rulesets):
        if (space.name, name) in ownership.rulesets and name not in names:
            yield _load(space, Ruleset(name=name, rules=()), "no longer wanted")


def _neighbour_key(neighbour: Neighbour) -> tuple[str, object]:
    return neighbour.link, neighbour.address


def _address_order(address: Address) -> tuple[str, str]:
    return address.link, str(address.interface)


def _add(space: Space, value: Addition) -> Add:
    return Add(namespace=space.name, subject=space.desired.subject, reason="missing", value=value)


def _remove(space: Space, value: Removal) -> Remove:
    return Remove(
        namespace=space.name,
        subject=space.desired.subject,
        reason="no longer wanted",
        value=value,
    )


def _load(space: Space, ruleset: Ruleset | FilterTable, reason: str) -> LoadRuleset:
    return LoadRuleset(
        namespace=space.name, subject=space.desired.subject, reason=reason, ruleset=ruleset
    )
