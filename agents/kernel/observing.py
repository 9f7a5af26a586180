"""Reads namespaces into objects, and reads again only what may have changed since.

A namespace that is listened to is read once; after that a reading is what was read
and what was heard since. It is read anew when something was heard that cannot be
taken over, when more was said than could be kept, when another namespace has taken
its name, and when whoever asks wants that. All are listened to from one post; where
that is not allowed, the virtual switch and the node by an ear in each, and pods not.
"""

import logging
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
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
from agents.kernel.ears import Ear, Heard
from agents.kernel.links import ListedLink
from agents.kernel.listening_post import ListeningPost
from agents.kernel.listing import OF_ROUTES, Listing
from agents.kernel.namespaces import Identity, NamespaceDirectory
from agents.kernel.netlink import NetlinkSocket, messages
from agents.kernel.open_namespaces import LASTING, OpenNamespaces
from agents.kernel.rulesets import Rulesets
from agents.objects.link import Foreign, Link, Veth
from agents.objects.namespace import VSWITCH_NAMESPACE, NamespaceObjects, Observed
from agents.objects.ruleset import RulesetName

logger = logging.getLogger(__name__)

_VETH = Foreign(kind="veth")

_Ends = dict[tuple[str, int], tuple[str, str]]
"""Namespace and name of the device at the other end of a cable, by namespace and index."""


