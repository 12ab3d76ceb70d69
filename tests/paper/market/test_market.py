"""Quotes and bars of one market agree, whatever is asked first: the invariant of the whole room."""

from datetime import UTC, date, datetime, timedelta
from math import isnan

import pytest
from hypothesis import given
from hypothesis import strategies as st
from paper.market.one_market import (
    APPLE,
    ES,
    EURO,
    MARKET,
    NEW_YORK,
    PUT,
    SPX,
    SPY,
    TODAY,
    YEN,
    few,
    moments,
    noon,
    traded,
)

from ibdesk.model.contract import Contract
from ibdesk.paper.instruments import NoDefinition, Refusal, is_open
from ibdesk.paper.market import Market


@few
@given(traded, moments)
def test_the_quote_shows_what_the_bars_of_the_day_show(conId: int, when: datetime) -> None:
    name = MARKET.instruments.by_con_id(conId).kind.hours  # type: ignore[union-attr]
    when = when.replace(microsecond=100_000)
    quote = MARKET.quote(conId, when)
    [day] = MARKET.bars(conId, when, "1 D", "1 day", "TRADES", False)
    assert (quote.open, quote.high, quote.low, quote.last, quote.volume) == (
        day.open,
        day.high,
        day.low,
        day.close,
        day.volume,
    )
    if is_open(name, when):
        assert MARKET.current_bar(conId, when, "1 day", "TRADES", False) == day
        minute = MARKET.current_bar(conId, when, "1 min", "TRADES", False)
        assert minute is not None and minute.close == quote.last
    else:
        assert MARKET.current_bar(conId, when, "1 day", "TRADES", False) is None


@few
@given(st.sampled_from([EURO, YEN]), moments)
def test_forex_is_quoted_as_its_bars_say(conId: int, when: datetime) -> None:
    when = when.replace(microsecond=100_000)
    quote = MARKET.quote(conId, when)
    if quote.bid == -1:
        assert not is_open("forex", when)
        return
    for what, price in (("BID", quote.bid), ("ASK", quote.ask)):
        bar = MARKET.current_bar(conId, when, "1 min", what, False)
        assert bar is not None and bar.close == price
    middle = MARKET.current_bar(conId, when, "1 day", "MIDPOINT", False)
    assert middle is not None
    assert (quote.open, quote.high, quote.low) == (middle.open, middle.high, middle.low)


@few
@given(st.integers(0, 2**32), st.sampled_from([APPLE, ES, PUT, EURO]), st.lists(moments, min_size=1, max_size=4))
def test_a_moment_looks_the_same_whatever_was_looked_at_before(seed: int, conId: int, others: list[datetime]) -> None:
    asked, fresh = Market(seed, TODAY), Market(seed, TODAY)
    for other in others:
        asked.quote(conId, other)
        asked.next_change(conId, other)
    assert repr(asked.quote(conId, noon())) == repr(fresh.quote(conId, noon()))


@few
@given(st.sampled_from([APPLE, ES, PUT, EURO]), moments)
def test_nothing_changes_before_the_next_change(conId: int, when: datetime) -> None:
    change = MARKET.next_change(conId, when)
    assert change > when
    before = change - timedelta(milliseconds=1)
    if before > when:
        assert repr(MARKET.quote(conId, before)) == repr(MARKET.quote(conId, when))


@few
@given(traded, moments)
def test_trades_take_place_at_the_bid_or_the_ask(conId: int, when: datetime) -> None:
    quote = MARKET.quote(conId, when)
    if quote.bid > 0:
        tick = MARKET.instruments.by_con_id(conId).kind.tick  # type: ignore[union-attr]
        assert quote.ask - quote.bid >= tick * 0.99
        assert quote.bid / tick == pytest.approx(round(quote.bid / tick))
        assert quote.bidSize > 0 and quote.askSize > 0
    assert quote.low <= quote.last <= quote.high


