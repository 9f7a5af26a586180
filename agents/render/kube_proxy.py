"""kube-proxy's chains in iptables mode (semantics §7).

Chains, comments and their order are those of the component, because people look at
them with ``iptables -t nat -L``. What only NodePort and LoadBalancer need is there as
empty chains, as on a node of a cluster without them.
"""

from base64 import b32encode
from collections.abc import Iterator
from functools import lru_cache
from hashlib import sha256

from agents.objects.ruleset import Ruleset, RulesetName, RulesetTool
from lab.contract.service import Endpoint, KubeProxy, Service, ServicePort

NAT_CHAINS = RulesetName(tool=RulesetTool.IPTABLES.value, table="nat", chain="KUBE-*")
FILTER_CHAINS = RulesetName(tool=RulesetTool.IPTABLES.value, table="filter", chain="KUBE-*")

_MARK = "0x4000"
_MARKED = f"{_MARK}/{_MARK}"
_HASH_LENGTH = 16

_PORTALS = '-m comment --comment "kubernetes service portals"'
_EXTERNAL = '-m comment --comment "kubernetes externally-visible service portals"'
_BALANCER_FIREWALL = '-m comment --comment "kubernetes load balancer firewall"'
_NEW = "-m conntrack --ctstate NEW"

_NAT_HOOKS = (
    f"-I PREROUTING {_PORTALS} -j KUBE-SERVICES",
    f"-I OUTPUT {_PORTALS} -j KUBE-SERVICES",
    '-I POSTROUTING -m comment --comment "kubernetes postrouting rules" -j KUBE-POSTROUTING',
)

_FILTER_HOOKS = (
    f"-I INPUT {_NEW} {_EXTERNAL} -j KUBE-EXTERNAL-SERVICES",
    f"-I FORWARD {_NEW} {_EXTERNAL} -j KUBE-EXTERNAL-SERVICES",
    '-I INPUT -m comment --comment "kubernetes health check service ports" -j KUBE-NODEPORTS',
    f"-I FORWARD {_NEW} {_PORTALS} -j KUBE-SERVICES",
    f"-I OUTPUT {_NEW} {_PORTALS} -j KUBE-SERVICES",
    '-I FORWARD -m comment --comment "kubernetes forwarding rules" -j KUBE-FORWARD',
    f"-I INPUT {_NEW} {_BALANCER_FIREWALL} -j KUBE-PROXY-FIREWALL",
    f"-I OUTPUT {_NEW} {_BALANCER_FIREWALL} -j KUBE-PROXY-FIREWALL",
    f"-I FORWARD {_NEW} {_BALANCER_FIREWALL} -j KUBE-PROXY-FIREWALL",
)
"""In the order in which kube-proxy puts them in front of each other."""

_NAT_BASE = (
    "-A KUBE-MARK-MASQ -j MARK --or-mark 0x4000",
    f"-A KUBE-POSTROUTING -m mark ! --mark {_MARKED} -j RETURN",
    "-A KUBE-POSTROUTING -j MARK --xor-mark 0x4000",
    "-A KUBE-POSTROUTING -m comment "
    '--comment "kubernetes service traffic requiring SNAT" -j MASQUERADE --random-fully',
)

_NODE_PORTS = (
    "-A KUBE-SERVICES -m comment --comment "
    '"kubernetes service nodeports; NOTE: this must be the last rule in this chain" '
    "-m addrtype --dst-type LOCAL -j KUBE-NODEPORTS"
)

_FORWARD = (
    "-A KUBE-FORWARD -m conntrack --ctstate INVALID -j DROP",
    '-A KUBE-FORWARD -m comment --comment "kubernetes forwarding rules" '
    f"-m mark --mark {_MARKED} -j ACCEPT",
    '-A KUBE-FORWARD -m comment --comment "kubernetes forwarding conntrack rule" '
    "-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
)


def kube_proxy_rulesets(proxy: KubeProxy) -> tuple[Ruleset, Ruleset]:
    """The chains of a node's kube-proxy, those of table nat and those of table filter."""
    return _nat(proxy), _filter(proxy)


