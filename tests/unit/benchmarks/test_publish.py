"""The README shows what a run printed, and nothing else."""

import json

import pytest

from benchmarks.publish import PARTS, README, figures, marks, published, section

RUN = {
    "commit": "abc1234",
    "taken": "2026-01-02T03:04:05+00:00",
    "machine": {
        "system": "Debian GNU/Linux 12 (bookworm)",
        "kernel": "6.1",
        "processors": 2,
        "processor": "Some CPU",
        "memory_mib": 8192,
    },
    "versions": {"python": "3.11.2", "mininet": "2.3.0"},
    "noisy": 1,
    "table": "| what |\n|---|\n| deploy |",
}


@pytest.mark.parametrize("part", PARTS)
def test_a_run_replaces_the_one_before_and_leaves_the_rest(part: str) -> None:
    start, end = marks(part)
    readme = f"# Head\n\n{start}old figures\n{end}\n\ntail\n"
    once = published(readme, RUN, part)
    assert "old figures" not in once
    assert "| deploy |" in once
    assert "2 × Some CPU, 8 GiB; mininet 2.3.0, python 3.11.2." in once
    assert once.startswith("# Head\n")
    assert once.endswith("\n\ntail\n")
    assert published(once, RUN, part) == once


@pytest.mark.parametrize("part", PARTS)
def test_the_readme_shows_the_published_run(part: str) -> None:
    """A table that was touched up by hand is no measurement."""
    run = json.loads(figures(part).read_text(encoding="utf-8"))
    start, end = marks(part)
    assert start + section(run) + end in README.read_text(encoding="utf-8")
