"""Plain words for values, and the nearest known word to a misspelt one."""

import difflib
from collections.abc import Iterable

from lab.topology.document import Value

_SHOWN = 40


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that `word` most likely stands for, or None when none is near.

    Case does not count against a word.
    """
    folded = {each.casefold(): each for each in known}
    found = difflib.get_close_matches(word.casefold(), folded, n=1, cutoff=0.6)
    return folded[found[0]] if found else None


def listed(words: Iterable[str]) -> str:
    """Words as a list in a sentence, in the order given."""
    return ", ".join(words)


def shown(value: Value) -> str:
    """A scalar as it may stand in a message, shortened."""
    if isinstance(value, str):
        return repr(value if len(value) <= _SHOWN else f"{value[: _SHOWN - 1]}…")
    if isinstance(value, bool):
        return str(value).lower()
    return str(value)


def what(value: Value) -> str:
    """What kind of value it is, in words that don't presuppose a programming language."""
    match value:
        case None:
            return "empty"
        case bool():
            return f"the truth value {shown(value)}"
        case int() | float():
            return f"the number {shown(value)}"
        case str():
            return f"the text {shown(value)}"
        case list():
            return "a list"
        case dict():
            return "a mapping"
