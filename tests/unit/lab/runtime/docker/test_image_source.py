from pathlib import Path

from lab.runtime.docker.image_source import repository_root, source_digest


def repository(at: Path, **content: str) -> Path:
    for part in ("lab", "agents", "images"):
        (at / part).mkdir(parents=True)
    (at / "pyproject.toml").write_text("[project]")
    for name, text in content.items():
        (at / "lab" / f"{name}.py").write_text(text)
    return at


def test_equal_files_have_equal_digests_wherever_they_are(tmp_path: Path) -> None:
    one, other = repository(tmp_path / "one", a="1"), repository(tmp_path / "other", a="1")
    assert source_digest(one) == source_digest(other)


def test_content_moved_between_files_is_a_difference(tmp_path: Path) -> None:
    one = repository(tmp_path / "one", a="12", b="3")
    other = repository(tmp_path / "other", a="1", b="23")
    assert source_digest(one) != source_digest(other)


def test_a_permission_to_execute_is_a_difference(tmp_path: Path) -> None:
    """An entrypoint that may not be executed makes another image."""
    one = repository(tmp_path, a="1")
    before = source_digest(one)
    (one / "lab" / "a.py").chmod(0o755)
    assert source_digest(one) != before


def test_bytecode_is_none(tmp_path: Path) -> None:
    one = repository(tmp_path, a="1")
    before = source_digest(one)
    (one / "lab" / "__pycache__").mkdir()
    (one / "lab" / "__pycache__" / "a.pyc").write_bytes(b"x")
    assert source_digest(one) == before


def test_this_clone_is_found() -> None:
    root = repository_root()
    assert root is not None
    assert (root / "images" / "Dockerfile").is_file()
