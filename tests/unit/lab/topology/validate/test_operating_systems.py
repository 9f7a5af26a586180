"""Windows node pools."""

import pytest

from tests.unit.lab.topology.labs import messages, parsed

LINUX = "{name: linux, count: 1, maxPods: 30, subnet: vnet01/vlan01}"


def pools(*names: str, **properties: str) -> str:
    windows = [
        f"{{name: {name}, count: 1, maxPods: 30, subnet: vnet01/vlan01, osType: Windows}}"
        for name in names
    ]
    own = {"name": "aks01", "serviceCidr": "172.16.1.0/24", **properties}
    written = ", ".join(f"{key}: {value}" for key, value in own.items())
    return f"clusters: [{{{written}, nodePools: [{', '.join([LINUX, *windows])}]}}]"


@pytest.mark.claim("B26")
def test_azure_cni_takes_windows_pools() -> None:
    lab = parsed(pools("win1", networkPlugin="azure"))

    assert [pool.os_type.value for pool in lab.clusters[0].node_pools] == ["Linux", "Windows"]


def test_that_its_nodes_are_linux_in_the_lab_is_told() -> None:
    (warning,) = parsed(pools("win1", networkPlugin="azure")).warnings

    assert "are Linux machines in the lab" in warning.message


def test_kubenet_takes_no_windows_pools() -> None:
    (message,) = messages(pools("win1", networkPlugin="kubenet"))

    assert "AzureCNIOnlyForWindows" in message


@pytest.mark.claim("D3")
def test_cilium_takes_linux_nodes_only() -> None:
    found = messages(pools("win1", networkPlugin="azure", networkDataplane="cilium"))

    assert any("Cilium takes Linux nodes only" in message for message in found)


@pytest.mark.parametrize(("name", "accepted"), [("win123", True), ("win1234", False)])
def test_names_of_windows_pools_are_short(name: str, *, accepted: bool) -> None:
    assert (messages(pools(name, networkPlugin="azure")) == []) is accepted


def test_a_cluster_needs_a_linux_pool() -> None:
    body = pools("win1", networkPlugin="azure").replace(LINUX + ", ", "")
    (message,) = messages(body)

    assert "Windows node pools only" in message
