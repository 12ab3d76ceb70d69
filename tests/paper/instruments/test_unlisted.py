"""Stocks that are made for a symbol."""

from datetime import date

import pytest

from ibdesk.model.contract import Future, Stock
from ibdesk.paper.instruments import Instruments
from ibdesk.paper.instruments.unlisted import stock


def test_a_stock_that_was_added_is_found_like_any_other() -> None:
    instruments = Instruments(date(2026, 3, 2), lambda each: each.pricing.anchor)
    made = stock("ZZZ", ())
    assert instruments.search(Stock("ZZZ", "SMART", "USD")) == []
    instruments.add(made)
    row = instruments.resolve(Stock("ZZZ", "SMART", "USD"))
    assert row.contract is not None
    assert (row.contract.conId, row.contract.primaryExchange, row.minTick) == (made.conId, "NASDAQ", 0.01)
    assert instruments.by_con_id(made.conId) is made


def test_what_is_known_is_not_listed_twice() -> None:
    instruments = Instruments(date(2026, 3, 2), lambda each: each.pricing.anchor)
    listed = dict(instruments._listed)
    [row] = instruments.search(Future("ES", "202606", "CME"))
    assert row.contract is not None
    future = instruments.by_con_id(row.contract.conId)
    assert future is not None
    instruments.add(future)
    assert instruments._listed == listed


def test_con_ids_differ_and_stay() -> None:
    one = stock("ZZZ", ())
    assert stock("ZZZ", ()) == one
    assert stock("ZZZ", {one.conId}).conId == one.conId + 1
    assert len({stock(f"A{letter}", ()).conId for letter in "BCDEFG"}) == 6


@pytest.mark.parametrize("symbol", ["", "zzz", "SIX LETTERS", "ABCDEF", "7203", "A.B"])
def test_what_is_no_symbol(symbol: str) -> None:
    with pytest.raises(ValueError, match="it is not that of a stock"):
        stock(symbol, ())
