"""What goes over the wire comes back equal, and equal states are equal bytes."""

import random
from dataclasses import replace
from ipaddress import IPv4Address, IPv4Interface, IPv4Network

import pytest

from lab.contract import codec
from lab.contract.firewall import ApplicationRule, Firewall
from lab.contract.node_state import (
    AzureCni,
    AzureCniMode,
    Container,
    ContainerPort,
    Delivery,
    Edge,
    FabricRoute,
    File,
    Kubenet,
    Masquerade,
    NetworkContainer,
    Nic,
    NodeKind,
    NodeState,
    Pod,
    PodInterface,
    PortLease,
    PortRange,
    Protocol,
    SecurityGate,
    SecurityProtocol,
    SecurityRule,
    SourceTranslation,
    Vswitch,
)
from lab.contract.platform import DnsRecordSet, DnsRecordType, DnsZone, Platform
from lab.contract.service import ClusterDns, Endpoint, KubeProxy, Service, ServicePort
from lab.contract.v1 import node_state_pb2 as pb


class Values:
    """Arbitrary values of the contract; the same seed gives the same values."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def text(self) -> str:
        alphabet = "abc-é界\n\"'\\ 0"
        return "".join(self.random.choices(alphabet, k=self.random.randrange(8)))

    def entries(self) -> dict[str, str]:
        return {self.text(): self.text() for _ in range(self.random.randrange(4))}

    def address(self) -> IPv4Address:
        return IPv4Address(self.random.getrandbits(32))

    def prefix(self) -> IPv4Network:
        return IPv4Network((self.random.getrandbits(32), self.random.randrange(33)), strict=False)

    def interface(self) -> IPv4Interface:
        return IPv4Interface((self.random.getrandbits(32), self.random.randrange(33)))

    def optional_address(self) -> IPv4Address | None:
        return self.address() if self.random.random() < 0.5 else None

    def mac(self) -> str:
        return self.random.randbytes(6).hex(":")

    def flag(self) -> bool:
        return self.random.random() < 0.5

    def container(self) -> Container:
        return Container(
            name=self.text(),
            image=self.text(),
            command=tuple(self.text() for _ in range(self.random.randrange(3))),
            ports=tuple(
                ContainerPort(
                    protocol=self.random.choice(list(Protocol)),
                    port=self.random.randrange(65536),
                    name=self.text(),
                )
                for _ in range(self.random.randrange(3))
            ),
            environment=self.entries(),
        )

    def containers(self) -> tuple[Container, ...]:
        return tuple(self.container() for _ in range(self.random.randrange(3)))

    def pod(self) -> Pod:
        interface = PodInterface(
            address=self.interface(),
            gateway=self.address(),
            mac=self.mac(),
            mtu=self.random.randrange(2**16),
            host_interface=self.text(),
        )
        return Pod(
            namespace=self.text(),
            name=self.text(),
            uid=self.text(),
            labels=self.entries(),
            host_network=self.flag(),
            interface=interface if self.flag() else None,
            containers=self.containers(),
            resolv_conf=self.text(),
        )

    def route(self) -> FabricRoute:
        return FabricRoute(
            prefix=self.prefix(),
            delivery=self.random.choice(list(Delivery)),
            underlay_address=self.optional_address(),
            vni=self.random.getrandbits(24),
        )

    def kubenet(self) -> Kubenet:
        return Kubenet(
            bridge=self.text(),
            pod_cidr=self.prefix(),
            bridge_interface=self.interface(),
            mtu=self.random.randrange(2**16),
            promiscuous=self.flag(),
            last_reserved_address=self.optional_address(),
        )

    def prefixes(self) -> tuple[IPv4Network, ...]:
        return tuple(self.prefix() for _ in range(self.random.randrange(3)))

    def ports(self) -> tuple[PortRange, ...]:
        return tuple(
            PortRange(first=self.random.randrange(65536), last=self.random.randrange(65536))
            for _ in range(self.random.randrange(3))
        )

    def gate(self) -> SecurityGate:
        return SecurityGate(
            name=self.text(),
            network_security_group=self.text(),
            rules=tuple(
                SecurityRule(
                    name=self.text(),
                    priority=self.random.randrange(65536),
                    allow=self.flag(),
                    protocol=self.random.choice(list(SecurityProtocol)),
                    sources=self.prefixes(),
                    source_ports=self.ports(),
                    destinations=self.prefixes(),
                    destination_ports=self.ports(),
                    platform=self.flag(),
                )
                for _ in range(self.random.randrange(3))
            ),
        )

    def gates(self) -> tuple[SecurityGate, ...]:
        return tuple(self.gate() for _ in range(self.random.randrange(3)))

    def network_container(self) -> NetworkContainer:
        return NetworkContainer(
            subnet=self.text(),
            addresses=self.prefixes(),
            routes=tuple(self.route() for _ in range(self.random.randrange(5))),
            public_address=self.optional_address(),
            inbound=self.gates(),
            outbound=self.gates(),
            accepts_inbound=self.flag(),
            leases=self.leases(),
        )

    def leases(self) -> tuple[PortLease, ...]:
        return tuple(
            PortLease(
                public_address=self.address(),
                ports=PortRange(first=self.random.randrange(65536), last=65535),
                protocol=self.random.choice([None, *Protocol]),
                locator=self.address(),
            )
            for _ in range(self.random.randrange(3))
        )

    def edge(self) -> Edge:
        translation = SourceTranslation(
            public_addresses=(self.address(), self.address()),
            tcp_idle_seconds=self.random.randrange(7200),
        )
        return Edge(
            outward=tuple(self.route() for _ in range(self.random.randrange(3))),
            inward=tuple(self.route() for _ in range(self.random.randrange(3))),
            translation=translation if self.flag() else None,
            leases=self.leases(),
        )

    def azure_cni(self) -> AzureCni:
        return AzureCni(
            mode=self.random.choice(list(AzureCniMode)),
            bridge=self.text(),
            routes_via_gateway=self.prefixes(),
            ips_to_route_via_host=tuple(self.address() for _ in range(self.random.randrange(3))),
        )

    def masquerade(self) -> Masquerade:
        return Masquerade(
            agent=self.flag(),
            non_masquerade_cidrs=self.prefixes(),
            masquerade_link_local=self.flag(),
            platform_sources=self.prefixes(),
        )

    def state(self) -> NodeState:
        return NodeState(
            name=self.text(),
            kind=self.random.choice(list(NodeKind)),
            nic=Nic(
                mac=self.mac(),
                primary=self.interface(),
                gateway=self.address(),
                mtu=self.random.randrange(2**16),
                enable_ip_forwarding=self.flag(),
                secondary=tuple(self.address() for _ in range(self.random.randrange(3))),
            ),
            vswitch=Vswitch(
                underlay_address=self.address(),
                node=self.network_container(),
                pods=self.network_container() if self.flag() else None,
            ),
            kubenet=self.kubenet() if self.flag() else None,
            pods=tuple(self.pod() for _ in range(self.random.randrange(4))),
            files=tuple(
                File(
                    path=self.text(),
                    content=self.random.randbytes(self.random.randrange(20)),
                    mode=self.random.randrange(0o1000),
                )
                for _ in range(self.random.randrange(4))
            ),
            sysctls=self.entries(),
            containers=self.containers(),
            azure_cni=self.azure_cni() if self.flag() else None,
            masquerade=self.masquerade() if self.flag() else None,
            edge=self.edge() if self.flag() else None,
            platform=self.platform() if self.flag() else None,
            restricts_metadata=self.flag(),
            firewall=self.firewall() if self.flag() else None,
            tls_certificate=self.text(),
            kube_proxy=self.kube_proxy() if self.flag() else None,
            cluster_dns=ClusterDns(zones=self.platform().zones) if self.flag() else None,
        )

    def kube_proxy(self) -> KubeProxy:
        return KubeProxy(
            cluster_cidr=next(iter(self.prefixes()), None),
            services=tuple(
                Service(
                    namespace=self.text(),
                    name=self.text(),
                    cluster_ip=self.address(),
                    affinity_seconds=self.random.randrange(86400),
                    load_balancer_ingress=self.address() if self.flag() else None,
                    load_balancer_source_ranges=tuple(self.prefixes()),
                    external_policy_local=self.flag(),
                    health_check_node_port=self.random.randrange(65536),
                    ports=tuple(
                        ServicePort(
                            name=self.text(),
                            protocol=self.random.choice(list(Protocol)),
                            port=self.random.randrange(65536),
                            endpoints=tuple(
                                Endpoint(address=self.address(), port=self.random.randrange(65536))
                                for _ in range(self.random.randrange(3))
                            ),
                            node_port=self.random.randrange(65536),
                        )
                        for _ in range(self.random.randrange(3))
                    ),
                )
                for _ in range(self.random.randrange(3))
            ),
        )

    def firewall(self) -> Firewall:
        return Firewall(
            network_rules=self.gate().rules,
            application_rules=tuple(
                ApplicationRule(
                    name=self.text(),
                    allow=self.flag(),
                    sources=self.prefixes(),
                    fqdns=tuple(self.text() for _ in range(self.random.randrange(3))),
                    http_ports=tuple(self.random.sample(range(65536), 2)),
                    https_ports=tuple(self.random.sample(range(65536), 2)),
                )
                for _ in range(self.random.randrange(3))
            ),
            denied_status=self.random.randrange(200, 600),
        )

    def platform(self) -> Platform:
        return Platform(
            zones=tuple(
                DnsZone(
                    name=self.text(),
                    record_sets=tuple(
                        DnsRecordSet(
                            name=self.text(),
                            type=self.random.choice(list(DnsRecordType)),
                            ttl=self.random.getrandbits(31),
                            data=tuple(self.text() for _ in range(self.random.randrange(3))),
                        )
                        for _ in range(self.random.randrange(3))
                    ),
                )
                for _ in range(self.random.randrange(3))
            )
        )


@pytest.mark.parametrize("seed", range(200))
def test_any_state_comes_back_equal(seed: int) -> None:
    state = Values(seed).state()
    assert codec.decode(codec.encode(state)) == state


@pytest.mark.parametrize("seed", range(50))
def test_shared_routes_in_front_of_a_state_become_its_routes(seed: int) -> None:
    values = Values(seed)
    state = values.state()
    routes = tuple(values.route() for _ in range(5))
    node, pods = replace(state.vswitch.node, routes=()), values.network_container()
    rest = replace(state, vswitch=replace(state.vswitch, node=node, pods=replace(pods, routes=())))
    whole = replace(
        state,
        vswitch=replace(
            state.vswitch,
            node=replace(node, routes=routes),
            pods=replace(pods, routes=routes[:2]),
        ),
    )
    shared = codec.encode_shared(routes) + codec.encode_shared(routes[:2], pods=True)
    assert codec.decode(shared + codec.encode(rest)) == whole


@pytest.mark.parametrize("seed", range(20))
def test_shared_gates_in_front_of_a_state_become_its_gates(seed: int) -> None:
    values = Values(seed)
    whole, container = values.state(), values.network_container()
    whole = replace(whole, vswitch=replace(whole.vswitch, pods=container))
    node = whole.vswitch.node
    rest = replace(
        whole,
        vswitch=replace(
            whole.vswitch,
            node=replace(node, inbound=(), outbound=()),
            pods=replace(container, inbound=(), outbound=()),
        ),
    )
    shared = codec.encode_shared_gates(node.inbound, node.outbound)
    shared += codec.encode_shared_gates(container.inbound, container.outbound, pods=True)
    assert codec.decode(shared + codec.encode(rest)) == whole


@pytest.mark.parametrize("seed", range(20))
def test_a_shared_platform_in_front_of_a_state_becomes_its_platform(seed: int) -> None:
    values = Values(seed)
    platform, rest = values.platform(), replace(values.state(), platform=Platform())
    shared = codec.encode_shared_platform(platform)
    assert codec.decode(shared + codec.encode(rest)) == replace(rest, platform=platform)


@pytest.mark.parametrize("seed", range(20))
def test_shared_services_in_front_of_a_state_become_those_of_its_kube_proxy(seed: int) -> None:
    values = Values(seed)
    proxy = values.kube_proxy()
    rest = replace(values.state(), kube_proxy=replace(proxy, services=()))
    shared = codec.encode_shared_services(proxy.services)
    assert codec.decode(shared + codec.encode(rest)) == replace(rest, kube_proxy=proxy)


@pytest.mark.parametrize("seed", range(20))
def test_shared_names_in_front_of_a_state_become_those_of_its_coredns(seed: int) -> None:
    values = Values(seed)
    dns = ClusterDns(zones=values.platform().zones)
    rest = replace(values.state(), cluster_dns=ClusterDns())
    shared = codec.encode_shared_cluster_dns(dns)
    assert codec.decode(shared + codec.encode(rest)) == replace(rest, cluster_dns=dns)


def test_equal_states_are_equal_bytes_whatever_the_order_of_their_mappings() -> None:
    state = Values(1).state()
    names = [f"net.ipv4.conf.eth{number}.rp_filter" for number in range(40)]
    forward = replace(state, sysctls=dict.fromkeys(names, "2"))
    backward = replace(state, sysctls=dict.fromkeys(reversed(names), "2"))
    assert codec.encode(forward) == codec.encode(backward)


def test_different_states_are_different_bytes() -> None:
    states = [Values(seed).state() for seed in range(200)]
    assert len({codec.encode(state) for state in states}) == len(states)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"\xff\xff", "no node state"),
        (b"", "0 stands for no NodeKind"),
        (pb.NodeState(name="n", kind=1).SerializeToString(), "6 bytes, not 0"),
    ],
    ids=["damaged", "empty", "without a NIC"],
)
def test_bytes_that_hold_no_state_are_refused(data: bytes, message: str) -> None:
    with pytest.raises(codec.CodecError, match=message):
        codec.decode(data)
