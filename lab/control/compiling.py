"""From files to everything that the cloud process has to know of a lab; pure, and slow.

The one module here that knows `lab.topology`, `lab.kube` and `lab.compile`. The
loop calls it in a thread.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from lab.contract.node_state import Address
from lab.contract.v1 import lab_pb2
from lab.topology.sources import LabSources


@dataclass(frozen=True, slots=True, kw_only=True)
class Compiled:
    """What the files of a lab mean."""

    name: str
    """Of the lab."""
    ledger: str
    """Every allocation, as JSON, for the next compilation to keep."""
    states: Mapping[str, bytes]
    """Encoded desired state by node."""
    hosts: Mapping[str, Address]
    """Underlay address by node."""
    pods: Mapping[str, int]
    """Number of pods by node."""
    warnings: tuple[str, ...]
    inventory: lab_pb2.InspectReply
    """All that can be inspected, but for what only the hosts know. Not to be changed."""
    resolve: Callable[[str], lab_pb2.ResolveReply]
    """Where a target is; raises `LookupError` with what to do next when there is none."""


def compile_sources(sources: LabSources, ledger: str | None) -> Compiled:
    """What `sources` mean, given the allocations so far.

    Raises `lab.topology.problems.LabFileError` with every problem at once.
    """
    raise NotImplementedError