def _nat(proxy: KubeProxy) -> Ruleset:
    ports = list(_ports(proxy))
    chains = ["KUBE-MARK-MASQ", "KUBE-NODEPORTS", "KUBE-POSTROUTING", "KUBE-PROXY-CANARY"]
    rules: list[str] = []
    portals: list[str] = []
    for service, port in ports:
        if not port.endpoints:
            continue
        chain = service_chain(service, port)
        reached = f'-m comment --comment "{_called(service, port)} cluster IP" {_to(service, port)}'
        portals.append(f"-A KUBE-SERVICES {reached} -j {chain}")
        chains.append(chain)
        if proxy.cluster_cidr is not None:
            rules.append(f"-A {chain} {reached} ! -s {proxy.cluster_cidr} -j KUBE-MARK-MASQ")
        rules += _choice(service, port, chain)
        for endpoint in port.endpoints:
            chains.append(endpoint_chain(service, port, endpoint))
            rules += _endpoint(service, port, endpoint)
    return Ruleset(
        name=NAT_CHAINS,
        hooks=_NAT_HOOKS,
        rules=(
            *(f":{chain} - [0:0]" for chain in sorted([*chains, "KUBE-SERVICES"])),
            *_NAT_BASE,
            *portals,
            _NODE_PORTS,
            *rules,
        ),
    )


def _filter(proxy: KubeProxy) -> Ruleset:
    chains = (
        "KUBE-EXTERNAL-SERVICES",
        "KUBE-FORWARD",
        "KUBE-NODEPORTS",
        "KUBE-PROXY-CANARY",
        "KUBE-PROXY-FIREWALL",
        "KUBE-SERVICES",
    )
    return Ruleset(
        name=FILTER_CHAINS,
        hooks=_FILTER_HOOKS,
        rules=(
            *(f":{chain} - [0:0]" for chain in chains),
            *_FORWARD,
            *(
                f'-A KUBE-SERVICES -m comment --comment "{_called(service, port)} has no endpoints"'
                f" {_to(service, port)} -j REJECT"
                for service, port in _ports(proxy)
                if not port.endpoints
            ),
        ),
    )


def service_chain(service: Service, port: ServicePort) -> str:
    """``KUBE-SVC-…`` of a port of a Service."""
    return f"KUBE-SVC-{_hash(_called(service, port) + port.protocol.value.lower())}"


def endpoint_chain(service: Service, port: ServicePort, endpoint: Endpoint) -> str:
    """``KUBE-SEP-…`` of an endpoint of a port of a Service."""
    seed = f"{_called(service, port)}{port.protocol.value.lower()}{_written(endpoint)}"
    return f"KUBE-SEP-{_hash(seed)}"


def _ports(proxy: KubeProxy) -> Iterator[tuple[Service, ServicePort]]:
    for service in proxy.services:
        for port in service.ports:
            yield service, port


def _choice(service: Service, port: ServicePort, chain: str) -> Iterator[str]:
    """Whom a client had before; otherwise the first with 1/n, the next with 1/(n-1) …"""
    count = len(port.endpoints)
    chosen = [
        (
            f'-A {chain} -m comment --comment "{_called(service, port)} -> {_written(endpoint)}"',
            endpoint_chain(service, port, endpoint),
        )
        for endpoint in port.endpoints
    ]
    if service.affinity_seconds:
        for rule, target in chosen:
            recent = f"-m recent --name {target} --rcheck"
            yield f"{rule} {recent} --seconds {service.affinity_seconds} --reap -j {target}"
    for index, (rule, target) in enumerate(chosen):
        last = index == count - 1
        chance = (
            "" if last else f" -m statistic --mode random --probability {1 / (count - index):.10f}"
        )
        yield f"{rule}{chance} -j {target}"


def _endpoint(service: Service, port: ServicePort, endpoint: Endpoint) -> Iterator[str]:
    """To the endpoint; its own packets come back to it as its node's."""
    chain = endpoint_chain(service, port, endpoint)
    rule = f"-A {chain} -m comment --comment {_quoted(_called(service, port))}"
    remembered = f" -m recent --name {chain} --set" if service.affinity_seconds else ""
    protocol = port.protocol.value.lower()
    yield f"{rule} -s {endpoint.address} -j KUBE-MARK-MASQ"
    yield (
        f"{rule}{remembered} -m {protocol} -p {protocol} "
        f"-j DNAT --to-destination {_written(endpoint)}"
    )


def _to(service: Service, port: ServicePort) -> str:
    protocol = port.protocol.value.lower()
    return f"-m {protocol} -p {protocol} -d {service.cluster_ip} --dport {port.port}"


def _called(service: Service, port: ServicePort) -> str:
    """As kube-proxy logs and hashes it."""
    suffix = f":{port.name}" if port.name else ""
    return f"{service.namespace}/{service.name}{suffix}"


def _quoted(text: str) -> str:
    return f'"{text}"'


def _written(endpoint: Endpoint) -> str:
    return f"{endpoint.address}:{endpoint.port}"


@lru_cache(maxsize=8192)
def _hash(seed: str) -> str:
    return b32encode(sha256(seed.encode()).digest()).decode()[:_HASH_LENGTH]
