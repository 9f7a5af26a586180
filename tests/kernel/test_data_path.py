"""What packets meet between two nodes, a machine and the Internet (semantics §1, §4.1).

One site for the whole module: two kubenet nodes, a virtual machine and a host
of the Internet, each brought up from a state written by hand.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from pathlib import Path

import pytest

from lab.contract.node_state import Delivery, NodeKind
from tests.kernel.hosts import Host, Site
from tests.kernel.packets import arp_answers, capture, send
from tests.unit.agents.states import (
    GATEWAY,
    address_of,
    fabric_route,
    machine,
    node,
    pod,
    pod_address_of,
    routes_of,
)

pytestmark = pytest.mark.kernel

VM, INTERNET, APPLIANCE = 3, 4, 5
PUBLIC = IPv4Address("20.50.0.10")
WEBSITE = IPv4Address("203.0.113.10")
BEHIND_VM = "10.99.0.0/24"
BEHIND_APPLIANCE = "10.98.0.0/24"
_ECHO_REPLY = 0
FABRIC_MAC = "12:34:56:78:9a:bc"


@dataclass(frozen=True, slots=True)
class Lab:
    one: Host
    two: Host
    vm: Host
    internet: Host
    appliance: Host


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    site = Site(Path(tmp_path_factory.mktemp("site")))
    routes = (
        *routes_of(nodes=[1, 2], machines=[VM, APPLIANCE]),
        fabric_route("0.0.0.0/0", INTERNET, Delivery.INTERNET),
        # Routed to machines as to network appliances.
        fabric_route(BEHIND_VM, VM),
        fabric_route(BEHIND_APPLIANCE, APPLIANCE),
    )
    website = machine(INTERNET, routes=[fabric_route(IPv4Network(PUBLIC), 1)])
    website = replace(
        website,
        kind=NodeKind.INTERNET_HOST,
        nic=replace(
            website.nic,
            primary=IPv4Interface(f"{WEBSITE}/24"),
            gateway=IPv4Address("203.0.113.1"),
        ),
    )
    states = {
        1: node(1, routes=routes, pods=[pod(1, 0), pod(1, 1)], public=PUBLIC),
        2: node(2, routes=routes, pods=[pod(2, 0)]),
        VM: machine(VM, routes=routes),
        INTERNET: website,
        APPLIANCE: machine(APPLIANCE, routes=routes, forwarding=True),
    }
    hosts = {number: site.host(number) for number in states}
    for number, state in states.items():
        done = hosts[number].reconcile(state)
        assert [c for c in done.conditions if c.reason] == []
    yield Lab(*hosts.values())
    site.close()


def ping(host: Host, place: str, destination: object, *options: str) -> str:
    return host.run(place, "ping", "-n", "-c1", "-W2", *options, str(destination), check=False)


POD = "pod-1-0"


@pytest.mark.parametrize(
    ("place", "destination", "ttl"),
    [
        pytest.param(POD, pod_address_of(1, 1), 64, id="pod to pod of the same node"),
        pytest.param(POD, address_of(1), 64, id="pod to its own node"),
        pytest.param(POD, address_of(2), 63, id="pod to another node"),
        pytest.param(POD, pod_address_of(2, 0), 62, id="pod to a pod of another node"),
        pytest.param(POD, address_of(VM), 63, id="pod to a machine"),
        pytest.param("node", address_of(2), 64, id="node to node"),
        pytest.param("node", WEBSITE, 64, id="node to the Internet"),
    ],
)
def test_ttl_counts_linux_hops_and_no_fabric_hop(
    lab: Lab, place: str, destination: IPv4Address, ttl: int
) -> None:
    """The fingerprint of semantics 2.1, column kubenet."""
    assert f" ttl={ttl} " in ping(lab.one, place, destination)


def test_traceroute_shows_nodes_and_no_fabric(lab: Lab) -> None:
    """A packet whose TTL is spent dies in a node, never in the fabric (semantics 1.4)."""
    output = lab.one.run(POD, "traceroute", "-n", "-q1", "-w2", str(pod_address_of(2, 0)))
    assert re.findall(r"^ *\d+ +(\S+)", output, re.MULTILINE)[-3:] == [
        "10.244.1.1",
        str(address_of(2)),
        str(pod_address_of(2, 0)),
    ]


@pytest.mark.parametrize("ttl", [1, 2, 64, 254])
def test_every_ttl_crosses_the_fabric_unchanged(lab: Lab, ttl: int) -> None:
    with capture(lab.two, "node", "eth0") as seen:
        send(lab.one, "node", source=address_of(1), destination=address_of(2),
             payload=b"ttl", ttl=ttl)  # fmt: skip
        assert seen.datagrams_until(b"ttl")[-1].ttl == ttl


def test_arp_is_answered_by_the_fabric_for_all_but_the_guests_own_address(lab: Lab) -> None:
    """One MAC address for everybody, owned or not (semantics 1.3)."""
    nobody = IPv4Address("10.0.3.200")
    asked = [address_of(1), address_of(2), nobody, GATEWAY]
    answers = arp_answers(lab.one, own=address_of(1), mac="00:0d:3a:00:00:01", asked=asked)
    assert answers == {address_of(2): FABRIC_MAC, nobody: FABRIC_MAC, GATEWAY: FABRIC_MAC}


def test_what_carries_packets_between_hosts_is_nobodys_connection(lab: Lab) -> None:
    """Guests' own flows are tracked where something is translated; tunnels never are."""
    lab.one.run("host", "conntrack", "-F")
    ping(lab.one, POD, pod_address_of(2, 0))
    tracked = lab.one.run("host", "conntrack", "-L").splitlines()
    assert [line.split()[0] for line in tracked if "src=" in line] == ["icmp"]


