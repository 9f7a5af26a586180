"""Hosts that are more than a machine."""

from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network

from lab.compile import Compilation
from lab.compile.certificates import certificate
from lab.contract.state_parts import assembled
from lab.topology.egress import PublicIPAddress
from lab.topology.firewall import AzureFirewall
from lab.topology.model import InternetHost
from lab.topology.virtual_network import Subnet
from tests.unit.lab.compile.labs import INTERNET, compiled, lab, machine, network, routes, subnet

SITE = InternetHost(name="site", address=IPv4Address("203.0.113.20"), names=("www.example.com",))


def found() -> Compilation:
    own = Subnet(name="AzureFirewallSubnet", address_prefix=IPv4Network("10.0.8.0/26"))
    made = network()
    made = replace(made, subnets=(*made.subnets, own))
    firewall = AzureFirewall(
        name="fw", subnet=subnet("vnet01/AzureFirewallSubnet"), public_ip_address="ip"
    )
    address = PublicIPAddress(name="ip", ip_address=IPv4Address("198.51.100.4"))
    return compiled(
        lab(
            machine("vm1"),
            SITE,
            INTERNET,
            networks=(made,),
            azure_firewalls=(firewall,),
            public_ip_addresses=(address,),
        )
    )


def test_a_firewall_is_a_machine_that_forwards_as_its_public_address() -> None:
    state = found().nodes["fw"]
    assert state.firewall is not None
    assert str(state.nic.primary) == "10.0.8.4/26"
    assert state.nic.enable_ip_forwarding
    assert state.sysctls["net.ipv4.ip_forward"] == "1"
    assert state.vswitch.node.public_address == IPv4Address("198.51.100.4")
    assert routes(found(), "fw")["203.0.113.20/32"] == "out:site"


def test_hosts_with_names_answer_over_tls() -> None:
    nodes = found().nodes
    assert nodes["site"].tls_certificate == certificate(("www.example.com",))
    assert nodes["internet"].tls_certificate == nodes["vm1"].tls_certificate == ""


def test_what_is_encoded_is_the_state() -> None:
    told = found()
    assert {name: assembled(told.encoded(name)) for name in told.nodes} == told.nodes