class Observatory:
    """What is known of the namespaces of a host; call from a thread that may change its own."""

    def __init__(
        self,
        directory: NamespaceDirectory,
        rulesets: Rulesets,
        post: ListeningPost,
        opened: OpenNamespaces,
    ) -> None:
        """`opened`: whose sockets are told what `post` isn't."""
        self._directory = directory
        self._rulesets = rulesets
        self._post = post
        self._opened = opened
        self._misses = post.misses
        self._ears: dict[str, tuple[Identity, Ear]] = {}
        self._listings: dict[str, Listing] = {}
        self._objects: dict[str, NamespaceObjects] = {}
        self._ends: _Ends = {}

    def observe(self, views: Sequence[View], *, afresh: bool) -> dict[str, Observed]:
        """Read the namespaces of `views`; those that are not pinned are left out."""
        observed: dict[str, Observed] = {}
        self._listen()
        if afresh:
            self._forget_all()
        present: list[View] = []
        identities: dict[str, Identity] = {}
        for view in views:
            if alias := self._directory.alias_of(view.namespace):
                observed[view.namespace] = Observed(objects=NamespaceObjects(), alias_of=alias)
            elif identity := self._directory.identity(view.namespace):
                identities[view.namespace] = identity
                present.append(view)
        with ExitStack() as stack:
            descriptors = _Descriptors(self._directory, stack)
            self._read(present, identities, descriptors)
            for view in present:
                observed[view.namespace] = Observed(
                    objects=self._objects[view.namespace],
                    rulesets=self._standing(view, identities[view.namespace], descriptors),
                )
        return observed

    def distrust(self, namespace: str) -> None:
        """Read a namespace anew next time: something was written that is never heard of."""
        self._forget(namespace)

    def indexes(self, namespace: str, links: Sequence[str]) -> tuple[int, ...] | None:
        """Of these devices as they were seen last; None: of one of them nothing is known.

        For an open namespace, as it is now.
        """
        listing = self._listings.get(namespace)
        if listing is None or listing.identity != self._opened.identity(namespace):
            return None
        return listing.indexes(links)

    def close(self) -> None:
        """Listen no longer, and let go of every namespace. Idempotent."""
        for _, ear in self._ears.values():
            ear.close()
        self._ears.clear()
        self._forget_all()

    def _standing(
        self, view: View, identity: Identity, descriptors: "_Descriptors"
    ) -> Mapping[RulesetName, str]:
        if not view.rulesets:
            return {}
        if self._rulesets.reaches(view.namespace, identity):
            return self._rulesets.observe(view.namespace, view.rulesets)
        with self._directory.inside_descriptor(descriptors[view.namespace]):
            self._rulesets.reach(view.namespace)
            return self._rulesets.observe(view.namespace, view.rulesets)

    def _listen(self) -> None:
        """Take over what was heard; what cannot be taken over is to be read anew."""
        self._post.listen()
        if self._misses != self._post.misses:
            self._misses = self._post.misses
            logger.info("more was said than could be kept: all is read again")
            self._forget_all()
        echoes = {name: _told(said) for name, said in self._opened.echoes()}
        for name, listing in list(self._listings.items()):
            if listing.namespace_id is None:
                continue
            said, own = self._post.heard(listing.namespace_id), echoes.get(name, ())
            if said is None or not _apart(said, own):
                self._forget(name)
            else:
                self._take(name, (*said, *own))
        for name, (_, ear) in self._ears.items():
            try:
                self._take(name, ear.heard())
            except OSError as overflow:
                logger.info("%s is read again: %s", name, overflow.strerror)
                ear.forget()
                self._forget(name)

    def _take(self, name: str, said: Iterable[Heard]) -> None:
        for heard in said:
            self._objects.pop(name, None)
            if (listing := self._listings.get(name)) and not listing.take(heard):
                self._forget(name)

    def _forget(self, name: str) -> None:
        """Have a namespace read anew, if it is asked for again."""
        listing = self._listings.pop(name, None)
        if listing is not None and listing.namespace_id is not None:
            self._post.forget(listing.namespace_id)

    def _forget_all(self) -> None:
        for name in list(self._listings):
            self._forget(name)

    def _read(
        self,
        views: Sequence[View],
        identities: Mapping[str, Identity],
        descriptors: "_Descriptors",
    ) -> None:
        """Have a listing of each that answers its view."""
        absent = self._listings.keys() - identities.keys()
        for name in absent:
            self._forget(name)
        fresh = [
            view
            for view in views
            if (listing := self._listings.get(view.namespace)) is None
            or not _answers(listing, view, identities[view.namespace])
        ]
        for view in fresh:
            name = view.namespace
            self._forget(name)
            # First, so that nothing is changed between the reading and the listening.
            namespace_id = self._post.follow(descriptors[name], first=name == VSWITCH_NAMESPACE)
            with self._directory.inside_descriptor(descriptors[name]):
                if namespace_id is None and name in LASTING:
                    self._hear_of(name, identities[name])
                self._listings[name] = _list(view, identities[name], namespace_id)
        if fresh or absent:
            before, self._ends = self._ends, self._trace(descriptors)
            for name in {view.namespace for view in fresh} | _moved(before, self._ends) | absent:
                self._objects.pop(name, None)
        for name, listing in self._listings.items():
            if name not in self._objects:
                self._objects[name] = listing.objects(self._links(name))

    def _hear_of(self, name: str, identity: Identity) -> None:
        """Have an ear in the namespace that has the name now, and that the thread is in."""
        known, ear = self._ears.get(name, (None, None))
        if known == identity:
            return
        if ear is not None:
            ear.close()
        self._ears[name] = (identity, Ear(others=False))

    def _trace(self, descriptors: "_Descriptors") -> _Ends:
        """The other end of each veth, by namespace and index.

        A namespace names the other one by an id that only it knows. Asking in the
        namespace with most veths (the node) first settles both ends of all of them,
        so that pods need not be asked.
        """
        ends: _Ends = {}
        for here in sorted(self._listings, key=lambda name: -sum(1 for _ in self._veths(name))):
            open_ends = [veth for veth in self._veths(here) if (here, veth.index) not in ends]
            if not open_ends:
                continue
            there_by_id = {}
            if any(veth.peer_namespace_id is not None for veth in open_ends):
                others = [name for name in self._listings if name != here]
                with self._directory.inside_descriptor(descriptors[here]):
                    there_by_id = _names_by_id(others, descriptors)
            for veth in open_ends:
                identifier = veth.peer_namespace_id
                there = here if identifier is None else there_by_id.get(identifier)
                if there is not None and (peer := self._listings[there].links.get(veth.peer)):
                    ends[here, veth.index] = (there, peer.link.name)
                    ends[there, veth.peer] = (here, veth.link.name)
        return ends

    def _veths(self, name: str) -> Iterator[ListedLink]:
        return (each for each in self._listings[name].links.values() if each.link.kind == _VETH)

    def _links(self, name: str) -> frozenset[Link]:
        devices = self._listings[name].links
        complete = []
        for index, found in devices.items():
            link = found.link
            if found.master in devices:
                link = replace(link, master=devices[found.master].link.name)
            if link.kind == _VETH:
                namespace, peer = self._ends.get((name, index), (None, None))
                link = replace(link, kind=Veth(peer_namespace=namespace, peer=peer))
            complete.append(link)
        return frozenset(complete)


