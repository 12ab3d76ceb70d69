"""`ClientJournal`: the part of a journal that belongs to one client, as its program writes it.

What the program is about to send is in a file before it is sent, the `Outbox`; if it cannot be written, JournalError is
raised. Later the client says what it was. That, and what the server tells, is collected until `write` puts it into the
database, in one transaction, because a transaction costs more than all that is in it. If that fails, the program is not
stopped: it is kept until it can be written, and only new orders are refused.
"""

import sqlite3
import threading
import weakref
from collections import deque
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from ibdesk.errors import JournalError
from ibdesk.journal import database, reading
from ibdesk.journal.entries import Entry, Event, Kind
from ibdesk.journal.outbox import Outbox, Sending, of_client
from ibdesk.logs import logger

_log = logger("ibdesk.journal")

_Statement = tuple[str, tuple[object, ...]]

_ORDER = "INSERT INTO orders VALUES (?, ?, ?, ?, ?, NULL, ?, ?, ?, ?)"
_EVENT = (  # of an order that was not pruned meanwhile
    "INSERT INTO events SELECT new.* FROM (SELECT ? AS client, ? AS number, ?, ?, ?, ?, ?) AS new "
    "WHERE EXISTS (SELECT 1 FROM orders WHERE orders.client = new.client AND orders.number = new.number)"
)
_END = "UPDATE orders SET ended = ? WHERE client = ? AND number = ?"
_PERM_ID = "UPDATE orders SET perm_id = ? WHERE client = ? AND number = ?"
_KEY = "UPDATE orders SET key = ? WHERE client = ? AND number = ?"
_REPLACE = "UPDATE events SET time = ?, version = ?, payload = ? WHERE client = ? AND number = ? AND id = ?"
_MOVED = "UPDATE clients SET moved = ? WHERE client = ?"

MOST_KEPT = 10_000
"""How much is kept while the database cannot be written. What is older is lost, but for what is in the outbox.

The server can be asked for most of what it had told.
"""

_CHECKPOINT = 2000
"""After how many statements they are moved from the file `...-wal` to the main one, and so to the disk."""


