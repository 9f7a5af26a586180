"""Azure CNI in bridge and tunnel mode (semantics §4.2), by packets.

Two nodes of each mode, pods with addresses of the nodes' subnet.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from pathlib import Path

import pytest

from lab.contract.node_state import (
    AzureCni,
    AzureCniMode,
    Masquerade,
    NetworkContainer,
    NodeState,
    Pod,
    SecurityGate,
    SecurityProtocol,
    SecurityRule,
)
from tests.kernel.hosts import Host, Site
from tests.kernel.packets import capture, send
from tests.unit.agents.states import (
    GATEWAY,
    SUBNET_LENGTH,
    address_of,
    fabric_route,
    machine,
    node,
    pod,
    routes_of,
)

pytestmark = pytest.mark.kernel

SUBNET = IPv4Network(f"10.0.0.0/{SUBNET_LENGTH}")
VNET = IPv4Network("10.0.0.0/16")
PEER = 3
PEER_ADDRESS = IPv4Address("10.9.0.4")
"""Of a machine outside the virtual network."""
LOCAL_DNS = IPv4Address("169.254.20.10")
FABRIC_MAC = "12:34:56:78:9a:bc"


def pod_address(number: int, ordinal: int) -> IPv4Address:
    return IPv4Address("10.0.1.0") + 16 * number + ordinal


def bridge_pod(number: int, ordinal: int) -> Pod:
    made = pod(number, ordinal)
    assert made.interface is not None
    return replace(
        made,
        interface=replace(
            made.interface,
            address=IPv4Interface(f"{pod_address(number, ordinal)}/{SUBNET_LENGTH}"),
            gateway=GATEWAY,
            host_interface=f"azv{number}{ordinal:010x}",
        ),
    )


def bridge_node(
    number: int,
    mode: AzureCniMode,
    *,
    pods: tuple[int, ...] = (0, 1),
    gates: tuple[SecurityGate, ...] = (),
) -> NodeState:
    routes = (
        *routes_of(nodes=[1, 2]),
        *(fabric_route(f"{pod_address(each, 0)}/28", each) for each in (1, 2)),
        fabric_route(f"{PEER_ADDRESS}/32", PEER),
    )
    base = node(number)
    own = (IPv4Network(address_of(number)), IPv4Network((int(pod_address(number, 0)), 28)))
    return replace(
        base,
        nic=replace(base.nic, enable_ip_forwarding=False),
        vswitch=replace(
            base.vswitch,
            node=NetworkContainer(addresses=own, routes=routes, inbound=gates),
        ),
        kubenet=None,
        azure_cni=AzureCni(mode=mode, bridge="azure0", ips_to_route_via_host=(LOCAL_DNS,)),
        masquerade=Masquerade(non_masquerade_cidrs=(VNET,)),
        pods=tuple(bridge_pod(number, ordinal) for ordinal in pods),
    )


def peer() -> NodeState:
    """A machine that has no routes but those to the nodes."""
    base = machine(PEER, routes=routes_of(nodes=[1, 2]))
    interface = IPv4Interface(f"{PEER_ADDRESS}/24")
    return replace(
        base,
        nic=replace(base.nic, primary=interface, gateway=IPv4Address("10.9.0.1")),
        vswitch=replace(
            base.vswitch,
            node=replace(base.vswitch.node, addresses=(IPv4Network(PEER_ADDRESS),)),
        ),
    )


@dataclass(frozen=True, slots=True)
class Lab:
    mode: AzureCniMode
    one: Host
    two: Host
    peer: Host


@pytest.fixture(
    scope="module",
    params=[AzureCniMode.BRIDGE, AzureCniMode.TUNNEL],
    ids=lambda mode: str(mode.value),
)
def lab(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    mode: AzureCniMode = request.param
    site = Site(Path(tmp_path_factory.mktemp(mode.value)))
    states = [bridge_node(1, mode), bridge_node(2, mode), peer()]
    hosts = [site.host(number) for number in (1, 2, PEER)]
    for host, state in zip(hosts, states, strict=True):
        done = host.reconcile(state)
        assert [c for c in done.conditions if c.reason] == []
        assert host.reconcile(state).operations == 0
    yield Lab(mode, *hosts)
    site.close()


def ping(host: Host, place: str, destination: object) -> str:
    return host.run(place, "ping", "-n", "-c1", "-W1", str(destination), check=False)


@pytest.mark.parametrize(
    ("place", "destination"),
    [
        pytest.param("pod-1-0", pod_address(1, 1), id="pod of the same node"),
        pytest.param("pod-1-0", address_of(1), id="own node"),
        pytest.param("node", pod_address(1, 0), id="node to its own pod"),
        pytest.param("pod-1-0", address_of(2), id="another node"),
        pytest.param("pod-1-0", pod_address(2, 0), id="pod of another node"),
        pytest.param("node", pod_address(2, 0), id="node to a pod elsewhere"),
        pytest.param("node", address_of(2), id="node to node"),
        pytest.param("pod-1-0", PEER_ADDRESS, id="outside the virtual network"),
    ],
)
def test_nobody_routes_so_no_ttl_is_lost(lab: Lab, place: str, destination: IPv4Address) -> None:
    """The fingerprint of semantics 2.1, columns bridge and l2-tunnel."""
    assert " ttl=64 " in ping(lab.one, place, destination)


def test_same_node_traffic_takes_the_fabric_in_tunnel_mode_only(lab: Lab) -> None:
    with capture(lab.one, "node", "eth0") as seen:
        send(lab.one, "pod-1-0", source=pod_address(1, 0), destination=pod_address(1, 1),
             payload=b"near")  # fmt: skip
        send(lab.two, "pod-2-0", source=pod_address(2, 0), destination=pod_address(1, 0),
             payload=b"far")  # fmt: skip
        came_back = [each.payload for each in seen.datagrams_until(b"far")][:-1]
    assert came_back == ([b"near"] if lab.mode is AzureCniMode.TUNNEL else [])


def test_the_fabric_knows_one_mac_address(lab: Lab) -> None:
    """Frames and ARP of pods leave with the NIC's; pods see the fabric's for all that is far."""
    ping(lab.one, "pod-1-0", pod_address(2, 0))
    ping(lab.one, "pod-1-0", pod_address(1, 1))
    known = lab.one.run("pod-1-0", "ip", "neigh")
    assert f"{pod_address(2, 0)} dev eth0 lladdr {FABRIC_MAC}" in known
    near = FABRIC_MAC if lab.mode is AzureCniMode.TUNNEL else "d6:12:5a:78:01:01"
    assert f"{pod_address(1, 1)} dev eth0 lladdr {near}" in known
    links = lab.one.run("node", "ip", "-o", "link", "show", "master", "azure0")
    assert all(name in links for name in ("eth0", "azv10000000000", "azv10000000001"))
    assert "00:0d:3a:00:00:01" in lab.one.run("node", "ip", "-o", "link", "show", "azure0")
    heard = lab.one.run("host", "ip", "neigh", "show", "dev", "nic")
    assert {
        line.split("lladdr ")[1].split()[0] for line in heard.splitlines() if "lladdr" in line
    } == {"00:0d:3a:00:00:01"}


def test_the_bridge_has_what_the_nic_had(lab: Lab) -> None:
    assert lab.one.run("node", "ip", "-4", "-o", "addr", "show", "eth0") == ""
    routes = lab.one.run("node", "ip", "route")
    assert f"default via {GATEWAY} dev azure0 proto dhcp src {address_of(1)} metric 100" in routes
    assert f"{SUBNET} dev azure0 proto kernel scope link src {address_of(1)}" in routes


@pytest.mark.parametrize(
    ("destination", "source"),
    [
        pytest.param(address_of(2), pod_address(1, 0), id="inside the virtual network"),
        pytest.param(PEER_ADDRESS, address_of(1), id="outside"),
    ],
)
def test_whom_the_receiver_sees(lab: Lab, destination: IPv4Address, source: IPv4Address) -> None:
    """Claims B21, B22: bridged frames are masqueraded, too."""
    receiver = lab.two if destination == address_of(2) else lab.peer
    with capture(receiver, "node", "eth0") as seen:
        send(lab.one, "pod-1-0", source=pod_address(1, 0), destination=destination,
             payload=b"hello")  # fmt: skip
        assert seen.datagrams_until(b"hello")[-1].source == source


def test_a_local_resolver_is_reached_through_the_host(lab: Lab) -> None:
    """ipsToRouteViaHost: the frame is for the fabric, and the host takes it."""
    lab.one.run("node", "ip", "addr", "add", f"{LOCAL_DNS}/32", "dev", "lo")
    try:
        assert " ttl=64 " in ping(lab.one, "pod-1-0", LOCAL_DNS)
    finally:
        lab.one.run("node", "ip", "addr", "del", f"{LOCAL_DNS}/32", "dev", "lo")


def test_a_group_sees_neighbours_of_a_node_in_tunnel_mode_only(lab: Lab) -> None:
    """Semantics 2.3: what never leaves the node is nobody's business."""
    denied = SecurityRule(
        name="no-ping",
        priority=200,
        allow=False,
        protocol=SecurityProtocol.ICMP,
        sources=(VNET,),
        destinations=(VNET,),
    )
    allowed = replace(denied, name="rest", priority=300, allow=True, protocol=SecurityProtocol.ANY)
    gate = SecurityGate(name="subnet s", network_security_group="n", rules=(denied, allowed))
    lab.one.reconcile(bridge_node(1, lab.mode, gates=(gate,)))
    try:
        tunnel = lab.mode is AzureCniMode.TUNNEL
        assert (" ttl=64 " in ping(lab.one, "pod-1-0", pod_address(1, 1))) is not tunnel
        assert "100% packet loss" in ping(lab.two, "pod-2-0", pod_address(1, 0))
    finally:
        lab.one.reconcile(bridge_node(1, lab.mode))


