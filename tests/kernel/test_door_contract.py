"""What the door promises, held against the kernel and against the fake alike."""

import errno
from collections.abc import Iterator, Sequence
from dataclasses import replace
from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from pathlib import Path

import pytest

from agents.kernel.door import Kernel, View
from agents.kernel.fake import FakeKernel
from agents.kernel.linux import LinuxKernel
from agents.kernel.namespaces import NamespaceDirectory
from agents.objects.address import Address
from agents.objects.link import Bridge, Link, Loopback, Veth, VethPair, VxlanGpe
from agents.objects.namespace import NamespaceObjects
from agents.objects.neighbour import Neighbour
from agents.objects.nexthop import Encapsulation, Nexthop
from agents.objects.origin import Origin
from agents.objects.route import Route
from agents.objects.rule import LOCAL_TABLE, Rule
from agents.objects.ruleset import Ruleset, RulesetName
from agents.plan.operations import (
    Add,
    Addition,
    Change,
    CreateNamespace,
    LoadRuleset,
    Operation,
    Removal,
    Remove,
    RemoveNamespace,
    Replacement,
    SetSysctl,
)

pytestmark = pytest.mark.kernel

NODE, POD = "node", "pod-1"
EVERYTHING = IPv4Network("0.0.0.0/0")


@pytest.fixture(params=["linux", "fake"])
def kernel(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Kernel]:
    if request.param == "fake":
        yield FakeKernel(["host", NODE])
        return
    pins = NamespaceDirectory(tmp_path)
    for name in ("host", NODE):
        with pins.inside_new(name):
            pass
    kernel = LinuxKernel(namespaces=tmp_path, record=tmp_path / "record")
    yield kernel
    kernel.close()
    for name in pins.names():
        pins.remove(name)


def add(value: Addition, namespace: str = NODE) -> Add:
    return Add(namespace=namespace, subject="test", reason="test", value=value)


def change(value: Replacement, previous: Replacement, namespace: str = NODE) -> Change:
    return Change(
        namespace=namespace, subject="test", reason="test", value=value, previous=previous
    )


def remove(value: Removal, namespace: str = NODE) -> Remove:
    return Remove(namespace=namespace, subject="test", reason="test", value=value)


def create(name: str, alias_of: str | None = None) -> CreateNamespace:
    return CreateNamespace(namespace=name, subject="test", reason="test", alias_of=alias_of)


def end(name: str) -> RemoveNamespace:
    return RemoveNamespace(namespace=name, subject="test", reason="test")


def sysctl(name: str, value: str, namespace: str = NODE) -> SetSysctl:
    return SetSysctl(namespace=namespace, subject="test", reason="test", name=name, value=value)


def load(ruleset: Ruleset, namespace: str = NODE) -> LoadRuleset:
    return LoadRuleset(namespace=namespace, subject="test", reason="test", ruleset=ruleset)


BRIDGE = Link(name="b0", kind=Bridge(), mtu=1500, mac="02:00:00:00:00:01", master="")
TUNNEL = Link(name="vx0", kind=VxlanGpe(port=4790), mtu=1500, master="")
OUTER = Link(
    name="eth0",
    kind=Veth(peer_namespace=NODE, peer="veth0"),
    up=False,
    mtu=1400,
    mac="02:00:00:00:00:02",
    master="",
)
INNER = Link(
    name="veth0",
    kind=Veth(peer_namespace=POD, peer="eth0"),
    up=False,
    mtu=1400,
    mac="02:00:00:00:00:03",
    master="",
)
PAIR = VethPair(link=OUTER, peer=INNER)
LOOPBACK = Link(name="lo", kind=Loopback(), up=False)
LOCAL = Address(link="b0", interface=IPv4Interface("10.0.0.1/24"))
DEFAULT = Route(
    prefix=EVERYTHING, origin=Origin.DHCP, metric=100, link="b0", gateway=IPv4Address("10.0.0.9")
)
NEXTHOP = Nexthop(
    number=7,
    origin=Origin.VNETLAB,
    link="vx0",
    encapsulation=Encapsulation(vni=16777215, destination=IPv4Address("198.18.0.2")),
)
NEIGHBOUR = Neighbour(
    link="b0", address=IPv4Address("10.0.0.9"), mac="02:00:00:00:00:09", origin=Origin.VNETLAB
)
RULE = Rule(priority=10, table=100, incoming="b0", origin=Origin.VNETLAB)
TABLE = Ruleset(
    name=RulesetName(tool="nft", table="ip ours"),
    rules=("chain c {", "type filter hook output priority 0;", "}"),
)


