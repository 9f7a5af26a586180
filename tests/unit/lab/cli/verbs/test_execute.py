import sys

import pytest

from lab.cli.selection import Selected
from lab.contract.v1.agent_pb2 import CommandResult, ProbeReply
from tests.unit.lab.cli.fake_runtime import FakeRuntime
from tests.unit.lab.cli.fake_service import FakeLabService


@pytest.fixture
def runtime(target: str, monkeypatch: pytest.MonkeyPatch) -> FakeRuntime:
    """That of the only lab."""
    made = FakeRuntime(target=target)
    chosen = Selected(target=target, name="aks", runtime="native")
    monkeypatch.setattr("lab.cli.runtimes.runtime_of", lambda *_, **__: made)
    monkeypatch.setattr("lab.cli.selection.selected", lambda *_: chosen)
    return made


@pytest.mark.parametrize(
    ("words", "command"),
    [
        (("vm1", "--", "ls", "-l"), ("ls", "-l")),
        (("vm1", "-n", "aks", "--", "ls", "-n"), ("ls", "-n")),
        (("-n", "aks", "vm1", "ls", "-h"), ("ls", "-h")),
        (("vm1", "sh", "-c", "echo $0", "--", "x"), ("sh", "-c", "echo $0", "--", "x")),
        (("vm1", "--", "sh", "-c", "a", "--", "b"), ("sh", "-c", "a", "--", "b")),
        (("vm1", "--", "--help"), ("--help",)),
    ],
)
def test_the_words_of_the_command_are_its_own(words, command, vnetlab, runtime) -> None:
    assert vnetlab("exec", *words).exit_code == 7
    assert runtime.executed == [("vm/vm1", command, False)]


@pytest.mark.parametrize("words", [("vm1",), ("vm1", "--")])
def test_without_a_command_it_is_a_shell(words, vnetlab, runtime) -> None:
    vnetlab("exec", *words)
    ((_, command, _),) = runtime.executed
    assert command[:2] == ("sh", "-c")
    assert "bash" in command[2]


def test_a_terminal_is_handed_over_unless_told_not_to(vnetlab, runtime, monkeypatch) -> None:
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    vnetlab("exec", "vm1", "--", "top")
    vnetlab("exec", "--no-tty", "vm1", "--", "top")
    assert [tty for _, _, tty in runtime.executed] == [True, False]


def test_a_target_that_is_not_there_is_refused(vnetlab, runtime) -> None:
    printed = vnetlab("exec", "vm9", "--", "ls")
    assert printed.exit_code == 2
    assert printed.err == "error: there is no 'vm9' in the lab\n"
    assert runtime.executed == []


def test_a_target_is_needed(vnetlab, runtime) -> None:
    assert vnetlab("exec").exit_code == 2
    assert vnetlab("exec", "--", "ls").exit_code == 2


@pytest.mark.usefixtures("inside")
def test_inside_a_lab_commands_go_through_the_agents(vnetlab, service: FakeLabService) -> None:
    result = CommandResult(exit_code=3, stdout="ängström".encode(), stderr=b"err")
    service.answer = lambda _: iter([ProbeReply(command=result)])
    printed = vnetlab("exec", "vm1", "--", "ls", "-l")
    assert (printed.exit_code, printed.err) == (3, "err")
    assert printed.out == "ängström"
    (asked,) = service.asked
    assert list(asked.probe.command.argv) == ["ls", "-l"]


@pytest.mark.usefixtures("inside")
def test_a_command_that_could_not_be_run_is_no_exit_code_of_its_own(
    vnetlab, service: FakeLabService
) -> None:
    service.answer = lambda _: iter([ProbeReply(error="node is not there on vm1")])
    printed = vnetlab("exec", "vm1", "--", "ls")
    assert printed.exit_code == 1
    assert printed.err == "error: ls could not be run in vm/vm1: node is not there on vm1\n"
