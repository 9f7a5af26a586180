"""All namespaces of a host."""

from dataclasses import replace
from ipaddress import IPv4Address

from agents.objects.link import Link
from agents.plan.host import host_for
from lab.contract.node_state import AzureCni, AzureCniMode, NodeState, Protocol
from lab.contract.platform import DnsZone, Platform
from lab.contract.service import Endpoint, KubeProxy, Service, ServicePort
from tests.unit.agents.states import host_network_pod, machine, node, pod, routes_of


def test_a_host_is_a_switch_a_node_and_its_pods() -> None:
    desired = host_for(node(1, pods=[pod(1, 0), host_network_pod("agent")]))
    assert list(desired) == ["host", "node", "pod-1-0", "pod-agent"]
    assert [place.subject for place in desired.values()] == [
        "vswitch",
        "node",
        "pod/default/web-0",
        "pod/kube-system/agent-0",
    ]


def test_cables_to_pods_are_in_the_node_on_the_pods_behalf() -> None:
    place = host_for(node(1, pods=[pod(1, 0), host_network_pod("agent")]))["node"]
    assert place.guests == {"veth10000000": "pod/default/web-0"}
    port = place.objects.link("veth10000000")
    assert port is not None
    assert port.master == "cbr0"


def test_pods_are_ports_of_azure_cnis_bridge() -> None:
    azure = AzureCni(mode=AzureCniMode.TUNNEL, bridge="azure0")
    state = replace(node(1, pods=[pod(1, 0)]), kubenet=None, azure_cni=azure)
    desired = host_for(state)
    port = desired["node"].objects.link("veth10000000")
    assert port is not None
    assert (port.master, port.hairpin, port.mac) == ("azure0", True, None)
    assert desired["node"].objects.neighbours
    assert {str(each.name) for each in desired["node"].rulesets} >= {
        "ebtables nat PREROUTING",
        "ebtables nat POSTROUTING",
    }
    (route,) = desired["pod-1-0"].objects.routes
    assert str(route.gateway) == "10.244.1.1"


def served(state: NodeState) -> NodeState:
    """`state` with a kube-proxy that knows DNS with two endpoints."""
    endpoints = tuple(
        Endpoint(address=IPv4Address("10.244.0.2") + number, port=53) for number in range(2)
    )
    port = ServicePort(protocol=Protocol.UDP, port=53, endpoints=endpoints)
    dns = Service(
        namespace="kube-system",
        name="kube-dns",
        cluster_ip=IPv4Address("10.2.0.10"),
        ports=(port,),
    )
    return replace(state, kube_proxy=KubeProxy(services=(dns,)))


def rulesets(state: NodeState) -> set[str]:
    return {str(each.name) for each in host_for(state)["node"].rulesets}


def test_a_node_with_services_has_the_chains_of_kube_proxy() -> None:
    chains = {"iptables nat KUBE-*", "iptables filter KUBE-*"}

    assert rulesets(served(node(1))) >= chains
    assert not rulesets(node(1)) & chains


def test_on_kubenets_bridge_services_need_frames_to_meet_iptables() -> None:
    name = "net.bridge.bridge-nf-call-iptables"

    assert host_for(served(node(1)))["node"].objects.sysctls[name] == "1"
    assert name not in host_for(node(1))["node"].objects.sysctls


def test_a_pod_behind_kubenets_bridge_may_be_its_own_services_endpoint() -> None:
    def port(state: NodeState) -> Link:
        found = host_for(state)["node"].objects.link("veth10000000")
        assert found is not None
        return found

    state = node(1, pods=[pod(1, 0)])
    assert port(served(state)).hairpin
    assert not port(state).hairpin


def test_dns_races_in_bridge_mode_alone() -> None:
    """Claim B2."""
    for mode, races in (
        (AzureCniMode.BRIDGE, True),
        (AzureCniMode.TUNNEL, False),
        (AzureCniMode.TRANSPARENT, False),
    ):
        bridge = "" if mode is AzureCniMode.TRANSPARENT else "azure0"
        azure = AzureCni(mode=mode, bridge=bridge)
        state = replace(served(node(1)), kubenet=None, azure_cni=azure)
        assert ("nft ip conntrack-race" in rulesets(state)) is races
    assert "nft ip conntrack-race" not in rulesets(served(node(1)))


def test_names_and_services_are_none_of_the_switchs_or_a_pods() -> None:
    before = node(1, pods=[pod(1, 0)])
    desired = host_for(before)
    again = host_for(served(before), before=(before, desired))

    assert again["host"] is desired["host"]
    assert again["pod-1-0"] is desired["pod-1-0"]
    assert again["node"] is not desired["node"]


def test_what_the_state_sets_counts_most() -> None:
    """Over what the node has by itself, and over what kubenet sets."""
    state = replace(node(1), sysctls={"net.ipv4.ip_forward": "0", "net.core.somaxconn": "9"})
    sysctls = host_for(state)["node"].objects.sysctls
    assert sysctls["net.ipv4.ip_forward"] == "0"
    assert sysctls["net.core.somaxconn"] == "9"
    assert host_for(node(1))["node"].objects.sysctls["net.ipv4.ip_forward"] == "1"


def test_a_machine_has_nothing_of_a_cluster() -> None:
    place = host_for(machine(1))["node"]
    assert {link.name for link in place.objects.links} == {"lo", "eth0"}
    assert place.rulesets == ()


def test_equal_states_are_equal_hosts() -> None:
    """Compiled, not accumulated: the same input gives the same values."""
    assert host_for(node(1, pods=[pod(1, 0)])) == host_for(node(1, pods=[pod(1, 0)]))


def test_what_is_wanted_as_before_is_the_very_same() -> None:
    """Whoever compares sees at once that there is nothing to compare."""
    before = node(1, pods=[pod(1, 0), pod(1, 1)])
    plan = host_for(before)

    def other(after: NodeState) -> list[str]:
        again = host_for(after, before=(before, plan))
        assert again == host_for(after)
        return [name for name, place in again.items() if place is not plan.get(name)]

    assert other(before) == []
    assert other(node(1, routes=routes_of(nodes=[2]), pods=before.pods)) == ["host"]
    assert other(replace(before, pods=[*before.pods, pod(1, 2)])) == ["node", "pod-1-2"]
    assert other(replace(before, pods=before.pods[1:])) == ["node"]
    assert other(replace(before, sysctls={"net.ipv4.ip_forward": "0"})) == ["node"]
    transparent = AzureCni(mode=AzureCniMode.TRANSPARENT)
    routed = replace(before, kubenet=None, azure_cni=transparent)
    assert set(other(routed)) >= {"node", "pod-1-0", "pod-1-1"}


def test_other_answers_of_the_platform_change_no_namespace() -> None:
    """They come with every machine of the network."""
    one = replace(machine(1), platform=Platform())
    zone = DnsZone(name="", record_sets=())
    other = replace(one, platform=Platform(zones=(zone,)))
    before = host_for(one)
    after = host_for(other, before=(one, before))
    assert all(after[name] is before[name] for name in before)
    none = host_for(machine(1), before=(one, before))
    assert none["host"] != before["host"]
