"""``vnetlab exec``."""

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from lab.cli.completion import complete_targets
from lab.cli.invocation import SETTINGS
from lab.cli.options import file_option, lab_option

SEPARATOR = "--"
SHELL = ("sh", "-c", "command -v bash >/dev/null && exec bash || exec sh")
"""What runs when no command is given."""

COMMAND_TIME = 3600.0
"""Seconds for a command that goes through an agent, which can't be interrupted."""

EPILOG = """\
\b
Examples:
  vnetlab exec pod/nginx-0 -- curl -s http://10.244.0.6/
  vnetlab exec node/aks-nodepool1-52243381-vmss000000 -- ip route
  vnetlab exec host/vm1 -- nft list ruleset
  vnetlab exec vm1                                     a shell
"""


class ExecCommand(click.Command):
    """Our options before ``--`` in any order; without ``--``, before the target only."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Keep the words of the command from being taken for ours."""
        ctx.obj = ()
        if SEPARATOR in args:
            position = args.index(SEPARATOR)
            if self._names_a_target(ctx, args[:position]):
                ctx.allow_interspersed_args = True
                ctx.obj = tuple(args[position + 1 :])
                return super().parse_args(ctx, args[:position])
        ctx.allow_interspersed_args = False
        return super().parse_args(ctx, args)

    def _names_a_target(self, ctx: click.Context, args: list[str]) -> bool:
        """Whether `args` are our options and at most a target: the ``--`` is not the command's."""
        ctx.allow_interspersed_args = True
        try:
            values, _, _ = self.make_parser(ctx).parse_args(args=list(args))
        except click.UsageError:
            return False
        # Words are a tuple as soon as there are any, and click's mark for none otherwise.
        return not isinstance(values.get("words"), tuple)


@click.command("exec", cls=ExecCommand, context_settings=SETTINGS, epilog=EPILOG)
@file_option
@lab_option
@click.option(
    "--tty/--no-tty",
    default=None,
    help="Whether the command may take the terminal over; told by stdin unless given.",
)
@click.argument("target", shell_complete=complete_targets)
@click.argument("words", metavar="[--] [CMD]...", nargs=-1, type=click.UNPROCESSED)
@click.pass_context
def command(  # noqa: PLR0913 - one for each option
    ctx: click.Context,
    *,
    file: Path | None,
    lab: str | None,
    target: str,
    words: tuple[str, ...],
    tty: bool | None,
) -> None:
    """Run a command in a place of a running lab, or a shell.

    \b
    node/NAME       a cluster node's operating system
    vm/NAME         a virtual machine
    pod/[NS/]NAME   a pod; a replica is DEPLOYMENT-NUMBER as well
    internet/NAME   a host of the Internet
    onprem/NAME     a host on premises
    host/NAME       the virtual switch in front of a machine

    A name that only one of them has needs no prefix. stdin, stdout and the
    terminal are passed through; the exit code is the command's own.
    """
    from lab.cli.selection import selected
    from lab.cli.service import connected

    argv = (*words, *ctx.obj) or SHELL
    chosen = selected(lab, file)
    with connected(chosen.target) as service:
        place = service.resolve(target)
    if not chosen.runtime:
        ctx.exit(through_agent(chosen.target, place.canonical_name, argv))
    from lab.cli.runtimes import runtime_of

    with_terminal = sys.stdin.isatty() if tty is None else tty
    runtime = runtime_of(chosen.runtime, chosen.name)
    ctx.exit(runtime.execute(place, argv, tty=with_terminal))


def through_agent(address: str, target: str, argv: Sequence[str]) -> int:
    """Run a command by the agent of the target's host, where there is no other way.

    Inside a lab's container no runtime is at hand. The command gets no stdin, and
    what it prints comes when it has ended.
    """
    from lab.cli.errors import CommandFailed
    from lab.cli.service import connected
    from lab.contract.v1.agent_pb2 import CommandProbe, ProbeRequest

    probe = ProbeRequest(deadline=COMMAND_TIME, command=CommandProbe(argv=argv))
    with connected(address) as service:
        replies = service.ask(target, probe)
    if not replies or replies[-1].error:
        reason = replies[-1].error if replies else "its agent went away"
        raise CommandFailed(f"{argv[0]} could not be run in {target}: {reason}")
    result = replies[-1].command
    click.echo(result.stdout, nl=False)
    click.echo(result.stderr, nl=False, err=True)
    return result.exit_code
