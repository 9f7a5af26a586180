"""Lab files and manifests on disk."""

from pathlib import Path

import pytest

from lab.cli.sources import read_sources
from lab.topology.problems import LabFileError
from lab.topology.syntax import FILE_LIMIT

LAB = """\
apiVersion: vnetlab/v1alpha1
kind: Lab
metadata: {name: small}
cloud:
  virtualNetworks:
    - {name: v, addressPrefixes: [10.1.0.0/16], subnets: [{name: s, addressPrefix: 10.1.0.0/24}]}
clusters:
  - {name: a, nodePools: [{name: p, count: 1, subnet: v/s}], manifests: [one.yaml, sub/two.yaml]}
"""


def test_manifests_are_relative_to_the_lab_file(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "one.yaml").write_text("one")
    (tmp_path / "sub" / "two.yaml").write_text("two")
    lab = tmp_path / "a.lab.yaml"
    lab.write_text(LAB)

    sources = read_sources(lab)

    assert sources.lab.content == LAB.encode()
    assert [(name, file.content) for name, file in sources.manifests] == [
        ("one.yaml", b"one"),
        ("sub/two.yaml", b"two"),
    ]
    assert sources.manifests[1][1].path == str(tmp_path / "sub" / "two.yaml")


def test_a_manifest_that_is_no_file_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "one.yaml").mkdir()
    lab = tmp_path / "a.lab.yaml"
    lab.write_text(LAB)

    assert read_sources(lab).manifests == ()


def test_a_path_that_no_file_can_have_is_left_out(tmp_path: Path) -> None:
    lab = tmp_path / "a.lab.yaml"
    lab.write_text(LAB.replace("one.yaml", '"a\\0b"'))

    assert read_sources(lab).manifests == ()


@pytest.mark.parametrize("kind", ["missing", "folder"])
def test_a_lab_file_that_cannot_be_read_is_a_problem(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "a.lab.yaml"
    if kind == "folder":
        path.mkdir()
    with pytest.raises(LabFileError, match="the lab file can't be read"):
        read_sources(path)


def test_no_more_is_read_than_shows_that_a_file_is_too_large(tmp_path: Path) -> None:
    path = tmp_path / "a.lab.yaml"
    with path.open("wb") as file:
        file.truncate(100 * FILE_LIMIT)

    assert len(read_sources(path).lab.content) == FILE_LIMIT + 1
