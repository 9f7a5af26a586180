from lab.topology.virtual_network import SubnetReference


def test_a_subnet_is_called_by_its_network_and_name() -> None:
    assert str(SubnetReference(virtual_network="vnet01", subnet="vlan01")) == "vnet01/vlan01"
