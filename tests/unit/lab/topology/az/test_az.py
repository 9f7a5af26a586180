"""Documents that ``az … -o json`` printed mean what the short form means.

The documents beside this file are written after the published output of each
command; the lab below them is the same, written by hand.
"""

import json
from pathlib import Path

import pytest

from lab.compile import Ledger, compile_lab
from lab.contract.underlay import UNDERLAY
from lab.kube.manifests import Manifests
from lab.topology.az import normalise
from lab.topology.compose import compose
from lab.topology.load import examine
from lab.topology.model import Lab
from lab.topology.sources import LabSources, SourceFile

FOLDER = Path(__file__).parent / "documents"
SHORT = """\
apiVersion: vnetlab/v1alpha1
kind: Lab
metadata: {name: pasted}
cloud:
  virtualNetworks:
    - name: vnet01
      addressPrefixes: [10.0.0.0/16]
      subnets:
        - {name: vlan01, addressPrefix: 10.0.0.0/22, routeTable: rt01}
        - {name: vlan02, addressPrefix: 10.0.4.0/24, networkSecurityGroup: nsg01}
      virtualNetworkPeerings:
        - {name: to-vnet02, remoteVirtualNetwork: vnet02, allowForwardedTraffic: true}
    - name: vnet02
      addressPrefixes: [10.1.0.0/16]
      subnets: [{name: vlan03, addressPrefix: 10.1.0.0/24, natGateway: nat01}]
      virtualNetworkPeerings: [{name: to-vnet01, remoteVirtualNetwork: vnet01}]
  routeTables:
    - name: rt01
      routes:
        - name: to-appliance
          addressPrefix: 10.9.0.0/16
          nextHopType: VirtualAppliance
          nextHopIpAddress: 10.0.4.10
        - {name: nowhere, addressPrefix: 10.8.0.0/16, nextHopType: None}
  networkSecurityGroups:
    - name: nsg01
      securityRules:
        - name: web
          priority: 200
          direction: Inbound
          access: Allow
          protocol: Tcp
          sourceAddressPrefixes: [10.0.0.0/22, 10.1.0.0/24]
          destinationApplicationSecurityGroups: [asg01]
          destinationPortRanges: [80, 443]
        - name: no-ping
          priority: 300
          direction: Inbound
          access: Deny
          protocol: Icmp
          sourceAddressPrefix: 10.1.0.0/16
  applicationSecurityGroups: [{name: asg01}]
  publicIPAddresses:
    - {name: vm1PublicIP, ipAddress: 203.0.113.77, sku: {name: Standard}}
    - {name: natPublicIP, ipAddress: 203.0.113.78, sku: {name: Standard}}
  natGateways: [{name: nat01, publicIpAddresses: [natPublicIP], idleTimeoutInMinutes: 10}]
clusters:
  - name: aks01
    networkPlugin: azure
    serviceCidr: 10.2.0.0/24
    outboundType: loadBalancer
    loadBalancerProfile: {managedOutboundIPs: {count: 1}}
    dnsServiceIP: 10.2.0.10
    nodePools:
      - {name: nodepool1, count: 2, maxPods: 30, subnet: vnet01/vlan01}
      - {name: nodepool2, count: 1, maxPods: 30, subnet: vnet01/vlan01}
virtualMachines:
  - name: vm1
    subnet: vnet01/vlan02
    privateIpAddress: 10.0.4.10
    enableIPForwarding: true
    networkSecurityGroup: nsg01
    publicIPAddress: vm1PublicIP
    applicationSecurityGroups: [asg01]
"""


def printed(name: str) -> dict[str, object]:
    document: dict[str, object] = json.loads((FOLDER / f"{name}.json").read_text("utf-8"))
    return document


def pasted() -> dict[str, object]:
    """The lab of `SHORT`, put together of nothing but what az printed."""
    peered, aks = printed("peered-vnet"), printed("aks")
    peered["subnets"] = [printed("subnet")]
    peered["virtualNetworkPeerings"] = [printed("peering")]
    pools = aks["agentPoolProfiles"]
    assert isinstance(pools, list)
    pools.append(printed("nodepool"))
    return {
        "apiVersion": "vnetlab/v1alpha1",
        "kind": "Lab",
        "metadata": {"name": "pasted"},
        "cloud": {
            "virtualNetworks": [printed("vnet"), peered],
            "routeTables": [printed("route-table")],
            "networkSecurityGroups": [printed("nsg")],
            "applicationSecurityGroups": [printed("asg")],
            "networkInterfaces": [printed("nic")],
            "publicIPAddresses": [printed("public-ip"), printed("nat-public-ip")],
            "natGateways": [printed("nat-gateway")],
        },
        "clusters": [aks],
        "virtualMachines": [printed("vm")],
    }


def read(text: str) -> Lab:
    examination = examine(LabSources(lab=SourceFile(path="lab.json", content=text.encode())))
    assert [str(problem) for problem in examination.problems] == []
    assert examination.lab is not None
    return examination.lab


def test_what_az_printed_is_the_lab_that_the_short_form_is() -> None:
    assert read(json.dumps(pasted(), indent=2)) == read(SHORT)


def test_what_az_printed_compiles_to_the_same_states() -> None:
    az, short = (
        compile_lab(read(text), Manifests(), Ledger(underlay=UNDERLAY))
        for text in (json.dumps(pasted()), SHORT)
    )

    assert {node: az.encoded(node) for node in az.nodes} == {
        node: short.encoded(node) for node in short.nodes
    }


def test_what_has_no_effect_is_passed_over_without_a_word() -> None:
    assert read(json.dumps(pasted())).warnings == ()


def test_values_keep_the_lines_where_az_wrote_them() -> None:
    text = json.dumps(pasted(), indent=2)
    (machine,) = read(text).virtual_machines
    line = next(n for n, each in enumerate(text.splitlines(), 1) if "privateIPAddress" in each)

    assert machine.at("privateIpAddress").line == line


def test_the_short_form_is_left_as_it_is() -> None:
    (document,) = compose(SourceFile(path="lab.yaml", content=SHORT.encode())).documents
    short = normalise(document)

    assert short.document.value == document.value
    assert (short.faults, short.warnings) == ((), ())


@pytest.mark.parametrize("name", sorted(path.stem for path in FOLDER.glob("*.json")))
def test_every_document_names_itself(name: str) -> None:
    """As az prints it: with the id by which others refer to it."""
    assert str(printed(name)["id"]).startswith("/subscriptions/")
