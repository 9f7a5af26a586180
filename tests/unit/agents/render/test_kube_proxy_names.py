"""Names of kube-proxy's chains, known from its own tests."""

from ipaddress import IPv4Address

from agents.render import kube_proxy_names as names
from lab.contract.node_state import Protocol
from lab.contract.service import Endpoint, Service, ServicePort

ENDPOINT = Endpoint(address=IPv4Address("10.180.0.1"), port=80)
PORT = ServicePort(name="p80", protocol=Protocol.TCP, port=80)
SERVICE = Service(namespace="ns1", name="svc1", cluster_ip=IPv4Address("172.30.0.41"))


def test_chains_are_called_as_upstream_calls_them() -> None:
    """ns1/svc1:p80 with an endpoint at 10.180.0.1:80."""
    assert names.service_chain(SERVICE, PORT) == "KUBE-SVC-XPGD46QRK7WJZT7O"
    assert names.external_chain(SERVICE, PORT) == "KUBE-EXT-XPGD46QRK7WJZT7O"
    assert names.local_chain(SERVICE, PORT) == "KUBE-SVL-XPGD46QRK7WJZT7O"
    assert names.firewall_chain(SERVICE, PORT) == "KUBE-FW-XPGD46QRK7WJZT7O"
    assert names.endpoint_chain(SERVICE, PORT, ENDPOINT) == "KUBE-SEP-SXIVWICOYRO3J4NJ"


def test_the_only_port_of_a_service_needs_no_name() -> None:
    unnamed = ServicePort(protocol=Protocol.UDP, port=53)

    assert names.called(SERVICE, PORT) == "ns1/svc1:p80"
    assert names.called(SERVICE, unnamed) == "ns1/svc1"
    assert names.written(ENDPOINT) == "10.180.0.1:80"