class _Descriptors:
    """Descriptors of pinned namespaces, by name: opened when asked for, closed with the stack."""

    def __init__(self, directory: NamespaceDirectory, stack: ExitStack) -> None:
        self._directory = directory
        self._stack = stack
        self._open: dict[str, int] = {}

    def __getitem__(self, name: str) -> int:
        if name not in self._open:
            self._open[name] = self._directory.open(name)
            self._stack.callback(os.close, self._open[name])
        return self._open[name]


def _told(echoes: Iterable[bytes]) -> tuple[Heard, ...]:
    return tuple(
        Heard(None, kind, flags, data, start, end)
        for data in echoes
        for kind, flags, _, start, end in messages(data)
    )


def _apart(said: Iterable[Heard], own: Iterable[Heard]) -> bool:
    """Whether it doesn't matter which of those was first: others concern something else."""
    return not own or all(heard.kind not in OF_ROUTES for heard in said)


def _moved(before: _Ends, after: _Ends) -> set[str]:
    """Namespaces that have another device at the other end of a cable than before."""
    return {
        name
        for name, index in before.keys() | after.keys()
        if before.get((name, index)) != after.get((name, index))
    }


def _answers(listing: Listing, view: View, identity: Identity) -> bool:
    """Whether a listing is of that namespace, listened to, and of what is asked for."""
    return (
        listing.identity == identity
        and (view.namespace in LASTING or listing.namespace_id is not None)
        and listing.sysctls_asked == frozenset(view.sysctls)
        and listing.routing_policy == view.routing_policy
        and listing.asks_neighbours == view.neighbours
    )


def _names_by_id(others: Sequence[str], descriptors: "_Descriptors") -> dict[int | None, str]:
    """Other namespaces by the id that the calling thread's has for them."""
    with NetlinkSocket() as netlink:
        answers = netlink.ask([namespace_ids.question(descriptors[name]) for name in others])
    return dict(zip(map(namespace_ids.answer, answers), others, strict=True))


def _list(view: View, identity: Identity, namespace_id: int | None) -> Listing:
    """Read the namespace that the calling thread is in."""
    with NetlinkSocket() as netlink:
        devices = {found.index: found for found in netlink.dump(links.listing(), links.parse)}
        names = {index: found.link.name for index, found in devices.items()}
        found_routes = netlink.dump(routes.listing(), partial(routes.parse, names=names))
        by_key = {route.key: route for route in found_routes}
        listing = Listing(
            identity=identity,
            namespace_id=namespace_id,
            sysctls_asked=frozenset(view.sysctls),
            routing_policy=view.routing_policy,
            asks_neighbours=view.neighbours,
            links=devices,
            names=names,
            addresses=frozenset(
                netlink.dump(addresses.listing(), partial(addresses.parse, names=names))
            ),
            routes=by_key,
            exact=len(by_key) == len(found_routes),
            sysctls={
                name: value for name in view.sysctls if (value := sysctls.read(name)) is not None
            },
        )
        if view.routing_policy:
            listing.nexthops = {
                each.number: each
                for each in netlink.dump(nexthops.listing(), partial(nexthops.parse, names=names))
            }
            listing.rules = set(netlink.dump(rules.listing(), rules.parse))
        if view.neighbours:
            listing.neighbours = {
                (each.link, each.address): each
                for each in netlink.dump(
                    neighbours.listing(), partial(neighbours.parse, names=names)
                )
            }
    return listing
