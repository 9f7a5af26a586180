"""What the pages are written with; that they are true is asked of packets in the e2e tier."""

from ipaddress import IPv4Network
from typing import Any

import pytest

from tests.matrices.models import models
from tests.pages.capture import Sighting, sightings
from tests.pages.deciding import decisions, moved
from tests.pages.ground import FABRIC_MAC, Ground, Link
from tests.pages.names import WIDTH, Names, folded
from tests.pages.overview import OVERVIEW, overview
from tests.pages.writing import FOLDER, pages

PRINTED = """\
1795263732.836401123 azv0 P   IP (tos 0x0, ttl 63, id 1, offset 0, flags [DF], length 84)
    10.0.0.5 > 10.0.0.6: ICMP echo request, id 117, seq 1, length 64
1795263732.836501123 eth0  Out IP (tos 0x0, ttl 64, id 2, offset 0, flags [none], length 84)
    10.0.0.6 > 10.0.0.5: ICMP echo reply, id 117, seq 1, length 64
"""


def test_every_model_has_a_page_and_every_page_a_model() -> None:
    assert [page.model.name for page in pages()] == [model.name for model in models()]
    assert {page.file for page in pages()} | {OVERVIEW} == set(FOLDER.glob("*.md"))


def test_the_overview_is_what_the_tables_say() -> None:
    assert OVERVIEW.read_text(encoding="utf-8") == overview(pages()), "run: make models"


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.md")), ids=lambda file: file.name)
def test_a_page_fits_a_terminal(file: Any) -> None:
    lines = file.read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if len(line) > WIDTH] == []


def test_a_sighting_is_two_lines_of_tcpdump() -> None:
    came, left = sightings("node 0", PRINTED)

    assert (came.device, came.outward, came.ttl, came.reply) == ("azv0", False, 63, False)
    assert (left.device, left.outward, left.ttl, left.reply) == ("eth0", True, 64, True)
    assert (came.source, came.destination, came.size) == ("10.0.0.5", "10.0.0.6", 56)
    assert left.at - came.at == 100_000


def test_what_differs_between_runs_has_a_name() -> None:
    names = Names(known={"azv12ab": "azv-one", "76:9a:8c:a0:70:a6": "MAC-of-one"})

    assert names.text("76:9a:8c:a0:70:a6 dev azv12ab@if3 ") == "MAC-of-one dev azv-one@ifN"
    assert names.text(
        "10.0.0.4/30 nhid 13107  encap ip id 1000 src 0.0.0.0 dst 198.18.0.11 ttl 0 tos 0 "
        "dev vx0 table 100 proto 118 "
    ) == ("10.0.0.4/30 encap ip id 1000 dst 198.18.0.11 dev vx0")


def test_a_long_line_goes_on_in_the_next() -> None:
    line = "word " * 40
    lines = folded(line.strip()).splitlines()

    assert max(map(len, lines)) <= WIDTH
    assert " ".join(part.removesuffix("\\").strip() for part in lines) == line.strip()


def ground(**changes: Any) -> Ground:
    routes = [
        {
            "virtual_network": "vnet",
            "subnet": "nodes",
            "state": "Active",
            "source": source,
            "address_prefix": prefix,
            "next_hop_type": hop,
            "next_hop_ip_address": address,
        }
        for source, prefix, hop, address in (
            ("Default", "10.0.0.0/16", "VnetLocal", ""),
            ("Default", "0.0.0.0/0", "Internet", ""),
            *changes.pop("user_routes", ()),
        )
    ]
    nic = Link(name="eth0", peer=9, bridge=None, mac="02:00:00:00:00:01")
    port = Link(name="azv0", peer=2, bridge="azure0", mac="02:00:00:00:00:02")
    uplink = Link(name="eth0", peer=4, bridge="azure0", mac="02:00:00:00:00:03")
    defaults: dict[str, Any] = {
        "addresses": {},
        "links": {
            "pod one": {2: nic},
            "pod two": {2: nic},
            "pod three": {2: nic},
            "node 0": {9: port, 2: uplink},
            "node 1": {9: port, 2: uplink},
        },
        "routes": routes,
        "pod_cidrs": [],
        "names": Names(known={}),
    }
    return Ground(**(defaults | changes))


