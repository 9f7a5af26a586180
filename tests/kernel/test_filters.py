"""Filter tables on the kernel: what nft reads of them, what a change touches, what packets meet.

This tier runs as an ordinary user does: a transaction has to fit into the socket
buffer that everybody gets.
"""

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path
from threading import Event, Thread

import pytest

from agents.kernel import processes
from agents.kernel.filters import FilterRefused
from agents.kernel.namespaces import NamespaceDirectory
from agents.kernel.netlink import NetlinkSocket
from agents.kernel.rulesets import Rulesets
from agents.objects.filter import FilterTable
from agents.objects.ruleset import Ruleset
from agents.plan.security import SECURITY_TABLE, security_table
from lab.contract.condition import ConditionStatus
from lab.contract.node_state import (
    NodeState,
    PortRange,
    SecurityGate,
    SecurityProtocol,
    SecurityRule,
)
from tests.kernel.hosts import Host, Site, run
from tests.kernel.packets import capture, send
from tests.unit.agents.states import address_of, machine, routes_of, vswitch

pytestmark = pytest.mark.kernel

ANYWHERE = (IPv4Network("0.0.0.0/0"),)
RULES_OF_A_GROUP = 1000
PREFIXES_OF_A_GROUP = 4000


def rule(number: int, *, allow: bool = True, prefixes: int = 4) -> SecurityRule:
    """A rule that no packet of these tests meets."""
    first = int(IPv4Address("100.64.0.0")) + 512 * prefixes * number
    return SecurityRule(
        name=f"rule-{number}",
        priority=100 + number,
        allow=allow,
        protocol=SecurityProtocol.TCP,
        sources=tuple(IPv4Network((first + 512 * each, 24)) for each in range(prefixes)),
        destinations=ANYWHERE,
        destination_ports=(PortRange(first=80, last=90), PortRange(first=443, last=443)),
    )


REST = replace(
    rule(4000, allow=False),
    name="rest",
    protocol=SecurityProtocol.ANY,
    sources=ANYWHERE,
    destination_ports=(PortRange(),),
)


def gates(*rules: SecurityRule) -> tuple[SecurityGate, ...]:
    """A group at the subnet and one at the network interface."""
    return tuple(
        SecurityGate(name=f"{place} x", network_security_group="group", rules=rules)
        for place in ("subnet", "nic")
    )


def table(*rules: SecurityRule) -> FilterTable:
    switch = vswitch(1)
    switch = replace(switch, node=replace(switch.node, inbound=gates(*rules)))
    found = security_table(switch, nic_link="nic", pods=())
    assert found is not None
    return found


@pytest.fixture
def pins(tmp_path: Path) -> Iterator[NamespaceDirectory]:
    pins = NamespaceDirectory(tmp_path)
    with pins.inside_new("host"):
        yield pins
    for name in pins.names():
        pins.remove(name)


@pytest.fixture
def load(
    tmp_path: Path, pins: NamespaceDirectory
) -> Iterator[Callable[[FilterTable | Ruleset], None]]:
    """Have a table in force, and see that it is."""
    rulesets = Rulesets(tmp_path / "record.json")

    def loaded(wanted: FilterTable | Ruleset) -> None:
        rulesets.load("host", pins.pin("host"), [wanted])
        standing = rulesets.observe("host", [wanted.name])
        assert standing == ({wanted.name: wanted.digest} if wanted.rules else {})

    yield loaded
    rulesets.close()


