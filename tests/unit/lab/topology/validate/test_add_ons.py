"""What a cluster's network plugin has to fit."""

import pytest

from tests.unit.lab.topology.labs import cluster, messages, parsed


@pytest.mark.claim("B28")
@pytest.mark.parametrize(
    ("plugin", "engine", "accepted"),
    [
        ("kubenet", "none", True),
        ("kubenet", "calico", True),
        ("kubenet", "azure", False),
        ("azure", "azure", True),
        ("azure", "calico", True),
        ("azure", "cilium", False),
    ],
)
def test_azures_own_policy_engine_needs_azure_cni(
    plugin: str, engine: str, *, accepted: bool
) -> None:
    body = cluster(networkPlugin=plugin, networkPolicy=engine)

    assert (messages(body) == []) is accepted


@pytest.mark.claim("B28")
def test_the_refusal_has_the_name_that_aks_gives_it() -> None:
    (message,) = messages(cluster(networkPlugin="kubenet", networkPolicy="azure"))

    assert "NetworkPolicyAzureNotSupportedForKubenet" in message


@pytest.mark.claim("B27")
@pytest.mark.parametrize(("plugin", "accepted"), [("kubenet", False), ("azure", True)])
def test_virtual_nodes_need_azure_cni(plugin: str, *, accepted: bool) -> None:
    add_on = "{aciConnectorLinux: {enabled: true, config: {SubnetName: x}}}"
    body = cluster(networkPlugin=plugin, addonProfiles=add_on)

    assert (messages(body) == []) is accepted


def test_an_add_on_that_is_off_needs_nothing() -> None:
    assert messages(cluster(addonProfiles="{aciConnectorLinux: {enabled: false}}")) == []


@pytest.mark.parametrize(
    ("properties", "words"),
    [
        (
            {"networkPlugin": "azure", "addonProfiles": "{aciConnectorLinux: {enabled: true}}"},
            "no pod is placed on one",
        ),
        ({"networkPlugin": "kubenet", "networkPolicy": "calico"}, "have the bridge cbr0"),
    ],
)
def test_what_labs_do_not_have_is_told(properties: dict[str, str], words: str) -> None:
    found = [warning.message for warning in parsed(cluster(**properties)).warnings]

    assert any(words in message for message in found)


def test_no_lab_has_cilium_yet() -> None:
    (message,) = messages(cluster(networkPlugin="azure", networkDataplane="cilium"))

    assert "does not build" in message
