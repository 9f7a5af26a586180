"""Private DNS zones that cannot be; the messages are below ``tests/rejected``."""

from tests.unit.lab.topology.labs import CLOUD, messages

LINK = "virtualNetworkLinks: [{name: a, virtualNetwork: vnet01, registrationEnabled: true}]"


def found(*zones: str) -> list[str]:
    text = "".join(f"    - {{{zone}}}\n" for zone in zones)
    return messages(cloud=f"{CLOUD}  privateDnsZones:\n{text}")


def test_a_name_may_have_records_of_several_types() -> None:
    a, txt = "aRecords: [{ipv4Address: 10.0.0.4}]", "txtRecords: [{value: [x]}]"
    assert found(f"name: a.example, recordSets: [{{name: w, {a}}}, {{name: w, {txt}}}]") == []


def test_a_network_may_be_linked_to_many_zones_and_register_in_one() -> None:
    other = "name: b.example, virtualNetworkLinks: [{name: a, virtualNetwork: vnet01}]"
    assert found(f"name: a.example, {LINK}", other) == []


def test_a_network_is_not_missed_while_one_is_broken() -> None:
    broken = CLOUD + "    - {name: vnet02}\n"
    zone = "name: a.example, virtualNetworkLinks: [{name: a, virtualNetwork: vnet02}]"
    told = messages(cloud=f"{broken}  privateDnsZones:\n    - {{{zone}}}\n")
    assert all("does not exist" not in each for each in told)
