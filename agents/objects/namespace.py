"""Everything of one namespace."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from agents.objects.address import Address
from agents.objects.filter import FilterTable
from agents.objects.link import Link
from agents.objects.neighbour import Neighbour
from agents.objects.nexthop import Nexthop
from agents.objects.route import Route
from agents.objects.rule import Rule
from agents.objects.ruleset import Ruleset, RulesetName

VSWITCH_NAMESPACE = "host"
"""The virtual switch beside the node, hidden from it."""

NODE_NAMESPACE = "node"
"""The node's operating system: what a person enters."""

_POD_PREFIX = "pod-"


def pod_namespace(uid: str) -> str:
    """Name of the namespace of the pod with that uid."""
    return _POD_PREFIX + uid


def is_pod_namespace(name: str) -> bool:
    """Whether a pinned namespace is a pod's."""
    return name.startswith(_POD_PREFIX)


@dataclass(frozen=True, slots=True, kw_only=True)
class NamespaceObjects:
    """What a namespace holds, or is to hold.

    Sets, because order carries no meaning and comparison must not depend on it.
    """

    links: frozenset[Link] = frozenset()
    addresses: frozenset[Address] = frozenset()
    routes: frozenset[Route] = frozenset()
    nexthops: frozenset[Nexthop] = frozenset()
    neighbours: frozenset[Neighbour] = frozenset()
    rules: frozenset[Rule] = frozenset()
    sysctls: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """By dotted name. Observed: only those that were asked for and exist."""

    def link(self, name: str) -> Link | None:
        """The device of that name."""
        return next((link for link in self.links if link.name == name), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Desired:
    """What a namespace is to be: its objects, and its packet filter rules."""

    subject: str
    """On whose behalf, for conditions: "vswitch", "node", "pod/default/nginx-0"."""
    objects: NamespaceObjects = field(default_factory=NamespaceObjects)
    rulesets: tuple[Ruleset | FilterTable, ...] = ()
    guests: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Subjects of those devices that are here on behalf of another: ends of pods' cables."""
    alias_of: str | None = None
    """The namespace is another name for this one (a pod on the host network)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """What a namespace is."""

    objects: NamespaceObjects
    rulesets: Mapping[RulesetName, str] = field(default_factory=lambda: MappingProxyType({}))
    """Digest of each ruleset that stands in the kernel exactly as we loaded it."""
    alias_of: str | None = None
