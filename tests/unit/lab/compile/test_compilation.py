"""A whole lab: same input, same bytes; a change changes only what differs."""

from ipaddress import IPv4Address, IPv4Network

import pytest

from lab.compile import Compilation, Ledger
from lab.compile.ledger_json import from_json, to_json
from lab.contract.state_parts import assembled
from lab.topology.egress import PublicIPAddress, PublicIPAddressSku
from lab.topology.security import NetworkSecurityGroup
from tests.unit.lab.compile.labs import (
    INTERNET,
    NODE0,
    NODE1,
    NODE2,
    cluster,
    compiled,
    deployment,
    documented,
    lab,
    machine,
    network,
    pool,
    route,
    routes,
    subnet,
)


def encoded(found: Compilation) -> dict[str, bytes]:
    return {name: found.encoded(name) for name in found.nodes}


def user_routes(found: Compilation) -> list[tuple[str, str]]:
    return [
        (each.name, str(each.address_prefix))
        for each in found.effective_routes[subnet("vnet01/vlan01")]
        if each.route_table
    ]


def test_the_same_input_gives_the_same_bytes() -> None:
    first = compiled(documented(), deployment())
    again = compiled(documented(), deployment())
    assert encoded(again) == encoded(first)
    assert to_json(again.ledger) == to_json(first.ledger)


def test_a_ledger_that_was_written_and_read_gives_the_same_bytes() -> None:
    """What a cloud process does that was killed and comes back."""
    first = compiled(documented(), deployment())
    second = compiled(documented(), deployment(), previous=from_json(to_json(first.ledger)))
    assert encoded(second) == encoded(first)
    assert second.ledger == first.ledger


def test_what_is_encoded_is_the_state() -> None:
    found = compiled(documented(), deployment())
    assert {name: assembled(data) for name, data in encoded(found).items()} == found.nodes


def test_an_unknown_host_has_no_state() -> None:
    with pytest.raises(KeyError):
        compiled(documented()).encoded("nobody")


def test_another_replica_changes_its_node_only() -> None:
    first = compiled(documented(), deployment(replicas=3))
    second = compiled(documented(), deployment(replicas=4), previous=first.ledger)
    before, after = encoded(first), encoded(second)
    assert [name for name in after if after[name] != before[name]] == [NODE1]


@pytest.mark.claim("A22")
def test_each_node_adds_one_route_and_takes_it_with_it() -> None:
    """Scaled from two nodes to three and back."""
    two, three = lab(cluster(pool(2))), lab(cluster(pool(3)))
    first = compiled(two)
    second = compiled(three, previous=first.ledger)
    third = compiled(two, previous=second.ledger)
    assert user_routes(first) == [(NODE0, "10.244.0.0/24"), (NODE1, "10.244.1.0/24")]
    assert user_routes(second) == [*user_routes(first), (NODE2, "10.244.2.0/24")]
    assert user_routes(third) == user_routes(first)
    assert encoded(third) == encoded(first)


@pytest.mark.claim("A27")
def test_the_users_route_table_is_kept_and_the_cluster_adds_its_routes() -> None:
    networks = (network(vlan01=("10.0.0.0/22", "mine"), vlan02="10.0.4.0/24"),)
    made = lab(
        cluster(),
        machine("nva", enable_ip_forwarding=True),
        networks=networks,
        tables={"mine": (route("onprem", "192.168.0.0/16", "10.0.4.4"),)},
    )
    found = compiled(made)
    assert user_routes(found) == [
        ("onprem", "192.168.0.0/16"),
        (NODE0, "10.244.0.0/24"),
        (NODE1, "10.244.1.0/24"),
    ]
    tables = {each.route_table for each in found.effective_routes[subnet("vnet01/vlan01")]}
    assert tables == {"", "mine"}
    assert found.warnings == ()


@pytest.mark.claim("A23")
def test_four_hundred_nodes_have_four_hundred_routes() -> None:
    """The bound itself is the lab file's to check."""
    big = cluster(pool(400), pod_cidr=IPv4Network("10.244.0.0/15"))
    found = compiled(lab(big, INTERNET))
    assert len(user_routes(found)) == 400
    assert len(found.nodes) == 401
    assert len({state.vswitch.node.public_address for state in found.nodes.values()}) == 401
    assert len({state.vswitch.underlay_address for state in found.nodes.values()}) == 401


def test_a_lab_without_clusters_or_machines_is_no_hosts() -> None:
    found = compiled(lab())
    assert found.nodes == {}
    assert found.ledger.networks == {"vnet01": 1000}


def test_the_ledger_forgets_what_is_gone() -> None:
    first = compiled(documented(), deployment())
    second = compiled(lab(machine("vm1")), previous=first.ledger)
    assert list(second.ledger.interfaces) == ["vm1"]
    assert second.ledger.nodes == ()
    assert second.ledger.pods == {}
    assert second.ledger.public_addresses == {"vm1": IPv4Address("198.51.100.6")}


def test_a_lab_keeps_the_underlay_of_its_first_ledger() -> None:
    underlay = IPv4Network("198.18.64.0/20")
    first = compiled(documented(), previous=Ledger(underlay=underlay))
    second = compiled(documented(), previous=first.ledger)
    assert second.ledger.underlay == underlay
    assert all(row.underlay_address in underlay for row in second.hosts)


@pytest.mark.parametrize(
    ("sku", "group", "open_"),
    [
        (PublicIPAddressSku.STANDARD, None, False),
        (PublicIPAddressSku.STANDARD, "nsg1", True),
        (PublicIPAddressSku.BASIC, None, True),
    ],
)
def test_a_public_address_lets_in_what_its_kind_and_a_group_allow(
    sku: PublicIPAddressSku, group: str | None, open_: bool
) -> None:
    made = lab(
        machine("a", public_ip_address="ip1", network_security_group=group),
        INTERNET,
        public_ip_addresses=(PublicIPAddress(name="ip1", sku=sku),),
        network_security_groups=(NetworkSecurityGroup(name="nsg1", security_rules=()),),
    )
    found = compiled(made)
    container = found.nodes["a"].vswitch.node
    assert (str(container.public_address), container.accepts_inbound) == ("198.51.100.4", open_)
    assert found.ledger.public_addresses["publicIPAddresses/ip1"] == container.public_address
    assert compiled(made, previous=found.ledger).nodes == found.nodes


def test_machines_reach_public_addresses_of_others_by_way_of_the_internet() -> None:
    made = lab(
        machine("a", public_ip_address="ip1"),
        machine("b"),
        public_ip_addresses=(PublicIPAddress(name="ip1"),),
    )
    found = compiled(made)
    address = found.nodes["a"].vswitch.node.public_address
    assert routes(found, "b")[f"{address}/32"] == "out:a"
