"""The instance metadata service: who is answered, and with what."""

import json

import h11
import pytest

from agents.workloads.exchange import Answer
from agents.workloads.metadata import metadata_service

DOCUMENT = json.dumps({"compute": {"name": "vm1"}, "network": {"interface": [{"mac": "aa"}]}})
VERSION = "api-version=2021-02-01"


def ask(target: str, *, method: str = "GET", **headers: str) -> Answer:
    pairs = {"Host": "169.254.169.254", "Metadata": "true"} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    request = h11.Request(method=method, target=target, headers=list(pairs.items()))
    return metadata_service(DOCUMENT)(request)


@pytest.mark.parametrize(
    ("target", "body"),
    [
        (f"/metadata/instance?{VERSION}", DOCUMENT),
        (f"/metadata/instance/compute?{VERSION}", '{"name": "vm1"}'),
        (f"/metadata/instance/compute/name?{VERSION}&format=text", "vm1"),
        (f"/metadata/instance/network/interface/0/mac?{VERSION}&format=text", "aa"),
        (f"/metadata/instance?{VERSION}&format=text", "compute/\nnetwork/"),
        (f"/metadata/instance/network/interface?{VERSION}&format=text", "0/"),
        ("/metadata/instance?Api-Version=2021-12-13", DOCUMENT),
    ],
)
def test_any_part_of_the_document_can_be_asked_for(target: str, body: str) -> None:
    answer = ask(target)
    assert (answer.status, answer.body.decode()) == (200, body)


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("/metadata/instance", 400),
        ("/metadata/instance?api-version=1999-01-01", 400),
        (f"/metadata/instance/compute/name?{VERSION}", 400),
        (f"/metadata/instance/compute/nobody?{VERSION}", 404),
        (f"/metadata/instance/network/interface/1?{VERSION}", 404),
        (f"/{VERSION}", 400),
        (f"/?{VERSION}", 200),
    ],
)
def test_what_cannot_be_answered(target: str, status: int) -> None:
    assert ask(target).status == status


def test_who_does_not_say_that_he_means_it_is_refused() -> None:
    """A request that a browser or a proxy was talked into."""
    target = f"/metadata/instance?{VERSION}"
    assert ask(target, Metadata="false").status == 400
    assert ask(target, X_Forwarded_For="10.0.0.9").status == 400
    assert ask(target, method="POST").status == 405
    assert ask(target, Metadata="True").status == 200


def test_versions_are_told_to_whoever_may_ask() -> None:
    assert json.loads(ask("/metadata/versions").body)["apiVersions"][0] == "2021-02-01"
