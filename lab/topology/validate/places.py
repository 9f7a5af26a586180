"""Whether the subnet that a node pool or machine refers to exists."""

from collections.abc import Iterator
from ipaddress import IPv4Network

from lab.topology.model import Lab
from lab.topology.problems import Problem
from lab.topology.usable import Usable
from lab.topology.virtual_network import Subnet, SubnetReference, VirtualNetwork
from lab.topology.words import nearest, some
from lab.topology.written import Written


def network_of(lab: Lab, reference: SubnetReference) -> VirtualNetwork | None:
    """The virtual network that `reference` names."""
    return next(
        (each for each in lab.cloud.virtual_networks if each.name == reference.virtual_network),
        None,
    )


def subnet_of(lab: Lab, reference: SubnetReference) -> Subnet | None:
    """The subnet that `reference` names."""
    network = network_of(lab, reference)
    subnets = network.subnets if network else ()
    return next((each for each in subnets if each.name == reference.subnet), None)


def prefix_of(lab: Lab, reference: SubnetReference) -> IPv4Network | None:
    """The prefix of the subnet that `reference` names."""
    subnet = subnet_of(lab, reference)
    return subnet.address_prefix if subnet else None


def unknown_subnet(  # noqa: PLR0913 - where, what, in which lab, and how to say it
    written: Written,
    reference: SubnetReference,
    lab: Lab,
    *,
    usable: Usable,
    who: str,
    key: str = "subnet",
) -> Iterator[Problem]:
    """A problem when `reference` of `who`, the value of `key`, names nothing."""
    network = network_of(lab, reference)
    if network is None:
        if usable.lacks("virtualNetworks"):
            return
        missing = f"no virtual network is called '{reference.virtual_network}'"
    else:
        if subnet_of(lab, reference) or usable.lacks("subnets"):
            return
        missing = f"virtual network '{network.name}' has no subnet '{reference.subnet}'"
    known = [
        f"{each.name}/{subnet.name}"
        for each in lab.cloud.virtual_networks
        for subnet in each.subnets
    ]
    guess = nearest(str(reference), known)
    yield Problem(
        written.at(key),
        f"{who} refers to '{reference}', but {missing}",
        f"did you mean '{guess}'?" if guess else f"define it, or use one of {some(known)}",
    )
