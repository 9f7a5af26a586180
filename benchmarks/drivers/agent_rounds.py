"""Attaches and detaches pods the way an agent does: rounds of the reconciler.

    python3 agent_rounds.py PODS

Runs inside a namespace of its own, which it makes the underlay of one host. Two
ways: all pods in one round, as a deploy brings them, divided by their number; and
one more pod in a round for itself, on a node that has others. Nothing runs in the
pods, as nothing does behind the CNI plugins. Prints one JSON object of
milliseconds.
"""

import asyncio
import dataclasses
import gc
import json
import sys
import time
from collections.abc import Sequence
from ipaddress import IPv4Address
from pathlib import Path

from agents.config import AgentConfig
from agents.kept_host import KeptHost
from agents.kernel.linux import LinuxKernel
from agents.kernel.worker import Worker
from agents.reconciler import Reconciler
from agents.workloads.desired import Phase, Workload, WorkloadStatus
from agents.workloads.platform import PlatformServices
from benchmarks import labs
from lab.compile import Ledger, compile_lab
from lab.contract.node_state import NodeState
from lab.kube.objects import parse_manifests
from lab.runtime.native.hosts import make_directories, make_namespaces, prepare_spine
from lab.runtime.provider import Host
from lab.topology.load import parse

ALONE = 20
"""Pods that get a round for themselves, on a node that has about as many."""


class NothingRuns:
    """Pods with nothing in them."""

    async def apply(
        self, workloads: Sequence[Workload], platform: PlatformServices | None
    ) -> Sequence[WorkloadStatus]:
        return [WorkloadStatus(uid=one.uid, phase=Phase.RUNNING) for one in workloads]


def node_with(pods: int) -> NodeState:
    """What the cloud process would want of the only node of a cluster."""
    sources = labs.kubenet(nodes=1, pods=pods).sources()
    lab = parse(sources)
    (state,) = [
        state
        for state in compile_lab(lab, parse_manifests(lab, sources), Ledger()).nodes.values()
        if state.kubenet
    ]
    return state


async def milliseconds(reconciler: Reconciler, state: NodeState) -> float:
    started = time.perf_counter()
    done = await reconciler.reconcile(state)
    elapsed = (time.perf_counter() - started) * 1000
    failed = [condition for condition in done.conditions if condition.reason]
    if failed:
        sys.exit(f"a round failed: {failed[0]}")
    return elapsed


async def measure(config: AgentConfig, state: NodeState) -> dict[str, list[float]]:
    # As in an agent, which is forked from a process that did this (native runtime).
    gc.collect()
    gc.freeze()
    kernel = LinuxKernel.of(config)
    worker = Worker("kernel")
    reconciler = Reconciler(KeptHost(kernel, config), worker, workloads=NothingRuns())

    def with_first(pods: int) -> NodeState:
        return dataclasses.replace(state, pods=state.pods[:pods])

    # The first round makes the switch and the bridge; no pod pays for that.
    await milliseconds(reconciler, with_first(1))
    number = len(state.pods)
    together = await milliseconds(reconciler, state) / (number - 1)
    apart = await milliseconds(reconciler, with_first(1)) / (number - 1)
    alone = [
        await milliseconds(reconciler, with_first(pods)) for pods in range(2, min(ALONE, number))
    ]
    kernel.close()
    worker.close()
    return {"attach": [together], "detach": [apart], "attach alone": alone}


def main() -> None:
    state = node_with(int(sys.argv[1]))
    underlay_address = IPv4Address(str(state.vswitch.underlay_address))
    host = Host(name=state.name, underlay_address=underlay_address)
    run = Path("/run/vnetlab")
    prepare_spine()
    make_directories(host, run)
    make_namespaces(host, run)
    config = AgentConfig(
        node=state.name,
        cloud="unix:/nowhere",
        run_directory=run,
        namespaces=run / "netns",
        root=run / "root",
    )
    print(json.dumps(asyncio.run(measure(config, state))))


if __name__ == "__main__":
    main()
