"""The frozen values of a lab."""

from lab.topology.model import InternetHost
from lab.topology.problems import Location
from lab.topology.written import NOWHERE
from tests.unit.lab.topology.labs import parsed


def test_where_a_value_was_written_takes_no_part_in_comparison() -> None:
    (host,) = parsed().internet
    same = InternetHost(name=host.name, address=host.address, location=Location("other", 5))

    assert host == same
    assert same.at("address") == Location("other", 5)
    assert InternetHost(name=host.name, address=host.address).location == NOWHERE
