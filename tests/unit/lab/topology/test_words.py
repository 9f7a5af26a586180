"""Plain words for values and the nearest known word."""

import pytest

from lab.topology.document import Value
from lab.topology.words import nearest, shown, some, what


@pytest.mark.parametrize(
    ("word", "known", "guess"),
    [
        ("adressPrefix", ["addressPrefix", "name"], "addressPrefix"),
        ("enableIpForwarding", ["enableIPForwarding", "name"], "enableIPForwarding"),
        ("ROUTETABLE", ["routeTable"], "routeTable"),
        ("zzz", ["addressPrefix", "name"], None),
    ],
)
def test_the_nearest_word_is_near_and_case_does_not_count(
    word: str, known: list[str], guess: str | None
) -> None:
    assert nearest(word, known) == guess


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "empty"),
        (True, "the truth value true"),
        (5, "the number 5"),
        (1.1, "a number with a decimal point"),
        ("x", "the text 'x'"),
        ([], "a list"),
        ({}, "a mapping"),
    ],
)
def test_values_are_called_by_plain_words(value: Value, words: str) -> None:
    assert what(value) == words


def test_long_text_is_shortened() -> None:
    assert len(shown("x" * 1000)) < 50


def test_of_many_words_the_first_few_are_shown() -> None:
    assert some(["a", "b", "c"]) == "a, b, c"
    assert some(["a", "b", "c", "d"]) == "a, b, c …"
