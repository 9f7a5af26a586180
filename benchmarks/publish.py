"""``python -m benchmarks.publish FILE``: makes a run the one that the README shows.

The README's table is never written by hand: it is what the run printed, and the
run's document lies beside it.
"""

import json
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
README = HERE / "README.md"
FIGURES = HERE / "figures.json"
START, END = "<!-- figures -->\n", "<!-- /figures -->"


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


def published(readme: str, run: dict[str, Any]) -> str:
    """The README with another run in it."""
    before, rest = readme.split(START)
    _, after = rest.split(END)
    return f"{before}{START}{section(run)}{END}{after}"


def main() -> None:
    (name,) = sys.argv[1:]
    text = Path(name).read_text(encoding="utf-8")
    run = json.loads(text)
    if run["quick"]:
        sys.exit("quick sizes are no figures to publish")
    FIGURES.write_text(text, encoding="utf-8")
    README.write_text(published(README.read_text(encoding="utf-8"), run), encoding="utf-8")


if __name__ == "__main__":
    main()
