"""Every module has its test where a reader looks for it, or says where it is tested instead."""

import tomllib
from pathlib import Path

from tests.architecture.sources import REPOSITORY, modules, packages

UNIT = REPOSITORY / "tests" / "unit"
ELSEWHERE = tomllib.loads((Path(__file__).parent / "tested_elsewhere.toml").read_text("utf-8"))
LISTED = {module: entry["in"] for entry in ELSEWHERE["elsewhere"] for module in entry["modules"]}
MODULES = {str(path) for path in modules()}
PACKAGES = {str(path.parent) for path in packages()}


def mirror(module: str) -> Path:
    """Where the unit tests of a module belong."""
    path = Path(module)
    return UNIT / path.parent / f"test_{path.name}"


def test_every_module_has_its_test() -> None:
    missing = {module for module in MODULES - LISTED.keys() if not mirror(module).exists()}

    assert sorted(missing) == [], (
        "write the tests, or name the modules in tests/architecture/tested_elsewhere.toml"
    )


def test_what_is_tested_elsewhere_is_tested_there() -> None:
    absent = {place for places in LISTED.values() for place in places}

    assert sorted(place for place in absent if not (REPOSITORY / place).exists()) == []


def test_the_list_names_nothing_that_is_gone_or_has_its_test_by_now() -> None:
    stale = [module for module in LISTED if module not in MODULES or mirror(module).exists()]

    assert stale == []


def test_every_entry_has_its_reason() -> None:
    assert [entry for entry in ELSEWHERE["elsewhere"] if len(entry["reason"].split()) < 4] == []


def test_no_unit_test_is_left_of_a_module_that_is_gone() -> None:
    """A renamed module takes its tests along. A package may have tests of its own."""
    belong = {mirror(module) for module in MODULES}
    belong |= {UNIT / package / f"test_{Path(package).name}.py" for package in PACKAGES}
    there = {path for root in ("lab", "agents") for path in (UNIT / root).rglob("test_*.py")}

    assert sorted(str(path.relative_to(REPOSITORY)) for path in there - belong) == []
