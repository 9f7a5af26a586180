"""The chains of a node's ip-masq-agent and of Azure CNS (semantics §4, §4.3).

Text and comments are those of the components, because people look at them with
``iptables -t nat -S``.
"""

from ipaddress import IPv4Network

from agents.objects.ruleset import Ruleset, RulesetName, RulesetTool
from lab.contract.node_state import Address, Masquerade
from lab.contract.platform import HOST_ADDRESS, METADATA_ADDRESS

_CHAIN = "IP-MASQ-AGENT"

MASQUERADE_CHAIN = RulesetName(tool=RulesetTool.IPTABLES.value, table="nat", chain=_CHAIN)

_LINK_LOCAL = IPv4Network("169.254.0.0/16")

_HOOK_COMMENT = (
    "ip-masq-agent: ensure nat POSTROUTING directs all non-LOCAL destination traffic "
    f"to our custom {_CHAIN} chain"
)
_LOCAL_COMMENT = "ip-masq-agent: local traffic is not subject to MASQUERADE"
_LAST_COMMENT = "ip-masq-agent: outbound traffic is subject to MASQUERADE (must be last in chain)"


_PLATFORM_CHAIN = "SWIFT-POSTROUTING"

PLATFORM_CHAIN = RulesetName(tool=RulesetTool.IPTABLES.value, table="nat", chain=_PLATFORM_CHAIN)

_PLATFORM = (
    f"-d {HOST_ADDRESS} -p udp -m udp --dport 53",
    f"-d {HOST_ADDRESS} -p tcp -m tcp --dport 53",
    f"-d {METADATA_ADDRESS} -p tcp -m tcp --dport 80",
)


_RESTRICTION = "AKS-IMDS-RESTRICTION"

RESTRICTION_CHAIN = RulesetName(tool=RulesetTool.IPTABLES.value, table="mangle", chain=_RESTRICTION)


def metadata_restriction_ruleset(node: Address) -> Ruleset:
    """What keeps pods from the metadata service, where AKS is told to (semantics 2.4).

    Only what is forwarded meets it: pods on the host's network ask as before.
    """
    return Ruleset(
        name=RESTRICTION_CHAIN,
        hooks=(f"-A FORWARD -j {_RESTRICTION}",),
        rules=(
            f"! -s {node} -d {METADATA_ADDRESS} -p tcp -m tcp --dport 80 "
            '-m comment --comment "AKS managed: IMDS restriction" -j DROP',
        ),
    )


def masquerade_rulesets(masquerade: Masquerade, *, node: Address) -> tuple[Ruleset, ...]:
    """The chains of a node with that address; none where pods keep theirs everywhere."""
    rulesets = []
    if masquerade.agent:
        rulesets.append(masquerade_ruleset(masquerade))
    if masquerade.platform_sources:
        rulesets.append(platform_ruleset(masquerade, node=node))
    return tuple(rulesets)


def platform_ruleset(masquerade: Masquerade, *, node: Address) -> Ruleset:
    """Azure CNS' chain: to DNS and metadata, pods go as their node (semantics §4.3)."""
    return Ruleset(
        name=PLATFORM_CHAIN,
        hooks=(f"-A POSTROUTING -j {_PLATFORM_CHAIN}",),
        rules=tuple(
            f"-s {source} {target} -m addrtype ! --dst-type LOCAL -j SNAT --to-source {node}"
            for source in masquerade.platform_sources
            for target in _PLATFORM
        ),
    )


def masquerade_ruleset(masquerade: Masquerade) -> Ruleset:
    """Everything but the non-masquerade ranges leaves with the node's address."""
    exempt = list(masquerade.non_masquerade_cidrs)
    if not masquerade.masquerade_link_local:
        exempt.insert(0, _LINK_LOCAL)
    return Ruleset(
        name=MASQUERADE_CHAIN,
        hooks=(
            f'-A POSTROUTING -m comment --comment "{_HOOK_COMMENT}" '
            f"-m addrtype ! --dst-type LOCAL -j {_CHAIN}",
        ),
        rules=(
            *(
                f'-d {prefix} -m comment --comment "{_LOCAL_COMMENT}" -j RETURN'
                for prefix in exempt
            ),
            f'-m comment --comment "{_LAST_COMMENT}" -j MASQUERADE',
        ),
    )


def no_masquerade_ruleset() -> Ruleset:
    """The chain and its hook gone."""
    return Ruleset(name=MASQUERADE_CHAIN, rules=())
