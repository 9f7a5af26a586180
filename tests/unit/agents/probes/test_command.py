import pytest

from agents.probes.command import command_of, result_of
from agents.probes.tool import Output, ProbeError
from lab.contract.v1.agent_pb2 import CommandProbe


def test_words_are_passed_on_as_they_are() -> None:
    assert command_of(CommandProbe(argv=["sh", "-c", "exit 3"])) == ["sh", "-c", "exit 3"]


def test_no_words_are_no_command() -> None:
    with pytest.raises(ProbeError, match="at least one word"):
        command_of(CommandProbe())


def test_outcome_is_kept_whole() -> None:
    result = result_of(Output(exit_code=3, stdout=b"out", stderr=b"err"))
    assert (result.exit_code, result.stdout, result.stderr) == (3, b"out", b"err")


def test_an_ended_command_counts_as_a_shell_counts_it() -> None:
    assert result_of(Output(exit_code=-15, stdout=b"", stderr=b"")).exit_code == 143
