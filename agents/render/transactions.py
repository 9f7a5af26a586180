"""Rulesets into what nft, iptables-restore and ebtables-restore read from standard input."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType

from agents.objects.ruleset import Ruleset

NO_CHAINS: Mapping[str, Collection[str]] = MappingProxyType({})

_LINES_AT_ONCE = 200
"""iptables sends a transaction to the kernel as one message, which for an ordinary user may
have 208 KiB; a rule with a comment takes up to 1 KiB of it."""


def nft_transaction(
    rulesets: Sequence[Ruleset],
    *,
    standing: Collection[str],
    chains: Mapping[str, Collection[str]] = NO_CHAINS,
) -> str:
    """One transaction that swaps whole tables; `standing`: tables that there are.

    Of those that keep their maps the chains are swapped: `chains` there are, by table.

    Only those are deleted: nft 1.0.6 has no way to delete what may be absent,
    and a transaction that deletes nothing has nobody to wait for in the kernel
    (8 ms instead of 25). A refused one leaves the old tables in force.
    """
    lines = []
    for ruleset in rulesets:
        table = ruleset.name.table
        if table in standing and ruleset.keeps_maps and ruleset.rules:
            lines.append(f"flush table {table}")
            lines += [f"delete chain {table} {chain}" for chain in chains.get(table, ())]
        elif table in standing:
            lines.append(f"delete table {table}")
        if ruleset.rules:
            lines += [f"table {table} {{", *(f"  {rule}" for rule in ruleset.rules), "}"]
    return "".join(f"{line}\n" for line in lines)


def iptables_transaction(ruleset: Ruleset, *, standing: Collection[str], hooked: bool) -> str:
    """One transaction that swaps a chain's rules, or a family's, and sees to its hooks.

    A large family takes several, in which every chain jumps to what is there already.

    For ``iptables-restore --noflush``: naming a chain empties it, or makes it.
    `standing`: those of its chains that there are; `hooked`: whether the rules that
    jump to them stand.
    """
    return _restore_transaction(ruleset, policy="- [0:0]", standing=standing, hooked=hooked)


def ebtables_transaction(ruleset: Ruleset, *, standing: Collection[str], hooked: bool) -> str:
    """As `iptables_transaction`, for ``ebtables-restore --noflush``."""
    return _restore_transaction(ruleset, policy="ACCEPT", standing=standing, hooked=hooked)


def _restore_transaction(
    ruleset: Ruleset, *, policy: str, standing: Collection[str], hooked: bool
) -> str:
    chain = ruleset.name.chain
    lines = [f"*{ruleset.name.table}"]
    if ruleset.name.is_base_chain:
        lines.append(f"-F {chain}")
        lines += [f"-A {chain} {rule}" for rule in ruleset.rules]
    elif ruleset.name.is_family:
        lines += _family(ruleset, policy=policy, standing=standing, hooked=hooked)
    elif ruleset.rules:
        lines.append(f":{chain} {policy}")
        if not hooked:
            lines += ruleset.hooks
        lines += [f"-A {chain} {rule}" for rule in ruleset.rules]
    elif standing:
        lines += [f"-F {chain}", f"-X {chain}"]
    lines.append("COMMIT")
    return "".join(f"{line}\n" for line in lines)


def _family(
    ruleset: Ruleset, *, policy: str, standing: Collection[str], hooked: bool
) -> Iterator[str]:
    """Chains are swapped before others jump to them; those not wanted any more go last."""
    chains = _by_chain(ruleset.rules)
    surplus = sorted(set(standing).difference(chains))
    lines: list[str] = []
    for chain in _targets_first(chains):
        lines += [f":{chain} {policy}", *chains[chain]]
    if chains and not hooked:
        lines += ruleset.hooks
    lines += [f":{chain} {policy}" for chain in surplus]
    lines += [f"-X {chain}" for chain in surplus]
    for start in range(0, len(lines), _LINES_AT_ONCE):
        if start:
            yield from ("COMMIT", f"*{ruleset.name.table}")
        yield from lines[start : start + _LINES_AT_ONCE]


def _by_chain(rules: Iterable[str]) -> dict[str, list[str]]:
    """The rules of each chain that is declared."""
    chains: dict[str, list[str]] = {}
    for rule in rules:
        first, second, *_ = rule.split(maxsplit=2)
        if first.startswith(":"):
            chains[first.removeprefix(":")] = []
        else:
            chains[second].append(rule)
    return chains


def _targets_first(chains: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Every chain behind those that it jumps to."""
    done: set[str] = set()
    waiting = list(chains)[::-1]
    while waiting:
        chain = waiting.pop()
        if chain in done:
            continue
        targets = [rule.rpartition(" -j ")[2] for rule in chains[chain]]
        missing = [target for target in targets if target in chains and target not in done]
        if missing:
            waiting += [chain, *missing[::-1]]
            continue
        done.add(chain)
        yield chain
