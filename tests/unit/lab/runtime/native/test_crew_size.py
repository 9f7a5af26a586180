from lab.runtime.native.crew_size import (
    LARGEST_CREW,
    LARGEST_WITHOUT_SHARING,
    SMALLEST_CREW,
    crew_size,
)


def test_small_labs_share_nothing() -> None:
    """There a process can be told, killed and looked at by the name of its host."""
    assert crew_size(LARGEST_WITHOUT_SHARING, processors=2) == 1
    assert crew_size(LARGEST_WITHOUT_SHARING + 1, processors=1) == LARGEST_WITHOUT_SHARING + 1


def test_a_lab_has_as_many_crews_as_the_machine_has_processors() -> None:
    assert crew_size(20, processors=2) == 10
    assert crew_size(101, processors=2) == 51
    assert crew_size(101, processors=4) == 26


def test_crews_are_neither_small_nor_large() -> None:
    for hosts in (17, 25, 101, 400):
        assert crew_size(hosts, processors=64) >= SMALLEST_CREW
        assert crew_size(hosts, processors=1) <= LARGEST_CREW


def test_all_crews_are_about_as_large() -> None:
    """None is left with the one host that is too many for the others."""
    assert crew_size(LARGEST_CREW + 1, processors=1) == 33
