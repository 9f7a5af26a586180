"""An agent to be killed: ``python -m tests.processes.agent_process NODE DIRECTORY``.

Its host is a file that holds the desired state brought about last, so that it
outlives the agent as a kernel does.
"""

import asyncio
import sys
from pathlib import Path

import uvloop

from agents.agent import Agent
from agents.crew import serve
from agents.line import Line
from lab.contract.codec import encode
from lab.contract.node_state import NodeState
from lab.contract.state_parts import Parts
from tests.processes.hosts import APPLIED, Answers, Round


class FileHost:
    """A host that is what its file says."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def anticipate(self, before: Parts, after: Parts) -> None:
        """It has no routes."""

    async def reconcile(self, state: NodeState, *, afresh: bool = False) -> Round:
        del afresh
        wanted = encode(state)
        changed = not self._path.exists() or self._path.read_bytes() != wanted
        if changed:
            self._path.write_bytes(wanted)
        return Round(operations=int(changed), conditions=(APPLIED,), pods_attached=0)


async def main() -> None:
    node, directory = sys.argv[1], Path(sys.argv[2])
    line = Line(f"unix:{directory}/agents.sock")
    host = FileHost(directory / f"{node}.host")
    async with asyncio.TaskGroup() as tasks:
        dialling = tasks.create_task(line.run())
        await serve({node: Agent(node, line=line, reconciler=host, probes=Answers()).run})
        dialling.cancel()


if __name__ == "__main__":
    uvloop.run(main())
