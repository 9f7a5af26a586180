"""Labs in words, for tests of how states travel and not of what they say.

``NAME NODE=STATE NODE=STATE …`` is a lab of those nodes; the word ``wrong`` is a problem.
"""

from ipaddress import IPv4Address, IPv4Interface

from lab.contract.codec import encode
from lab.contract.node_state import Nic, NodeKind, NodeState, Vswitch
from lab.contract.v1 import agent_pb2, lab_pb2
from lab.control.compiling import Compiled
from lab.topology.problems import LabFileError, Location, Problem
from lab.topology.sources import LabSources

FIRST = IPv4Address("198.18.0.10")


def compile_words(
    sources: LabSources, ledger: str | None, _standing: LabSources | None = None
) -> Compiled:
    """What a lab in words means; the ledger remembers every node that ever was."""
    name, *words = sources.lab.content.decode().split()
    if "wrong" in words:
        problem = Problem(Location(sources.lab.path, 1), "wrong is no node", "write NODE=STATE")
        raise LabFileError([problem])
    states = dict(word.split("=") for word in words)
    ever = sorted({*(ledger or "").split(), *states})
    hosts = {node: FIRST + ever.index(node) for node in states}

    def resolve(target: str) -> lab_pb2.ResolveReply:
        if target.removeprefix("node/") not in states:
            raise LookupError(f"there is no {target}; there are {', '.join(states)}")
        node = target.removeprefix("node/")
        return lab_pb2.ResolveReply(node=node, place=agent_pb2.Place(node=True))

    return Compiled(
        name=name,
        ledger=lambda: " ".join(ever),
        states={
            node: (encode(node_state(node, hosts[node], text)),) for node, text in states.items()
        },
        hosts=hosts,
        pods=dict.fromkeys(states, 0),
        warnings=("written in words",),
        inventory=lambda: lab_pb2.InspectReply(
            nodes=[lab_pb2.NodeStatus(name=node) for node in states]
        ),
        resolve=resolve,
    )


def node_state(node: str, underlay: IPv4Address, text: str) -> NodeState:
    """A desired state that says `text` somewhere."""
    return NodeState(
        name=node,
        kind=NodeKind.VIRTUAL_MACHINE,
        nic=Nic(
            mac="00:0d:3a:00:00:04",
            primary=IPv4Interface("10.0.0.4/22"),
            gateway=IPv4Address("10.0.0.1"),
        ),
        vswitch=Vswitch(underlay_address=underlay),
        sysctls={"net.text": text},
    )


def text_of(state: NodeState | None) -> str:
    """What a desired state says; empty when there is none."""
    return state.sysctls["net.text"] if state is not None else ""


def request(text: str, *, deadline: float = 0, origin: str = "") -> lab_pb2.ApplyRequest:
    """A request to apply a lab in words."""
    return lab_pb2.ApplyRequest(
        lab=lab_pb2.SourceFile(path="words.lab.yaml", content=text.encode()),
        deadline=deadline,
        origin=origin,
    )
