"""Routes of subnets, computed once for those that have them in common."""

from dataclasses import replace

from lab.contract.codec import decode, encode
from lab.contract.state_parts import assembled
from lab.topology.problems import Location
from tests.unit.lab.compile.labs import (
    INTERNET,
    NODE0,
    NODE1,
    cluster,
    compiled,
    documented,
    lab,
    machine,
    network,
    route,
    routes,
    subnet,
)


def test_the_documented_deployment_reaches_pods_from_the_nodes_subnet_only() -> None:
    """Semantics 4.1, claim A25."""
    found = compiled(documented())
    local = {"10.0.0.4/32": NODE0, "10.0.0.5/32": NODE1, "10.0.4.4/32": "vm1"}
    everywhere = {"0.0.0.0/0": "drop", **local, "203.0.113.10/32": "out:internet"}
    assert routes(found, NODE0) == routes(found, NODE1)
    assert routes(found, NODE0) == {
        **everywhere,
        "10.244.0.0/24": NODE1,
        "10.244.1.0/24": NODE0,
    }
    assert routes(found, "vm1") == everywhere


def test_a_machine_in_the_nodes_subnet_inherits_their_routes() -> None:
    """Semantics 4.1."""
    found = compiled(lab(cluster(), machine("vm2", "vnet01/vlan01")))
    assert routes(found, "vm2")["10.244.0.0/24"] == NODE0


def test_the_internet_replies_to_public_addresses() -> None:
    assert routes(compiled(documented()), "internet") == {
        "0.0.0.0/0": "drop",
        "198.51.100.4/32": f"out:{NODE0}",
        "198.51.100.5/32": f"out:{NODE1}",
        "198.51.100.6/32": "out:vm1",
        "203.0.113.10/32": "out:internet",
    }


def test_a_default_outbound_address_lets_nobody_in() -> None:
    """Semantics 2.6: no network interface has a route to another's public address."""
    assert not [prefix for prefix in routes(compiled(documented()), NODE0) if "198.51" in prefix]


def test_virtual_networks_do_not_see_each_other() -> None:
    networks = (network(), network("vnet02", "10.0.0.0/16"))
    found = compiled(lab(machine("a"), machine("b", "vnet02/vlan02"), networks=networks))
    assert routes(found, "a") == {"0.0.0.0/0": "drop", "10.0.4.4/32": "a"}
    assert routes(found, "b") == {"0.0.0.0/0": "drop", "10.0.4.4/32": "b"}
    identifiers = {each.vni for name in "ab" for each in found.nodes[name].vswitch.node.routes}
    assert identifiers == {0, 1000, 1001}


def test_a_route_table_matters_to_the_sending_subnet_only() -> None:
    """Semantics 1.5."""
    networks = (network(spoke=("10.0.1.0/24", "rt"), hub="10.0.2.0/24"),)
    made = lab(
        machine("client", "vnet01/spoke"),
        machine("nva", "vnet01/hub", enable_ip_forwarding=True),
        INTERNET,
        networks=networks,
        tables={"rt": (route("all", "0.0.0.0/0", "10.0.2.4"),)},
    )
    found = compiled(made)
    assert routes(found, "client")["0.0.0.0/0"] == "nva"
    assert "203.0.113.10/32" not in routes(found, "client")
    assert routes(found, "nva")["203.0.113.10/32"] == "out:internet"
    assert found.warnings == ()


def test_an_appliance_of_another_virtual_network_is_not_reached() -> None:
    networks = (network("one", spoke=("10.0.1.0/24", "rt")), network("two", hub="10.0.2.0/24"))
    made = lab(
        machine("client", "one/spoke"),
        machine("nva", "two/hub", enable_ip_forwarding=True),
        networks=networks,
        tables={"rt": (route("all", "0.0.0.0/0", "10.0.2.4"),)},
    )
    found = compiled(made)
    assert routes(found, "client")["0.0.0.0/0"] == "drop"
    assert "no network interface in one has" in found.warnings[0].message


def test_a_warning_says_where_its_route_stands_now() -> None:
    """Also when nothing but lines has moved since the routes were worked out."""

    def warned(line: int) -> Location:
        nowhere = replace(route("all", "10.9.0.0/16", "10.0.2.9"), location=Location("lab", line))
        networks = (network(spoke=("10.0.1.0/24", "rt")),)
        made = lab(machine("client", "vnet01/spoke"), networks=networks, tables={"rt": (nowhere,)})
        (warning,) = compiled(made).warnings
        return warning.location

    assert [warned(line).line for line in (7, 7, 9)] == [7, 7, 9]


def test_hosts_of_subnets_with_one_table_share_routes_and_bytes() -> None:
    networks = (network(a="10.0.1.0/24", b="10.0.2.0/24", c=("10.0.3.0/24", "rt")),)
    made = lab(
        *(machine(name, f"vnet01/{name}") for name in "abc"), networks=networks, tables={"rt": ()}
    )
    found = compiled(made)
    assert found.shared["a"].port.routes is found.shared["b"].port.routes
    assert found.nodes["a"].vswitch.node.routes is found.nodes["b"].vswitch.node.routes
    assert found.shared["a"].port.routes is not found.shared["c"].port.routes


def test_shared_bytes_are_those_of_the_routes() -> None:
    found = compiled(documented())
    for name, state in found.nodes.items():
        assert found.shared[name].port.routes.routes == state.vswitch.node.routes
        assert assembled(found.encoded(name)) == state == decode(encode(state))


def test_every_subnet_shows_its_effective_routes_even_an_empty_one() -> None:
    found = compiled(lab(machine("a")))
    assert set(found.effective_routes) == {subnet("vnet01/vlan01"), subnet("vnet01/vlan02")}
