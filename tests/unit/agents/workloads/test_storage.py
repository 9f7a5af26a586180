"""Whom a storage account lets in."""

import json
from typing import Any

import h11
import pytest

from agents.workloads.exchange import Client, Identity
from agents.workloads.storage import network_rules, storage_account

IDENTITY = Identity(
    pod=None, namespace=None, node="acct", image="storage-account", address="203.0.113.50"
)
RULES: dict[str, Any] = {
    "public": True,
    "allow": False,
    "addresses": ["203.0.113.20/32"],
    "subnets": {
        "10.0.0.0/24": {"name": "vnet/a", "allow": True},
        "10.0.1.0/24": {"name": "vnet/b", "allow": False},
    },
    "private_endpoints": {"10.0.9.10": "pe1"},
}


def ask(client: str, reached: str = "203.0.113.50", **changes: Any) -> tuple[int, dict[str, Any]]:
    rules = network_rules(json.dumps(RULES | changes))
    respond = storage_account(rules, IDENTITY, Client(address=client, port=1, reached=reached))
    answer = respond(h11.Request(method="GET", target="/", headers=[("Host", "acct")]))
    return answer.status, json.loads(answer.body)


@pytest.mark.parametrize(
    ("client", "changes", "status", "subnet"),
    [
        pytest.param("10.0.0.4", {}, 200, "vnet/a", id="a subnet that is named"),
        pytest.param("10.0.1.4", {}, 403, "vnet/b", id="one that has an endpoint only"),
        pytest.param("203.0.113.20", {}, 200, None, id="an address that is named"),
        pytest.param("203.0.113.21", {}, 403, None, id="any other"),
        pytest.param("203.0.113.21", {"allow": True}, 200, None, id="where the default allows"),
        pytest.param("10.0.1.4", {"allow": True}, 200, "vnet/b", id="and a subnet"),
        pytest.param("10.0.0.4", {"public": False}, 403, "vnet/a", id="public access disabled"),
    ],
)
def test_rules_decide(client: str, changes: Any, status: int, subnet: str | None) -> None:
    found, document = ask(client, **changes)
    assert (found, document["subnet"], document["privateEndpoint"]) == (status, subnet, None)
    assert ("error" in document) == (status == 403)


def test_no_rule_is_asked_about_a_private_endpoint() -> None:
    status, document = ask("10.9.9.9", reached="10.0.9.10", public=False)
    assert (status, document["privateEndpoint"]) == (200, "pe1")
    assert document["client"]["address"] == "10.9.9.9"
