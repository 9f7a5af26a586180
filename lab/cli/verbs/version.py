"""``vnetlab version``."""

import platform
from importlib.metadata import version

import click

from lab.cli.invocation import SETTINGS
from lab.cli.options import format_option
from lab.cli.tables import show_json


@click.command("version", context_settings=SETTINGS)
@format_option
def command(output_format: str) -> None:
    """Print the version of vnetlab and what it runs on."""
    facts = {
        "version": version("vnetlab"),
        "python": platform.python_version(),
        "kernel": platform.release(),
        "machine": platform.machine(),
    }
    if output_format == "json":
        show_json(facts)
    else:
        click.echo(f"vnetlab {facts['version']}")
        click.echo(f"Python {facts['python']}, Linux {facts['kernel']} on {facts['machine']}")
