"""The generated wire code says what `proto/` says."""

import sys
from pathlib import Path

import grpc_tools
import pytest
from grpc_tools import protoc

REPOSITORY = Path(__file__).resolve().parents[2]
PROTO = REPOSITORY / "proto"
INCLUDES = Path(grpc_tools.__file__).parent / "_proto"
PLUGIN = Path(sys.executable).parent / "protoc-gen-mypy_grpc"
GENERATED = "lab/contract/v1"


@pytest.fixture(scope="module")
def anew(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Everything generated again, as ``make proto`` does."""
    out = tmp_path_factory.mktemp("generated")
    sources = sorted(map(str, PROTO.rglob("*.proto")))
    status = protoc.main(
        [
            "protoc",
            f"-I{PROTO}",
            f"-I{INCLUDES}",
            *(f"--{kind}_out={out}" for kind in ("python", "pyi", "grpc_python")),
            f"--plugin=protoc-gen-mypy_grpc={PLUGIN}",
            f"--mypy_grpc_out=quiet:{out}",
            *sources,
        ]
    )
    assert status == 0
    return out / GENERATED


def test_generated_code_is_current(anew: Path) -> None:
    stale = [
        file.name
        for file in sorted(anew.iterdir())
        if _current(file.name) != file.read_text(encoding="utf-8")
    ]

    assert stale == [], "run: make proto"


def test_nothing_generated_is_left_of_what_was_removed(anew: Path) -> None:
    there = {path.name for path in (REPOSITORY / GENERATED).glob("*_pb2*")}

    assert there == {path.name for path in anew.iterdir()}


def _current(name: str) -> str:
    path = REPOSITORY / GENERATED / name
    return path.read_text(encoding="utf-8") if path.exists() else ""