def sighting(place: str, device: str, *, outward: bool, reply: bool = False) -> Sighting:
    return Sighting(
        place=place,
        device=device,
        outward=outward,
        ttl=64,
        source="10.244.0.2",
        destination="10.244.1.2",
        reply=reply,
        size=100,
        at=0,
    )


def test_the_longest_effective_route_is_shown() -> None:
    user = ("User", "10.244.1.0/24", "VirtualAppliance", "10.0.0.5")
    cidrs = [IPv4Network("10.244.1.0/24")]
    known = ground(pod_cidrs=cidrs, user_routes=[user])

    found = known.effective_route("10.244.0.2", "10.244.1.2")

    assert found is not None
    assert found["next_hop_ip_address"] == "10.0.0.5"
    assert ground().effective_route("10.0.0.4", "8.8.8.8") == known.routes[1]


def test_no_effective_route_is_shown_for_an_overlays_pods() -> None:
    overlay = ground(pod_cidrs=[IPv4Network("10.244.1.0/24")])
    assert overlay.effective_route("10.244.0.2", "10.244.1.2") is None


class Answering:
    """A place that answers by the beginning of the question."""

    def __init__(self, answers: dict[str, str]) -> None:
        self.answers = answers
        self.asked: list[str] = []

    def ask(self, script: str) -> str:
        self.asked.append(script)
        return next(text for start, text in self.answers.items() if script.startswith(start))


def test_between_ports_of_a_bridge_nobody_is_asked_for_a_route() -> None:
    visit = [
        sighting("node 0", "azv0", outward=False),
        sighting("node 0", "eth0", outward=True),
    ]
    entry = f"{FABRIC_MAC} dev eth0 master azure0"
    place = Answering({"bridge fdb": entry})
    rule = "PREROUTING -i az+ -j dnat --to-dst 12:34:56:78:9a:bc"
    counted = {
        ("node 0", "frame", "PREROUTING -p ARP -i az+ -j arpreply"): 1,
        ("node 0", "frame", "PREROUTING -p IPv4 -i az+ --ip-dst 10.9.9.9 -j dnat"): 1,
        ("node 0", "frame", rule): 1,
        ("node 1", "frame", "POSTROUTING -o eth0 -j snat"): 1,
    }

    found = list(decisions(visit, place, ground(), counted))  # type: ignore[arg-type]

    assert found == [("frame", rule), ("bridge", entry)]


def test_a_route_is_asked_for_as_the_packet_came() -> None:
    visit = [
        sighting("node 1", "eth9", outward=False),
        sighting("node 1", "azv9", outward=True),
    ]
    place = Answering({"ip route get": "10.244.1.2 dev azv9 scope link\n    cache"})
    counted = {("node 1", "nat", "IP-MASQ-AGENT -j RETURN"): 1, ("node 0", "nat", "other"): 1}
    known = ground(links={**ground().links, "node 1": {}})

    found = list(decisions(visit, place, known, counted))  # type: ignore[arg-type]

    assert place.asked == ["ip route get fibmatch 10.244.1.2 from 10.244.0.2 iif eth9"]
    assert found == [
        ("route", "10.244.1.2 dev azv9 scope link"),
        ("nat", "IP-MASQ-AGENT -j RETURN  [+1]"),
    ]


def test_the_end_of_a_way_is_its_own_address() -> None:
    visit = [sighting("pod three", "eth0", outward=False)]
    (found,) = decisions(visit, Answering({}), ground(), {})  # type: ignore[arg-type]
    assert found == ("local", "10.244.1.2 is its own address")


def test_rules_of_a_security_group_count_the_request_at_its_gate() -> None:
    came, left = (
        sighting("switch 1", "vx0", outward=False),
        sighting("switch 1", "nic", outward=True),
    )
    place = Answering({"ip route get": "default dev nic"})
    counted = {
        ("switch 1", "security_in_0", "AllowVnetInBound"): 1,
        ("switch 1", "security_out_0", "AllowVnetOutBound"): 1,
    }
    links = {**ground().links, "switch 1": {}}

    found = list(decisions([came, left], place, ground(links=links), counted))  # type: ignore[arg-type]

    assert found[1:] == [("nsg", "AllowVnetInBound  [+1]")]


def test_only_counters_that_moved_are_told() -> None:
    still, went = ("node 0", "nat", "a"), ("node 0", "nat", "b")
    assert moved({still: 3, went: 1}, {still: 3, went: 2}) == {went: 1}
