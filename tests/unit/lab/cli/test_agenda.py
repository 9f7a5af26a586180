from pathlib import Path

import pytest

from lab.cli.agenda import agenda_of
from lab.cli.errors import CommandFailed
from lab.contract.v1.lab_pb2 import ApplyRequest, InspectReply, NodeStatus, SourceFile
from tests.unit.lab.cli.fake_service import INSPECTION, LAB_FILE


def write(content: bytes, name: str = "aks.lab.yaml") -> Path:
    path = Path(name)
    path.write_bytes(content)
    return path


def test_without_a_file_at_hand_the_tests_are_those_that_were_deployed() -> None:
    agenda = agenda_of(INSPECTION, None, only=None)
    assert [test.name for test in agenda.tests] == [
        "machines meet",
        "machines are called by HTTP",
    ]
    assert agenda.warnings == ()


def test_tests_can_be_changed_without_a_deploy() -> None:
    write(LAB_FILE.replace(b"machines meet", b"machines still meet"))
    agenda = agenda_of(INSPECTION, None, only=None)
    assert agenda.tests[0].name == "machines still meet"
    assert agenda.warnings == ()


def test_a_file_that_says_another_lab_than_runs_makes_the_outcome_doubtful() -> None:
    write(LAB_FILE.replace(b"10.0.0.0/24", b"10.0.0.0/25"))
    agenda = agenda_of(INSPECTION, None, only=None)
    assert agenda.warnings == ("aks.lab.yaml has changed since it was deployed",)


def test_the_file_of_another_lab_is_not_at_hand() -> None:
    write(LAB_FILE.replace(b"name: aks", b"name: gke"))
    assert agenda_of(INSPECTION, None, only=None).warnings == ()
    with pytest.raises(CommandFailed, match='is the lab "gke", not "aks"'):
        agenda_of(INSPECTION, Path("aks.lab.yaml"), only=None)


def test_machines_that_are_not_ready_make_the_outcome_doubtful() -> None:
    reply = InspectReply(
        lab="aks",
        nodes=[NodeStatus(name=f"vm{number}", status="NotReady") for number in range(1, 6)],
        source=ApplyRequest(lab=SourceFile(path="aks.lab.yaml", content=LAB_FILE)),
    )
    assert agenda_of(reply, None, only=None).warnings == (
        "5 of 5 machines are not ready: vm1, vm2, vm3, …",
    )


def test_tests_can_be_chosen_by_a_pattern() -> None:
    assert len(agenda_of(INSPECTION, None, only="*http").tests) == 1
    assert len(agenda_of(INSPECTION, None, only="machines *").tests) == 2


def test_nothing_to_run_is_said_so() -> None:
    with pytest.raises(CommandFailed, match="has no tests that match 'x'") as refused:
        agenda_of(INSPECTION, None, only="x")
    assert refused.value.exit_code == 2
    bare = write(LAB_FILE.partition(b"tests:")[0])
    with pytest.raises(CommandFailed, match=r"aks\.lab\.yaml has no tests$"):
        agenda_of(INSPECTION, bare, only=None)
