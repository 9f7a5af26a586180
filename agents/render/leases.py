"""Ports of public addresses that hosts share: how a host uses its own (semantics 2.6).

The sending host translates by itself, within the ports that are its own, as the host
agents of Ananta do. Where a flow finds no free port, its first packet is lost without
a word: connection tracking can't tell it from another flow then.
"""

from collections.abc import Iterable, Sequence

from lab.contract.node_state import PortLease, Protocol


def leased_chains(leases: Sequence[PortLease], *, own: str, internet: str) -> list[str]:
    """Translation of what leaves through `internet` from `own`, and of the answers.

    Nothing but TCP and UDP leaves; of several leases, flows use one after the other.
    """
    found = {
        protocol: [lease for lease in leases if protocol in protocols_of(lease)]
        for protocol in ("tcp", "udp")
    }
    sources = {protocol: several for protocol, several in found.items() if several}
    lines = _chain(
        "leased",
        [
            "type filter hook forward priority filter + 5;",
            f'oifname "{internet}" ip saddr {own} meta l4proto != {{ {", ".join(sources)} }} drop',
        ],
    )
    lines += _chain(
        "answers",
        [
            "type filter hook prerouting priority raw;",
            *(
                f'iifname "{internet}" ip daddr {locator} ip daddr set {public}'
                for locator, public in {
                    lease.locator: lease.public_address for lease in leases
                }.items()
            ),
        ],
    )
    rules = []
    for protocol, several in sources.items():
        for number, lease in enumerate(several):
            lines += _chain(
                f"{protocol}_{number}",
                [
                    f"meta l4proto {protocol} snat to {lease.public_address}:"
                    f"{lease.ports.first}-{lease.ports.last}"
                ],
            )
        jumps = ", ".join(f"{number} : jump {protocol}_{number}" for number in range(len(several)))
        rules.append(
            f'oifname "{internet}" ip saddr {own} meta l4proto {protocol} '
            f"numgen inc mod {len(several)} vmap {{ {jumps} }}"
        )
    return [*lines, *_chain("borrowed", ["type nat hook postrouting priority srcnat;", *rules])]


def protocols_of(lease: PortLease) -> tuple[str, ...]:
    """For what a lease holds, as nft calls it."""
    return tuple(
        protocol.value.lower() for protocol in Protocol if lease.protocol in {None, protocol}
    )


def _chain(name: str, lines: Iterable[str]) -> list[str]:
    return [f"chain {name} {{", *(f"  {line}" for line in lines), "}"]
