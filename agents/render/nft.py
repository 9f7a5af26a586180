"""The virtual switch's own table: anti-spoofing, the gateway, and the way to the Internet."""

from ipaddress import IPv4Address, IPv6Address

from agents.objects.ruleset import Ruleset, RulesetName, RulesetTool
from lab.contract.node_state import Nic

VSWITCH_TABLE = RulesetName(tool=RulesetTool.NFT.value, table="ip vnetlab")


def vswitch_ruleset(nic: Nic, *, nic_link: str, internet_link: str) -> Ruleset:
    """What the switch does to packets of its one NIC, beside routing them."""
    address = nic.primary.ip
    public = nic.public_address
    from_nic = [f"ip daddr {nic.gateway} drop", "ip daddr { 224.0.0.0/4, 255.255.255.255 } drop"]
    to_nic = []
    if not nic.enable_ip_forwarding:
        from_nic.append(f"ip saddr != {address} drop")
        to_nic.append(f"ip daddr != {address} drop")
    if public is not None and public != address:
        # A stranger's packet to the public address; answers have been translated back by now.
        to_nic.append(f"ip daddr {public} drop")
    return Ruleset(
        name=VSWITCH_TABLE,
        rules=(
            # Before connection tracking: a refused packet leaves no trace.
            *_chain("from_nic", "filter hook prerouting priority raw",
                    [f'iifname "{nic_link}" {rule}' for rule in from_nic]),
            *_chain("to_nic", "filter hook forward priority filter",
                    [f'oifname "{nic_link}" {rule}' for rule in to_nic]),
            # The fabric itself never speaks: no ICMP error of the switch reaches a guest.
            *_chain("silence", "filter hook output priority filter", [f'oifname "{nic_link}" drop']),
            *_chain("to_internet", "nat hook postrouting priority srcnat",
                    _translated(public, internet_link)),
        ),
    )  # fmt: skip


def _translated(public: IPv4Address | IPv6Address | None, link: str) -> list[str]:
    return [] if public is None else [f'oifname "{link}" snat to {public}']


def _chain(name: str, hook: str, rules: list[str]) -> list[str]:
    return [f"chain {name} {{", f"  type {hook};", *(f"  {rule}" for rule in rules), "}"]
