from agents.restarts import Restarts


def test_the_first_restart_is_at_once_and_each_later_one_waits_longer_up_to_a_bound() -> None:
    restarts = Restarts(first=1, bound=5, settled=10)

    assert [restarts.wait_after(0) for _ in range(5)] == [0, 1, 2, 4, 5]


def test_a_process_that_had_settled_starts_again_at_once() -> None:
    restarts = Restarts(first=1, bound=5, settled=10)
    for _ in range(3):
        restarts.wait_after(0)

    assert [restarts.wait_after(lived) for lived in (10, 9)] == [0, 1]
