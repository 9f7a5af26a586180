"""Options that several verbs have, each spelt and explained once."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from lab.cli.completion import complete_labs

Decorated = TypeVar("Decorated", bound=Callable[..., Any])

RUNTIMES = ("native", "docker")


def file_option(function: Decorated) -> Decorated:
    """``-t FILE``."""
    return click.option(
        "-t",
        "--file",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="Lab file; the only *.lab.yaml here unless given.",
    )(function)


def lab_option(function: Decorated) -> Decorated:
    """``-n LAB``."""
    return click.option(
        "-n",
        "--lab",
        metavar="LAB",
        shell_complete=complete_labs,
        help="Name of a running lab; that of the lab file, or the only one that runs.",
    )(function)


def format_option(function: Decorated) -> Decorated:
    """``--format table|json``, as ``output_format``."""
    return click.option(
        "--format",
        "output_format",
        envvar="VNETLAB_FORMAT",
        type=click.Choice(["table", "json"]),
        default="table",
        show_default=True,
        help="For people or for programs.",
    )(function)


def quiet_option(function: Decorated) -> Decorated:
    """``-q``."""
    return click.option("-q", "--quiet", is_flag=True, help="Print nothing but what goes wrong.")(
        function
    )
