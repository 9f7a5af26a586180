"""``vnetlab validate``."""

from pathlib import Path

import click

from lab.cli.invocation import SETTINGS
from lab.cli.options import file_option, format_option, quiet_option
from lab.cli.tables import show_json

EPILOG = """\
\b
Examples:
  vnetlab validate
  vnetlab validate -t examples/aks-kubenet.lab.yaml --format json

Exit code 0: it can be deployed. 2: it can't; every problem was printed.
"""


@click.command("validate", context_settings=SETTINGS, epilog=EPILOG)
@file_option
@format_option
@quiet_option
@click.pass_context
def command(ctx: click.Context, file: Path | None, output_format: str, *, quiet: bool) -> None:
    """Check a lab file and its manifests without building anything.

    Reports every problem at once, each with its file and line and what to do.
    """
    from lab.cli.errors import REFUSED
    from lab.cli.loading import load
    from lab.cli.selection import lab_file
    from lab.topology.problems import LabFileError

    chosen = lab_file(file)
    try:
        loaded = load(chosen)
    except LabFileError as error:
        if output_format != "json":
            raise
        rows = [
            {
                "file": problem.location.file,
                "line": problem.location.line,
                "message": problem.message,
                "remedy": problem.remedy,
            }
            for problem in error.problems
        ]
        show_json({"file": str(chosen), "valid": False, "problems": rows, "warnings": []})
        ctx.exit(REFUSED)
    warnings = list(loaded.warnings)
    if output_format == "json":
        show_json({"file": str(chosen), "valid": True, "problems": [], "warnings": warnings})
        return
    for warning in warnings:
        click.echo(f"{click.style('warning:', fg='yellow')} {warning}", err=True)
    if not quiet:
        click.echo(f"{chosen}: valid; {loaded.summary}")
