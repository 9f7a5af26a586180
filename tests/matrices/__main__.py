"""``python -m tests.matrices [TABLE]``: what the models are held to."""

import argparse

from tests.matrices.models import models
from tests.matrices.tables import TABLES, as_text


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.matrices", description=__doc__)
    parser.add_argument("table", nargs="?", choices=list(TABLES), help="that table only")
    wanted = parser.parse_args().table
    for name, table in TABLES.items():
        if wanted is None:
            print(f"# {name}: {table.title}\n")
        if wanted in {None, name}:
            print(as_text(name, models()), end="\n" if wanted is None else "")


if __name__ == "__main__":
    main()
