"""``vnetlab deploy``."""

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lab.cli.invocation import SETTINGS
from lab.cli.options import RUNTIMES, file_option, format_option, lab_option, quiet_option

if TYPE_CHECKING:
    from lab.cli.delivery import Delivered
    from lab.cli.loading import Loaded
    from lab.cli.progress import Progress

EPILOG = """\
\b
Examples:
  vnetlab deploy                           the only *.lab.yaml here
  vnetlab deploy -t aks.lab.yaml           again: only what differs is changed
  vnetlab deploy --runtime docker          one container for each machine
  vnetlab deploy --dry-run                 what would be, and build nothing

Exit code 0: the lab is as the file says. 1: some of it is not. 2: nothing was
built; the file, the machine or the command has to change first.
"""


@click.command("deploy", context_settings=SETTINGS, epilog=EPILOG)
@file_option
@lab_option
@click.option(
    "--runtime",
    type=click.Choice(RUNTIMES),
    help="What the machines are: namespaces (native) or containers. A lab that runs "
    "keeps its own; a new one is native.",
)
@click.option("--dry-run", is_flag=True, help="Show what would be; build nothing.")
@click.option(
    "--wait",
    type=click.FloatRange(min=0),
    default=300,
    show_default=True,
    metavar="SECONDS",
    help="For how long hosts may take; delivery goes on after that.",
)
@format_option
@quiet_option
@click.pass_context
def command(  # noqa: PLR0913 - one for each option
    ctx: click.Context,
    *,
    file: Path | None,
    lab: str | None,
    runtime: str | None,
    output_format: str,
    dry_run: bool,
    wait: float,
    quiet: bool,
) -> None:
    """Build a lab, or change it to what its file says now.

    A second deploy of the same file changes nothing; a changed file changes only
    what differs. Interrupting it is harmless: deploy again to complete it.
    """
    from lab.cli.loading import load
    from lab.cli.selection import lab_file

    loaded = load(lab_file(file))
    refuse_other_name(loaded, lab)
    if dry_run:
        show_plan(loaded, output_format)
        return
    from lab.cli.progress import progress

    began = time.monotonic()
    with progress(quiet=quiet) as display:
        delivered = bring_up(loaded, runtime, wait=wait, display=display)
    seconds = time.monotonic() - began
    if output_format == "json":
        show_as_json(loaded, delivered, seconds=seconds)
    else:
        show_outcome(loaded, delivered, seconds=seconds, quiet=quiet)
    ctx.exit(1 if delivered.failures else 0)


def refuse_other_name(loaded: "Loaded", name: str | None) -> None:
    """A lab is called what its file calls it; ``-n`` can only agree."""
    if name is not None and name != loaded.lab.name:
        raise click.UsageError(
            f'{loaded.file} is the lab "{loaded.lab.name}", not "{name}": change metadata.name, '
            "or leave out -n"
        )


def bring_up(
    loaded: "Loaded", runtime_name: str | None, *, wait: float, display: "Progress"
) -> "Delivered":
    """From a checked file to a lab that is as it says, or to what of it is not."""
    from lab.cli.delivery import deliver
    from lab.cli.doctor import require, tools_of
    from lab.cli.errors import REFUSED, CommandFailed
    from lab.cli.ownership import refuse_other_file, runtime_for
    from lab.cli.runtimes import runtime_of
    from lab.cli.service import connected
    from lab.control.requests import to_request
    from lab.runtime.state_directory import StateDirectory

    name = loaded.lab.name
    chosen = runtime_for(loaded, runtime_name)
    runtime = runtime_of(chosen, name, report=display.say)
    request = to_request(loaded.sources, origin=loaded.origin, deadline=wait)
    state = StateDirectory.of(name)
    if not state.runtime or tools_of(loaded.lab):
        require(chosen, beside=tools_of(loaded.lab))
    with state.deploying():
        is_new = not state.runtime
        if is_new:
            display.say(f"starting {name} ({chosen})")
        runtime.start()
        try:
            with connected(runtime.target) as service:
                refuse_other_file(loaded, service)
                return deliver(request, service=service, runtime=runtime, progress=display)
        except CommandFailed as error:
            if is_new and error.exit_code == REFUSED:
                runtime.destroy()
            raise


def show_plan(loaded: "Loaded", output_format: str) -> None:
    """What a deploy would make."""
    from lab.cli.route_tables import route_tables
    from lab.cli.rows import KINDS
    from lab.cli.tables import (
        show_json,
        show_lines,
        show_rows,
        terminal_width,
    )

    if output_format == "json":
        plan: dict[str, object] = {"lab": loaded.lab.name, "file": str(loaded.file)}
        plan |= {kind: list(KINDS[kind].rows(loaded.inventory)) for kind in KINDS}
        show_json({**plan, "warnings": list(loaded.warnings)})
        return
    show_warnings(loaded.warnings)
    click.echo(f"{loaded.lab.name}: {loaded.summary}\n")
    for kind in ("nodes", "pods"):
        if rows := KINDS[kind].rows(loaded.inventory):
            show_rows(rows, KINDS[kind].columns, output_format=output_format)
            click.echo()
    show_lines(route_tables(KINDS["routes"].rows(loaded.inventory), width=terminal_width()))
    click.echo("\nnothing was built")


def show_outcome(loaded: "Loaded", delivered: "Delivered", *, seconds: float, quiet: bool) -> None:
    """One line if all went well, or everything that did not."""
    from lab.cli.loading import counted

    show_warnings(delivered.warnings)
    size = f"{counted(delivered.nodes, 'machine')}, {counted(delivered.pods, 'pod')}"
    where = f"{size}, revision {delivered.revision}"
    if delivered.failures:
        name = loaded.lab.name
        click.echo(f"{click.style('error:', fg='red')} {name} is not as its file says:", err=True)
        for line in delivered.failures:
            click.echo(f"  {line}", err=True)
        click.echo(f"    the hosts go on trying; see vnetlab inspect -n {name}", err=True)
    elif quiet:
        return
    elif delivered.operations == 0:
        click.echo(f"{loaded.lab.name}: nothing to change ({where})")
    else:
        click.echo(f"{loaded.lab.name} is up: {where} ({seconds:.1f} s)")


def show_as_json(loaded: "Loaded", delivered: "Delivered", *, seconds: float) -> None:
    """How the deploy ended, for programs."""
    from lab.cli.tables import show_json

    show_json(
        {
            "lab": loaded.lab.name,
            "file": str(loaded.file),
            "revision": delivered.revision,
            "machines": delivered.nodes,
            "pods": delivered.pods,
            "operations": delivered.operations,
            "failures": list(delivered.failures),
            "warnings": list(delivered.warnings),
            "seconds": round(seconds, 3),
        }
    )


def show_warnings(warnings: tuple[str, ...]) -> None:
    """What works, but not as one may think."""
    for warning in warnings:
        click.echo(f"{click.style('warning:', fg='yellow')} {warning}", err=True)
