"""What the market shows of an option or a future that has ended, and what is paid for it."""

from datetime import UTC, date, datetime, timedelta

import pytest

from ibdesk.model.contract import Future
from ibdesk.paper.instruments import Instrument, options
from ibdesk.paper.market import Market

CLOSE = datetime(2026, 11, 20, 21, tzinfo=UTC)
SECOND = timedelta(seconds=1)
SPY, SPX = 756733, 416904


@pytest.fixture(scope="module")
def market() -> Market:
    return Market(1, date(2026, 11, 16))


def option(symbol: str, expiry: str, strike: float, right: str) -> Instrument:
    found = options.by_terms(symbol, symbol, expiry, strike, right)
    assert found is not None
    return found


def test_it_is_quoted_no_more(market: Market) -> None:
    call = option("SPY", "20261120", 630.0, "C").conId
    before, after = market.quote(call, CLOSE - timedelta(microseconds=1)), market.quote(call, CLOSE)
    assert before.bid > 0
    assert (after.bid, after.ask, after.last) == (-1, -1, before.last)
    assert [market.quote(call, CLOSE + timedelta(days=days)).bid for days in (1, 3, 40)] == [-1, -1, -1]
    bars = market.bars(call, CLOSE + timedelta(days=5), "1 W", "1 hour", "TRADES", use_rth=True)
    assert max(bar.date for bar in bars) < CLOSE


def test_it_has_no_time_value_left_at_its_last_quote(market: Market) -> None:
    spot = market.quote(SPY, CLOSE - SECOND).last
    for right, strike in (("C", round(spot) - 3), ("P", round(spot) + 3), ("C", round(spot) + 3)):
        quote = market.quote(option("SPY", "20261120", strike, right).conId, CLOSE - SECOND)
        worth = max(spot - strike if right == "C" else strike - spot, 0)
        assert quote.bid - 0.02 <= worth <= quote.ask + 0.02


def test_an_option_pays_by_the_closing_price(market: Market) -> None:
    (day,) = market.bars(SPY, CLOSE, "1 D", "1 day", "TRADES", use_rth=True)
    for right, sign in (("C", 1), ("P", -1)):
        instrument = option("SPY", "20261120", round(day.close) - 4.0 * sign, right)
        assert market.fixed_price(instrument.conId, CLOSE - SECOND) is None
        paid = market.fixed_price(instrument.conId, CLOSE)
        assert paid == pytest.approx(sign * (day.close - instrument.strike))
        assert paid > 0


def test_what_is_settled_in_the_morning_pays_by_the_opening(market: Market) -> None:
    opening = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)
    call = option("SPX", "20261119", 5000.0, "C").conId
    assert market.fixed_price(call, opening - SECOND) is None
    (day,) = market.bars(SPX, opening + timedelta(hours=6), "1 D", "1 day", "TRADES", use_rth=True)
    assert market.fixed_price(call, opening) == pytest.approx(day.open - 5000)


def test_a_future_is_settled_at_its_last_price(market: Market) -> None:
    [row] = market.instruments.search(Future("ES", "202612", "CME"))
    assert row.contract is not None
    end = datetime(2026, 12, 18, 14, 30, tzinfo=UTC)
    last = market.bars(row.contract.conId, end, "60 S", "1 min", "TRADES", use_rth=False)[-1]
    assert market.fixed_price(row.contract.conId, end) == pytest.approx(last.close, abs=0.25)
    assert market.quote(row.contract.conId, end).bid == -1
    assert market.fixed_price(SPY, end) is None
