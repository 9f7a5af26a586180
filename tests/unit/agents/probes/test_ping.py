"""Parsed from what iputils ping 20221126 printed."""

from agents.probes.ping import command_of, looks_up_a_name, result_of
from agents.probes.tool import Output
from lab.contract.v1.agent_pb2 import PingProbe

ANSWERED = b"""\
PING 10.244.0.6 (10.244.0.6) 56(84) bytes of data.
64 bytes from 10.244.0.6: icmp_seq=1 ttl=62 time=0.186 ms
64 bytes from 10.244.0.6: icmp_seq=2 ttl=62 time=0.051 ms
64 bytes from 10.244.0.6: icmp_seq=3 ttl=61 time=1075 ms

--- 10.244.0.6 ping statistics ---
3 packets transmitted, 3 received, 0% packet loss, time 406ms
rtt min/avg/max/mdev = 0.051/0.104/1075.000/0.058 ms
"""

SILENT = b"""\
PING 10.2.0.9 (10.2.0.9) 56(84) bytes of data.

--- 10.2.0.9 ping statistics ---
3 packets transmitted, 0 received, 100% packet loss, time 407ms

"""

REFUSED_BY_A_ROUTER = b"""\
PING 10.9.9.9 (10.9.9.9) 56(84) bytes of data.
From 10.0.0.1 icmp_seq=1 Destination Host Unreachable

--- 10.9.9.9 ping statistics ---
1 packets transmitted, 0 received, +1 errors, 100% packet loss, time 0ms

"""


def finished(stdout: bytes = b"", *, stderr: bytes = b"", exit_code: int = 0) -> Output:
    return Output(exit_code=exit_code, stdout=stdout, stderr=stderr)


def test_ttl_and_time_of_every_reply_in_order() -> None:
    result = result_of(finished(ANSWERED))
    assert (result.sent, result.received) == (3, 3)
    assert list(result.ttls) == [62, 62, 61]
    assert list(result.round_trip_ms) == [0.186, 0.051, 1075.0]


def test_silence_is_a_result_with_nothing_received() -> None:
    result = result_of(finished(SILENT, exit_code=1))
    assert (result.sent, result.received, list(result.ttls)) == (3, 0, [])


def test_an_icmp_error_is_no_reply() -> None:
    result = result_of(finished(REFUSED_BY_A_ROUTER, exit_code=1))
    assert (result.sent, result.received, list(result.ttls)) == (1, 0, [])
    assert "Destination Host Unreachable" in result.output


def test_no_route_sends_nothing_and_keeps_pings_words() -> None:
    result = result_of(finished(stderr=b"ping: connect: No route to host\n", exit_code=2))
    assert (result.sent, result.received) == (0, 0)
    assert result.output == "ping: connect: No route to host"


def test_defaults_are_three_requests_at_the_pace_every_user_may_ask_for() -> None:
    command = command_of(PingProbe(destination="10.0.0.5"), deadline=5)
    assert command[:6] == ["ping", "-n", "-c", "3", "-i", "0.2"]
    assert command[-2:] == ["--", "10.0.0.5"]
    assert "-s" not in command


def test_the_last_request_waits_for_the_rest_of_the_deadline() -> None:
    command = command_of(PingProbe(destination="10.0.0.5", count=5, interval=1), deadline=6)
    assert command[command.index("-W") + 1] == "1.80"


def test_a_deadline_shorter_than_the_requests_still_waits_for_something() -> None:
    command = command_of(PingProbe(destination="10.0.0.5", count=50, interval=1), deadline=6)
    assert float(command[command.index("-W") + 1]) > 0


def test_size_is_passed_on() -> None:
    command = command_of(PingProbe(destination="10.0.0.5", size=1472), deadline=5)
    assert command[command.index("-s") + 1] == "1472"


def test_only_a_name_has_to_be_looked_up() -> None:
    """An address needs no resolv.conf, so the place is entered without its files."""
    assert looks_up_a_name(PingProbe(destination="nginx.default"))
    assert not looks_up_a_name(PingProbe(destination="10.244.0.6"))
    assert not looks_up_a_name(PingProbe(destination="fe80::1"))
