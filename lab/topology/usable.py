"""What is left of a document once the parts that break the schema are taken out.

The rest can be built and checked further, so that a user sees every problem at
once; what was taken out is remembered, so that nobody complains about its absence.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from lab.topology.document import Document, Path, child
from lab.topology.schema import Fault

_RESOURCES = {
    "virtualNetworks",
    "subnets",
    "virtualNetworkPeerings",
    "routeTables",
    "routes",
    "networkSecurityGroups",
    "securityRules",
    "applicationSecurityGroups",
    "serviceTags",
    "publicIPAddresses",
    "natGateways",
    "loadBalancers",
    "virtualNetworkGateways",
    "localNetworkGateways",
    "connections",
    "onPremises",
    "frontendIPConfigurations",
    "backendAddressPools",
    "outboundRules",
    "loadBalancingRules",
    "probes",
    "privateDnsZones",
    "storageAccounts",
    "azureFirewalls",
    "privateEndpoints",
    "recordSets",
    "virtualNetworkLinks",
    "clusters",
    "nodePools",
    "virtualMachines",
    "hosts",
    "tests",
}
"""Lists whose entries can be left out one by one."""

_AROUND = {
    "subnets": "virtualNetworks",
    "virtualNetworkPeerings": "virtualNetworks",
    "virtualNetworks": "cloud",
    "routes": "routeTables",
    "routeTables": "cloud",
    "securityRules": "networkSecurityGroups",
    "networkSecurityGroups": "cloud",
    "applicationSecurityGroups": "cloud",
    "serviceTags": "cloud",
    "publicIPAddresses": "cloud",
    "natGateways": "cloud",
    "loadBalancers": "cloud",
    "virtualNetworkGateways": "cloud",
    "localNetworkGateways": "cloud",
    "connections": "cloud",
    "frontendIPConfigurations": "loadBalancers",
    "backendAddressPools": "loadBalancers",
    "outboundRules": "loadBalancers",
    "loadBalancingRules": "loadBalancers",
    "probes": "loadBalancers",
    "recordSets": "privateDnsZones",
    "virtualNetworkLinks": "privateDnsZones",
    "privateDnsZones": "cloud",
    "storageAccounts": "cloud",
    "azureFirewalls": "cloud",
    "privateEndpoints": "cloud",
    "nodePools": "clusters",
    "hosts": "internet",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Usable:
    """Which parts of a document fulfil the schema."""

    removed: frozenset[Path] = frozenset()
    incomplete: frozenset[str] = frozenset()
    """Keys whose value lacks something that the user wrote."""

    def keeps(self, path: Path) -> bool:
        """Whether the entry at `path` can be used."""
        return path not in self.removed

    def lacks(self, key: str) -> bool:
        """Whether the user wrote more below `key` (``subnets``, ``nodePools`` …) than is left."""
        around: str | None = key
        while around is not None:
            if around in self.incomplete:
                return True
            around = _AROUND.get(around)
        return False


def usable(document: Document, faults: Iterable[Fault]) -> Usable:
    """Decide what to take out: the smallest resource around each fault that does harm.

    A resource goes as a whole, because a default in place of what the user meant
    would cause problems that are none. A fault outside every resource costs a key of
    the file, or a key of the mapping below that.
    """
    removed = {_smallest(fault.path) for fault in faults if not fault.harmless}
    incomplete = {
        next(step for step in reversed(path) if isinstance(step, str)) for path in removed if path
    }
    if child(document.value, "cloud") is None:
        incomplete.add("cloud")
    return Usable(removed=frozenset(removed), incomplete=frozenset(incomplete))


def _smallest(path: Path) -> Path:
    """The longest beginning of `path` that ends at an entry of a list of resources."""
    ends = [
        position + 2
        for position, (around, step) in enumerate(pairwise(path))
        if around in _RESOURCES and isinstance(step, int)
    ]
    return path[: ends[-1] if ends else 2]
