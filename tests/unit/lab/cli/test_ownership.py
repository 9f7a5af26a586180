import os
from pathlib import Path

import grpc
import pytest

from lab.cli.loading import Loaded, load
from lab.cli.ownership import refuse_other_file, runtime_for
from lab.cli.service import connected
from lab.topology.problems import LabFileError
from tests.unit.lab.cli.fake_service import INSPECTION, LAB_FILE, ORIGIN, FakeLabService


@pytest.fixture
def loaded() -> Loaded:
    Path("aks.lab.yaml").write_bytes(LAB_FILE)
    return load(Path("aks.lab.yaml"))


def runs_on(runtime: str) -> None:
    directory = Path(os.environ["VNETLAB_STATE_DIR"]) / "aks"
    directory.mkdir(parents=True)
    (directory / "runtime").write_text(f"{runtime}\n")


def test_a_new_lab_is_native_unless_told_otherwise(loaded: Loaded) -> None:
    assert runtime_for(loaded, None) == "native"
    assert runtime_for(loaded, "docker") == "docker"


def test_a_lab_keeps_its_runtime(loaded: Loaded) -> None:
    runs_on("docker")
    assert runtime_for(loaded, None) == "docker"
    assert runtime_for(loaded, "docker") == "docker"


def test_a_name_is_used_by_one_runtime_at_a_time(loaded: Loaded) -> None:
    runs_on("docker")
    with pytest.raises(LabFileError) as refused:
        runtime_for(loaded, "native")
    assert str(refused.value) == (
        'aks.lab.yaml:3: the name "aks" is in use: it runs on the docker runtime\n'
        "    choose another metadata.name, or free it with: vnetlab destroy -n aks"
    )


def test_a_name_is_used_by_one_file_at_a_time(loaded: Loaded, target: str) -> None:
    with connected(target) as lab, pytest.raises(LabFileError, match=f"deployed from {ORIGIN}"):
        refuse_other_file(loaded, lab)


def test_the_same_file_again_is_a_change_to_the_lab(
    loaded: Loaded, service: FakeLabService, target: str
) -> None:
    service.inspection = type(INSPECTION).FromString(INSPECTION.SerializeToString())
    service.inspection.source.origin = loaded.origin
    with connected(target) as lab:
        refuse_other_file(loaded, lab)


def test_a_lab_that_nothing_was_applied_to_is_anybodys(
    loaded: Loaded, service: FakeLabService, target: str
) -> None:
    service.refusal = (grpc.StatusCode.FAILED_PRECONDITION, "nothing was applied yet")
    with connected(target) as lab:
        refuse_other_file(loaded, lab)
