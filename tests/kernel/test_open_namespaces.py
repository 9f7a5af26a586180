"""Sockets that stay open in namespaces that stay."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from agents.kernel import links
from agents.kernel.namespaces import NamespaceDirectory
from agents.kernel.open_namespaces import OpenNamespaces
from tests.kernel.hosts import namespaces


@pytest.fixture
def pins(tmp_path: Path) -> Iterator[NamespaceDirectory]:
    with namespaces(tmp_path, "host", "node", "pod-1") as pins:
        yield pins


@pytest.fixture
def opened(pins: NamespaceDirectory) -> Iterator[OpenNamespaces]:
    opened = OpenNamespaces(pins)
    yield opened
    opened.close()


def test_a_socket_stays_open(opened: OpenNamespaces) -> None:
    socket = opened.socket("host")
    assert socket is not None
    assert opened.socket("host") is socket
    assert opened.socket("node") is not socket


def test_devices_are_those_of_the_sockets_namespace(opened: OpenNamespaces) -> None:
    socket = opened.socket("host")
    assert socket is not None
    assert links.index_of("lo", socket) == 1
    with pytest.raises(OSError, match="No such device"):
        links.index_of("nic", socket)


def test_pods_end_whenever_they_end(opened: OpenNamespaces) -> None:
    assert opened.socket("pod-1") is None


def test_another_namespace_that_has_taken_the_name_is_the_one(
    opened: OpenNamespaces, pins: NamespaceDirectory
) -> None:
    before = opened.socket("host")
    assert before is not None
    known = before.namespace_cookie()
    pins.remove("host")
    assert opened.socket("host") is None
    with pins.inside_new("host"):
        pass
    after = opened.socket("host")
    assert after is not None
    assert after.namespace_cookie() != known