async def done(kernel: Kernel, *operations: Operation) -> None:
    assert [str(failure) for failure in kernel.apply(operations)] == []


async def refused(kernel: Kernel, *operations: Operation) -> Sequence[int]:
    return [failure.code for failure in kernel.apply(operations)]


async def seen(kernel: Kernel, namespace: str = NODE, *others: str) -> NamespaceObjects:
    views = [
        View(namespace=name, routing_policy=True, neighbours=True) for name in (namespace, *others)
    ]
    return (kernel.observe(views))[namespace].objects


async def test_a_new_namespace_is_empty_but_for_a_loopback_that_is_down(kernel: Kernel) -> None:
    await done(kernel, create(POD))
    assert kernel.namespaces() == {"host", NODE, POD}
    objects = await seen(kernel, POD)
    assert [(link.name, link.kind, link.up) for link in objects.links] == [
        ("lo", Loopback(), False)
    ]
    assert objects.addresses == frozenset()
    assert objects.routes == frozenset()
    assert {(rule.priority, rule.table, rule.origin) for rule in objects.rules} == {
        (0, LOCAL_TABLE, Origin.KERNEL),
        (32766, 254, Origin.KERNEL),
        (32767, 253, Origin.KERNEL),
    }


async def test_namespaces_are_made_once_and_removed_once(kernel: Kernel) -> None:
    await done(kernel, create(POD))
    assert await refused(kernel, create(POD)) == [errno.EEXIST]
    await done(kernel, end(POD))
    assert await refused(kernel, end(POD)) == [errno.ENOENT]
    assert kernel.namespaces() == {"host", NODE}


async def test_nothing_acts_outside_a_pinned_namespace(kernel: Kernel) -> None:
    """An operation on a namespace that is not there never lands in another one."""
    bridge = add(BRIDGE, "pod-none")
    assert await refused(kernel, bridge, sysctl("net.ipv4.ip_forward", "1", "pod-none")) == [
        errno.ENOENT,
        errno.ENOENT,
    ]
    assert (await seen(kernel)).link("b0") is None
    assert kernel.observe([View(namespace="pod-none")]) == {}


async def test_operations_in_a_namespace_that_could_not_be_made_fail(kernel: Kernel) -> None:
    codes = await refused(kernel, create(NODE), add(BRIDGE))
    assert codes[0] == errno.EEXIST
    assert len(codes) == 2
    assert (await seen(kernel)).link("b0") is None


async def test_an_alias_is_another_name(kernel: Kernel) -> None:
    await done(kernel, create("pod-host", alias_of=NODE), add(BRIDGE))
    assert "pod-host" in kernel.namespaces()
    observed = kernel.observe([View(namespace="pod-host"), View(namespace=NODE)])
    assert observed["pod-host"].alias_of == NODE
    assert observed[NODE].alias_of is None
    assert await refused(kernel, create("pod-host", alias_of=NODE)) == [errno.EEXIST]
    await done(kernel, end("pod-host"))
    assert (await seen(kernel)).link("b0") == BRIDGE


async def test_devices_read_back_as_they_were_made(kernel: Kernel) -> None:
    await done(kernel, add(BRIDGE), add(TUNNEL))
    objects = await seen(kernel)
    assert objects.link("b0") == BRIDGE
    assert objects.link("vx0") == TUNNEL
    assert await refused(kernel, add(BRIDGE)) == [errno.EEXIST]


async def test_a_cable_has_two_ends_that_know_each_other(kernel: Kernel) -> None:
    await done(kernel, create(POD), add(PAIR, POD))
    assert (await seen(kernel, NODE, POD)).link("veth0") == INNER
    assert (await seen(kernel, POD, NODE)).link("eth0") == OUTER
    # Where only one end is looked at, the other one is unknown.
    alone = (await seen(kernel, NODE)).link("veth0")
    assert alone == replace(INNER, kind=Veth(peer_namespace=None, peer=None))


