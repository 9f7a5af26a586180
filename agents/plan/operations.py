"""What can be done to a host: the whole vocabulary of a plan.

Every operation says what it acts on, why (`reason`, for a person), and on whose
behalf (`subject`, the object whose condition a failure turns). Printed, a plan
reads as a list of sentences.
"""

from dataclasses import dataclass

from agents.objects.address import Address
from agents.objects.filter import FilterTable
from agents.objects.link import Link, VethPair
from agents.objects.neighbour import Neighbour
from agents.objects.nexthop import Nexthop
from agents.objects.route import Route
from agents.objects.rule import Rule
from agents.objects.ruleset import Ruleset

Addition = Link | VethPair | Address | Route | Nexthop | Neighbour | Rule
Replacement = Link | Route | Nexthop | Neighbour
Removal = Link | Address | Route | Nexthop | Neighbour | Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """What all operations have."""

    namespace: str
    subject: str
    """For example "vswitch", "node", "pod/default/nginx-0"."""
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateNamespace(Operation):
    """Make and pin a namespace, or another name for one."""

    alias_of: str | None = None

    def __str__(self) -> str:
        return f"create namespace {self.namespace}: {self.reason}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveNamespace(Operation):
    """Unpin a namespace: the kernel ends it and what is in it."""

    def __str__(self) -> str:
        return f"remove namespace {self.namespace}: {self.reason}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Add(Operation):
    """Make an object that is not there."""

    value: Addition

    def __str__(self) -> str:
        return f"add {self.value} in {self.namespace}: {self.reason}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change(Operation):
    """Turn an object into another of the same identity, without an absence in between."""

    value: Replacement
    previous: Replacement

    def __str__(self) -> str:
        return f"change {self.previous} to {self.value} in {self.namespace}: {self.reason}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Remove(Operation):
    """Take an object away."""

    value: Removal

    def __str__(self) -> str:
        return f"remove {self.value} in {self.namespace}: {self.reason}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SetSysctl(Operation):
    """Write a sysctl of the namespace."""

    name: str
    """Dotted, below ``net.``."""
    value: str

    def __str__(self) -> str:
        return f"set {self.name}={self.value} in {self.namespace}: {self.reason}"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadRuleset(Operation):
    """Put a ruleset in force in place of what stands under its name."""

    ruleset: Ruleset | FilterTable

    def __str__(self) -> str:
        return f"load {self.ruleset.name} in {self.namespace}: {self.reason}"
