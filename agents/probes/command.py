"""Any command of the user's, run inside a place."""

from agents.probes.tool import Output, ProbeError
from lab.contract.v1.agent_pb2 import CommandProbe, CommandResult


def command_of(probe: CommandProbe) -> list[str]:
    """The words to run. Raises `ProbeError` when there are none."""
    if not probe.argv:
        raise ProbeError("a command needs at least one word")
    return list(probe.argv)


def result_of(output: Output) -> CommandResult:
    """What the command left; one ended by signal N counts as 128+N, as in a shell."""
    code = output.exit_code
    return CommandResult(
        exit_code=128 - code if code < 0 else code, stdout=output.stdout, stderr=output.stderr
    )
