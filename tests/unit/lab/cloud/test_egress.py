"""Which way a network interface has to the Internet."""

from ipaddress import IPv4Network

import pytest

from lab.cloud.egress import Exit, accepts_inbound, exit_of
from lab.topology.egress import PublicIPAddress, PublicIPAddressSku
from lab.topology.model import Cloud
from lab.topology.virtual_network import Subnet


@pytest.mark.parametrize(
    ("own", "default", "way"),
    [
        ("ip1", True, Exit.INSTANCE),
        ("ip1", False, Exit.INSTANCE),
        (None, True, Exit.DEFAULT),
        (None, False, Exit.NONE),
    ],
)
def test_the_first_way_that_there_is(own: str | None, default: bool, way: Exit) -> None:
    subnet = Subnet(
        name="a", address_prefix=IPv4Network("10.0.0.0/24"), default_outbound_access=default
    )

    assert exit_of(subnet, public_ip_address=own) is way


@pytest.mark.parametrize(
    ("sku", "gates", "open_"),
    [
        (PublicIPAddressSku.STANDARD, (), False),
        (PublicIPAddressSku.STANDARD, ("group",), True),
        (PublicIPAddressSku.BASIC, (), True),
    ],
)
def test_a_standard_address_needs_a_group(
    sku: PublicIPAddressSku, gates: tuple[str, ...], open_: bool
) -> None:
    address = PublicIPAddress(name="ip1", sku=sku)
    cloud = Cloud(provider="azure", virtual_networks=(), public_ip_addresses=(address,))

    assert accepts_inbound(cloud, "ip1", gates) is open_
    assert not accepts_inbound(cloud, None, gates)
