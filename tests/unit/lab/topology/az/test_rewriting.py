"""From az's form to the short one, property by property."""

from typing import Any

import pytest

from lab.topology.az import Normalised, normalise
from lab.topology.compose import compose
from lab.topology.document import Value, child
from lab.topology.sources import SourceFile

GROUP = "/subscriptions/0/resourceGroups/rg/providers/Microsoft.Network"


def normalised(text: str) -> Normalised:
    (document,) = compose(SourceFile(path="lab.yaml", content=text.encode())).documents
    return normalise(document)


def network(properties: str) -> Any:
    short = normalised(f"cloud: {{virtualNetworks: [{{{properties}}}]}}")
    return child(child(child(short.document.value, "cloud"), "virtualNetworks"), 0)


def cluster(properties: str) -> Any:
    short = normalised(f"clusters: [{{{properties}}}]")
    return child(child(short.document.value, "clusters"), 0)


@pytest.mark.parametrize(
    "reference",
    [
        f"{{id: {GROUP}/virtualNetworks/vnet02, resourceGroup: rg}}",
        f"{GROUP}/virtualNetworks/vnet02",
        f"{GROUP.lower()}/VirtualNetworks/vnet02",
        "vnet02",
    ],
)
def test_a_reference_becomes_the_name(reference: str) -> None:
    found = network(f"virtualNetworkPeerings: [{{remoteVirtualNetwork: {reference}}}]")

    assert found == {"virtualNetworkPeerings": [{"remoteVirtualNetwork": "vnet02"}]}


def test_a_reference_is_spelt_as_the_resource_is() -> None:
    short = normalised(
        "cloud: {virtualNetworks: [{name: Vnet01, subnets: [{name: Vlan01}]}]}\n"
        f"virtualMachines: [{{subnet: {GROUP}/virtualNetworks/VNET01/subnets/VLAN01}}]"
    )

    assert child(short.document.value, "virtualMachines") == [{"subnet": "Vnet01/Vlan01"}]


def test_what_az_nests_is_lifted() -> None:
    assert network("addressSpace: {addressPrefixes: [10.0.0.0/16]}") == {
        "addressPrefixes": ["10.0.0.0/16"]
    }
    assert cluster("networkProfile: {networkPlugin: azure, dnsServiceIp: 10.2.0.10}") == {
        "networkPlugin": "azure",
        "dnsServiceIP": "10.2.0.10",
    }


def test_what_az_says_twice_is_said_once() -> None:
    assert cluster("networkProfile: {podCidr: 10.4.0.0/16, podCidrs: [10.4.0.0/16]}") == {
        "podCidr": "10.4.0.0/16"
    }


def test_two_answers_to_one_question_are_told() -> None:
    short = normalised("clusters: [{name: a, podCidr: 1, networkProfile: {podCidr: 2}}]")
    (fault,) = short.faults

    assert fault.path == ("clusters", 0, "podCidr")
    assert "something else than 'podCidr'" in fault.problem.message


def test_null_means_left_out_where_az_wrote_it_and_nowhere_else() -> None:
    assert network(f"id: {GROUP}/virtualNetworks/a, name: a, subnets: [{{routeTable: null}}]") == {
        "name": "a",
        "subnets": [{}],
    }
    assert network("subnets: [{routeTable: null}]") == {"subnets": [{"routeTable": None}]}


def test_pools_and_their_subnets_have_the_names_of_the_short_form() -> None:
    found = cluster(
        f"agentPoolProfiles: [{{vnetSubnetId: {GROUP}/virtualNetworks/v/subnets/nodes,"
        f" podSubnetID: {GROUP}/virtualNetworks/v/subnets/pods}}]"
    )

    assert found == {"nodePools": [{"subnet": "v/nodes", "podSubnet": "v/pods"}]}


def test_what_az_prints_of_an_overlay_is_the_short_form_of_one() -> None:
    found = cluster(
        "networkProfile: {networkPlugin: azure, networkPluginMode: overlay,"
        " podCidr: 192.168.0.0/16, podCidrs: [192.168.0.0/16], networkMode: null}"
    )

    assert found == {
        "networkPlugin": "azure",
        "networkPluginMode": "overlay",
        "podCidr": "192.168.0.0/16",
        "networkMode": None,
    }


def test_faults_are_at_places_of_the_short_form_and_lines_of_the_file() -> None:
    short = normalised(
        "clusters:\n- agentPoolProfiles:\n  - name: p\n    vnetSubnetId: /subscriptions/0\n"
    )
    (fault,) = short.faults

    assert fault.path == ("clusters", 0, "nodePools", 0, "subnet")
    assert str(fault.problem.location) == "lab.yaml:4"


def test_what_is_not_modelled_is_told_once_and_gone() -> None:
    short = normalised("cloud: {virtualNetworks: [{name: a, flowTimeoutInMinutes: 10}]}")
    (warning,) = short.warnings

    assert "flowTimeoutInMinutes" in warning.message
    assert short.faults == ()
    assert child(short.document.value, "cloud") == {"virtualNetworks": [{"name": "a"}]}


def test_what_is_not_modelled_and_changes_packets_is_refused() -> None:
    short = normalised("clusters: [{networkProfile: {ipFamilies: [IPv4, IPv6]}}]")
    (fault,) = short.faults

    assert fault.harmless
    assert "is not modelled" in fault.problem.message


@pytest.mark.parametrize("text", ["[]", "x", "cloud: []", "cloud: {virtualNetworks: [1, {}]}"])
def test_what_is_of_another_shape_is_left_for_the_schema(text: str) -> None:
    (document,) = compose(SourceFile(path="lab.yaml", content=text.encode())).documents
    value: Value = document.value

    assert normalise(document).document.value == value
