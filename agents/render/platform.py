"""Who may ask the hypervisor's own services, and for what (semantics 2.4).

What security gates say about them is asked behind this (`agents.plan.security`).
"""

from lab.contract.platform import DNS_PORT, HOST_ADDRESS, HTTP_PORT, METADATA_ADDRESS

SERVICES = f"{{ {HOST_ADDRESS}, {METADATA_ADDRESS} }}"


def platform_chain(nic_link: str) -> list[str]:
    """What a guest may send to the services; nothing else of it is ever the switch's own."""
    asked = f'iifname "{nic_link}"'
    return [
        "chain platform {",
        "  type filter hook input priority filter;",
        f"  {asked} ip daddr {HOST_ADDRESS} udp dport {DNS_PORT} accept",
        f"  {asked} ip daddr {HOST_ADDRESS} tcp dport {{ {DNS_PORT}, {HTTP_PORT} }} accept",
        f"  {asked} ip daddr {METADATA_ADDRESS} tcp dport {HTTP_PORT} accept",
        f"  {asked} drop",
        "}",
    ]


def platform_answers(nic_link: str) -> list[str]:
    """What the services may say to a guest; no ICMP error is among it."""
    said = f'oifname "{nic_link}" ip saddr'
    return [
        f"{said} {HOST_ADDRESS} meta l4proto {{ tcp, udp }} accept",
        f"{said} {METADATA_ADDRESS} meta l4proto tcp accept",
    ]
