import pytest

from lab.runtime.provider import (
    HostsFailed,
    LabNameInUse,
    LabNotRunning,
    LabOfAnotherUser,
    MachineUnfit,
    RuntimeFailure,
    StartFailed,
)


@pytest.mark.parametrize(
    "kind",
    [HostsFailed, LabNameInUse, LabNotRunning, LabOfAnotherUser, MachineUnfit, StartFailed],
)
def test_whatever_a_runtime_refuses_can_be_shown_with_what_to_do(
    kind: type[RuntimeFailure],
) -> None:
    """The command line catches the family, and prints both."""
    with pytest.raises(RuntimeFailure) as failure:
        raise kind("it is not there", remedy="deploy it")

    assert (str(failure.value), failure.value.remedy) == ("it is not there", "deploy it")
