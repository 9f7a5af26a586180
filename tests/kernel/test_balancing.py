"""Flows from outside spread over two machines, brought up from states written by hand."""

import select
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from pathlib import Path

import pytest

from lab.contract.load_balancing import (
    Backend,
    BalancedPort,
    BalancingRule,
    LoadDistribution,
    ProbedBackend,
)
from lab.contract.node_state import Delivery, Edge, NodeKind, NodeState, Protocol
from tests.kernel.hosts import Host, Site
from tests.kernel.packets import capture, send
from tests.unit.agents.states import address_of, fabric_route, machine, node

pytestmark = pytest.mark.kernel

ONE, TWO, CLIENT_HOST, FRONT, NODE = 1, 2, 3, 4, 5
CLIENT, FRONTEND = IPv4Address("203.0.113.10"), IPv4Address("20.50.0.20")
LOCATORS = {ONE: IPv4Address("240.0.0.1"), TWO: IPv4Address("240.0.0.2")}
BACKENDS = tuple(Backend(host=f"vm{n}", locator=each) for n, each in LOCATORS.items())
FLOATING, MOVED, STICKY, PROBED = 80, 81, 82, 83
INSIDE = {MOVED: 8081, STICKY: 8082, PROBED: 8083}
SERVICE = 90
NODE_LOCATOR, NODE_PORT = IPv4Address("240.0.0.5"), 30090
PATIENCE = 5.0


def rules(protocol: Protocol) -> tuple[BalancingRule, ...]:
    whole = BalancingRule(frontend=FRONTEND, protocol=protocol, port=FLOATING, backends=BACKENDS)
    return (
        whole,
        replace(whole, port=MOVED),
        replace(whole, port=STICKY, distribution=LoadDistribution.SOURCE_IP),
        replace(whole, port=PROBED, probe="lb/alive"),
    )


OF_NODES = BalancingRule(
    frontend=FRONTEND,
    protocol=Protocol.TCP,
    port=SERVICE,
    backends=(Backend(host="node5", locator=NODE_LOCATOR),),
)


def edge_state(*up: int) -> NodeState:
    every = {**LOCATORS, NODE: NODE_LOCATOR}
    routes = tuple(
        fabric_route(IPv4Network(each), n, Delivery.INTERNET) for n, each in every.items()
    )
    edge = Edge(
        inward=routes,
        rules=(*rules(Protocol.TCP), *rules(Protocol.UDP), OF_NODES),
        up=tuple(ProbedBackend(probe="lb/alive", host=f"vm{n}") for n in up),
    )
    return replace(machine(FRONT), kind=NodeKind.LOAD_BALANCER, edge=edge)


def member_state(number: int) -> NodeState:
    made = machine(number, routes=[fabric_route("0.0.0.0/0", CLIENT_HOST, Delivery.INTERNET)])
    ports = tuple(
        BalancedPort(
            frontend=FRONTEND,
            protocol=protocol,
            port=port,
            backend_port=INSIDE.get(port, 0),
            locator=LOCATORS[number],
        )
        for protocol in Protocol
        for port in (FLOATING, *INSIDE)
    )
    node = replace(made.vswitch.node, balanced=ports)
    return replace(
        made,
        nic=replace(made.nic, secondary=(FRONTEND,)),
        vswitch=replace(made.vswitch, node=node),
    )


def node_state() -> NodeState:
    made = node(NODE, routes=[fabric_route("0.0.0.0/0", CLIENT_HOST, Delivery.INTERNET)])
    port = BalancedPort(
        frontend=FRONTEND, protocol=Protocol.TCP, port=SERVICE, locator=NODE_LOCATOR
    )
    container = replace(made.vswitch.node, balanced=(port,))
    return replace(made, vswitch=replace(made.vswitch, node=container))


def client_state() -> NodeState:
    made = machine(
        CLIENT_HOST, routes=[fabric_route(IPv4Network(FRONTEND), FRONT, Delivery.INTERNET)]
    )
    return replace(
        made,
        kind=NodeKind.INTERNET_HOST,
        vswitch=replace(made.vswitch, node=replace(made.vswitch.node, public_address=CLIENT)),
        nic=replace(
            made.nic,
            primary=IPv4Interface(f"{CLIENT}/24"),
            gateway=IPv4Address("203.0.113.1"),
        ),
    )


