"""Rulesets into what nft, iptables-restore and ebtables-restore read from standard input."""

from collections.abc import Collection, Sequence

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


def iptables_transaction(ruleset: Ruleset, *, exists: bool, hooked: bool) -> str:
    """One transaction that swaps a chain's rules and sees to its hook.

    For ``iptables-restore --noflush``: naming a chain empties it, or makes it.
    `exists`, `hooked`: whether the chain and the rule that jumps to it stand.
    """
    return _restore_transaction(ruleset, policy="- [0:0]", exists=exists, hooked=hooked)


def ebtables_transaction(ruleset: Ruleset, *, exists: bool, hooked: bool) -> str:
    """As `iptables_transaction`, for ``ebtables-restore --noflush``."""
    return _restore_transaction(ruleset, policy="ACCEPT", exists=exists, hooked=hooked)


def _restore_transaction(ruleset: Ruleset, *, policy: str, exists: bool, hooked: bool) -> str:
    chain = ruleset.name.chain
    lines = [f"*{ruleset.name.table}"]
    if ruleset.name.is_base_chain:
        lines.append(f"-F {chain}")
        lines += [f"-A {chain} {rule}" for rule in ruleset.rules]
    elif ruleset.rules:
        lines.append(f":{chain} {policy}")
        if not hooked:
            lines.append(f"-A {ruleset.hook}")
        lines += [f"-A {chain} {rule}" for rule in ruleset.rules]
    elif exists:
        lines += [f"-F {chain}", f"-X {chain}"]
    lines.append("COMMIT")
    return "".join(f"{line}\n" for line in lines)
