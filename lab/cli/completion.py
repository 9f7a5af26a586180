"""What the shell offers while one types: labs that run, and targets in them.

Called by the completion script of click, once for each press of the tab key.
Nothing here may fail or wait: no answer is better than a hanging prompt.
"""

from contextlib import suppress
from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem

if TYPE_CHECKING:
    from lab.contract.v1.lab_pb2 import InspectReply

PREFIXES = {"cluster-node": "node", "virtual-machine": "vm", "internet-host": "internet"}
"""Of targets, by the kind of machine that `inspect` shows."""


def complete_labs(
    ctx: click.Context, param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Names of labs of this user, with their runtime."""
    with suppress(Exception):
        from lab.cli.runtimes import known_labs

        return [
            CompletionItem(lab.name, help=lab.runtime)
            for lab in known_labs()
            if lab.name.startswith(incomplete)
        ]
    return []


def complete_targets(
    ctx: click.Context, param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Every target of the lab that the words so far select."""
    with suppress(Exception):
        from lab.cli.selection import selected
        from lab.cli.service import connected

        lab = selected(ctx.params.get("lab"), ctx.params.get("file"))
        with connected(lab.target) as service:
            names = target_names(service.inspect("nodes", "pods"))
        return [CompletionItem(name) for name in names if name.startswith(incomplete)]
    return []


def target_names(reply: "InspectReply") -> list[str]:
    """The unambiguous name of everything that commands can run in."""
    machines = [f"{PREFIXES.get(node.kind, 'node')}/{node.name}" for node in reply.nodes]
    pods = [f"pod/{pod.namespace}/{pod.name}" for pod in reply.pods]
    short = [
        f"pod/{pod.owner}-{pod.ordinal}" if pod.owner else f"pod/{pod.name}"
        for pod in reply.pods
        if pod.namespace == "default"
    ]
    return [*machines, *short, *pods, *(f"host/{node.name}" for node in reply.nodes)]
