"""The README shows what a run printed, and nothing else."""

import json

from benchmarks.publish import END, FIGURES, README, START, published, section

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


def test_a_run_replaces_the_one_before_and_leaves_the_rest() -> None:
    readme = f"# Head\n\n{START}old figures\n{END}\n\ntail\n"
    once = published(readme, RUN)
    assert "old figures" not in once
    assert "| deploy |" in once
    assert "2 × Some CPU, 8 GiB; mininet 2.3.0, python 3.11.2." in once
    assert once.startswith("# Head\n")
    assert once.endswith("\n\ntail\n")
    assert published(once, RUN) == once


def test_the_readme_shows_the_published_run() -> None:
    """A table that was touched up by hand is no measurement."""
    run = json.loads(FIGURES.read_text(encoding="utf-8"))
    assert START + section(run) + END in README.read_text(encoding="utf-8")
