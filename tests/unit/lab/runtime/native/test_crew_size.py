from lab.runtime.native.crew_size import LARGEST_CREW, LARGEST_WITHOUT_SHARING, crew_size


def test_small_labs_share_nothing() -> None:
    """There a process can be told, killed and looked at by the name of its host."""
    assert crew_size(LARGEST_WITHOUT_SHARING) == 1
    assert crew_size(LARGEST_WITHOUT_SHARING + 1) == LARGEST_CREW
