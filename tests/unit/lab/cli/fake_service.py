"""A cloud process that says what a test tells it to, behind a real unix socket."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import grpc

from lab.contract.v1 import agent_pb2, lab_pb2, lab_pb2_grpc

ORIGIN = "/labs/aks.lab.yaml"

LAB_FILE = b"""\
apiVersion: vnetlab/v1alpha1
kind: Lab
metadata: {name: aks}
cloud:
  virtualNetworks:
    - name: vnet01
      addressPrefixes: [10.0.0.0/16]
      subnets: [{name: vlan01, addressPrefix: 10.0.0.0/24}]
virtualMachines:
  - {name: vm1, subnet: vnet01/vlan01}
  - {name: vm2, subnet: vnet01/vlan01}
tests:
  - name: machines meet
    from: vm1
    to: vm2
    within: 0.1
    expect: {ping: {ttl: 64}}
  - name: machines are called by HTTP
    from: vm1
    to: vm2
    within: 0.1
    expect: {http: {status: 200}}
"""

INSPECTION = lab_pb2.InspectReply(
    lab="aks",
    revision=3,
    nodes=[
        lab_pb2.NodeStatus(
            name="aks-nodepool1-52243381-vmss000000",
            kind="cluster-node",
            cluster="aks01",
            subnet="vnet01/vlan01",
            address="10.0.0.4",
            public_address="20.0.0.4",
            pod_cidr="10.244.1.0/24",
            status="Ready",
            revision=3,
            conditions=[
                agent_pb2.Condition(
                    object="vswitch", status=agent_pb2.ConditionStatus.CONDITION_STATUS_APPLIED
                )
            ],
        ),
        lab_pb2.NodeStatus(
            name="vm1",
            kind="virtual-machine",
            subnet="vnet01/vlan02",
            address="10.0.4.4",
            status="Ready",
            revision=3,
            security=[
                lab_pb2.SecurityPath(
                    container="node", direction="Inbound", places=["subnet vnet01/vlan02"]
                )
            ],
        ),
        lab_pb2.NodeStatus(
            name="internet",
            kind="internet-host",
            address="203.0.113.10",
            status="Ready",
            revision=3,
        ),
    ],
    pods=[
        lab_pb2.PodStatus(
            namespace="kube-system",
            name="azure-ip-masq-agent-6c59v",
            node="aks-nodepool1-52243381-vmss000000",
            address="10.0.0.4",
            status="Running",
            host_network=True,
            owner="azure-ip-masq-agent",
            uid="u1",
        ),
        lab_pb2.PodStatus(
            namespace="default",
            name="nginx-5d49769c9-6fwlp",
            node="aks-nodepool1-52243381-vmss000000",
            address="10.244.1.2",
            status="Pending",
            owner="nginx",
            uid="u2",
        ),
    ],
    backends=[
        lab_pb2.BackendStatus(
            load_balancer="public",
            rule="http",
            frontend="198.51.100.70",
            protocol="Tcp",
            frontend_port=80,
            backend_address_pool="web",
            backend_port=8080,
            host="vm1",
            probe="alive",
            status="Up",
        )
    ],
    services=[
        lab_pb2.ServiceStatus(
            cluster="aks01",
            namespace="default",
            name="kubernetes",
            type="ClusterIP",
            cluster_ip="172.16.1.1",
            ports=["443/TCP"],
        ),
        lab_pb2.ServiceStatus(
            cluster="aks01",
            namespace="default",
            name="nginx",
            type="ClusterIP",
            cluster_ip="172.16.1.17",
            ports=["80/TCP"],
            endpoints=[f"10.244.1.{number}:80" for number in range(2, 7)],
        ),
    ],
    routes=[
        lab_pb2.EffectiveRoute(
            virtual_network="vnet01",
            subnet="vlan01",
            source="Default",
            state="Active",
            address_prefix="10.0.0.0/16",
            next_hop_type="VnetLocal",
        ),
        lab_pb2.EffectiveRoute(
            virtual_network="vnet01",
            subnet="vlan01",
            source="User",
            state="Active",
            address_prefix="10.244.1.0/24",
            next_hop_type="VirtualAppliance",
            next_hop_ip_address="10.0.0.4",
            name="aks-nodepool1-52243381-vmss000000",
            route_table="aks-agentpool-routetable",
        ),
        lab_pb2.EffectiveRoute(
            virtual_network="vnet01",
            subnet="vlan02",
            source="Default",
            state="Active",
            address_prefix="10.0.0.0/16",
            next_hop_type="VnetLocal",
        ),
    ],
    allocations=[
        lab_pb2.Allocation(
            pool="vnet01/vlan01",
            prefix="10.0.0.0/22",
            address="10.0.0.1",
            owner="gateway",
            state="reserved",
        ),
        lab_pb2.Allocation(pool="aks01", prefix="10.244.1.0/24", owner="vmss000000", state="used"),
    ],
    pools=[
        lab_pb2.AddressPool(
            pool="vnet01/vlan01", prefix="10.0.0.0/22", used=3, reserved=5, free=1016
        ),
        lab_pb2.AddressPool(pool="aks01", prefix="10.244.0.0/16", used=1, reserved=255, free=65280),
        lab_pb2.AddressPool(pool="internet", used=4, reserved=0),
    ],
    security_rules=[
        lab_pb2.EffectiveSecurityRule(
            place="subnet vnet01/vlan02",
            network_security_group="machines",
            direction="Inbound",
            priority=200,
            name="ping",
            access="Allow",
            protocol="Icmp",
            source=["10.0.0.0/22"],
            source_ports=["*"],
            destination=["VirtualNetwork"],
            destination_ports=["*"],
            expanded_source=["10.0.0.0/22"],
            expanded_destination=["10.0.0.0/16", "168.63.129.16/32"],
        ),
        lab_pb2.EffectiveSecurityRule(
            place="subnet vnet01/vlan02",
            network_security_group="machines",
            direction="Inbound",
            priority=65500,
            name="DenyAllInBound",
            access="Deny",
            protocol="*",
            source=["*"],
            source_ports=["*"],
            destination=["*"],
            destination_ports=["*"],
            expanded_source=["0.0.0.0/0"],
            expanded_destination=["0.0.0.0/0"],
        ),
    ],
    source=lab_pb2.ApplyRequest(
        lab=lab_pb2.SourceFile(path="aks.lab.yaml", content=LAB_FILE), origin=ORIGIN
    ),
)

Answer = Callable[[lab_pb2.TargetedProbe], Iterator[agent_pb2.ProbeReply]]


def pings_are_answered(request: lab_pb2.TargetedProbe) -> Iterator[agent_pb2.ProbeReply]:
    """Every ping with TTL 64; HTTP with 200."""
    match request.probe.WhichOneof("probe"):
        case "ping":
            ping = agent_pb2.PingResult(sent=3, received=3, ttls=[64, 64, 64])
            yield agent_pb2.ProbeReply(ping=ping)
        case "http":
            yield agent_pb2.ProbeReply(http=agent_pb2.HttpResult(status=200, body=b"{}"))
        case kind:
            yield agent_pb2.ProbeReply(error=f"{kind} is not faked")


@dataclass
class FakeLabService(lab_pb2_grpc.LabServiceServicer):
    """What a test sets is what callers get; what they sent can be looked at."""

    inspection: lab_pb2.InspectReply = field(default_factory=lambda: INSPECTION)
    progress: list[lab_pb2.ApplyProgress] = field(default_factory=list)
    answer: Answer = pings_are_answered
    refusal: tuple[grpc.StatusCode, str] | None = None
    """Given to every call instead of an answer."""
    applied: list[lab_pb2.ApplyRequest] = field(default_factory=list)
    asked: list[lab_pb2.TargetedProbe] = field(default_factory=list)

    def Inspect(
        self, request: lab_pb2.InspectRequest, context: grpc.ServicerContext
    ) -> lab_pb2.InspectReply:
        self._refuse(context)
        return self.inspection

    def Resolve(
        self, request: lab_pb2.ResolveRequest, context: grpc.ServicerContext
    ) -> lab_pb2.ResolveReply:
        self._refuse(context)
        known = {"vm1": "10.0.0.4", "vm2": "10.0.0.5"}
        name = request.target.removeprefix("vm/")
        if name not in known:
            context.abort(grpc.StatusCode.NOT_FOUND, f"there is no '{request.target}' in the lab")
        return lab_pb2.ResolveReply(
            node=name,
            place=agent_pb2.Place(node=True),
            address=known[name],
            canonical_name=f"vm/{name}",
        )

    def Probe(
        self, request: lab_pb2.TargetedProbe, context: grpc.ServicerContext
    ) -> Iterator[agent_pb2.ProbeReply]:
        self._refuse(context)
        self.asked.append(request)
        yield from self.answer(request)

    def Apply(
        self, request: lab_pb2.ApplyRequest, context: grpc.ServicerContext
    ) -> Iterator[lab_pb2.ApplyProgress]:
        self.applied.append(request)
        self._refuse(context)
        yield from self.progress

    def _refuse(self, context: grpc.ServicerContext) -> None:
        if self.refusal is not None:
            context.abort(*self.refusal)


@contextmanager
def serving(service: FakeLabService, socket: Path) -> Iterator[str]:
    """The gRPC target of `service`, for as long as the block runs."""
    server = grpc.server(ThreadPoolExecutor(max_workers=16))
    lab_pb2_grpc.add_LabServiceServicer_to_server(service, server)
    target = f"unix:{socket}"
    server.add_insecure_port(target)
    server.start()
    try:
        yield target
    finally:
        server.stop(None).wait()
