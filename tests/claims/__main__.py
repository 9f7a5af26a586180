"""``python -m tests.claims``: the figure, and with ``--write`` the list of what is missing."""

import argparse

from tests.claims.register import NOT_YET_COVERED, coverage, missing_as_text


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.claims", description=__doc__)
    parser.add_argument("--missing", action="store_true", help="list the claims without a test")
    parser.add_argument(
        "--write", action="store_true", help=f"bring {NOT_YET_COVERED.name} up to date"
    )
    options = parser.parse_args()
    now = coverage()
    if options.missing:
        for claim in now.missing:
            print(f"{claim.number:<4} {claim.level.value:<10} {claim.title}")
    if options.write:
        NOT_YET_COVERED.write_text(missing_as_text(now.missing), encoding="utf-8")
    print(now)


if __name__ == "__main__":
    main()
