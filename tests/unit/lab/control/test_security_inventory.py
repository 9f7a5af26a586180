"""Security groups as rows."""

from ipaddress import IPv4Address, IPv4Network

from lab.cloud.security_group import DEFAULT_RULES, EvaluatedRule
from lab.compile.security import GroupInPlace
from lab.contract.node_state import NetworkContainer, SecurityGate, Vswitch
from lab.control.security_inventory import security_paths, security_rules
from lab.topology.security import Direction

GATE = SecurityGate(name="nic vm1", network_security_group="nsg1", rules=())


def test_a_rule_is_shown_as_written_and_as_evaluated() -> None:
    evaluated = EvaluatedRule(
        rule=DEFAULT_RULES[0],
        sources=(IPv4Network("10.0.0.0/16"),),
        destinations=(IPv4Network("10.0.0.0/16"),),
    )
    group = GroupInPlace(
        place="nic vm1",
        network_security_group="nsg1",
        direction=Direction.INBOUND,
        rules=(evaluated,),
        gate=GATE,
    )
    (row,) = security_rules(group)

    assert (row.place, row.direction, row.priority) == ("nic vm1", "Inbound", 65000)
    assert (row.name, row.access, row.protocol) == ("AllowVnetInBound", "Allow", "*")
    assert list(row.source) == ["VirtualNetwork"]
    assert list(row.expanded_source) == ["10.0.0.0/16"]
    assert list(row.destination_ports) == ["*"]


def test_paths_name_the_places_in_order() -> None:
    vswitch = Vswitch(
        underlay_address=IPv4Address("198.18.0.4"),
        node=NetworkContainer(inbound=(GATE,)),
        pods=NetworkContainer(outbound=(GATE, GATE)),
    )

    assert [
        (each.container, each.direction, list(each.places)) for each in security_paths(vswitch)
    ] == [
        ("node", "Inbound", ["nic vm1"]),
        ("pods", "Outbound", ["nic vm1", "nic vm1"]),
    ]
