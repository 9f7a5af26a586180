import pytest

from lab.contract.condition import Condition, ConditionStatus, from_wire, to_wire
from lab.contract.v1 import agent_pb2


@pytest.mark.parametrize("status", ConditionStatus)
def test_a_condition_survives_the_wire(status: ConditionStatus) -> None:
    condition = Condition(object="pod/default/a", status=status, reason="why")

    assert from_wire(agent_pb2.Condition.FromString(to_wire(condition).SerializeToString())) == (
        condition
    )


def test_a_status_of_a_newer_contract_is_no_success() -> None:
    """An agent that says something unknown must never be taken for one that is ready."""
    unknown = agent_pb2.Condition(object="node", status=77)  # type: ignore[arg-type]

    assert from_wire(unknown).status is ConditionStatus.PENDING
