"""What holds for what a lab file leaves out."""

from ipaddress import IPv4Address, IPv4Network

from lab.topology import defaults


def test_the_dns_service_has_the_tenth_address() -> None:
    """AKS's own pair of defaults is 10.0.0.0/16 and 10.0.0.10."""
    assert defaults.dns_service_ip(defaults.SERVICE_CIDR) == IPv4Address("10.0.0.10")


def test_a_range_without_a_tenth_address_has_a_last_one() -> None:
    assert defaults.dns_service_ip(IPv4Network("10.0.0.0/30")) == IPv4Address("10.0.0.3")


def test_nodes_register_in_the_order_of_their_numbers() -> None:
    assert defaults.registration_order(3) == (0, 1, 2)
