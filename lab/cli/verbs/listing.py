"""``vnetlab list``."""

import click

from lab.cli.invocation import SETTINGS
from lab.cli.options import format_option
from lab.cli.tables import show_rows

COLUMNS = ("name", "runtime", "state_directory", "status")

EPILOG = """\
\b
Examples:
  vnetlab list
  vnetlab list --format json
"""


@click.command("list", context_settings=SETTINGS, epilog=EPILOG)
@format_option
def command(output_format: str) -> None:
    """Show every lab of yours on this machine.

    Remains of a lab that was ended from outside are shown too; deploy brings it
    back, destroy removes them.
    """
    from lab.cli.runtimes import all_labs

    rows = [
        {
            "name": lab.name,
            "runtime": lab.runtime,
            "state_directory": str(lab.state_directory),
            "log": str(lab.state_directory / "log"),
            "status": "running" if lab.running else "remains",
        }
        for lab in all_labs()
    ]
    show_rows(rows, COLUMNS, output_format=output_format)
