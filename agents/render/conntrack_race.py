"""The race that loses DNS datagrams in bridge mode, put there on purpose (semantics §4.7).

A resolver sends its questions for A and AAAA from one socket, back to back. On the
kernels of that time both met kube-proxy before either connection was entered into
conntrack's table; with several endpoints they could be translated differently, and the
later one failed to be entered and was dropped. Today's kernels resolve that clash, so
rules drop what was lost then: now and again a datagram that follows another one
before that was answered.
"""

from agents.objects.ruleset import Ruleset, RulesetName, RulesetTool
from lab.contract.node_state import Protocol
from lab.contract.service import KubeProxy, Service, ServicePort

RACE_TABLE = RulesetName(tool=RulesetTool.NFT.value, table="ip conntrack-race")

COUNTER = "insert_failed"
"""As ``conntrack -S`` calls what happened."""

_KUBE_DNS = ("kube-system", "kube-dns")

_ONE_IN = 100
"""About one lookup in a hundred (semantics §4.7)."""


def conntrack_race_ruleset(proxy: KubeProxy) -> Ruleset | None:
    """The rules of a node in bridge mode; None where DNS has fewer than two endpoints."""
    reached = [
        f"ip daddr {service.cluster_ip} udp dport {port.port}"
        for service in proxy.services
        for port in service.ports
        if _races(service, port)
    ]
    if not reached:
        return None
    # Entered by the first, and nobody has answered it.
    second = "ct state new ct status confirmed"
    return Ruleset(
        name=RACE_TABLE,
        rules=(
            f"counter {COUNTER} {{",
            "}",
            "chain prerouting {",
            "  type filter hook prerouting priority mangle;",
            *(
                f'  {each} {second} numgen random mod {_ONE_IN} 0 counter name "{COUNTER}" drop'
                for each in reached
            ),
            "}",
        ),
    )


def _races(service: Service, port: ServicePort) -> bool:
    known = (service.namespace, service.name) == _KUBE_DNS
    return known and port.protocol is Protocol.UDP and len(port.endpoints) > 1
