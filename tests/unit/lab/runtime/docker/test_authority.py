from pathlib import Path

import pytest

from lab.runtime.docker.authority import FILE_NAME, lab_authority


def test_a_lab_keeps_its_authority(tmp_path: Path) -> None:
    """Nodes that were added later meet nodes whose certificates are older."""
    assert lab_authority(tmp_path, lab="one") == lab_authority(tmp_path, lab="one")


def test_two_labs_have_two(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    one = lab_authority(tmp_path, lab="one")
    assert one.fingerprint != lab_authority(tmp_path / "other", lab="one").fingerprint


def test_only_the_owner_can_read_it(tmp_path: Path) -> None:
    lab_authority(tmp_path, lab="one")
    assert (tmp_path / FILE_NAME).stat().st_mode & 0o777 == 0o600


def test_a_draft_of_a_killed_deploy_is_in_nobodys_way(tmp_path: Path) -> None:
    (tmp_path / "authority.new").write_text("half")
    lab_authority(tmp_path, lab="one")
    assert not (tmp_path / "authority.new").exists()


def test_a_missing_directory_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        lab_authority(tmp_path / "nowhere", lab="one")
