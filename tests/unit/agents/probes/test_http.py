"""Parsed from what curl 7.88 printed (reports shortened to the fields that are read)."""

import pytest

from agents.probes.http import REPORT, command_of, result_of
from agents.probes.tool import Output, ProbeError
from lab.contract.v1.agent_pb2 import HttpProbe

ANSWERED = b"""\
*   Trying 10.1.1.1:80...
* Connected to 10.1.1.1 (10.1.1.1) port 80 (#0)
> GET / HTTP/1.1
> Accept: */*
>
< HTTP/1.1 200 OK
< X-A: 1
<
{ [8 bytes data]
* Connection #0 to host 10.1.1.1 left intact

vnetlab-report 200 0
{"content-type":["application/json"],
"content-length":["8"],
"x-a":["1","2"]
}"""


def finished(stderr: bytes, *, stdout: bytes = b"", exit_code: int = 0) -> Output:
    return Output(exit_code=exit_code, stdout=stdout, stderr=stderr)


def failed(talk: str, *, exit_code: int, message: str) -> Output:
    report = f"vnetlab-report 000 {exit_code} {message}\n{{\n}}"
    return finished(f"{talk}\n{report}".encode(), exit_code=exit_code)


def test_status_headers_and_body() -> None:
    result = result_of(finished(ANSWERED, stdout=b'{"a": 1}'))
    assert result.status == 200
    assert result.body == b'{"a": 1}'
    assert result.headers["content-type"] == "application/json"
    assert result.headers["x-a"] == "1, 2"


@pytest.mark.parametrize(
    ("said", "word"),
    [
        ("* connect to 10.1.1.1 port 80 failed: Connection refused", "refused"),
        ("* connect to 10.2.0.7 port 80 failed: No route to host", "unreachable"),
        ("* Immediate connect fail for 10.99.1.1: Network is unreachable", "unreachable"),
        ("* something new", "not connected"),
    ],
)
def test_why_there_was_no_connection(said: str, word: str) -> None:
    message = "Failed to connect to 10.1.1.1 port 80 after 0 ms: Couldn't connect to server"
    result = result_of(failed(f"*   Trying 10.1.1.1:80...\n{said}", exit_code=7, message=message))
    assert result.status == 0
    assert result.failure == f"{word}: {message}"


def test_a_timeout_has_its_word() -> None:
    output = failed("", exit_code=28, message="Connection timed out after 1001 ms")
    assert result_of(output).failure == "timeout: Connection timed out after 1001 ms"


def test_an_unknown_failure_names_curls_number() -> None:
    assert result_of(failed("", exit_code=97, message="")).failure == "curl error 97: no response"


def test_a_body_that_looks_like_a_report_is_a_body() -> None:
    result = result_of(finished(ANSWERED, stdout=b"vnetlab-report {}"))
    assert result.body == b"vnetlab-report {}"


def test_a_curl_without_the_report_is_no_result() -> None:
    with pytest.raises(ProbeError, match=r"7\.83"):
        result_of(finished(b"%{stderr}", exit_code=0))


def test_the_report_never_asks_curl_for_its_version() -> None:
    """OpenLDAP's looks the host's name up, for seconds where no DNS answers."""
    assert "json}" not in REPORT.replace("%{header_json}", "")


def test_the_machines_proxy_is_never_asked() -> None:
    command = command_of(HttpProbe(url="http://10.244.0.6/"), deadline=5)
    assert command[command.index("--noproxy") + 1] == "*"


def test_headers_are_passed_on_and_the_url_is_never_an_option() -> None:
    probe = HttpProbe(url="http://10.244.0.6/", headers={"Host": "a.example", "Accept": "*/*"})
    command = command_of(probe, deadline=5)
    assert [command[i + 1] for i, word in enumerate(command) if word == "-H"] == [
        "Accept: */*",
        "Host: a.example",
    ]
    assert command[-2:] == ["--", "http://10.244.0.6/"]


def test_a_name_may_be_asked_for_at_another_address() -> None:
    probe = HttpProbe(url="https://www.example.com/", address="203.0.113.10")
    words = command_of(probe, deadline=2.0)
    assert words[words.index("--connect-to") + 1] == "::203.0.113.10:"
    assert "--connect-to" not in command_of(HttpProbe(url="http://a/"), deadline=2.0)
