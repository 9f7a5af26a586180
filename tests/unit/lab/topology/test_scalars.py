"""What plain YAML scalars mean."""

import pytest

from lab.topology.scalars import resolve


@pytest.mark.parametrize("text", ["", "~", "null", "Null", "NULL"])
def test_nothing_written_is_null(text: str) -> None:
    assert resolve(text) is None


@pytest.mark.parametrize(
    ("text", "value"), [("true", True), ("TRUE", True), ("false", False), ("False", False)]
)
def test_only_true_and_false_are_truth_values(text: str, *, value: bool) -> None:
    assert resolve(text) is value


@pytest.mark.parametrize("text", ["yes", "no", "on", "off", "y", "n"])
def test_words_that_older_yaml_took_for_truth_values_are_text(text: str) -> None:
    assert resolve(text) == text


@pytest.mark.parametrize(
    ("text", "value"), [("0", 0), ("-7", -7), ("+7", 7), ("0x1f", 31), ("0o17", 15), ("80", 80)]
)
def test_whole_numbers(text: str, value: int) -> None:
    assert resolve(text) == value


@pytest.mark.parametrize("text", ["010", "1_000", "1:30", "10.0.0.0/16", "10.0.0.4", "-", ".", "+"])
def test_what_other_readers_would_change_stays_text(text: str) -> None:
    """A leading zero would be octal to some, a colon a time of day."""
    assert resolve(text) == text


@pytest.mark.parametrize(("text", "value"), [("1.5", 1.5), (".5", 0.5), ("1e3", 1000.0)])
def test_numbers_with_a_point(text: str, value: float) -> None:
    assert resolve(text) == value


@pytest.mark.parametrize("text", [".inf", "-.inf", ".nan", "1e999", "9" * 5000])
def test_no_number_is_without_bounds(text: str) -> None:
    assert resolve(text) == text


def test_dates_stay_text() -> None:
    assert resolve("2021-09-01") == "2021-09-01"
