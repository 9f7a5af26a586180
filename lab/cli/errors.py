"""Every foreseeable failure in words: what, why, what to do next; and the exit code for it."""

import sys
from collections.abc import Iterator

import click

from lab.runtime.provider import (
    HostsFailed,
    LabNotRunning,
    RuntimeFailure,
    StartFailed,
)
from lab.topology.problems import LabFileError

FAILED = 1
"""Something did not work although it was asked for rightly."""

REFUSED = 2
"""Nothing was begun: the command, the file or the machine has to change first."""

LOST_EFFORTS = (StartFailed, HostsFailed, LabNotRunning)
"""Failures of what had begun; every other `RuntimeFailure` came before anything was made."""


class CommandFailed(Exception):
    """A verb can't do what it was asked: `str()` says what and why."""

    def __init__(self, message: str, *, remedy: str = "", exit_code: int = FAILED) -> None:
        super().__init__(message)
        self.remedy = remedy
        self.exit_code = exit_code


def show(error: Exception) -> int:
    """Print what went wrong on stderr; returns the exit code."""
    if isinstance(error, click.ClickException):
        error.show(sys.stderr)
        return REFUSED if isinstance(error, click.UsageError) else FAILED
    for line in explain(error):
        click.echo(line, err=True)
    return exit_code_of(error)


def explain(error: Exception) -> Iterator[str]:
    """Lines that say what is wrong and what to do next."""
    match error:
        case LabFileError(problems=problems):
            for problem in problems:
                yield f"{click.style(str(problem.location), bold=True)}: {problem.message}"
                yield f"    {problem.remedy}"
            if len(problems) > 1:
                yield f"{len(problems)} problems; nothing was built"
        case CommandFailed(remedy=remedy) | RuntimeFailure(remedy=remedy):
            yield f"{click.style('error:', fg='red')} {error}"
            if remedy:
                yield f"    {remedy}"
        case _:
            yield f"{click.style('bug:', fg='red')} {type(error).__name__}: {error}"
            yield "    please report it with what VNETLAB_DEBUG=1 prints"


def exit_code_of(error: Exception) -> int:
    """2 when nothing was begun, 1 when something was."""
    match error:
        case LabFileError():
            return REFUSED
        case CommandFailed(exit_code=code):
            return code
        case RuntimeFailure():
            return FAILED if isinstance(error, LOST_EFFORTS) else REFUSED
        case _:
            return FAILED
