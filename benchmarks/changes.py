"""Small changes of a lab that runs: how long until the last host does what is wanted.

Measured by packets. While a change is under way nodes send datagrams, and the spine
between the hosts sees which of them a host's switch lets out. Rules are asked about flows, so
there each datagram is a flow of its own. Routes are asked about every packet: for a node more
those of a node are one flow, because a new one takes connection tracking, which would be
most of what measuring takes from the processors. The clock starts when the request leaves for
the cloud process and stops at the first datagram of the last node that was treated the new
way, so that both the pace of the probes and the compilation are in it.
"""

import math
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from benchmarks import labs, network_labs
from benchmarks.applying import apply, nodes_of
from benchmarks.deployment import Deployment, running
from benchmarks.labs import GeneratedLab
from benchmarks.machine import settle
from benchmarks.measurement import Benchmark, Contender, Measured, NotMeasured, Row, Sizes
from benchmarks.probing import Stream, streaming

AFTERWARDS = 0.3
"""Seconds in which nothing may fall back."""

REHEARSALS = 8
"""Changes of each kind before those that count: they fill memories that a lab in use has filled,
and tell the probes when to begin."""


def _changes(sizes: Sizes) -> Measured:
    nodes, rules = sizes.change_nodes, sizes.change_rules
    measured: dict[str, list[float]] = {}
    with running(network_labs.changeable(nodes=nodes, rules=rules)) as deployment:
        sources = {node.name: node.address for node in nodes_of(deployment)}
        with streaming(
            deployment.cloud_socket,
            sources,
            destination=network_labs.PROBED,
            port=network_labs.PROBED_PORT,
            flows=True,
        ) as stream:
            settle()
            for kind in ("denied", "dropped"):

                def lab(off: bool, kind: str = kind) -> GeneratedLab:  # noqa: FBT001
                    return network_labs.changeable(nodes=nodes, rules=rules, **{kind: off})

                turns = [
                    _change(
                        deployment,
                        stream,
                        _edited(lab(turn % 2 == 0), turn),
                        carried=turn % 2 == 1,
                    )
                    for turn in range(sizes.changes + REHEARSALS)
                ]
                _note(measured, kind, turns[REHEARSALS:])
                # The next kind is to change one thing, not to take back another.
                apply(deployment, lab(False))
    return measured


def _additions(sizes: Sizes) -> Measured:
    """One node more, and back. Asked are the hosts that are there; nobody makes the new one."""
    nodes = sizes.addition_nodes
    base = labs.kubenet(nodes=nodes, pods=2 * nodes)
    more = replace(base, lab_file=base.lab_file.replace(f"count: {nodes},", f"count: {nodes + 1},"))
    measured: dict[str, list[float]] = {}
    with running(base) as deployment:
        sources = {node.name: node.address for node in nodes_of(deployment)}
        apply(deployment, more, complete=False)
        (new,) = [node for node in nodes_of(deployment) if node.name not in sources]
        apply(deployment, base)
        with streaming(
            deployment.cloud_socket,
            sources,
            destination=str(new.pod_cidr).replace(".0/24", ".9"),
            port=network_labs.PROBED_PORT,
            flows=False,
        ) as stream:
            settle()
            turns: list[dict[str, float]] = []
            for _ in range(sizes.additions + REHEARSALS):
                edited = _edited(more, len(turns))
                turns.append(_change(deployment, stream, edited, carried=True, complete=False))
                apply(deployment, base)
            _note(measured, "added", turns[REHEARSALS:])
    return measured


def _change(
    deployment: Deployment,
    stream: Stream,
    lab: GeneratedLab,
    *,
    carried: bool,
    complete: bool = True,
) -> dict[str, float]:
    stream.watch(carried=carried)
    done = apply(deployment, lab, complete=complete, begun=stream.asked)
    time.sleep(AFTERWARDS if complete else 1.0)
    turn = stream.turn(since=done.asked)
    if turn.relapses:
        raise NotMeasured(f"{turn.relapses} hosts fell back to what was before")
    return {
        "enforced": turn.latest * 1000,
        "accepted": (done.accepted - done.asked) * 1000,
    }


def _edited(lab: GeneratedLab, turn: int) -> GeneratedLab:
    """The same lab in a file that was never read before, as a file that somebody edits."""
    return replace(lab, lab_file=f"{lab.lab_file}# Edited for the {turn}. time.\n")


def _note(measured: dict[str, list[float]], kind: str, turns: Sequence[dict[str, float]]) -> None:
    for metric in ("enforced", "accepted"):
        values = [turn[metric] for turn in turns]
        measured[f"{kind} {metric}"] = values
        measured[f"{kind} {metric}, p99"] = [percentile(values, 99)]


def percentile(values: Sequence[float], percent: float) -> float:
    """The least value that so many percent of all don't exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(percent / 100 * len(ordered)) - 1)]


@contextmanager
def _contenders(sizes: Sizes) -> Iterator[Sequence[Contender]]:
    yield (Contender(name="vnetlab", measure=lambda: {**_changes(sizes), **_additions(sizes)}),)


def _rows(sizes: Sizes) -> tuple[Row, ...]:
    few, many = f"{sizes.change_nodes} nodes", f"{sizes.addition_nodes} nodes"
    kinds = {
        "denied": f"a security rule changed, {few}",
        "dropped": f"a user-defined route changed, {few}",
        "added": f"a node more, {many}",
    }
    rows = []
    for kind, title in kinds.items():
        rows += [
            Row(title=f"{title}, last host", metric=f"{kind} enforced", unit="ms", bound=20),
            Row(title="the same, p99", metric=f"{kind} enforced, p99", unit="ms", bound=100),
        ]
    return tuple(rows)


BENCHMARK = Benchmark(
    name="changes",
    about="a rule, a route or a node more in a lab that runs, until the last host has it",
    contenders=_contenders,
    rows=_rows,
    repeats=lambda _: 1,
)
