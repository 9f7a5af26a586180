"""Who may ask the hypervisor's own services, and for what (semantics 2.4).

What they may answer is said elsewhere (`agents.plan.fabric`), and what security gates
say about them is asked behind this (`agents.plan.security`).
"""

from lab.contract.platform import DNS_PORT, HOST_ADDRESS, HTTP_PORT, METADATA_ADDRESS


def platform_chain(nic_link: str, *, probed: bool = False) -> list[str]:
    """What a guest may send to the services; nothing else of it is ever the switch's own.

    `probed`: load balancers ask it whether it is up, from the same address (semantics 2.3).
    """
    return [
        "chain platform {",
        "  type filter hook input priority filter;",
        f'  iifname != "{nic_link}" accept',
        *(["  ct direction reply accept"] if probed else []),
        f"  ip daddr {HOST_ADDRESS} udp dport {DNS_PORT} accept",
        f"  ip daddr {HOST_ADDRESS} tcp dport {{ {DNS_PORT}, {HTTP_PORT} }} accept",
        f"  ip daddr {METADATA_ADDRESS} tcp dport {HTTP_PORT} accept",
        "  drop",
        "}",
    ]
