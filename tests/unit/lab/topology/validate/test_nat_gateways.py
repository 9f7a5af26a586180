"""NAT gateways and the subnets that they serve."""

from tests.unit.lab.topology.labs import CLOUD, messages

ADDRESSES = "  publicIPAddresses: [{name: ip1}, {name: ip2, sku: {name: Basic}}]\n"
SERVED = CLOUD.replace("10.0.4.0/24}", "10.0.4.0/24, natGateway: nat1}")


def told(gateways: str, cloud: str = SERVED) -> list[str]:
    return messages(cloud=f"{cloud}{ADDRESSES}  natGateways: [{gateways}]\n")


def test_a_subnet_names_one_that_is_there() -> None:
    assert told("{name: nat1, publicIpAddresses: [ip1]}") == []
    assert told("{name: nat2, publicIpAddresses: [ip1]}") == [
        "subnet 'vlan02' refers to NAT gateway 'nat1', which does not exist"
    ]


def test_its_addresses_are_there_and_of_the_standard_sku() -> None:
    assert told("{name: nat1, publicIpAddresses: [ip2]}") == [
        "public address 'ip2' of NAT gateway 'nat1' has the sku Basic"
    ]
    assert told("{name: nat1, publicIpAddresses: [ip3]}") == [
        "NAT gateway 'nat1' refers to public address 'ip3', which does not exist"
    ]


def test_it_serves_one_network() -> None:
    other = """\
    - name: vnet02
      addressPrefixes: [10.1.0.0/16]
      subnets: [{name: vlan01, addressPrefix: 10.1.0.0/24, natGateway: nat1}]
"""
    assert told("{name: nat1, publicIpAddresses: [ip1]}", SERVED + other) == [
        "NAT gateway 'nat1' serves subnets of virtual networks 'vnet01' and 'vnet02'"
    ]


def test_its_name_is_no_machines() -> None:
    """It is a host of the lab like any other."""
    found = messages(
        "virtualMachines: [{name: nat1, subnet: vnet01/vlan01}]\n",
        cloud=f"{SERVED}{ADDRESSES}  natGateways: [{{name: nat1, publicIpAddresses: [ip1]}}]\n",
    )
    assert found == ["NAT gateway 'nat1' has the name of the virtual machine on line 13"]


def test_names_are_unique() -> None:
    found = told("{name: nat1, publicIpAddresses: [ip1]}, {name: nat1, publicIpAddresses: [ip3]}")

    assert "there are two NAT gateways called 'nat1', the first on line 12" in found
