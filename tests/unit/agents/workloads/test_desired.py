from dataclasses import replace
from ipaddress import ip_address, ip_interface

import pytest

from agents.workloads.desired import (
    MACHINE,
    MACHINE_RESPONDER,
    TLS_PORT,
    Desired,
    Phase,
    Statuses,
    Workload,
    WorkloadStatus,
    decode_desired,
    decode_statuses,
    encode_desired,
    encode_statuses,
    failures,
    workloads_for,
)
from lab.contract.node_state import (
    Container,
    ContainerPort,
    Nic,
    NodeKind,
    NodeState,
    Pod,
    PodInterface,
    Protocol,
    Vswitch,
)

NGINX = Container(
    name="web",
    image="nginx",
    command=("sh", "-c", 'echo "a\nb"'),
    ports=(ContainerPort(protocol=Protocol.UDP, port=53, name="dns"),),
    environment={"LANG": "C"},
)


def pod(uid: str, *, host_network: bool = False) -> Pod:
    interface = PodInterface(
        address=ip_interface("10.244.0.4/24"),
        gateway=ip_address("10.244.0.1"),
        mac="0a:00:00:00:00:01",
        mtu=1500,
        host_interface="veth1",
    )
    return Pod(
        namespace="default",
        name=f"pod-{uid}",
        uid=uid,
        host_network=host_network,
        interface=None if host_network else interface,
        containers=(NGINX,),
    )


def state(kind: NodeKind, *pods: Pod, containers: tuple[Container, ...] = ()) -> NodeState:
    return NodeState(
        name="node-1",
        kind=kind,
        nic=Nic(
            mac="00:0d:3a:00:00:01",
            primary=ip_interface("10.0.0.4/22"),
            gateway=ip_address("10.0.0.1"),
        ),
        vswitch=Vswitch(underlay_address=ip_address("198.18.0.10")),
        pods=pods,
        containers=containers,
    )


def test_a_pod_runs_once_its_namespace_is_there() -> None:
    """Its sockets could not be opened before."""
    node = state(NodeKind.CLUSTER_NODE, pod("a"), pod("b"))

    (workload,) = workloads_for(node, attached={"b"})

    assert workload == Workload(
        node="node-1",
        uid="b",
        namespace="default",
        name="pod-b",
        address=ip_address("10.244.0.4"),
        containers=(NGINX,),
    )
    assert workload.pin == "pod-b"


def test_a_pod_on_the_host_network_has_the_nodes_namespace_and_address() -> None:
    (workload,) = workloads_for(
        state(NodeKind.CLUSTER_NODE, pod("a", host_network=True)), attached=()
    )

    assert (workload.pin, workload.address) == ("node", ip_address("10.0.0.4"))


def test_a_cluster_node_runs_nothing_by_itself() -> None:
    assert workloads_for(state(NodeKind.CLUSTER_NODE), attached=()) == ()


@pytest.mark.parametrize("kind", [NodeKind.VIRTUAL_MACHINE, NodeKind.INTERNET_HOST])
def test_other_machines_answer_unless_told_to_run_something_else(kind: NodeKind) -> None:
    (answering,) = workloads_for(state(kind), attached=())
    (told,) = workloads_for(state(kind, containers=(NGINX,)), attached=())

    assert (answering.uid, answering.pin) == (MACHINE, "node")
    assert answering.containers == (MACHINE_RESPONDER,)
    assert told.containers == (NGINX,)


def test_a_desired_list_arrives_as_it_was_sent_on_one_line() -> None:
    node = state(NodeKind.VIRTUAL_MACHINE, pod("a"), pod("b", host_network=True))
    desired = Desired(revision=7, workloads=workloads_for(node, attached={"a"}))

    line = encode_desired(desired)

    assert line.index(b"\n") == len(line) - 1
    assert decode_desired(line) == desired


def test_statuses_arrive_as_they_were_sent_on_one_line() -> None:
    statuses = Statuses(
        revision=7,
        statuses=(
            WorkloadStatus(uid="a", phase=Phase.RUNNING),
            WorkloadStatus(uid="b", phase=Phase.FAILED, reason="port 80/TCP\nis taken"),
        ),
        health={"lb/alive": True, "lb/other": False},
    )

    line = encode_statuses(statuses)

    assert line.index(b"\n") == len(line) - 1
    assert decode_statuses(line) == statuses
    assert failures(statuses.statuses) == {"b": "port 80/TCP\nis taken"}


@pytest.mark.parametrize("line", [b"", b"{}", b'{"revision": 1, "statuses": [{"uid": "a"}]}', b"["])
def test_any_other_line_is_an_error(line: bytes) -> None:
    with pytest.raises((ValueError, KeyError)):
        decode_statuses(line)
    with pytest.raises((ValueError, KeyError)):
        decode_desired(line)


def test_a_machine_with_a_certificate_answers_over_tls_as_well() -> None:
    site = replace(state(NodeKind.INTERNET_HOST), tls_certificate="PEM")
    (workload,) = workloads_for(site, attached=())
    (container,) = workload.containers
    assert container.ports == (*MACHINE_RESPONDER.ports, TLS_PORT)
    assert container.environment == {"TLS_CERTIFICATE": "PEM"}
