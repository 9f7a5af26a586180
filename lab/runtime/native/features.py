"""What labs need of the kernel, each with a way to find out by trying.

Runs inside a capsule, in a network namespace that is nobody's. What is tried is
what hosts really do, in the same tools' own words.
"""

import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agents.kernel.processes import search_path


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """Something that the kernel may lack."""

    name: str
    needed_for: str
    option: str
    """The kernel's build option, and so the module that may have to be loaded."""
    tool: tuple[str, ...]
    """Reads `text` from stdin, and fails if the kernel refuses."""
    text: str
    required: bool = True


_IP = ("ip", "-force", "-batch", "-")
_NFT = ("nft", "-f", "-")
_IPTABLES = ("iptables-nft-restore", "--noflush")
_EBTABLES = ("ebtables-nft-restore", "--noflush")

_ANY_LAB = "deploying any lab"
_KUBENET = "clusters with kubenet"
_BRIDGE_MODE = "clusters with Azure CNI in bridge or tunnel mode"

FEATURES = (
    Feature(
        name="veth",
        needed_for=_ANY_LAB,
        option="CONFIG_VETH",
        tool=_IP,
        text="link add v0 up type veth peer name v1",
    ),
    Feature(
        name="bridge",
        needed_for=_KUBENET,
        option="CONFIG_BRIDGE",
        tool=_IP,
        text="link add b0 type bridge",
    ),
    Feature(
        name="vxlan gpe",
        needed_for=_ANY_LAB,
        option="CONFIG_VXLAN",
        tool=_IP,
        text="link add x0 up type vxlan external gpe dstport 4790",
    ),
    Feature(
        name="tunnel encapsulation by nexthop",
        needed_for=_ANY_LAB,
        option="CONFIG_LWTUNNEL",
        tool=_IP,
        text="nexthop add id 1 encap ip id 1 dst 198.18.0.10 dev x0",
    ),
    Feature(
        name="policy routing",
        needed_for=_ANY_LAB,
        option="CONFIG_IP_MULTIPLE_TABLES",
        tool=_IP,
        text="rule add pref 10 iif v0 lookup 100",
    ),
    Feature(
        name="nftables ttl",
        needed_for=_ANY_LAB,
        option="CONFIG_NF_TABLES",
        tool=_NFT,
        text=(
            "table ip t {\nchain t1 { ip ttl set 2; }\n"
            "chain c {\ntype filter hook prerouting priority mangle;\n"
            'iifname { "v0" } ip ttl vmap { 1 : jump t1 }\n}\n}\n'
        ),
    ),
    Feature(
        name="nftables snat",
        needed_for="machines with a public address",
        option="CONFIG_NFT_NAT",
        tool=_NFT,
        text=(
            "table ip n {\nchain c {\ntype nat hook postrouting priority srcnat;\n"
            'oifname "x0" snat to 192.0.2.1\n}\n}\n'
        ),
    ),
    Feature(
        name="iptables masquerade",
        needed_for=_KUBENET,
        option="CONFIG_IP_NF_TARGET_MASQUERADE",
        tool=_IPTABLES,
        text=(
            "*nat\n:T - [0:0]\n"
            '-A POSTROUTING -m comment --comment "c" -m addrtype ! --dst-type LOCAL -j T\n'
            "-A T -j MASQUERADE\nCOMMIT\n"
        ),
    ),
    Feature(
        name="ebtables",
        needed_for=_KUBENET,
        option="CONFIG_NF_TABLES_BRIDGE",
        tool=_EBTABLES,
        text=(
            "*filter\n:T ACCEPT\n-A OUTPUT -j T\n"
            "-A T -p IPv4 -s 0a:00:00:00:00:01 -o veth+ --ip-src 10.0.0.0/24 -j DROP\n"
        ),
    ),
    Feature(
        name="ebtables rewriting",
        needed_for=_BRIDGE_MODE,
        option="CONFIG_BRIDGE_EBT_ARPREPLY",
        tool=_EBTABLES,
        text=(
            "*nat\n"
            "-A PREROUTING -p IPv4 --ip-dst 10.0.0.2 -j redirect --redirect-target ACCEPT\n"
            "-A PREROUTING -p ARP --arp-op Request --arp-ip-dst 10.0.0.2 "
            "-j arpreply --arpreply-mac 0a:00:00:00:00:01 --arpreply-target DROP\n"
            "-A PREROUTING -p IPv4 -i v0 --ip-dst 10.0.0.2 "
            "-j dnat --to-dst 0a:00:00:00:00:01 --dnat-target ACCEPT\n"
            "-A POSTROUTING -s unicast -o v0 "
            "-j snat --to-src 0a:00:00:00:00:01 --snat-arp --snat-target ACCEPT\nCOMMIT\n"
        ),
        required=False,
    ),
    Feature(
        name="bridged frames in iptables",
        needed_for=f"Services of {_KUBENET}, {_BRIDGE_MODE}",
        option="CONFIG_BRIDGE_NETFILTER",
        tool=("tee", "/proc/sys/net/bridge/bridge-nf-call-iptables"),
        text="1",
        required=False,
    ),
)


def try_all(features: Sequence[Feature]) -> Mapping[str, str]:
    """What the kernel or the tool said to each, by name; empty where it works.

    Changes the network namespace it runs in.
    """
    said = _try_lines([feature for feature in features if feature.tool == _IP])
    for feature in features:
        if feature.tool != _IP:
            said[feature.name] = _try(feature.tool, feature.text)
    return said


def _try_lines(features: Sequence[Feature]) -> dict[str, str]:
    """All that `ip` is to try, in one process."""
    printed = _try(_IP, "".join(f"{feature.text}\n" for feature in features))
    return reasons_by_line([feature.name for feature in features], printed)


def reasons_by_line(names: Sequence[str], printed: str) -> dict[str, str]:
    """What ``ip -force -batch`` says to each line, from what it printed; empty: it works.

    It names a line after it has said why it failed. What no line is named for
    concerns all: it isn't there, or can't speak to the kernel at all.
    """
    said = dict.fromkeys(names, "")
    reason: list[str] = []
    for line in printed.splitlines():
        if line.startswith("Command failed -:"):
            number = int(line.rpartition(":")[2])
            said[names[number - 1]] = " ".join(reason) or "refused"
            reason = []
        else:
            reason.append(line)
    remains = " ".join(reason)
    return {name: text or remains for name, text in said.items()}


def _try(tool: Sequence[str], text: str) -> str:
    try:
        done = subprocess.run(
            tool,
            input=text,
            capture_output=True,
            text=True,
            env={"PATH": search_path(), "LC_ALL": "C"},
            timeout=10,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as problem:
        return str(problem)
    return "" if done.returncode == 0 else (done.stderr or done.stdout).strip() or "it failed"
