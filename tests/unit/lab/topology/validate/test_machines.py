"""Virtual machines that cannot be, and names that two machines want."""

import pytest

from tests.unit.lab.topology.labs import cluster, examined, messages


def machines(*written: str) -> str:
    return f"virtualMachines: [{', '.join(f'{{{each}}}' for each in written)}]\n"


def vm(name: str, address: str = "") -> str:
    own = f", privateIpAddress: {address}" if address else ""
    return f"name: {name}, subnet: vnet01/vlan02{own}"


@pytest.mark.parametrize(
    ("address", "accepted"),
    [
        ("10.0.4.4", True),
        ("10.0.4.254", True),
        ("10.0.4.0", False),
        ("10.0.4.3", False),
        ("10.0.4.255", False),
        ("10.0.5.4", False),
    ],
)
def test_an_address_is_one_that_the_subnet_gives_out(address: str, *, accepted: bool) -> None:
    assert (messages(machines(vm("vm1", address))) == []) is accepted


@pytest.mark.claim("B20")
def test_two_machines_do_not_have_the_same_address() -> None:
    assert messages(machines(vm("a", "10.0.4.9"), vm("b", "10.0.4.9"))) == [
        "virtual machines 'a' and 'b' have the same privateIpAddress 10.0.4.9"
    ]


def test_the_same_address_in_another_virtual_network_is_another_address() -> None:
    cloud = """
        cloud:
          virtualNetworks:
            - name: one
              addressPrefixes: [10.0.0.0/16]
              subnets: [{name: a, addressPrefix: 10.0.0.0/24}]
            - name: two
              addressPrefixes: [10.0.0.0/16]
              subnets: [{name: a, addressPrefix: 10.0.0.0/24}]
    """
    body = machines(
        "name: vm1, subnet: one/a, privateIpAddress: 10.0.0.9",
        "name: vm2, subnet: two/a, privateIpAddress: 10.0.0.9",
    )

    assert messages(body, cloud=cloud) == []


def test_names_that_differ_in_case_only_are_the_same() -> None:
    (message,) = messages(machines(vm("vm1"), vm("VM1")))

    assert message.startswith("virtual machine 'VM1' has the name of the virtual machine on line")


def test_a_machine_does_not_have_the_name_of_a_node() -> None:
    (message,) = messages(cluster() + machines(vm("aks-nodepool1-1-vmss000001")))

    assert "has the name of the node on line" in message


def test_a_machine_does_not_have_the_name_of_the_internet() -> None:
    (problem,) = examined(machines(vm("internet"))).problems

    assert problem.message.endswith("has the name of the Internet host that a lab has by default")
    assert problem.location.line > 0


def test_a_machine_may_have_that_name_if_the_internet_has_another() -> None:
    body = machines(vm("internet")) + "internet: {hosts: [{name: web, address: 203.0.113.9}]}"

    assert messages(body) == []


def test_a_clash_of_scale_sets_is_told_once_not_for_every_node() -> None:
    pool = "count: 100, subnet: vnet01/vlan01, scaleSet: aks-one-1-vmss"
    body = (
        f"clusters: [{{name: a, serviceCidr: 172.16.1.0/24, nodePools: "
        f"[{{name: one, {pool}}}, {{name: two, {pool}}}]}}]"
    )

    assert len(messages(body)) == 1