@pytest.mark.parametrize("order", [("a", "b"), ("b", "a")])
async def test_cables_of_many_namespaces_are_told_apart(
    kernel: Kernel, order: tuple[str, str]
) -> None:
    """Equal names and indexes on the far side, and a cable that crosses the others."""
    operations: list[Operation] = []
    for name in order:
        here = replace(OUTER, mac=None, kind=Veth(peer_namespace=NODE, peer=f"to-{name}"))
        there = Link(name=f"to-{name}", kind=Veth(peer_namespace=f"pod-{name}", peer="eth0"))
        operations += [create(f"pod-{name}"), add(VethPair(link=here, peer=there), f"pod-{name}")]
    wire = Link(name="wire", kind=Veth(peer_namespace="pod-b", peer="wire"), master="")
    end_ = Link(name="wire", kind=Veth(peer_namespace="pod-a", peer="wire"))
    await done(kernel, *operations, add(VethPair(link=wire, peer=end_), "pod-a"))
    views = [View(namespace=name) for name in (NODE, "host", "pod-a", "pod-b")]
    observed = kernel.observe(views)
    kinds = {
        (space, link.name): (link.kind.peer_namespace, link.kind.peer)
        for space, found in observed.items()
        for link in found.objects.links
        if isinstance(link.kind, Veth)
    }
    assert kinds == {
        (NODE, "to-a"): ("pod-a", "eth0"),
        (NODE, "to-b"): ("pod-b", "eth0"),
        ("pod-a", "eth0"): (NODE, "to-a"),
        ("pod-b", "eth0"): (NODE, "to-b"),
        ("pod-a", "wire"): ("pod-b", "wire"),
        ("pod-b", "wire"): ("pod-a", "wire"),
    }


async def test_a_cable_is_not_made_over_a_taken_name(kernel: Kernel) -> None:
    await done(kernel, create(POD), add(replace(BRIDGE, name="veth0")))
    assert await refused(kernel, add(PAIR, POD)) == [errno.EEXIST]
    assert (await seen(kernel, POD)).link("eth0") is None


async def test_removing_one_end_removes_the_other(kernel: Kernel) -> None:
    await done(kernel, create(POD), add(PAIR, POD), remove(INNER))
    assert (await seen(kernel, POD)).link("eth0") is None
    assert await refused(kernel, remove(INNER)) == [errno.ENODEV]


async def test_devices_that_are_removed_together_fail_apart(kernel: Kernel) -> None:
    """Many at once is much faster, and still each refusal belongs to one of them."""
    bridges = [replace(BRIDGE, name=f"b{number}", mac=None) for number in range(4)]
    ghost = replace(BRIDGE, name="ghost")
    await done(kernel, *map(add, bridges))
    removals = [remove(bridges[0]), remove(ghost), remove(bridges[1]), remove(bridges[2])]
    failures = kernel.apply([*removals, add(bridges[0])])
    assert [(f.operation, f.code) for f in failures] == [(removals[1], errno.ENODEV)]
    assert {link.name for link in (await seen(kernel)).links} == {"lo", "b0", "b3"}
    assert await refused(kernel, remove(ghost), remove(ghost)) == [errno.ENODEV] * 2


async def test_a_device_changes_in_place(kernel: Kernel) -> None:
    """MTU, MAC address, flags, master: each alone and all together."""
    changed = replace(
        INNER, up=True, mtu=1300, mac="02:00:00:00:00:33", master="b0", promiscuous=True
    )
    await done(kernel, create(POD), add(PAIR, POD), add(BRIDGE), change(changed, INNER))
    assert (await seen(kernel, NODE, POD)).link("veth0") == changed
    free = replace(changed, master="")
    await done(kernel, change(free, changed))
    assert (await seen(kernel, NODE, POD)).link("veth0") == free
    await done(kernel, change(INNER, free))
    assert (await seen(kernel, NODE, POD)).link("veth0") == INNER


async def test_what_is_not_there_cannot_be_changed(kernel: Kernel) -> None:
    ghost = replace(BRIDGE, name="ghost")
    assert await refused(kernel, change(ghost, replace(ghost, up=False))) == [errno.ENODEV]
    ported = replace(BRIDGE, master="ghost")
    await done(kernel, add(BRIDGE))
    assert await refused(kernel, change(ported, BRIDGE)) == [errno.ENODEV]


async def test_addresses(kernel: Kernel) -> None:
    second = replace(LOCAL, interface=IPv4Interface("10.0.1.1/24"), broadcast=True)
    await done(kernel, add(BRIDGE), add(LOCAL), add(second))
    assert (await seen(kernel)).addresses == {LOCAL, second}
    assert await refused(kernel, add(LOCAL)) == [errno.EEXIST]
    await done(kernel, remove(LOCAL))
    assert await refused(kernel, remove(LOCAL)) == [errno.EADDRNOTAVAIL]
    assert await refused(kernel, add(replace(LOCAL, link="ghost"))) == [errno.ENODEV]
    assert (await seen(kernel)).addresses == {second}


async def test_a_loopback_that_comes_up_has_its_address(kernel: Kernel) -> None:
    await done(kernel, change(replace(LOOPBACK, up=True), LOOPBACK))
    assert (await seen(kernel)).addresses == {
        Address(link="lo", interface=IPv4Interface("127.0.0.1/8"))
    }


