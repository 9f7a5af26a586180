"""What passes an Azure firewall (semantics 2.6)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lab.contract.node_state import Prefix, SecurityRule

ANY_NAME = "*"
BELOW = "*."
"""In front of a name: all names below it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationRule:
    """A rule about names: of the Host header in HTTP, of the server name in TLS."""

    name: str
    """Of its collection and its own, for messages."""
    allow: bool
    sources: "tuple[Prefix, ...]"
    fqdns: tuple[str, ...]
    """Lower case; `BELOW` in front of a name for all below it, `ANY_NAME` for any."""
    http_ports: tuple[int, ...] = ()
    https_ports: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Firewall:
    """The first network rule that matches decides, then the first application rule; what none
    matches is denied."""

    network_rules: "tuple[SecurityRule, ...]" = ()
    application_rules: tuple[ApplicationRule, ...] = ()
    denied_status: int = 470
    """Of the answer to an HTTP request that is denied."""
