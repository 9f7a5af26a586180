"""resolv.conf as kubelet writes it for a pod."""

from ipaddress import IPv4Address

from lab.contract.platform import HOST_ADDRESS
from lab.kube.manifests import DnsPolicy, PodSpec

CLUSTER_DOMAIN = "cluster.local"


def resolv_conf(
    spec: PodSpec, *, namespace: str, dns_service_ip: IPv4Address, node_suffix: str
) -> str:
    """The file for a pod with `spec`.

    `ClusterFirst` asks the cluster's DNS Service. On the host network it means the
    node's resolver, unless the policy says ``ClusterFirstWithHostNet``. What nodes
    search, `node_suffix`, pods search as well.
    """
    nameservers: list[str] = []
    searches: list[str] = []
    options: dict[str, str] = {}
    match _effective_policy(spec):
        case DnsPolicy.CLUSTER_FIRST | DnsPolicy.CLUSTER_FIRST_WITH_HOST_NET:
            nameservers = [str(dns_service_ip)]
            searches = [
                f"{namespace}.svc.{CLUSTER_DOMAIN}",
                f"svc.{CLUSTER_DOMAIN}",
                CLUSTER_DOMAIN,
                node_suffix,
            ]
            options = {"ndots": "5"}
        case DnsPolicy.DEFAULT:
            nameservers, searches = [str(HOST_ADDRESS)], [node_suffix]
        case DnsPolicy.NONE:
            pass
    config = spec.dns_config
    nameservers = list(dict.fromkeys((*nameservers, *config.nameservers)))
    searches = list(dict.fromkeys((*searches, *config.searches)))
    for option in config.options:
        name, _, value = option.partition(":")
        options[name] = value
    words = [f"{name}:{value}" if value else name for name, value in options.items()]
    lines = []
    if searches:
        lines.append(f"search {' '.join(searches)}")
    lines += [f"nameserver {address}" for address in nameservers]
    if words:
        lines.append(f"options {' '.join(words)}")
    return "".join(f"{line}\n" for line in lines)


def _effective_policy(spec: PodSpec) -> DnsPolicy:
    if spec.host_network and spec.dns_policy is DnsPolicy.CLUSTER_FIRST:
        return DnsPolicy.DEFAULT
    return spec.dns_policy
