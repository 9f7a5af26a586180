"""Commands as one would type them."""

import os

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


def test_system_tools_are_found_by_an_ordinary_user(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whose search path lacks the directories they are in; his own come first."""
    monkeypatch.setenv("PATH", "/home/me/bin:/usr/bin")
    assert search_path().split(os.pathsep) == ["/home/me/bin", "/usr/bin", "/usr/sbin", "/sbin"]
