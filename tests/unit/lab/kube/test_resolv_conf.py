"""resolv.conf as kubelet writes it."""

from ipaddress import IPv4Address

from lab.kube.manifests import Container, DnsPolicy, PodDnsConfig, PodSpec
from lab.kube.resolv_conf import resolv_conf


def text(
    policy: DnsPolicy = DnsPolicy.CLUSTER_FIRST,
    *,
    host_network: bool = False,
    config: PodDnsConfig | None = None,
) -> str:
    spec = PodSpec(
        containers=(Container(name="c", image="nginx"),),
        dns_policy=policy,
        host_network=host_network,
        dns_config=config or PodDnsConfig(),
    )
    return resolv_conf(
        spec,
        namespace="web",
        dns_service_ip=IPv4Address("172.16.1.10"),
        node_suffix="x.internal.cloudapp.net",
    )


CLUSTER = """\
search web.svc.cluster.local svc.cluster.local cluster.local x.internal.cloudapp.net
nameserver 172.16.1.10
options ndots:5
"""
NODE = "search x.internal.cloudapp.net\nnameserver 168.63.129.16\n"


def test_pods_ask_the_clusters_dns_service_by_default() -> None:
    assert text() == CLUSTER


def test_pods_on_the_host_network_ask_what_the_node_asks() -> None:
    assert text(host_network=True) == NODE
    assert text(DnsPolicy.DEFAULT) == NODE


def test_pods_on_the_host_network_may_ask_for_the_clusters_dns() -> None:
    assert text(DnsPolicy.CLUSTER_FIRST_WITH_HOST_NET, host_network=True) == CLUSTER


def test_policy_none_leaves_only_what_the_pod_says() -> None:
    config = PodDnsConfig(nameservers=("9.9.9.9",), searches=("example.org",), options=("ndots:1",))
    assert text(DnsPolicy.NONE, config=config) == (
        "search example.org\nnameserver 9.9.9.9\noptions ndots:1\n"
    )
    assert text(DnsPolicy.NONE) == ""


def test_what_the_pod_says_is_added_and_its_options_win() -> None:
    config = PodDnsConfig(
        nameservers=("9.9.9.9", "172.16.1.10"),
        searches=("example.org",),
        options=("ndots:2", "edns0"),
    )
    assert text(config=config) == (
        "search web.svc.cluster.local svc.cluster.local cluster.local x.internal.cloudapp.net "
        "example.org\n"
        "nameserver 172.16.1.10\n"
        "nameserver 9.9.9.9\n"
        "options ndots:2 edns0\n"
    )
