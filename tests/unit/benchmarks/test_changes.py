"""What is said of many samples."""

from benchmarks.changes import percentile


def test_a_percentile_is_a_value_that_was_seen() -> None:
    values = [float(each) for each in range(100, 0, -1)]
    assert percentile(values, 50) == 50
    assert percentile(values, 99) == 99
    assert percentile([7.0], 99) == 7
    assert percentile(values[:60], 99) == 100
