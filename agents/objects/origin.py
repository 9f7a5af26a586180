"""Who put a route, rule, neighbour or nexthop there: the kernel's "protocol" numbers.

The number is our mark of ownership wherever the kernel can carry one. In the
namespaces that a person looks at we use the numbers that the genuine component
would have used, so that ``ip route`` prints what a captured node prints.
"""

from enum import IntEnum


class Origin(IntEnum):
    """The values of ``rtm_protocol`` that we deal in; others are foreign."""

    UNKNOWN = 0
    """Nobody says: tools print nothing for it."""

    KERNEL = 2
    """Follows from an address, or made with the namespace."""

    BOOT = 3
    """What CNI plugins write: ``ip route`` prints no protocol for it."""

    DHCP = 16
    """The default route that Azure's DHCP server hands to a node."""

    VNETLAB = 118
    """The virtual switch; no routing daemon has registered the number."""
