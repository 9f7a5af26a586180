"""What a machine is told about itself."""

import json
from dataclasses import replace
from typing import Any

from agents.render.instance_metadata import instance_metadata
from tests.unit.agents.states import machine


def document(name: str = "vm1") -> Any:
    return json.loads(instance_metadata(replace(machine(1), name=name)))


def test_the_network_interface_is_the_machines() -> None:
    (interface,) = document()["network"]["interface"]
    assert interface["macAddress"] == "000D3A000001"
    assert interface["ipv4"] == {
        "ipAddress": [{"privateIpAddress": "10.0.0.4", "publicIpAddress": ""}],
        "subnet": [{"address": "10.0.0.0", "prefix": "22"}],
    }


def test_a_machine_of_a_scale_set_knows_which() -> None:
    name = "aks-nodepool1-52243381-vmss000001"
    assert document(name)["compute"]["vmScaleSetName"] == "aks-nodepool1-52243381-vmss"
    assert document()["compute"]["vmScaleSetName"] == ""
