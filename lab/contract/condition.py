"""What an agent says about one object of its host after a round of the reconciler."""

from dataclasses import dataclass
from enum import Enum
from typing import assert_never

from lab.contract.v1 import agent_pb2


class ConditionStatus(Enum):
    """How far an object of a host is."""

    PENDING = "Pending"
    """Not there yet, for a reason that is expected to pass; the agent looks again by itself."""
    APPLIED = "Applied"
    """The host was seen to match."""
    FAILED = "Failed"
    """The host does not match and the round could not help it; `reason` says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """The state of one object, for example ``pod/default/nginx-0``."""

    object: str
    """``vswitch``, ``node``, ``workloads``, ``pod/NAMESPACE/NAME``, ``agent``."""
    status: ConditionStatus
    reason: str = ""
    """What happened and what to do next; empty when applied."""


def to_wire(condition: Condition) -> agent_pb2.Condition:
    """The condition as it travels."""
    match condition.status:
        case ConditionStatus.PENDING:
            status = agent_pb2.CONDITION_STATUS_PENDING
        case ConditionStatus.APPLIED:
            status = agent_pb2.CONDITION_STATUS_APPLIED
        case ConditionStatus.FAILED:
            status = agent_pb2.CONDITION_STATUS_FAILED
        case _:
            assert_never(condition.status)
    return agent_pb2.Condition(object=condition.object, status=status, reason=condition.reason)


def from_wire(message: agent_pb2.Condition) -> Condition:
    """The condition that travelled; a status of a newer contract counts as pending."""
    match message.status:
        case agent_pb2.CONDITION_STATUS_APPLIED:
            status = ConditionStatus.APPLIED
        case agent_pb2.CONDITION_STATUS_FAILED:
            status = ConditionStatus.FAILED
        case _:
            status = ConditionStatus.PENDING
    return Condition(object=message.object, status=status, reason=message.reason)
