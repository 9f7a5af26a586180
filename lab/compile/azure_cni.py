"""Files that Azure CNI leaves on a node: its configuration and its logs."""

import json
from collections.abc import Iterable, Mapping, Sequence
from ipaddress import IPv4Address, IPv4Network

from lab.contract.node_state import AzureCniMode, File, Pod, PodInterface

CONFLIST_PATH = "/etc/cni/net.d/10-azure.conflist"
IPAM_LOG = "/var/log/azure-vnet-ipam.log"
NETWORK_LOG = "/var/log/azure-vnet.log"
NODE_LOCAL_DNS = IPv4Address("169.254.20.10")
"""ipsToRouteViaHost (claim B8, semantics 2.4)."""
AZURE_BRIDGE = "azure0"
"""What the published configurations with a bridge call it (semantics 4.2)."""

_CONFLIST = """\
{
  "cniVersion":"0.3.0",
  "name":"azure",
  "plugins":[
    {
      "type":"azure-vnet",
      "mode":"%s",
%s      "ipsToRouteViaHost":["169.254.20.10"],
      "ipam":%s
    },
    {
      "type":"portmap",
      "capabilities":{
        "portMappings":true
      },
      "snat":true
    }
  ]
}
"""

NODE_SUBNET_IPAM = {"type": "azure-vnet-ipam"}
POD_SUBNET_IPAM = {"type": "azure-cns"}
OVERLAY_IPAM = {"type": "azure-cns", "mode": "overlay"}
"""Who hands out addresses, as the configuration says it (claims B8, C8, semantics 4.3)."""


def conflist(mode: AzureCniMode, ipam: Mapping[str, str]) -> str:
    """The plugin's configuration, as releases of that mode bring it (claims B1, B8, C8)."""
    bridge = "" if mode is AzureCniMode.TRANSPARENT else f'      "bridge":"{AZURE_BRIDGE}",\n'
    written = json.dumps(ipam, indent=2, separators=(",", ":")).replace("\n", "\n      ")
    return _CONFLIST % (mode.value, bridge, written)


def azure_files(
    mode: AzureCniMode, ipam: Mapping[str, str], pods: Iterable[Pod]
) -> tuple[File, ...]:
    """The configuration, and what the plugin logged of each of `pods` that it gave a route."""
    configuration = File(path=CONFLIST_PATH, content=conflist(mode, ipam).encode())
    interfaces = [(pod, pod.interface) for pod in pods if pod.interface is not None]
    if mode is not AzureCniMode.TRANSPARENT or not interfaces:
        return (configuration,)
    log = "".join(line for pod, interface in interfaces for line in _attached(pod, interface))
    return (configuration, File(path=NETWORK_LOG, content=log.encode()))


def pool_log(*, subnet: IPv4Network, gateway: IPv4Address, reserved: Sequence[IPv4Address]) -> File:
    """The pool that a node keeps for pods in its own subnet (claim B10)."""
    return File(path=IPAM_LOG, content=_pool_completed(subnet, gateway, reserved).encode())


def _attached(pod: Pod, interface: PodInterface) -> tuple[str, ...]:
    """Address and route of a pod (claim C9), without date and process of the real lines."""
    link, address = interface.host_interface, interface.address
    mask = f"{int(address.netmask):08x}"
    return (
        f"[cni-net] Received address for {pod.namespace}/{pod.name}: "
        f"IPAddrs:[{{{address.ip} {mask}}}] IfName:eth0.\n",
        f"[net] Creating veth pair {link} {link}2.\n",
        f"[net] Adding route for the ip {address.ip}/32\n",
        f"[net] Adding IP route {{Dst:{{IP:{address.ip} Mask:ffffffff}} Src:<nil> Gw:<nil> "
        f"Protocol:0 DevName: Scope:0 Priority:0 Table:0}} to link {link}.\n",
        f"calling setArpProxy for {link}\n",
    )


def _pool_completed(
    subnet: IPv4Network, gateway: IPv4Address, reserved: Sequence[IPv4Address]
) -> str:
    """One line, without the date, process and pointers of the real one: compiling knows none."""
    addresses = " ".join(sorted(map(str, reserved)))
    mask = f"{int(subnet.netmask):08x}"
    return (
        f"[ipam] Pool request completed with pool:&{{Id:{subnet} IfName:eth0 "
        f"Subnet:{{IP:{subnet.network_address} Mask:{mask}}} Gateway:{gateway} "
        f"Addresses:map[{addresses}] addrsByID:map[] IsIPv6:false Priority:0 RefCount:1 epoch:0}} "
        "err:<nil>.\n"
    )
