"""Devices whose identity spans two namespaces."""

from collections.abc import Mapping
from dataclasses import replace

from agents.objects.link import Bridge, Link, Loopback, Veth, VethPair
from agents.objects.namespace import Desired, NamespaceObjects, Observed
from agents.plan.links import NOTHING, LinkDifference, Space
from agents.plan.operations import Add, Change, Operation, Remove
from agents.plan.ownership import Ownership

LO = Link(name="lo", kind=Loopback())
ETH0 = Link(name="eth0", kind=Veth(peer_namespace="node", peer="v0"), mtu=1500)
PORT = Link(name="v0", kind=Veth(peer_namespace="pod-1", peer="eth0"), mtu=1500, master="b0")
BRIDGE = Link(name="b0", kind=Bridge())
DESIRED = {
    "node": Desired(
        subject="node",
        objects=NamespaceObjects(links=frozenset([LO, BRIDGE, PORT])),
        guests={"v0": "pod/default/web-0"},
    ),
    "pod-1": Desired(
        subject="pod/default/web-0", objects=NamespaceObjects(links=frozenset([LO, ETH0]))
    ),
}


PODS = Ownership(namespaces=frozenset(["pod-1", "pod-2"]))


def seen(link: Link) -> Link:
    return replace(
        link, mtu=link.mtu or 1500, mac=link.mac or "02:00:00:00:00:01", master=link.master or ""
    )


def observed(**namespaces: list[Link]) -> dict[str, Observed]:
    return {
        name.replace("_", "-"): Observed(
            objects=NamespaceObjects(links=frozenset(seen(link) for link in links))
        )
        for name, links in namespaces.items()
    }


def planned(found: Mapping[str, Observed], owned: Ownership | None = None) -> list[Operation]:
    """The order that `agents.plan.diff` uses: the node's own, the pod's, the node's ports."""
    links = LinkDifference(DESIRED, found, PODS | (owned or Ownership()))
    spaces = {name: Space(name, DESIRED[name], found.get(name, NOTHING)) for name in DESIRED}
    return [
        *links.present(spaces["node"], [LO, BRIDGE]),
        *links.present(spaces["pod-1"], [LO, ETH0]),
        *links.present(spaces["node"], [PORT]),
        *links.surplus(spaces["node"]),
    ]


def summary(operations: list[Operation]) -> list[str]:
    lines = []
    for operation in operations:
        match operation:
            case Add(value=VethPair(link=link, peer=peer)):
                lines.append(f"add {operation.namespace}:{link.name}={peer.name}")
            case Add(value=Link(name=name)):
                lines.append(f"add {operation.namespace}:{name}")
            case Change(value=Link(name=name)):
                lines.append(f"change {operation.namespace}:{name}")
            case Remove(value=Link(name=name)):
                lines.append(f"remove {operation.namespace}:{name}")
    return lines


COMPLETE = observed(node=[LO, BRIDGE, PORT], pod_1=[LO, ETH0])


def test_what_is_there_needs_nothing() -> None:
    assert planned(COMPLETE) == []


def test_a_cable_is_made_once_and_both_ends_are_set_up() -> None:
    found = observed(node=[LO, BRIDGE], pod_1=[LO])
    assert summary(planned(found)) == [
        "add pod-1:eth0=v0",
        "change pod-1:eth0",
        "change node:v0",
    ]


def test_a_cables_end_is_never_up_when_it_is_made() -> None:
    """The kernel refuses that, slowly (native-runtime-facts §10)."""
    (pair,) = (
        operation.value
        for operation in planned(observed(node=[LO, BRIDGE], pod_1=[LO]))
        if isinstance(operation, Add)
    )
    assert isinstance(pair, VethPair)
    assert (pair.link.up, pair.peer.up, pair.peer.master) == (False, False, "")


def test_a_new_namespaces_loopback_is_only_set_up() -> None:
    assert summary(planned(observed(node=[LO, BRIDGE]))) == [
        "add pod-1:eth0=v0",
        "change pod-1:eth0",
        "change pod-1:lo",
        "change node:v0",
    ]


def test_the_ports_failures_are_the_pods() -> None:
    *_, change = planned(observed(node=[LO, BRIDGE], pod_1=[LO]))
    assert (change.namespace, change.subject) == ("node", "pod/default/web-0")


def test_a_changed_property_is_a_change() -> None:
    found = observed(node=[LO, BRIDGE, replace(PORT, mtu=1400)], pod_1=[LO, ETH0])
    assert summary(planned(found)) == ["change node:v0"]


def test_a_device_becomes_a_port_before_it_is_told_how_to_be_one() -> None:
    """The kernel refuses both at once."""
    wanted = replace(seen(BRIDGE), name="v1", master="b0", hairpin=True)
    links = LinkDifference(DESIRED, {}, PODS)
    space = Space("node", DESIRED["node"], observed(node=[replace(wanted, master="")])["node"])
    *_, joined, told = links.present(space, [wanted])
    assert isinstance(joined, Change)
    assert isinstance(told, Change)
    assert joined.value == replace(wanted, hairpin=False)
    assert (told.value, told.previous) == (wanted, joined.value)


def test_a_cable_that_leads_elsewhere_is_replaced() -> None:
    """Both ends of the right name, but of two different cables."""
    stray = replace(ETH0, kind=Veth(peer_namespace=None, peer=None))
    other = replace(PORT, kind=Veth(peer_namespace="pod-2", peer="eth0"))
    found = observed(node=[LO, BRIDGE, other], pod_1=[LO, stray])
    assert summary(planned(found)) == [
        "remove pod-1:eth0",
        "remove node:v0",
        "add pod-1:eth0=v0",
        "change pod-1:eth0",
        "change node:v0",
    ]


def test_somebody_elses_device_of_that_name_stays() -> None:
    """The kernel then says EEXIST, and that is the pod's condition."""
    foreign = Link(name="v0", kind=Bridge())
    found = observed(node=[LO, BRIDGE, foreign], pod_1=[LO])
    assert "remove node:v0" not in summary(planned(found))
    noted = Ownership(links=frozenset([("node", "v0")]))
    assert "remove node:v0" in summary(planned(found, noted))


def test_what_is_ours_and_not_wanted_goes() -> None:
    old = Link(name="old", kind=Bridge())
    foreign = Link(name="foreign", kind=Bridge())
    found = observed(node=[LO, BRIDGE, PORT, old, foreign], pod_1=[LO, ETH0])
    noted = Ownership(links=frozenset([("node", "old")]))
    assert summary(planned(found, noted)) == ["remove node:old"]


def test_an_end_that_went_with_the_other_is_not_removed_again() -> None:
    """Of two pods whose cables were swapped."""
    swapped = observed(
        node=[LO, BRIDGE, replace(PORT, kind=Veth(peer_namespace="pod-2", peer="eth0")),
              Link(name="v1", kind=Veth(peer_namespace="pod-1", peer="eth0"))],
        pod_1=[LO, replace(ETH0, kind=Veth(peer_namespace="node", peer="v1"))],
    )  # fmt: skip
    lines = summary(planned(swapped))
    assert lines.count("remove node:v0") == 1
    assert "remove node:v1" not in lines


def test_cables_of_departing_pods_are_cut_in_the_node() -> None:
    links = LinkDifference(DESIRED, COMPLETE, Ownership())
    assert summary(list(links.cables_to(["pod-1"]))) == ["remove node:v0"]
    assert summary(list(links.cables_to(["pod-9"]))) == []
