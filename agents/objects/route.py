"""Unicast routes."""

from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

MAIN_TABLE = 254

RouteKey = tuple[int, IPv4Network | IPv6Network, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A unicast route; what leads there is either a nexthop object or link and gateway."""

    prefix: IPv4Network | IPv6Network
    origin: int
    """An `Origin`, or a foreign protocol number."""
    table: int = MAIN_TABLE
    metric: int = 0
    nexthop: int | None = None
    """Number of a nexthop object; then `link` and `gateway` are None."""
    link: str | None = None
    gateway: IPv4Address | IPv6Address | None = None
    on_link: bool = False
    """The gateway is reachable through `link` even though no prefix says so."""
    source: IPv4Address | IPv6Address | None = None
    """Preferred source address of packets that start here."""
    _hash: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_hash", hash((self.prefix, self.table)))

    def __hash__(self) -> int:
        # Cheap: there are hundreds of routes, and each round compares them all.
        return self._hash

    @property
    def key(self) -> RouteKey:
        """What the kernel allows once per namespace (type of service aside)."""
        return (self.table, self.prefix, self.metric)
