"""Commands as one would type them."""

import os
from pathlib import Path

import pytest

from agents.kernel.processes import pasteable, search_path


def test_a_command_can_be_pasted() -> None:
    shown = pasteable(["nft", "-f", "-"], "add table ip t\n", "/run/netns/a b")
    assert shown == "nsenter --net='/run/netns/a b' nft -f - <<'END'\nadd table ip t\nEND"


def test_a_long_input_is_shortened() -> None:
    shown = pasteable(["nft"], "".join(f"line {number}\n" for number in range(300)))
    assert "line 19" in shown
    assert "line 20" not in shown
    assert "# … 280 lines more" in shown


def test_system_tools_are_found_by_an_ordinary_user(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Whose search path lacks the directories they are in; his own come first."""
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin")
    assert search_path().split(os.pathsep) == [str(tmp_path), "/usr/bin", "/usr/sbin", "/sbin"]


def test_what_cannot_be_searched_is_left_out(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """As another user's directories, which are still in the search path after su."""
    closed = tmp_path / "closed"
    closed.touch(mode=0o600)  # to root a directory never is closed; a file is
    monkeypatch.setenv("PATH", f"{closed}:{tmp_path / 'absent'}:/usr/bin")
    assert search_path().split(os.pathsep) == ["/usr/bin", "/usr/sbin", "/sbin"]
