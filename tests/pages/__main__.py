"""``make models``: every page of ``docs/models``, from a run each; the overview needs none."""

import argparse
import tempfile
from pathlib import Path

from tests.e2e.conftest import deployed
from tests.matrices.lab import write_lab
from tests.pages.overview import OVERVIEW, overview
from tests.pages.walks import recorded
from tests.pages.writing import Page, pages, written


def main() -> None:
    everything = {page.name: page for page in pages()}
    parser = argparse.ArgumentParser(prog="python -m tests.pages", description=__doc__)
    chosen = [*everything, "overview"]
    parser.add_argument("page", nargs="*", choices=[*chosen, []], help="those pages only")
    for name in parser.parse_args().page or everything:
        if name in everything:
            write(everything[name])
    OVERVIEW.write_text(overview(pages()), encoding="utf-8")


def write(page: Page) -> None:
    # A short path: sockets lie below it.
    with tempfile.TemporaryDirectory(prefix="vl", dir="/tmp") as folder:
        file = write_lab(page.model, Path(folder))
        with deployed(file, runtime="native", state_directory=Path(folder)) as lab:
            page.file.write_text(written(page, recorded(lab, page.questions)), encoding="utf-8")
    print(page.file.name)


if __name__ == "__main__":
    main()
