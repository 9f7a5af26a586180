"""The file that outlives the cloud process."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from lab.control.main import serving
from lab.control.store import ASKED_FILE_NAME, FILE_NAME, Applied, StateFileError, Store
from tests.processes.conftest import Site
from tests.processes.labs import machines

FIRST = Applied(revision=1, source=b"lab \x00\xff", ledger='{"a": "10.0.0.4"}')


@pytest.fixture
def opened(tmp_path: Path) -> Store:
    return Store(tmp_path)


def test_a_new_file_holds_nothing(opened: Store) -> None:
    assert opened.load() is None


def test_what_was_saved_is_there_for_the_next_process(opened: Store, tmp_path: Path) -> None:
    opened.save(FIRST)
    opened.close()

    assert Store(tmp_path).load() == FIRST


def test_what_is_saved_replaces_what_was_there(opened: Store) -> None:
    opened.save(FIRST)
    second = Applied(revision=2, source=b"other", ledger="{}")
    opened.save(second)

    assert opened.load() == second


def test_what_can_not_be_saved_leaves_what_was_there(opened: Store) -> None:
    opened.save(FIRST)
    opened.ask(b"one")
    with pytest.raises(StateFileError):
        opened.save(Applied(revision=0, source=b"", ledger=""))

    assert (opened.load(), opened.asked()) == (FIRST, b"one")


def test_what_is_asked_is_there_until_it_is_saved_or_withdrawn(
    opened: Store, tmp_path: Path
) -> None:
    opened.save(FIRST)
    assert opened.asked() is None
    opened.ask(b"one")
    opened.ask(b"other")
    opened.close()
    again = Store(tmp_path)
    assert (again.asked(), again.load()) == (b"other", FIRST)
    again.withdraw()
    assert again.asked() is None
    again.ask(b"one")
    again.save(FIRST)
    assert again.asked() is None


def test_what_was_not_kept_to_its_end_was_not_asked(opened: Store, tmp_path: Path) -> None:
    """Killed while it was written: nothing has begun. So does a disk end that lost power."""
    opened.ask(b"one, and not less than that")
    kept = tmp_path / ASKED_FILE_NAME
    whole = kept.read_bytes()
    for length in range(len(whole)):
        kept.write_bytes(whole[:length])
        assert opened.asked() is None
    kept.write_bytes(whole)
    assert opened.asked() == b"one, and not less than that"


def test_what_can_not_be_kept_is_said(opened: Store, tmp_path: Path) -> None:
    (tmp_path / ASKED_FILE_NAME).mkdir()
    for use in (lambda: opened.ask(b"one"), opened.asked, opened.withdraw):
        with pytest.raises(StateFileError, match=f"can't be used: .*{ASKED_FILE_NAME}"):
            use()


def test_nothing_is_left_beside_the_file(opened: Store, tmp_path: Path) -> None:
    """No write-ahead log: the one file is all there is to move or to remove."""
    opened.ask(FIRST.source)
    opened.save(FIRST)
    opened.close()

    assert [path.name for path in tmp_path.iterdir()] == [FILE_NAME]


def of_something_else(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE bookmarks (url TEXT)")


def of_another_version(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")


def cut_off(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def scribbled_over(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:100] + b"\xa5" * 8000)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (of_another_version, "its version is 99, and this vnetlab reads 1"),
        (cut_off, "malformed|disk I/O|not a database"),
        (scribbled_over, "malformed|disk I/O|not a database"),
    ],
)
def test_a_file_that_is_none_of_ours_any_more_is_refused(
    opened: Store, tmp_path: Path, damage: Callable[[Path], None], message: str
) -> None:
    opened.save(FIRST)
    opened.close()
    damage(tmp_path / FILE_NAME)

    with pytest.raises(StateFileError, match=message) as caught:
        Store(tmp_path).load()

    assert "move the file away, and deploy again" in str(caught.value)


def test_a_database_of_something_else_is_left_alone(tmp_path: Path) -> None:
    of_something_else(tmp_path / FILE_NAME)
    before = (tmp_path / FILE_NAME).read_bytes()

    with pytest.raises(StateFileError, match="it is a database of something else"):
        Store(tmp_path)

    assert (tmp_path / FILE_NAME).read_bytes() == before


def test_a_directory_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(StateFileError, match="unable to open database file"):
        Store(tmp_path / "absent")


async def test_allocations_of_another_version_are_said(site: Site) -> None:
    """A state file of a newer vnetlab must not be taken for an empty one."""
    store = Store(site.directory)
    source = machines("a").SerializeToString()
    store.save(Applied(revision=1, source=source, ledger='{"version": 99}'))
    store.close()
    with pytest.raises(StateFileError, match="version"):
        async with serving(site.control()):
            raise AssertionError("served")
