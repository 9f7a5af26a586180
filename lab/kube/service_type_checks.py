"""What Kubernetes would refuse of a Service because of its type."""

from collections.abc import Iterator, Sequence

from lab.kube.manifests import Service, ServicePort, ServiceType, Transport
from lab.topology.problems import Location, Problem


def check_types(services: Sequence[Service]) -> Iterator[Problem]:
    """Problems of Services with what only some types have, and of their node ports."""
    for each in services:
        yield from _of_other_types(each)
        if each.has_node_ports and each.headless:
            yield Problem(
                each.at("clusterIP"),
                f"Service '{each.metadata.name}' is of type {each.type.value} and needs a "
                "clusterIP, which can't be None",
                "take clusterIP out, or take type out",
            )
        if each.allocate_load_balancer_node_ports is False:
            yield Problem(
                each.at("allocateLoadBalancerNodePorts"),
                f"Service '{each.metadata.name}' wants no node ports, which a Service of type "
                "LoadBalancer always has in labs",
                "take allocateLoadBalancerNodePorts out",
            )
    yield from _node_ports(services)


def _of_other_types(service: Service) -> Iterator[Problem]:
    """A problem of every property that a Service of this type can't have."""
    balanced = service.type is ServiceType.LOAD_BALANCER
    if not service.has_node_ports:
        for port in service.ports:
            if port.node_port is not None:
                yield _refused(service, "nodePort", port.at("nodePort"), "NodePort")
        if service.external_traffic_policy is not None:
            place = service.at("externalTrafficPolicy")
            yield _refused(service, "externalTrafficPolicy", place, "NodePort or LoadBalancer")
    if not balanced and service.load_balancer_source_ranges:
        place = service.at("loadBalancerSourceRanges")
        yield _refused(service, "loadBalancerSourceRanges", place, "LoadBalancer")
    if not balanced and service.allocate_load_balancer_node_ports is not None:
        place = service.at("allocateLoadBalancerNodePorts")
        yield _refused(service, "allocateLoadBalancerNodePorts", place, "LoadBalancer")
    if service.health_check_node_port is not None and not service.has_health_check:
        yield Problem(
            service.at("healthCheckNodePort"),
            f"Service '{service.metadata.name}' has a healthCheckNodePort, which only one of type "
            "LoadBalancer with externalTrafficPolicy: Local can have",
            "take it out, or write both",
        )


def _refused(service: Service, name: str, place: Location, types: str) -> Problem:
    return Problem(
        place,
        f"Service '{service.metadata.name}' is of type {service.type.value} and can have no {name}",
        f"take it out, or write type: {types}",
    )


def _node_ports(services: Sequence[Service]) -> Iterator[Problem]:
    """A number is one Service's; its ports of several protocols may share it."""
    owner: dict[int, Service] = {}
    taken: dict[tuple[int, Transport], ServicePort] = {}
    for service in services:
        who = f"Service '{service.metadata.name}'"
        for port in service.ports:
            if (number := port.node_port) is None:
                continue
            first = owner.setdefault(number, service)
            before = taken.setdefault((number, port.protocol), port)
            if first is not service:
                yield _taken(port.at("nodePort"), f"nodePort {number} of {who}", first)
            elif before is not port:
                yield Problem(
                    port.at("nodePort"),
                    f"{who} has {port.protocol.value} nodePort {number} twice",
                    "choose another one, or take it out",
                )
        if (number := service.health_check_node_port) is not None:
            first = owner.setdefault(number, service)
            node_ports = {port.node_port for port in service.ports}
            if first is not service or number in node_ports:
                what = f"healthCheckNodePort {number} of {who}"
                yield _taken(service.at("healthCheckNodePort"), what, first)


def _taken(place: Location, what: str, owner: Service) -> Problem:
    return Problem(
        place,
        f"{what} is taken by Service '{owner.metadata.name}' in namespace "
        f"'{owner.metadata.namespace}'",
        "choose another one, or take it out",
    )
