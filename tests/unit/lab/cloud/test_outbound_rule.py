"""Ports of shared addresses, member by member."""

import pytest

from lab.cloud.outbound_rule import automatic_ports, leases, room
from lab.topology.load_balancer import FrontendIPConfiguration, LoadBalancer, OutboundRule


def balancer(frontends: int, ports: int = 0) -> LoadBalancer:
    names = tuple(f"front{number}" for number in range(frontends))
    rule = OutboundRule(
        name="rule",
        frontend_ip_configurations=names,
        backend_address_pool="pool",
        allocated_outbound_ports=ports,
    )
    return LoadBalancer(
        name="lb1",
        frontend_ip_configurations=tuple(
            FrontendIPConfiguration(name=name, public_ip_address=name) for name in names
        ),
        backend_address_pools=(),
        outbound_rules=(rule,),
    )


def ranges(made: LoadBalancer, members: int) -> list[tuple[str, int, int, int]]:
    found = leases(made, {"pool": [f"m{number}" for number in range(members)]})
    return [(each.member, each.frontend, each.ports.first, each.ports.last) for each in found]


@pytest.mark.parametrize(
    ("members", "ports"),
    [(1, 1024), (50, 1024), (51, 512), (100, 512), (101, 256), (200, 256), (201, 128), (400, 128),
     (401, 64), (800, 64), (801, 32), (1000, 32)],
)  # fmt: skip
def test_the_table_halves_ports_with_the_size_of_the_pool(members: int, ports: int) -> None:
    """Semantics 2.6. The member that makes them 51 takes half of everybody's ports."""
    assert automatic_ports(members) == ports
    found = ranges(balancer(1), members)
    assert {last - first + 1 for _, _, first, last in found} == {ports}
    assert len(found) == members
    assert max(last for _, _, _, last in found) < 1024 + 64_000


def test_without_a_number_a_member_has_ports_of_every_address() -> None:
    assert ranges(balancer(2), 2) == [
        ("m0", 0, 1024, 2047),
        ("m0", 1, 1024, 2047),
        ("m1", 0, 2048, 3071),
        ("m1", 1, 2048, 3071),
    ]


def test_with_a_number_members_take_addresses_in_turn() -> None:
    assert ranges(balancer(2, 32_000), 4) == [
        ("m0", 0, 1024, 33_023),
        ("m1", 1, 1024, 33_023),
        ("m2", 0, 33_024, 65_023),
        ("m3", 1, 33_024, 65_023),
    ]


def test_who_finds_no_room_gets_none() -> None:
    """64000 / ports x addresses is the largest number of nodes (AKS)."""
    made = balancer(2, 32_000)
    assert room(made.outbound_rules[0]) == 4
    assert len(ranges(made, 5)) == 4
