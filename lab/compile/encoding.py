"""The desired state of a host for the wire, put together from what it shares and what is its own.

Hosts of a subnet have the same routes and meet the same security groups, those of a
network are answered the same, those of a cluster know the same Services: each of these is
a part by itself (`lab.contract.state_parts`), encoded once. What is a host's own seldom
changes, and is encoded when it does.
"""

from dataclasses import replace

from lab.compile.attachments import PortRoutes
from lab.compile.platform import SharedPlatform
from lab.compile.services import SharedNames, SharedServices
from lab.contract import codec, state_parts
from lab.contract.node_state import NetworkContainer, NodeState, SecurityGate
from lab.contract.platform import Platform
from lab.contract.service import ClusterDns
from lab.remembering import remembering


def encoded(
    state: NodeState,
    *,
    routes: PortRoutes,
    platform: SharedPlatform | None,
    services: SharedServices | None,
    names: SharedNames | None,
) -> state_parts.Parts:
    """`state`, whose routes, platform, Services and names of them are those."""
    vswitch = replace(state.vswitch, node=_bare(state.vswitch.node))
    shared = [*routes.encoded, *_gates(state.vswitch.node)]
    if state.vswitch.pods is not None:
        vswitch = replace(vswitch, pods=_bare(state.vswitch.pods))
        shared += _gates(state.vswitch.pods, pods=True)
    rest = state.platform
    if platform is not None:
        rest = Platform()
        shared.append(platform.encoded)
    proxy = state.kube_proxy
    if services is not None and proxy is not None:
        proxy = replace(proxy, services=())
        shared.append(services.encoded)
    dns = state.cluster_dns
    if names is not None:
        dns = ClusterDns()
        shared.append(names.encoded)
    own = replace(state, vswitch=vswitch, platform=rest, kube_proxy=proxy, cluster_dns=dns)
    return _own(own), *shared


def _bare(container: NetworkContainer) -> NetworkContainer:
    """`container` without what it shares."""
    return replace(container, routes=(), inbound=(), outbound=())


def _gates(container: NetworkContainer, *, pods: bool = False) -> list[bytes]:
    if not container.inbound and not container.outbound:
        return []
    return [_shared_gates(container.inbound, container.outbound, pods=pods)]


@remembering(
    by=lambda inbound, outbound, *, pods: (pods, *(gate.name for gate in (*inbound, *outbound))),
    maxsize=1024,
)
def _shared_gates(
    inbound: tuple[SecurityGate, ...], outbound: tuple[SecurityGate, ...], *, pods: bool
) -> bytes:
    return state_parts.encode_gates(inbound, outbound, pods=pods)


@remembering(by=lambda state: state.name, maxsize=1024)
def _own(state: NodeState) -> bytes:
    return codec.encode(state)
