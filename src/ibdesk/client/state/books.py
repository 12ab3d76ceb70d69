"""The order book of a ticker (market depth), and how each message changes it.

An insert moves the rows at and below its place down, and a delete moves the rows below it up. `domBidsDict` and
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
"""How many rows of a side are kept, whatever a server sends, because every change costs time for each row."""

# This is faster than the constructor of a NamedTuple, which is a Python function.
_new_tuple = tuple.__new__


def change_book(ticker: Ticker, change: MarketDepthData, limit: int, now: datetime) -> None:
    """Insert, update or delete one row of the book, as the server says.

    `limit` is the number of rows that were asked for. Rows that an insert moves below it are dropped, because the
    server sends no more changes of them. A delete of a missing row changes nothing; an update of a missing row
    inserts it.
    """
    # An update in place is the usual case, and costs least. Any other change renumbers the rows to avoid gaps.
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
    """Empty the book, because a subscription begins or has ended."""
    ticker.domBids, ticker.domAsks = [], []
    ticker.domBidsDict.clear()
    ticker.domAsksDict.clear()


def reset_book(ticker: Ticker, now: datetime) -> None:
    """Empty the book, since the server begins it again (code 317). `domTicks` gets deletes of all rows, asks first."""
    for side, rows in enumerate((ticker.domAsks, ticker.domBids)):
        ticker.domTicks += [MktDepthData(now, 0, "", DELETE, side, level.price, 0) for level in rows]
    empty_book(ticker)