async def test_routes(kernel: Kernel) -> None:
    """One per table, prefix and metric; a change replaces, or makes."""
    direct = Route(prefix=IPv4Network("10.9.0.0/16"), origin=Origin.VNETLAB, table=100, link="b0")
    on_link = replace(
        direct, prefix=EVERYTHING, table=200, gateway=IPv4Address("169.254.255.2"), on_link=True
    )
    sourced = replace(DEFAULT, metric=0, source=IPv4Address("10.0.0.1"))
    await done(kernel, add(BRIDGE), add(LOCAL))
    await done(kernel, add(DEFAULT), add(direct), add(on_link), add(sourced))
    assert (await seen(kernel)).routes == {DEFAULT, direct, on_link, sourced}
    assert await refused(kernel, add(replace(DEFAULT, gateway=IPv4Address("10.0.0.8")))) == [
        errno.EEXIST
    ]
    moved = replace(DEFAULT, gateway=IPv4Address("10.0.0.8"))
    new = replace(direct, prefix=IPv4Network("10.8.0.0/16"))
    await done(kernel, change(moved, DEFAULT), change(new, new), remove(direct))
    assert (await seen(kernel)).routes == {moved, new, on_link, sourced}
    assert await refused(kernel, remove(direct)) == [errno.ESRCH]


async def test_a_gateway_has_to_be_reachable(kernel: Kernel) -> None:
    await done(kernel, add(BRIDGE))
    assert await refused(kernel, add(DEFAULT)) == [errno.ENETUNREACH]


async def test_routes_need_a_device_that_is_up(kernel: Kernel) -> None:
    await done(kernel, add(replace(BRIDGE, up=False)))
    direct = Route(prefix=IPv4Network("10.9.0.0/16"), origin=Origin.VNETLAB, link="b0")
    ghost = replace(direct, link="ghost")
    assert await refused(kernel, add(direct), add(ghost)) == [errno.ENETDOWN, errno.ENODEV]


async def test_nexthops_carry_routes(kernel: Kernel) -> None:
    through = Route(
        prefix=IPv4Network("10.244.2.0/24"), origin=Origin.VNETLAB, table=100, nexthop=7
    )
    await done(kernel, add(TUNNEL), add(NEXTHOP), add(through))
    objects = await seen(kernel)
    assert objects.nexthops == {NEXTHOP}
    assert objects.routes == {through}
    assert await refused(kernel, add(NEXTHOP)) == [errno.EEXIST]
    moved = replace(
        NEXTHOP, encapsulation=Encapsulation(vni=1, destination=IPv4Address("198.18.0.3"))
    )
    await done(kernel, change(moved, NEXTHOP))
    assert (await seen(kernel)).nexthops == {moved}
    await done(kernel, remove(moved))
    objects = await seen(kernel)
    assert (objects.nexthops, objects.routes) == (frozenset(), frozenset())
    assert await refused(kernel, remove(moved), add(through)) == [errno.ENOENT, errno.EINVAL]


@pytest.mark.parametrize("learned", [False, True])
async def test_neighbours(kernel: Kernel, learned: bool) -> None:
    neighbour = replace(NEIGHBOUR, link="veth0", learned=learned)
    up = [change(replace(INNER, up=True), INNER), change(replace(OUTER, up=True), OUTER, POD)]
    # Behind a device without carrier nobody is learned.
    await done(kernel, create(POD), add(PAIR, POD), *up, add(neighbour))
    moved = replace(neighbour, mac="02:00:00:00:00:99")
    assert (await seen(kernel)).neighbours == {neighbour}
    await done(kernel, change(moved, neighbour))
    assert (await seen(kernel)).neighbours == {moved}
    await done(kernel, remove(moved))
    assert await refused(kernel, remove(moved)) == [errno.ENOENT]


async def test_rules(kernel: Kernel) -> None:
    first = Rule(priority=0, table=LOCAL_TABLE, origin=Origin.KERNEL)
    later = Rule(priority=100, table=LOCAL_TABLE, origin=Origin.VNETLAB)
    marked = replace(RULE, priority=11, mark=7)
    await done(kernel, add(RULE), add(later), add(marked), remove(first))
    rules = (await seen(kernel)).rules
    assert {RULE, later, marked} <= rules
    assert first not in rules
    assert await refused(kernel, add(RULE), remove(first)) == [errno.EEXIST, errno.ENOENT]


async def test_a_device_takes_along_what_hangs_on_it(kernel: Kernel) -> None:
    await done(kernel, add(BRIDGE), add(LOCAL), add(DEFAULT), add(NEIGHBOUR), remove(BRIDGE))
    objects = await seen(kernel)
    assert objects.addresses == objects.routes == objects.neighbours == frozenset()


