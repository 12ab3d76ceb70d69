"""`Journal`: the file of a journal, to be given to an `IB`, to be read, and to be pruned."""

from contextlib import closing
from datetime import datetime
from pathlib import Path

from ibdesk.journal import database
from ibdesk.journal.reading import Reading
from ibdesk.journal.writing import ClientJournal


class Journal(Reading):
    """A file that holds the orders of one login: those of any number of clients, each with a client id of its own.

    `IB(journal="orders.db")` does the same as `IB(journal=Journal("orders.db"))`. With `fsync`, each order waits until
    it is on the disk before it is sent, so that not even a power failure loses it. That takes some milliseconds, in
    which the event loop stands still. Without, an order survives the end of the program in any way, but the last ones
    before a power failure may be missing; those of `placeOnce` are recognised at the server nevertheless.

    The file is made if there is none. Raises JournalError if it cannot be written, or is no journal.
    """

    def __init__(self, path: str | Path, *, fsync: bool = False) -> None:
        super().__init__(Path(path))
        self.fsync: bool = fsync
        database.prepare(self.path)

    def __repr__(self) -> str:
        return f"Journal({str(self.path)!r}{', fsync=True' if self.fsync else ''})"

    def claim(self, client: int) -> ClientJournal:
        """Return the part of one client, to be written by this program alone until it is closed."""
        return ClientJournal(self.path, client, self.fsync)

    def prune(self, before: datetime) -> int:
        """Remove the orders that ended before a moment, with all that was told of them. Returns how many.

        Their keys stay taken: `placeOnce` refuses them. The room in the file is used again, but the file does not get
        smaller. Raises ValueError if `before` has no time zone.
        """
        if before.tzinfo is None:
            raise ValueError(f"prune() wants a moment with its time zone, not {before}")
        moment = (before.timestamp(),)
        with database.told(self.path), closing(database.open_to_write(self.path)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute(
                "INSERT INTO clients (client, highest_id, highest_number) "
                "SELECT client, max(order_id), max(number) FROM orders WHERE true GROUP BY client "
                "ON CONFLICT DO UPDATE SET highest_id = max(highest_id, excluded.highest_id), "
                "highest_number = max(highest_number, excluded.highest_number)"
            )
            gone = "ended < ? AND payload <> x''"
            connection.execute(
                f"DELETE FROM events WHERE (client, number) IN (SELECT client, number FROM orders WHERE {gone})", moment
            )
            removed = connection.execute(f"DELETE FROM orders WHERE key IS NULL AND {gone}", moment).rowcount
            kept = connection.execute(f"UPDATE orders SET payload = x'' WHERE {gone}", moment).rowcount
            connection.execute("COMMIT")
        return removed + kept
