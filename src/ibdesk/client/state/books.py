"""Decides what each change of market depth makes of the book on a ticker; it must not know who asked for it.

An insert moves the rows at and below its place down, a delete moves those below it up. `domBidsDict` and
`domAsksDict` hold the rows by their number, without gaps. Source: TWS API documentation, "Market Depth (Level II)".
"""

from datetime import datetime

from ibdesk.client.state.known import known
from ibdesk.client.state.ticker import Ticker
from ibdesk.model.quotes import DOMLevel, MktDepthData
from ibdesk.model.unset import UNSET_DOUBLE
from ibdesk.wire.messages.depth import MarketDepthData

INSERT, UPDATE, DELETE = 0, 1, 2

MOST_ROWS = 1000
"""Rows of a side that are kept, whatever a server sends: each change costs a look at all of them."""

# A NamedTuple's own constructor is a function of Python; this one is not.
_new_tuple = tuple.__new__


def change_book(ticker: Ticker, change: MarketDepthData, limit: int, now: datetime) -> None:
    """One row is inserted, updated or deleted.

    `limit` is the number of rows that were asked for: the server no longer tells of a row that an insert has moved
    below it. A delete of a row that is not there changes nothing; an update of one adds it, at the end at most. A book
    has `MOST_ROWS` a side at most.
    """
    row, operation, side = change.position, change.operation, change.side
    price, size = known(change.price), 0.0 if change.size == UNSET_DOUBLE else change.size
    book = ticker.domBidsDict if side else ticker.domAsksDict
    if operation == DELETE:
        size = 0.0
        if row in book:
            price = book[row].price
            rows = list(book.values())
            del rows[row]
            _renumber(book, rows)
    else:
        level = _new_tuple(DOMLevel, (price, size, change.marketMaker))
        if operation == UPDATE and row in book:
            book[row] = level
        else:
            rows = list(book.values())
            rows.insert(row, level)
            _renumber(book, rows[: min(max(limit, row + 1), MOST_ROWS)])
    if side:
        ticker.domBids = list(book.values())
    else:
        ticker.domAsks = list(book.values())
    tick = _new_tuple(MktDepthData, (now, row, change.marketMaker, operation, side, price, size))
    ticker.domTicks.append(tick)


def _renumber(book: dict[int, DOMLevel], rows: list[DOMLevel]) -> None:
    book.clear()
    book.update(enumerate(rows))


def empty_book(ticker: Ticker) -> None:
    """Nothing is known of the book: a subscription begins or has ended."""
    ticker.domBids, ticker.domAsks = [], []
    ticker.domBidsDict.clear()
    ticker.domAsksDict.clear()


def reset_book(ticker: Ticker, now: datetime) -> None:
    """The server begins the book anew (code 317). `domTicks` tells it as deletes of row 0, those of asks first."""
    for side, rows in enumerate((ticker.domAsks, ticker.domBids)):
        ticker.domTicks += [MktDepthData(now, 0, "", DELETE, side, level.price, 0) for level in rows]
    empty_book(ticker)
