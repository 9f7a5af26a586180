"""The entry point: runs a verb and turns whatever goes wrong into words and an exit code."""

import os
import sys
from collections.abc import Sequence
from io import TextIOWrapper

import click

from lab.cli.invocation import ENVIRONMENT_PREFIX, vnetlab

INTERRUPTED = 130
"""128 + SIGINT, as shells count it."""


def main() -> None:
    """Run the command line of this process, and end the process."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # A locale that has no "…" is no reason to fail.
            stream.reconfigure(errors="replace")
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run one command line; returns its exit code.

    ``VNETLAB_DEBUG`` lets exceptions through, with their traceback.
    """
    try:
        outcome = vnetlab.main(
            args=list(arguments),
            prog_name="vnetlab",
            standalone_mode=False,
            auto_envvar_prefix=ENVIRONMENT_PREFIX,
        )
        sys.stdout.flush()
    except (KeyboardInterrupt, click.Abort):
        click.echo("interrupted", err=True)
        return INTERRUPTED
    except BrokenPipeError:
        # The reader has seen enough; without this Python complains while it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        if os.environ.get("VNETLAB_DEBUG"):
            raise
        from lab.cli.errors import show

        return show(error)
    return outcome if isinstance(outcome, int) else 0


if __name__ == "__main__":
    main()
