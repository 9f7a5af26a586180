"""Ways to the Internet from the words of ``az network … -o json``."""

from ipaddress import IPv4Address

from lab.topology.egress import PublicIPAddress, PublicIPAddressSku
from lab.topology.model import Lab
from tests.unit.lab.topology.labs import CLOUD, parsed


def cloud(text: str, body: str = "") -> Lab:
    return parsed(body, cloud=CLOUD + text)


def test_a_public_address_has_the_values_of_the_file() -> None:
    own = "{name: ip1, ipAddress: 198.51.100.7, sku: {name: Basic}}"
    found = cloud(f"  publicIPAddresses: [{own}, {{name: ip2}}]\n").cloud.public_ip_addresses

    assert found == (
        PublicIPAddress(
            name="ip1", ip_address=IPv4Address("198.51.100.7"), sku=PublicIPAddressSku.BASIC
        ),
        PublicIPAddress(name="ip2", ip_address=None, sku=PublicIPAddressSku.STANDARD),
    )


def test_a_machine_names_its_public_address() -> None:
    machine = "virtualMachines: [{name: vm1, subnet: vnet01/vlan01, publicIPAddress: ip1}]\n"
    found = cloud("  publicIPAddresses: [{name: ip1}]\n", machine)

    assert found.virtual_machines[0].public_ip_address == "ip1"


def test_a_subnet_has_default_outbound_access_unless_told_otherwise() -> None:
    private = CLOUD.replace("10.0.4.0/24}", "10.0.4.0/24, defaultOutboundAccess: false}")
    subnets = parsed(cloud=private).cloud.virtual_networks[0].subnets

    assert [each.default_outbound_access for each in subnets] == [True, False]
