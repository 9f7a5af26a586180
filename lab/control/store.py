"""What survives the cloud process: the files last applied, the allocations, the revision.

One row in one SQLite file. Desired states are not in it, since they follow from what is: same
input, same bytes. The process holds the file exclusively from its first statement to its
end, so that two cloud processes can never serve one lab.

Files that are about to be applied are in a file beside it for as long as that takes. It outlives
the process and need not outlive the machine, so that nobody waits for the disk
(`docs/decisions/0110-a-request-is-kept-while-it-is-compiled.md`).

Synchronous; the loop calls it in a thread.
"""

import hashlib
import sqlite3
from dataclasses import dataclass
from pathlib import Path

FILE_NAME = "cloud.sqlite"
ASKED_FILE_NAME = "cloud.asked"
APPLICATION_ID = 0x766E6574
"""Marks the file as ours in its header (SQLite: ``PRAGMA application_id``)."""
SCHEMA_VERSION = 1
_DIGEST_SIZE = 16

PATIENCE = 1.0
"""Seconds in which a process that was killed has to have let go of the file."""

_SCHEMA = """
CREATE TABLE applied (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    revision INTEGER NOT NULL CHECK (revision > 0),
    source BLOB NOT NULL,
    ledger TEXT NOT NULL
) STRICT
"""


class StateFileError(Exception):
    """The state file can't be used; the message says what is wrong with it and what to do next."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """What was applied last."""

    revision: int
    """From 1; grows whenever a desired state changes."""
    source: bytes
    """The request as it was accepted, serialised."""
    ledger: str
    """Every allocation, as JSON."""


class Store:
    """The state file of one lab, open."""

    def __init__(self, state_directory: Path) -> None:
        """Open the file of `state_directory`, or make it.

        Raises `StateFileError` when it is no state file, or a damaged one, or one
        of another version, or another cloud process has it.
        """
        self._path = state_directory / FILE_NAME
        self._asked = state_directory / ASKED_FILE_NAME
        try:
            # One statement at a time, from whichever thread of the executor is free.
            self._connection = sqlite3.connect(
                self._path, isolation_level=None, check_same_thread=False, timeout=PATIENCE
            )
        except sqlite3.Error as error:
            raise self._unusable(error) from error
        try:
            self._prepare()
        except sqlite3.Error as error:
            self._connection.close()
            raise self._unusable(error) from error
        except StateFileError:
            self._connection.close()
            raise

    def load(self) -> Applied | None:
        """What was applied last; None: nothing yet.

        Raises `StateFileError` when the file is damaged.
        """
        try:
            row = self._connection.execute(
                "SELECT revision, source, ledger FROM applied"
            ).fetchone()
        except sqlite3.Error as error:
            raise self._unusable(error) from error
        if row is None:
            return None
        revision, source, ledger = row
        return Applied(revision=revision, source=source, ledger=ledger)

    def asked(self) -> bytes | None:
        """What was asked for, and neither saved as applied since nor withdrawn.

        None, too, for what was not kept to its end: it hadn't begun then. Raises `StateFileError`
        when the file can't be read.
        """
        try:
            content = self._asked.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._unusable(str(error)) from error
        source = content[_DIGEST_SIZE:]
        return source if content == _sealed(source) else None

    def ask(self, source: bytes) -> None:
        """Keep files that are about to be applied to what was applied last.

        Raises `StateFileError` when they can't be written.
        """
        try:
            self._asked.write_bytes(_sealed(source))
        except OSError as error:
            raise self._unusable(str(error)) from error

    def withdraw(self) -> None:
        """Nothing is about to be applied. Raises `StateFileError` when that can't be written."""
        try:
            self._asked.unlink(missing_ok=True)
        except OSError as error:
            raise self._unusable(str(error)) from error

    def save(self, applied: Applied) -> None:
        """Put `applied` in place of what was there: wholly, or not at all.

        Nothing is about to be applied any more. Raises `StateFileError` when it can't be
        written; what was there then stands.
        """
        try:
            # A single statement is a transaction of its own.
            self._connection.execute(
                "INSERT OR REPLACE INTO applied (id, revision, source, ledger) VALUES (1, ?, ?, ?)",
                (applied.revision, applied.source, applied.ledger),
            )
        except sqlite3.Error as error:
            raise self._unusable(error) from error
        # Whoever is killed before it is gone applies the same again, which changes nothing.
        self.withdraw()

    def close(self) -> None:
        """Let go of the file. Idempotent."""
        self._connection.close()

    def _prepare(self) -> None:
        execute = self._connection.execute
        execute("PRAGMA locking_mode = EXCLUSIVE")
        # A rollback journal, not WAL: there are no concurrent readers to gain from one, and
        # WAL needs shared memory, which a bind mount of another machine's disk may not have.
        execute("PRAGMA journal_mode = DELETE")
        execute("PRAGMA synchronous = FULL")
        execute("BEGIN EXCLUSIVE")
        try:
            self._prepare_schema()
        except BaseException:
            execute("ROLLBACK")
            raise
        execute("COMMIT")
        (verdict,) = execute("PRAGMA quick_check(1)").fetchone()
        if verdict != "ok":
            raise self._unusable(verdict)

    def _prepare_schema(self) -> None:
        execute = self._connection.execute
        (application,) = execute("PRAGMA application_id").fetchone()
        (version,) = execute("PRAGMA user_version").fetchone()
        (tables,) = execute("SELECT count(*) FROM sqlite_schema").fetchone()
        if tables == 0 and version == 0:
            execute(_SCHEMA)
            execute(f"PRAGMA application_id = {APPLICATION_ID}")
            execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        elif application != APPLICATION_ID:
            raise self._unusable("it is a database of something else")
        elif version != SCHEMA_VERSION:
            raise self._unusable(
                f"its version is {version}, and this vnetlab reads {SCHEMA_VERSION}"
            )

    def _unusable(self, reason: sqlite3.Error | str) -> StateFileError:
        if isinstance(reason, sqlite3.Error) and _is_locked(reason):
            return StateFileError(f"{self._path} is held by another cloud process of this lab")
        return StateFileError(
            f"{self._path} can't be used: {reason}. The hosts of the lab go on forwarding. "
            "Destroy the lab, or move the file away, and deploy again"
        )


def _sealed(source: bytes) -> bytes:
    """`source`, with what tells whether it is there to its end."""
    return hashlib.blake2b(source, digest_size=_DIGEST_SIZE).digest() + source


def _is_locked(error: sqlite3.Error) -> bool:
    return getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY
