"""From an object that fulfils its schema to the frozen value."""

from ipaddress import IPv4Address

from lab.kube.manifest_files import CheckedObject
from lab.kube.manifests import (
    DEFAULT_NAMESPACE,
    HEADLESS,
    Container,
    ContainerPort,
    Deployment,
    DnsPolicy,
    ExternalTrafficPolicy,
    KubernetesObject,
    LabelSelector,
    Namespace,
    ObjectMeta,
    Operator,
    Pod,
    PodDnsConfig,
    PodSpec,
    PodTemplate,
    Requirement,
    Service,
    ServicePort,
    ServiceType,
    Transport,
)
from lab.topology.entry import Entry
from lab.topology.schema.formats import prefix
from lab.topology.usable import Usable

CLIENT_IP = "ClientIP"
AFFINITY_SECONDS = 10800
"""Unless `sessionAffinityConfig` says otherwise (semantics 7)."""


def build(checked: CheckedObject) -> KubernetesObject:
    """Build the value; Kubernetes' own defaults are filled in."""
    entry = Entry(checked.document, Usable(), (), checked.document.value)
    match checked.kind:
        case "Namespace":
            return Namespace(**entry.origin, metadata=_meta(entry.below("metadata"), namespace=""))
        case "Pod":
            return Pod(
                **entry.origin, metadata=_meta(entry.below("metadata")), spec=_pod_spec(entry)
            )
        case "Deployment":
            return _deployment(entry)
        case "Service":
            return _service(entry)
    raise ValueError(checked.kind)


def _meta(entry: Entry, namespace: str = DEFAULT_NAMESPACE) -> ObjectMeta:
    return ObjectMeta(
        **entry.origin,
        name=entry.text("name"),
        namespace=entry.text("namespace", namespace),
        labels=entry.mapping("labels"),
        annotations=entry.mapping("annotations"),
    )


def _deployment(entry: Entry) -> Deployment:
    spec = entry.below("spec")
    template = spec.below("template")
    metadata = _meta(entry.below("metadata"))
    template_metadata = template.below("metadata")
    return Deployment(
        **entry.origin,
        metadata=metadata,
        replicas=spec.number("replicas", 1),
        selector=_selector(spec.below("selector")),
        template=PodTemplate(
            **template.origin,
            metadata=ObjectMeta(
                **template_metadata.origin,
                name="",
                namespace=metadata.namespace,
                labels=template_metadata.mapping("labels"),
                annotations=template_metadata.mapping("annotations"),
            ),
            spec=_pod_spec(template),
        ),
    )


def _service(entry: Entry) -> Service:
    spec = entry.below("spec")
    addresses = spec.texts("clusterIPs")
    address = spec.text("clusterIP") or next(iter(addresses), "")
    client = spec.below("sessionAffinityConfig").below("clientIP")
    sticky = spec.text("sessionAffinity") == CLIENT_IP
    allocates = spec.get("allocateLoadBalancerNodePorts")
    return Service(
        **spec.origin,
        metadata=_meta(entry.below("metadata")),
        type=spec.parsed("type", ServiceType) or ServiceType.CLUSTER_IP,
        ports=tuple(_service_port(each) for each in spec.entries("ports")),
        selector=spec.mapping("selector"),
        cluster_ip=IPv4Address(address) if address not in {"", HEADLESS} else None,
        cluster_ips=tuple(addresses),
        headless=address == HEADLESS,
        affinity_seconds=client.number("timeoutSeconds", AFFINITY_SECONDS) if sticky else None,
        external_traffic_policy=spec.parsed("externalTrafficPolicy", ExternalTrafficPolicy),
        health_check_node_port=spec.number("healthCheckNodePort") or None,
        load_balancer_source_ranges=tuple(map(prefix, spec.texts("loadBalancerSourceRanges"))),
        allocate_load_balancer_node_ports=allocates if isinstance(allocates, bool) else None,
    )


def _service_port(entry: Entry) -> ServicePort:
    port = entry.number("port")
    target = entry.get("targetPort")
    return ServicePort(
        **entry.origin,
        port=port,
        target_port=target if isinstance(target, int | str) else port,
        protocol=entry.parsed("protocol", Transport) or Transport.TCP,
        name=entry.text("name"),
        node_port=entry.number("nodePort") or None,
    )


def _selector(entry: Entry) -> LabelSelector:
    return LabelSelector(
        **entry.origin,
        match_labels=entry.mapping("matchLabels"),
        match_expressions=tuple(
            Requirement(
                **each.origin,
                key=each.text("key"),
                operator=Operator(each.text("operator")),
                values=each.texts("values"),
            )
            for each in entry.entries("matchExpressions")
        ),
    )


def _pod_spec(around: Entry) -> PodSpec:
    entry = around.below("spec")
    dns = entry.below("dnsConfig")
    return PodSpec(
        **entry.origin,
        containers=tuple(_container(each) for each in entry.entries("containers")),
        node_name=entry.parsed("nodeName", str),
        node_selector=entry.mapping("nodeSelector"),
        host_network=entry.flag("hostNetwork", default=False),
        dns_policy=entry.parsed("dnsPolicy", DnsPolicy) or DnsPolicy.CLUSTER_FIRST,
        dns_config=PodDnsConfig(
            **dns.origin,
            nameservers=dns.texts("nameservers"),
            searches=dns.texts("searches"),
            options=tuple(_dns_option(each) for each in dns.entries("options")),
        ),
        hostname=entry.text("hostname"),
    )


def _dns_option(entry: Entry) -> str:
    value = entry.text("value")
    return f"{entry.text('name')}:{value}" if value else entry.text("name")


def _container(entry: Entry) -> Container:
    return Container(
        **entry.origin,
        name=entry.text("name"),
        image=entry.text("image"),
        command=entry.texts("command"),
        args=entry.texts("args"),
        env={
            each.text("name"): each.text("value")
            for each in entry.entries("env")
            if each.get("valueFrom") is None
        },
        ports=tuple(_port(each) for each in entry.entries("ports")),
    )


def _port(entry: Entry) -> ContainerPort:
    return ContainerPort(
        **entry.origin,
        container_port=entry.number("containerPort"),
        protocol=entry.parsed("protocol", Transport) or Transport.TCP,
        name=entry.text("name"),
        host_port=entry.number("hostPort") or None,
    )
