"""The document of the instance metadata service (semantics 2.4).

What ``/metadata/instance`` of the real service has for a machine, as far as a lab
knows it; what it doesn't know is left out, never made up.
"""

import json
from functools import lru_cache
from typing import Any

from agents.render.interface_info import interface_addresses
from lab.contract.node_state import Address, Nic, NodeState


def instance_metadata(state: NodeState) -> str:
    """The JSON text of a host."""
    return _text(state.name, state.nic, interface_addresses(state))


@lru_cache(maxsize=512)
def _text(name: str, nic: Nic, addresses: tuple[Address, ...]) -> str:
    document: dict[str, Any] = {
        "compute": {
            "azEnvironment": "AzurePublicCloud",
            "name": name,
            "osProfile": {"computerName": name},
            "osType": "Linux",
            "provider": "Microsoft.Compute",
            "vmScaleSetName": _scale_set(name),
        },
        "network": {"interface": [_interface(nic, addresses)]},
    }
    return json.dumps(document)


def _interface(nic: Nic, addresses: tuple[Address, ...]) -> dict[str, Any]:
    subnet = nic.primary.network
    return {
        "ipv4": {
            "ipAddress": [
                {"privateIpAddress": str(each), "publicIpAddress": ""} for each in addresses
            ],
            "subnet": [{"address": str(subnet.network_address), "prefix": str(subnet.prefixlen)}],
        },
        "ipv6": {"ipAddress": []},
        "macAddress": nic.mac.replace(":", "").upper(),
    }


def _scale_set(name: str) -> str:
    """A machine of a scale set is called after it, six digits appended; empty for others."""
    found, digits = name[:-6], name[-6:]
    return found if found.endswith("-vmss") and digits.isdecimal() else ""
