from itertools import islice

import pytest

from agents.dialling import Backoff, knock


def test_waits_double_up_to_a_bound() -> None:
    assert list(islice(Backoff(first=1, bound=5).waits(), 5)) == [1, 2, 4, 5, 5]


def test_a_unix_socket_is_tried_often_because_an_attempt_costs_little() -> None:
    assert Backoff.towards("unix:/run/cloud.sock").bound <= 0.2


async def test_what_is_no_unix_socket_is_always_worth_dialling() -> None:
    """A network answers late or never: only the attempt itself can tell."""
    assert await knock("cloud:4000")


@pytest.mark.parametrize("target", ["unix:/nonexistent/cloud.sock"])
async def test_nobody_listens_where_there_is_no_socket(target: str) -> None:
    assert not await knock(target)
