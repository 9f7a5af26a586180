"""Each model beside its own path by hand, and all of them under each figure."""

from itertools import groupby

import pytest

from benchmarks import labs, models
from benchmarks.measurement import Sizes
from benchmarks.paths import HANDMADE, SCRIPT


def test_a_model_and_its_path_by_hand_take_turns() -> None:
    with models.BENCHMARK.contenders(Sizes()) as contenders:
        names = [contender.name for contender in contenders]
    assert names == ["vnetlab", "by hand"] * len(labs.MODELS) * len(HANDMADE)


def test_every_model_is_in_the_table_of_every_figure_and_path() -> None:
    rows = models.BENCHMARK.rows(Sizes())
    groups = [
        [row.title.rsplit(", ", 1)[1] for row in group]
        for _, group in groupby(rows, key=lambda row: row.title.rsplit(", ", 1)[0])
    ]
    assert groups == [list(labs.MODELS)] * len(models.FIGURES) * len(HANDMADE)


@pytest.mark.parametrize("model", labs.MODELS)
def test_the_script_makes_the_path_of_a_model(model: str) -> None:
    kind = models.BY_HAND.get(model, models.BY_HAND_ROUTED)
    assert f"\nnode_{kind}() {{" in SCRIPT.read_text(encoding="utf-8")
