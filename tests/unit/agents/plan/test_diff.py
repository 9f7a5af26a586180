"""Desired minus observed: what is planned, in which order, and what is left alone."""

from collections.abc import Mapping
from dataclasses import replace
from ipaddress import IPv4Address, IPv4Interface, IPv4Network

import pytest

from agents.objects.address import Address
from agents.objects.link import Link
from agents.objects.namespace import Desired, NamespaceObjects, Observed
from agents.objects.neighbour import Neighbour
from agents.objects.nexthop import Encapsulation, Nexthop
from agents.objects.origin import Origin
from agents.objects.route import Route
from agents.objects.rule import Rule
from agents.objects.ruleset import Ruleset, RulesetName
from agents.plan.diff import operations_between
from agents.plan.host import host_for
from agents.plan.operations import (
    Add,
    Change,
    CreateNamespace,
    LoadRuleset,
    Operation,
    Remove,
    RemoveNamespace,
    SetSysctl,
)
from agents.plan.ownership import Ownership, owned_by
from agents.plan.settled import SECTIONS
from lab.contract.node_state import AzureCni, AzureCniMode
from tests.unit.agents.states import host_network_pod, node, pod, routes_of

STATE = node(1, routes=routes_of(nodes=[1, 2]), pods=[pod(1, 0)])
DESIRED = host_for(STATE)
OWNED = owned_by(DESIRED)


def as_seen(link: Link) -> Link:
    return replace(
        link, mtu=link.mtu or 1500, mac=link.mac or "02:00:00:00:00:01", master=link.master or ""
    )


def as_observed(place: Desired) -> Observed:
    """A namespace that is just as desired."""
    return Observed(
        objects=replace(
            place.objects, links=frozenset(as_seen(link) for link in place.objects.links)
        ),
        rulesets={ruleset.name: ruleset.digest for ruleset in place.rulesets},
        alias_of=place.alias_of,
    )


CONVERGED = {name: as_observed(place) for name, place in DESIRED.items()}


def planned(
    observed: Mapping[str, Observed], desired: Mapping[str, Desired] = DESIRED
) -> tuple[Operation, ...]:
    return operations_between(desired, observed, OWNED)


def with_objects(name: str, **changes: object) -> dict[str, Observed]:
    """The converged host, with other objects in one namespace."""
    place = CONVERGED[name]
    objects = replace(place.objects, **changes)  # type: ignore[arg-type]
    return {**CONVERGED, name: replace(place, objects=objects)}


def test_a_host_that_is_as_desired_needs_nothing() -> None:
    assert planned(CONVERGED) == ()


def test_an_empty_host_gets_everything() -> None:
    """And what is planned is exactly what makes the difference disappear."""
    operations = planned({})
    added = {operation.value for operation in operations if isinstance(operation, Add)}
    for place in DESIRED.values():
        objects = place.objects
        for values in (objects.addresses, objects.routes, objects.nexthops, objects.neighbours,
                       objects.rules):  # fmt: skip
            assert values <= added
    loaded = {operation.ruleset for operation in operations if isinstance(operation, LoadRuleset)}
    assert loaded == {ruleset for place in DESIRED.values() for ruleset in place.rulesets}
    assert not any(isinstance(operation, Remove | RemoveNamespace) for operation in operations)


def test_rules_stand_before_anything_can_flow() -> None:
    kinds = [type(operation) for operation in planned({}) if operation.namespace == "host"]
    assert kinds[:2] == [LoadRuleset, LoadRuleset]


def test_operations_of_a_pod_are_one_run_and_all_ports_one_batch() -> None:
    """Each change of namespace costs: a pod is entered once, the node's ports set together."""
    state = replace(STATE, pods=[pod(1, number) for number in range(3)])
    names = [operation.namespace for operation in planned({}, host_for(state))]
    runs = [name for index, name in enumerate(names) if index == 0 or names[index - 1] != name]
    assert runs == ["host", "node", "pod-1-0", "pod-1-1", "pod-1-2", "node"]


def test_a_namespace_is_made_before_it_is_filled() -> None:
    first = next(operation for operation in planned({}) if operation.namespace == "pod-1-0")
    assert isinstance(first, CreateNamespace)


def test_the_hosts_own_namespaces_are_the_runtimes_to_make() -> None:
    created = {o.namespace for o in planned({}) if isinstance(o, CreateNamespace)}
    assert created == {"pod-1-0"}


def test_a_devices_sysctls_follow_the_device() -> None:
    order = [
        operation.name if isinstance(operation, SetSysctl) else type(operation).__name__
        for operation in planned({})
        if operation.namespace == "host"
    ]
    assert order.index("net.ipv4.ip_forward") < order.index("Add")
    assert order.index("net.ipv4.conf.nic.proxy_arp") > order.index("Add")


