"""What Azure retires comes with a warning, and the day."""

import pytest

from tests.unit.lab.topology.labs import CLOUD, cluster, parsed


def warnings(**properties: str) -> list[str]:
    return [warning.message for warning in parsed(cluster(**properties)).warnings]


def test_kubenet_is_retired() -> None:
    (message,) = warnings(networkPlugin="kubenet")

    assert "31 March 2028" in message


def test_that_kubenet_is_the_default_is_said() -> None:
    (message,) = warnings()

    assert "kubenet, the default of labs" in message


@pytest.mark.parametrize("engine", ["none", "calico"])
def test_azure_cni_is_not_retired(engine: str) -> None:
    assert warnings(networkPlugin="azure", networkPolicy=engine) == []


def test_azures_policy_manager_is_retired() -> None:
    (message,) = warnings(networkPlugin="azure", networkPolicy="azure")

    assert "30 September 2028" in message


@pytest.mark.parametrize(("sku", "warned"), [("Basic", True), ("Standard", False)])
def test_basic_addresses_are_retired(sku: str, *, warned: bool) -> None:
    cloud = CLOUD + f"  publicIPAddresses: [{{name: pip, sku: {{name: {sku}}}}}]\n"
    found = [warning.message for warning in parsed(cloud=cloud).warnings]

    assert any("30 September 2025" in message for message in found) is warned
