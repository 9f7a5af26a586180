import pytest

from lab.checks.expectations import Dns, Http, Packets, Ping, Tcp, Udp, expected_of
from lab.topology.model import Expectation


def expect(**values: object) -> Expectation:
    return Expectation(values=values)


def test_defaults_are_the_schemas() -> None:
    expected = expected_of(expect(ping={}, http={}, tcp={"port": 80}, udp={"port": 7}))
    assert expected.ping == Ping(count=3, ttl=None, loss=0, size=56)
    assert expected.http == Http(scheme="http", port=None, host="", path="/", status=None)
    assert expected.tcp == Tcp(port=80, result="connected")
    assert expected.udp == Udp(port=7, result="answered")


@pytest.mark.parametrize(("value", "loss"), [(True, 0), (False, 100)])
def test_reachable_is_short_for_ping(value: bool, loss: int) -> None:
    assert expected_of(expect(reachable=value)).ping == Ping(loss=loss)


def test_dns_answers_left_out_are_not_asked_while_none_at_all_are() -> None:
    assert expected_of(expect(dns={"name": "a"})).dns == Dns(name="a", answers=None)
    assert expected_of(expect(dns={"name": "a", "answers": ()})).dns == Dns(name="a", answers=())


def test_captures_keep_their_order_and_defaults() -> None:
    packets = expected_of(
        expect(packets=({"on": "vm/a"}, {"on": "vm/b", "interface": "cbr0", "seen": False}))
    ).packets
    assert packets == (
        Packets(on="vm/a", interface="eth0", filter="ip", seen=True),
        Packets(on="vm/b", interface="cbr0", seen=False),
    )


def test_captures_alone_are_given_a_ping_to_see() -> None:
    alone = expected_of(expect(packets=({"on": "vm/a"},)))
    assert alone.ping is None
    assert alone.carrier == Ping()


def test_captures_beside_a_question_see_that_question() -> None:
    assert expected_of(expect(tcp={"port": 80}, packets=({"on": "vm/a"},))).carrier is None


def test_only_http_tells_its_source_without_a_capture() -> None:
    assert expected_of(expect(sourceSeen="podIP", tcp={"port": 80})).source_by_capture
    assert expected_of(expect(sourceSeen="podIP")).source_by_capture
    assert not expected_of(expect(sourceSeen="podIP", http={})).source_by_capture


def test_what_captures_does_not_run_beside_others() -> None:
    assert expected_of(expect(packets=({"on": "vm/a"},))).watches
    assert expected_of(expect(sourceSeen="nodeIP")).watches
    assert not expected_of(expect(sourceSeen="nodeIP", http={})).watches
    assert not expected_of(expect(ping={})).watches