def test_a_drifted_sysctl_is_set_and_the_reason_says_what_it_was() -> None:
    sysctls = {**CONVERGED["host"].objects.sysctls, "net.ipv4.ip_forward": "0"}
    (operation,) = planned(with_objects("host", sysctls=sysctls))
    assert str(operation) == "set net.ipv4.ip_forward=1 in host: was 0"


def test_a_machine_without_ipv6_has_nothing_of_it_to_set() -> None:
    """Neither in a namespace that is there, nor again and again."""
    sysctls = CONVERGED["node"].objects.sysctls
    left = {name: value for name, value in sysctls.items() if "ipv6" not in name}
    assert planned(with_objects("node", sysctls=left)) == ()


ROUTE = Route(prefix=IPv4Network("10.0.0.5/32"), origin=Origin.BOOT, table=100, link="vx0")


def test_a_route_of_the_same_key_is_changed_whoever_made_it() -> None:
    """Without a moment in which there is none."""
    seen = CONVERGED["host"].objects.routes
    wanted = next(route for route in seen if route.key == ROUTE.key)
    (operation,) = planned(with_objects("host", routes=seen - {wanted} | {ROUTE}))
    assert operation == Change(
        namespace="host", subject="vswitch", reason="differs", value=wanted, previous=ROUTE
    )


SURPLUS_NEXTHOP = Nexthop(
    number=77,
    origin=Origin.VNETLAB,
    link="vx0",
    encapsulation=Encapsulation(vni=1, destination=IPv4Address("198.18.0.9")),
)


@pytest.mark.parametrize(
    ("place", "field", "ours", "foreign"),
    [
        pytest.param(
            "host",
            "routes",
            Route(prefix=IPv4Network("10.77.0.0/16"), origin=Origin.VNETLAB, table=100, nexthop=77),
            Route(prefix=IPv4Network("10.77.0.0/16"), origin=Origin.BOOT, table=100, nexthop=77),
            id="routes",
        ),
        pytest.param(
            "node",
            "routes",
            Route(prefix=IPv4Network("0.0.0.0/0"), origin=Origin.DHCP, metric=7, link="eth0"),
            Route(prefix=IPv4Network("0.0.0.0/0"), origin=Origin.BOOT, metric=7, link="eth0"),
            id="routes of the node",
        ),
        pytest.param(
            "host",
            "nexthops",
            SURPLUS_NEXTHOP,
            replace(SURPLUS_NEXTHOP, origin=Origin.BOOT),
            id="nexthops",
        ),
        pytest.param(
            "host",
            "neighbours",
            Neighbour(link="nic", address=IPv4Address("10.0.0.9"), mac="02:00:00:00:00:09",
                      origin=Origin.VNETLAB),
            Neighbour(link="und0", address=IPv4Address("169.254.255.1"), mac="02:00:00:00:00:09",
                      origin=0),
            id="neighbours",
        ),
        pytest.param(
            "host",
            "rules",
            Rule(priority=9, table=100, origin=Origin.VNETLAB),
            Rule(priority=9, table=100, origin=Origin.BOOT),
            id="rules",
        ),
    ],
)  # fmt: skip
def test_only_what_bears_our_mark_is_pruned(
    place: str, field: str, ours: object, foreign: object
) -> None:
    """What is ours and not wanted goes; the same thing of somebody else's stays."""
    seen = getattr(CONVERGED[place].objects, field)
    assert planned(with_objects(place, **{field: seen | {foreign}})) == ()
    (operation,) = planned(with_objects(place, **{field: seen | {ours}}))
    assert isinstance(operation, Remove)
    assert operation.value == ours


def test_what_refers_to_others_goes_before_them() -> None:
    """A nexthop that is removed takes its routes along: they would then be missing twice."""
    route = Route(prefix=IPv4Network("10.77.0.0/16"), origin=Origin.VNETLAB, table=100, nexthop=77)
    seen = CONVERGED["host"].objects
    observed = with_objects(
        "host", routes=seen.routes | {route}, nexthops=seen.nexthops | {SURPLUS_NEXTHOP}
    )
    assert [o.value for o in planned(observed) if isinstance(o, Remove)] == [
        route,
        SURPLUS_NEXTHOP,
    ]


def test_additions_come_before_removals() -> None:
    """A host that moves is reachable by its new nexthop before the old one goes."""
    moved = node(1, routes=routes_of(nodes=[1, 3]), pods=[pod(1, 0)])
    kinds = [type(operation) for operation in planned(CONVERGED, host_for(moved))]
    assert kinds.index(Remove) > max(i for i, kind in enumerate(kinds) if kind in (Add, Change))


def test_an_address_that_people_added_stays_and_ours_goes() -> None:
    """An address bears no mark: the ledger knows ours."""
    added = Address(link="eth0", interface=IPv4Interface("10.0.0.200/22"))
    seen = CONVERGED["node"].objects.addresses
    assert planned(with_objects("node", addresses=seen | {added})) == ()
    noted = replace(OWNED, addresses=OWNED.addresses | {("node", added)})
    observed = with_objects("node", addresses=seen | {added})
    (operation,) = operations_between(DESIRED, observed, noted)
    assert isinstance(operation, Remove)


