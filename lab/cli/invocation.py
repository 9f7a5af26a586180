"""The verbs, their aliases, and how they are found without importing each of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import ClassVar

import click

ENVIRONMENT_PREFIX = "VNETLAB"
"""Every option is also an environment variable: ``--lab`` is ``VNETLAB_LAB``, of any verb."""

SETTINGS = {
    "help_option_names": ["-h", "--help"],
    "auto_envvar_prefix": ENVIRONMENT_PREFIX,
    "max_content_width": 80,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verb:
    """A verb as ``vnetlab --help`` lists it."""

    module: str
    """Below `lab.cli.verbs`."""
    help: str
    aliases: tuple[str, ...] = ()


VERBS: Mapping[str, Verb] = {
    "deploy": Verb(
        module="deploy",
        help="Build a lab, or change it to what its file says now.",
        aliases=("up", "apply"),
    ),
    "destroy": Verb(
        module="destroy", help="Remove a lab without leaving a trace.", aliases=("down",)
    ),
    "list": Verb(module="listing", help="Show the labs of this machine.", aliases=("ls",)),
    "inspect": Verb(module="inspect", help="Show nodes, pods, routes or addresses of a lab."),
    "exec": Verb(module="execute", help="Run a command in a node, a pod or a machine."),
    "test": Verb(module="test", help="Ask the lab file's tests with packets."),
    "validate": Verb(module="validate", help="Check a lab file without building anything."),
    "doctor": Verb(module="doctor", help="Say what this machine can do and what is missing."),
    "completion": Verb(module="completion", help="Print the completion script of a shell."),
    "version": Verb(module="version", help="Print the version."),
}

EPILOG = """\
\b
Examples:
  vnetlab deploy                      the only *.lab.yaml here
  vnetlab exec pod/nginx-0 -- ping -c 3 10.244.0.6
  vnetlab inspect routes --format json
  vnetlab destroy

Every option is also an environment variable: --lab is VNETLAB_LAB.
"""


class Verbs(click.Group):
    """A group that knows its commands by name and imports only the one that is run."""

    aliases: ClassVar[Mapping[str, str]] = {
        alias: name for name, verb in VERBS.items() for alias in verb.aliases
    }

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every verb, in the order in which one needs them."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The verb of a name or an alias."""
        verb = VERBS.get(self.aliases.get(cmd_name, cmd_name))
        if verb is None:
            return None
        command: click.Command = import_module(f"lab.cli.verbs.{verb.module}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of verbs, from the table alone."""
        with formatter.section("Commands"):
            formatter.write_dl(
                [(", ".join((name, *verb.aliases)), verb.help) for name, verb in VERBS.items()]
            )


@click.group(
    cls=Verbs,
    name="vnetlab",
    context_settings=SETTINGS,
    epilog=EPILOG,
    help="The network under a Kubernetes cluster, as genuine kernel traffic on this machine.",
)
def vnetlab() -> None:
    """All verbs."""