def test_a_pod_that_goes_leaves_nothing(lab: Lab) -> None:
    gone = str(pod_address(1, 1))
    assert f"{gone} dev azure0 lladdr" in lab.one.run(
        "node", "ip", "neigh", "show", "nud", "permanent"
    )
    try:
        for left in ((0,), ()):
            lab.one.reconcile(bridge_node(1, lab.mode, pods=left))
            assert gone not in lab.one.run("node", "ip", "neigh", "show", "nud", "permanent")
            assert gone not in lab.one.run("node", "ebtables-nft", "-t", "nat", "-L")
        assert "PERMANENT" not in lab.one.run("node", "ip", "neigh", "show", "dev", "azure0")
    finally:
        lab.one.reconcile(bridge_node(1, lab.mode))


def test_a_node_changes_its_mode_and_back(lab: Lab) -> None:
    """The NIC gets back what the bridge had, and the other way round."""
    routed = replace(bridge_node(1, lab.mode), azure_cni=AzureCni(mode=AzureCniMode.TRANSPARENT))
    lab.one.reconcile(routed)
    try:
        assert lab.one.reconcile(routed).operations == 0
        assert lab.one.run("node", "ip", "-o", "link", "show", "type", "bridge") == ""
        assert "-j" not in lab.one.run("node", "ebtables-nft", "-t", "nat", "-L")
        assert " ttl=62 " not in ping(lab.one, "pod-1-0", pod_address(2, 0))
        assert " ttl=63 " in ping(lab.one, "pod-1-0", pod_address(1, 1))
    finally:
        lab.one.reconcile(bridge_node(1, lab.mode))
    assert lab.one.reconcile(bridge_node(1, lab.mode)).operations == 0
    assert " ttl=64 " in ping(lab.one, "pod-1-0", pod_address(1, 1))
