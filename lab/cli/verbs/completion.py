"""``vnetlab completion``."""

import click
from click.shell_completion import get_completion_class

from lab.cli.invocation import SETTINGS, vnetlab

EPILOG = """\
\b
Examples:
  source <(vnetlab completion bash)                    this shell
  vnetlab completion zsh > ~/.zfunc/_vnetlab           every zsh
  vnetlab completion fish > ~/.config/fish/completions/vnetlab.fish
"""


@click.command("completion", context_settings=SETTINGS, epilog=EPILOG)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def command(shell: str) -> None:
    """Print the script that makes a shell complete vnetlab's words.

    Verbs, options, names of labs, and what runs in them.
    """
    kind = get_completion_class(shell)
    if kind is None:
        raise click.UsageError(f"click has no completion for {shell}")
    click.echo(kind(vnetlab, {}, "vnetlab", "_VNETLAB_COMPLETE").source())
