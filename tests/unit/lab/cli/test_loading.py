from pathlib import Path

import pytest

from lab.cli.loading import counted, load
from lab.topology.problems import LabFileError
from tests.unit.lab.cli.fake_service import LAB_FILE


def test_a_loaded_lab_knows_what_would_be() -> None:
    file = Path("aks.lab.yaml")
    file.write_bytes(LAB_FILE)
    loaded = load(file)
    assert loaded.lab.name == "aks"
    assert loaded.summary == "3 machines, 0 pods, 2 tests"
    assert {node.name for node in loaded.inventory.nodes} == {"vm1", "vm2", "internet"}


def test_a_file_is_known_by_its_absolute_path_without_links(tmp_path: Path) -> None:
    Path("aks.lab.yaml").write_bytes(LAB_FILE)
    Path("link.lab.yaml").symlink_to("aks.lab.yaml")
    assert load(Path("link.lab.yaml")).origin == str(tmp_path.resolve() / "aks.lab.yaml")


def test_targets_of_tests_are_checked_before_anything_is_built() -> None:
    file = Path("aks.lab.yaml")
    file.write_bytes(LAB_FILE.replace(b"to: vm2", b"to: vm3"))
    with pytest.raises(LabFileError, match="vm3"):
        load(file)


def test_one_of_anything_has_no_plural() -> None:
    assert [counted(number, "pod") for number in (0, 1, 2)] == ["0 pods", "1 pod", "2 pods"]
