"""A member of a load balancer's pool: flows that come to frontends, and their answers.

The edge has put a locator in place of the frontend's address; here that is put back,
or becomes the member's own address and port. Answers go straight to the client, as the
frontend: they pass the edge as little as the cloud process (semantics 1.10, 3.1).
"""

from collections.abc import Iterable, Sequence

from lab.contract.load_balancing import BalancedPort
from lab.contract.node_state import Address

ANSWER_MARK = 2
"""Of answers as a frontend: a route is looked up by it."""


def found_chain(ports: Sequence[BalancedPort], *, internet: str) -> list[str]:
    """The frontend's address in place of the locator, before connection tracking sees it."""
    frontends = dict.fromkeys((port.locator, port.frontend) for port in ports)
    return _chain(
        "found",
        [
            "type filter hook prerouting priority raw;",
            *(
                f'iifname "{internet}" ip daddr {locator} ip daddr set {frontend}'
                for locator, frontend in frontends
            ),
        ],
    )


def moved_chain(ports: Sequence[BalancedPort], *, own: Address, internet: str) -> list[str]:
    """Without floating IP the member's own address and port are the destination."""
    moved = [
        f'iifname "{internet}" ip daddr {port.frontend} {_word(port)} dport {port.port} '
        f"dnat to {own}:{port.backend_port}"
        for port in ports
        if not port.floating
    ]
    return _chain("moved", ["type nat hook prerouting priority dstnat;", *moved]) if moved else []


def answered_chains(ports: Sequence[BalancedPort], *, own: Address, nic: str) -> list[str]:
    """A mark for answers, by which they are routed apart from what the guest begins."""
    sockets = _any_of(
        f"{port.frontend if port.floating else own} . {_word(port)} . "
        f"{port.port if port.floating else port.backend_port}"
        for port in ports
    )
    return [
        *_chain(
            "answered",
            [
                "type filter hook prerouting priority mangle;",
                f'iifname "{nic}" ip saddr . meta l4proto . th sport {sockets} '
                f"ct direction reply meta mark set {ANSWER_MARK}",
            ],
        ),
        # It has its route by then; the mark would lead what encapsulates it astray.
        *_chain(
            "unmarked",
            [
                "type filter hook postrouting priority mangle;",
                f"meta mark {ANSWER_MARK} meta mark set 0",
            ],
        ),
    ]


def balanced_rules(ports: Sequence[BalancedPort], *, nic: str, internet: str) -> list[str]:
    """What passes on its way to and from frontends, before it is asked whose address it has.

    As a frontend a guest only answers: what it begins itself is not let out.
    """
    floating = [port for port in ports if port.floating]
    rules = []
    if floating:
        sockets = _any_of(f"{port.frontend} . {_word(port)} . {port.port}" for port in floating)
        frontends = _any_of(dict.fromkeys(str(port.frontend) for port in floating))
        rules += [
            f'iifname "{internet}" oifname "{nic}" ip daddr . meta l4proto . th dport {sockets} '
            "accept",
            f'iifname "{nic}" ip saddr . meta l4proto . th sport {sockets} ct direction reply '
            "accept",
            f'iifname "{nic}" ip saddr {frontends} drop',
        ]
    if len(floating) < len(ports):
        rules.append(f'oifname "{internet}" ct direction reply ct status dnat accept')
    return rules


def _any_of(elements: Iterable[str]) -> str:
    return f"{{ {', '.join(elements)} }}"


def _word(port: BalancedPort) -> str:
    return port.protocol.value.lower()


def _chain(name: str, lines: Iterable[str]) -> list[str]:
    return [f"chain {name} {{", *(f"  {line}" for line in lines), "}"]
