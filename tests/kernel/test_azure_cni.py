"""Azure CNI in transparent mode with pods in a subnet of their own (semantics §4.3, claims C)."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from pathlib import Path

import pytest

from agents.kernel.counters import security_counters
from agents.kernel.namespaces import NamespaceDirectory
from lab.contract.node_state import (
    AzureCni,
    AzureCniMode,
    Delivery,
    FabricRoute,
    Masquerade,
    NetworkContainer,
    NodeState,
    Pod,
    PortRange,
    Prefix,
    SecurityGate,
    SecurityProtocol,
    SecurityRule,
)
from tests.kernel.hosts import Host, Site
from tests.kernel.packets import capture, send
from tests.unit.agents.states import address_of, fabric_route, node, pod, routes_of

pytestmark = pytest.mark.kernel

NODES = IPv4Network("10.0.0.0/22")
ANYWHERE = IPv4Network("0.0.0.0/0")
VNET = (NODES, IPv4Network("10.1.0.0/16"))
DNS = IPv4Address("168.63.129.16")
INTERNET = 3
NODE_PUBLIC, PODS_PUBLIC = IPv4Address("20.50.0.10"), IPv4Address("20.50.0.20")
WEBSITE = IPv4Address("203.0.113.10")


def pod_subnet_of(number: int) -> IPv4Network:
    return IPv4Network(f"10.1.{number * 4}.0/22")


def pod_address(number: int, ordinal: int) -> IPv4Address:
    return pod_subnet_of(number).network_address + 4 + ordinal


def azure_pod(number: int, ordinal: int) -> Pod:
    made = pod(number, ordinal)
    assert made.interface is not None
    interface = replace(
        made.interface,
        address=IPv4Interface(f"{pod_address(number, ordinal)}/22"),
        gateway=IPv4Address("169.254.1.1"),
        host_interface=f"azv{number}{ordinal:010x}",
    )
    return replace(made, interface=interface)


def rule(
    priority: int, name: str, sources: tuple[Prefix, ...], targets: tuple[Prefix, ...],
    *, allow: bool, protocol: SecurityProtocol = SecurityProtocol.ANY,
) -> SecurityRule:  # fmt: skip
    return SecurityRule(
        name=name,
        priority=priority,
        allow=allow,
        protocol=protocol,
        sources=sources,
        destinations=targets,
    )


ICMP = SecurityProtocol.ICMP
GATE = SecurityGate(
    name="subnet vnet01/nodevlan",
    network_security_group="aksnsg",
    rules=(
        rule(200, "allow-pool1", (pod_subnet_of(1),), (NODES,), allow=True, protocol=ICMP),
        rule(300, "deny-pool2", (pod_subnet_of(2),), (NODES,), allow=False, protocol=ICMP),
        replace(
            rule(400, "deny-port", VNET, VNET, allow=False, protocol=SecurityProtocol.UDP),
            destination_ports=(PortRange(first=53000, last=53010),),
        ),
        rule(65000, "AllowVnetInBound", VNET, VNET, allow=True),
        rule(65500, "DenyAllInBound", (ANYWHERE,), (ANYWHERE,), allow=False),
    ),
)


def azure_node(number: int, gates: tuple[SecurityGate, ...] = (GATE,)) -> NodeState:
    """A node of a pool with a pod subnet of its own; both subnets have the system routes."""
    there = [
        fabric_route(IPv4Network(pod_address(each, ordinal)), each)
        for each in (1, 2)
        for ordinal in (0, 1)
    ]
    nobody = FabricRoute(prefix=VNET[1], delivery=Delivery.DROP)
    out = fabric_route("0.0.0.0/0", INTERNET, Delivery.INTERNET)
    routes = (*routes_of(nodes=[1, 2]), nobody, *there, out)
    base = node(number, routes=routes, public=NODE_PUBLIC + number)
    own = tuple(IPv4Network(pod_address(number, ordinal)) for ordinal in (0, 1))
    return replace(
        base,
        nic=replace(base.nic, enable_ip_forwarding=False),
        vswitch=replace(
            base.vswitch,
            node=replace(base.vswitch.node, inbound=gates),
            pods=NetworkContainer(
                addresses=own, routes=routes, public_address=PODS_PUBLIC + number
            ),
        ),
        kubenet=None,
        azure_cni=AzureCni(
            mode=AzureCniMode.TRANSPARENT, routes_via_gateway=(pod_subnet_of(number),)
        ),
        masquerade=Masquerade(agent=False, platform_sources=(pod_subnet_of(number),)),
        pods=(azure_pod(number, 0), azure_pod(number, 1)),
    )


@dataclass(frozen=True, slots=True)
class Lab:
    one: Host
    two: Host


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    site = Site(Path(tmp_path_factory.mktemp("azure")))
    hosts = [site.host(number) for number in (1, 2)]
    for number, host in enumerate(hosts, 1):
        done = host.reconcile(azure_node(number))
        assert [c for c in done.conditions if c.reason] == []
        assert host.reconcile(azure_node(number)).operations == 0
    yield Lab(*hosts)
    site.close()


def ping(host: Host, place: str, destination: object) -> str:
    return host.run(place, "ping", "-n", "-c1", "-W1", str(destination), check=False)


@pytest.mark.parametrize(
    ("sender", "place", "destination", "ttl"),
    [
        pytest.param("one", "pod-1-0", pod_address(1, 1), 63, id="pod of the same node"),
        pytest.param("one", "pod-1-0", address_of(1), 64, id="own node"),
        pytest.param("one", "pod-1-0", address_of(2), 63, id="another node, allowed (C16)"),
        pytest.param("one", "pod-1-0", pod_address(2, 0), 62, id="pod of another node"),
        pytest.param("two", "pod-2-0", address_of(2), 64, id="own node, never filtered (C17)"),
        pytest.param("two", "pod-2-0", pod_address(1, 0), 62, id="pods have no group (C4)"),
        pytest.param("one", "node", pod_address(2, 0), 63, id="answers need no rule"),
    ],
)
def test_ttl_counts_linux_hops(
    lab: Lab, sender: str, place: str, destination: IPv4Address, ttl: int
) -> None:
    """The fingerprint of semantics 2.1, column transparent, past a group of the node subnet."""
    assert f" ttl={ttl} " in ping(getattr(lab, sender), place, destination)


def test_a_denied_pool_meets_silence_and_is_counted(lab: Lab) -> None:
    """No answer and no ICMP error (claim C17); the deciding rule counts, no other."""
    before = counted(lab.one)
    assert "100% packet loss" in ping(lab.two, "pod-2-0", address_of(1))
    after = counted(lab.one)
    assert [name for name in after if after[name] != before[name]] == ["deny-pool2"]


def test_only_the_first_packet_of_a_flow_is_asked(lab: Lab) -> None:
    """Also of one without answers; ports tell flows apart."""
    before = counted(lab.one)
    with capture(lab.one, "node", "eth0") as seen:
        for payload in (b"one", b"two", b"three"):
            send(lab.two, "pod-2-0", source=pod_address(2, 0), destination=address_of(1),
                 payload=payload, port=41000)  # fmt: skip
            send(lab.two, "pod-2-0", source=pod_address(2, 0), destination=address_of(1),
                 payload=b"denied", port=53005)  # fmt: skip
        payloads = [datagram.payload for datagram in seen.datagrams_until(b"three")]
    after = counted(lab.one)
    assert payloads == [b"one", b"two", b"three"]
    assert after["AllowVnetInBound"] - before["AllowVnetInBound"] == 1
    assert after["deny-port"] - before["deny-port"] == 3


def test_live_flows_outlast_a_change_of_the_rules(lab: Lab) -> None:
    """Only new flows meet the new rules (semantics 2.3)."""

    def sent(payload: bytes, port: int) -> None:
        send(lab.two, "pod-2-0", source=pod_address(2, 0), destination=address_of(1),
             payload=payload, port=port)  # fmt: skip

    closed = replace(GATE, rules=GATE.rules[-1:])
    with capture(lab.one, "node", "eth0") as seen:
        sent(b"before", 42000)
        seen.datagrams_until(b"before")
        try:
            assert lab.one.reconcile(azure_node(1, gates=(closed,))).operations == 1
            sent(b"new", 42001)
            sent(b"live", 42000)
            assert [each.payload for each in seen.datagrams_until(b"live")] == [b"live"]
        finally:
            lab.one.reconcile(azure_node(1))


@pytest.mark.parametrize(
    ("destination", "port", "source"),
    [
        pytest.param(address_of(2), 50000, pod_address(1, 0), id="a node sees the pod"),
        pytest.param(WEBSITE, 50000, pod_address(1, 0), id="the fabric sees the pod"),
        pytest.param(DNS, 50000, pod_address(1, 0), id="not DNS"),
        pytest.param(DNS, 53, address_of(1), id="DNS sees the node"),
    ],
)
def test_whom_the_fabric_sees(
    lab: Lab, destination: IPv4Address, port: int, source: IPv4Address
) -> None:
    """No agent masquerades; Azure CNS does towards the platform (semantics §4, §8)."""
    with capture(lab.one, "host", "nic") as seen:
        send(lab.one, "pod-1-0", source=pod_address(1, 0), destination=destination,
             payload=b"hello", port=port)  # fmt: skip
        assert seen.datagrams_until(b"hello")[-1].source == source


def test_each_container_has_a_table_and_only_its_own_addresses_pass(lab: Lab) -> None:
    rules = lab.one.run("host", "ip", "rule")
    assert f"from {pod_address(1, 0)}/31 iif nic lookup 101" in rules
    with capture(lab.two, "node", "eth0") as seen:
        send(lab.one, "node", source=pod_address(1, 0) + 9, destination=address_of(2),
             payload=b"spoofed")  # fmt: skip
        send(lab.one, "node", source=pod_address(1, 1), destination=address_of(2), payload=b"own")
        assert [each.payload for each in seen.datagrams_until(b"own")] == [b"own"]


def test_a_pod_knows_its_gateway_and_no_neighbours_range(lab: Lab) -> None:
    """As the plugin leaves it: the connected route is gone (semantics §4.3)."""
    assert lab.one.run("pod-1-0", "ip", "route").split("\n")[:2] == [
        "default via 169.254.1.1 dev eth0 ",
        "169.254.1.1 dev eth0 scope link ",
    ]
    neighbours = lab.one.run("pod-1-0", "ip", "neigh", "show", "169.254.1.1")
    assert "lladdr aa:aa:aa:aa:aa:aa" in neighbours
    routes = lab.one.run("node", "ip", "route")
    assert f"{pod_address(1, 0)} dev azv10000000000 scope link" in routes
    assert "10.1.4.0/22 via 10.0.0.1 dev eth0" in routes


def counted(host: Host) -> dict[str, int]:
    """Packets by rule of the one gate."""
    directory = NamespaceDirectory(host.config.namespaces)
    counters = security_counters(directory, azure_node(1).vswitch)
    assert list(counters) == ["security_in_0"]
    return {name: counter.packets for name, counter in counters["security_in_0"].items()}
