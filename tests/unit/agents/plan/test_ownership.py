"""What is ours to remove."""

from dataclasses import replace
from ipaddress import IPv4Interface, IPv4Network

from agents.objects.address import Address
from agents.objects.link import Bridge, Link, Veth, VethPair
from agents.objects.namespace import NamespaceObjects
from agents.objects.origin import Origin
from agents.objects.route import Route
from agents.objects.rule import Rule
from agents.objects.ruleset import Ruleset, RulesetName
from agents.plan.host import host_for
from agents.plan.operations import Add, LoadRuleset
from agents.plan.ownership import (
    Ownership,
    made_by,
    owned_by,
    owned_links,
    owned_routes,
    owned_rules,
)
from agents.plan.vswitch import KERNEL_LOCAL_RULE
from tests.unit.agents.states import node, pod

ADDRESS = Address(link="eth0", interface=IPv4Interface("10.0.0.4/22"))
CABLE = Link(name="cable", kind=Veth(peer_namespace="pod-1", peer="eth0"))


def route(origin: int) -> Route:
    return Route(prefix=IPv4Network("10.0.0.0/8"), origin=origin, metric=origin)


def test_a_host_that_is_as_desired_owns_what_no_mark_tells() -> None:
    owned = owned_by(host_for(node(1, pods=[pod(1, 0)])))
    assert ("node", "cbr0") in owned.links
    assert ("host", "vx0") in owned.links
    assert {str(name) for _, name in owned.rulesets} == {
        "nf_tables ip vnetlab_fabric",
        "nft ip vnetlab",
        "iptables nat IP-MASQ-AGENT",
        "ebtables filter AKS-DEDUP-PROMISC",
    }
    assert {namespace for namespace, _ in owned.addresses} == {"node", "pod-1-0"}
    assert owned.namespaces == {"pod-1-0"}


def test_neither_the_loopback_nor_a_pods_devices_need_noting() -> None:
    owned = owned_by(host_for(node(1, pods=[pod(1, 0)])))
    assert "lo" not in {name for _, name in owned.links}
    assert "pod-1-0" not in {namespace for namespace, _ in owned.links}


def test_routes_are_ours_by_their_origin() -> None:
    """Our own number and, in a node, that of its DHCP client; in a pod none."""
    seen = [route(origin) for origin in (Origin.VNETLAB, Origin.DHCP, Origin.BOOT)]
    assert owned_routes("host", seen) == [route(Origin.VNETLAB)]
    assert owned_routes("node", seen) == [route(Origin.VNETLAB), route(Origin.DHCP)]
    assert owned_routes("pod-1", seen) == []


def test_the_kernels_first_rule_is_ours_in_the_virtual_switch_only() -> None:
    foreign = Rule(priority=5, table=9, origin=Origin.BOOT)
    ours = Rule(priority=10, table=100, origin=Origin.VNETLAB)
    seen = NamespaceObjects(rules=frozenset([KERNEL_LOCAL_RULE, foreign, ours]))
    assert owned_rules("host", seen) == {KERNEL_LOCAL_RULE, ours}
    assert owned_rules("node", seen) == {ours}
    assert owned_rules("pod-1", seen) == frozenset()


def test_cables_to_our_pods_are_ours_without_noting() -> None:
    """An agent killed between making one and writing it down must find it again.

    A namespace that is not ours may be called as one of ours.
    """
    elsewhere = replace(CABLE, name="other", kind=Veth(peer_namespace="host", peer="x"))
    loose = replace(CABLE, name="loose", kind=Veth(peer_namespace=None, peer=None))
    bridge = Link(name="b0", kind=Bridge())
    seen = NamespaceObjects(links=frozenset([CABLE, elsewhere, loose, bridge]))
    assert owned_links("node", seen, Ownership()) == frozenset()
    pods = frozenset(["pod-1"])
    assert owned_links("node", seen, Ownership(namespaces=pods)) == {"cable"}
    noted = Ownership(namespaces=pods, links=frozenset([("node", "b0"), ("host", "loose")]))
    assert owned_links("node", seen, noted) == {"cable", "b0"}


def test_what_was_made_is_ours_at_once() -> None:
    where = {"namespace": "host", "subject": "s", "reason": "r"}
    pair = VethPair(
        link=Link(name="nic", kind=Veth(peer_namespace="node", peer="eth0")),
        peer=Link(name="eth0", kind=Veth(peer_namespace="host", peer="nic")),
    )
    name = RulesetName(tool="nft", table="ip t")
    made = made_by(
        [
            Add(**where, value=pair),
            Add(**where, value=Link(name="vx0", kind=Bridge())),
            Add(**where, value=ADDRESS),
            LoadRuleset(**where, ruleset=Ruleset(name=name, rules=("r",))),
        ]
    )
    assert made == Ownership(
        links=frozenset([("host", "nic"), ("node", "eth0"), ("host", "vx0")]),
        addresses=frozenset([("host", ADDRESS)]),
        rulesets=frozenset([("host", name)]),
    )


def test_what_was_removed_is_not_made() -> None:
    gone = Ruleset(name=RulesetName(tool="nft", table="ip t"), rules=())
    operation = LoadRuleset(namespace="host", subject="s", reason="r", ruleset=gone)
    assert made_by([operation]) == Ownership()
