"""One iperf3 transfer between two places, each named by a command prefix."""

import json
import subprocess
from collections.abc import Mapping, Sequence

from benchmarks.commands import CommandFailed, output

PORT = 5201


def gigabits_per_second(
    *,
    server: Sequence[str],
    client: Sequence[str],
    address: str,
    seconds: int,
    environment: Mapping[str, str],
) -> float:
    """What the receiver got, TCP, one stream."""
    listening = subprocess.Popen(
        [*server, "iperf3", "--server", "--one-off", "--forceflush", "--port", str(PORT)],
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert listening.stdout is not None
        said = []
        for line in listening.stdout:
            said.append(line)
            if "Server listening" in line:
                break
        else:
            raise CommandFailed(f"iperf3 does not listen:\n{''.join(said)}")
        argv = ["iperf3", "--client", address, "--time", str(seconds), "--json"]
        report = json.loads(
            output(
                [*client, *argv, "--port", str(PORT)],
                deadline=seconds + 30,
                environment=environment,
            )
        )
    finally:
        listening.kill()
        listening.communicate()
    return float(report["end"]["sum_received"]["bits_per_second"]) / 1e9
