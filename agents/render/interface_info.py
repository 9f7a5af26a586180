"""The document that Azure CNI asks the host for: the addresses of the network interface.

``getinterfaceinfov1`` of semantics 2.4, as the plugin's IPAM reads it.
"""

from functools import lru_cache
from xml.sax.saxutils import quoteattr

from lab.contract.node_state import Address, Nic, NodeState, Prefix


def interface_addresses(state: NodeState) -> tuple[Address, ...]:
    """The addresses of a host's network interface, the primary one first."""
    return _addresses(state.nic.primary.ip, state.vswitch.node.addresses)


@lru_cache(maxsize=512)
def _addresses(primary: Address, prefixes: tuple[Prefix, ...]) -> tuple[Address, ...]:
    own = (address for prefix in prefixes for address in prefix)
    return (primary, *(each for each in own if each != primary))


def interface_info(state: NodeState) -> str:
    """The XML text of a host."""
    return _text(state.nic, interface_addresses(state))


@lru_cache(maxsize=512)
def _text(nic: Nic, addresses: tuple[Address, ...]) -> str:
    first, *others = addresses
    mac = nic.mac.replace(":", "").upper()
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        "<Interfaces>",
        f'  <Interface MacAddress={quoteattr(mac)} IsPrimary="true">',
        f"    <IPSubnet Prefix={quoteattr(str(nic.primary.network))}>",
        f'      <IPAddress Address="{first}" IsPrimary="true"/>',
        *(f'      <IPAddress Address="{each}" IsPrimary="false"/>' for each in others),
        "    </IPSubnet>",
        "  </Interface>",
        "</Interfaces>",
    ]
    return "".join(f"{line}\n" for line in lines)
