"""The chain of the node's ip-masq-agent (semantics §4, row kubenet).

Text and comments are those of the component, because people look at them with
``iptables -t nat -S``.
"""

from ipaddress import IPv4Network

from agents.objects.ruleset import Ruleset, RulesetName, RulesetTool
from lab.contract.node_state import Kubenet

_CHAIN = "IP-MASQ-AGENT"

MASQUERADE_CHAIN = RulesetName(tool=RulesetTool.IPTABLES.value, table="nat", chain=_CHAIN)

_LINK_LOCAL = IPv4Network("169.254.0.0/16")

_HOOK_COMMENT = (
    "ip-masq-agent: ensure nat POSTROUTING directs all non-LOCAL destination traffic "
    f"to our custom {_CHAIN} chain"
)
_LOCAL_COMMENT = "ip-masq-agent: local traffic is not subject to MASQUERADE"
_LAST_COMMENT = "ip-masq-agent: outbound traffic is subject to MASQUERADE (must be last in chain)"


def masquerade_ruleset(kubenet: Kubenet) -> Ruleset:
    """Everything but the non-masquerade ranges leaves with the node's address."""
    exempt = list(kubenet.non_masquerade_cidrs)
    if not kubenet.masquerade_link_local:
        exempt.insert(0, _LINK_LOCAL)
    return Ruleset(
        name=MASQUERADE_CHAIN,
        hook=(
            f'POSTROUTING -m comment --comment "{_HOOK_COMMENT}" '
            f"-m addrtype ! --dst-type LOCAL -j {_CHAIN}"
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
