"""The virtual switch's own table: anti-spoofing, the gateway, and the way to the Internet."""

from agents.objects.ruleset import Ruleset, RulesetName, RulesetTool
from lab.contract.node_state import Nic

VSWITCH_TABLE = RulesetName(tool=RulesetTool.NFT.value, table="ip vnetlab")


def vswitch_ruleset(nic: Nic, *, nic_link: str, internet_link: str) -> Ruleset:
    """What the switch does to packets of its one NIC, beside routing them."""
    # Before connection tracking: a refused packet leaves no trace.
    rules = _chain("from_nic", "filter hook prerouting priority raw", _from_nic(nic, nic_link))
    rules += _chain(
        "forwarded",
        "filter hook forward priority filter",
        [*_to_nic(nic, nic_link), *_to_internet(nic, internet_link)],
    )
    # A fabric never speaks: no ICMP error of the switch itself reaches a guest.
    rules += _chain("own", "filter hook output priority filter", [f'oifname "{nic_link}" drop'])
    if nic.public_address is not None:
        # Only then: a nat chain has the kernel track every connection.
        translation = f'oifname "{internet_link}" snat to {nic.public_address}'
        rules += _chain("translated", "nat hook postrouting priority srcnat", [translation])
    return Ruleset(name=VSWITCH_TABLE, rules=tuple(rules))


def _from_nic(nic: Nic, link: str) -> list[str]:
    rules = [
        f'iifname "{link}" ip daddr {nic.gateway} drop',
        f'iifname "{link}" ip daddr {{ 224.0.0.0/4, 255.255.255.255 }} drop',
    ]
    if not nic.enable_ip_forwarding:
        rules.append(f'iifname "{link}" ip saddr != {nic.primary.ip} drop')
    return rules


def _to_nic(nic: Nic, link: str) -> list[str]:
    if not nic.enable_ip_forwarding:
        return [f'oifname "{link}" ip daddr != {nic.primary.ip} drop']
    if nic.public_address not in (None, nic.primary.ip):
        # A stranger's packet: answers have been translated back by now.
        return [f'oifname "{link}" ip daddr {nic.public_address} drop']
    return []


def _to_internet(nic: Nic, link: str) -> list[str]:
    return [f'oifname "{link}" drop'] if nic.public_address is None else []


def _chain(name: str, hook: str, rules: list[str]) -> list[str]:
    return [f"chain {name} {{", f"  type {hook};", *(f"  {rule}" for rule in rules), "}"]
