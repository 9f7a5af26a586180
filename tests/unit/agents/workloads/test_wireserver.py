"""What the host answers over HTTP."""

import h11
import pytest

from agents.workloads.exchange import Answer
from agents.workloads.wireserver import wireserver


def ask(target: str, method: str = "GET") -> Answer:
    request = h11.Request(method=method, target=target, headers=[("Host", "168.63.129.16")])
    return wireserver("<Interfaces/>")(request)


def test_azure_cni_is_told_the_addresses() -> None:
    """Semantics 2.4, in either order of the query."""
    for query in ("comp=nmagent&type=getinterfaceinfov1", "type=getinterfaceinfov1&comp=nmagent"):
        answer = ask(f"/machine/plugins?{query}")
        assert (answer.status, answer.body) == (200, b"<Interfaces/>")
        assert answer.content_type == b"text/xml; charset=utf-8"


def test_the_guest_agent_is_told_the_versions() -> None:
    assert b"<Version>2015-04-05</Version>" in ask("/?comp=versions").body


@pytest.mark.parametrize(
    ("target", "method", "status"),
    [
        ("/", "GET", 404),
        ("/machine/plugins?comp=nmagent", "GET", 404),
        ("/machine?comp=goalstate", "GET", 404),
        ("/?comp=versions", "PUT", 405),
    ],
)
def test_nothing_else_is_there(target: str, method: str, status: int) -> None:
    assert ask(target, method).status == status
