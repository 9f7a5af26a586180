"""What kube-proxy writes of node ports and load balancers, word for word as the component does.

Names are those of kube-proxy's own tests: ns1/svc1:p80 with an endpoint at 10.180.0.1:80.
"""

from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network

import pytest

from agents.render.kube_proxy import kube_proxy_rulesets
from lab.contract.node_state import Protocol
from lab.contract.service import Endpoint, KubeProxy, Service, ServicePort

NODE = IPv4Address("10.0.0.4")
HERE, THERE = IPv4Address("10.180.0.1"), IPv4Address("10.180.1.1")
HASH = "XPGD46QRK7WJZT7O"
NAME = "ns1/svc1:p80"
PORT = ServicePort(
    name="p80",
    protocol=Protocol.TCP,
    port=80,
    endpoints=tuple(Endpoint(address=each, port=80) for each in (HERE, THERE)),
    node_port=30080,
)
SERVICE = Service(
    namespace="ns1", name="svc1", cluster_ip=IPv4Address("172.30.0.41"), ports=(PORT,)
)
BALANCED = replace(SERVICE, load_balancer_ingress=IPv4Address("198.51.100.9"))
LOCAL = replace(BALANCED, external_policy_local=True, health_check_node_port=30081)


def rules(
    service: Service,
    table: str,
    chain: str,
    *,
    local: tuple[IPv4Address, ...] = (NODE, HERE),
    cluster_cidr: str | None = "10.180.0.0/16",
) -> list[str]:
    cidr = IPv4Network(cluster_cidr) if cluster_cidr else None
    proxy = KubeProxy(cluster_cidr=cidr, services=(service,))
    written = kube_proxy_rulesets(proxy, node=NODE, local=local)
    (ruleset,) = (each for each in written if each.name.table == table)
    start = f"-A {chain} "
    return [rule.removeprefix(start) for rule in ruleset.rules if rule.startswith(start)]


def without_endpoints(service: Service) -> Service:
    return replace(service, ports=(replace(PORT, endpoints=()),))


def test_a_node_port_leads_to_all_endpoints_as_the_node() -> None:
    assert rules(SERVICE, "nat", "KUBE-NODEPORTS") == [
        f'-m comment --comment "{NAME}" -m tcp -p tcp --dport 30080 -j KUBE-EXT-{HASH}'
    ]
    assert rules(SERVICE, "nat", f"KUBE-EXT-{HASH}") == [
        f'-m comment --comment "masquerade traffic for {NAME} external destinations" '
        "-j KUBE-MARK-MASQ",
        f"-j KUBE-SVC-{HASH}",
    ]
    assert not rules(SERVICE, "nat", f"KUBE-SVL-{HASH}")
    assert not rules(SERVICE, "filter", "KUBE-EXTERNAL-SERVICES")


def test_the_address_of_a_load_balancer_stands_behind_the_cluster_ip() -> None:
    *services, node_ports = rules(BALANCED, "nat", "KUBE-SERVICES")

    assert [each.rpartition("-j ")[2] for each in services] == [
        f"KUBE-SVC-{HASH}",
        f"KUBE-EXT-{HASH}",
    ]
    assert services[1] == (
        f'-m comment --comment "{NAME} loadbalancer IP" '
        f"-m tcp -p tcp -d 198.51.100.9 --dport 80 -j KUBE-EXT-{HASH}"
    )
    assert node_ports.endswith("-m addrtype --dst-type LOCAL -j KUBE-NODEPORTS")


def test_the_policy_local_leads_to_own_endpoints_but_from_inside_to_all() -> None:
    assert rules(LOCAL, "nat", f"KUBE-EXT-{HASH}") == [
        f'-m comment --comment "pod traffic for {NAME} external destinations" '
        f"-s 10.180.0.0/16 -j KUBE-SVC-{HASH}",
        f'-m comment --comment "masquerade LOCAL traffic for {NAME} external destinations" '
        "-m addrtype --src-type LOCAL -j KUBE-MARK-MASQ",
        f'-m comment --comment "route LOCAL traffic for {NAME} external destinations" '
        f"-m addrtype --src-type LOCAL -j KUBE-SVC-{HASH}",
        f"-j KUBE-SVL-{HASH}",
    ]
    (own,) = rules(LOCAL, "nat", f"KUBE-SVL-{HASH}")
    assert own.startswith(f'-m comment --comment "{NAME} -> 10.180.0.1:80" -j KUBE-SEP-')
    assert len(rules(LOCAL, "nat", f"KUBE-SVC-{HASH}")) == 3
    unknown = rules(LOCAL, "nat", f"KUBE-EXT-{HASH}", cluster_cidr=None)
    assert not any("pod traffic" in each for each in unknown)


