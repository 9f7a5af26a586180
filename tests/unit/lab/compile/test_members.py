"""What the network model of a cluster knows on its nodes."""

from ipaddress import IPv4Network

from lab.compile.members import kubenet_wiring


def test_pods_of_a_kubenet_node_have_its_bridge_as_gateway() -> None:
    wiring = kubenet_wiring(IPv4Network("10.244.1.0/24"))
    assert (wiring.prefix_length, str(wiring.gateway)) == (24, "10.244.1.1")
    assert wiring.host_interface("uid").startswith("veth")
