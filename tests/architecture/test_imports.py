"""The import contracts of pyproject.toml hold: the pure core is pure, the layers are layers."""

from pathlib import Path

import pytest
from importlinter.cli import lint_imports

REPOSITORY = Path(__file__).resolve().parents[2]


def test_import_contracts_hold(capsys: pytest.CaptureFixture[str]) -> None:
    status = lint_imports(
        config_filename=str(REPOSITORY / "pyproject.toml"), no_cache=True, no_logo=True
    )

    said = capsys.readouterr().out
    assert status == 0, said
    assert " 0 broken" in said, "nothing was checked"