@pytest.fixture
def small_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few rules fit into a message: everything is staged."""
    monkeypatch.setattr(NetlinkSocket, "room", lambda _: 3000)


def listed(pins: NamespaceDirectory, chain: str) -> list[str]:
    """The rules of a chain as nft reads them."""
    text = run(pins.pin("host"), "nft", "list", "chain", "ip", "vnetlab_security", chain)
    return [line.strip() for line in text.splitlines()[2:-2]]


def handles(pins: NamespaceDirectory) -> dict[tuple[str, str], int]:
    """Handles of rules by chain and name."""
    text = run(pins.pin("host"), "nft", "-j", "list", "table", "ip", "vnetlab_security")
    rules = [entry["rule"] for entry in json.loads(text)["nftables"] if "rule" in entry]
    return {(each["chain"], each.get("comment", "")): each["handle"] for each in rules}


Load = Callable[[FilterTable | Ruleset], None]


def test_nft_reads_what_was_written(pins: NamespaceDirectory, load: Load) -> None:
    """An independent reader understands every expression."""
    several = replace(rule(1), destinations=(IPv4Network("10.0.0.4"),))
    ping = replace(REST, name="ping", allow=True, protocol=SecurityProtocol.ICMP)
    ports = replace(
        REST,
        name="ports",
        sources=(IPv4Network("10.0.0.0/24"),),
        source_ports=(PortRange(first=5, last=9),),
        destination_ports=(PortRange(first=7, last=7),),
    )
    load(table(several, ping, ports, REST))
    first, *others = listed(pins, "security_in_0")
    assert first.startswith("ip saddr @addresses_")
    assert "ip daddr 10.0.0.4 tcp dport @ports_" in first
    assert first.endswith('counter packets 0 bytes 0 return comment "rule-1"')
    assert others[0] == 'meta l4proto icmp counter packets 0 bytes 0 return comment "ping"'
    assert others[1].startswith("ip saddr 10.0.0.0/24 meta l4proto @protocols_")
    assert 'th sport 5-9 th dport 7 counter packets 0 bytes 0 drop comment "ports"' in others[1]
    assert others[2] == 'counter packets 0 bytes 0 drop comment "rest"'
    assert listed(pins, "security")[1:] == [
        "ct state established,related accept",
        'iifname "nic" ct mark & 0x00000001 == 0x00000000 jump outbound',
        'iifname "nic" ct mark set ct mark | 0x00000001',
        'oifname "nic" ct mark & 0x00000002 == 0x00000000 jump inbound',
        'oifname "nic" ct mark set ct mark | 0x00000002',
    ]
    sets = run(pins.pin("host"), "nft", "list", "sets")
    assert "elements = { 80-90, 443 }" in sets
    assert "100.64.8.0/24" in sets


def test_a_change_touches_what_changed(pins: NamespaceDirectory, load: Load) -> None:
    """The counters of all other rules go on."""
    rules = [rule(number) for number in range(5)]
    load(table(*rules, REST))
    before = handles(pins)
    load(table(*rules[:2], replace(rules[2], allow=False), *rules[3:], REST))
    after = handles(pins)
    differing = {key for key in before if before[key] != after[key]}
    assert differing == {("security_in_0", "rule-2"), ("security_in_1", "rule-2")}
    names = [line.split('"')[1] for line in listed(pins, "security_in_0")]
    assert names == ["rule-0", "rule-1", "rule-2", "rule-3", "rule-4", "rest"]
    assert listed(pins, "security_in_0")[2].endswith('drop comment "rule-2"')


@pytest.mark.parametrize(
    "order", [[4, 3, 2, 1, 0], [5, 0, 1, 2, 3, 4], [0, 4], [], [1, 0, 6, 2, 8, 4, 7, 3]]
)
def test_rules_come_to_stand_in_order(
    pins: NamespaceDirectory, load: Load, order: list[int]
) -> None:
    load(table(*[rule(number) for number in range(5)], REST))
    load(table(*[rule(number) for number in order], REST))
    names = [line.split('"')[1] for line in listed(pins, "security_in_0")]
    assert names == [*(f"rule-{number}" for number in order), "rest"]
    # And on top of what is remembered of that.
    load(table(rule(9), *[rule(number) for number in order], REST))
    names = [line.split('"')[1] for line in listed(pins, "security_in_0")]
    assert names == ["rule-9", *(f"rule-{number}" for number in order), "rest"]


def test_a_full_group_at_both_places_is_loaded_and_changed(
    pins: NamespaceDirectory, load: Load
) -> None:
    """1,000 rules, 4,000 prefixes each (semantics 2.8): far more than one message holds."""
    prefixes = PREFIXES_OF_A_GROUP // RULES_OF_A_GROUP
    rules = [rule(number, prefixes=prefixes) for number in range(RULES_OF_A_GROUP)]
    load(table(*rules))
    assert len(listed(pins, "security_in_1")) == RULES_OF_A_GROUP
    before = handles(pins)
    load(table(*rules[:500], replace(rules[500], allow=False), *rules[501:]))
    after = handles(pins)
    assert {name for (_, name), handle in after.items() if handle not in before.values()} == {
        "rule-500"
    }
    load(table(rule(0, prefixes=PREFIXES_OF_A_GROUP)))
    assert "next_" not in run(pins.pin("host"), "nft", "list", "chains")
    assert run(pins.pin("host"), "nft", "list", "sets").count("set addresses") == 1


@pytest.mark.usefixtures("small_room")
def test_what_is_staged_has_the_names_and_the_order_of_what_is_not(
    pins: NamespaceDirectory, load: Load
) -> None:
    rules = [rule(number) for number in range(20)]
    for wanted in (table(*rules, REST), table(*reversed(rules)), table(*rules[3:], REST)):
        load(wanted)
        names = [line.split('"')[1] for line in listed(pins, "security_in_1")]
        assert names == [each.comment for each in wanted.chains[1].rules]
        assert listed(pins, "security_in") == ["jump security_in_0", "jump security_in_1"]
    assert "next_" not in run(pins.pin("host"), "nft", "list", "chains")


def test_a_table_that_somebody_changed_is_made_anew(pins: NamespaceDirectory, load: Load) -> None:
    wanted = table(rule(1), REST)
    load(wanted)
    handle = str(handles(pins)["security_in_0", "rest"])
    where = ("ip", "vnetlab_security", "security_in_0")
    run(pins.pin("host"), "nft", "delete", "rule", *where, "handle", handle)
    load(wanted)
    assert len(listed(pins, "security_in_0")) == 2


def test_what_somebody_changes_just_before_a_change_is_mended_by_it(
    pins: NamespaceDirectory, tmp_path: Path
) -> None:
    """Nobody asks for the generation first: the kernel refuses what was made for an older one."""
    before = table(rule(1), rule(2), REST)
    with closing(Rulesets(tmp_path / "record.json")) as rulesets:
        rulesets.load("host", pins.pin("host"), [before])
        handle = str(handles(pins)["security_in_0", "rule-1"])
        where = ("ip", "vnetlab_security", "security_in_0")
        run(pins.pin("host"), "nft", "delete", "rule", *where, "handle", handle)
        wanted = table(rule(1), replace(rule(2), allow=False), REST)
        rulesets.write("host", [wanted])
        assert rulesets.observe("host", [wanted.name]) == {wanted.name: wanted.digest}
    names = [line.split('"')[1] for line in listed(pins, "security_in_0")]
    assert names == ["rule-1", "rule-2", "rest"]


def test_hosts_where_the_same_stands_are_written_alike_and_others_as_they_need(
    pins: NamespaceDirectory, tmp_path: Path
) -> None:
    """The third one has come to the same rules by another way: they have other handles."""
    rules = [rule(number) for number in range(4)]
    hosts = ("host", "twin", "other")
    with closing(Rulesets(tmp_path / "record.json")) as rulesets:
        for name in hosts:
            with pins.inside(name) if name == "host" else pins.inside_new(name):
                if name == "other":
                    rulesets.load(name, pins.pin(name), [table(rules[3], REST)])
                rulesets.load(name, pins.pin(name), [table(*rules, REST)])
        for wanted in (
            table(*rules[:2], replace(rules[2], allow=False), rules[3], REST),
            table(rules[0], rules[3], REST),
        ):
            for name in hosts:
                rulesets.write(name, [wanted])
                assert rulesets.observe(name, [wanted.name]) == {wanted.name: wanted.digest}
        texts = {
            run(pins.pin(name), "nft", "-s", "list", "table", "ip", "vnetlab_security")
            for name in hosts
        }
    # Their sets were made in another order.
    chains = {text[text.index("\tchain ") :] for text in texts}
    assert len(chains) == 1
    assert chains.pop().count("rule-3") == 2


def test_a_table_goes_when_nobody_wants_it(pins: NamespaceDirectory, load: Load) -> None:
    load(table(REST))
    load(Ruleset(name=SECURITY_TABLE, rules=()))
    assert "vnetlab_security" not in run(pins.pin("host"), "nft", "list", "tables")


@pytest.mark.usefixtures("small_room")
def test_what_is_refused_on_the_way_leaves_the_old_rules_in_force(
    pins: NamespaceDirectory, load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fourth transaction of many: nothing of it is to be seen, and the next load succeeds."""
    load(table(rule(1), REST))
    before = listed(pins, "security_in_0"), listed(pins, "security")
    wanted = table(*[rule(number) for number in range(2, 40)], REST)
    cut_short(monkeypatch, after=4)
    with pytest.raises(FilterRefused, match="No buffer space"):
        load(wanted)
    monkeypatch.undo()
    monkeypatch.setattr(NetlinkSocket, "room", lambda _: 3000)
    assert (listed(pins, "security_in_0"), listed(pins, "security")) == before
    load(wanted)
    assert "next_" not in run(pins.pin("host"), "nft", "list", "chains")


