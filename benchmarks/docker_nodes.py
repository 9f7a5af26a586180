"""Nodes as containers, beside the same containers started by `docker run` in a loop.

Ours counts as up when `vnetlab deploy` returns: every node has reached its state
and its pods run. The loop's containers have no cloud process to hear from; each
counts as ready when its workloads process listens, which is the last thing that
a node does by itself.
"""

import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache

from benchmarks import labs
from benchmarks.answers import every_pod_is_answered
from benchmarks.commands import CommandFailed, output
from benchmarks.deployment import prepared
from benchmarks.machine import REPOSITORY
from benchmarks.measurement import Benchmark, Contender, Measured, Row, Sizes, Unavailable
from lab.runtime.docker.containers import (
    NODE_CAPABILITIES,
    NODE_SECURITY,
    NODE_TMPFS,
    PIDS_LIMIT,
)
from lab.runtime.docker.image_source import IMAGE

PODS_PER_NODE = 2
LABEL = "vnetlab.benchmark"
NETWORK = "vnetlab-benchmark"
RANGE = "198.19.240.0/24"
"""Of the underlay's addresses, and away from where labs take theirs first."""
DEADLINE = 300.0
BUILD_DEADLINE = 600.0
READY = "until [ -S /run/vnetlab/workloads.sock ]; do sleep 0.02; done"


@cache
def _have_image() -> None:
    """Once, and before anything is timed: a changed source file means a new image."""
    try:
        output([str(REPOSITORY / "images" / "build")], deadline=BUILD_DEADLINE)
    except CommandFailed as reason:
        raise Unavailable(f"{reason}\nno Docker engine with the image {IMAGE}") from reason


def _vnetlab(nodes: int) -> Measured:
    _have_image()
    lab = labs.kubenet(nodes=nodes, pods=nodes * PODS_PER_NODE)
    with prepared(lab, runtime="docker") as deployment:
        up = deployment.deploy()
        started = time.monotonic()
        every_pod_is_answered(deployment.cloud_socket, deadline=DEADLINE)
        answered = up + time.monotonic() - started
        return {"up": [up], "answered": [answered], "destroy": [deployment.destroy()]}


def _loop(nodes: int) -> Measured:
    _have_image()
    with _network():
        names = [f"{NETWORK}-{number}" for number in range(nodes)]
        started = time.monotonic()
        for name in names:
            output(["docker", "run", *_options(name), IMAGE], deadline=DEADLINE)
        _await_all(names)
        up = time.monotonic() - started
        started = time.monotonic()
        output(["docker", "rm", "--force", *names], deadline=DEADLINE)
        return {"up": [up], "destroy": [time.monotonic() - started]}


def _options(name: str) -> list[str]:
    return [
        *("--detach", f"--name={name}", f"--hostname={name}", f"--network={NETWORK}"),
        *(f"--cap-add={capability}" for capability in NODE_CAPABILITIES),
        *(f"--security-opt={option}" for option in NODE_SECURITY),
        *(f"--tmpfs={path}:{options}" for path, options in NODE_TMPFS.items()),
        *(f"--pids-limit={PIDS_LIMIT}", f"--label={LABEL}"),
        *("--env=VNETLAB_CLOUD=198.19.240.250:4788", f"--env=VNETLAB_NODE={name}"),
        f"--env=VNETLAB_UNDERLAY={RANGE}",
    ]


def _await_all(names: Sequence[str]) -> None:
    """Waits inside the containers, in all at once, so that asking costs least."""
    waiting = [
        subprocess.Popen(["docker", "exec", name, "timeout", "60", "sh", "-c", READY])
        for name in names
    ]
    codes = [process.wait(DEADLINE) for process in waiting]
    if any(codes):
        raise CommandFailed("a container of the loop did not get ready within 60 s")


@contextmanager
def _network() -> Iterator[None]:
    """An internal network like that of a lab; it and all on it go when the block ends."""
    _remove_left_overs()
    options = (
        "com.docker.network.driver.mtu=9000",
        "com.docker.network.bridge.inhibit_ipv4=true",
    )
    argv = ["docker", "network", "create", "--internal", f"--subnet={RANGE}", f"--label={LABEL}"]
    output([*argv, *(f"--opt={option}" for option in options), NETWORK], deadline=60)
    try:
        yield
    finally:
        _remove_left_overs()


def _remove_left_overs() -> None:
    listing = ["docker", "ps", "--all", "--quiet", f"--filter=label={LABEL}"]
    if left := output(listing, deadline=60).split():
        output(["docker", "rm", "--force", *left], deadline=DEADLINE)
    networks = ["docker", "network", "ls", "--quiet", f"--filter=label={LABEL}"]
    if left := output(networks, deadline=60).split():
        output(["docker", "network", "rm", *left], deadline=60)


@contextmanager
def _contenders(sizes: Sizes) -> Iterator[Sequence[Contender]]:
    nodes = sizes.docker_nodes
    yield (
        Contender(name="vnetlab", measure=lambda: _vnetlab(nodes)),
        Contender(name="docker run", measure=lambda: _loop(nodes)),
    )


def _rows(sizes: Sizes) -> tuple[Row, ...]:
    size = f"{sizes.docker_nodes} nodes, {sizes.docker_nodes * PODS_PER_NODE} pods"
    return (
        Row(
            title=f"docker: deploy {size}", metric="up", unit="s", bound=1.25, against="docker run"
        ),
        Row(
            title="docker: the same, every pod answered",
            metric="answered",
            unit="s",
            bound=None,
            against="docker run",
            against_metric="up",
        ),
        Row(
            title="docker: destroy of that",
            metric="destroy",
            unit="s",
            bound=None,
            against="docker run",
        ),
    )


BENCHMARK = Benchmark(
    name="docker",
    about="nodes as containers, beside docker run of the same containers in a loop",
    contenders=_contenders,
    rows=_rows,
    repeats=lambda sizes: min(sizes.repeats, 3),
)
