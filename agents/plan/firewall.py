"""What an Azure firewall's machine has: a packet filter, and HAProxy for what has a name."""

from dataclasses import replace
from hashlib import sha256

from agents.objects.filter import Verdict
from agents.objects.ruleset import Ruleset
from agents.plan.node import NODE_LINK
from agents.plan.security import filter_rule
from agents.render.firewall import firewall_ruleset
from agents.render.haproxy import firewall_configuration
from lab.contract.firewall import Firewall
from lab.contract.node_state import Container, File, NodeState

CONFIGURATION = "/etc/haproxy/haproxy.cfg"


def with_proxy(state: NodeState) -> NodeState:
    """`state` with the proxy that its firewall needs, if it is one: a file and a process.

    The process starts anew whenever the file changes.
    """
    if state.firewall is None:
        return state
    text = firewall_configuration(state.firewall).encode()
    proxy = Container(
        name="haproxy",
        image="haproxy",
        command=("haproxy", "-db", "-f", CONFIGURATION),
        environment={"CONFIGURATION": sha256(text).hexdigest()},
    )
    return replace(
        state,
        files=(*state.files, File(path=CONFIGURATION, content=text)),
        containers=(proxy,),
    )


def firewall_ruleset_for(firewall: Firewall) -> Ruleset:
    """The packet filter of the firewall's machine."""
    rules = [
        replace(filter_rule(rule), verdict=Verdict.ACCEPT if rule.allow else Verdict.DROP)
        for rule in firewall.network_rules
        if rule.sources and rule.destinations
    ]
    return firewall_ruleset(firewall, rules, link=NODE_LINK)
