"""Names of security."""

from lab.topology.security import Peers, same_name


def test_case_is_nothing_in_a_name() -> None:
    assert same_name("VirtualNetwork", "virtualnetwork")
    assert not same_name("Internet", "Intranet")


def test_a_side_that_names_no_ports_has_all_of_them() -> None:
    assert all(each.is_any for each in Peers().ports)
