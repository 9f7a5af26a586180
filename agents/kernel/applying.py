"""Executes operations: runs of one namespace as batches, every refusal brought home."""

import errno
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, suppress
from itertools import groupby
from random import getrandbits

from agents.kernel import addresses, carrier, links, neighbours, rules, sysctls
from agents.kernel.door import Failure
from agents.kernel.errors import KernelError, NamespaceMissing
from agents.kernel.namespaces import NamespaceDirectory
from agents.kernel.netlink import NetlinkSocket, Request
from agents.kernel.open_namespaces import OpenNamespaces
from agents.kernel.route_changes import is_of_a_route, route_request
from agents.kernel.rulesets import Rulesets
from agents.objects.address import Address
from agents.objects.link import Link, VethPair
from agents.objects.neighbour import Neighbour
from agents.objects.nexthop import Nexthop
from agents.objects.route import Route
from agents.objects.rule import Rule
from agents.objects.ruleset import RulesetTool
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

_OF_THE_SWITCH = (RulesetTool.NFT, RulesetTool.NF_TABLES)
"""What guards a virtual switch; a node's own rules are between it and its pods."""


def apply(
    directory: NamespaceDirectory,
    rulesets: Rulesets,
    opened: OpenNamespaces,
    operations: Sequence[Operation],
) -> list[Failure]:
    """Execute in order; which operations failed?"""
    with ExitStack() as stack:
        application = _Application(directory, rulesets, opened, stack)
        for _, run in groupby(operations, key=_run_key):
            application.execute(list(run))
        application.settle(operations)
    # What is refused before it is sent (an unknown device) is known earlier than the rest.
    order = {id(operation): position for position, operation in enumerate(operations)}
    return sorted(application.failures, key=lambda failure: order[id(failure.operation)])


def _run_key(operation: Operation) -> tuple[str, bool]:
    return operation.namespace, isinstance(operation, RemoveNamespace)


