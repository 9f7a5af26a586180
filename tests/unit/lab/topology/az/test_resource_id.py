"""What an ARM resource id names."""

import pytest

from lab.topology.az.resource_id import resource_id

GROUP = "/subscriptions/0/resourceGroups/rg/providers"


def test_a_resource_has_a_type_a_name_and_a_group() -> None:
    found = resource_id(f"{GROUP}/Microsoft.Network/routeTables/rt01")

    assert found.resource_group == "rg"
    assert found.type == "Microsoft.Network/routeTables"
    assert found.names == ("rt01",)


def test_a_resource_within_another_has_the_names_of_both() -> None:
    found = resource_id(f"{GROUP}/Microsoft.Network/virtualNetworks/vnet01/subnets/vlan01")

    assert found.is_of("Microsoft.Network/virtualNetworks/subnets")
    assert found.names == ("vnet01", "vlan01")


def test_case_counts_for_nothing() -> None:
    found = resource_id("/SUBSCRIPTIONS/0/resourcegroups/rg/Providers/microsoft.network/X/y")

    assert found.is_of("Microsoft.Network/x")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "rt01",
        "/subscriptions/0",
        "/subscriptions/0/resourceGroups/rg/providers/Microsoft.Network",
        f"{GROUP}/Microsoft.Network/routeTables",
        f"{GROUP}/Microsoft.Network/routeTables//x/y",
        f"{GROUP}/Microsoft.Network/routeTables/rt01/",
        "/a/0/b/rg/c/Microsoft.Network/routeTables/rt01",
    ],
)
def test_everything_else_is_no_id(text: str) -> None:
    with pytest.raises(ValueError, match="is no ARM resource id"):
        resource_id(text)
