from pathlib import Path

from lab.runtime.native.filesystem import hidden


def test_only_what_the_capsules_own_file_systems_would_hide_has_to_be_kept() -> None:
    paths = [Path("/usr/lib/python3"), Path("/tmp/clone/.venv"), Path("/var/lib/python")]

    assert hidden(paths) == (Path("/tmp/clone/.venv"), Path("/var/lib/python"))


def test_a_directory_comes_with_the_one_that_it_lies_in() -> None:
    paths = [Path("/tmp/clone/.venv/lib"), Path("/tmp/clone"), Path("/tmp/clone-2")]

    assert hidden(paths) == (Path("/tmp/clone"), Path("/tmp/clone-2"))


def test_a_name_that_only_begins_alike_lies_elsewhere() -> None:
    assert hidden([Path("/tmpfiles"), Path("/variable/x"), Path("/runs")]) == ()
