"""From the usable part of a document to the frozen model, defaults filled in."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from lab.topology import defaults, names
from lab.topology.build_egress import cluster_egress, nat_gateway, public_ip_address
from lab.topology.build_firewall import azure_firewall
from lab.topology.build_gateway import (
    connection,
    local_network_gateway,
    on_premises_network,
    virtual_network_gateway,
)
from lab.topology.build_limits import limits
from lab.topology.build_load_balancer import load_balancer
from lab.topology.build_private_dns import private_dns_zone
from lab.topology.build_private_link import (
    private_endpoint,
    reference,
    storage_account,
    storage_host,
)
from lab.topology.build_security import application_security_group, security_group, service_tag
from lab.topology.cluster import (
    Cluster,
    NetworkDataplane,
    NetworkMode,
    NetworkPlugin,
    NetworkPluginMode,
    NetworkPolicy,
    NodePool,
    OsType,
    PodIPAllocationMode,
)
from lab.topology.document import Document, Value
from lab.topology.entry import Entry
from lab.topology.model import Cloud, Expectation, InternetHost, Lab, Test, VirtualMachine
from lab.topology.route_table import NextHopType, Route, RouteTable, TaggedRoute
from lab.topology.schema import formats
from lab.topology.usable import Usable
from lab.topology.virtual_network import Subnet, VirtualNetwork, VirtualNetworkPeering


def build(document: Document, usable: Usable) -> Lab:
    """Build the model from what `usable` leaves of `document`, which must be a mapping."""
    root = Entry(document, usable, (), document.value)
    internet = root.below("internet")
    hosts = internet.made("hosts", _internet_host)
    cloud = root.made_below("cloud", _cloud)
    written = _default_hosts(root) if internet.get("hosts") is None else hosts
    return Lab(
        **root.origin,
        name=root.below("metadata").text("name"),
        cloud=cloud,
        clusters=root.made("clusters", _cluster),
        virtual_machines=root.made("virtualMachines", _machine),
        on_premises=root.made("onPremises", on_premises_network),
        internet=(*written, *map(storage_host, cloud.storage_accounts)),
        tests=root.made("tests", _test),
        limits=limits(root.below("limits")),
    )


def _cloud(entry: Entry) -> Cloud:
    return Cloud(
        **entry.origin,
        provider=entry.text("provider", defaults.PROVIDER),
        virtual_networks=entry.made("virtualNetworks", _virtual_network),
        route_tables=entry.made("routeTables", _route_table),
        network_security_groups=entry.made("networkSecurityGroups", security_group),
        application_security_groups=entry.made(
            "applicationSecurityGroups", application_security_group
        ),
        service_tags=entry.made("serviceTags", service_tag),
        public_ip_addresses=entry.made("publicIPAddresses", public_ip_address),
        nat_gateways=entry.made("natGateways", nat_gateway),
        load_balancers=entry.made("loadBalancers", load_balancer),
        azure_firewalls=entry.made("azureFirewalls", azure_firewall),
        storage_accounts=entry.made("storageAccounts", storage_account),
        private_endpoints=entry.made("privateEndpoints", private_endpoint),
        private_dns_zones=entry.made("privateDnsZones", private_dns_zone),
        virtual_network_gateways=entry.made("virtualNetworkGateways", virtual_network_gateway),
        local_network_gateways=entry.made("localNetworkGateways", local_network_gateway),
        connections=entry.made("connections", connection),
    )


def _virtual_network(entry: Entry) -> VirtualNetwork:
    return VirtualNetwork(
        **entry.origin,
        name=entry.text("name"),
        address_prefixes=tuple(formats.prefix(each) for each in entry.texts("addressPrefixes")),
        subnets=entry.made("subnets", _subnet),
        virtual_network_peerings=entry.made("virtualNetworkPeerings", _peering),
    )


def _peering(entry: Entry) -> VirtualNetworkPeering:
    return VirtualNetworkPeering(
        **entry.origin,
        name=entry.text("name"),
        remote_virtual_network=entry.text("remoteVirtualNetwork"),
        allow_virtual_network_access=entry.flag("allowVirtualNetworkAccess", default=True),
        allow_forwarded_traffic=entry.flag("allowForwardedTraffic", default=False),
        allow_gateway_transit=entry.flag("allowGatewayTransit", default=False),
        use_remote_gateways=entry.flag("useRemoteGateways", default=False),
    )


def _subnet(entry: Entry) -> Subnet:
    return Subnet(
        **entry.origin,
        name=entry.text("name"),
        address_prefix=formats.prefix(entry.text("addressPrefix")),
        route_table=entry.parsed("routeTable", str),
        network_security_group=entry.parsed("networkSecurityGroup", str),
        default_outbound_access=entry.flag("defaultOutboundAccess", default=True),
        nat_gateway=entry.parsed("natGateway", str),
        service_endpoints=tuple(
            dict.fromkeys(each.text("service") for each in entry.entries("serviceEndpoints"))
        ),
    )


def _route_table(entry: Entry) -> RouteTable:
    routes = entry.made("routes", _route)
    return RouteTable(
        **entry.origin,
        name=entry.text("name"),
        routes=tuple(each for each in routes if isinstance(each, Route)),
        tagged_routes=tuple(each for each in routes if isinstance(each, TaggedRoute)),
        disable_bgp_route_propagation=entry.flag("disableBgpRoutePropagation", default=False),
    )


def _route(entry: Entry) -> Route | TaggedRoute:
    name, kind = entry.text("name"), NextHopType(entry.text("nextHopType"))
    address = entry.parsed("nextHopIpAddress", formats.address)
    match formats.route_prefix(entry.text("addressPrefix")):
        case str() as tag:
            return TaggedRoute(
                **entry.origin,
                name=name,
                service_tag=tag,
                next_hop_type=kind,
                next_hop_ip_address=address,
            )
        case prefix:
            return Route(
                **entry.origin,
                name=name,
                address_prefix=prefix,
                next_hop_type=kind,
                next_hop_ip_address=address,
            )


def _cluster(entry: Entry) -> Cluster:
    name = entry.text("name")
    service_cidr = entry.parsed("serviceCidr", formats.prefix) or defaults.SERVICE_CIDR
    plugin = entry.parsed("networkPlugin", NetworkPlugin) or defaults.NETWORK_PLUGIN
    version = entry.parsed("azureCNIVersion", str)
    mode = entry.parsed("networkPluginMode", NetworkPluginMode)
    pod_cidr = entry.parsed("podCidr", formats.prefix)
    if pod_cidr is None and (plugin is NetworkPlugin.KUBENET or mode is NetworkPluginMode.OVERLAY):
        pod_cidr = defaults.POD_CIDR
    return Cluster(
        **entry.origin,
        name=name,
        network_plugin=plugin,
        network_plugin_mode=mode,
        pod_cidr=pod_cidr,
        service_cidr=service_cidr,
        dns_service_ip=entry.parsed("dnsServiceIP", formats.address)
        or defaults.dns_service_ip(service_cidr),
        docker_bridge_cidr=entry.parsed("dockerBridgeCidr", formats.interface)
        or defaults.DOCKER_BRIDGE_CIDR,
        node_pools=tuple(
            _node_pool(each, cluster=name, plugin=plugin, mode=mode)
            for each in entry.entries("nodePools")
        ),
        manifests=entry.texts("manifests"),
        restricts_metadata=entry.text("podLinkLocalAccess") == "None",
        system_pods=entry.flag("systemPods", default=True),
        network_policy=entry.parsed("networkPolicy", NetworkPolicy) or NetworkPolicy.NONE,
        network_dataplane=entry.parsed("networkDataplane", NetworkDataplane)
        or NetworkDataplane.AZURE,
        virtual_nodes=entry.below("addonProfiles")
        .below("aciConnectorLinux")
        .flag("enabled", default=False),
        egress=cluster_egress(entry),
        network_mode=entry.parsed("networkMode", NetworkMode)
        or defaults.network_mode(plugin, version),
        azure_cni_version=version,
    )


def _node_pool(
    entry: Entry, *, cluster: str, plugin: NetworkPlugin, mode: NetworkPluginMode | None
) -> NodePool:
    name, count = entry.text("name"), entry.number("count")
    pod_subnet = entry.parsed("podSubnet", reference)
    order = entry.get("registrationOrder")
    return NodePool(
        **entry.origin,
        name=name,
        count=count,
        subnet=reference(entry.text("subnet")),
        os_type=entry.parsed("osType", OsType) or OsType.LINUX,
        max_pods=entry.number(
            "maxPods", defaults.max_pods(plugin, mode, has_pod_subnet=pod_subnet is not None)
        ),
        scale_set=entry.parsed("scaleSet", str) or names.scale_set(cluster, name),
        registration_order=defaults.registration_order(count)
        if order is None
        else tuple(each for each in entry.items("registrationOrder") if isinstance(each, int)),
        pod_subnet=pod_subnet,
        pod_ip_allocation_mode=entry.parsed("podIPAllocationMode", PodIPAllocationMode)
        or PodIPAllocationMode.DYNAMIC_INDIVIDUAL,
    )


def _machine(entry: Entry) -> VirtualMachine:
    return VirtualMachine(
        **entry.origin,
        name=entry.text("name"),
        subnet=reference(entry.text("subnet")),
        private_ip_address=entry.parsed("privateIpAddress", formats.address),
        enable_ip_forwarding=entry.flag("enableIPForwarding", default=False),
        sysctls=entry.mapping("sysctls"),
        network_security_group=entry.parsed("networkSecurityGroup", str),
        application_security_groups=entry.texts("applicationSecurityGroups"),
        public_ip_address=entry.parsed("publicIPAddress", str),
        load_balancer_backend_address_pools=entry.texts("loadBalancerBackendAddressPools"),
    )


def _internet_host(entry: Entry) -> InternetHost:
    return InternetHost(
        **entry.origin,
        name=entry.text("name"),
        address=formats.address(entry.text("address")),
        names=tuple(formats.dns_name(each) for each in entry.texts("names")),
    )


def _default_hosts(root: Entry) -> tuple[InternetHost, ...]:
    place = root.origin["location"]
    return tuple(replace(host, location=place) for host in defaults.INTERNET)


def _test(entry: Entry) -> Test:
    expect = entry.below("expect")
    values: Mapping[str, Any] = _frozen(expect.value)
    within = entry.get("within")
    return Test(
        **entry.origin,
        name=entry.text("name"),
        source=entry.text("from"),
        destination=entry.parsed("to", str),
        expect=Expectation(**expect.origin, values=values),
        within=defaults.WITHIN if within is None else float(str(within)),
    )


def _frozen(value: Value) -> Any:  # noqa: ANN401
    match value:
        case dict():
            return MappingProxyType({key: _frozen(below) for key, below in value.items()})
        case list():
            return tuple(_frozen(below) for below in value)
        case _:
            return value
