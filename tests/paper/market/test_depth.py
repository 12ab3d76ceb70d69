"""What stands behind a quote: it adds up to it, in order, and stays while prices stay."""

from datetime import UTC, date, datetime, timedelta

import pytest

from ibdesk.paper.market import Market
from ibdesk.paper.market.depth import LEVELS, Book, book, together

NOON = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)
APPLE, EURO, SPX = 265598, 12087792, 416904
EXCHANGES = ("ARCA", "NASDAQ", "IEX")
TOPS = ("BYX", "PSX")


def look(market: Market, conId: int, when: datetime = NOON) -> Book:
    instrument = market.instruments.by_con_id(conId)
    assert instrument is not None
    return book(instrument, market.quote(conId, when), when, EXCHANGES, TOPS)


@pytest.fixture(scope="module")
def market() -> Market:
    return Market(1, date(2026, 11, 20))


def test_twenty_prices_a_side(market: Market) -> None:
    found = look(market, APPLE)
    for rows in found:
        assert len(together(rows)) == LEVELS
        assert len({(row.price, row.maker) for row in rows}) == len(rows)
        assert all(row.size > 0 and row.size % 100 == 0 for row in rows)
        assert {row.maker for row in rows} >= set(EXCHANGES)
    assert found.bids[0].price < found.asks[0].price


def test_exchanges_that_show_no_depth_have_the_best_price_at_most(market: Market) -> None:
    for second in range(60):
        for rows in look(market, APPLE, NOON + timedelta(seconds=second)):
            assert {row.price for row in rows if row.maker in TOPS} <= {rows[0].price}


def test_where_prices_stay_most_rows_stay(market: Market) -> None:
    now, later = (look(market, APPLE, when) for when in (NOON, NOON + timedelta(seconds=0.25)))
    deep = {row for row in now.bids if row.price < min(now.bids[0].price, later.bids[0].price)}
    assert len(deep & set(later.bids)) > 0.8 * len(deep)


def test_the_seed_decides(market: Market) -> None:
    assert look(market, EURO) == look(Market(1, date(2026, 11, 20)), EURO)
    other = look(Market(2, date(2026, 11, 20)), EURO)
    assert [row.size for row in together(other.bids)] != [row.size for row in together(look(market, EURO).bids)]


def test_nobody_offers_an_index_or_anything_while_it_is_closed(market: Market) -> None:
    assert look(market, SPX) == ([], [])
    assert look(market, APPLE, NOON + timedelta(days=1)) == ([], [])
