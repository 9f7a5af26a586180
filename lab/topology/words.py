"""Plain words for values, and the nearest known word to a misspelt one."""

import difflib
from collections.abc import Iterable, Sequence

from lab.topology.document import Value

_SHOWN = 40
_FEW = 3


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


def some(words: Sequence[str]) -> str:
    """The first few of many words, as a list in a sentence."""
    return listed(words[:_FEW]) + (" …" if len(words) > _FEW else "")


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
        case bool():
            words = f"the truth value {shown(value)}"
        case int():
            words = f"the number {shown(value)}"
        case float():
            words = "a number with a decimal point"  # not as written: 1.10 has become 1.1
        case str():
            words = f"the text {shown(value)}"
        case list():
            words = "a list"
        case dict():
            words = "a mapping"
        case None:
            words = "empty"
    return words
