"""Node ports of a cluster: which ports of Services have one, and which number.

A number is one Service's, whatever the protocol; within a Service, TCP and UDP of one
port have the same unless it says otherwise. So it is with the API server.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain

from lab.kube.manifests import Service, ServicePort, Transport

NODE_PORTS = range(30000, 32768)
"""`--service-node-port-range`."""

STATIC_BAND = 86
"""Numbers at the beginning that are given last, so that those who choose theirs find them
free: a 32nd of the range."""

NodePortKey = tuple[str, str, str]
"""Namespace and name of a Service, and ``80/TCP`` or `HEALTH_CHECK`."""

HEALTH_CHECK = "healthCheckNodePort"


def key_of_port(service: Service, port: ServicePort) -> NodePortKey:
    """What tells the node port of a port of a Service from any other of the cluster."""
    return _key(service, f"{port.port}/{port.protocol.value}")


def key_of_health_check(service: Service) -> NodePortKey:
    """As `key_of_port`, of its health check node port."""
    return _key(service, HEALTH_CHECK)


def node_ports(
    services: Iterable[Service], *, previous: Mapping[NodePortKey, int]
) -> dict[NodePortKey, int]:
    """The node port of everything that has one; what is missing found none free.

    Who asks for a number has it, be it that of another since an earlier time, who then
    gets a new one. Everybody else keeps what it had.
    """
    wanting = dict(chain.from_iterable(map(_wanted, services)))
    held = {key: number for key, number in wanting.items() if number is not None}
    taken = set(held.values())
    for key in wanting:
        before = previous.get(key)
        if key in held or before is None:
            continue
        if before not in taken or before == held.get(_of_other_protocol(key)):
            held[key] = before
            taken.add(before)
    free = (each for each in _in_order() if each not in taken)
    for key in wanting:
        if key in held:
            continue
        number = held.get(_of_other_protocol(key)) or next(free, None)
        if number is not None:
            held[key] = number
    return held


def number_of_node_ports(services: Iterable[Service]) -> int:
    """How many entries `node_ports` has where there is room for all."""
    return sum(1 for _ in chain.from_iterable(map(_wanted, services)))


def _wanted(service: Service) -> Iterator[tuple[NodePortKey, int | None]]:
    """Everything of a Service that has a node port, with the number that it asks for."""
    if service.has_node_ports:
        asked = {each.port: each.node_port for each in service.ports if each.node_port}
        for port in service.ports:
            yield key_of_port(service, port), port.node_port or asked.get(port.port)
    if service.has_health_check:
        yield key_of_health_check(service), service.health_check_node_port


def _of_other_protocol(key: NodePortKey) -> NodePortKey:
    namespace, name, port = key
    number, _, protocol = port.partition("/")
    other = Transport.UDP if protocol == Transport.TCP.value else Transport.TCP
    return namespace, name, f"{number}/{other.value}"


def _key(service: Service, port: str) -> NodePortKey:
    return service.metadata.namespace, service.metadata.name, port


def _in_order() -> Iterator[int]:
    """The numbers for those who don't care; of a real cluster's choice, which is random, only
    the band is kept."""
    return chain(NODE_PORTS[STATIC_BAND:], NODE_PORTS[:STATIC_BAND])
