"""Storage accounts as hosts."""

import json
from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network

from lab.compile import Compilation
from lab.contract.state_parts import assembled
from lab.topology.model import InternetHost
from lab.topology.private_link import (
    STORAGE,
    DefaultAction,
    NetworkRuleSet,
    PrivateEndpoint,
    StorageAccount,
)
from tests.unit.lab.compile.labs import compiled, lab, machine, network, routes, subnet

ADDRESS = IPv4Address("203.0.113.50")


def found(*, enabled: bool = True) -> Compilation:
    made = network("vnet01", "10.0.0.0/16", vlan01="10.0.0.0/24", vlan02="10.0.4.0/24")
    first, second = made.subnets
    services = (STORAGE,) if enabled else ()
    made = replace(made, subnets=(replace(first, service_endpoints=services), second))
    account = StorageAccount(
        name="acct",
        address=ADDRESS,
        network_rule_set=NetworkRuleSet(
            default_action=DefaultAction.DENY,
            ip_rules=(IPv4Network("203.0.113.20/32"),),
            virtual_network_rules=(subnet("vnet01/vlan01"),),
        ),
    )
    endpoint = PrivateEndpoint(
        name="pe1", subnet=subnet("vnet01/vlan02"), storage_account="acct", group="blob"
    )
    return compiled(
        lab(
            machine("vm1", "vnet01/vlan01"),
            machine("vm2", "vnet01/vlan02"),
            InternetHost(name="acct", address=ADDRESS),
            networks=(made,),
            storage_accounts=(account,),
            private_endpoints=(endpoint,),
        )
    )


def test_the_account_has_the_address_of_its_private_endpoint() -> None:
    state = found().nodes["acct"]
    assert state.nic.secondary == (IPv4Address("10.0.4.5"),)
    assert IPv4Network("10.0.4.5/32") in state.vswitch.node.addresses


def test_who_has_a_way_is_led_there_untranslated() -> None:
    told = found()
    assert routes(told, "vm1")["203.0.113.50/32"] == "acct"
    assert routes(told, "vm2")["203.0.113.50/32"] == "out:acct"
    assert routes(told, "vm1")["10.0.4.5/32"] == "acct"
    assert routes(told, "acct")["10.0.0.4/32"] == "vm1"


def test_the_account_knows_its_rules() -> None:
    (container,) = found().nodes["acct"].containers
    assert json.loads(container.environment["NETWORK_RULES"]) == {
        "public": True,
        "allow": False,
        "addresses": ["203.0.113.20/32"],
        "subnets": {"10.0.0.0/24": {"name": "vnet01/vlan01", "allow": True}},
        "private_endpoints": {"10.0.4.5": "pe1"},
    }


def test_the_endpoint_keeps_its_address_and_is_listed() -> None:
    told = found()
    rows = [row for row in told.allocations() if row.owner == "privateEndpoints/pe1"]
    assert [(str(row.address), row.pool) for row in rows] == [("10.0.4.5", "vnet01/vlan02")]
    assert told.ledger.interfaces["privateEndpoints/pe1"].address == IPv4Address("10.0.4.5")


def test_what_is_encoded_is_the_state() -> None:
    told = found()
    assert {name: assembled(told.encoded(name)) for name in told.nodes} == told.nodes
