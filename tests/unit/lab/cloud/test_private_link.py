"""Service endpoints and private endpoints: routes and names."""

from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network

from lab.cloud.private_link import (
    enabled_subnets,
    endpoint_routes,
    private_ways,
    public_names,
    registered_endpoints,
    service_routes,
    with_services,
)
from lab.cloud.route_table import effective_routes
from lab.topology.model import Cloud
from lab.topology.private_link import STORAGE, ConnectionStatus, PrivateEndpoint, StorageAccount
from lab.topology.route_table import NextHopType, Route, RouteTable
from lab.topology.virtual_network import Subnet, VirtualNetwork, VirtualNetworkPeering
from tests.unit.lab.compile.labs import network, subnet

ACCOUNT = StorageAccount(name="acct", address=IPv4Address("203.0.113.50"))
ENDPOINT = PrivateEndpoint(
    name="pe1",
    subnet=subnet("hub/a"),
    storage_account="acct",
    group="blob",
    private_dns_zones=("privatelink.blob.core.windows.net",),
)
ADDRESSES = {"pe1": IPv4Address("10.0.0.10")}


def peered(made: VirtualNetwork, *remotes: str) -> VirtualNetwork:
    halves = tuple(
        VirtualNetworkPeering(name=each, remote_virtual_network=each) for each in remotes
    )
    return replace(made, virtual_network_peerings=halves)


HUB = peered(network("hub", "10.0.0.0/16", a="10.0.0.0/24", b="10.0.1.0/24"), "near")
NEAR = peered(network("near", "10.1.0.0/16", a="10.1.0.0/24"), "hub", "far")
FAR = peered(network("far", "10.2.0.0/16", a="10.2.0.0/24"), "near")


def enabled(made: VirtualNetwork) -> VirtualNetwork:
    """With a service endpoint on its first subnet."""
    first, *others = made.subnets
    return replace(made, subnets=(replace(first, service_endpoints=(STORAGE,)), *others))


def cloud(*networks: VirtualNetwork, endpoint: PrivateEndpoint | None = ENDPOINT) -> Cloud:
    return Cloud(
        provider="azure",
        virtual_networks=networks or (HUB, NEAR, FAR),
        storage_accounts=(ACCOUNT,),
        private_endpoints=() if endpoint is None else (endpoint,),
    )


def routes(made: Cloud, each: Subnet) -> list[tuple[str, str]]:
    return [(str(r.address_prefix), r.next_hop_type.value) for r in service_routes(made, each)]


def test_only_the_subnet_that_has_the_endpoint_gets_its_routes() -> None:
    hub = enabled(HUB)
    first, second = hub.subnets
    assert routes(cloud(hub), first) == [("203.0.113.50/32", "VirtualNetworkServiceEndpoint")]
    assert routes(cloud(hub), second) == []
    assert [(str(r), str(p)) for r, p in enabled_subnets(cloud(hub))] == [("hub/a", "10.0.0.0/24")]


def test_a_private_endpoint_is_routed_to_in_its_network_and_direct_peers() -> None:
    made = cloud()
    found = {each.name: endpoint_routes(made, each, ADDRESSES) for each in made.virtual_networks}
    assert [str(each.address_prefix) for each in found["hub"]] == ["10.0.0.10/32"]
    assert found["near"] == found["hub"]
    assert found["far"] == ()


def test_a_service_sees_networks_that_have_a_way_to_it() -> None:
    assert [each.name for each in private_ways(cloud())] == ["hub", "near"]
    only = cloud(HUB, NEAR, enabled(FAR), endpoint=None)
    assert [each.name for each in private_ways(only)] == ["far"]


def names(made: Cloud) -> dict[str, str]:
    return {each.name: each.data[0] for each in public_names(made)}


def test_the_public_name_of_a_part_with_an_endpoint_is_an_alias() -> None:
    found = names(cloud())
    assert found["acct.blob.core.windows.net"] == "acct.privatelink.blob.core.windows.net"
    assert found["acct.privatelink.blob.core.windows.net"] == "203.0.113.50"
    assert found["acct.file.core.windows.net"] == "203.0.113.50"


def test_an_endpoint_that_is_not_approved_changes_no_name() -> None:
    pending = cloud(endpoint=replace(ENDPOINT, status=ConnectionStatus.PENDING))
    assert names(pending)["acct.blob.core.windows.net"] == "203.0.113.50"
    assert registered_endpoints(pending, ADDRESSES) == {}


def test_an_endpoint_registers_in_the_zone_of_its_part() -> None:
    assert registered_endpoints(cloud(), ADDRESSES) == {
        "privatelink.blob.core.windows.net": {"acct": IPv4Address("10.0.0.10")}
    }


def test_a_users_route_of_the_same_prefix_comes_first() -> None:
    hub = enabled(HUB)
    own = Route(
        name="own",
        address_prefix=IPv4Network("203.0.113.50/32"),
        next_hop_type=NextHopType.NONE,
    )
    service = service_routes(cloud(hub), hub.subnets[0])

    def states(*written: Route) -> list[tuple[str, str]]:
        table = RouteTable(name="t", routes=written)
        found = with_services(effective_routes(hub, table), service)
        return [
            (each.next_hop_type.value, each.state.value)
            for each in found
            if str(each.address_prefix) == "203.0.113.50/32"
        ]

    assert states() == [("VirtualNetworkServiceEndpoint", "Active")]
    assert states(own) == [("VirtualNetworkServiceEndpoint", "Invalid"), ("None", "Active")]
