"""What a cluster makes in the cloud for Services of type LoadBalancer (semantics 3.3)."""

from ipaddress import IPv4Network

from lab.compile import Compilation, Ledger
from lab.compile.service_load_balancers import (
    FIRST_PRIORITY,
    NODES_POOL,
    public_address,
    with_service_load_balancers,
    with_service_security,
)
from lab.contract.load_balancing import HealthProbe, LoadDistribution
from lab.kube.manifests import (
    ExternalTrafficPolicy,
    ObjectMeta,
    Service,
    ServicePort,
    ServiceType,
    Transport,
)
from lab.topology.cluster import Cluster
from lab.topology.egress import ClusterEgress, OutboundType
from lab.topology.model import Lab
from lab.topology.security import NetworkSecurityGroup
from tests.unit.lab.compile.labs import (
    INTERNET,
    NODE0,
    NODE1,
    cluster,
    compiled,
    deployment,
    lab,
    machine,
    manifests,
)

BALANCER = "aks01-kubernetes"
GROUP = "aks-agentpool-52243381-nsg"
TCP = ServicePort(name="http", port=80, target_port=8080)
UDP = ServicePort(name="dns", port=53, target_port=53, protocol=Transport.UDP)


def service(name: str = "nginx", *ports: ServicePort, **values: object) -> Service:
    made = {"selector": {"app": "nginx"}, "type": ServiceType.LOAD_BALANCER, **values}
    return Service(metadata=ObjectMeta(name=name), ports=ports or (TCP,), **made)  # type: ignore[arg-type]


def balanced(*services: Service, **values: object) -> Compilation:
    return compiled(lab(cluster(**values), INTERNET), deployment(), *services)


def with_everything(made: Lab, *services: Service) -> Lab:
    objects = manifests(*services)
    done = with_service_load_balancers(made, objects, Ledger())
    own = {each.name: each.ip_address for each in done.cloud.public_ip_addresses}
    pool = IPv4Network("198.51.100.0/24").hosts()
    return with_service_security(done, objects, {name: next(pool) for name in own})


def test_a_cluster_without_such_services_makes_nothing() -> None:
    made = lab(cluster(), INTERNET)
    assert with_everything(made, service(type=ServiceType.NODE_PORT)) == made


def test_a_port_becomes_a_rule_that_keeps_the_destination() -> None:
    """Claims E3, E31: to all nodes, at the Service's own port."""
    found = balanced(service())
    edge = found.nodes[BALANCER].edge
    assert edge is not None
    (rule,) = edge.rules
    (row,) = (row for row in found.services if row.type == "LoadBalancer")

    assert rule.frontend == row.external_ip
    assert (rule.port, rule.distribution) == (80, LoadDistribution.DEFAULT)
    assert [each.host for each in rule.backends] == [NODE0, NODE1]
    (port,) = found.nodes[NODE0].vswitch.node.balanced
    assert port.floating


def test_nodes_are_asked_at_the_node_port() -> None:
    found = balanced(service())
    (row,) = (row for row in found.services if row.type == "LoadBalancer")
    (probe,) = found.nodes[NODE0].health_probes
    assert row.ports == (f"80:{probe.port}/TCP",)
    assert (probe.request_path, probe.interval_seconds, probe.threshold) == ("", 5, 2)


def test_with_the_policy_local_nodes_are_asked_for_endpoints() -> None:
    """Claim E21."""
    found = balanced(service(external_traffic_policy=ExternalTrafficPolicy.LOCAL))
    proxy = found.nodes[NODE0].kube_proxy
    assert proxy is not None
    (told,) = (each for each in proxy.services if each.name == "nginx")
    (probe,) = found.nodes[NODE0].health_probes
    assert (probe.request_path, probe.port) == ("/healthz", told.health_check_node_port)


def test_a_udp_port_has_no_probe_unless_only_some_nodes_answer() -> None:
    def probes(policy: ExternalTrafficPolicy) -> tuple[HealthProbe, ...]:
        found = balanced(service("dns", UDP, external_traffic_policy=policy))
        return found.nodes[NODE0].health_probes

    assert probes(ExternalTrafficPolicy.CLUSTER) == ()
    assert len(probes(ExternalTrafficPolicy.LOCAL)) == 1


def test_session_affinity_is_the_load_balancers_too() -> None:
    edge = balanced(service(affinity_seconds=10800)).nodes[BALANCER].edge
    assert edge is not None
    assert edge.rules[0].distribution is LoadDistribution.SOURCE_IP


def test_clients_are_let_in_to_the_ports_and_to_nothing_else() -> None:
    """Claims E4, E27: a rule for each protocol of each Service, from 500 upwards."""
    found = balanced(service("a", TCP, UDP), service("b"))
    groups = [each for each in found.security if each.place == f"nic {NODE0}"]
    rules = [each for each in groups[0].gate.rules if each.priority < 65000]
    addresses = {row.name: row.external_ip for row in found.services}

    assert {each.network_security_group for each in groups} == {GROUP}
    assert [each.priority for each in rules] == [FIRST_PRIORITY, 501, 502]
    assert [str(each.destinations[0]) for each in rules] == [
        f"{addresses[name]}/32" for name in ("a", "a", "b")
    ]
    assert [[port.first for port in each.destination_ports] for each in rules] == [[80], [53], [80]]


def test_source_ranges_take_the_place_of_the_internet() -> None:
    """Claim E25, as Azure's provider does it."""
    ranges = (IPv4Network("203.0.113.0/24"),)
    done = with_everything(lab(cluster()), service(load_balancer_source_ranges=ranges))
    (group,) = done.cloud.network_security_groups
    (rule,) = group.security_rules
    assert (rule.source.prefixes, rule.source.tags) == (ranges, ())


def test_a_group_that_is_there_keeps_its_rules() -> None:
    first = with_everything(lab(cluster()), service("a")).cloud.network_security_groups[0]
    there = NetworkSecurityGroup(name=GROUP, security_rules=first.security_rules)
    done = with_everything(lab(cluster(), network_security_groups=(there,)), service("b"))
    (group,) = done.cloud.network_security_groups
    assert [each.priority for each in group.security_rules] == [500, 501]


def test_the_load_balancer_of_the_egress_is_the_same() -> None:
    found = balanced(
        service(), egress=ClusterEgress(outbound_type=OutboundType.LOAD_BALANCER)
    ).nodes[BALANCER]
    assert found.edge is not None
    assert found.edge.rules
    assert found.edge.leases


def test_clusters_have_load_balancers_apart() -> None:
    other = cluster(name="aks02", node_pools=cluster().node_pools)
    assert public_address("aks01", ("default", "a")) != public_address("aks02", ("default", "a"))
    made = with_everything(lab(cluster(), other, machine("vm1")), service())
    (balancer,) = made.cloud.load_balancers
    assert balancer.name == BALANCER
    assert [pool.name for pool in balancer.backend_address_pools] == [NODES_POOL]
    assert isinstance(made.clusters[1], Cluster)
    assert made.clusters[1].network_security_group is None
