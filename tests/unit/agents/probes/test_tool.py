import pytest

from agents.probes.tool import Output, ProbeError, refuse_missing_tool, tool_environment


def finished(exit_code: int, stderr: bytes) -> Output:
    return Output(exit_code=exit_code, stdout=b"", stderr=stderr)


def test_a_missing_tool_is_no_result() -> None:
    with pytest.raises(ProbeError, match="tcpdump is not installed"):
        refuse_missing_tool(finished(127, b"vnetlab: 1: exec: tcpdump: not found"), tool="tcpdump")


def test_a_tool_that_nsenter_could_not_find_is_missing_too() -> None:
    said = b"nsenter: failed to execute ping: No such file or directory"
    with pytest.raises(ProbeError, match="ping is not installed"):
        refuse_missing_tool(finished(127, said), tool="ping")


def test_a_place_that_is_gone_is_no_result() -> None:
    with pytest.raises(ProbeError, match="can't be entered"):
        refuse_missing_tool(finished(1, b"nsenter: cannot open /x/pod-1: No such file"), tool="dig")


def test_a_tools_own_failure_is_a_result() -> None:
    refuse_missing_tool(finished(2, b"ping: connect: Network is unreachable"), tool="ping")
    refuse_missing_tool(finished(127, b"the user's script ended with 127"), tool="sh")


def test_tools_speak_untranslated_and_the_system_folders_are_searched_last() -> None:
    environment = tool_environment({"PATH": "/opt/bin:/usr/bin", "LANG": "de_DE", "HOME": "/x"})
    assert environment["LC_ALL"] == "C.UTF-8"
    assert environment["HOME"] == "/x"
    assert environment["PATH"].split(":")[:2] == ["/opt/bin", "/usr/bin"]
    assert "/usr/sbin" in environment["PATH"].split(":")
