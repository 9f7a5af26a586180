"""Gates: who meets which rules, in which order (semantics 2.3)."""

from dataclasses import replace
from ipaddress import IPv4Network

from lab.contract.node_state import NetworkContainer, SecurityProtocol, SecurityRule
from lab.topology.model import Lab
from lab.topology.route_table import RouteTable
from lab.topology.security import (
    ANYWHERE,
    Access,
    ApplicationSecurityGroup,
    Direction,
    NetworkSecurityGroup,
    Peers,
)
from lab.topology.security import SecurityRule as WrittenRule
from lab.topology.virtual_network import VirtualNetworkPeering
from tests.unit.lab.compile.labs import compiled, lab, machine, network, route


def group(name: str, *rules: WrittenRule) -> NetworkSecurityGroup:
    return NetworkSecurityGroup(name=name, security_rules=rules)


def rule(source: Peers, access: Access = Access.DENY) -> WrittenRule:
    return WrittenRule(
        name="own",
        priority=100,
        direction=Direction.INBOUND,
        access=access,
        protocol=SecurityProtocol.TCP,
        source=source,
        destination=Peers(prefixes=(ANYWHERE,)),
    )


def guarded(
    *machines: str, subnet: str | None = "wall", nic: str | None = "door", own: Peers | None = None
) -> Lab:
    """Machines in vlan01, whose subnet and network interfaces have a group each."""
    base = network(vlan01="10.0.0.0/24", vlan02="10.0.1.0/24")
    first = replace(base.subnets[0], network_security_group=subnet)
    written = (rule(own),) if own else ()
    made = lab(
        *(
            machine(name, "vnet01/vlan01", network_security_group=nic)
            for name in machines or ("vm1",)
        ),
        networks=(replace(base, subnets=(first, base.subnets[1])),),
    )
    groups = (group("wall", *written), group("door"))
    return replace(made, cloud=replace(made.cloud, network_security_groups=groups))


def container(found: Lab, name: str = "vm1") -> NetworkContainer:
    return compiled(found).nodes[name].vswitch.node


def names(found: Lab, direction: str) -> list[str]:
    return [gate.network_security_group for gate in getattr(container(found), direction)]


def own_rule(found: Lab) -> SecurityRule:
    return container(found).inbound[0].rules[0]


def test_inbound_the_subnet_comes_first_outbound_the_network_interface() -> None:
    assert names(guarded(), "inbound") == ["wall", "door"]
    assert names(guarded(), "outbound") == ["door", "wall"]


def test_without_a_group_there_is_no_gate() -> None:
    assert names(guarded(subnet=None), "inbound") == ["door"]
    assert names(guarded(nic=None), "outbound") == ["wall"]
    assert names(guarded(subnet=None, nic=None), "inbound") == []


def test_a_gate_has_its_own_rules_and_the_default_ones() -> None:
    (wall, _) = container(guarded(own=Peers(prefixes=(ANYWHERE,)))).inbound

    assert [(each.priority, each.allow) for each in wall.rules] == [
        (100, False),
        (65000, True),
        (65001, True),
        (65500, False),
    ]


def test_gates_say_where_they_stand() -> None:
    assert [gate.name for gate in container(guarded()).inbound] == [
        "subnet vnet01/vlan01",
        "nic vm1",
    ]


def test_members_of_an_application_group_are_addresses() -> None:
    found = guarded("vm1", "vm2", "vm3", own=Peers(application_security_groups=("web",)))
    web = (
        *(
            replace(each, application_security_groups=("web",))
            for each in found.virtual_machines[1:]
        ),
    )
    groups = (ApplicationSecurityGroup(name="web"),)
    found = replace(
        found,
        virtual_machines=(found.virtual_machines[0], *web),
        cloud=replace(found.cloud, application_security_groups=groups),
    )

    assert own_rule(found).sources == (IPv4Network("10.0.0.5/32"), IPv4Network("10.0.0.6/32"))


def test_the_network_is_what_the_subnets_routes_make_it() -> None:
    found = guarded(own=Peers(tags=("VirtualNetwork",)))
    table = RouteTable(name="rt", routes=(route("pods", "10.244.0.0/24", "10.0.0.4"),))
    first, second = found.cloud.virtual_networks[0].subnets
    networks = (
        replace(
            found.cloud.virtual_networks[0], subnets=(replace(first, route_table="rt"), second)
        ),
    )
    steered = replace(
        found, cloud=replace(found.cloud, virtual_networks=networks, route_tables=(table,))
    )

    assert IPv4Network("10.244.0.0/24") not in own_rule(found).sources
    assert IPv4Network("10.244.0.0/24") in own_rule(steered).sources


def test_hosts_of_the_internet_have_no_gates() -> None:
    found = compiled(guarded())
    internet = found.nodes.get("internet")

    assert internet is None or internet.vswitch.node.inbound == ()


def peered(*, forwarded: bool) -> Lab:
    """An appliance and a plain machine in hub, which spoke is a peer of."""
    hub, spoke = (
        network("hub", "10.0.0.0/16"),
        network("spoke", "10.1.0.0/16", vlan01="10.1.0.0/24"),
    )
    there = VirtualNetworkPeering(
        name="to-hub", remote_virtual_network="hub", allow_forwarded_traffic=forwarded
    )
    here = VirtualNetworkPeering(name="to-spoke", remote_virtual_network="spoke")
    return lab(
        machine("nva", "hub/vlan01", enable_ip_forwarding=True),
        machine("vm1", "hub/vlan01"),
        networks=(
            replace(hub, virtual_network_peerings=(here,)),
            replace(spoke, virtual_network_peerings=(there,)),
        ),
    )


def test_who_forwards_meets_the_peerings_last() -> None:
    found = peered(forwarded=False)

    assert [gate.name for gate in container(found, "nva").outbound] == ["peerings of hub"]
    assert container(found, "nva").inbound == ()
    assert container(found, "vm1").outbound == (), "anti-spoofing lets it send nothing foreign"


def test_a_peer_that_takes_forwarded_packets_asks_nothing() -> None:
    assert container(peered(forwarded=True), "nva").outbound == ()
