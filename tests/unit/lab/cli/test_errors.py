import click
import pytest

from lab.cli.errors import CommandFailed, exit_code_of, explain, show
from lab.runtime.provider import (
    HostsFailed,
    LabNameInUse,
    LabNotRunning,
    LabOfAnotherUser,
    MachineUnfit,
    StartFailed,
)
from lab.topology.problems import LabFileError, Location, Problem

TWO_PROBLEMS = LabFileError(
    [
        Problem(Location("b.yaml", 3), "no such key: cidr", "did you mean podCidr?"),
        Problem(Location("a.yaml", 7), "it overlaps", "choose another prefix"),
    ]
)


def lines(error: Exception) -> list[str]:
    return [click.unstyle(line) for line in explain(error)]


def test_every_problem_of_a_file_is_told_with_its_place_and_remedy() -> None:
    assert lines(TWO_PROBLEMS) == [
        "a.yaml:7: it overlaps",
        "    choose another prefix",
        "b.yaml:3: no such key: cidr",
        "    did you mean podCidr?",
        "2 problems; nothing was built",
    ]


def test_a_failure_says_what_and_what_next() -> None:
    assert lines(MachineUnfit("nft is missing", remedy="apt-get install nftables")) == [
        "error: nft is missing",
        "    apt-get install nftables",
    ]
    assert lines(CommandFailed("it did not work")) == ["error: it did not work"]


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (TWO_PROBLEMS, 2),
        (MachineUnfit(""), 2),
        (LabNameInUse(""), 2),
        (LabOfAnotherUser(""), 2),
        (StartFailed(""), 1),
        (HostsFailed(""), 1),
        (LabNotRunning(""), 1),
        (CommandFailed(""), 1),
        (CommandFailed("", exit_code=2), 2),
        (RuntimeError(""), 1),
    ],
)
def test_two_means_that_nothing_was_begun(error: Exception, code: int) -> None:
    assert exit_code_of(error) == code


def test_usage_is_explained_by_click(capsys: pytest.CaptureFixture[str]) -> None:
    assert show(click.UsageError("no such option")) == 2
    assert "Error: no such option" in capsys.readouterr().err
