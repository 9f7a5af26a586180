"""What is read again, and what is known from having listened."""

import errno
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from agents.kernel import ears, listening_post, observing
from agents.kernel.door import View
from agents.objects.link import Link, Veth
from agents.objects.namespace import NamespaceObjects, Observed
from agents.objects.route import Route
from agents.plan.operations import Add, Change
from tests.kernel.hosts import Host, Site, run
from tests.unit.agents.states import node, pod, pod_address_of, routes_of

pytestmark = pytest.mark.kernel

PODS = (pod(1, 0), pod(1, 1))
PLACES = ("host", "node", "pod-1-0", "pod-1-1")
VIEWS = [
    View(
        namespace=name,
        routing_policy=name == "host",
        neighbours=True,
        sysctls=("net.ipv4.ip_forward",),
    )
    for name in PLACES
]


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    site = Site(tmp_path / "site")
    host = site.host(1)
    host.reconcile(node(1, routes=routes_of(nodes=[1, 2]), pods=PODS))
    observed(host)
    yield host
    site.close()


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch, host: Host) -> list[str]:
    """Names of the namespaces that are read, from now on."""
    del host  # it has been looked at by now
    names: list[str] = []
    read = observing._list

    def noting(view: View, *arguments: object) -> object:
        names.append(view.namespace)
        return read(view, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(observing, "_list", noting)
    return names


def observed(host: Host, *, afresh: bool = False) -> dict[str, Observed]:
    return dict(host.kernel.observe(VIEWS, afresh=afresh))


def test_what_nobody_changed_is_not_read_again(host: Host, read: list[str]) -> None:
    before = observed(host)
    assert observed(host) == before
    assert read == []


def test_whoever_wants_to_know_has_everything_read(host: Host, read: list[str]) -> None:
    before = observed(host)
    assert observed(host, afresh=True) == before
    assert sorted(read) == sorted(PLACES)


def test_one_more_pod_leaves_what_is_known_of_the_others(host: Host, read: list[str]) -> None:
    state = node(1, routes=routes_of(nodes=[1, 2]), pods=PODS)
    host.reconcile(state)
    read.clear()
    host.reconcile(replace(state, pods=[*PODS, pod(1, 2)]))
    assert set(read) == {"node", "pod-1-2"}
    read.clear()
    assert host.reconcile(replace(state, pods=[*PODS, pod(1, 2)])).operations == 0
    assert read == []


def test_a_cable_is_known_by_the_name_that_its_other_end_has_now(host: Host) -> None:
    observed(host)
    host.run("node", "ip", "link", "set", "veth10000000", "down")
    host.run("node", "ip", "link", "set", "veth10000000", "name", "other")
    after = observed(host)
    eth0 = after["pod-1-0"].objects.link("eth0")
    assert eth0 is not None
    assert eth0.kind == Veth(peer_namespace="node", peer="other")
    assert after == observed(host, afresh=True)


def test_traffic_is_no_change(host: Host, read: list[str]) -> None:
    """Neighbours that the kernel learns are not even heard of."""
    host.run("pod-1-0", "ping", "-c1", "-W2", str(pod_address_of(1, 1)))
    observed(host)
    assert read == []


@pytest.mark.parametrize(
    ("place", "change"),
    [
        ("host", "ip route del 10.0.0.5 table 100"),
        ("host", "ip route add 192.0.2.0/24 dev nic table 100 proto 118"),
        ("host", "ip route replace 10.0.0.0/16 dev nic table 100 proto 118"),
        ("host", "ip nexthop replace id 9 dev vx0 proto 118"),
        ("host", "ip rule add pref 77 lookup 100"),
        ("host", "ip rule del pref 10"),
        ("host", "ip neigh del 169.254.255.2 dev nic"),
        ("host", "ip neigh replace 169.254.255.2 lladdr 02:00:00:00:00:77 nud permanent dev nic"),
        ("node", "ip neigh del 10.0.0.1 dev eth0"),
        ("node", "ip route del default"),
        ("node", "ip route replace default via 10.0.0.9 dev eth0 proto 16 metric 100"),
        ("node", "ip route append default via 10.0.0.9 dev eth0 proto 16 metric 100"),
    ],
)
def test_what_is_heard_is_what_would_be_read(
    host: Host, read: list[str], place: str, change: str
) -> None:
    before = observed(host)[place]
    host.run(place, *change.split())
    heard = observed(host)[place]
    assert heard != before
    assert set(read) <= {place}
    assert heard == observed(host, afresh=True)[place]


def to(route: Route, link: str) -> Change:
    other = replace(route, link=link, nexthop=None)
    return Change(
        namespace="host", subject="vswitch", reason="differs", value=other, previous=route
    )


def outward(host: Host) -> Route:
    """A route of the switch to another node."""
    routes = observed(host)["host"].objects.routes
    return next(each for each in routes if each.table == 100 and each.nexthop is not None)


def test_what_the_agent_changes_itself_is_known(host: Host, read: list[str]) -> None:
    route = outward(host)
    change = to(route, "vx0")
    assert host.kernel.apply((change,)) == []
    known = observed(host)["host"]
    assert change.value in known.objects.routes
    assert read == []
    assert known == observed(host, afresh=True)["host"]


@pytest.mark.parametrize("first", ["agent", "somebody"])
def test_when_somebody_else_changes_it_too_it_is_read_to_know_who_was_last(
    host: Host, read: list[str], first: str
) -> None:
    route = outward(host)
    for one in (first, {"agent": "somebody", "somebody": "agent"}[first]):
        if one == "agent":
            assert host.kernel.apply((to(route, "vx0"),)) == []
        else:
            host.run("host", *f"ip route replace {route.prefix} dev nic table 100".split())
    known = observed(host)["host"]
    assert read == ["host"]
    assert known == observed(host, afresh=True)["host"]


def test_a_device_that_was_made_anew_has_another_index(host: Host) -> None:
    """Which is known once it was heard of; until then the kernel refuses the old one."""
    route = outward(host)
    for _ in range(2):
        host.run("host", "ip", "link", "del", "vx0")
        host.run("host", "ip", "link", "add", "vx0", "type", "bridge")
        host.run("host", "ip", "link", "set", "vx0", "up")
        add = Add(
            namespace="host",
            subject="vswitch",
            reason="missing",
            value=replace(route, link="vx0", nexthop=None),
        )
        assert [failure.code for failure in host.kernel.apply((add,))] == [errno.ENODEV]
        observed(host)
        assert host.kernel.apply((add,)) == []


def test_a_nexthop_without_routes_takes_none_along(host: Host, read: list[str]) -> None:
    host.run("host", "ip", "nexthop", "add", "id", "9", "dev", "vx0", "proto", "118")
    before = observed(host)["host"]
    host.run("host", "ip", "nexthop", "del", "id", "9")
    heard = observed(host)["host"]
    assert heard != before
    assert read == []
    assert heard == observed(host, afresh=True)["host"]


@pytest.mark.parametrize(
    ("place", "change"),
    [
        ("node", "ip link set eth0 mtu 1400"),
        ("node", "ip link set eth0 down"),
        ("node", "ip addr add 192.0.2.1/32 dev cbr0"),
        ("node", "ip link del cbr0"),
        ("host", "ip nexthop flush"),
        ("pod-1-0", "ip route del default"),
        ("pod-1-0", "ip link set eth0 address 02:00:00:00:00:99"),
        ("pod-1-1", "ip addr flush dev eth0"),
        ("pod-1-1", "ip link del eth0"),
        ("pod-1-0", "sysctl -qw net.ipv4.ip_forward=1"),
        ("host", "sysctl -qw net.ipv4.ip_forward=0"),
    ],
)
def test_what_has_consequences_is_read_anew(host: Host, place: str, change: str) -> None:
    before = observed(host)
    host.run(place, *change.split())
    heard = observed(host)
    assert heard[place] != before[place]
    assert heard == observed(host, afresh=True)


def test_more_than_can_be_heard_is_read_anew(
    host: Host, read: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = "".join(f"route add 192.0.{n // 256}.{n % 256} dev nic\n" for n in range(20000))
    Path("/run/batch").write_text(batch)
    host.run("host", "ip", "-batch", "/run/batch")
    assert len(observed(host)["host"].objects.routes) > 20000
    assert "host" in read


def test_a_namespace_of_the_same_name_is_another_one(host: Host) -> None:
    """Somebody ended a pod and made a namespace of that name."""
    before = observed(host)["pod-1-0"]
    pin = host.pin("pod-1-0")
    run(host.pin("node"), "umount", str(pin))
    run(host.pin("node"), "unshare", f"--net={pin}", "true")
    after = observed(host)["pod-1-0"]
    assert names(before.objects) == {"lo", "eth0"}
    assert names(after.objects) == {"lo"}


def test_where_pods_cannot_be_heard_they_are_read_each_time(
    host: Host, read: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in a container, which lacks CAP_NET_BROADCAST."""

    class Deaf(ears.Ear):
        def __init__(self, *, others: bool) -> None:
            super().__init__(others=False)
            assert others in (True, False)

    monkeypatch.setattr(listening_post, "Ear", Deaf)
    host.restart_agent()
    observed(host)
    read.clear()
    observed(host)
    assert sorted(read) == ["pod-1-0", "pod-1-1"]


def names(objects: NamespaceObjects) -> set[str]:
    links: frozenset[Link] = objects.links
    return {link.name for link in links}
