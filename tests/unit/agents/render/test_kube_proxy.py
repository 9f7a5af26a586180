"""kube-proxy's rules, word for word as the component writes them."""

from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network

from agents.render.kube_proxy import kube_proxy_rulesets
from lab.contract.node_state import Protocol
from lab.contract.service import Endpoint, KubeProxy, Service, ServicePort

ENDPOINT = Endpoint(address=IPv4Address("10.180.0.1"), port=80)
PORT = ServicePort(name="p80", protocol=Protocol.TCP, port=80, endpoints=(ENDPOINT,))
SERVICE = Service(
    namespace="ns1", name="svc1", cluster_ip=IPv4Address("172.30.0.41"), ports=(PORT,)
)
NODE = IPv4Address("10.0.0.4")
LOCAL = (NODE, IPv4Address("10.180.0.2"))
PROXY = KubeProxy(cluster_cidr=IPv4Network("10.0.0.0/8"), services=(SERVICE,))


def with_endpoints(count: int, **values: int) -> KubeProxy:
    endpoints = tuple(replace(ENDPOINT, address=ENDPOINT.address + each) for each in range(count))
    port = replace(PORT, endpoints=endpoints)
    return replace(PROXY, services=(replace(SERVICE, ports=(port,), **values),))


def about(proxy: KubeProxy, chain: str) -> list[str]:
    nat, _ = kube_proxy_rulesets(proxy, node=NODE, local=LOCAL)
    return [rule for rule in nat.rules if rule.startswith(f"-A {chain} ")]


def test_an_address_leads_to_its_endpoint() -> None:
    reached = (
        '-m comment --comment "ns1/svc1:p80 cluster IP" -m tcp -p tcp -d 172.30.0.41 --dport 80'
    )
    assert about(PROXY, "KUBE-SERVICES")[0] == (
        f"-A KUBE-SERVICES {reached} -j KUBE-SVC-XPGD46QRK7WJZT7O"
    )
    assert about(PROXY, "KUBE-SVC-XPGD46QRK7WJZT7O") == [
        f"-A KUBE-SVC-XPGD46QRK7WJZT7O {reached} ! -s 10.0.0.0/8 -j KUBE-MARK-MASQ",
        '-A KUBE-SVC-XPGD46QRK7WJZT7O -m comment --comment "ns1/svc1:p80 -> 10.180.0.1:80" '
        "-j KUBE-SEP-SXIVWICOYRO3J4NJ",
    ]
    assert about(PROXY, "KUBE-SEP-SXIVWICOYRO3J4NJ") == [
        '-A KUBE-SEP-SXIVWICOYRO3J4NJ -m comment --comment "ns1/svc1:p80" '
        "-s 10.180.0.1 -j KUBE-MARK-MASQ",
        '-A KUBE-SEP-SXIVWICOYRO3J4NJ -m comment --comment "ns1/svc1:p80" '
        "-m tcp -p tcp -j DNAT --to-destination 10.180.0.1:80",
    ]


def test_endpoints_are_chosen_with_equal_chances() -> None:
    chances = [
        rule.partition("--probability ")[2].partition(" ")[0]
        for rule in about(with_endpoints(3), "KUBE-SVC-XPGD46QRK7WJZT7O")[1:]
    ]
    assert chances == ["0.3333333333", "0.5000000000", ""]


def test_a_client_keeps_its_endpoint_if_it_shall() -> None:
    proxy = with_endpoints(2, affinity_seconds=10800)
    kept = [
        rule
        for rule in about(proxy, "KUBE-SVC-XPGD46QRK7WJZT7O")
        if "--rcheck --seconds 10800 --reap" in rule
    ]
    assert len(kept) == 2
    assert "-m recent --name KUBE-SEP-SXIVWICOYRO3J4NJ --set" in "".join(
        about(proxy, "KUBE-SEP-SXIVWICOYRO3J4NJ")
    )


def test_without_endpoints_connections_are_refused() -> None:
    nat, filtered = kube_proxy_rulesets(with_endpoints(0), node=NODE, local=LOCAL)

    assert "172.30.0.41" not in "".join(nat.rules)
    assert filtered.rules[-1] == (
        '-A KUBE-SERVICES -m comment --comment "ns1/svc1:p80 has no endpoints" '
        "-m tcp -p tcp -d 172.30.0.41 --dport 80 -j REJECT"
    )


def test_nobodys_source_is_changed_where_pods_are_not_known() -> None:
    rules = about(replace(PROXY, cluster_cidr=None), "KUBE-SVC-XPGD46QRK7WJZT7O")

    assert not any("KUBE-MARK-MASQ" in rule for rule in rules)


def test_every_chain_that_is_used_is_there_and_rules_grow_linearly() -> None:
    sizes = []
    for count in (10, 20, 30):
        nat, _ = kube_proxy_rulesets(with_endpoints(count), node=NODE, local=LOCAL)
        named = {rule.split()[0][1:] for rule in nat.rules if rule.startswith(":")}
        used = {word for rule in nat.rules for word in rule.split() if word.startswith("KUBE-")}
        assert used <= named
        sizes.append(len(nat.rules))
    assert sizes[1] - sizes[0] == sizes[2] - sizes[1]


def test_the_last_rule_of_the_services_is_that_of_node_ports() -> None:
    assert about(PROXY, "KUBE-SERVICES")[-1].endswith(
        "-m addrtype --dst-type LOCAL -j KUBE-NODEPORTS"
    )
