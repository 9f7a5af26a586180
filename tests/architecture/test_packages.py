"""What the set-up installs is what the product looks for."""

from pathlib import Path

from lab.runtime.native.capabilities import TOOLS

PACKAGES = Path(__file__).resolve().parents[2] / ".ci" / "packages"


def test_set_up_installs_every_tool_that_doctor_looks_for() -> None:
    """After ``make demo`` on a fresh machine nothing is missing, the optional tools included."""
    lines = PACKAGES.read_text(encoding="utf-8").splitlines()
    installed = {tuple(line.split()) for line in lines if line and not line.startswith("#")}
    assert {(tool.name, tool.package) for tool in TOOLS} - installed == set()