class ClientJournal:
    """The orders of one client. Closing it leaves this part of the journal to other programs.

    Raises JournalError if another program has it, or a file cannot be used.
    """

    def __init__(self, path: Path, client: int, fsync: bool) -> None:
        self.path = path
        self.client = client
        self._fsync = fsync
        self._queue: deque[_Statement] = deque(maxlen=MOST_KEPT)
        """What is to be written into the database."""
        self._is_failing = False
        self._written = 0
        """How many statements were written since the last checkpoint began."""
        self._checkpoint: _Checkpoint | None = None
        self._ids: dict[int, int] = {}
        """The id of the last event of each order, by its number."""
        lock = database.lock(path, client)
        try:
            self._connection = database.open_to_write(path)
            try:
                with database.told(path):
                    self._outbox = Outbox(of_client(path, client), database.identity(self._connection), fsync)
            except BaseException:
                self._connection.close()
                raise
        except BaseException:
            lock.close()
            raise
        self._closing = weakref.finalize(self, _close, self._connection, self._outbox, lock)
        try:
            with database.told(path):
                self._connection.execute("INSERT OR IGNORE INTO clients (client) VALUES (?)", (client,))
            self._number = max(self._highest("number", "orders"), self._highest("highest_number", "clients"))
            self._sequence = self._highest("moved", "clients")
            self._moved = self._sequence  # up to where what was sent is in the database, or about to be written there
        except BaseException:
            self._closing()
            raise
        self.waiting: list[Sending] = [one for one in self._outbox.waiting if one.sequence > self._moved]
        """What the last program has sent, or was about to, and has not moved into the database."""
        if self.waiting:
            self._sequence = self.waiting[-1].sequence

    def close(self) -> None:
        """Write what is left, and end the use of the journal. Calling it twice does nothing."""
        if not self._closing.alive:
            return
        if self._checkpoint is not None:
            self._checkpoint.thread.join()
        self.write()
        if self._queue:
            _log.error("What the server told is lost: the journal %s could not be written", self.path)
        elif not self._outbox.is_empty:
            try:
                with database.told(self.path):
                    if database.checkpoint(self._connection):
                        self._outbox.empty()
            except JournalError as error:
                _log.warning("%s", error)
        self._closing()

    # --- what is known ----------------------------------------------------------------------------------------------

    def of_interest(self, since: float) -> list[Entry]:
        """Return the orders that have not ended, and those that have ended since a moment, in seconds since 1970."""
        self._flush()
        with database.told(self.path):
            condition = "client = ? AND payload <> x'' AND (ended IS NULL OR ended >= ?)"
            return reading.entries(self._connection, condition, self.client, since)

    def of_key(self, key: str) -> Entry | None:
        """Return the order with a key, whichever client placed it."""
        self._flush()
        with database.told(self.path):
            return next(iter(reading.entries(self._connection, "key = ?", key)), None)

    def events(self, entry: Entry) -> list[Event]:
        """Return all that followed after the first message about an order, in the order in which it was written."""
        self._flush()
        with database.told(self.path):
            return reading.events(self._connection, entry)

    def highest_id(self) -> int:
        """Return the highest orderId that this client has used, 0 if it has used none."""
        self._flush()
        return max(self._highest("order_id", "orders"), self._highest("highest_id", "clients"))

    def check_login(self, accounts: Iterable[str]) -> None:
        """Raise JournalError if the journal belongs to other accounts. If it belongs to none, it does to these now."""
        new = set(accounts)
        with database.told(self.path):
            own = {account for (account,) in self._connection.execute("SELECT account FROM accounts")}
        if own and own.isdisjoint(new):
            raise JournalError(
                str(self.path),
                f"it belongs to account {', '.join(sorted(own))}, and this login has {', '.join(sorted(new))}. "
                "Use a journal of its own for each login",
            )
        if new - own:
            self._queue.extend(("INSERT OR IGNORE INTO accounts VALUES (?)", (one,)) for one in new - own)
            self._flush()

    # --- what is sent -----------------------------------------------------------------------------------------------

    def send(self, time: float, version: int, payload: bytes) -> None:
        """Write a message that is sent next. Raises JournalError if it cannot be written."""
        if self._is_failing:
            self._flush()
        if self._checkpoint is not None:
            self._end_checkpoint()
        sequence = self._sequence + 1
        try:
            self._outbox.add(sequence, time, version, payload)
        except OSError as error:
            raise JournalError(str(self.path), database.reason(error)) from error
        self._sequence = sequence

    def moved(self) -> None:
        """Have it written that all that was sent is in the database, as it is to be written, too."""
        self._moved = self._sequence
        self._put(_MOVED, self._moved, self.client)

    def placed(self, orderId: int, time: float, version: int, payload: bytes) -> int:
        """Have it written that a message which was sent has placed an order. Returns the number of the order."""
        self._number += 1
        self._put(_ORDER, *self._order(orderId, None, time, version, payload))
        return self._number

    def _order(self, orderId: int, key: str | None, time: float, version: int, payload: bytes) -> tuple[object, ...]:
        return self.client, self._number, orderId, 0, key, time, Kind.SENT, version, payload

    def changed(
        self, numbers: Iterable[int], time: float, version: int, payload: bytes, has_ended: bool = False
    ) -> None:
        """Have it written that a message which was sent changes or cancels orders, and whether they ended by that."""
        for number in numbers:
            self._add(number, Kind.SENT, time, version, payload, has_ended)

    def place_with_key(
        self, orderId: int, time: float, version: int, payload: bytes, key: str, instead_of: int = 0
    ) -> int:
        """Write an order with a key that is sent next. Returns its number.

        `instead_of` is the number of an order that never arrived, and leaves its key to this one. Raises JournalError
        if it cannot be written, or if another program has used the key meanwhile, which only the database can tell.
        """
        statements: list[_Statement] = [(_KEY, (None, self.client, instead_of))] if instead_of else []
        self._number += 1
        statements.append((_ORDER, self._order(orderId, key, time, version, payload)))
        try:
            self._flush(statements, self._fsync)
        except JournalError:
            self._number -= 1
            raise
        return self._number

    # --- what is told -----------------------------------------------------------------------------------------------

    def adopt(
        self, orderId: int, permId: int, time: float, version: int, payload: bytes, has_ended: bool = False
    ) -> int:
        """Have an order written that the server shows, and that was placed without the journal. Returns its number."""
        self._number += 1
        values = self.client, self._number, orderId, permId, None, time, Kind.TOLD, version, payload
        self._put(_ORDER, *values)
        if has_ended:
            self._put(_END, time, self.client, self._number)
        return self._number

    def name(self, number: int, key: str) -> None:
        """Give an order a key. Raises JournalError if it cannot be written."""
        self._flush([(_KEY, (key, self.client, number))])

    def told(
        self,
        number: int,
        kind: Kind,
        time: float,
        version: int,
        payload: bytes = b"",
        permId: int = 0,
        has_ended: bool = False,
    ) -> None:
        """Have it written that the server told something of an order: a new permId, perhaps, or its end."""
        self._add(number, kind, time, version, payload, has_ended)
        if permId:
            self._put(_PERM_ID, permId, self.client, number)

    def ended(self, number: int, time: float | None) -> None:
        """Have it written when an order has ended, or with None that it has not, as the events tell."""
        self._put(_END, time, self.client, number)

    def begun(self, numbers: Iterable[int], time: float, version: int) -> None:
        """Have it written that a connection has begun, for orders that live."""
        for number in numbers:
            self._add(number, Kind.BEGUN, time, version, b"")

    def replace(self, number: int, time: float, version: int, payload: bytes) -> None:
        """Have it written that the server told something of an order, in place of the event before."""
        self._put(_REPLACE, time, version, payload, self.client, number, self._ids[number])

    def _add(self, number: int, kind: Kind, time: float, version: int, payload: bytes, has_ended: bool = False) -> None:
        """Have an event of an order written, and whether the order has ended by it."""
        values = self.client, number, self._next_id(number), time, kind, version, payload
        self._put(_EVENT, *values)
        if has_ended:
            self._put(_END, time, self.client, number)

    def _put(self, statement: str, *values: object) -> None:
        """Have a statement executed by the next `write`."""
        if len(self._queue) == MOST_KEPT and not self._is_failing:
            self.write()  # else the first would be lost
        self._queue.append((statement, values))

    # --- the database -----------------------------------------------------------------------------------------------

    def write(self) -> None:
        """Write into the database what is to be written. This never raises: what cannot be written is kept."""
        try:
            self._flush()
        except JournalError as error:
            if not self._is_failing:
                _log.error("What the server tells is kept until it can be written, and no order is sent: %s", error)
            self._is_failing = True

    def _flush(self, more: Iterable[_Statement] = (), fsync: bool = False) -> None:
        """Write what is to be written, and `more`, all or nothing. Raises JournalError if that cannot be done."""
        statements = [*self._queue, *more]
        if not statements:
            return
        connection = self._connection
        with database.told(self.path):
            if fsync:
                connection.execute("PRAGMA synchronous = FULL")
            connection.execute("BEGIN IMMEDIATE")
            try:
                for statement in statements:
                    connection.execute(*statement)
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:  # SQLite itself has ended it, if the disk is full
                    connection.execute("ROLLBACK")
                raise
            finally:
                if fsync:
                    connection.execute("PRAGMA synchronous = NORMAL")
        self._queue.clear()
        self._is_failing = False
        self._written += len(statements)
        self._move_to_disk()

    def _move_to_disk(self) -> None:
        """Begin to move what was written to the disk, if it is much.

        It waits for the disk, so it has a thread, and a connection of its own. Writing can go on meanwhile.
        """
        self._end_checkpoint()
        is_all_moved = self._moved == self._sequence  # else the outbox must not be emptied afterwards
        if self._checkpoint is None and self._written >= _CHECKPOINT and is_all_moved:
            self._written = 0
            self._checkpoint = _Checkpoint(self.path, self._outbox.end)

    def _end_checkpoint(self) -> None:
        """Empty the outbox, if all that is in it is on the disk by now."""
        done = self._checkpoint
        if done is not None and not done.thread.is_alive():
            if done.is_whole and self._outbox.end == done.end:
                self._outbox.empty()
            self._checkpoint = None

    def _next_id(self, number: int) -> int:
        if number not in self._ids:
            self._ids[number] = self._highest("id", "events", number)
        self._ids[number] += 1
        return self._ids[number]

    def _highest(self, name: str, table: str, number: int | None = None) -> int:
        condition, values = "client = ?", [self.client]
        if number is not None:
            condition, values = "client = ? AND number = ?", [self.client, number]
        with database.told(self.path):
            query = f"SELECT coalesce(max({name}), 0) FROM {table} WHERE {condition}"
            ((highest,),) = self._connection.execute(query, values)
        return int(highest)


class _Checkpoint:
    """A thread that moves to the disk what has been written. `end` is where the outbox ended when it began."""

    def __init__(self, path: Path, end: int) -> None:
        self._path = path
        self.end = end
        self.is_whole = False
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self) -> None:
        try:
            with database.told(self._path), closing(database.open_to_write(self._path)) as connection:
                self.is_whole = database.checkpoint(connection)
        except JournalError as error:
            _log.warning("%s", error)


def _close(connection: sqlite3.Connection, outbox: Outbox, lock: sqlite3.Connection) -> None:
    connection.close()
    outbox.close()
    lock.close()