@pytest.mark.parametrize(
    "destination",
    [
        pytest.param(GATEWAY, id="the gateway"),
        pytest.param("10.0.3.200", id="an address nobody has"),
        pytest.param("10.0.3.255", id="the subnet's broadcast address"),
        pytest.param("224.0.0.1", id="multicast"),
        pytest.param("198.18.0.2", id="another host's underlay address"),
        pytest.param("169.254.255.1", id="the spine"),
    ],
)
def test_what_is_nobodys_vanishes_without_an_error(lab: Lab, destination: str) -> None:
    """No answer and no ICMP error: the fabric is silent (semantics 1.2, 1.4)."""
    with capture(lab.one, "node", "eth0") as seen:
        send(lab.one, "node", source=address_of(1), destination=IPv4Address(destination),
             payload=b"lost")  # fmt: skip
        # What has crossed the fabric and come back was sent later.
        lab.one.run("node", "ping", "-c1", "-W2", str(address_of(2)))
        send(lab.two, "node", source=address_of(2), destination=address_of(1), payload=b"end")
        assert seen.icmp_types_until(b"end") == [_ECHO_REPLY]


def test_a_guest_cannot_speak_for_another_address(lab: Lab) -> None:
    """Anti-spoofing of the source (semantics 1.7)."""
    with capture(lab.two, "node", "eth0") as seen:
        send(lab.vm, "node", source=IPv4Address("10.0.0.77"), destination=address_of(2),
             payload=b"spoofed")  # fmt: skip
        send(lab.vm, "node", source=address_of(VM), destination=address_of(2), payload=b"honest")
        assert [d.payload for d in seen.datagrams_until(b"honest")] == [b"honest"]


def test_ip_forwarding_lets_a_guest_speak_for_others(lab: Lab) -> None:
    """The control plane's flag lifts anti-spoofing (semantics 1.7)."""
    foreign = IPv4Address("10.0.0.77")
    with capture(lab.two, "node", "eth0") as seen:
        send(lab.appliance, "node", source=foreign, destination=address_of(2), payload=b"for it")
        assert seen.datagrams_until(b"for it")[-1].source == foreign


