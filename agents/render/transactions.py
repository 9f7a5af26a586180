"""Rulesets into what nft, iptables-restore and ebtables-restore read from standard input."""

from collections.abc import Collection, Iterator, Sequence

from agents.objects.ruleset import Ruleset


def nft_transaction(rulesets: Sequence[Ruleset], *, standing: Collection[str]) -> str:
    """One transaction that swaps whole tables; `standing`: tables that there are.

    Only those are deleted: nft 1.0.6 has no way to delete what may be absent,
    and a transaction that deletes nothing has nobody to wait for in the kernel
    (8 ms instead of 25). A refused one leaves the old tables in force.
    """
    lines = []
    for ruleset in rulesets:
        table = ruleset.name.table
        if table in standing:
            lines.append(f"delete table {table}")
        if ruleset.rules:
            lines += [f"table {table} {{", *(f"  {rule}" for rule in ruleset.rules), "}"]
    return "".join(f"{line}\n" for line in lines)


def iptables_transaction(ruleset: Ruleset, *, standing: Collection[str], hooked: bool) -> str:
    """One transaction that swaps a chain's rules, or a family's, and sees to its hooks.

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
    """Chains that are not wanted any more are emptied with the others, and then removed."""
    named = [rule.split()[0].removeprefix(":") for rule in ruleset.rules if rule.startswith(":")]
    surplus = sorted(set(standing).difference(named))
    yield from (f":{chain} {policy}" for chain in surplus)
    yield from (rule for rule in ruleset.rules if rule.startswith(":"))
    if ruleset.rules and not hooked:
        yield from ruleset.hooks
    yield from (rule for rule in ruleset.rules if not rule.startswith(":"))
    yield from (f"-X {chain}" for chain in surplus)