class _Application:
    def __init__(
        self,
        directory: NamespaceDirectory,
        rulesets: Rulesets,
        opened: OpenNamespaces,
        stack: ExitStack,
    ) -> None:
        self.failures: list[Failure] = []
        self._opened = opened
        self._directory = directory
        self._rulesets = rulesets
        self._stack = stack
        self._descriptors: dict[str, int] = {}
        self._barred: dict[str, str] = {}
        """Namespaces where no more is done, and why: nothing may pass without its rules."""

    def execute(self, operations: Sequence[Operation]) -> None:
        """Execute operations of one namespace."""
        first, rest = operations[0], operations[1:]
        if first.namespace in self._barred:
            self._refuse(operations, self._barred[first.namespace])
            return
        match first:
            case RemoveNamespace():
                for operation in operations:
                    self._attempt(operation, self._remove, operation.namespace)
            case CreateNamespace(alias_of=None):
                self._inside(self._directory.inside_new(first.namespace), rest, entering=first)
            case CreateNamespace(alias_of=target):
                self._attempt(first, self._directory.alias, first.namespace, target)
            case LoadRuleset() if self._reaches(operations):
                self.load(operations, inside=False)
            case _ if not any(map(_needs_the_thread, operations)) and (
                netlink := self._opened.socket(first.namespace)
            ):
                _Run(netlink, self).execute(operations)
            case _:
                self._inside(self._directory.inside(first.namespace), operations)

    def _reaches(self, operations: Sequence[Operation]) -> bool:
        """Whether nobody has to be in the namespace: all are tables that the agent writes."""
        namespace = operations[0].namespace
        if any(_tool(operation) is not RulesetTool.NF_TABLES for operation in operations):
            return False
        identity = self._directory.identity(namespace)
        return identity is not None and self._rulesets.reaches(namespace, identity)

    def _inside(
        self,
        namespace: AbstractContextManager[None],
        operations: Sequence[Operation],
        entering: Operation | None = None,
    ) -> None:
        entered = False
        try:
            with namespace, NetlinkSocket() as netlink:
                entered = True
                _Run(netlink, self).execute(operations)
        except NamespaceMissing as missing:
            self._refuse(operations, str(missing), errno.ENOENT)
        except OSError as refusal:
            if entered:
                raise
            if entering:
                self._refuse([entering], str(refusal), refusal.errno or 0)
            self._refuse(operations, f"not in the namespace: {refusal}", errno.ENOENT)

    def settle(self, operations: Sequence[Operation]) -> None:
        """Have the devices of `operations` able to send, both ends of every pair."""
        for namespace in {each.namespace for each in operations if _makes_link(each)}:
            with suppress(NamespaceMissing), self._directory.inside(namespace):
                carrier.settle()

    def descriptor(self, namespace: str) -> int:
        """An open descriptor of another namespace, for a veth's peer."""
        if namespace not in self._descriptors:
            descriptor = self._directory.open(namespace)
            self._stack.callback(os.close, descriptor)
            self._descriptors[namespace] = descriptor
        return self._descriptors[namespace]

    def load(self, operations: Sequence[Operation], *, inside: bool = True) -> str:
        """Load rulesets of one tool in one go; why nothing else may be done, if so.

        `inside`: the thread is in their namespace.
        """
        namespace = operations[0].namespace
        loads = [operation for operation in operations if isinstance(operation, LoadRuleset)]
        rulesets = [load.ruleset for load in loads]
        try:
            if inside:
                self._rulesets.load(namespace, self._directory.pin(namespace), rulesets)
            else:
                self._rulesets.write(namespace, rulesets)
        except KernelError as failure:
            self._refuse(operations, str(failure))
            name = rulesets[0].name
            if RulesetTool(name.tool) in _OF_THE_SWITCH:
                self._barred[namespace] = f"not done: {name} could not be loaded"
        return self._barred.get(namespace, "")

    def refuse(self, operation: Operation, error: str, code: int = 0) -> None:
        """Note a failure."""
        self.failures.append(Failure(operation=operation, error=error, code=code))

    def _refuse(self, operations: Sequence[Operation], error: str, code: int = 0) -> None:
        for operation in operations:
            self.refuse(operation, error, code)

    def _remove(self, namespace: str) -> None:
        self._directory.remove(namespace)
        self._rulesets.forget(namespace)

    def _attempt(self, operation: Operation, act: Callable[..., None], *arguments: object) -> None:
        try:
            act(*arguments)
        except OSError as refusal:
            self.refuse(operation, str(refusal), refusal.errno or 0)


