"""The order journal: a file in which a program keeps its orders, so that the next one knows them after a crash.

::

    ib = IB(journal="orders.db")

Every order is written before it is sent, and every answer as it comes, as the messages themselves: see
`docs/reference/journal.md`. This room keeps the file. What the messages mean is known to `ibdesk.client.journaling`.
"""

from ibdesk.journal.entries import Entry, Event, Kind
from ibdesk.journal.journal import Journal
from ibdesk.journal.reading import Reading, Snapshot
from ibdesk.journal.writing import ClientJournal

__all__ = ["ClientJournal", "Entry", "Event", "Journal", "Kind", "Reading", "Snapshot"]
