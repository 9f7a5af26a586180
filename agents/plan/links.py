"""Operations for devices: the one kind of object whose identity spans two namespaces.

Both ends of a cable come and go together, so whatever is planned for one end
changes what the plan for the other may take for granted. `LinkDifference`
remembers that while a plan is made.
"""

from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, replace

from agents.objects.link import Link, Loopback, Veth, VethPair, completed
from agents.objects.namespace import (
    NODE_NAMESPACE,
    Desired,
    NamespaceObjects,
    Observed,
)
from agents.plan.operations import Add, Change, Operation, Remove
from agents.plan.ownership import Ownership, owned_links

NOTHING = Observed(objects=NamespaceObjects())
"""What a namespace that is not there holds."""


@dataclass(frozen=True, slots=True)
class Space:
    """One namespace, wanted and seen."""

    name: str
    desired: Desired
    observed: Observed
    settled: Set[str] = frozenset()
    """Sections that are known to be as desired (`agents.plan.settled`)."""


class LinkDifference:
    """Plans the devices of a host's namespaces, one after the other."""

    def __init__(
        self,
        desired: Mapping[str, Desired],
        observed: Mapping[str, Observed],
        ownership: Ownership,
    ) -> None:
        self._desired = desired
        self._observed = observed
        self._ownership = ownership
        self._made: dict[tuple[str, str], Link] = {}
        self._gone: set[tuple[str | None, str | None]] = set()

    def present(self, space: Space, links: Iterable[Link]) -> Iterator[Operation]:
        """Have `links` in the namespace, as they are wanted."""
        if "links" in space.settled:
            return
        for wanted in sorted(links, key=lambda link: link.name):
            subject = space.desired.guests.get(wanted.name, space.desired.subject)
            seen = self._by_then(space.name, wanted.name) or _innate(wanted)
            reason = "missing" if (space.name, wanted.name) in self._made else "differs"
            if seen is None or seen.kind != wanted.kind:
                yield from self._obstacles(space.name, wanted, seen, subject)
                pair_or_link, seen = self._new(space.name, wanted)
                reason = "missing"
                yield Add(namespace=space.name, subject=subject, reason=reason, value=pair_or_link)
            for goal, before in _steps(seen, completed(wanted, seen)):
                yield Change(
                    namespace=space.name,
                    subject=subject,
                    reason=reason,
                    value=goal,
                    previous=before,
                )

    def cables_to(self, pods: Iterable[str]) -> Iterator[Operation]:
        """Remove the node's ends of cables to namespaces that go; the other ends follow."""
        going = set(pods)
        for link in _by_name(self._seen(NODE_NAMESPACE)):
            if isinstance(link.kind, Veth) and link.kind.peer_namespace in going:
                yield self._removal(NODE_NAMESPACE, link, "node", "no longer wanted")

    def surplus(self, space: Space) -> Iterator[Operation]:
        """Remove devices that are ours and not wanted."""
        if "links" in space.settled:
            return
        ours = owned_links(space.name, self._seen(space.name), self._ownership)
        for link in _by_name(self._seen(space.name)):
            wanted = space.desired.objects.link(link.name) is not None
            if link.name in ours and not wanted and (space.name, link.name) not in self._gone:
                yield self._removal(space.name, link, space.desired.subject, "no longer wanted")

    def _seen(self, namespace: str) -> NamespaceObjects:
        return self._observed.get(namespace, NOTHING).objects

    def _by_then(self, namespace: str, name: str) -> Link | None:
        """The device as the operations so far will have left it."""
        if (namespace, name) in self._made:
            return self._made[namespace, name]
        if (namespace, name) in self._gone:
            return None
        return self._seen(namespace).link(name)

    def _obstacles(
        self, namespace: str, wanted: Link, seen: Link | None, subject: str
    ) -> Iterator[Operation]:
        """Remove devices of ours that have the name; of foreign ones the kernel says EEXIST."""
        places = [(namespace, seen)]
        if (there := _peer(wanted)) is not None:
            places.append((there[0], self._by_then(*there)))
        for name, link in places:
            if link is not None and self._is_ours(name, link):
                yield self._removal(name, link, subject, "in the way")

    def _is_ours(self, namespace: str, link: Link) -> bool:
        if namespace in self._ownership.namespaces:
            return not isinstance(link.kind, Loopback)
        return link.name in owned_links(namespace, self._seen(namespace), self._ownership)

    def _removal(self, namespace: str, link: Link, subject: str, reason: str) -> Operation:
        self._gone.add((namespace, link.name))
        if isinstance(link.kind, Veth):
            self._gone.add((link.kind.peer_namespace, link.kind.peer))
        return Remove(namespace=namespace, subject=subject, reason=reason, value=link)

    def _new(self, namespace: str, wanted: Link) -> tuple[Link | VethPair, Link]:
        """What to make, and the device as it is when it is new."""
        there = _peer(wanted)
        if there is None:
            new = replace(wanted, master="", hairpin=False)
            self._made[namespace, wanted.name] = new
            return new, new
        peer = self._wanted(*there) or Link(
            name=there[1], kind=Veth(peer_namespace=namespace, peer=wanted.name)
        )
        pair = VethPair(link=_unplugged(wanted), peer=_unplugged(peer))
        self._made[namespace, wanted.name] = pair.link
        self._made[there] = pair.peer
        return pair, pair.link

    def _wanted(self, namespace: str, name: str) -> Link | None:
        place = self._desired.get(namespace)
        return place.objects.link(name) if place else None


def _peer(link: Link) -> tuple[str, str] | None:
    """Where the other end of a cable is to be."""
    match link.kind:
        case Veth(peer_namespace=str(namespace), peer=str(name)):
            return namespace, name
        case _:
            return None


def _innate(wanted: Link) -> Link | None:
    """What a namespace that is still to be made will have from birth."""
    return replace(wanted, up=False) if isinstance(wanted.kind, Loopback) else None


def _unplugged(link: Link) -> Link:
    """A cable's end when it is new: down, and no port of anything."""
    return replace(link, up=False, promiscuous=False, master="", hairpin=False)


def _steps(seen: Link, goal: Link) -> Iterator[tuple[Link, Link]]:
    """(device, what it was before): it becomes a port before it is told how to be one."""
    if goal.hairpin and goal.master != seen.master:
        plugged = replace(goal, hairpin=False)
        yield plugged, seen
        seen = plugged
    if goal != seen:
        yield goal, seen


def _by_name(objects: NamespaceObjects) -> list[Link]:
    return sorted(objects.links, key=lambda link: link.name)
