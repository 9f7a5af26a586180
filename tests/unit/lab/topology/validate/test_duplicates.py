"""Names that would collide."""

from ipaddress import IPv4Address

from lab.topology.model import InternetHost
from lab.topology.problems import Location
from lab.topology.validate.duplicates import duplicates


def host(name: str, line: int) -> InternetHost:
    return InternetHost(
        name=name, address=IPv4Address("203.0.113.1"), location=Location("lab.yaml", line)
    )


def test_different_names_are_fine() -> None:
    assert list(duplicates([host("a", 1), host("b", 2)], "host")) == []


def test_each_further_one_of_a_name_is_a_problem_that_points_at_the_first() -> None:
    found = list(duplicates([host("a", 1), host("a", 2), host("A", 3)], "host", " here"))

    assert [problem.location.line for problem in found] == [2, 3]
    assert found[1].message == "there are two hosts called 'A' here, the first on line 1"
