"""Policy routing rules."""

from dataclasses import dataclass
from ipaddress import IPv4Network

LOCAL_TABLE = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """An IPv4 rule that sends a lookup to a table."""

    priority: int
    table: int
    origin: int
    incoming: str | None = None
    """Only for packets that came in through this device."""
    source: IPv4Network | None = None
    """Only for packets from there."""
    mark: int | None = None
    """Only for packets that bear it."""
    destination: IPv4Network | None = None
    """Only for packets to there."""
