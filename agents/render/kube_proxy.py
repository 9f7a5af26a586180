"""kube-proxy's chains in iptables mode (semantics §7).

Chains, comments and their order are those of the component, because people look at
them with ``iptables -t nat -L``.
"""

from collections.abc import Collection, Iterator, Sequence

from agents.objects.ruleset import Ruleset, RulesetName, RulesetTool
from agents.render.kube_proxy_external import (
    at_the_balancer,
    at_the_node,
    from_outside,
    not_translated,
    source_ranges,
)
from agents.render.kube_proxy_names import (
    Portal,
    called,
    endpoint_chain,
    local_chain,
    written,
)
from lab.contract.node_state import Address
from lab.contract.service import Endpoint, KubeProxy, Service, ServicePort

NAT_CHAINS = RulesetName(tool=RulesetTool.IPTABLES.value, table="nat", chain="KUBE-*")
FILTER_CHAINS = RulesetName(tool=RulesetTool.IPTABLES.value, table="filter", chain="KUBE-*")

_MARK = "0x4000"
_MARKED = f"{_MARK}/{_MARK}"

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
    "-I INPUT -j KUBE-FIREWALL",
    "-I OUTPUT -j KUBE-FIREWALL",
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

_LOCALNET_GUARD = (
    '-A KUBE-FIREWALL -m comment --comment "block incoming localnet connections" '
    "-d 127.0.0.0/8 ! -s 127.0.0.0/8 -m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT -j DROP"
)
"""`route_localnet`, by which node ports are reached at 127.0.0.1, lets others send there too."""

_FORWARD = (
    "-A KUBE-FORWARD -m conntrack --ctstate INVALID -j DROP",
    '-A KUBE-FORWARD -m comment --comment "kubernetes forwarding rules" '
    f"-m mark --mark {_MARKED} -j ACCEPT",
    '-A KUBE-FORWARD -m comment --comment "kubernetes forwarding conntrack rule" '
    "-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
)


def kube_proxy_rulesets(
    proxy: KubeProxy, *, node: Address, local: Collection[Address]
) -> tuple[Ruleset, Ruleset]:
    """The chains of a node's kube-proxy, those of table nat and those of table filter.

    `node` is the node's primary address, `local` is what endpoints on it have.
    """
    portals = [
        Portal(
            service=service,
            port=port,
            node=node,
            local=port.endpoints_at(local) if service.external_policy_local else (),
        )
        for service in proxy.services
        for port in service.ports
    ]
    return _nat(proxy, portals), _filter(portals)


def _nat(proxy: KubeProxy, portals: Sequence[Portal]) -> Ruleset:
    chains = ["KUBE-MARK-MASQ", "KUBE-NODEPORTS", "KUBE-POSTROUTING", "KUBE-PROXY-CANARY"]
    rules: list[str] = []
    services: list[str] = []
    node_ports: list[str] = []
    for portal in portals:
        if not portal.port.endpoints:
            continue
        service, port = portal.service, portal.port
        reached = f"{portal.comment('% cluster IP')} {portal.to(service.cluster_ip)}"
        services.append(f"-A KUBE-SERVICES {reached} -j {portal.chain}")
        own = []
        if proxy.cluster_cidr is not None:
            own.append(f"-A {portal.chain} {reached} ! -s {proxy.cluster_cidr} -j KUBE-MARK-MASQ")
        if portal.is_external:
            services += at_the_balancer(portal)
            node_ports += at_the_node(portal)
            own += from_outside(portal, proxy)
            own += source_ranges(portal)
        own += _choice(service, port, portal.chain, port.endpoints)
        own += _choice(service, port, local_chain(service, port), portal.local)
        for endpoint in port.endpoints:
            own += _endpoint(service, port, endpoint)
        chains += dict.fromkeys(rule.split(maxsplit=2)[1] for rule in own)
        rules += own
    return Ruleset(
        name=NAT_CHAINS,
        hooks=_NAT_HOOKS,
        rules=(
            *(f":{chain} - [0:0]" for chain in sorted([*chains, "KUBE-SERVICES"])),
            *_NAT_BASE,
            *services,
            _NODE_PORTS,
            *node_ports,
            *rules,
        ),
    )


def _filter(portals: Sequence[Portal]) -> Ruleset:
    chains = (
        "KUBE-EXTERNAL-SERVICES",
        "KUBE-FIREWALL",
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
            _LOCALNET_GUARD,
            *_FORWARD,
            *(rule for portal in portals for rule in not_translated(portal)),
        ),
    )


def _choice(
    service: Service, port: ServicePort, chain: str, endpoints: Sequence[Endpoint]
) -> Iterator[str]:
    """Whom a client had before; otherwise the first with 1/n, the next with 1/(n-1) …"""
    count = len(endpoints)
    name = called(service, port)
    chosen = [
        (
            f'-A {chain} -m comment --comment "{name} -> {written(endpoint)}"',
            endpoint_chain(service, port, endpoint),
        )
        for endpoint in endpoints
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
    rule = f'-A {chain} -m comment --comment "{called(service, port)}"'
    remembered = f" -m recent --name {chain} --set" if service.affinity_seconds else ""
    protocol = port.protocol.value.lower()
    yield f"{rule} -s {endpoint.address} -j KUBE-MARK-MASQ"
    yield (
        f"{rule}{remembered} -m {protocol} -p {protocol} "
        f"-j DNAT --to-destination {written(endpoint)}"
    )