@dataclass(frozen=True, slots=True)
class Lab:
    members: dict[int, Host]
    node: Host
    client: Host
    front: Host


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    site = Site(Path(tmp_path_factory.mktemp("site")))
    states = {
        ONE: member_state(ONE),
        TWO: member_state(TWO),
        CLIENT_HOST: client_state(),
        FRONT: edge_state(ONE, TWO),
        NODE: node_state(),
    }
    hosts = {number: site.host(number) for number in states}
    for number, state in states.items():
        done = hosts[number].reconcile(state)
        assert [c for c in done.conditions if c.reason] == []
        assert hosts[number].reconcile(state).operations == 0
    members = {ONE: hosts[ONE], TWO: hosts[TWO]}
    yield Lab(members, hosts[NODE], hosts[CLIENT_HOST], hosts[FRONT])
    site.close()


def opened(
    host: Host, kind: socket.SocketKind, address: object = "", port: int = 0
) -> socket.socket:
    with host.inside("node"):
        made = socket.socket(socket.AF_INET, kind)
    made.settimeout(PATIENCE)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.bind((str(address), port))
    return made


@contextmanager
def listening(lab: Lab, port: int) -> Iterator[dict[int, socket.socket]]:
    with ExitStack() as stack:
        found = {}
        for number, host in lab.members.items():
            made = stack.enter_context(opened(host, socket.SOCK_STREAM, "", port))
            made.listen()
            found[number] = made
        yield found


def connected(lab: Lab, port: int, *, source: int = 0) -> socket.socket:
    made = opened(lab.client, socket.SOCK_STREAM, CLIENT, source)
    made.connect((str(FRONTEND), port))
    return made


def reached(listeners: dict[int, socket.socket]) -> tuple[int, socket.socket]:
    """Which member has a connection waiting, which was made already."""
    for number, listener in listeners.items():
        listener.setblocking(False)
        try:
            taken, _ = listener.accept()
        except BlockingIOError:
            continue
        taken.settimeout(PATIENCE)
        return number, taken
    raise AssertionError("nobody was reached")


def talks(one: socket.socket, other: socket.socket) -> bool:
    one.sendall(b"ping")
    asked = other.recv(4)
    other.sendall(b"pong")
    return (asked, one.recv(4)) == (b"ping", b"pong")


@pytest.mark.parametrize(("port", "inside"), [(FLOATING, FLOATING), (MOVED, INSIDE[MOVED])])
def test_connections_are_spread_and_keep_the_clients_address_and_port(
    lab: Lab, port: int, inside: int
) -> None:
    with listening(lab, inside) as listeners, ExitStack() as stack:
        found = set()
        for _ in range(24):
            ours = stack.enter_context(connected(lab, port))
            number, theirs = reached(listeners)
            stack.enter_context(theirs)
            found.add(number)
            assert theirs.getpeername() == ours.getsockname()
            seen = (str(FRONTEND) if port == FLOATING else str(address_of(number)), inside)
            assert theirs.getsockname() == seen
            assert talks(ours, theirs)
        assert found == {ONE, TWO}


def test_a_client_with_affinity_stays_with_its_member(lab: Lab) -> None:
    with listening(lab, INSIDE[STICKY]) as listeners, ExitStack() as stack:
        found = set()
        for _ in range(12):
            stack.enter_context(connected(lab, STICKY))
            number, theirs = reached(listeners)
            stack.enter_context(theirs)
            found.add(number)
        assert len(found) == 1


def test_a_member_that_goes_down_keeps_what_it_has_and_gets_nothing_new(lab: Lab) -> None:
    with listening(lab, INSIDE[PROBED]) as listeners, ExitStack() as stack:
        ours = stack.enter_context(connected(lab, PROBED))
        number, theirs = reached(listeners)
        stack.enter_context(theirs)
        other = TWO if number == ONE else ONE
        assert lab.front.reconcile(edge_state(other)).operations

        assert talks(ours, theirs)
        for _ in range(12):
            stack.enter_context(connected(lab, PROBED))
            instead, taken = reached(listeners)
            stack.enter_context(taken)
            assert instead == other

        lab.front.reconcile(edge_state())
        assert talks(ours, theirs)
        refused = stack.enter_context(opened(lab.client, socket.SOCK_STREAM))
        refused.settimeout(1)
        with pytest.raises(TimeoutError):
            refused.connect((str(FRONTEND), PROBED))

        lab.front.reconcile(edge_state(ONE, TWO))
        assert talks(ours, theirs)


