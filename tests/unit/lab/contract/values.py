"""Arbitrary values of the contract, for what has to hold of every one of them."""

import random
from ipaddress import IPv4Address, IPv4Interface, IPv4Network

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
