"""What a source has comes from it, what derives from that follows it, and anything else walks as before."""

from datetime import UTC, date, datetime, timedelta
from math import exp, isnan

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ibdesk.model.contract import Contract, Future, Index, Option, Stock
from ibdesk.paper.instruments import Instrument, Refusal
from ibdesk.paper.instruments.listings import load
from ibdesk.paper.market import Market, mark_price
from ibdesk.paper.market.pricing import RATE
from ibdesk.paper.market.recorded_prices import RecordedPrices
from ibdesk.paper.market.seeded_prices import SeededPrices
from ibdesk.paper.market.source import micros, moment_of

from .recorded_events import BEGIN, events_of
from .source_contract import SourceContract, Subject

TODAY = date(2026, 11, 20)
KNOWN = {each.conId: each for each in load().instruments}
APPLE, SWISS_APPLE, MICROSOFT, SPX, SPY, VIX = (
    KNOWN[each] for each in (265598, 273982664, 272093, 416904, 756733, 13455763)
)
EVENTS = {APPLE.conId: events_of(APPLE, 3, 700, 100.0), SPX.conId: events_of(SPX, 4, 700, 3000.0)}
SOURCE = RecordedPrices(EVENTS)
MARKET, WALK = Market(1, TODAY, SOURCE), Market(1, TODAY)
END = moment_of(EVENTS[APPLE.conId].end)
ALONE = Market(1, TODAY, SOURCE, only_data=True)

moments = st.integers(0, 40 * 60_000).map(lambda each: BEGIN + timedelta(milliseconds=each))
few = settings(max_examples=25)


def instrument_of(contract: Contract) -> Instrument:
    _, found = MARKET.resolve(contract, "bM")
    return found


CALL, PUT = (instrument_of(Option("AAPL", "20261218", 100, right, "SMART")) for right in "CP")
ES, MES = (instrument_of(Future(symbol, "202612", "CME")) for symbol in ("ES", "MES"))


def middle(instrument: Instrument, when: datetime) -> float:
    quote = MARKET.quote(instrument.conId, when)
    return (quote.bid + quote.ask) / 2


@few
@given(moments)
def test_what_the_source_has_is_quoted_from_it(when: datetime) -> None:
    events, quote = EVENTS[APPLE.conId], MARKET.quote(APPLE.conId, when)
    row = int((events.times <= micros(when)).sum()) - 1
    assert (quote.bid, quote.ask, quote.last) == (events.bids[row], events.asks[row], events.lasts[row])
    assert (quote.bidSize, quote.askSize, quote.lastSize) == (
        events.bid_sizes[row],
        events.ask_sizes[row],
        events.last_sizes[row],
    )
    assert quote.volume == events.traded[: row + 1].sum()
    trades = events.lasts[: row + 1][events.last_times[: row + 1] == events.times[: row + 1]]
    assert (quote.open, quote.high, quote.low) == (trades[0], trades.max(), trades.min())
    change = MARKET.next_change(APPLE.conId, when)
    assert when < change and (row + 1 == len(events.times) or micros(change) <= events.times[row + 1])


@few
@given(moments)
def test_bars_are_of_the_same_prices(when: datetime) -> None:
    quote = MARKET.quote(APPLE.conId, when)
    [bar] = MARKET.bars(APPLE.conId, when + timedelta(microseconds=1), "1 D", "1 day", "TRADES", False)
    assert (bar.open, bar.high, bar.low, bar.close, bar.volume) == (
        quote.open,
        quote.high,
        quote.low,
        quote.last,
        quote.volume,
    )


