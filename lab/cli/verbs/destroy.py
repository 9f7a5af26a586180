"""``vnetlab destroy``."""

from collections.abc import Sequence
from pathlib import Path

import click

from lab.cli.invocation import SETTINGS
from lab.cli.options import file_option, lab_option, quiet_option

EPILOG = """\
\b
Examples:
  vnetlab destroy                   the lab of the only *.lab.yaml here
  vnetlab destroy -n aks-kubenet
  vnetlab destroy --all             every lab of yours on this machine
"""


@click.command("destroy", context_settings=SETTINGS, epilog=EPILOG)
@file_option
@lab_option
@click.option(
    "--all",
    "everything",
    envvar="VNETLAB_ALL",
    is_flag=True,
    help="Every lab of yours, remains too.",
)
@quiet_option
def command(file: Path | None, lab: str | None, *, everything: bool, quiet: bool) -> None:
    """Remove a lab: processes, namespaces, containers, files; without a trace.

    Works in any state of the lab. Destroying what is not there is no error.
    """
    if everything and (lab or file):
        raise click.UsageError("--all is every lab: leave out -n and -t")
    from lab.cli.progress import progress
    from lab.cli.runtimes import runtime_of

    destroyed = []
    with progress(quiet=quiet) as display:
        for name, runtimes in chosen(file, lab, everything=everything):
            for runtime in runtimes:
                display.say(f"removing {name} ({runtime})")
                runtime_of(runtime, name).destroy()
            destroyed.append((name, bool(runtimes)))
    if quiet:
        return
    for name, was_there in destroyed:
        click.echo(f"{name} is gone" if was_there else f'there was no lab "{name}"')
    if not destroyed:
        click.echo("there was no lab")


def chosen(
    file: Path | None, lab: str | None, *, everything: bool
) -> Sequence[tuple[str, Sequence[str]]]:
    """Names of the labs to remove, each with the runtimes that know it."""
    from lab.cli.runtimes import all_labs
    from lab.cli.selection import implied_name
    from lab.runtime.state_directory import StateDirectory

    labs = all_labs()
    if everything:
        return [(each.name, (each.runtime,)) for each in labs]
    name = lab or implied_name(file)
    runtimes = {each.runtime for each in labs if each.name == name}
    runtimes |= {StateDirectory.of(name).runtime} - {""}
    return [(name, sorted(runtimes))]
