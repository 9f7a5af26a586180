"""``python -m benchmarks.publish FILE [PART]``: makes a run the one that the README shows.

The README's table is never written by hand: it is what the run printed, and the
run's document lies beside it. A part is a run of some benchmarks that has a table to itself.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
README = HERE / "README.md"
PARTS = ("figures", "changes", "models")
"""Everything, and what has a table to itself."""


def figures(part: str) -> Path:
    """Where the document of a published run is."""
    return HERE / ("figures.json" if part == PARTS[0] else f"figures-{part}.json")


def marks(part: str) -> tuple[str, str]:
    """What stands before and after the table in the README."""
    return f"<!-- {part} -->\n", f"<!-- /{part} -->"


def section(run: dict[str, Any]) -> str:
    """What the README says between its marks about a run."""
    machine, versions = run["machine"], run["versions"]
    others = ", ".join(f"{name} {version}" for name, version in sorted(versions.items()))
    return (
        f"Commit {run['commit']}, {run['taken'][:10]}: {machine['system']}, "
        f"Linux {machine['kernel']}, {machine['processors']} × {machine['processor']}, "
        f"{machine['memory_mib'] / 1024:.0f} GiB; {others}.\n"
        f"Turns taken while the machine was busy with something else: {run['noisy']}.\n"
        f"\n{run['table']}\n"
    )


def published(readme: str, run: dict[str, Any], part: str = PARTS[0]) -> str:
    """The README with another run in it."""
    start, end = marks(part)
    before, rest = readme.split(start)
    _, after = rest.split(end)
    return f"{before}{start}{section(run)}{end}{after}"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.publish", description=__doc__)
    parser.add_argument("run", type=Path, metavar="FILE", help="document of a run")
    parser.add_argument("part", nargs="?", choices=PARTS, default=PARTS[0])
    options = parser.parse_args()
    text = options.run.read_text(encoding="utf-8")
    run = json.loads(text)
    if run["quick"]:
        sys.exit("quick sizes are no figures to publish")
    figures(options.part).write_text(text, encoding="utf-8")
    readme = published(README.read_text(encoding="utf-8"), run, options.part)
    README.write_text(readme, encoding="utf-8")


if __name__ == "__main__":
    main()
