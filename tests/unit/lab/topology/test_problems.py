"""Problems as values and as text."""

from lab.topology.problems import LabFileError, Location, Problem


def problem(file: str, line: int, message: str = "wrong") -> Problem:
    return Problem(Location(file, line), message, "mend it")


def test_a_problem_says_where_what_and_what_to_do() -> None:
    assert str(problem("lab.yaml", 3)) == "lab.yaml:3: wrong\n    mend it"


def test_a_file_as_a_whole_has_no_line() -> None:
    assert str(Location("lab.yaml", 0)) == "lab.yaml"


def test_an_error_carries_every_problem_in_order_of_file_and_line() -> None:
    error = LabFileError([problem("b", 1), problem("a", 10), problem("a", 9)])

    assert [str(each.location) for each in error.problems] == ["a:9", "a:10", "b:1"]
    assert str(error).count("mend it") == 3
