"""``vnetlab doctor``."""

import click

from lab.cli.invocation import SETTINGS
from lab.cli.options import RUNTIMES, format_option, quiet_option

EPILOG = """\
\b
Examples:
  vnetlab doctor
  vnetlab doctor --runtime docker
  vnetlab doctor --format json

Exit code 0: labs can be deployed. 1: something that they need is missing.
Without --runtime, Docker is looked at and never needed.
"""


@click.command("doctor", context_settings=SETTINGS, epilog=EPILOG)
@click.option("--runtime", type=click.Choice(RUNTIMES), help="Look at what this one needs only.")
@format_option
@quiet_option
@click.pass_context
def command(ctx: click.Context, *, runtime: str | None, output_format: str, quiet: bool) -> None:
    """Say what this machine can do for labs, what is missing, and what to do.

    Kernel features are tried in namespaces of their own; nothing is changed.
    """
    from lab.cli import doctor
    from lab.cli.tables import coloured_start, show_json, show_lines

    chosen = (runtime,) if runtime else RUNTIMES
    found = {each: doctor.capabilities_of(each) for each in chosen}
    lacking = doctor.missing(found[runtime or "native"])
    if output_format == "json":
        checks = [doctor.as_json(each, check) for each in chosen for check in found[each]]
        show_json({"ok": not lacking, "checks": checks, "to_do": doctor.remedies(lacking)})
    elif not quiet or lacking:
        for each in chosen:
            show_lines(map(coloured_start, doctor.report(each, found[each])))
            click.echo()
        able = [each for each in chosen if not doctor.missing(found[each])]
        show_lines(doctor.conclusion(able, lacking))
    ctx.exit(1 if lacking else 0)
