"""Compiled labs as text that a person can review: one block per thing, nothing left out."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain

from agents.objects.filter import FilterTable
from agents.objects.ruleset import Ruleset
from agents.plan.host import host_for
from lab.compile import Compilation
from lab.contract.node_state import (
    Container,
    Edge,
    FabricRoute,
    File,
    NetworkContainer,
    NodeKind,
    NodeState,
    Pod,
    PortLease,
    PortRange,
    SecurityRule,
)
from lab.contract.platform import DnsZone
from lab.contract.service import KubeProxy


def node_text(found: Compilation, name: str) -> str:
    """Everything that host `name` is told."""
    return "".join(f"{line}\n" for line in _node(found, found.nodes[name]))


def routes_text(found: Compilation) -> str:
    """The effective routes of every subnet, as ``az network nic show-effective-route-table``."""
    head = ("SOURCE", "STATE", "PREFIX", "NEXT HOP TYPE", "NEXT HOP", "NAME", "ROUTE TABLE")
    blocks = []
    for reference, routes in found.effective_routes.items():
        rows = [
            (
                route.source.value,
                route.state.value,
                str(route.address_prefix),
                route.next_hop_type.value,
                _or_dash(route.next_hop_ip_address),
                route.name or "-",
                route.route_table or "-",
            )
            for route in routes
        ]
        blocks.append("\n".join((f"# {reference}", *_columns((head, *rows)))))
    return "\n\n".join(blocks) + "\n"


def rulesets_text(found: Compilation) -> str:
    """Packet filter rules of the first node, or of the first host where there is no node."""
    nodes = [row.name for row in found.hosts if row.kind is NodeKind.CLUSTER_NODE]
    name = nodes[0] if nodes else found.hosts[0].name
    blocks = [
        "\n".join((f"# {place}: {ruleset.name}", *_ruleset(ruleset)))
        for place, desired in host_for(found.nodes[name]).items()
        for ruleset in desired.rulesets
    ]
    return f"# {name}\n\n" + "\n\n".join(blocks) + "\n"


def _ruleset(ruleset: Ruleset | FilterTable) -> Iterator[str]:
    if isinstance(ruleset, FilterTable):
        for chain in ruleset.chains:
            yield f"chain {chain.name}:"
            yield from (f"  {rule}" for rule in chain.rules)
        return
    yield from ruleset.hooks
    yield from ruleset.rules


def inventory_text(found: Compilation) -> str:
    """Hosts, pods, addresses handed out, warnings."""
    hosts = [
        (
            row.kind.value,
            row.name,
            row.cluster or "-",
            _or_dash(row.subnet),
            str(row.address),
            _or_dash(row.pod_cidr),
            _or_dash(row.public_address),
            str(row.underlay_address),
        )
        for row in found.hosts
    ]
    pods = [
        (
            row.namespace,
            row.name,
            row.node or "Pending",
            _or_dash(row.address),
            f"{row.owner}-{row.ordinal}" if row.owner else "-",
            "host" if row.host_network else "-",
            row.uid,
        )
        for row in found.pods
    ]
    allocations = [
        (row.pool, _or_dash(row.prefix), _or_dash(row.address), row.owner, row.state.value)
        for row in found.allocations()
    ]
    lines = ["# hosts", *_columns(hosts), "", "# pods", *_columns(pods)]
    lines += ["", "# addresses", *_columns(allocations), "", "# warnings"]
    lines += [str(warning) for warning in found.warnings] or ["none"]
    return "".join(f"{line}\n" for line in lines)


def _node(found: Compilation, state: NodeState) -> Iterator[str]:
    nic, names = state.nic, {row.underlay_address: row.name for row in found.hosts}
    yield f"{state.kind.value} {state.name}"
    yield ""
    yield "nic"
    yield f"  mac            {nic.mac}"
    yield f"  primary        {nic.primary}"
    yield f"  gateway        {nic.gateway}"
    yield f"  mtu            {nic.mtu}"
    yield f"  ip forwarding  {'yes' if nic.enable_ip_forwarding else 'no'}"
    yield ""
    yield f"vswitch {state.vswitch.underlay_address}"
    yield from _network_container("node", state.vswitch.node, names)
    if state.vswitch.pods is not None:
        yield from _network_container("pods", state.vswitch.pods, names)
    yield ""
    yield "sysctls"
    yield from (f"  {name} = {value}" for name, value in sorted(state.sysctls.items()))
    if state.kubenet is not None:
        kubenet = state.kubenet
        yield ""
        yield f"kubenet {kubenet.pod_cidr}"
        mode = "promiscuous" if kubenet.promiscuous else "not promiscuous"
        bridge = f"{kubenet.bridge} {kubenet.bridge_interface} mtu {kubenet.mtu}"
        yield f"  bridge          {bridge} {mode}"
        yield f"  last reserved   {_or_dash(kubenet.last_reserved_address)}"
    if state.masquerade is not None:
        masquerade = state.masquerade
        yield ""
        yield "masquerade"
        if masquerade.agent:
            link_local = "masqueraded" if masquerade.masquerade_link_local else "kept"
            yield f"  kept            {_listed(masquerade.non_masquerade_cidrs)}"
            yield f"  link-local      {link_local}"
        if masquerade.platform_sources:
            yield f"  to the platform {_listed(masquerade.platform_sources)}"
    if state.azure_cni is not None:
        azure_cni = state.azure_cni
        yield ""
        yield f"azure cni, {azure_cni.mode.value}"
        yield f"  bridge          {azure_cni.bridge or '-'}"
        yield f"  via gateway     {_listed(azure_cni.routes_via_gateway)}"
        yield f"  via host        {_listed(azure_cni.ips_to_route_via_host)}"
    yield from chain(
        _edge(state.edge, names),
        _kube_proxy(state.kube_proxy),
        _names(state),
        _probes(state),
    )
    yield from _platform(state)
    for pod in state.pods:
        yield ""
        yield from _pod(pod)
    for container in state.containers:
        yield ""
        yield from _container(container)
    for file in state.files:
        yield ""
        yield from _file(file)


def _edge(edge: Edge | None, names: Mapping[object, str]) -> Iterator[str]:
    if edge is None:
        return
    yield ""
    yield "edge"
    for direction, routes in (("outward", edge.outward), ("inward", edge.inward)):
        yield f"  {direction}"
        yield from (f"    {line}" for line in _columns(_route(each, names) for each in routes))
    if edge.translation is not None:
        addresses = _listed(edge.translation.public_addresses)
        yield f"  translated to {addresses}, idle {edge.translation.tcp_idle_seconds} s"
    yield from (f"  {_lease(each)}" for each in edge.leases)
    for rule in edge.rules:
        socket = f"{rule.frontend}:{rule.port}/{rule.protocol.value}"
        probe = f", probe {rule.probe}" if rule.probe else ""
        yield f"  {socket} by {rule.distribution.value}, idle {rule.idle_seconds} s{probe}"
        yield from (f"    {each.host} {each.locator}" for each in rule.backends)


def _probes(state: NodeState) -> Iterator[str]:
    for probe in state.health_probes:
        asked = f"GET {probe.request_path}" if probe.request_path else "connection"
        yield ""
        yield f"probe {probe.name}: {asked} to port {probe.port}"
        yield f"  every {probe.interval_seconds} s, down after {probe.threshold}"


def _kube_proxy(proxy: KubeProxy | None) -> Iterator[str]:
    if proxy is None:
        return
    yield ""
    yield f"kube-proxy, pods {_or_dash(proxy.cluster_cidr)}"
    for service in proxy.services:
        affinity = f" kept {service.affinity_seconds} s" if service.affinity_seconds else ""
        yield f"  {service.namespace}/{service.name} {service.cluster_ip}{affinity}"
        if service.load_balancer_ingress is not None:
            ranges = _listed(service.load_balancer_source_ranges)
            yield f"    at {service.load_balancer_ingress} for {ranges}"
        if service.external_policy_local:
            yield f"    local, health check {service.health_check_node_port or '-'}"
        for port in service.ports:
            endpoints = _listed(f"{each.address}:{each.port}" for each in port.endpoints)
            name = f" {port.name}" if port.name else ""
            at_nodes = f":{port.node_port}" if port.node_port else ""
            yield f"    {port.port}{at_nodes}/{port.protocol.value}{name} -> {endpoints}"


def _names(state: NodeState) -> Iterator[str]:
    if state.cluster_dns is None:
        return
    yield ""
    yield "coredns"
    for zone in state.cluster_dns.zones:
        yield f"  {zone.name}"
        for each in zone.record_sets:
            yield f"    {each.name} {each.ttl} {each.type.value} {', '.join(each.data)}"


def _lease(lease: PortLease) -> str:
    protocol = "any" if lease.protocol is None else lease.protocol.value
    ports = f"{lease.public_address}:{lease.ports.first}-{lease.ports.last}"
    return f"lease {ports} {protocol} at {lease.locator}"


def _network_container(
    name: str, container: NetworkContainer, names: Mapping[object, str]
) -> Iterator[str]:
    yield f"  {name} of {container.subnet or 'the Internet'}"
    yield f"    addresses {_listed(container.addresses)}"
    open_ = ", open" if container.accepts_inbound else ""
    yield f"    public    {_or_dash(container.public_address)}{open_}"
    yield from (f"    {_lease(each)}" for each in container.leases)
    for port in container.balanced:
        inside = "kept" if port.floating else f"to {port.backend_port}"
        socket = f"{port.frontend}:{port.port}/{port.protocol.value}"
        yield f"    balanced {socket} {inside}, reached at {port.locator}"
    routes = [_route(route, names) for route in container.routes]
    yield from (f"    {line}" for line in _columns(routes))
    gates = (("inbound", container.inbound), ("outbound", container.outbound))
    for direction, found in gates:
        for gate in found:
            yield f"    {direction} gate {gate.name}: {gate.network_security_group}"
            yield from (f"      {line}" for line in _columns(map(_security_rule, gate.rules)))


def _security_rule(rule: SecurityRule) -> tuple[str, ...]:
    return (
        str(rule.priority),
        rule.name,
        "allow" if rule.allow else "deny",
        rule.protocol.value,
        f"{_listed(rule.sources)} {_ports(rule.source_ports)}",
        f"-> {_listed(rule.destinations)} {_ports(rule.destination_ports)}",
        "platform" if rule.platform else "",
    )


def _ports(ports: Iterable[PortRange]) -> str:
    return ",".join("*" if each.is_any else f"{each.first}-{each.last}" for each in ports)


def _listed(values: Iterable[object]) -> str:
    return " ".join(map(str, values)) or "-"


def _route(route: FabricRoute, names: Mapping[object, str]) -> tuple[str, ...]:
    if route.underlay_address is None:
        return (str(route.prefix), route.delivery.value, "", "", "")
    return (
        str(route.prefix),
        route.delivery.value,
        str(route.underlay_address),
        f"vni {route.vni}",
        names[route.underlay_address],
    )


def _platform(state: NodeState) -> Iterator[str]:
    if state.restricts_metadata:
        yield ""
        yield "metadata service not for pods"
    if state.platform is not None:
        yield ""
        yield "platform"
        yield from (f"  {line}" for zone in state.platform.zones for line in _zone(zone))


def _zone(zone: DnsZone) -> Iterator[str]:
    yield f"zone {zone.name or '.'}"
    for each in zone.record_sets:
        yield f"  {each.name} {each.ttl} {each.type.value} {_listed(each.data)}"


def _pod(pod: Pod) -> Iterator[str]:
    yield f"pod {pod.namespace}/{pod.name}"
    yield f"  uid     {pod.uid}"
    labels = [f"{name}={value}" for name, value in sorted(pod.labels.items())]
    yield f"  labels  {' '.join(labels) or '-'}"
    if pod.host_network:
        yield "  on the host network"
    if pod.interface is not None:
        eth0 = pod.interface
        yield f"  eth0    {eth0.address} via {eth0.gateway} mac {eth0.mac} mtu {eth0.mtu}"
        yield f"  veth    {eth0.host_interface}"
    for container in pod.containers:
        yield from (f"  {line}" for line in _container(container))
    yield "  resolv.conf"
    yield from (f"    | {line}" for line in pod.resolv_conf.splitlines())


def _container(container: Container) -> Iterator[str]:
    yield f"container {container.name}: {container.image}"
    if container.command:
        yield f"  command {' '.join(map(repr, container.command))}"
    for port in container.ports:
        yield f"  port    {port.port}/{port.protocol.value} {port.name}".rstrip()
    for name, value in sorted(container.environment.items()):
        yield f"  env     {name}={value}"


def _file(file: File) -> Iterator[str]:
    yield f"file {file.path} {file.mode:04o}"
    *lines, rest = file.content.decode().replace("\r", "\\r").split("\n")
    yield from (f"  | {line}".rstrip() for line in lines)
    if rest:
        yield f"  | {rest} (no line break at the end)"


def _columns(rows: Iterable[tuple[str, ...]]) -> list[str]:
    table = list(rows)
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in table
    ]


def _or_dash(value: object) -> str:
    return "-" if value is None else str(value)
