import pytest

from lab.cli.progress import PlainLines, Silence, counted, progress


def test_lines_come_when_a_count_has_come_a_quarter_further(
    capsys: pytest.CaptureFixture[str],
) -> None:
    lines = PlainLines()
    for done in range(101):
        lines.count({"nodes ready": (done, 100)})
    assert capsys.readouterr().err.splitlines() == [
        "0/100 nodes ready",
        "25/100 nodes ready",
        "50/100 nodes ready",
        "75/100 nodes ready",
        "100/100 nodes ready",
    ]


def test_nothing_is_said_twice_in_a_row(capsys: pytest.CaptureFixture[str]) -> None:
    lines = PlainLines()
    lines.say("starting")
    lines.say("starting")
    assert capsys.readouterr().err == "starting\n"


def test_nothing_to_count_is_no_division(capsys: pytest.CaptureFixture[str]) -> None:
    PlainLines().count({"pods attached": (0, 0)})
    assert capsys.readouterr().err == ""


def test_counts_share_a_line() -> None:
    assert counted({"nodes ready": (1, 4), "pods attached": (0, 9)}) == (
        "1/4 nodes ready, 0/9 pods attached"
    )


def test_quiet_is_silent(capsys: pytest.CaptureFixture[str]) -> None:
    with progress(quiet=True) as nobody:
        assert isinstance(nobody, Silence)
        nobody.say("anything")
        nobody.count({"nodes ready": (0, 1)})
    assert capsys.readouterr() == ("", "")


def test_a_terminal_gets_a_display_that_leaves_nothing_behind(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    with progress() as display:
        display.say("starting aks (native)")
        display.count({"nodes ready": (1, 4)})
        display.count({"nodes ready": (4, 4)})
    out, err = capsys.readouterr()
    assert out == ""
    assert "starting aks (native)" in err