def test_an_address_gives_way_before_its_successor_comes() -> None:
    """The kernel takes later addresses of a prefix along with the first one."""
    moved = replace(STATE, nic=replace(STATE.nic, primary=IPv4Interface("10.0.0.44/22")))
    addresses = [
        operation
        for operation in planned(CONVERGED, host_for(moved))
        if isinstance(operation, Add | Remove) and isinstance(operation.value, Address)
    ]
    assert [type(operation) for operation in addresses] == [Remove, Add]


def test_rulesets_that_stand_are_not_loaded() -> None:
    name = RulesetName(tool="nft", table="ip vnetlab")
    place = CONVERGED["host"]
    left = {key: digest for key, digest in place.rulesets.items() if key != name}
    (operation,) = planned({**CONVERGED, "host": replace(place, rulesets=left)})
    assert isinstance(operation, LoadRuleset)
    assert operation.ruleset.name == name


def test_a_ruleset_of_ours_that_is_no_longer_wanted_is_emptied() -> None:
    name = RulesetName(tool="iptables", table="nat", chain="OLD")
    place = CONVERGED["node"]
    observed = {**CONVERGED, "node": replace(place, rulesets={**place.rulesets, name: "digest"})}
    assert planned(observed) == ()
    noted = replace(OWNED, rulesets=OWNED.rulesets | {("node", name)})
    (operation,) = operations_between(DESIRED, observed, noted)
    assert isinstance(operation, LoadRuleset)
    assert operation.ruleset == Ruleset(name=name, rules=())


def test_a_pod_that_goes_is_cut_off_first() -> None:
    """Its address may be given to another one in the same round."""
    successor = replace(STATE, pods=[pod(1, 0, uid="new")])
    operations = planned(CONVERGED, host_for(successor))
    assert [type(operation) for operation in operations[:3]] == [
        Remove,
        RemoveNamespace,
        CreateNamespace,
    ]
    assert [operation.namespace for operation in operations[:3]] == ["node", "pod-1-0", "pod-new"]


def test_a_pod_that_moves_to_the_hosts_network_is_made_anew() -> None:
    state = replace(STATE, pods=[host_network_pod("1-0")])
    operations = planned(CONVERGED, host_for(state))
    assert [type(operation) for operation in operations] == [
        Remove,
        RemoveNamespace,
        CreateNamespace,
        Remove,
    ]
    create, neighbour = operations[-2:]
    assert isinstance(create, CreateNamespace)
    assert create.alias_of == "node"
    assert isinstance(neighbour, Remove)
    assert isinstance(neighbour.value, Neighbour)


def test_a_device_that_goes_takes_its_neighbours_along() -> None:
    """Nothing is left to remove them from."""
    transparent = AzureCni(mode=AzureCniMode.TRANSPARENT)
    state = replace(STATE, kubenet=None, masquerade=None, azure_cni=transparent)
    seen = {name: as_observed(place) for name, place in host_for(state).items()}
    left = host_for(replace(state, pods=[]))
    operations = operations_between(left, seen, owned_by(host_for(state)))
    removed = [each.value for each in operations if isinstance(each, Remove)]
    assert not any(isinstance(value, Neighbour) for value in removed)


def test_an_alias_that_is_there_needs_nothing() -> None:
    state = replace(STATE, pods=[*STATE.pods, host_network_pod("agent")])
    alias = Observed(objects=NamespaceObjects(), alias_of="node")
    assert planned({**CONVERGED, "pod-agent": alias}, host_for(state)) == ()


def test_equal_input_gives_equal_plans() -> None:
    """A plan can be compared: the reconciler tells by it whether it gets anywhere."""
    assert planned({}) == planned({})
    assert operations_between(host_for(STATE), {}, Ownership()) == operations_between(
        host_for(STATE), {}, Ownership()
    )


def test_what_is_settled_is_not_looked_at() -> None:
    observed = {**CONVERGED, "host": Observed(objects=NamespaceObjects())}
    assert operations_between(DESIRED, observed, OWNED, settled={"host": SECTIONS}) == ()
    assert operations_between(DESIRED, observed, OWNED, settled={"node": SECTIONS}) != ()


def test_where_objects_are_settled_rulesets_are_compared_alone() -> None:
    bare = {**CONVERGED, "host": Observed(objects=NamespaceObjects())}
    settled = {"host": SECTIONS - {"rulesets"}}
    planned = operations_between(DESIRED, bare, OWNED, settled=settled)
    assert {type(operation) for operation in planned} == {LoadRuleset}
    assert {operation.namespace for operation in planned} == {"host"}
    whole = {**CONVERGED, "host": replace(CONVERGED["host"], objects=NamespaceObjects())}
    assert operations_between(DESIRED, whole, OWNED, settled=settled) == ()
