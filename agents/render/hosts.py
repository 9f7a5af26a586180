"""/etc/hosts and /etc/hostname of pods, as a kubelet writes them."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address

_LOCAL = """\
# Kubernetes-managed hosts file.
127.0.0.1\tlocalhost
::1\tlocalhost ip6-localhost ip6-loopback
fe00::0\tip6-localnet
fe00::0\tip6-mcastprefix
fe00::1\tip6-allnodes
fe00::2\tip6-allrouters
"""


def hosts_file(names: Sequence[str], address: IPv4Address | IPv6Address) -> str:
    """The hosts file of a pod, or a node, that has `address` and answers to `names`."""
    return _LOCAL + "\t".join([str(address), *names]) + "\n"


def hostname_file(name: str) -> str:
    """The hostname file."""
    return f"{name}\n"
