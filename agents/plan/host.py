"""A host as a whole: every namespace that it is to have."""

from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from operator import attrgetter

from agents.objects.namespace import (
    NODE_NAMESPACE,
    VSWITCH_NAMESPACE,
    Desired,
    NamespaceObjects,
    pod_namespace,
)
from agents.objects.ruleset import Ruleset
from agents.plan.azure import azure_objects_for, azure_rulesets_for
from agents.plan.edge import edge_for
from agents.plan.firewall import firewall_ruleset_for
from agents.plan.kubenet import bridge_mac, kubenet_objects_for, kubenet_rulesets_for
from agents.plan.node import FABRIC_MAC, node_objects_for
from agents.plan.pods import ROUTED_PORT_MAC, pod_for, pod_subject, port_for
from agents.plan.vswitch import vswitch_for
from agents.render.conntrack_race import conntrack_race_ruleset
from agents.render.iptables import masquerade_rulesets, metadata_restriction_ruleset
from agents.render.kube_proxy import kube_proxy_rulesets
from agents.render.masqueraded_connections import masqueraded_connections_ruleset
from lab.contract.node_state import AzureCniMode, NodeState, Pod
from lab.contract.service import KubeProxy

_BESIDE_ALL = frozenset({"files", "containers", "cluster_dns"})
_BESIDE_THE_SWITCH = _BESIDE_ALL | {"pods", "sysctls", "kube_proxy"}
_BESIDE_THE_NODE = _BESIDE_ALL | {"vswitch"}
_BESIDE_A_POD = _BESIDE_ALL | {"vswitch", "pods", "sysctls", "kube_proxy"}
"""Fields of a state that a kind of namespace doesn't depend on."""

_LOCALNET = {"net.ipv4.conf.all.route_localnet": "1"}
"""What kube-proxy sets, so that a node's programs reach node ports at 127.0.0.1."""

HostPlan = tuple[NodeState, Mapping[str, Desired]]
"""A state, and what the namespaces of its host are to be."""


def host_for(state: NodeState, *, before: HostPlan | None = None) -> Mapping[str, Desired]:
    """What each namespace of the host is to be: virtual switch, node, pods.

    Of those for which `before` says the same the very same objects.
    """
    if state.edge is not None:
        return edge_for(state, state.edge)
    earlier: Mapping[str, Desired] = {}
    same: frozenset[str] = frozenset()
    pods: Mapping[str, Pod] = {}
    if before is not None and before[0].edge is None:
        same = _same_fields(state, before[0])
        earlier = before[1]
        if same >= _FIELDS - _BESIDE_A_POD:
            pods = {pod.uid: pod for pod in before[0].pods}
    routed, gateway_mac = _is_routed(state), _gateway_mac(state)
    return {
        VSWITCH_NAMESPACE: (
            earlier[VSWITCH_NAMESPACE]
            if same >= _FIELDS - _BESIDE_THE_SWITCH
            else vswitch_for(
                state,
                before=before[0] if before is not None else None,
                earlier=earlier.get(VSWITCH_NAMESPACE),
            )
        ),
        NODE_NAMESPACE: (
            earlier[NODE_NAMESPACE] if same >= _FIELDS - _BESIDE_THE_NODE else _node_for(state)
        ),
        **{
            name: earlier[name]
            if pods.get(pod.uid) == pod
            else pod_for(pod, routed=routed, gateway_mac=gateway_mac)
            for pod in state.pods
            for name in (pod_namespace(pod.uid),)
        },
    }


_NAMES = tuple(field.name for field in fields(NodeState))
_FIELDS = frozenset(_NAMES)
_VALUES = attrgetter(*_NAMES)


def _same_fields(state: NodeState, before: NodeState) -> frozenset[str]:
    same = {
        name
        for name, now, then in zip(_NAMES, _VALUES(state), _VALUES(before), strict=True)
        if now is then or now == then
    }
    if state.platform is not None and before.platform is not None:
        # What is answered changes with every machine of the network, and no namespace by it.
        same.add("platform")
    return frozenset(same)