def test_without_own_endpoints_the_policy_local_drops_what_comes_from_outside() -> None:
    nobody = (NODE,)

    assert [each.split()[-1] for each in rules(LOCAL, "nat", f"KUBE-EXT-{HASH}", local=nobody)] == [
        f"KUBE-SVC-{HASH}",
        "KUBE-MARK-MASQ",
        f"KUBE-SVC-{HASH}",
    ]
    why = f'-m comment --comment "{NAME} has no local endpoints"'
    assert rules(LOCAL, "filter", "KUBE-EXTERNAL-SERVICES", local=nobody) == [
        f"{why} -m tcp -p tcp -d 198.51.100.9 --dport 80 -j DROP",
        f"{why} -m addrtype --dst-type LOCAL -m tcp -p tcp --dport 30080 -j DROP",
    ]
    assert not rules(LOCAL, "filter", "KUBE-SERVICES", local=nobody)
    assert not rules(LOCAL, "filter", "KUBE-EXTERNAL-SERVICES")


@pytest.mark.parametrize("service", [BALANCED, LOCAL])
def test_without_any_endpoints_it_is_refused_wherever_it_is_asked(service: Service) -> None:
    nobody = without_endpoints(service)

    why = f'-m comment --comment "{NAME} has no endpoints"'
    assert rules(nobody, "filter", "KUBE-EXTERNAL-SERVICES") == [
        f"{why} -m tcp -p tcp -d 198.51.100.9 --dport 80 -j REJECT",
        f"{why} -m addrtype --dst-type LOCAL -m tcp -p tcp --dport 30080 -j REJECT",
    ]
    assert len(rules(nobody, "filter", "KUBE-SERVICES")) == 1
    assert len(rules(nobody, "nat", "KUBE-SERVICES")) == 1
    assert not rules(nobody, "nat", "KUBE-NODEPORTS")


def test_source_ranges_are_looked_at_in_front_of_the_endpoints() -> None:
    """Of the address of the cloud alone; a node within them may ask with that very address."""
    filtered = replace(
        BALANCED,
        load_balancer_source_ranges=(IPv4Network("203.0.113.0/24"), IPv4Network("10.0.0.0/22")),
    )
    comment = f'-m comment --comment "{NAME} loadbalancer IP"'
    rest = f"other traffic to {NAME} will be dropped by KUBE-PROXY-FIREWALL"

    assert rules(filtered, "nat", "KUBE-SERVICES")[1].endswith(f"-j KUBE-FW-{HASH}")
    assert rules(filtered, "nat", f"KUBE-FW-{HASH}") == [
        f"{comment} -s 203.0.113.0/24 -j KUBE-EXT-{HASH}",
        f"{comment} -s 10.0.0.0/22 -j KUBE-EXT-{HASH}",
        f"{comment} -s 198.51.100.9 -j KUBE-EXT-{HASH}",
        f'-m comment --comment "{rest}"',
    ]
    assert rules(filtered, "filter", "KUBE-PROXY-FIREWALL") == [
        f'-m comment --comment "{NAME} traffic not accepted by KUBE-FW-{HASH}" '
        "-m tcp -p tcp -d 198.51.100.9 --dport 80 -j DROP"
    ]
    assert rules(filtered, "nat", "KUBE-NODEPORTS")[0].endswith(f"-j KUBE-EXT-{HASH}")
    outside = replace(filtered, load_balancer_source_ranges=(IPv4Network("203.0.113.0/24"),))
    assert len(rules(outside, "nat", f"KUBE-FW-{HASH}")) == 2
    assert not rules(without_endpoints(filtered), "filter", "KUBE-PROXY-FIREWALL")


def test_the_health_check_is_let_in() -> None:
    assert rules(LOCAL, "filter", "KUBE-NODEPORTS") == [
        f'-m comment --comment "{NAME} health check node port" '
        "-m tcp -p tcp --dport 30081 -j ACCEPT"
    ]


def test_nobody_from_outside_reaches_what_a_node_has_for_itself() -> None:
    """Node ports are answered at 127.0.0.1 as well, by a sysctl that lets others send there."""
    assert rules(SERVICE, "filter", "KUBE-FIREWALL") == [
        '-m comment --comment "block incoming localnet connections" -d 127.0.0.0/8 '
        "! -s 127.0.0.0/8 -m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT -j DROP"
    ]


def test_udp_is_asked_by_udp() -> None:
    port = replace(PORT, name="", protocol=Protocol.UDP, port=7, node_port=30007)
    (rule,) = rules(replace(SERVICE, ports=(port,)), "nat", "KUBE-NODEPORTS")

    assert "-m udp -p udp --dport 30007 -j KUBE-EXT-" in rule


def test_every_chain_that_is_used_is_there() -> None:
    service = replace(LOCAL, load_balancer_source_ranges=(IPv4Network("203.0.113.0/24"),))
    for ruleset in kube_proxy_rulesets(KubeProxy(services=(service,)), node=NODE, local=(HERE,)):
        declared = {rule.split()[0][1:] for rule in ruleset.rules if rule.startswith(":")}
        jumps = {rule.rpartition(" -j ")[2] for rule in ruleset.rules if " -j KUBE-" in rule}
        owners = {rule.split()[1] for rule in ruleset.rules if rule.startswith("-A ")}
        assert jumps | owners <= declared
