"""The document of the instance metadata service (semantics 2.4).

What ``/metadata/instance`` of the real service has for a machine, as far as a lab
knows it; what it doesn't know is left out, never made up.
"""

import json
from typing import Any

from agents.render.interface_info import interface_addresses
from lab.contract.node_state import NodeState


def instance_metadata(state: NodeState) -> str:
    """The JSON text of a host."""
    document: dict[str, Any] = {
        "compute": {
            "azEnvironment": "AzurePublicCloud",
            "name": state.name,
            "osProfile": {"computerName": state.name},
            "osType": "Linux",
            "provider": "Microsoft.Compute",
            "vmScaleSetName": _scale_set(state.name),
        },
        "network": {"interface": [_interface(state)]},
    }
    return json.dumps(document)


def _interface(state: NodeState) -> dict[str, Any]:
    subnet = state.nic.primary.network
    return {
        "ipv4": {
            "ipAddress": [
                {"privateIpAddress": str(each), "publicIpAddress": ""}
                for each in interface_addresses(state)
            ],
            "subnet": [{"address": str(subnet.network_address), "prefix": str(subnet.prefixlen)}],
        },
        "ipv6": {"ipAddress": []},
        "macAddress": state.nic.mac.replace(":", "").upper(),
    }


def _scale_set(name: str) -> str:
    """A machine of a scale set is called after it, six digits appended; empty for others."""
    found, digits = name[:-6], name[-6:]
    return found if found.endswith("-vmss") and digits.isdecimal() else ""
