"""Sysctls of the namespace that the calling thread is in.

``/proc/sys/net`` shows the namespace of the thread that looks, not of its
process (unlike ``/proc/net``), so neither a mount nor a process is needed.
"""

import os

_ROOT = "/proc/sys/"
_IPV6 = "net.ipv6."


def path(name: str) -> str:
    """The file of a dotted name; a device's own dots are written as slashes."""
    return _ROOT + name.translate(_SWAPPED)


_SWAPPED = str.maketrans("./", "/.")


def read(name: str) -> str | None:
    """The value, blanks between numbers single; None where there is no such sysctl."""
    try:
        descriptor = os.open(path(name), os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        return " ".join(os.read(descriptor, 4096).decode().split())
    finally:
        os.close(descriptor)


def write(name: str, value: str) -> None:
    """Set a sysctl. On a machine that was started without IPv6 those of IPv6 are nothing to set.

    Raises:
        OSError: ENOENT, there is none of that name; EINVAL, the value is refused.
    """
    try:
        descriptor = os.open(path(name), os.O_WRONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        if name.startswith(_IPV6) and not os.path.exists(path(_IPV6)):
            return
        raise
    try:
        os.write(descriptor, value.encode())
    finally:
        os.close(descriptor)
