"""What is read from the file of a journal."""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from ibdesk.journal import database, outbox
from ibdesk.journal.entries import Entry, Event, Kind
from ibdesk.journal.outbox import Sending


class Reading:
    """A journal that is only read, whoever else writes it. The file has to exist.

    Raises JournalError if it cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @contextmanager
    def opened(self) -> Iterator["Snapshot"]:
        """Open the file once, to read several things in it as they were at one moment."""
        with closing(database.open_to_read(self.path)) as connection:
            with database.told(self.path):
                connection.execute("BEGIN")
            yield Snapshot(self.path, connection)

    def entries(self) -> list[Entry]:
        """Return all orders, in the order in which they were placed."""
        with self.opened() as snapshot:
            return snapshot.entries()

    def events(self, entry: Entry) -> list[Event]:
        """Return all that followed after the first message about an order, in the order in which it was written."""
        with self.opened() as snapshot:
            return snapshot.events(entry)

    def waiting(self) -> list[tuple[int, Sending]]:
        """Return what clients have sent, or were about to, that is not in the database yet, each with its client id."""
        with self.opened() as snapshot:
            return snapshot.waiting()


class Snapshot:
    """What a journal held when it was opened. Its methods are those of `Reading`."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self._path = path
        self._connection = connection

    def entries(self) -> list[Entry]:
        """Return all orders, in the order in which they were placed."""
        with database.told(self._path):
            return entries(self._connection)

    def events(self, entry: Entry) -> list[Event]:
        """Return all that followed after the first message about an order, in the order in which it was written."""
        with database.told(self._path):
            return events(self._connection, entry)

    def waiting(self) -> list[tuple[int, Sending]]:
        """Return what clients have sent, or were about to, that is not in the database yet, each with its client id."""
        with database.told(self._path):
            clients = self._connection.execute("SELECT client, moved FROM clients ORDER BY client").fetchall()
            identity = database.identity(self._connection)
            return [
                (client, sending)
                for client, moved in clients
                for sending in outbox.read(outbox.of_client(self._path, client), identity)
                if sending.sequence > moved
            ]


def entries(connection: sqlite3.Connection, condition: str = "true", *values: object) -> list[Entry]:
    """Return the orders for which an SQL condition holds, in the order in which they were placed."""
    rows = connection.execute(
        "SELECT client, number, order_id, perm_id, coalesce(key, ''), ended, time, kind, version, payload "
        f"FROM orders WHERE {condition} ORDER BY time, client, number",
        values,
    )
    return [
        Entry(client, number, orderId, permId, key, ended, _event(event))
        for client, number, orderId, permId, key, ended, *event in rows
    ]


def events(connection: sqlite3.Connection, entry: Entry) -> list[Event]:
    """Return all that followed after the first message about an order, in the order in which it was written."""
    rows = connection.execute(
        "SELECT time, kind, version, payload FROM events WHERE client = ? AND number = ? ORDER BY id", entry[:2]
    )
    return [_event(row) for row in rows]


def _event(row: Iterable[Any]) -> Event:
    time, kind, version, payload = row
    return Event(time, Kind(kind), version, payload)
