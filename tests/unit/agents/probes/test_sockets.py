import errno
import socket

import pytest

from agents.probes.sockets import failure_of, family_of
from agents.probes.tool import ProbeError


@pytest.mark.parametrize(
    ("number", "word"),
    [
        (errno.ECONNREFUSED, "refused"),
        (errno.ETIMEDOUT, "timeout"),
        (errno.EHOSTUNREACH, "unreachable"),
        (errno.ENETUNREACH, "unreachable"),
        (errno.EPERM, "prohibited"),
    ],
)
def test_what_the_wire_answered_in_one_word(number: int, word: str) -> None:
    assert failure_of(OSError(number, "text")) == word


def test_our_own_deadline_is_a_timeout_too() -> None:
    assert failure_of(TimeoutError()) == "timeout"


def test_an_error_without_a_word_keeps_its_name() -> None:
    assert failure_of(OSError(errno.EADDRNOTAVAIL, "text")) == "EADDRNOTAVAIL"


def test_family_follows_the_address() -> None:
    assert family_of("10.0.0.4") == socket.AF_INET
    assert family_of("fd00::1") == socket.AF_INET6


def test_a_name_is_refused_because_the_place_can_not_resolve_it_for_a_socket() -> None:
    with pytest.raises(ProbeError, match="'nginx' is no address"):
        family_of("nginx")