@pytest.mark.parametrize("day", [date(2026, 8, 3), date(2026, 11, 20), date(2026, 12, 8), date(2026, 12, 16)])
@pytest.mark.parametrize(("symbol", "exchange"), [("ES", "CME"), ("CL", "NYMEX"), ("ZN", "CBOT")])
def test_the_lead_month_trades_most_and_the_others_less_and_less(day: date, symbol: str, exchange: str) -> None:
    market = Market(1, day)
    now = datetime(day.year, day.month, day.day, 19, tzinfo=UTC)

    def volumes(kind: str) -> list[int]:
        rows = market.instruments.search(Contract(secType=kind, symbol=symbol, exchange=exchange, currency="USD"))
        return [market.quote(row.contract.conId, now).volume for row in rows if row.contract]

    [lead] = volumes("CONTFUT")
    found = volumes("FUT")
    place = found.index(lead)
    following, *far = found[place + 1 :]
    assert lead > following
    assert all(volume < lead / 10 and volume < 1.2 * following for volume in far)
    assert all(volume < lead / 2 for volume in found[:place])


def test_an_index_has_no_quotes_and_no_volume() -> None:
    quote = MARKET.quote(SPX, noon())
    assert isnan(quote.bid) and isnan(quote.ask) and quote.last > 0
    assert {bar.volume for bar in MARKET.bars(SPX, noon(), "1 D", "1 min", "TRADES", True)} == {0}


@pytest.mark.parametrize("conId", [APPLE, SPX, EURO])
def test_quotes_that_say_the_same_are_equal(conId: int) -> None:
    assert Market(1, TODAY).quote(conId, noon()) == Market(1, TODAY).quote(conId, noon())


def test_a_closed_market_is_not_quoted() -> None:
    saturday = datetime(2026, 11, 21, 12, tzinfo=NEW_YORK)
    euro = MARKET.quote(EURO, saturday)
    assert (euro.bid, euro.bidSize, euro.ask, euro.askSize, euro.volume) == (-1, 0, -1, 0, 0)
    assert isnan(euro.last) and isnan(euro.high)
    [friday] = MARKET.bars(EURO, saturday, "1 D", "1 day", "MIDPOINT", False)
    assert euro.close == friday.close
    apple = MARKET.quote(APPLE, saturday)
    assert (apple.bid, apple.ask) == (-1, -1)
    assert MARKET.next_change(APPLE, saturday) == datetime(2026, 11, 23, 4, tzinfo=NEW_YORK)


def test_the_close_is_where_the_regular_hours_of_the_day_before_ended() -> None:
    days = MARKET.bars(APPLE, noon(), "2 D", "1 day", "TRADES", True)
    assert MARKET.quote(APPLE, noon()).close == days[0].close


def test_what_follows_one_walk_moves_together() -> None:
    spx, spy, es = (MARKET.quote(each, noon()).last for each in (SPX, SPY, ES))
    assert spy * 10 == pytest.approx(spx, rel=0.001)
    assert 1.0 < es / spx < 1.005


def test_trades_are_dated() -> None:
    quote = MARKET.quote(APPLE, noon())
    assert quote.lastTime is not None
    assert timedelta(0) <= noon() - quote.lastTime < timedelta(minutes=1)


def test_what_there_is_no_history_of_is_refused() -> None:
    with pytest.raises(Refusal, match=r"HMDS query returned no data: EUR\.USD@IDEALPRO Trades"):
        MARKET.bars(EURO, noon(), "1 D", "1 hour", "TRADES", True)
    with pytest.raises(NoDefinition):
        MARKET.bars(1, noon(), "1 D", "1 hour", "TRADES", True)
    with pytest.raises(NoDefinition):
        MARKET.quote(1, noon())


def test_too_many_bars_are_refused() -> None:
    with pytest.raises(Refusal) as caught:
        MARKET.bars(APPLE, noon(), "300 D", "5 secs", "TRADES", False)
    assert caught.value.code == 162


def test_option_chains_lie_around_the_price() -> None:
    [line, *_] = MARKET.instruments.option_chain("SPY", "SMART", "STK", SPY)
    assert line.strikes[0] < MARKET.quote(SPY, noon()).last < line.strikes[-1]
