from ipaddress import IPv4Address
from pathlib import Path
from socket import socket

from lab.runtime.native import tasks
from lab.runtime.provider import Host

HOST = Host(name="node-1", underlay_address=IPv4Address("198.18.0.10"))


def test_every_process_has_a_name_of_its_own() -> None:
    """A restart and the log go by it."""
    with socket() as listener:
        names = {
            tasks.cloud().name,
            tasks.agent(HOST, Path("/a")).name,
            tasks.workloads(HOST, Path("/a"), listener).name,
        }

    assert names == {"cloud", "agent node-1", "workloads node-1"}


def test_a_process_keeps_open_only_what_it_was_given() -> None:
    with socket() as listener:
        assert tasks.workloads(HOST, Path("/a"), listener).keep == (listener.fileno(),)
    assert tasks.cloud(ready_fd=7).keep == (7,)
    assert tasks.cloud().keep == tasks.agent(HOST, Path("/a")).keep == ()
