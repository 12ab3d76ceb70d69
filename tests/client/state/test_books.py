"""Books of market depth: rows that move, rows that are not there, books that begin anew."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibdesk.client.state.books import DELETE, INSERT, MOST_ROWS, UPDATE, change_book, empty_book, reset_book
from ibdesk.client.state.ticker import Ticker
from ibdesk.model.quotes import DOMLevel, MktDepthData
from ibdesk.model.unset import UNSET_DOUBLE
from ibdesk.wire.messages.depth import MarketDepthData

NOW = datetime(2026, 4, 2, 13, 30, tzinfo=UTC)
ASK, BID = 0, 1
Change = tuple[int, int, int, float]
"""operation, row, side, price"""


def booked(*changes: Change, limit: int = 5) -> Ticker:
    ticker = Ticker()
    for operation, row, side, price in changes:
        change_book(ticker, MarketDepthData(row, operation, side, price, 10.0, "ARCA"), limit, NOW)
    return ticker


def prices(ticker: Ticker, side: int = BID) -> list[float]:
    return [level.price for level in (ticker.domBids if side else ticker.domAsks)]


FULL = [(INSERT, row, BID, 10.0 - row) for row in range(3)]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ([], [10, 9, 8]),
        ([(INSERT, 0, BID, 11)], [11, 10, 9, 8]),
        ([(INSERT, 1, BID, 9.5)], [10, 9.5, 9, 8]),
        ([(UPDATE, 1, BID, 9.5)], [10, 9.5, 8]),
        ([(UPDATE, 7, BID, 5)], [10, 9, 8, 5]),
        ([(DELETE, 0, BID, 0)], [9, 8]),
        ([(DELETE, 0, BID, 0), (UPDATE, 0, BID, 9.25)], [9.25, 8]),
        ([(DELETE, 7, BID, 0), (DELETE, -1, BID, 0)], [10, 9, 8]),
    ],
)
def test_rows(changes: list[Change], expected: list[float]):
    ticker = booked(*FULL, *changes)
    assert prices(ticker) == expected
    assert ticker.domBidsDict == dict(enumerate(ticker.domBids))
    assert prices(ticker, ASK) == []
    assert len(ticker.domTicks) == 3 + len(changes)


def test_an_insert_moves_the_last_row_out():
    ticker = booked(*FULL, (INSERT, 0, BID, 11), limit=3)
    assert prices(ticker) == [11, 10, 9]
    assert prices(booked(*FULL, limit=2)) == [10, 9, 8], "a row that the server tells is there"


@pytest.mark.parametrize("operation", [INSERT, UPDATE])
def test_a_server_cannot_make_a_book_grow_without_bounds(operation: int):
    ticker = booked(*((operation, row, BID, 1.0) for row in range(MOST_ROWS + 100)))
    assert len(ticker.domBids) == len(ticker.domBidsDict) == MOST_ROWS


def test_sides_and_ticks():
    ticker = booked((INSERT, 0, ASK, 11), (INSERT, 0, BID, 10), (DELETE, 0, ASK, 0), (DELETE, 0, ASK, 7))
    assert ticker.domBids == [DOMLevel(10, 10.0, "ARCA")]
    assert [tuple(tick)[1:] for tick in ticker.domTicks] == [
        (0, "ARCA", INSERT, ASK, 11, 10.0),
        (0, "ARCA", INSERT, BID, 10, 10.0),
        (0, "ARCA", DELETE, ASK, 11, 0),
        (0, "ARCA", DELETE, ASK, 7, 0),
    ]
    change_book(ticker, MarketDepthData(0, UPDATE, BID, 10.5, UNSET_DOUBLE), 5, NOW)
    assert ticker.domBids == [DOMLevel(10.5, 0.0, "")]


def test_a_list_that_a_user_has_kept_does_not_change():
    ticker = booked(*FULL)
    kept = ticker.domBids
    change_book(ticker, MarketDepthData(0, DELETE, BID), 5, NOW)
    empty_book(ticker)
    assert [level.price for level in kept] == [10, 9, 8]
    assert (ticker.domBids, ticker.domBidsDict) == ([], {})


def test_a_reset():
    ticker = booked((INSERT, 0, BID, 10), (INSERT, 0, ASK, 11))
    ticker.domTicks.clear()
    reset_book(ticker, NOW)
    assert ticker.domTicks == [
        MktDepthData(NOW, 0, "", DELETE, ASK, 11, 0),
        MktDepthData(NOW, 0, "", DELETE, BID, 10, 0),
    ]
    assert (ticker.domBids, ticker.domAsks, ticker.domBidsDict, ticker.domAsksDict) == ([], [], {}, {})


@given(st.data(), st.integers(1, 6))
def test_what_a_server_shows_is_what_a_client_holds(data: Any, limit: int):
    """The server keeps a whole book and tells of its first rows only."""
    book: list[float] = []
    ticker = Ticker()

    def tell(operation: int, row: int, price: float) -> None:
        change_book(ticker, MarketDepthData(row, operation, BID, price, 1.0), limit, NOW)

    for price in data.draw(st.lists(st.integers(1, 30).map(float), max_size=30)):
        if price in book:
            row = book.index(price)
            del book[row]
            if row < limit:
                tell(DELETE, row, 0.0)
                if len(book) >= limit:
                    tell(INSERT, limit - 1, book[limit - 1])
        else:
            book = sorted([*book, price], reverse=True)
            row = book.index(price)
            if row < limit:
                tell(INSERT, row, price)
        assert prices(ticker) == book[:limit]
