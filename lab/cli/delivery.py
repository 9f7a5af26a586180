"""One deploy: machines are provided while the cloud process delivers, and both are followed.

Whatever interrupts it, the cloud process goes on with what it was given, and the
next deploy completes the rest.
"""

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from ipaddress import IPv4Address
from threading import Thread

from lab.cli.loading import counted
from lab.cli.progress import Progress
from lab.cli.service import LabService
from lab.contract.v1 import lab_pb2
from lab.runtime.provider import Host, Runtime


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """How a deploy ended."""

    revision: int
    nodes: int
    pods: int
    operations: int
    """That hosts executed; 0: everything was as it should be."""
    failures: tuple[str, ...] = ()
    """What is not as it should be, one line each."""
    warnings: tuple[str, ...] = ()


def deliver(
    request: lab_pb2.ApplyRequest,
    *,
    service: LabService,
    runtime: Runtime,
    progress: Progress,
) -> Delivered:
    """Apply `request` and provide its hosts. Raises `CommandFailed` or `RuntimeFailure`."""
    providing: Future[None] | None = None
    warnings: tuple[str, ...] = ()
    last = lab_pb2.ApplyProgress()
    for last in service.apply(request):
        if providing is None:
            warnings = tuple(last.warnings)
            hosts = hosts_of(last)
            progress.say(f"revision {last.revision}: {counted(len(hosts), 'host')}")
            providing = begin_providing(runtime, hosts)
        elif providing.done():
            # Its failure says more than hosts that never become ready.
            providing.result()
        progress.count(
            {
                "nodes ready": (last.nodes_ready, last.nodes_total),
                "pods attached": (last.pods_attached, last.pods_total),
            }
        )
    if providing is not None:
        providing.result()
    return Delivered(
        revision=last.revision,
        nodes=last.nodes_total,
        pods=last.pods_total,
        operations=last.operations,
        failures=tuple(map(failure_line, last.failures)),
        warnings=warnings,
    )


def begin_providing(runtime: Runtime, hosts: Sequence[Host]) -> Future[None]:
    """Have the machines made beside what else there is to do.

    The thread is a daemon: an interrupted command ends at once, and the next deploy
    makes what this one did not.
    """
    outcome: Future[None] = Future()

    def provide() -> None:
        try:
            runtime.provide(hosts)
        except BaseException as error:
            outcome.set_exception(error)
        else:
            outcome.set_result(None)

    Thread(target=provide, name="provide", daemon=True).start()
    return outcome


def hosts_of(progress: lab_pb2.ApplyProgress) -> Sequence[Host]:
    """The machines that the first message asks for."""
    return [
        Host(name=host.name, underlay_address=IPv4Address(host.underlay_address))
        for host in progress.hosts
    ]


def failure_line(failure: lab_pb2.NodeCondition) -> str:
    """What a host could not bring about."""
    reason = failure.condition.reason or "not applied"
    return f"{failure.node}: {failure.condition.object}: {reason}"