async def test_a_device_that_goes_down_loses_its_routes(kernel: Kernel) -> None:
    through = Route(prefix=EVERYTHING, origin=Origin.VNETLAB, table=100, nexthop=7)
    await done(kernel, add(TUNNEL), add(NEXTHOP), add(through))
    await done(kernel, change(replace(TUNNEL, up=False), TUNNEL))
    objects = await seen(kernel)
    assert objects.nexthops == objects.routes == frozenset()


async def test_the_last_address_takes_the_routes_along(kernel: Kernel) -> None:
    await done(kernel, add(BRIDGE), add(LOCAL), add(DEFAULT), remove(LOCAL))
    assert (await seen(kernel)).routes == frozenset()


async def test_ports_are_free_when_their_bridge_goes(kernel: Kernel) -> None:
    port = replace(INNER, master="b0")
    await done(kernel, create(POD), add(PAIR, POD), add(BRIDGE), change(port, INNER))
    await done(kernel, remove(BRIDGE))
    assert (await seen(kernel, NODE, POD)).link("veth0") == INNER


async def test_a_port_and_none_else_may_turn_frames_round(kernel: Kernel) -> None:
    await done(kernel, create(POD), add(BRIDGE), add(PAIR, POD))
    port = replace(INNER, master="b0", hairpin=True)
    assert await refused(kernel, change(replace(INNER, hairpin=True), INNER)) == []
    assert (await seen(kernel, NODE, POD)).link("veth0") == INNER
    assert await refused(kernel, change(port, INNER)) == [errno.EOPNOTSUPP]
    await done(kernel, change(replace(INNER, master="b0"), INNER))
    await done(kernel, change(port, replace(INNER, master="b0")))
    assert (await seen(kernel, NODE, POD)).link("veth0") == port
    await done(kernel, change(INNER, port))
    assert (await seen(kernel, NODE, POD)).link("veth0") == INNER


async def test_sysctls(kernel: Kernel) -> None:
    forwarding, proxy = "net.ipv4.ip_forward", "net.ipv4.conf.b0.proxy_arp"
    view = View(namespace=NODE, sysctls=(forwarding, proxy))
    await done(kernel, sysctl(forwarding, "1"))
    assert (kernel.observe([view]))[NODE].objects.sysctls == {forwarding: "1"}
    assert await refused(kernel, sysctl(proxy, "1")) == [errno.ENOENT]
    await done(kernel, add(BRIDGE), sysctl(proxy, "1"), sysctl(forwarding, "0"))
    assert (kernel.observe([view]))[NODE].objects.sysctls == {forwarding: "0", proxy: "1"}


async def test_sysctls_are_those_of_the_namespace(kernel: Kernel) -> None:
    name = "net.ipv4.conf.all.rp_filter"
    await done(kernel, sysctl(name, "2", "host"), sysctl(name, "1"))
    observed = kernel.observe([View(namespace=space, sysctls=(name,)) for space in ("host", NODE)])
    assert [observed[space].objects.sysctls[name] for space in ("host", NODE)] == ["2", "1"]


async def test_rulesets_are_known_by_what_was_loaded(kernel: Kernel) -> None:
    other = replace(TABLE, rules=(*TABLE.rules, "chain d {", "}"))
    view = View(namespace=NODE, rulesets=(TABLE.name,))
    assert (kernel.observe([view]))[NODE].rulesets == {}
    for ruleset in (TABLE, other, other):
        await done(kernel, load(ruleset))
        assert (kernel.observe([view]))[NODE].rulesets == {TABLE.name: ruleset.digest}
    await done(kernel, load(replace(TABLE, rules=())))
    assert (kernel.observe([view]))[NODE].rulesets == {}


async def test_an_ended_namespace_takes_its_cables_along(kernel: Kernel) -> None:
    """At once where the node's end is removed first, as plans do; pins go in any case."""
    await done(kernel, create(POD), add(PAIR, POD), remove(INNER), end(POD))
    assert (await seen(kernel)).link("veth0") is None
    await done(kernel, create(POD), add(PAIR, POD))


async def test_a_failure_stops_nothing_that_comes_after(kernel: Kernel) -> None:
    ghost = remove(replace(BRIDGE, name="ghost"))
    failures = kernel.apply([ghost, add(BRIDGE), ghost, add(LOCAL)])
    assert [failure.operation for failure in failures] == [ghost, ghost]
    assert all(str(failure) for failure in failures)
    assert (await seen(kernel)).addresses == {LOCAL}


async def test_closing_twice_is_no_error(kernel: Kernel) -> None:
    kernel.close()
    kernel.close()
