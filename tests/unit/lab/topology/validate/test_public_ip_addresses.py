"""Public addresses and who is associated with them."""

from tests.unit.lab.topology.labs import CLOUD, messages

MACHINES = """\
virtualMachines:
  - {name: vm1, subnet: vnet01/vlan01, publicIPAddress: ip1}
  - {name: vm2, subnet: vnet01/vlan01, publicIPAddress: ip1}
"""


def told(addresses: str, body: str = "") -> list[str]:
    return messages(body, cloud=f"{CLOUD}  publicIPAddresses: [{addresses}]\n")


def test_names_are_unique() -> None:
    assert told("{name: ip1}, {name: IP1}") == [
        "there are two public addresses called 'IP1', the first on line 11"
    ]


def test_an_address_is_public_and_nobody_elses() -> None:
    assert told("{name: a, ipAddress: 10.9.0.1}, {name: b, ipAddress: 203.0.113.10}") == [
        "ipAddress 10.9.0.1 of public address 'a' is not a public one",
        "ipAddress 203.0.113.10 of public address 'b' is that of Internet host 'internet'",
    ]
    assert told("{name: a, ipAddress: 20.0.0.1}, {name: b, ipAddress: 20.0.0.1}") == [
        "ipAddress 20.0.0.1 of public address 'b' is that of public address 'a'"
    ]


def test_an_address_is_not_of_a_virtual_network() -> None:
    networks = CLOUD.replace(
        "addressPrefixes: [10.0.0.0/16]", "addressPrefixes: [10.0.0.0/16, 20.0.0.0/24]"
    )
    found = messages(cloud=f"{networks}  publicIPAddresses: [{{name: a, ipAddress: 20.0.0.1}}]\n")

    assert found == [
        "ipAddress 20.0.0.1 of public address 'a' is inside virtual network 'vnet01' (20.0.0.0/24)"
    ]


def test_an_address_has_one_user_and_has_to_be_there() -> None:
    assert told("{name: ip1}", MACHINES) == [
        "virtual machine 'vm2' refers to public address 'ip1', which virtual machine 'vm1' has "
        "already (PublicIPAddressInUse)"
    ]
    assert told("{name: ip2}", MACHINES) == [
        f"virtual machine '{name}' refers to public address 'ip1', which does not exist"
        for name in ("vm1", "vm2")
    ]


def test_an_address_that_was_refused_is_not_missed() -> None:
    found = told("{name: ip1, sku: {name: Premium}}", MACHINES)

    assert len(found) == 1
    assert "Premium" in found[0]