def _is_routed(state: NodeState) -> bool:
    """Whether pods hang on their node by routes, not on a bridge."""
    azure = state.azure_cni
    return azure is not None and azure.mode is AzureCniMode.TRANSPARENT


def _gateway_mac(state: NodeState) -> str:
    """Who answers for the gateway of pods on a bridge: the bridge, or the fabric behind it."""
    if state.kubenet is not None:
        return bridge_mac(state.kubenet.bridge_interface.ip)
    return FABRIC_MAC if state.azure_cni is not None and state.azure_cni.bridge else ""


def _bridge(state: NodeState) -> tuple[str, bool]:
    """(whose ports pods' cables are, empty for none; whether frames may turn round there).

    On kubenet's they have to for the sake of Services alone: a pod may be its own
    Service's endpoint (decision 0090).
    """
    if state.azure_cni is not None:
        return state.azure_cni.bridge, bool(state.azure_cni.bridge)
    if state.kubenet is not None:
        return state.kubenet.bridge, state.kube_proxy is not None
    return "", False


def _node_for(state: NodeState) -> Desired:
    serves = state.kube_proxy is not None
    parts = [node_objects_for(state)]
    rulesets: list[Ruleset] = []
    if state.kube_proxy is not None:
        rulesets += kube_proxy_rulesets(
            state.kube_proxy, node=state.nic.primary.ip, local=state.served_addresses
        )
        parts.append(NamespaceObjects(sysctls=_LOCALNET))
        rulesets += _beside_kube_proxy(state, state.kube_proxy)
    if state.masquerade is not None:
        rulesets += masquerade_rulesets(state.masquerade, node=state.nic.primary.ip)
    if state.firewall is not None:
        rulesets.append(firewall_ruleset_for(state.firewall))
    if state.restricts_metadata:
        rulesets.append(metadata_restriction_ruleset(state.nic.primary.ip))
    if state.kubenet is not None:
        parts.append(kubenet_objects_for(state.kubenet, state.pods, serves=serves))
        rulesets += kubenet_rulesets_for(state.kubenet)
    if state.azure_cni is not None:
        parts.append(azure_objects_for(state.azure_cni, state.pods, state.nic, serves=serves))
        rulesets += azure_rulesets_for(state.azure_cni, state.pods, state.nic)
    attached = [(pod, pod.interface) for pod in state.pods if pod.interface is not None]
    mac = ROUTED_PORT_MAC if _is_routed(state) else None
    bridge, hairpin = _bridge(state)
    ports = {
        port_for(pod, interface, bridge=bridge, mac=mac, hairpin=hairpin)
        for pod, interface in attached
    }
    parts.append(NamespaceObjects(links=frozenset(ports), sysctls=state.sysctls))
    return Desired(
        subject="node",
        objects=_joined(parts),
        rulesets=tuple(rulesets),
        guests={interface.host_interface: pod_subject(pod) for pod, interface in attached},
    )


def _beside_kube_proxy(state: NodeState, proxy: KubeProxy) -> Iterator[Ruleset]:
    """What the modes of Azure CNI with a bridge need on top.

    Of bridge mode the five seconds that DNS takes now and again (claim B2), of tunnel mode
    marks on all packets of what was masqueraded.
    """
    if state.azure_cni is None:
        return
    match state.azure_cni.mode:
        case AzureCniMode.BRIDGE:
            if (ruleset := conntrack_race_ruleset(proxy)) is not None:
                yield ruleset
        case AzureCniMode.TUNNEL:
            yield masqueraded_connections_ruleset(state.azure_cni.bridge)
        case AzureCniMode.TRANSPARENT:
            pass


def _joined(parts: list[NamespaceObjects]) -> NamespaceObjects:
    """All objects of all parts; of a sysctl that several set, the last one's value."""
    whole = parts[0]
    for part in parts[1:]:
        whole = replace(
            whole,
            links=whole.links | part.links,
            addresses=whole.addresses | part.addresses,
            routes=whole.routes | part.routes,
            neighbours=whole.neighbours | part.neighbours,
            rules=whole.rules | part.rules,
            sysctls={**whole.sysctls, **part.sysctls},
        )
    return whole
