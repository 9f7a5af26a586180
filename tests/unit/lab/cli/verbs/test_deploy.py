import json
import os
from pathlib import Path

import grpc
import pytest

from lab.contract.v1.agent_pb2 import Condition
from lab.contract.v1.lab_pb2 import ApplyProgress, Host, InspectReply, NodeCondition
from lab.runtime.provider import Capability
from tests.unit.lab.cli.fake_runtime import FakeRuntime
from tests.unit.lab.cli.fake_service import LAB_FILE, FakeLabService

FIRST = ApplyProgress(
    revision=4, nodes_total=1, hosts=[Host(name="vm1", underlay_address="198.18.0.11")]
)


def settled(**more: object) -> ApplyProgress:
    values = {"revision": 4, "nodes_ready": 1, "nodes_total": 1, "operations": 9, "done": True}
    return ApplyProgress(**{**values, **more})  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def _lab_file() -> None:
    Path("aks.lab.yaml").write_bytes(LAB_FILE)


@pytest.fixture
def runtime(target: str, service: FakeLabService, monkeypatch: pytest.MonkeyPatch) -> FakeRuntime:
    """The only runtime there is, of a machine that lacks nothing."""
    made = FakeRuntime(target=target)
    service.inspection = InspectReply()
    service.progress = [FIRST, settled()]
    monkeypatch.setattr("lab.cli.runtimes.runtime_of", lambda *_, **__: made)
    monkeypatch.setattr("lab.cli.doctor.capabilities_of", lambda _: [])
    return made


def test_what_is_up_is_one_line_on_stdout(vnetlab, runtime: FakeRuntime) -> None:
    printed = vnetlab("deploy")
    assert printed.exit_code == 0
    assert printed.out.startswith("aks is up: 1 machine, 0 pods, revision 4 (")
    assert printed.err.splitlines() == [
        "starting aks (native)",
        "revision 4: 1 host",
        "0/1 nodes ready, 0/0 pods attached",
        "1/1 nodes ready, 0/0 pods attached",
    ]
    assert runtime.calls == ["start", "provide"]


def test_the_files_travel_with_where_they_came_from(
    vnetlab, runtime: FakeRuntime, service: FakeLabService, tmp_path: Path
) -> None:
    vnetlab("deploy", "--wait", "7")
    (request,) = service.applied
    assert request.lab.content == LAB_FILE
    assert request.origin == str(tmp_path.resolve() / "aks.lab.yaml")
    assert request.deadline == 7


def test_nothing_to_change_is_said_so(
    vnetlab, runtime: FakeRuntime, service: FakeLabService
) -> None:
    service.progress = [FIRST, settled(operations=0)]
    assert vnetlab("deploy").out == "aks: nothing to change (1 machine, 0 pods, revision 4)\n"


def test_the_outcome_for_programs(vnetlab, runtime: FakeRuntime) -> None:
    outcome = json.loads(vnetlab("deploy", "--format", "json").out)
    assert outcome.pop("seconds") >= 0
    assert outcome == {
        "lab": "aks",
        "file": "aks.lab.yaml",
        "revision": 4,
        "machines": 1,
        "pods": 0,
        "operations": 9,
        "failures": [],
        "warnings": [],
    }


def test_quiet_prints_nothing_when_all_is_well(vnetlab, runtime: FakeRuntime) -> None:
    printed = vnetlab("deploy", "-q")
    assert (printed.exit_code, printed.out, printed.err) == (0, "", "")


def test_what_did_not_come_about_is_told_and_fails(
    vnetlab, runtime: FakeRuntime, service: FakeLabService
) -> None:
    failure = NodeCondition(node="vm1", condition=Condition(object="vswitch", reason="no vxlan"))
    service.progress = [FIRST, settled(failures=[failure])]
    printed = vnetlab("deploy", "-q")
    assert (printed.exit_code, printed.out) == (1, "")
    assert printed.err.splitlines() == [
        "error: aks is not as its file says:",
        "  vm1: vswitch: no vxlan",
        "    the hosts go on trying; see vnetlab inspect -n aks",
    ]


def test_warnings_of_the_cloud_process_are_passed_on(
    vnetlab, runtime: FakeRuntime, service: FakeLabService
) -> None:
    first = ApplyProgress.FromString(FIRST.SerializeToString())
    first.warnings.append("kubenet is retired in 2028")
    service.progress = [first, settled()]
    assert "warning: kubenet is retired in 2028" in vnetlab("deploy").err


def test_a_bad_file_stops_before_anything_is_touched(vnetlab, runtime: FakeRuntime) -> None:
    Path("aks.lab.yaml").write_bytes(LAB_FILE.replace(b"virtualMachines", b"virtualMachine"))
    printed = vnetlab("deploy")
    assert printed.exit_code == 2
    assert "aks.lab.yaml:9: " in printed.err
    assert runtime.calls == []
    assert not Path(os.environ["VNETLAB_STATE_DIR"]).exists()


def test_an_unfit_machine_stops_before_anything_is_touched(
    vnetlab, runtime: FakeRuntime, monkeypatch: pytest.MonkeyPatch
) -> None:
    lacking = Capability(
        name="nft", present=False, needed_for="", seen="not installed", remedy="apt-get install nft"
    )
    monkeypatch.setattr("lab.cli.doctor.capabilities_of", lambda _: [lacking])
    printed = vnetlab("deploy")
    assert printed.exit_code == 2
    assert "    apt-get install nft" in printed.err.splitlines()
    assert runtime.calls == []
    assert not Path(os.environ["VNETLAB_STATE_DIR"]).exists()


def test_a_lab_is_called_what_its_file_calls_it(vnetlab, runtime: FakeRuntime) -> None:
    printed = vnetlab("deploy", "-n", "gke")
    assert printed.exit_code == 2
    assert 'is the lab "aks", not "gke"' in printed.err
    assert runtime.calls == []


def test_a_new_lab_that_is_refused_leaves_nothing(
    vnetlab, runtime: FakeRuntime, service: FakeLabService
) -> None:
    service.refusal = (grpc.StatusCode.INVALID_ARGUMENT, "aks.lab.yaml:3: no")
    printed = vnetlab("deploy")
    assert (printed.exit_code, runtime.calls) == (2, ["start", "destroy"])


def test_a_lab_that_ran_before_survives_a_refusal(
    vnetlab, runtime: FakeRuntime, service: FakeLabService
) -> None:
    directory = Path(os.environ["VNETLAB_STATE_DIR"]) / "aks"
    directory.mkdir(parents=True)
    (directory / "runtime").write_text("native\n")
    service.refusal = (grpc.StatusCode.INVALID_ARGUMENT, "aks.lab.yaml:3: no")
    assert vnetlab("deploy").exit_code == 2
    assert runtime.calls == ["start"]


def test_a_dry_run_shows_what_would_be_and_asks_nobody(
    vnetlab, snapshot, runtime: FakeRuntime
) -> None:
    printed = vnetlab("deploy", "--dry-run")
    assert printed.exit_code == 0
    assert runtime.calls == []
    assert [line for line in printed.out.splitlines() if len(line) > 80] == []
    snapshot("dry-run", printed.out)


def test_a_dry_run_for_programs(vnetlab) -> None:
    plan = json.loads(vnetlab("deploy", "--dry-run", "--format", "json").out)
    assert set(plan) == {
        "lab", "file", "nodes", "pods", "services", "loadbalancers", "routes",
        "ipam", "nsg", "warnings",
    }  # fmt: skip
    assert [node["address"] for node in plan["nodes"]][:2] == ["10.0.0.4", "10.0.0.5"]
