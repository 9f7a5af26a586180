"""Questions of the command line to the host of a target, and what comes back."""

import asyncio
from collections.abc import AsyncGenerator

from lab.contract.v1 import agent_pb2
from lab.control.sessions import SessionEnded, Sessions

DEFAULT_DEADLINE = 10.0
"""Seconds for a request that names no deadline."""

GRACE = 10.0
"""Seconds beyond a probe's deadline in which its agent has to have answered: more than the
agent gives a probe that hangs, so that what the agent knows of it is heard."""


class NoAgentError(Exception):
    """The agent of the target's host is not here, or left before it had answered."""


class NoAnswerError(Exception):
    """The agent is here and did not answer in time."""


class Probes:
    """Takes a probe to the agent that can make it."""

    def __init__(self, sessions: Sessions, *, grace: float = GRACE) -> None:
        self._sessions = sessions
        self._grace = grace

    async def replies(
        self, node: str, request: agent_pb2.ProbeRequest
    ) -> AsyncGenerator[agent_pb2.ProbeReply]:
        """The replies of the agent of `node`, under the id of `request`; the last one ends it.

        Raises `NoAgentError` and `NoAnswerError`. To be closed when left early
        (`contextlib.aclosing`): the agent then gives up as well.
        """
        session = self._sessions.get(node)
        if session is None:
            raise NoAgentError(f"the agent of {node} is not connected: is its host up?")
        bounded = agent_pb2.ProbeRequest()
        bounded.CopyFrom(request)
        bounded.deadline = request.deadline or DEFAULT_DEADLINE
        end = asyncio.get_running_loop().time() + bounded.deadline + self._grace
        with session.probe(bounded) as answers:
            last = False
            while not last:
                try:
                    async with asyncio.timeout_at(end):
                        reply = await answers.next()
                except SessionEnded:
                    raise NoAgentError(f"the agent of {node} left before it had answered") from None
                except TimeoutError:
                    raise NoAnswerError(
                        f"the agent of {node} did not answer within {bounded.deadline:g} s"
                    ) from None
                last = reply.WhichOneof("result") != "capture_started"
                reply.id = request.id
                yield reply
