"""Compilations for tests, made by hand: what a lab means is not what is tested here."""

from collections.abc import Mapping
from ipaddress import IPv4Address

from lab.contract.state_parts import Parts
from lab.contract.v1 import agent_pb2, lab_pb2
from lab.control.compiling import Compiled
from lab.control.store import Applied
from lab.topology.problems import LabFileError, Location, Problem
from lab.topology.sources import LabSources


def compiled(
    states: Mapping[str, Parts], *, name: str = "lab", ledger: str = "{}", pods: int = 0
) -> Compiled:
    """A compilation with the given states; every node has so many pods."""

    def resolve(target: str) -> lab_pb2.ResolveReply:
        if target not in states:
            raise LookupError(f"there is no {target} in this lab")
        return lab_pb2.ResolveReply(
            node=target, place=agent_pb2.Place(node=True), canonical_name=f"node/{target}"
        )

    return Compiled(
        name=name,
        ledger=lambda: ledger,
        states=states,
        hosts={node: IPv4Address("198.18.0.10") + index for index, node in enumerate(states)},
        pods=dict.fromkeys(states, pods),
        warnings=(),
        inventory=lambda: lab_pb2.InspectReply(
            nodes=[lab_pb2.NodeStatus(name=node) for node in states],
            routes=[lab_pb2.EffectiveRoute(name="route")],
            allocations=[lab_pb2.Allocation(owner="node")],
        ),
        resolve=resolve,
    )


def compile_words(
    sources: LabSources, ledger: str | None, _standing: LabSources | None = None
) -> Compiled:
    """``NAME node=state node=state …`` is a lab; a ledger that counts compilations comes with it.

    The word ``wrong`` is a problem.
    """
    name, *words = sources.lab.content.decode().split()
    if "wrong" in words:
        problem = Problem(Location(sources.lab.path, 1), "wrong is no node", "write NODE=STATE")
        raise LabFileError([problem])
    states = dict(word.split("=") for word in words)
    return compiled(
        {node: (state.encode(),) for node, state in states.items()},
        name=name,
        ledger=",".join(sorted({*(ledger or "").split(","), *states} - {""})),
    )


def request(text: str, *, origin: str = "") -> lab_pb2.ApplyRequest:
    """A request to apply a lab in `compile_words`' language."""
    return lab_pb2.ApplyRequest(
        lab=lab_pb2.SourceFile(path="lab.yaml", content=text.encode()), origin=origin
    )


class Memory:
    """What a state file keeps, and how often it was written."""

    def __init__(self, applied: Applied | None = None, *, asked: bytes | None = None) -> None:
        self.applied = applied
        self.written = 0
        self.is_asked = asked

    def load(self) -> Applied | None:
        return self.applied

    def save(self, applied: Applied) -> None:
        self.applied = applied
        self.is_asked = None
        self.written += 1

    def asked(self) -> bytes | None:
        return self.is_asked

    def ask(self, source: bytes) -> None:
        self.is_asked = source

    def withdraw(self) -> None:
        self.is_asked = None
