import asyncio
from itertools import islice

import pytest

from agents import dialling
from agents.dialling import Backoff, Line, knock
from lab.contract.credentials import Credentials


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


class Channel:
    """A channel that says whether it is closed."""

    def __init__(self, target: str, credentials: Credentials | None) -> None:
        del target, credentials
        self.closed = False

    async def close(self, *, grace: float | None) -> None:
        del grace
        self.closed = True


@pytest.fixture
def line(monkeypatch: pytest.MonkeyPatch) -> Line:
    monkeypatch.setattr(dialling, "channel_to", Channel)
    return Line("unix:/nonexistent/cloud.sock")


async def test_sessions_of_a_process_share_a_channel(line: Line) -> None:
    async with line.channel() as one, line.channel() as other:
        assert one is other


async def test_a_session_that_begins_after_another_has_ended_dials_anew(line: Line) -> None:
    """What ended it may have been the channel: nothing of it may delay the next attempt."""
    async with line.channel() as lasting:
        async with line.channel():
            pass
        async with line.channel() as new:
            assert new is not lasting


async def test_a_host_that_goes_takes_nothing_from_those_that_stay(line: Line) -> None:
    async with line.channel() as lasting:
        with pytest.raises(asyncio.CancelledError):
            async with line.channel():
                raise asyncio.CancelledError
        async with line.channel() as again:
            assert again is lasting


async def test_a_channel_is_closed_by_the_last_session_that_has_it(line: Line) -> None:
    async with line.channel():
        async with line.channel() as channel:
            pass
        assert not channel.closed
    assert channel.closed
    with pytest.raises(asyncio.CancelledError):
        async with line.channel() as channel:
            raise asyncio.CancelledError
    assert channel.closed
    async with line.channel() as new:
        assert not new.closed
