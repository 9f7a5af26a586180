from pathlib import Path

from lab.runtime.docker.credentials import MODE, lay_out


def test_nobody_else_reads_them(tmp_path: Path) -> None:
    place = tmp_path / "credentials" / "node0"
    lay_out(place, {"certificate.pem": b"one", "key.pem": b"two"})
    assert {path.name: path.read_bytes() for path in place.iterdir()} == {
        "certificate.pem": b"one",
        "key.pem": b"two",
    }
    assert {path.stat().st_mode & 0o777 for path in place.iterdir()} == {MODE}
    assert place.stat().st_mode & 0o077 == 0


def test_those_of_a_container_before_are_replaced(tmp_path: Path) -> None:
    """And a draft that was left half written is nobody's."""
    (tmp_path / "key.pem.new").write_bytes(b"half")
    lay_out(tmp_path, {"key.pem": b"one"})
    lay_out(tmp_path, {"key.pem": b"two"})
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("key.pem", b"two")]
