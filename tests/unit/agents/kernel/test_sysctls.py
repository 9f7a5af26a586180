"""Where a sysctl lies."""

from agents.kernel.sysctls import path


def test_dots_become_directories() -> None:
    assert path("net.ipv4.ip_forward") == "/proc/sys/net/ipv4/ip_forward"


def test_a_devices_own_dots_are_written_as_slashes() -> None:
    """As sysctl(8) does."""
    assert path("net.ipv4.conf.eth0/7.rp_filter") == "/proc/sys/net/ipv4/conf/eth0.7/rp_filter"
