"""How Azure CNI attaches pods (claim B1)."""

import pytest

from lab.topology.cluster import NetworkMode
from tests.unit.lab.topology.labs import cluster, messages, parsed


@pytest.mark.claim("B1")
@pytest.mark.parametrize(
    ("properties", "mode"),
    [
        pytest.param({}, NetworkMode.TRANSPARENT, id="the newest"),
        pytest.param({"azureCNIVersion": "v1.1.8"}, NetworkMode.BRIDGE, id="before 1.2.0"),
        pytest.param({"azureCNIVersion": "1.0.33"}, NetworkMode.BRIDGE, id="long before"),
        pytest.param({"azureCNIVersion": "v1.2.0"}, NetworkMode.TRANSPARENT, id="from 1.2.0"),
        pytest.param({"azureCNIVersion": "1.10.0"}, NetworkMode.TRANSPARENT, id="10 is over 2"),
        pytest.param({"networkMode": "tunnel"}, NetworkMode.TUNNEL, id="as written"),
        pytest.param(
            {"networkMode": "bridge", "azureCNIVersion": "v1.4.0"},
            NetworkMode.BRIDGE,
            id="what is written counts",
        ),
    ],
)
def test_the_plugins_version_decides_unless_the_mode_is_written(
    properties: dict[str, str], mode: NetworkMode
) -> None:
    (found,) = parsed(cluster(networkPlugin="azure", **properties)).clusters

    assert found.network_mode is mode


def test_kubenet_has_no_mode_of_azure_cni() -> None:
    assert parsed(cluster()).clusters[0].network_mode is None
    assert messages(cluster(networkMode="bridge", azureCNIVersion="v1.1.8")) == [
        "cluster 'aks01' has networkMode bridge, which is Azure CNI's, and networkPlugin kubenet",
        "cluster 'aks01' has azureCNIVersion v1.1.8, which is Azure CNI's, and "
        "networkPlugin kubenet",
    ]


def test_a_version_has_three_numbers() -> None:
    (message,) = messages(cluster(networkPlugin="azure", azureCNIVersion='"1.1"'))

    assert message.endswith("azureCNIVersion is '1.1', which is not of the form it needs")