class _Run:
    """Operations of one namespace.

    The thread is in it where one of them `_needs_the_thread`: for all others it is enough
    that the socket is.
    """

    def __init__(self, netlink: NetlinkSocket, application: _Application) -> None:
        self._netlink = netlink
        self._application = application
        self._pending: list[tuple[Operation, Request]] = []
        self._indexes: dict[str, int] = {}
        self._devices_pending = False

    def execute(self, operations: Sequence[Operation]) -> None:
        barred = ""
        for group in _groups(operations):
            first = group[0]
            if barred:
                for operation in group:
                    self._application.refuse(operation, barred)
            elif isinstance(first, LoadRuleset):
                self._flush()
                barred = self._application.load(group)
            elif _removed_link(first) is not None and len(group) > 1:
                self._flush()
                self._remove_together(group)
            else:
                for operation in group:
                    self._one(operation)
        self._flush()

    def _remove_together(self, operations: Sequence[Operation]) -> None:
        group = getrandbits(31)  # nobody else's: a fixed number could be
        doomed = [
            (operation, links.doom(link, group))
            for operation in operations
            if (link := _removed_link(operation)) is not None
        ]
        self._pending = doomed
        self._flush()
        self._indexes.clear()
        for refusal in self._netlink.execute([links.remove_doomed(group)]):
            if refusal.code != errno.ENODEV:  # all of them had gone already
                for operation in operations:
                    self._application.refuse(operation, str(refusal), refusal.code)

    def _one(self, operation: Operation) -> None:
        try:
            if isinstance(operation, SetSysctl):
                self._flush()
                sysctls.write(operation.name, operation.value)
            else:
                request = self._request(operation)  # may flush what is pending
                self._pending.append((operation, request))
        except OSError as refusal:
            self._application.refuse(
                operation, f"{refusal.strerror} ({operation})", refusal.errno or 0
            )
        except NamespaceMissing as missing:
            self._application.refuse(operation, str(missing), errno.ENOENT)

    def _request(self, operation: Operation) -> Request:
        if is_of_a_route(operation):
            return route_request(operation, self._index)
        match operation:
            case Add(value=value):
                return self._addition(value)
            case Change(value=Link() as link, previous=Link() as previous):
                master = self._index(link.master) if link.master else 0
                return links.change(link, previous, master)
            case Change(value=Neighbour() as neighbour):
                return neighbours.add(neighbour, self._index(neighbour.link))
            case Remove(value=value):
                return self._removal(value)
        raise ValueError(f"not an operation inside a namespace: {operation}")

    def _addition(self, value: Addition) -> Request:
        match value:
            case Link():
                self._devices_pending = True
                request = links.add(value)
            case VethPair():
                self._devices_pending = True
                request = links.add_pair(value, self._peer_descriptor(value))
            case Address():
                request = addresses.add(value, self._index(value.link))
            case Neighbour():
                request = neighbours.add(value, self._index(value.link))
            case Rule():
                request = rules.add(value)
            case Route() | Nexthop():
                raise ValueError(f"made by route_request: {value}")
        return request

    def _removal(self, value: Removal) -> Request:
        match value:
            case Link():
                self._devices_pending = True
                self._indexes.pop(value.name, None)
                return links.remove(value)
            case Address():
                return addresses.remove(value, self._index(value.link))
            case Neighbour():
                return neighbours.remove(value, self._index(value.link))
            case Rule():
                return rules.remove(value)
            case Route() | Nexthop():
                raise ValueError(f"removed by route_request: {value}")

    def _peer_descriptor(self, pair: VethPair) -> int | None:
        namespace = getattr(pair.link.kind, "peer_namespace", None)
        return None if namespace is None else self._application.descriptor(namespace)

    def _index(self, name: str) -> int:
        """Index of a device; devices that are still to be made or removed come first.

        Raises:
            OSError: ENODEV.
        """
        if self._devices_pending:
            self._flush()
        if name not in self._indexes:
            try:
                self._indexes[name] = links.index_of(name, self._netlink)
            except OSError as unknown:
                raise OSError(errno.ENODEV, f"no device {name}") from unknown
        return self._indexes[name]

    def _flush(self) -> None:
        pending, self._pending = self._pending, []
        self._devices_pending = False
        if not pending:
            return
        for refusal in self._netlink.execute([request for _, request in pending]):
            self._application.refuse(pending[refusal.index][0], str(refusal), refusal.code)


def _needs_the_thread(operation: Operation) -> bool:
    """Whether something else than netlink does it: a file of /proc, a tool."""
    return isinstance(operation, SetSysctl | LoadRuleset)


def _groups(operations: Sequence[Operation]) -> Iterator[list[Operation]]:
    """Consecutive loads of one tool together, consecutive removals of devices too."""
    for _, group in groupby(operations, key=_group_key):
        yield list(group)


def _group_key(operation: Operation) -> str | None:
    if isinstance(operation, LoadRuleset):
        return operation.ruleset.name.tool
    return "devices" if _removed_link(operation) is not None else None


def _tool(operation: Operation) -> RulesetTool | None:
    return RulesetTool(operation.ruleset.name.tool) if isinstance(operation, LoadRuleset) else None


def _makes_link(operation: Operation) -> bool:
    match operation:
        case Add(value=Link() | VethPair()) | Change(value=Link()):
            return True
        case _:
            return False


def _removed_link(operation: Operation) -> Link | None:
    match operation:
        case Remove(value=Link() as link):
            return link
        case _:
            return None
