"""The SQLite file of a journal: how it is opened, which tables it has, and what its errors mean.

It is in WAL mode: what is committed is in a file of the operating system, where the end of the process cannot harm it,
and others can read while one writes. Only a power failure can lose what was not flushed to the disk, and never damages
the file.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from ibdesk.errors import JournalError

FORMAT = 1
"""The version of the tables, which the file keeps as its `user_version`."""

_APPLICATION = 0x1BDE5C01
"""What tells a journal from the SQLite files of other programs, as its `application_id`."""

LOCK_SECONDS = 0.5
"""How long is waited for another program that is writing. Usually that takes less than a millisecond."""

_TABLES = """
CREATE TABLE journal (identity TEXT NOT NULL);
INSERT INTO journal VALUES (lower(hex(randomblob(16))));
CREATE TABLE accounts (account TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE clients (
    client INTEGER PRIMARY KEY,
    highest_id INTEGER NOT NULL DEFAULT 0,
    highest_number INTEGER NOT NULL DEFAULT 0,
    moved INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE orders (
    client INTEGER NOT NULL,
    number INTEGER NOT NULL,
    order_id INTEGER NOT NULL,
    perm_id INTEGER NOT NULL,
    key TEXT,
    ended REAL,
    time REAL NOT NULL,
    kind INTEGER NOT NULL,
    version INTEGER NOT NULL,
    payload BLOB NOT NULL,
    PRIMARY KEY (client, number)
) WITHOUT ROWID;
CREATE UNIQUE INDEX order_of_key ON orders (key) WHERE key IS NOT NULL;
CREATE TABLE events (
    client INTEGER NOT NULL,
    number INTEGER NOT NULL,
    id INTEGER NOT NULL,
    time REAL NOT NULL,
    kind INTEGER NOT NULL,
    version INTEGER NOT NULL,
    payload BLOB NOT NULL,
    PRIMARY KEY (client, number, id)
) WITHOUT ROWID;
"""

_REASONS = {
    sqlite3.SQLITE_BUSY: f"another program has had it locked for {LOCK_SECONDS:g} s",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened",
    sqlite3.SQLITE_CONSTRAINT: "an order has the key already",
    sqlite3.SQLITE_CORRUPT: "it is damaged",
    sqlite3.SQLITE_FULL: "the disk is full",
    sqlite3.SQLITE_NOTADB: "it is no journal, nor any other database",
    sqlite3.SQLITE_PERM: "access is denied",
    sqlite3.SQLITE_READONLY: "it cannot be written to",
}


@contextmanager
def told(path: Path) -> Iterator[None]:
    """Raise JournalError in place of the errors of SQLite and of the operating system."""
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise JournalError(str(path), reason(error)) from error


def reason(error: sqlite3.Error | OSError) -> str:
    """Return what is the matter, in words."""
    if isinstance(error, OSError):
        return error.strerror or str(error)
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # further bits tell more than has a meaning here
    known = _REASONS.get(code)
    return f"{known} (SQLite: {error})" if known else f"SQLite: {error}"


def prepare(path: Path) -> None:
    """Make the file if there is none, for its owner alone, and check that it is a journal of this format."""
    with told(path):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        with closing(_open(path, "rw")) as connection:
            is_new = not connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
            if not is_new:
                _check(path, connection)
                return
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("BEGIN EXCLUSIVE")
            # Another program may have made the tables meanwhile.
            if not connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                for statement in filter(str.strip, _TABLES.split(";")):
                    connection.execute(statement)
                connection.execute(f"PRAGMA application_id = {_APPLICATION}")
                connection.execute(f"PRAGMA user_version = {FORMAT}")
            connection.execute("COMMIT")


def open_to_read(path: Path) -> sqlite3.Connection:
    """Open a journal that exists, to read it only."""
    with told(path):
        path.open("rb").close()  # this tells better than SQLite why it cannot be read
        connection = _open(path, "ro")
        try:
            _check(path, connection)
        except BaseException:
            connection.close()
            raise
        return connection


def open_to_write(path: Path) -> sqlite3.Connection:
    """Open a journal that was prepared. Commits are not flushed to the disk, unless `synchronous` is set to FULL."""
    with told(path):
        connection = _open(path, "rw")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA wal_autocheckpoint = 0")  # `ClientJournal` does it, beside the event loop
        return connection


def identity(connection: sqlite3.Connection) -> str:
    """Return what tells this journal from all others, and from those that had the same name before."""
    ((found,),) = connection.execute("SELECT identity FROM journal")
    return str(found)


def checkpoint(connection: sqlite3.Connection) -> bool:
    """Move what was written from the file `...-wal` into the main one, on the disk. Return whether that was all."""
    is_busy, found, moved = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
    return not is_busy and found == moved


def lock(path: Path, client: int) -> sqlite3.Connection:
    """Take the part of one client, until what is returned is closed or the process ends, in whatever way.

    It is the lock of a database of its own, which stays empty: so it works wherever SQLite does. Raises JournalError if
    another program has it, or another `IB` of this one.
    """
    name = path.with_name(f"{path.name}-client{client}.lock")
    with told(name):
        connection = sqlite3.connect(name, timeout=0, isolation_level=None, check_same_thread=False)
        try:
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            connection.close()
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
            raise JournalError(
                str(path),
                f"another program uses it with client id {client}. Each program needs a client id of its own",
            ) from None
        return connection


def _open(path: Path, mode: str) -> sqlite3.Connection:
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}",
        uri=True,
        timeout=LOCK_SECONDS,
        isolation_level=None,
        check_same_thread=False,
    )


def _check(path: Path, connection: sqlite3.Connection) -> None:
    if connection.execute("PRAGMA application_id").fetchone()[0] != _APPLICATION:
        raise JournalError(str(path), "it is the database of another program, and no journal")
    if (version := connection.execute("PRAGMA user_version").fetchone()[0]) > FORMAT:
        raise JournalError(str(path), f"a newer ibdesk made it: its format is {version}, and this one reads {FORMAT}")
