"""Has new devices send at once, rather than when the kernel comes round to them.

A device whose other end came up gets its queue from a work item of the kernel,
which waits for the machine-wide lock of all network configuration. Until then
it drops what it is given, silently. Asking a device for its link has the kernel
do that item now (Linux 6.8; before that, asking changes nothing).
"""

import array
import fcntl
import socket
import struct
from collections.abc import Iterable

_SIOCETHTOOL = 0x8946
_ETHTOOL_GLINK = 0x0000000A


def settle(names: Iterable[str] | None = None) -> None:
    """Bring what is known of links into effect; of all devices of this namespace unless named.

    A device that has gone meanwhile, or has no link to ask for, is passed over.
    """
    if names is None:
        # A bridge has its link from its ports, which came after it.
        names = [name for _, name in sorted(socket.if_nameindex(), reverse=True)]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as asking:
        for name in names:
            question = array.array("I", [_ETHTOOL_GLINK, 0])
            request = struct.pack("16sP16x", name.encode(), question.buffer_info()[0])
            try:
                fcntl.ioctl(asking, _SIOCETHTOOL, request)
            except OSError:
                continue
