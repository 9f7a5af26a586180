"""From files to everything that the cloud process has to know of a lab; pure, and slow.

The one module here that knows `lab.topology`, `lab.kube` and `lab.compile`. The
loop calls it in a thread.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from ipaddress import IPv4Network
from typing import assert_never

from lab.compile import Compilation, Ledger, compile_lab
from lab.compile.ledger_json import from_json, to_json
from lab.compile.targets import Place, PlaceKind, resolve
from lab.contract.load_balancing import ProbedBackend
from lab.contract.node_state import Address
from lab.contract.state_parts import Parts
from lab.contract.underlay import UNDERLAY
from lab.contract.v1 import agent_pb2, lab_pb2
from lab.control.inventory import inventory
from lab.kube.objects import parse_lab
from lab.topology.load import examine
from lab.topology.problems import LabFileError
from lab.topology.sources import LabSources
from lab.topology.validate.changes import changes


@dataclass(frozen=True, slots=True, kw_only=True)
class Compiled:
    """What the files of a lab mean."""

    name: str
    """Of the lab."""
    ledger: Callable[[], str]
    """Every allocation, as JSON, for the next compilation to keep; who keeps it asks."""
    states: Mapping[str, Parts]
    """Encoded desired state by node."""
    hosts: Mapping[str, Address]
    """Underlay address by node."""
    pods: Mapping[str, int]
    """Number of pods by node."""
    warnings: tuple[str, ...]
    inventory: Callable[[], lab_pb2.InspectReply]
    """All that can be inspected, but for what only the hosts know; the caller's own."""
    resolve: Callable[[str], lab_pb2.ResolveReply]
    """Where a target is; raises `LookupError` with what to do next when there is none."""
    probed: Mapping[str, frozenset[ProbedBackend]] = field(default_factory=dict)
    """Whose health the states of load balancers lack, by load balancer."""


def compile_sources(
    sources: LabSources,
    ledger: str | None,
    standing: LabSources | None = None,
    *,
    underlay: IPv4Network = UNDERLAY,
) -> Compiled:
    """What `sources` mean, given the allocations so far; the first ones come out of `underlay`.

    `standing` is what runs now: some of it can't be changed in place.

    Raises `lab.topology.problems.LabFileError` with every problem at once, and
    `lab.compile.ledger_json.LedgerFormatError` when `ledger` is none.
    """
    before = examine(standing).lab if standing else None
    lab, manifests = parse_lab(sources)
    if before and (problems := tuple(changes(before, lab))):
        raise LabFileError(problems)
    previous = Ledger(underlay=underlay) if ledger is None else from_json(ledger)
    compilation = compile_lab(lab, manifests, previous)
    return Compiled(
        name=lab.name,
        ledger=partial(to_json, compilation.ledger),
        states=compilation.parts(),
        probed={
            node: frozenset(
                ProbedBackend(probe=rule.probe, host=backend.host)
                for rule in state.edge.rules
                if rule.probe
                for backend in rule.backends
            )
            for node, state in compilation.own_states.items()
            if state.edge is not None and any(rule.probe for rule in state.edge.rules)
        },
        hosts={
            node: state.vswitch.underlay_address for node, state in compilation.own_states.items()
        },
        pods={node: len(state.pods) for node, state in compilation.own_states.items()},
        warnings=tuple(map(str, compilation.warnings)),
        inventory=lambda: inventory(compilation),
        resolve=lambda name: _resolved(compilation, name),
    )


def _resolved(compilation: Compilation, name: str) -> lab_pb2.ResolveReply:
    target = resolve(compilation, name)
    return lab_pb2.ResolveReply(
        node=target.node,
        place=_place(target.place),
        address=str(target.address),
        canonical_name=target.canonical_name,
    )


def _place(place: Place) -> agent_pb2.Place:
    match place.kind:
        case PlaceKind.NODE:
            return agent_pb2.Place(node=True)
        case PlaceKind.VSWITCH:
            return agent_pb2.Place(vswitch=True)
        case PlaceKind.POD:
            return agent_pb2.Place(pod_uid=place.pod_uid)
        case _:
            assert_never(place.kind)
