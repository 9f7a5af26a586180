"""Files in place: on a real file system, though nothing else of the kernel is needed."""

import os
from pathlib import Path

import pytest

from agents.files import below, remove_files, write_directories, write_files
from agents.ledger import RecordFile
from lab.contract.node_state import File

pytestmark = pytest.mark.kernel

FILE = File(path="/etc/cni/net.d/10.conflist", content=b"{}", mode=0o600)


def test_a_file_is_written_once(tmp_path: Path) -> None:
    """With its directories, its content and its mode; the second time there is nothing to do."""
    assert write_files(tmp_path, [FILE]) == 1
    written = tmp_path / "etc/cni/net.d/10.conflist"
    assert (written.read_bytes(), written.stat().st_mode & 0o777) == (b"{}", 0o600)
    assert write_files(tmp_path, [FILE]) == 0


@pytest.mark.parametrize("drift", ["content", "mode"])
def test_drift_is_mended_in_place(tmp_path: Path, drift: str) -> None:
    """The same inode: a bind mount of it must show the new content."""
    write_files(tmp_path, [FILE])
    written = tmp_path / "etc/cni/net.d/10.conflist"
    before = written.stat().st_ino
    if drift == "content":
        written.write_bytes(b"other")
    else:
        written.chmod(0o644)
    assert write_files(tmp_path, [FILE]) == 1
    assert (written.read_bytes(), written.stat().st_ino) == (b"{}", before)


def test_removing_what_has_gone_is_no_error(tmp_path: Path) -> None:
    write_files(tmp_path, [FILE])
    assert remove_files(tmp_path, [FILE.path, "/etc/never"]) == 1
    assert remove_files(tmp_path, [FILE.path]) == 0


def test_directories_are_exactly_those_wanted(tmp_path: Path) -> None:
    wanted = {"a": {"hosts": b"1"}, "b": {"hosts": b"2"}}
    assert write_directories(tmp_path / "pods", wanted) == 2
    assert write_directories(tmp_path / "pods", wanted) == 0
    (tmp_path / "pods/b/hosts").write_bytes(b"drifted")
    assert write_directories(tmp_path / "pods", wanted, known=["b"]) == 0
    assert write_directories(tmp_path / "pods", wanted) == 1
    assert write_directories(tmp_path / "pods", {"b": {"hosts": b"3"}}) == 2
    assert os.listdir(tmp_path / "pods") == ["b"]
    assert (tmp_path / "pods/b/hosts").read_bytes() == b"3"


@pytest.mark.parametrize("path", ["relative", "/etc/../../outside", ""])
def test_no_path_leads_out_of_the_node(tmp_path: Path, path: str) -> None:
    with pytest.raises(ValueError, match="not an absolute path of the node"):
        below(tmp_path, path)


def test_a_record_is_replaced_as_a_whole(tmp_path: Path) -> None:
    """And not at all where it says so already."""
    path = tmp_path / "run/ledger.json"
    record = RecordFile(path)
    assert record.read() == {}
    record.write({"a": 1})
    before = path.stat()
    record.write({"a": 1})
    assert path.stat().st_mtime_ns == before.st_mtime_ns
    record.write({"a": 2})
    assert RecordFile(path).read() == {"a": 2}
    assert os.listdir(path.parent) == ["ledger.json"]
