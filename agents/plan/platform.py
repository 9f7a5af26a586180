"""How a guest gets to the hypervisor's own services, whatever its routes say (semantics 2.4).

The switch itself has their addresses. A rule of its own comes before the guest's
tables, and answers go straight to the port: no route of the subnet is asked.
"""

from functools import lru_cache
from ipaddress import IPv4Interface, IPv4Network

from agents.objects.address import Address
from agents.objects.namespace import NamespaceObjects
from agents.objects.origin import Origin
from agents.objects.rule import LOCAL_TABLE, Rule
from agents.plan.routes import INWARD_TABLE, NIC_LINK
from lab.contract.platform import HOST_ADDRESS, METADATA_ADDRESS

LOOPBACK_LINK = "lo"

SERVICE_ADDRESSES = (HOST_ADDRESS, METADATA_ADDRESS)

_TO_SERVICES, _FROM_SERVICES = 5, 6
"""Priorities of rules: before those of what the guest sends."""


@lru_cache(maxsize=1)
def platform_objects() -> NamespaceObjects:
    """What the switch's namespace has for the services; the same for every host."""
    return NamespaceObjects(
        addresses=frozenset(
            Address(link=LOOPBACK_LINK, interface=IPv4Interface(each)) for each in SERVICE_ADDRESSES
        ),
        rules=frozenset(
            rule
            for each in SERVICE_ADDRESSES
            for rule in (
                Rule(
                    priority=_TO_SERVICES,
                    table=LOCAL_TABLE,
                    incoming=NIC_LINK,
                    destination=IPv4Network(each),
                    origin=Origin.VNETLAB,
                ),
                # What the services say: they have no device to come in through but this.
                Rule(
                    priority=_FROM_SERVICES,
                    table=INWARD_TABLE,
                    incoming=LOOPBACK_LINK,
                    source=IPv4Network(each),
                    origin=Origin.VNETLAB,
                ),
            )
        ),
    )
