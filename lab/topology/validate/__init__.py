"""What cannot be, although every value by itself is well formed.

One module per noun, each a generator of problems; together they report everything
at once. What takes a single value to tell is the schema's affair, and what takes
the pods of a cluster to tell is that of `lab.kube`.
"""

from lab.topology.model import Lab
from lab.topology.problems import Problem
from lab.topology.usable import Usable
from lab.topology.validate import (
    capacity,
    clusters,
    expectations,
    firewalls,
    gateways,
    internet,
    load_balancers,
    machines,
    nat_gateways,
    outbound_types,
    peerings,
    private_dns,
    private_link,
    public_ip_addresses,
    retirements,
    route_tables,
    security_groups,
    virtual_networks,
)

COMPLETE = Usable()

_CHECKS = (
    virtual_networks.check,
    peerings.check,
    route_tables.check,
    security_groups.check,
    clusters.check,
    machines.check,
    capacity.check,
    internet.check,
    public_ip_addresses.check,
    nat_gateways.check,
    load_balancers.check,
    gateways.check,
    outbound_types.check,
    private_dns.check,
    private_link.check,
    firewalls.check,
    expectations.check,
)


_WARNINGS = (
    capacity.warnings,
    clusters.warnings,
    retirements.warnings,
)


def warnings(lab: Lab) -> tuple[Problem, ...]:
    """What of `lab` works, but not as in Azure, or not for long."""
    return tuple(warning for each in _WARNINGS for warning in each(lab))


def validate(lab: Lab, usable: Usable = COMPLETE) -> tuple[Problem, ...]:
    """Every problem of `lab`; what `usable` says was taken out is not missed."""
    return tuple(problem for check in _CHECKS for problem in check(lab, usable))
