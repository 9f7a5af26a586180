"""What decided at a hop: the kernel's route, the bridge's port, the rules that counted."""

import re
from collections.abc import Iterator, Mapping, Sequence

from lab.cli.security_counters import LISTING, parsed
from tests.pages.capture import Sighting
from tests.pages.ground import FABRIC_MAC, PODS, Ground, next_hop
from tests.pages.places import Shell

Visit = Sequence[Sighting]
"""A packet's stay in one place, from the device where it comes in."""

Decision = tuple[str, str]
"""What kind of thing decided, and its own words."""

Counters = Mapping[tuple[str, str, str], int]
"""Packets by place, kind of rule and rule."""

NO_GROUPS = "AllowOriginated"
"""The question of peerings, behind the security groups: whether somebody else sent it first."""

COUNTED = re.compile(r"^\[(\d+):\d+\] -A (.*)$", re.M)


def counters(shells: Mapping[str, Shell]) -> Counters:
    """Of every rule that a packet can meet."""
    found = {}
    for place, shell in shells.items():
        if place.startswith("node"):
            for kind, command in (
                ("nat", "iptables-save -c -t nat"),
                ("frame", "ebtables-save -c"),
            ):
                printed = shell.ask(f"{command} 2>/dev/null")
                for packets, rule in COUNTED.findall(printed):
                    found[place, kind, rule.strip()] = int(packets)
        elif place.startswith("switch"):
            for (chain, rule), packets in parsed(shell.ask(" ".join(LISTING)).encode()).items():
                found[place, chain, rule] = packets
    return found


def moved(before: Counters, after: Counters) -> Counters:
    return {key: more for key, now in after.items() if (more := now - before.get(key, 0))}


def decisions(visit: Visit, shell: Shell, ground: Ground, counted: Counters) -> Iterator[Decision]:
    """In the order in which the packet met them."""
    first, last = visit[0], visit[-1]
    if last.outward:
        if bridge := _switched(visit, ground):
            yield from _frame_rules(visit, counted, "PREROUTING")
            yield "bridge", _port(last, bridge, shell, ground)
            yield from _translations(visit, counted)
            yield from _frame_rules(visit, counted, "POSTROUTING")
        else:
            if first.place.startswith("switch"):
                yield from _fabric(visit, ground)
            yield from _routed(visit, shell)
            yield from _translations(visit, counted)
            if not first.outward and (bridge := ground.bridge(last.place, last.device)):
                yield "bridge", _port(last, bridge, shell, ground)
        yield from _security(visit, counted)
    else:
        yield "local", f"{last.destination} is its own address"


def _switched(visit: Visit, ground: Ground) -> str | None:
    """The bridge, if the packet came by one of its ports and leaves by another."""
    first, last = visit[0], visit[-1]
    bridges = {ground.bridge(first.place, each.device) for each in (first, last)}
    return bridges.pop() if not first.outward and len(bridges) == 1 else None


def _port(last: Sighting, bridge: str, shell: Shell, ground: Ground) -> str:
    """What the bridge has learnt about where the frame has to go."""
    mac = FABRIC_MAC
    for pod, node in PODS.items():
        (nic,) = (link for link in ground.links[pod].values() if link.name == "eth0")
        if node == last.place and ground.links[node][nic.peer].name == last.device:
            mac = nic.mac
    (entry,) = (
        line
        for line in shell.ask(f"bridge fdb show br {bridge}").splitlines()
        if line.startswith(mac) and "self" not in line
    )
    assert f"dev {last.device} " in entry
    return entry


def _routed(visit: Visit, shell: Shell) -> Iterator[Decision]:
    """The kernel's own answer, for the source before and the destination after translation."""
    came, left = ([each for each in visit if each.outward is way] for way in (False, True))
    question = f"ip route get fibmatch {left[-1].destination}"
    if came:
        question += f" from {came[-1].source} iif {came[-1].device}"
    route = shell.ask(question).splitlines()[0]
    yield "route", route
    if not came:
        gateway = re.search(r" via (\S+)", route)
        neighbour = gateway[1] if gateway else left[0].destination
        entry = shell.ask(f"ip neigh show {neighbour}")
        yield "arp", f"{neighbour} {re.search(r'lladdr [0-9a-f:]+', entry)[0]}"  # type: ignore[index]


def _fabric(visit: Visit, ground: Ground) -> Iterator[Decision]:
    first, last = visit[0], visit[-1]
    if first.device != "nic":
        return
    row = ground.effective_route(first.source, last.destination)
    if row is None:
        yield "fabric", "the overlay of the cluster knows which node has this range"
    else:
        yield "fabric", f"effective route {row['address_prefix']} {next_hop(row)}"


def _translations(visit: Visit, counted: Counters) -> Iterator[Decision]:
    first, last = visit[0], visit[-1]
    if not first.place.startswith("node"):
        return
    if first.reply:
        if first.destination != last.destination:
            yield "nat", f"reply of a translated flow: to {last.destination}"
        return
    for (place, kind, rule), packets in counted.items():
        if (place, kind) == (first.place, "nat") and not rule.startswith("POSTROUTING"):
            yield "nat", f"{rule}  [+{packets}]"


def _frame_rules(visit: Visit, counted: Counters, chain: str) -> Iterator[Decision]:
    """ebtables: the first rule that fits the frame and has counted ends the chain."""
    first, last = visit[0], visit[-1]
    for place, kind, rule in counted:
        words = dict(re.findall(r"(-i|-o|--ip-dst) (\S+)", rule))
        if (
            (place, kind) == (first.place, "frame")
            and rule.startswith(chain)
            and " ARP " not in rule
            and _fits(words.get("-i"), first.device)
            and _fits(words.get("-o"), last.device)
            and words.get("--ip-dst") in {None, last.destination}
        ):
            yield "frame", rule
            return


def _fits(pattern: str | None, device: str) -> bool:
    if pattern is None:
        return True
    return device.startswith(pattern[:-1]) if pattern.endswith("+") else device == pattern


def _security(visit: Visit, counted: Counters) -> Iterator[Decision]:
    first, last = visit[0], visit[-1]
    if first.reply:
        return
    for end, passed in (("out", first.device == "nic"), ("in", last.device == "nic")):
        for (place, chain, rule), packets in counted.items():
            ends = place == first.place and re.match(rf"security_(?:pods_)?{end}_", chain)
            if passed and ends and rule != NO_GROUPS:
                yield "nsg", f"{rule}  [+{packets}]"
