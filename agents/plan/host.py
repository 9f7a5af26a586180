"""A host as a whole: every namespace that it is to have."""

from collections.abc import Mapping
from dataclasses import replace

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
from agents.plan.kubenet import kubenet_objects_for, kubenet_rulesets_for
from agents.plan.node import node_objects_for
from agents.plan.pods import ROUTED_PORT_MAC, pod_for, pod_subject, port_for
from agents.plan.vswitch import vswitch_for
from agents.render.iptables import masquerade_rulesets, metadata_restriction_ruleset
from lab.contract.node_state import AzureCniMode, NodeState


def host_for(state: NodeState) -> Mapping[str, Desired]:
    """What each namespace of the host is to be: virtual switch, node, pods."""
    if state.edge is not None:
        return edge_for(state, state.edge)
    return {
        VSWITCH_NAMESPACE: vswitch_for(state),
        NODE_NAMESPACE: _node_for(state),
        **{pod_namespace(pod.uid): pod_for(pod, routed=_is_routed(state)) for pod in state.pods},
    }


def _is_routed(state: NodeState) -> bool:
    """Whether pods hang on their node by routes, not on a bridge."""
    azure = state.azure_cni
    return azure is not None and azure.mode is AzureCniMode.TRANSPARENT


def _bridge(state: NodeState) -> tuple[str, bool]:
    """(whose ports pods' cables are, empty for none; whether frames may turn round there)."""
    if state.azure_cni is not None:
        return state.azure_cni.bridge, bool(state.azure_cni.bridge)
    return (state.kubenet.bridge if state.kubenet is not None else ""), False


def _node_for(state: NodeState) -> Desired:
    parts = [node_objects_for(state)]
    rulesets: list[Ruleset] = []
    if state.masquerade is not None:
        rulesets += masquerade_rulesets(state.masquerade, node=state.nic.primary.ip)
    if state.restricts_metadata:
        rulesets.append(metadata_restriction_ruleset(state.nic.primary.ip))
    if state.kubenet is not None:
        parts.append(kubenet_objects_for(state.kubenet))
        rulesets += kubenet_rulesets_for(state.kubenet)
    if state.azure_cni is not None:
        parts.append(azure_objects_for(state.azure_cni, state.pods, state.nic))
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
            sysctls={**whole.sysctls, **part.sysctls},
        )
    return whole
