"""The virtual switch's own table, as text."""

from dataclasses import replace
from ipaddress import IPv4Address, IPv4Interface

from agents.render.nft import vswitch_ruleset
from lab.contract.node_state import Nic

NIC = Nic(
    mac="00:0d:3a:00:00:01",
    primary=IPv4Interface("10.0.0.4/22"),
    gateway=IPv4Address("10.0.0.1"),
)


def text(nic: Nic) -> str:
    return "\n".join(vswitch_ruleset(nic, nic_link="nic", internet_link="inet0").rules)


def test_a_machine_without_a_public_address() -> None:
    """Anti-spoofing both ways (semantics 1.7), a silent gateway (1.4), no way out."""
    assert (
        text(NIC)
        == """\
chain from_nic {
  type filter hook prerouting priority raw;
  iifname "nic" ip daddr 10.0.0.1 drop
  iifname "nic" ip daddr { 224.0.0.0/4, 255.255.255.255 } drop
  iifname "nic" ip saddr != 10.0.0.4 drop
}
chain forwarded {
  type filter hook forward priority filter;
  oifname "nic" ip daddr != 10.0.0.4 drop
  oifname "inet0" drop
}
chain own {
  type filter hook output priority filter;
  oifname "nic" drop
}"""
    )


def test_a_forwarding_node_with_a_public_address() -> None:
    """IP forwarding lifts anti-spoofing; what leaves for the Internet is translated."""
    nic = replace(NIC, enable_ip_forwarding=True, public_address=IPv4Address("20.50.0.10"))
    assert (
        text(nic)
        == """\
chain from_nic {
  type filter hook prerouting priority raw;
  iifname "nic" ip daddr 10.0.0.1 drop
  iifname "nic" ip daddr { 224.0.0.0/4, 255.255.255.255 } drop
}
chain forwarded {
  type filter hook forward priority filter;
  oifname "nic" ip daddr 20.50.0.10 drop
}
chain own {
  type filter hook output priority filter;
  oifname "nic" drop
}
chain translated {
  type nat hook postrouting priority srcnat;
  oifname "inet0" snat to 20.50.0.10
}"""
    )


def test_connections_are_tracked_only_where_something_is_translated() -> None:
    """A nat chain has the kernel track every packet of the namespace."""
    assert "type nat" not in text(NIC)
    assert "type nat" in text(replace(NIC, public_address=IPv4Address("20.50.0.10")))


def test_a_guest_may_have_its_public_address_itself() -> None:
    """As hosts of the Internet do: then what comes for it is no stranger's."""
    nic = replace(NIC, enable_ip_forwarding=True, public_address=NIC.primary.ip)
    assert f'oifname "nic" ip daddr {NIC.primary.ip} drop' not in text(nic)