def test_a_guest_receives_only_what_is_addressed_to_it(lab: Lab) -> None:
    """Anti-spoofing of the destination: routed to the machine, but not its address."""
    with capture(lab.vm, "node", "eth0") as seen:
        send(lab.one, "node", source=address_of(1), destination=IPv4Address("10.99.0.1"),
             payload=b"transit")  # fmt: skip
        send(lab.one, "node", source=address_of(1), destination=address_of(VM), payload=b"own")
        assert [d.payload for d in seen.datagrams_until(b"own")] == [b"own"]


def test_ip_forwarding_lets_a_guest_receive_for_others(lab: Lab) -> None:
    with capture(lab.appliance, "node", "eth0") as seen:
        send(lab.one, "node", source=address_of(1), destination=IPv4Address("10.98.0.1"),
             payload=b"transit")  # fmt: skip
        assert seen.datagrams_until(b"transit")[-1].destination == IPv4Address("10.98.0.1")


@pytest.mark.parametrize(
    ("receiver", "destination", "source"),
    [
        pytest.param("vm", address_of(VM), address_of(1), id="a machine sees the node"),
        pytest.param("two", address_of(2), address_of(1), id="another node sees the node"),
        pytest.param("two", pod_address_of(2, 0), pod_address_of(1, 0), id="a pod sees the pod"),
        pytest.param("internet", WEBSITE, PUBLIC, id="the Internet sees the public address"),
    ],
)
def test_whom_the_receiver_sees(
    lab: Lab, receiver: str, destination: IPv4Address, source: IPv4Address
) -> None:
    """Masquerading by the node, translation by the fabric (semantics §8, column kubenet)."""
    with capture(getattr(lab, receiver), "node", "eth0") as seen:
        send(lab.one, POD, source=pod_address_of(1, 0), destination=destination, payload=b"hello")
        assert seen.datagrams_until(b"hello")[-1].source == source


def test_without_a_public_address_nothing_leaves_for_the_internet(lab: Lab) -> None:
    with capture(lab.internet, "node", "eth0") as seen:
        send(lab.vm, "node", source=address_of(VM), destination=WEBSITE, payload=b"private")
        send(lab.one, "node", source=address_of(1), destination=WEBSITE, payload=b"public")
        assert [d.payload for d in seen.datagrams_until(b"public")] == [b"public"]


def test_a_strangers_packet_to_the_public_address_is_dropped(lab: Lab) -> None:
    """Nothing listens there; forwarded to the node it would circle until its TTL is spent."""
    with capture(lab.one, "node", "eth0") as seen:
        send(lab.internet, "node", source=WEBSITE, destination=PUBLIC,
             payload=b"stranger", port=50000)  # fmt: skip
        lab.one.run("node", "ping", "-c1", "-W2", str(WEBSITE))
        send(lab.two, "node", source=address_of(2), destination=address_of(1), payload=b"end")
        assert [d.payload for d in seen.datagrams_until(b"end")] == [b"end"]


def test_a_full_frame_crosses_the_fabric_in_one_piece(lab: Lab) -> None:
    """1500 bytes with fragmentation forbidden: the encapsulation fits into the underlay's MTU."""
    output = ping(lab.one, POD, pod_address_of(2, 0), "-M", "do", "-s", "1472")
    assert "1480 bytes from" in output
    assert " 0% packet loss" in output


def test_the_first_ping_is_not_lost_to_arp(lab: Lab) -> None:
    """The fabric answers ARP at once (proxy_delay 0), so nothing waits in a queue."""
    lab.two.run("node", "ip", "neigh", "flush", "dev", "eth0")
    assert lab.two.run("node", "ip", "neigh", "show", "dev", "eth0").strip() == ""
    assert " 0% packet loss" in ping(lab.two, "node", address_of(1))


def test_frames_between_pods_of_a_node_stay_on_the_bridge(lab: Lab) -> None:
    """Only what crosses nodes is seen on eth0 (claims A4, A20)."""
    with capture(lab.one, "node", "eth0") as seen:
        send(lab.one, POD, source=pod_address_of(1, 0), destination=pod_address_of(1, 1),
             payload=b"near")  # fmt: skip
        send(lab.two, "node", source=address_of(2), destination=address_of(1), payload=b"far")
        assert [d.payload for d in seen.datagrams_until(b"far")] == [b"far"]
