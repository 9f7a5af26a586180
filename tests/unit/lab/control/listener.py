"""The other end of a stream, for tests: remembers the parts that it was told."""

from collections.abc import Iterable

from lab.contract.state_parts import Parts
from lab.contract.v1.agent_pb2 import CloudMessage, CloudMessages, Part
from lab.control.sessions import AgentSession


class Listener:
    """Of one stream."""

    def __init__(self) -> None:
        self.parts: dict[int, bytes] = {}
        self.states: dict[str, Parts] = {}
        """What each host is to be, of those that were told by messages of the stream."""
        self._numbers: dict[str, list[int]] = {}

    def hear(self, batch: CloudMessages) -> list[CloudMessage]:
        """What a message of the stream holds."""
        self.parts |= {part.number: part.node_state for part in batch.parts}
        successors = {each.old: each.new for each in batch.succession.replacements}
        for node, numbers in self._numbers.items():
            self._numbers[node] = [successors.get(number, number) for number in numbers]
        for message in batch.messages:
            if message.HasField("desired_state"):
                self._numbers[message.node] = list(message.desired_state.parts)
        self.states = {
            node: tuple(self.parts[number] for number in numbers)
            for node, numbers in self._numbers.items()
        }
        for number in batch.forgotten_parts:
            del self.parts[number]
        return list(batch.messages)

    def leave(self, node: str) -> None:
        """A host goes."""
        del self._numbers[node]

    def take(self, session: AgentSession) -> list[CloudMessage]:
        """What a session has to say, as its stream would carry it."""
        told = session.outbox.told
        messages = session.take(told)
        self._learn(*told.take())
        return messages

    def state(self, message: CloudMessage) -> Parts:
        """What a host is to be."""
        return tuple(self.parts[number] for number in message.desired_state.parts)

    def _learn(self, parts: Iterable[Part], forgotten: Iterable[int]) -> None:
        self.parts |= {part.number: part.node_state for part in parts}
        for number in forgotten:
            del self.parts[number]
