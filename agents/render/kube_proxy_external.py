"""What kube-proxy does with packets for node ports and load balancers (semantics §7)."""

from collections.abc import Iterator

from agents.render.kube_proxy_names import Portal, firewall_chain, local_chain
from lab.contract.service import KubeProxy, Service


def not_translated(portal: Portal) -> Iterator[str]:
    """Rules of table filter for what isn't: refused without endpoints, lost without any that may
    answer; and the health check, which a program of the node answers."""
    service, port = portal.service, portal.port
    why, target = portal.comment("% has no endpoints"), "REJECT"
    if not port.endpoints:
        yield f"-A KUBE-SERVICES {why} {portal.to(service.cluster_ip)} -j {target}"
    else:
        why, target = portal.comment("% has no local endpoints"), "DROP"
    if portal.is_external and not portal.answers_outside:
        rule = f"-A KUBE-EXTERNAL-SERVICES {why}"
        if service.load_balancer_ingress is not None:
            yield f"{rule} {portal.to(service.load_balancer_ingress)} -j {target}"
        if port.node_port:
            yield f"{rule} -m addrtype --dst-type LOCAL {portal.to_node_port} -j {target}"
    if port.endpoints and _is_filtered(service) and service.load_balancer_ingress is not None:
        refused = portal.comment(f"% traffic not accepted by {firewall_chain(service, port)}")
        reached = portal.to(service.load_balancer_ingress)
        yield f"-A KUBE-PROXY-FIREWALL {refused} {reached} -j DROP"
    if service.health_check_node_port:
        answered = portal.comment("% health check node port")
        reached = f"-m tcp -p tcp --dport {service.health_check_node_port}"
        yield f"-A KUBE-NODEPORTS {answered} {reached} -j ACCEPT"


def at_the_balancer(portal: Portal) -> Iterator[str]:
    """The address of the cloud, which every node knows: who asks it from a node stays there."""
    if portal.service.load_balancer_ingress is None:
        return
    target = portal.external_chain
    if _is_filtered(portal.service):
        target = firewall_chain(portal.service, portal.port)
    reached = portal.to(portal.service.load_balancer_ingress)
    yield f"-A KUBE-SERVICES {portal.comment('% loadbalancer IP')} {reached} -j {target}"


def at_the_node(portal: Portal) -> Iterator[str]:
    """The node port, whichever of the node's addresses is asked."""
    if portal.port.node_port:
        target = portal.external_chain
        yield f"-A KUBE-NODEPORTS {portal.comment('%')} {portal.to_node_port} -j {target}"


def from_outside(portal: Portal, proxy: KubeProxy) -> Iterator[str]:
    """As the node, to any endpoint; or, with the policy Local, as who asked to the node's own.

    With Local pods ask all endpoints, as if their packets had gone out to the load balancer
    and come back; the node itself does too, under an address that it has.
    """
    rule = f"-A {portal.external_chain}"
    if not portal.service.external_policy_local:
        why = portal.comment("masquerade traffic for % external destinations")
        yield f"{rule} {why} -j KUBE-MARK-MASQ"
        yield f"{rule} -j {portal.chain}"
        return
    if proxy.cluster_cidr is not None:
        why = portal.comment("pod traffic for % external destinations")
        yield f"{rule} {why} -s {proxy.cluster_cidr} -j {portal.chain}"
    why = portal.comment("masquerade LOCAL traffic for % external destinations")
    yield f"{rule} {why} -m addrtype --src-type LOCAL -j KUBE-MARK-MASQ"
    why = portal.comment("route LOCAL traffic for % external destinations")
    yield f"{rule} {why} -m addrtype --src-type LOCAL -j {portal.chain}"
    if portal.local:
        yield f"{rule} -j {local_chain(portal.service, portal.port)}"


def source_ranges(portal: Portal) -> Iterator[str]:
    """Whom the address of the cloud answers; all others are translated nowhere, and dropped."""
    service, ingress = portal.service, portal.service.load_balancer_ingress
    if ingress is None or not _is_filtered(service):
        return
    chain = firewall_chain(service, portal.port)
    rule = f"-A {chain} {portal.comment('% loadbalancer IP')}"
    for prefix in service.load_balancer_source_ranges:
        yield f"{rule} -s {prefix} -j {portal.external_chain}"
    if any(portal.node in prefix for prefix in service.load_balancer_source_ranges):
        # On nodes that have the address themselves it is what they ask with.
        yield f"{rule} -s {ingress} -j {portal.external_chain}"
    rest = portal.comment("other traffic to % will be dropped by KUBE-PROXY-FIREWALL")
    yield f"-A {chain} {rest}"


def _is_filtered(service: Service) -> bool:
    return service.load_balancer_ingress is not None and bool(service.load_balancer_source_ranges)