def test_the_same_ports_again_find_another_member(lab: Lab) -> None:
    """A client that has lost its connection calls again from the same port."""
    with listening(lab, INSIDE[PROBED]) as listeners:
        with connected(lab, PROBED, source=45555):
            number, theirs = reached(listeners)
            theirs.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            theirs.close()
        other = TWO if number == ONE else ONE
        lab.front.reconcile(edge_state(other))
        with connected(lab, PROBED, source=45555):
            instead, theirs = reached(listeners)
            theirs.close()
        assert instead == other
        lab.front.reconcile(edge_state(ONE, TWO))


def test_datagrams_go_the_same_way(lab: Lab) -> None:
    with ExitStack() as stack:
        servers = {
            number: stack.enter_context(opened(host, socket.SOCK_DGRAM, FRONTEND, FLOATING))
            for number, host in lab.members.items()
        }
        found = set()
        for _ in range(24):
            client = stack.enter_context(opened(lab.client, socket.SOCK_DGRAM, CLIENT))
            client.sendto(b"ask", (str(FRONTEND), FLOATING))
            number = asked(servers)
            _, peer = servers[number].recvfrom(16)
            assert peer == client.getsockname()
            servers[number].sendto(b"answer", peer)
            assert client.recvfrom(16) == (b"answer", (str(FRONTEND), FLOATING))
            found.add(number)
        assert found == {ONE, TWO}


def asked(servers: dict[int, socket.socket]) -> int:
    (ready, *_), _, _ = select.select(list(servers.values()), [], [], PATIENCE)
    return next(number for number, each in servers.items() if each is ready)


def test_nobody_begins_as_the_frontend(lab: Lab) -> None:
    """A guest answers as the frontend, and only that: from the rule's port as from others."""
    guest = lab.members[ONE]
    with capture(lab.client, "node", "eth0") as seen, ExitStack() as stack:
        for port in (40001, FLOATING):
            send(guest, "node", source=FRONTEND, destination=CLIENT, payload=b"no", port=port)
        server = stack.enter_context(opened(guest, socket.SOCK_DGRAM, FRONTEND, FLOATING))
        for _ in range(32):
            client = stack.enter_context(opened(lab.client, socket.SOCK_DGRAM, CLIENT))
            client.sendto(b"ask", (str(FRONTEND), FLOATING))
        _, peer = server.recvfrom(16)
        server.sendto(b"yes", peer)
        assert {each.payload for each in seen.datagrams_until(b"yes")} == {b"yes"}


def test_ports_without_a_rule_and_pings_are_lost(lab: Lab) -> None:
    with capture(lab.members[ONE], "node", "eth0") as one, ExitStack() as stack:
        for port in range(84, 116):
            send(lab.client, "node", source=CLIENT, destination=FRONTEND, payload=b"no", port=port)
        ping = lab.client.run("node", "ping", "-n", "-c1", "-W1", str(FRONTEND), check=False)
        assert "100% packet loss" in ping
        assert "Unreachable" not in ping
        for _ in range(32):
            client = stack.enter_context(opened(lab.client, socket.SOCK_DGRAM, CLIENT))
            client.sendto(b"yes", (str(FRONTEND), FLOATING))
        assert {each.payload for each in one.datagrams_until(b"yes")} == {b"yes"}


def test_on_a_node_the_frontend_is_translated_as_kube_proxy_does(lab: Lab) -> None:
    """The answer is the frontend's again before it leaves eth0 (semantics 3.2)."""
    inside = f"{address_of(NODE)}:{NODE_PORT}"
    lab.node.run(
        "node", "iptables", "-t", "nat", "-A", "PREROUTING", "-d", str(FRONTEND), "-p", "tcp",
        "--dport", str(SERVICE), "-j", "DNAT", "--to-destination", inside,
    )  # fmt: skip
    with opened(lab.node, socket.SOCK_STREAM, "", NODE_PORT) as listener:
        listener.listen()
        with connected(lab, SERVICE) as ours:
            _, theirs = reached({NODE: listener})
            with theirs:
                assert theirs.getpeername() == ours.getsockname()
                assert talks(ours, theirs)