@pytest.mark.usefixtures("small_room")
def test_a_first_load_that_is_refused_on_the_way_is_closed(
    pins: NamespaceDirectory, load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut_short(monkeypatch, after=4)
    with pytest.raises(FilterRefused):
        load(table(*[rule(number) for number in range(40)]))
    assert listed(pins, "security")[1:] == [
        "ct state established,related accept",
        'iifname "nic" drop',
        'oifname "nic" drop',
    ]


def cut_short(monkeypatch: pytest.MonkeyPatch, *, after: int) -> None:
    """Have the kernel refuse all transactions but the first ones."""
    transact = NetlinkSocket.transact
    left = iter(range(after))

    def refusing(self: NetlinkSocket, requests: list[object]) -> object:
        if next(left, None) is None:
            raise OSError(105, "No buffer space available")
        return transact(self, requests)  # type: ignore[arg-type]

    monkeypatch.setattr(NetlinkSocket, "transact", refusing)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    site = Site(tmp_path / "site")
    yield site
    site.close()


def guarded(*rules: SecurityRule) -> NodeState:
    state = machine(2, routes=routes_of(nodes=[], machines=[1, 2]))
    node = replace(state.vswitch.node, inbound=gates(*rules))
    return replace(state, vswitch=replace(state.vswitch, node=node))


def reconciled(host: Host, state: NodeState) -> None:
    done = host.reconcile(state)
    assert {c.object: c.reason for c in done.conditions if c.reason} == {}
    assert all(c.status is ConditionStatus.APPLIED for c in done.conditions)


def deny(number: int) -> SecurityRule:
    """UDP to the port that the probes go to."""
    ports = (PortRange(first=40000, last=40000),)
    return replace(
        REST,
        name=f"deny-{number}",
        priority=100 + number,
        protocol=SecurityProtocol.UDP,
        destination_ports=ports,
    )


@pytest.mark.parametrize("room", [None, 3000], ids=["at once", "staged"])
def test_no_packet_passes_a_set_that_is_half_applied(
    site: Site, monkeypatch: pytest.MonkeyPatch, room: int | None
) -> None:
    """Two sets deny the same by different rules; what lies between would let it pass."""
    if room is not None:
        monkeypatch.setattr(NetlinkSocket, "room", lambda _: room)
    one, two = site.host(1), site.host(2)
    padding = [rule(number) for number in range(30)]
    before = guarded(deny(0), *padding)
    after = guarded(*reversed(padding), deny(99))
    reconciled(one, machine(1, routes=routes_of(nodes=[], machines=[1, 2])))
    reconciled(two, before)
    ended = Event()
    sent = 0

    def probe() -> None:
        nonlocal sent
        with one.inside("node"):
            while not ended.is_set():
                # Each a flow of its own.
                with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
                    udp.sendto(b"probe", (str(address_of(2)), 40000))
                sent += 1

    prober = Thread(target=probe)
    with capture(two, "node", "eth0") as seen:
        prober.start()
        try:
            for _ in range(5):
                reconciled(two, after)
                reconciled(two, before)
        finally:
            ended.set()
            prober.join()
        send(one, "node", source=address_of(1), destination=address_of(2), payload=b"end", port=9)
        assert [each.payload for each in seen.datagrams_until(b"end")] == [b"end"]
    assert sent > 100


def test_a_switch_whose_rules_cannot_be_loaded_lets_nothing_pass(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    host = site.host(2)
    monkeypatch.setattr(processes, "search_path", lambda: "/nonexistent")
    done = host.reconcile(guarded(REST))
    reasons = {condition.object: condition.reason for condition in done.conditions}
    assert "nft is not installed" in reasons["vswitch"]
    assert "nic@" not in host.run("host", "ip", "link")
    monkeypatch.undo()
    reconciled(host, guarded(REST))
