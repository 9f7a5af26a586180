"""Files that Azure CNI leaves on a node: its configuration and the log of its addresses."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network

from lab.contract.node_state import AzureCniMode, File

CONFLIST_PATH = "/etc/cni/net.d/10-azure.conflist"
IPAM_LOG = "/var/log/azure-vnet-ipam.log"
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
      "ipam":{
        "type":"azure-vnet-ipam"
      }
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


def conflist(mode: AzureCniMode) -> str:
    """The plugin's configuration, as releases of that mode bring it (claims B1, B8)."""
    bridge = "" if mode is AzureCniMode.TRANSPARENT else f'      "bridge":"{AZURE_BRIDGE}",\n'
    return _CONFLIST % (mode.value, bridge)


def node_subnet_files(
    *,
    mode: AzureCniMode,
    subnet: IPv4Network,
    gateway: IPv4Address,
    reserved: Sequence[IPv4Address],
) -> tuple[File, ...]:
    """The configuration (claim B8) and the pool that the node keeps for pods (claim B10)."""
    log = _pool_completed(subnet, gateway, reserved)
    return (
        File(path=CONFLIST_PATH, content=conflist(mode).encode()),
        File(path=IPAM_LOG, content=log.encode()),
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
