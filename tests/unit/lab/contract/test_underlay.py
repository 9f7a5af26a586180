from ipaddress import IPv4Network

from lab.contract.underlay import UNDERLAY, cloud_address, first_host_address

LAB = IPv4Network("198.18.8.0/22")


def test_the_underlay_is_nobodys_network() -> None:
    """Benchmarking addresses (RFC 2544): no lab's own plan and no machine's route has them."""
    assert IPv4Network("198.18.0.0/15").supernet_of(UNDERLAY)


def test_hosts_never_get_what_the_runtime_keeps_for_itself() -> None:
    assert LAB.network_address < cloud_address(LAB) < first_host_address(LAB)
    assert first_host_address(LAB) in LAB
