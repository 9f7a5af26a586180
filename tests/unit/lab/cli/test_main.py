import pytest

from lab.cli import main
from lab.cli.main import run


def test_a_bug_is_said_to_be_one_without_a_traceback(
    vnetlab, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("no such thing")

    monkeypatch.setattr("lab.cli.selection.lab_file", fail)
    printed = vnetlab("validate")
    assert printed.exit_code == 1
    assert printed.err.splitlines() == [
        "bug: RuntimeError: no such thing",
        "    please report it with what VNETLAB_DEBUG=1 prints",
    ]


def test_debugging_lets_the_exception_through(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("no such thing")

    monkeypatch.setattr("lab.cli.selection.lab_file", fail)
    monkeypatch.setenv("VNETLAB_DEBUG", "1")
    with pytest.raises(RuntimeError):
        run(["validate"])


def test_an_interrupted_command_ends_as_shells_expect(
    vnetlab, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("lab.cli.selection.lab_file", interrupt)
    printed = vnetlab("validate")
    assert (printed.exit_code, printed.err) == (130, "\ninterrupted\n")


def test_the_process_ends_with_the_commands_exit_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["vnetlab", "validate", "-t", "absent.lab.yaml"])
    with pytest.raises(SystemExit) as ended:
        main.main()
    assert ended.value.code == 2
