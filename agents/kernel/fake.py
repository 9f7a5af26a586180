"""A kernel in memory: the door's other implementation, for tests of what stands before it.

It answers as Linux does, and the same contract suite runs against both
(tests/kernel/test_door_contract.py). It knows what follows from what: a
namespace takes its cables along, a device its addresses and routes, a nexthop
its routes. It carries no packets.
"""

import errno
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import count

from agents.kernel.door import Failure, View
from agents.kernel.fake_namespace import FakeNamespace, Refusal
from agents.objects.link import Link, Loopback, Veth, VethPair, VxlanGpe
from agents.objects.namespace import NamespaceObjects, Observed
from agents.plan.operations import (
    Add,
    Change,
    CreateNamespace,
    LoadRuleset,
    Operation,
    Remove,
    RemoveNamespace,
    SetSysctl,
)

_DEFAULT_MTU = 1500


class FakeKernel:
    """Implements `agents.kernel.door.Kernel`."""

    def __init__(self, namespaces: Sequence[str] = ()) -> None:
        """`namespaces`: pinned from the start, as a runtime prepares a host."""
        self._namespaces = {name: FakeNamespace() for name in namespaces}
        self._aliases: dict[str, str] = {}
        self._macs = count(0x020000000001)
        self.applied: list[Operation] = []
        """Every operation that succeeded, in order."""

    def namespaces(self) -> frozenset[str]:
        """All names; an alias only while what it leads to is there."""
        aliases = [name for name, target in self._aliases.items() if target in self._namespaces]
        return frozenset([*self._namespaces, *aliases])

    def observe(self, views: Sequence[View], *, afresh: bool = False) -> Mapping[str, Observed]:
        """What the views ask for, each time anew."""
        del afresh
        seen = {view.namespace for view in views}
        observed = {}
        for view in views:
            name = view.namespace
            if name in self._aliases:
                observed[name] = Observed(objects=NamespaceObjects(), alias_of=self._aliases[name])
            elif name in self._namespaces:
                found = self._namespaces[name].observed(view)
                links = frozenset(_traced(link, seen) for link in found.objects.links)
                observed[name] = replace(found, objects=replace(found.objects, links=links))
        return observed

    def apply(self, operations: Sequence[Operation]) -> Sequence[Failure]:
        """One after the other."""
        failures = []
        unmade = None
        for operation in operations:
            try:
                if operation.namespace == unmade and not isinstance(operation, RemoveNamespace):
                    raise Refusal(errno.ENOENT, "not in the namespace")  # noqa: TRY301
                unmade = None
                self._apply(operation)
                self.applied.append(operation)
            except Refusal as refusal:
                if isinstance(operation, CreateNamespace):
                    unmade = operation.namespace
                failure = Failure(operation=operation, error=str(refusal), code=refusal.code)
                failures.append(failure)
        return failures

    def close(self) -> None:
        """Nothing is held."""

    def _apply(self, operation: Operation) -> None:
        namespace = operation.namespace
        match operation:
            case CreateNamespace(alias_of=target):
                self._create(namespace, target)
            case RemoveNamespace():
                self._remove_namespace(namespace)
            case Add(value=VethPair() as pair):
                self._add_pair(namespace, pair)
            case Add(value=Link() as link):
                self._add_link(namespace, link)
            case Add(value=value):
                self._space(namespace).add(value)  # type: ignore[arg-type]
            case Change(value=Link() as link):
                self._space(namespace).change(link)
            case Change(value=value):
                self._space(namespace).put(value)  # type: ignore[arg-type]
            case Remove(value=Link() as link):
                self._remove_link(namespace, link.name)
            case Remove(value=value):
                self._space(namespace).remove(value)  # type: ignore[arg-type]
            case SetSysctl(name=name, value=text):
                self._space(namespace).set_sysctl(name, text)
            case LoadRuleset(ruleset=ruleset):
                self._space(namespace).load(ruleset)

    def _create(self, name: str, alias_of: str | None) -> None:
        if name in self._namespaces or name in self._aliases:
            raise Refusal(errno.EEXIST)
        if alias_of is None:
            self._namespaces[name] = FakeNamespace()
        else:
            self._aliases[name] = alias_of

    def _remove_namespace(self, name: str) -> None:
        if self._aliases.pop(name, None) is not None:
            return
        for link in list(self._space(name).links.values()):
            if not isinstance(link.kind, Loopback):
                self._remove_link(name, link.name)
        del self._namespaces[name]

    def _space(self, name: str) -> FakeNamespace:
        name = self._aliases.get(name, name)
        if name not in self._namespaces:
            raise Refusal(errno.ENOENT, f"no network namespace {name}")
        return self._namespaces[name]

    def _add_link(self, namespace: str, link: Link) -> None:
        space = self._space(namespace)
        if link.name in space.links:
            raise Refusal(errno.EEXIST)
        space.links[link.name] = self._new(link)

    def _add_pair(self, namespace: str, pair: VethPair) -> None:
        kind = pair.link.kind
        if not isinstance(kind, Veth) or kind.peer_namespace is None:
            raise Refusal(errno.EINVAL)
        here, there = self._space(namespace), self._space(kind.peer_namespace)
        if pair.link.name in here.links or pair.peer.name in there.links:
            raise Refusal(errno.EEXIST)
        here.links[pair.link.name] = replace(self._new(pair.link), up=False)
        back = Veth(peer_namespace=namespace, peer=pair.link.name)
        there.links[pair.peer.name] = replace(self._new(pair.peer), kind=back, up=False)

    def _new(self, link: Link) -> Link:
        mac = link.mac
        if mac is None and not isinstance(link.kind, VxlanGpe):
            mac = next(self._macs).to_bytes(6, "big").hex(":")
        return replace(link, mac=mac, mtu=link.mtu or _DEFAULT_MTU, master="")

    def _remove_link(self, namespace: str, name: str) -> None:
        space = self._space(namespace)
        kind = space.device(name).kind
        if isinstance(kind, Loopback):
            raise Refusal(errno.EOPNOTSUPP)
        space.remove_device(name)
        if isinstance(kind, Veth) and kind.peer_namespace and kind.peer:
            self._space(kind.peer_namespace).remove_device(kind.peer)


def _traced(link: Link, seen: set[str]) -> Link:
    """A cable's other end is only known where it is looked at as well."""
    if isinstance(link.kind, Veth) and link.kind.peer_namespace not in seen:
        return replace(link, kind=Veth(peer_namespace=None, peer=None))
    return link