@few
@given(moments)
def test_a_chain_has_its_centre_at_the_price_of_its_underlying(when: datetime) -> None:
    strikes = next(iter(MARKET.instruments.option_chain("AAPL", "", "STK", APPLE.conId))).strikes
    assert (strikes[0] + strikes[-1]) / 2 == pytest.approx(100, abs=5)
    # The model looks at the price four times a second.
    quarter = moment_of(micros(when) // 250_000 * 250_000)
    if quarter >= BEGIN:
        assert MARKET.greeks(CALL.conId, when).undPrice == pytest.approx(middle(APPLE, quarter), abs=0.3)


@few
@given(moments)
def test_puts_and_calls_leave_nothing_to_arbitrage(when: datetime) -> None:
    # Put-call parity: a call and a put together are the share against its discounted strike.
    years = (datetime(2026, 12, 18, 21, tzinfo=UTC) - when).total_seconds() / (365 * 86400)
    call, put = MARKET.quote(CALL.conId, when), MARKET.quote(PUT.conId, when)
    spot, strike = MARKET.greeks(CALL.conId, when).undPrice, 100 * exp(-RATE * years)
    assert call.bid - put.ask <= spot - strike + 0.01
    assert call.ask - put.bid >= spot - strike - 0.01


@few
@given(moments)
def test_what_shares_a_walk_follows(when: datetime) -> None:
    index = MARKET.quote(SPX.conId, when).last
    assert MARKET.quote(MES.conId, when).bid == pytest.approx(index, rel=0.005)
    assert middle(SPY, when) == pytest.approx(index / 10, rel=0.001)
    assert middle(SWISS_APPLE, when) == pytest.approx(middle(APPLE, when) * 184 / 230, rel=0.003)


@few
@given(moments)
def test_anything_else_walks_as_before(when: datetime) -> None:
    for each in (MICROSOFT, VIX):
        assert repr(MARKET.quote(each.conId, when)) == repr(WALK.quote(each.conId, when))
        assert MARKET.next_change(each.conId, when) == WALK.next_change(each.conId, when)
    later = when + timedelta(seconds=30)
    assert MARKET.ticks(MICROSOFT.conId, when, later, "BID_ASK") == WALK.ticks(MICROSOFT.conId, when, later, "BID_ASK")


def test_before_its_first_moment_nothing_is_known() -> None:
    before = BEGIN - timedelta(minutes=1)
    quote = MARKET.quote(APPLE.conId, before)
    assert (quote.bid, quote.bidSize, quote.ask, quote.volume) == (-1, 0, -1, 0)
    assert isnan(quote.last) and isnan(quote.high) and isnan(quote.close) and quote.lastTime is None
    assert MARKET.next_change(APPLE.conId, before) == BEGIN
    assert isnan(MARKET.quote(SPX.conId, before).bid)
    with pytest.raises(Refusal, match="HMDS query returned no data"):
        MARKET.bars(APPLE.conId, before, "1 D", "1 min", "TRADES", False)
    assert MARKET.ticks(APPLE.conId, before - timedelta(minutes=5), before, "TRADES") == []
    assert MARKET.head(APPLE.conId, use_rth=False) == BEGIN
    assert MARKET.head(APPLE.conId, use_rth=True) == BEGIN


def test_what_follows_it_is_not_quoted_before_its_first_moment() -> None:
    market = Market(1, TODAY, SOURCE)
    assert market.quote(CALL.conId, BEGIN).bid > 0
    assert market.quote(CALL.conId, BEGIN - timedelta(seconds=1)).bid == -1
    assert market.next_change(CALL.conId, BEGIN - timedelta(seconds=1)) == BEGIN


@pytest.mark.parametrize("later", [timedelta(0), timedelta(minutes=5), timedelta(hours=8), timedelta(days=3)])
def test_after_its_last_moment_the_last_price_stays(later: timedelta) -> None:
    quote = MARKET.quote(APPLE.conId, END + later)
    assert (quote.bid, quote.bidSize, quote.ask, quote.askSize) == (-1, 0, -1, 0)
    assert mark_price(quote) == EVENTS[APPLE.conId].lasts[-1]
    assert MARKET.next_change(APPLE.conId, END + later) > END + later
    # What follows it ends with it.
    assert MARKET.quote(CALL.conId, END + later).bid == -1
    assert mark_price(MARKET.quote(CALL.conId, END + later)) > 0
    assert MARKET.current_bar(APPLE.conId, END + later + timedelta(seconds=10), "1 min", "TRADES", False) is None


def test_history_ends_where_the_source_ends() -> None:
    monday = datetime(2026, 11, 23, 18, tzinfo=UTC)
    with pytest.raises(Refusal, match="HMDS query returned no data"):
        MARKET.bars(APPLE.conId, monday, "1 D", "1 min", "TRADES", False)
    bars = MARKET.bars(APPLE.conId, monday, "2 D", "1 min", "BID", False)
    begun = [each.date for each in bars]
    assert begun[0] == BEGIN.replace(second=0, microsecond=0) and isinstance(begun[-1], datetime)
    assert begun[-1] <= END
    days = MARKET.bars(APPLE.conId, monday, "1 M", "1 day", "TRADES", False)
    assert [each.date for each in days] == [TODAY]
    assert days[0].volume == EVENTS[APPLE.conId].traded.sum()


def test_schedules_show_the_sessions_that_have_data() -> None:
    monday = datetime(2026, 11, 23, 18, tzinfo=UTC)
    assert [each.day for each in MARKET.schedule(APPLE.conId, monday, "1 M", "1 day", True, "SMART")] == [TODAY]
    with pytest.raises(Refusal, match="162"):
        MARKET.schedule(APPLE.conId, BEGIN - timedelta(days=7), "1 M", "1 day", True, "SMART")


def test_the_volume_at_each_price_is_that_of_all_trades() -> None:
    from ibdesk.paper.market import Duration

    levels = MARKET.histogram(APPLE.conId, END, Duration(1, "D"), use_rth=False)
    assert sum(volume for _, volume in levels) == EVENTS[APPLE.conId].traded.sum()


def test_with_data_alone_anything_else_is_refused() -> None:
    when = BEGIN + timedelta(minutes=5)
    for each in (APPLE, SPX, CALL, ES):
        assert ALONE.serves(each)
        assert repr(ALONE.quote(each.conId, when)) == repr(MARKET.quote(each.conId, when))
    for each in (MICROSOFT, VIX, SPY, SWISS_APPLE):
        assert not ALONE.serves(each)
    with pytest.raises(Refusal, match=r"162: .*they have no prices of MSFT/STK"):
        ALONE.bars(MICROSOFT.conId, when, "1 D", "1 min", "TRADES", False)
    with pytest.raises(Refusal, match=r"354: .*they have no prices of SPY/STK"):
        ALONE.resolve(Stock("SPY", "SMART", "USD"), "bQ")
    assert ALONE.resolve(Index("SPX", "CBOE"), "bQ")[1] is SPX


class TestPricesThatFollow(SourceContract):
    @pytest.fixture(params=["CALL", "PUT", "ES", "SPY"])
    def subject(self, request: pytest.FixtureRequest) -> Subject:
        source = SeededPrices(1, MARKET.prices.levels)
        begin = BEGIN.replace(second=0, microsecond=0) + timedelta(minutes=3)
        return Subject(source, globals()[request.param], begin, begin + timedelta(minutes=8))
