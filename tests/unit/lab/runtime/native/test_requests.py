from ipaddress import IPv4Address

import pytest

from lab.runtime.native.requests import (
    CapsuleStatus,
    Provide,
    Provided,
    Question,
    Status,
    Unintelligible,
    decode_provided,
    decode_question,
    decode_status,
    encode,
)
from lab.runtime.provider import Host

HOSTS = (
    Host(name="node-1", underlay_address=IPv4Address("198.18.0.10")),
    Host(name="node-2", underlay_address=IPv4Address("198.18.0.11")),
)


@pytest.mark.parametrize("question", [Provide(hosts=HOSTS), Provide(hosts=(), crew=10), Status()])
def test_a_question_arrives_as_it_was_sent_on_one_line(question: Question) -> None:
    line = encode(question)

    assert line.index(b"\n") == len(line) - 1
    assert decode_question(line) == question


def test_answers_arrive_as_they_were_sent_on_one_line() -> None:
    provided = Provided(hosts=1, failures={"node-2": "no space\nleft"})
    status = CapsuleStatus(lab="a", hosts=HOSTS, processes={"cloud": 2}, restarts=3)

    for line in (encode(provided), encode(status)):
        assert line.index(b"\n") == len(line) - 1
    assert decode_provided(encode(provided)) == provided
    assert decode_status(encode(status)) == status


@pytest.mark.parametrize(
    "line",
    [
        b"\n",
        b"[]\n",
        b"{}\n",
        b'{"provide": 3}\n',
        b'{"provide": []}\n',
        b'{"provide": [], "crew": 0}\n',
        b'{"provide": [["node-1"]], "crew": 1}\n',
        b'{"provide": [["node-1", "not an address"]], "crew": 1}\n',
        b'{"destroy": null}\n',
    ],
)
def test_any_other_line_is_unintelligible(line: bytes) -> None:
    for decode in (decode_question, decode_provided, decode_status):
        with pytest.raises(Unintelligible):
            decode(line)
