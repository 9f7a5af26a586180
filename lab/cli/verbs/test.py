"""``vnetlab test``."""

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lab.cli.invocation import SETTINGS
from lab.cli.options import file_option, format_option, lab_option, quiet_option

if TYPE_CHECKING:
    from lab.checks.outcome import Outcome
    from lab.cli.agenda import Agenda
    from lab.cli.progress import Progress

PASSED, FAILED, PASSED_WITH_WARNINGS = 0, 1, 3
"""2, nothing to run, is an error like any other that comes before anything was begun."""

EPILOG = """\
\b
Examples:
  vnetlab test                          the tests of the lab file here
  vnetlab test -n aks --junit report.xml
  vnetlab test --only "remote pods*"

Exit code 0: all passed. 1: some did not. 2: nothing to run. 3: all passed, but
the lab is not as its file says, or the file has changed since it was deployed.
"""


@click.command("test", context_settings=SETTINGS, epilog=EPILOG)
@file_option
@lab_option
@click.option("--only", metavar="PATTERN", help="Tests whose name is or matches PATTERN (*, ?).")
@click.option(
    "--junit",
    type=click.Path(path_type=Path, dir_okay=False, writable=True),
    metavar="FILE",
    help="Write JUnit XML there, too.",
)
@format_option
@quiet_option
@click.pass_context
def command(  # noqa: PLR0913 - one for each option
    ctx: click.Context,
    *,
    file: Path | None,
    lab: str | None,
    only: str | None,
    junit: Path | None,
    output_format: str,
    quiet: bool,
) -> None:
    """Ask what the lab file's tests expect, with packets inside the lab.

    Each test is asked until it holds or its `within` is over. With a lab file
    (-t, or the only one here) its tests are asked; otherwise those of the file
    that was deployed.
    """
    from lab.cli.agenda import agenda_of
    from lab.cli.progress import progress
    from lab.cli.selection import selected
    from lab.cli.service import connected

    chosen = selected(lab, file)
    with connected(chosen.target) as service:
        agenda = agenda_of(service.inspect("nodes", "source"), file, only=only)
    for warning in agenda.warnings:
        click.echo(f"{click.style('warning:', fg='yellow')} {warning}", err=True)
    began = time.monotonic()
    with progress(quiet=quiet or output_format == "json") as display:
        outcomes = asyncio.run(ask(agenda, chosen.target, display))
    seconds = time.monotonic() - began
    if junit is not None:
        write_junit(junit, outcomes, lab=agenda.lab, seconds=seconds)
    show(outcomes, agenda, output_format, seconds=seconds, quiet=quiet)
    ctx.exit(exit_code_of(outcomes, agenda))


async def ask(agenda: "Agenda", target: str, display: "Progress") -> "Sequence[Outcome]":
    """Every test's outcome, in the order of the file."""
    from lab.checks.probing import run_tests
    from lab.cli.asking import running_lab

    finished = 0
    total = len(agenda.tests)

    def on_outcome(_: "Outcome") -> None:
        nonlocal finished
        finished += 1
        display.count({"checks": (finished, total)})

    display.count({"checks": (0, total)})
    async with running_lab(target) as lab:
        return await run_tests(agenda.tests, lab=lab, on_outcome=on_outcome)


def show(
    outcomes: "Sequence[Outcome]",
    agenda: "Agenda",
    output_format: str,
    *,
    seconds: float,
    quiet: bool,
) -> None:
    """Every test in a line, failures with their reasons, and the count; or JSON."""
    from lab.checks.outcome import Verdict
    from lab.checks.report import as_json, details, headline, summary
    from lab.cli.tables import coloured_start, show_json

    if output_format == "json":
        show_json(
            {
                "lab": agenda.lab,
                "seconds": round(seconds, 3),
                "warnings": list(agenda.warnings),
                "tests": [as_json(outcome) for outcome in outcomes],
            }
        )
        return
    for outcome in outcomes:
        if quiet and outcome.verdict is Verdict.PASSED:
            continue
        click.echo(coloured_start(headline(outcome)))
        for line in details(outcome):
            click.echo(line)
    if not quiet:
        click.echo(summary(outcomes, seconds=seconds))


def write_junit(path: Path, outcomes: "Sequence[Outcome]", *, lab: str, seconds: float) -> None:
    """JUnit XML for a build server. Raises `CommandFailed` when it can't be written."""
    from lab.checks.junit import junit_xml
    from lab.cli.errors import CommandFailed

    try:
        path.write_bytes(junit_xml(outcomes, lab=lab, seconds=seconds))
    except OSError as error:
        raise CommandFailed(
            f"{path} can't be written: {error.strerror}", remedy="choose another path for --junit"
        ) from error


def exit_code_of(outcomes: "Sequence[Outcome]", agenda: "Agenda") -> int:
    """As the help says."""
    from lab.checks.outcome import Verdict

    if any(outcome.verdict is not Verdict.PASSED for outcome in outcomes):
        return FAILED
    return PASSED_WITH_WARNINGS if agenda.warnings else PASSED
