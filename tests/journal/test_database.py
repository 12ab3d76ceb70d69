"""The file of a journal: made, opened, refused, and what its errors say."""

import os
import re
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from ibdesk.errors import JournalError
from ibdesk.journal import database


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "orders.db"
    database.prepare(path)
    return path


def test_a_new_file_is_for_its_owner_alone(path: Path) -> None:
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert connection.execute("PRAGMA user_version").fetchone() == (database.FORMAT,)


def test_a_journal_is_opened_again(path: Path) -> None:
    with closing(database.open_to_write(path)) as connection:
        connection.execute("INSERT INTO accounts VALUES ('DU1')")
    database.prepare(path)
    with closing(database.open_to_read(path)) as connection:
        assert connection.execute("SELECT * FROM accounts").fetchall() == [("DU1",)]


def test_an_empty_file_becomes_a_journal(tmp_path: Path) -> None:
    (tmp_path / "orders.db").touch()
    database.prepare(tmp_path / "orders.db")
    with closing(database.open_to_read(tmp_path / "orders.db")):
        pass


@pytest.mark.parametrize("open_it", [database.prepare, database.open_to_read])
def test_what_is_no_journal_is_refused(tmp_path: Path, open_it) -> None:
    text, other, newer = tmp_path / "a.txt", tmp_path / "other.db", tmp_path / "newer.db"
    text.write_text("no database, but a text that is long enough to be looked at" * 20)
    with closing(sqlite3.connect(other)) as connection:
        connection.execute("CREATE TABLE trades (id)")
    database.prepare(newer)
    with closing(sqlite3.connect(newer)) as connection:
        connection.execute("PRAGMA user_version = 7")
    for file, reason in (
        (text, "it is no journal, nor any other database (SQLite: file is not a database)"),
        (other, "it is the database of another program, and no journal"),
        (newer, "a newer ibdesk made it: its format is 7, and this one reads 1"),
        (tmp_path / "no folder" / "orders.db", "No such file or directory"),
        (tmp_path, "Is a directory"),
    ):
        with pytest.raises(JournalError, match=re.escape(f"the journal {file}: {reason}")):
            open_it(file)
    with closing(sqlite3.connect(other)) as connection:
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [("trades",)], "it is left alone"


def test_reading_makes_no_file(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match="No such file"):
        database.open_to_read(tmp_path / "orders.db")
    assert os.listdir(tmp_path) == []


def test_the_name_of_a_file_is_shown_with_its_control_characters_spelled(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match=re.escape(r"\x1b[2J")):
        database.open_to_read(tmp_path / "\x1b[2J.db")


def test_a_name_with_signs_of_addresses_is_a_name(tmp_path: Path) -> None:
    path = tmp_path / "50% ?mode=ro#1.db"
    database.prepare(path)
    database.open_to_write(path).close()
    assert path.is_file()


def test_each_client_has_a_lock_of_its_own(path: Path) -> None:
    with (
        closing(database.lock(path, 1)),
        closing(database.lock(path, 2)),
        pytest.raises(JournalError, match="another program uses it with client id 1"),
    ):
        database.lock(path, 1)
    database.lock(path, 1).close()


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (sqlite3.SQLITE_FULL, "the disk is full"),
        (sqlite3.SQLITE_BUSY, "another program has had it locked for 0.5 s"),
        (sqlite3.SQLITE_READONLY | 8 << 8, "it cannot be written to"),
        (sqlite3.SQLITE_CORRUPT, "it is damaged"),
        (sqlite3.SQLITE_INTERRUPT, "SQLite: words of SQLite"),
    ],
)
def test_errors_of_sqlite_are_told_in_words(code: int, reason: str) -> None:
    error = sqlite3.OperationalError("words of SQLite")
    error.sqlite_errorcode = code
    with pytest.raises(JournalError) as caught, database.told(Path("orders.db")):
        raise error
    assert caught.value.reason.startswith(reason)
    assert caught.value.path == "orders.db"
    assert caught.value.__cause__ is error
