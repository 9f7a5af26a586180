"""What our encoder wrote, as pyroute2 reads it: a reader that shares no line with it."""

import re
from collections.abc import Iterator
from pathlib import Path
from socket import AF_INET

import pytest
from pyroute2 import IPRoute

from tests.kernel.hosts import Host, Site
from tests.unit.agents.states import node, pod, routes_of

pytestmark = pytest.mark.kernel


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    site = Site(Path(tmp_path_factory.mktemp("site")))
    host = site.host(1)
    state = node(1, routes=routes_of(nodes=[1, 2]), pods=[pod(1, 0)])
    assert [c for c in host.reconcile(state).conditions if c.reason] == []
    yield host
    site.close()


def link(host: Host, place: str, name: str) -> dict[str, object]:
    with host.inside(place), IPRoute() as reader:
        (message,) = reader.get_links(ifname=name)
        info = message.get_attr("IFLA_LINKINFO")
        data = info.get_attr("IFLA_INFO_DATA") if info else None
        return {
            "kind": info.get_attr("IFLA_INFO_KIND") if info else "",
            "mtu": message.get_attr("IFLA_MTU"),
            "mac": message.get_attr("IFLA_ADDRESS"),
            "up": bool(message["flags"] & 1),
            "multicast": bool(message["flags"] & 0x1000),
            "promiscuous": bool(message["flags"] & 0x100),
            "data": dict(data["attrs"]) if data else {},
        }


def test_tunnels(host: Host) -> None:
    for name, port in (("vx0", 4790), ("inet0", 4791)):
        found = link(host, "host", name)
        assert (found["kind"], found["mtu"], found["up"]) == ("vxlan", 1500, True)
        data = found["data"]
        assert isinstance(data, dict)
        assert data["IFLA_VXLAN_PORT"] == port
        assert data["IFLA_VXLAN_COLLECT_METADATA"] == 1
        assert data["IFLA_VXLAN_LEARNING"] == 0


def test_bridge(host: Host) -> None:
    found = link(host, "node", "cbr0")
    assert (found["kind"], found["mac"]) == ("bridge", "0a:58:0a:f4:01:01")
    assert (found["up"], found["promiscuous"], found["multicast"]) == (True, True, True)
    data = found["data"]
    assert isinstance(data, dict)
    assert data["IFLA_BR_STP_STATE"] == 0


@pytest.mark.parametrize(
    ("place", "name", "mac"),
    [
        ("host", "nic", "12:34:56:78:9a:bc"),
        ("node", "eth0", "00:0d:3a:00:00:01"),
        ("pod-1-0", "eth0", "d6:12:5a:78:01:00"),
    ],
)
def test_cables(host: Host, place: str, name: str, mac: str) -> None:
    found = link(host, place, name)
    assert (found["kind"], found["mac"], found["mtu"]) == ("veth", mac, 1500)
    assert (found["up"], found["multicast"]) == (True, True)


def test_addresses(host: Host) -> None:
    with host.inside("node"), IPRoute() as reader:
        found = {
            (m.get_attr("IFA_LABEL"), m.get_attr("IFA_LOCAL"), m["prefixlen"],
             m.get_attr("IFA_BROADCAST"))
            for m in reader.get_addr(family=AF_INET)
        }  # fmt: skip
    assert found == {
        ("lo", "127.0.0.1", 8, None),
        ("eth0", "10.0.0.4", 22, "10.0.3.255"),
        ("cbr0", "10.244.1.1", 24, None),
    }


def test_routes_and_nexthops(host: Host) -> None:
    with host.inside("host"), IPRoute() as reader:
        routes = {
            (m.get_attr("RTA_DST") or "default", m["dst_len"]): m
            for m in reader.get_routes(family=AF_INET, table=100)
        }
        assert {m["proto"] for m in routes.values()} == {118}
        own = routes["10.244.1.0", 24]
        assert own.get_attr("RTA_GATEWAY") == "169.254.255.2"
        assert own["flags"] & 4
        (back,) = reader.get_routes(family=AF_INET, table=200)
        assert (back.get_attr("RTA_GATEWAY"), back["dst_len"]) == ("169.254.255.2", 0)
    # Of nexthop objects and tunnels pyroute2 knows too little: ip does.
    shown = host.run("host", "ip", "route", "show", "table", "100")
    through = dict(re.findall(r"^(\S+) nhid (\d+)", shown, re.MULTILINE))
    assert set(through) == {"10.0.0.5", "10.244.2.0/24"}
    (number,) = set(through.values())
    nexthops = host.run("host", "ip", "nexthop", "show")
    assert f"id {number}  encap ip id 42 src 0.0.0.0 dst 198.18.0.2" in nexthops


def test_rules(host: Host) -> None:
    with host.inside("host"), IPRoute() as reader:
        found = {
            (m.get_attr("FRA_PRIORITY") or 0, m.get_attr("FRA_IIFNAME"), m.get_attr("FRA_TABLE"))
            for m in reader.get_rules(family=AF_INET)
        }
    assert found == {
        (10, "nic", 100),
        (11, "vx0", 200),
        (12, "inet0", 200),
        (100, None, 255),
        (32766, None, 254),
        (32767, None, 253),
    }


def test_neighbours(host: Host) -> None:
    with host.inside("host"), IPRoute() as reader:
        found = {
            m.get_attr("NDA_DST"): (
                m.get_attr("NDA_LLADDR"),
                m["state"],
                m.get_attr("NDA_PROTOCOL"),
            )
            for m in reader.get_neighbours(family=AF_INET)
        }
    assert found["169.254.255.2"] == ("00:0d:3a:00:00:01", 0x80, 118)
