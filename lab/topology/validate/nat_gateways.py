"""NAT gateways and the subnets that they serve (semantics 2.6)."""

from collections.abc import Iterator

from lab.topology.egress import NatGateway, PublicIPAddressSku
from lab.topology.model import Lab
from lab.topology.problems import Problem
from lab.topology.usable import Usable
from lab.topology.validate.duplicates import duplicates
from lab.topology.virtual_network import Subnet
from lab.topology.words import nearest


def check(lab: Lab, usable: Usable) -> Iterator[Problem]:
    """Problems of the cloud's NAT gateways."""
    gateways = {gateway.name: gateway for gateway in lab.cloud.nat_gateways}
    yield from duplicates(lab.cloud.nat_gateways, "NAT gateway")
    for gateway in gateways.values():
        yield from _skus(gateway, lab)
    first: dict[str, str] = {}
    for network in lab.cloud.virtual_networks:
        for subnet in network.subnets:
            wanted = subnet.nat_gateway
            if wanted is None:
                continue
            if wanted not in gateways:
                if not usable.lacks("natGateways"):
                    yield _unknown(subnet, wanted, gateways)
            elif (before := first.setdefault(wanted, network.name)) != network.name:
                yield Problem(
                    subnet.at("natGateway"),
                    f"NAT gateway '{wanted}' serves subnets of virtual networks '{before}' and "
                    f"'{network.name}'",
                    f"define another NAT gateway for '{network.name}': each serves one network",
                )


def _unknown(subnet: Subnet, wanted: str, known: dict[str, NatGateway]) -> Problem:
    guess = nearest(wanted, known)
    return Problem(
        subnet.at("natGateway"),
        f"subnet '{subnet.name}' refers to NAT gateway '{wanted}', which does not exist",
        f"did you mean '{guess}'?" if guess else f"define '{wanted}' under cloud.natGateways",
    )


def _skus(gateway: NatGateway, lab: Lab) -> Iterator[Problem]:
    basic = {
        each.name for each in lab.cloud.public_ip_addresses if each.sku is PublicIPAddressSku.BASIC
    }
    for name in gateway.public_ip_addresses:
        if name in basic:
            yield Problem(
                gateway.at("publicIpAddresses"),
                f"public address '{name}' of NAT gateway '{gateway.name}' has the sku Basic",
                "write sku: {name: Standard}: a NAT gateway takes no other",
            )
