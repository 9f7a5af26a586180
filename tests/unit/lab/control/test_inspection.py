from dataclasses import replace

from lab.contract.condition import Condition, ConditionStatus
from lab.contract.v1 import lab_pb2
from lab.control.convergence import Report, Standing
from lab.control.health import Health
from lab.control.inspection import inspect
from lab.control.rollout import Revision
from tests.unit.lab.control.labs import compiled, request


def revision(*pods: lab_pb2.PodStatus) -> Revision:
    meaning = compiled({"a": b"1", "b": b"2"})

    def inventory() -> lab_pb2.InspectReply:
        found = meaning.inventory()
        found.pods.extend(pods)
        return found

    return Revision(
        number=3,
        source=request("lab a=1 b=2"),
        compiled=replace(meaning, inventory=inventory),
    )


def standing(*conditions: Condition, connected: bool = True) -> Standing:
    return Standing(
        connected=connected, report=Report(revision=3, ask=1, conditions=tuple(conditions))
    )


def test_a_node_is_ready_when_its_agent_is_here_and_its_host_matches() -> None:
    reply = inspect(revision(), {"a": standing()}, kinds=frozenset(), health=Health())

    assert {node.name: (node.status, node.revision) for node in reply.nodes} == {
        "a": ("Ready", 3),
        "b": ("NotReady", 0),
    }


def test_a_pod_has_the_phase_that_its_host_reported() -> None:
    names = ("there", "coming", "broken", "unheard")
    pods = [lab_pb2.PodStatus(namespace="default", name=name, node="a") for name in names]
    lost = lab_pb2.PodStatus(namespace="default", name="lost", node="b")
    reported = standing(
        Condition(object="pod/default/there", status=ConditionStatus.APPLIED),
        Condition(object="pod/default/coming", status=ConditionStatus.PENDING),
        Condition(object="pod/default/broken", status=ConditionStatus.FAILED),
    )

    reply = inspect(
        revision(*pods, lost),
        {"a": reported, "b": standing(connected=False)},
        kinds=frozenset(),
        health=Health(),
    )

    assert {pod.name: pod.status for pod in reply.pods} == {
        "there": "Running",
        "coming": "Pending",
        "broken": "Failed",
        "unheard": "Pending",
        "lost": "Unknown",
    }


def test_only_what_is_asked_for_is_sent() -> None:
    reply = inspect(revision(), {}, kinds=frozenset({"ipam"}), health=Health())

    assert len(reply.allocations) == 1
    assert not reply.nodes
    assert not reply.routes
    assert not reply.HasField("source")
    assert (reply.lab, reply.revision) == ("lab", 3)


def test_a_member_is_as_its_probe_found_it_unless_it_is_closed() -> None:
    health = Health()
    health.heard("a", up=["lb/alive"], down=[])
    members = [
        lab_pb2.BackendStatus(load_balancer="lb", host="a", probe="alive"),
        lab_pb2.BackendStatus(load_balancer="lb", host="b", probe="alive"),
        lab_pb2.BackendStatus(load_balancer="lb", host="b"),
        lab_pb2.BackendStatus(load_balancer="lb", host="a", probe="alive", status="Closed"),
    ]
    made = revision()
    whole = replace(made.compiled, inventory=lambda: lab_pb2.InspectReply(backends=members))
    reply = inspect(replace(made, compiled=whole), {}, kinds=frozenset(), health=health)
    assert [each.status for each in reply.backends] == ["Up", "Down", "Up", "Closed"]
