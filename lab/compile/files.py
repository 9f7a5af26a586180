"""Files of a host's operating system that tools and people read.

Compiling is their only author: what a plugin or a runtime would leave behind on the
real node, such as leases, follows from the same state as the kernel's part.
"""

import base64
import json
from functools import lru_cache

from lab.contract.node_state import Address, File, Kubenet, Pod, PodInterface, Prefix
from lab.contract.platform import HOST_ADDRESS
from lab.kube.identity import sandbox_id
from lab.remembering import remembering

CONFLIST_PATH = "/etc/cni/net.d/10-containerd-net.conflist"
LEASES = "/var/lib/cni/networks/kubenet"
RESULTS = "/var/lib/cni/results"
POD_INTERFACE = "eth0"

_CONFLIST = """\
{
  "cniVersion": "0.3.1",
  "name": "kubenet",
  "plugins": [{
    "type": "bridge",
    "bridge": "cbr0",
    "mtu": 1500,
    "addIf": "eth0",
    "isGateway": true,
    "ipMasq": false,
    "promiscMode": true,
    "hairpinMode": false,
    "ipam": {
      "type": "host-local",
      "subnet": "%s",
      "routes": [{ "dst": "0.0.0.0/0" }]
    }
  },
  {
    "type": "portmap",
    "capabilities": {"portMappings": true},
    "externalSetMarkChain": "KUBE-MARK-MASQ"
  }]
}
"""

_HOSTS = """\
127.0.0.1 localhost

# The following lines are desirable for IPv6 capable hosts
::1 ip6-localhost ip6-loopback
fe00::0 ip6-localnet
ff00::0 ip6-mcastprefix
ff02::1 ip6-allnodes
ff02::2 ip6-allrouters
ff02::3 ip6-allhosts
"""

_RESOLV_CONF = f"""\
nameserver {HOST_ADDRESS}
search %s
"""
"""What systemd-resolved keeps for programs that ask by themselves, and kubelet reads."""

_NO_RESOLVER = """\
nameserver 127.0.0.53
options edns0 trust-ad
search .
"""
"""Where no cloud has a resolver: Ubuntu's, which points to one on the machine itself. None
is there, so a lookup fails at once instead of making every tool wait."""


def conflist(pod_cidr: Prefix) -> str:
    """The network configuration that kubenet leaves on a node (claim A9)."""
    return _CONFLIST % pod_cidr


@lru_cache(maxsize=1024)
def host_files(name: str, address: Address, *, dns_suffix: str) -> tuple[File, ...]:
    """What every host has; `dns_suffix` empty: no name server is there for it."""
    return (
        _file("/etc/hostname", f"{name}\n"),
        _file("/etc/hosts", f"{_HOSTS}\n{address} {name}\n"),
        _file("/etc/resolv.conf", _RESOLV_CONF % dns_suffix if dns_suffix else _NO_RESOLVER),
    )


@remembering(by=lambda kubenet, pods: kubenet.bridge_interface, maxsize=1024)
def kubenet_files(kubenet: Kubenet, pods: tuple[Pod, ...]) -> tuple[File, ...]:
    """What kubenet's plugins leave on a node that runs `pods` (claims A1, A9, K3).

    host-local: a file per lease called after the address, the last address it handed
    out, and its lock. libcni: what each ADD returned.
    """
    configuration = conflist(kubenet.pod_cidr)
    files = [_file(CONFLIST_PATH, configuration), _file(f"{LEASES}/lock", "")]
    if kubenet.last_reserved_address is not None:
        files.append(_file(f"{LEASES}/last_reserved_ip.0", f"{kubenet.last_reserved_address}"))
    encoded = base64.b64encode(configuration.encode()).decode()
    for pod in pods:
        if pod.interface is not None:
            sandbox = sandbox_id(pod.uid)
            files.append(
                _file(f"{LEASES}/{pod.interface.address.ip}", f"{sandbox}\r\n{POD_INTERFACE}")
            )
            files.append(
                _file(
                    f"{RESULTS}/kubenet-{sandbox}-{POD_INTERFACE}",
                    _cached_result(pod, pod.interface, bridge=kubenet.bridge, config=encoded),
                )
            )
    return tuple(files)


def _cached_result(pod: Pod, interface: PodInterface, *, bridge: str, config: str) -> str:
    """libcni's cache entry of a pod, but for hardware addresses that the kernel chooses."""
    sandbox = sandbox_id(pod.uid)
    result = {
        "cniVersion": "0.3.1",
        "dns": {},
        "interfaces": [
            {"name": bridge},
            {"name": interface.host_interface},
            {
                "mac": interface.mac,
                "name": POD_INTERFACE,
                "sandbox": f"/var/run/netns/cni-{pod.uid}",
            },
        ],
        "ips": [
            {
                "address": str(interface.address),
                "gateway": str(interface.gateway),
                "interface": 2,
                "version": "4",
            }
        ],
        "routes": [{"dst": "0.0.0.0/0"}],
    }
    entry = {
        "kind": "cniCacheV1",
        "containerId": sandbox,
        "config": config,
        "ifName": POD_INTERFACE,
        "networkName": "kubenet",
        "cniArgs": [
            ["K8S_POD_NAMESPACE", pod.namespace],
            ["K8S_POD_NAME", pod.name],
            ["K8S_POD_INFRA_CONTAINER_ID", sandbox],
            ["IgnoreUnknown", "1"],
        ],
        "result": result,
    }
    return json.dumps(entry, separators=(",", ":"))


def _file(path: str, text: str) -> File:
    return File(path=path, content=text.encode())
