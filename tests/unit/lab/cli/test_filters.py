import pytest

from lab.cli.errors import CommandFailed
from lab.cli.filters import filtered
from tests.unit.lab.cli.fake_service import INSPECTION

NODE = "aks-nodepool1-52243381-vmss000000"


def names(kind: str, **given: str) -> list[object]:
    key = "address_prefix" if kind == "routes" else "name"
    return [row[key] for row in filtered(kind, INSPECTION, given)]


def test_pods_of_a_node_or_a_namespace() -> None:
    assert len(names("pods", node=f"node/{NODE}")) == 2
    assert names("pods", node="vm1") == []
    assert names("pods", namespace="default") == ["nginx-5d49769c9-6fwlp"]


def test_routes_of_a_network_interface_are_those_of_its_subnet() -> None:
    assert names("routes", nic=NODE) == ["10.0.0.0/16", "10.244.1.0/24"]
    assert names("routes", nic="vm/vm1") == ["10.0.0.0/16"]


def test_case_does_not_count_in_the_names_of_subnets() -> None:
    assert names("routes", subnet="VNET01/vlan01") == names("routes", nic=NODE)


def test_machines_and_addresses_of_a_subnet() -> None:
    assert names("nodes", subnet="vnet01/vlan02") == ["vm1"]
    assert len(filtered("ipam", INSPECTION, {"subnet": "vnet01/vlan01"})) == 1


@pytest.mark.parametrize(
    ("kind", "given", "hint"),
    [
        ("pods", {"node": "vm2"}, "did you mean vm1?"),
        ("routes", {"subnet": "vnet01/vlan03"}, "did you mean vnet01/vlan0"),
        ("routes", {"nic": "zzz"}, "there are: "),
    ],
)
def test_what_is_not_there_is_no_empty_table(kind: str, given: dict[str, str], hint: str) -> None:
    with pytest.raises(CommandFailed, match="there is no") as refused:
        filtered(kind, INSPECTION, given)
    assert hint in refused.value.remedy
    assert refused.value.exit_code == 2


def test_the_internet_has_no_subnet() -> None:
    with pytest.raises(CommandFailed, match="is on the Internet"):
        filtered("routes", INSPECTION, {"nic": "internet"})
