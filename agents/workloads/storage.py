"""A storage account: whom it lets in, and what it tells them (semantics 2.7). Without I/O.

It says what it knows of who asks: the private endpoint by which a request came, or
the subnet whose service endpoint showed a private address.
"""

import json
from dataclasses import dataclass
from http import HTTPStatus
from ipaddress import IPv4Network, ip_address
from typing import Any

import h11

from agents.workloads.exchange import Answer, Client, Identity, Respond, described, json_answer

RULES = "NETWORK_RULES"
"""Variable of the container's environment that has the rules, as JSON."""

_DENIED = "AuthorizationFailure: this request is not authorized to perform this operation"


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who asks, as far as the account can tell."""

    allowed: bool
    private_endpoint: str | None = None
    subnet: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkRules:
    """Who gets in."""

    public: bool
    """Whether anybody does other than by private endpoints."""
    allow: bool
    """What holds for everybody whom no rule names."""
    addresses: tuple[IPv4Network, ...]
    subnets: dict[IPv4Network, tuple[str, bool]]
    """Name, and whether it gets in, by prefix: those with a service endpoint."""
    private_endpoints: dict[str, str]
    """Name by address."""

    def caller(self, client: Client) -> Caller:
        """Who `client` is."""
        if name := self.private_endpoints.get(client.reached):
            return Caller(allowed=True, private_endpoint=name)
        address = ip_address(client.address)
        for prefix, (name, named) in self.subnets.items():
            if address in prefix:
                return Caller(allowed=self.public and (named or self.allow), subnet=name)
        named = any(address in prefix for prefix in self.addresses)
        return Caller(allowed=self.public and (named or self.allow))


def network_rules(text: str) -> NetworkRules:
    """The rules of a container's environment. Raises ValueError or KeyError for other text."""
    fields: dict[str, Any] = json.loads(text)
    return NetworkRules(
        public=fields["public"],
        allow=fields["allow"],
        addresses=tuple(map(IPv4Network, fields["addresses"])),
        subnets={
            IPv4Network(prefix): (each["name"], each["allow"])
            for prefix, each in fields["subnets"].items()
        },
        private_endpoints=fields["private_endpoints"],
    )


def storage_account(rules: NetworkRules, identity: Identity, client: Client) -> Respond:
    """Answers as the account does: with 403 who may not."""
    caller = rules.caller(client)

    def respond(request: h11.Request) -> Answer:
        known = {"privateEndpoint": caller.private_endpoint, "subnet": caller.subnet}
        document = described(identity, client, request) | known
        if caller.allowed:
            return json_answer(document)
        return json_answer(document | {"error": _DENIED}, status=HTTPStatus.FORBIDDEN)

    return respond
