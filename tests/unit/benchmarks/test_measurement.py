"""Which ratio counts as reached, and what is said when there is none."""

import pytest

from benchmarks.measurement import Outcome, Row, Samples, Sense, Series, Verdict


def outcome(
    *,
    ours: float | None,
    other: float | None,
    bound: float | None,
    sense: Sense = Sense.AT_MOST,
    against: str | None = "mininet",
) -> Outcome:
    return Outcome(
        row=Row(title="x", metric="m", unit="s", bound=bound, sense=sense, against=against),
        ours=None if ours is None else Series(((ours,),)),
        against=None if other is None else Series(((other,),)),
    )


@pytest.mark.parametrize(
    ("ours", "other", "bound", "sense", "verdict"),
    [
        (2.0, 10.0, 0.2, Sense.AT_MOST, Verdict.REACHED),
        (2.1, 10.0, 0.2, Sense.AT_MOST, Verdict.MISSED),
        (9.5, 10.0, 0.95, Sense.AT_LEAST, Verdict.REACHED),
        (9.4, 10.0, 0.95, Sense.AT_LEAST, Verdict.MISSED),
    ],
)
def test_a_bound_is_about_the_ratio_where_there_is_another_side(
    ours: float, other: float, bound: float, sense: Sense, verdict: Verdict
) -> None:
    assert outcome(ours=ours, other=other, bound=bound, sense=sense).verdict is verdict


def test_a_bound_is_about_the_value_where_there_is_none() -> None:
    assert outcome(ours=0.9, other=None, bound=1.0, against=None).verdict is Verdict.REACHED
    assert outcome(ours=1.1, other=None, bound=1.0, against=None).verdict is Verdict.MISSED


@pytest.mark.parametrize(("ours", "other"), [(None, 1.0), (1.0, None), (None, None)])
def test_half_a_comparison_is_neither_reached_nor_missed(
    ours: float | None, other: float | None
) -> None:
    half = outcome(ours=ours, other=other, bound=1.0)
    assert half.ratio is None
    assert half.verdict is Verdict.NOT_MEASURED


def test_samples_of_several_turns_are_one_series() -> None:
    samples = Samples()
    samples.add("shape", "vnetlab", {"deploy": [3.0]})
    samples.add("shape", "vnetlab", {"deploy": [1.0, 2.0]})
    assert samples.of("shape", "vnetlab", "deploy") == Series(((3.0,), (1.0, 2.0)))
    assert samples.of("shape", "mininet", "deploy") is None


def test_the_ratio_compares_turns_that_lie_next_to_each_other() -> None:
    """A machine that was busy during one turn was so for both sides of it."""
    ours = Series(((1.0,), (10.0,), (1.0, 1.2, 0.8)))
    other = Series(((2.0,), (20.0,), (2.0,)))
    assert ours.ratio_to(other) == 0.5


def test_an_outcome_says_in_one_line_why_a_side_is_missing() -> None:
    samples = Samples()
    samples.reasons["shape", "mininet"] = (
        "mn --test\nno Mininet; apt-get install mininet\n    a detail"
    )
    row = Row(title="x", metric="m", unit="s", bound=1.0, against="mininet")
    assert samples.outcome("shape", row).reason == ("mininet: no Mininet; apt-get install mininet")


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ((0.0123,), "0.0123"),
        ((5.734,), "5.73"),
        ((12.41, 11.8, 14.2), "12.4 (11.8–14.2)"),
        ((423.0,), "423"),
    ],
)
def test_figures_show_three_digits_and_their_spread(values: tuple[float, ...], text: str) -> None:
    assert str(Series((values,))) == text
