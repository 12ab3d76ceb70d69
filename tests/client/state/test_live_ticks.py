"""What ticks of tick-by-tick streams, greeks and bars of five seconds become."""

from datetime import UTC, datetime
from math import isnan
from typing import Any

import pytest
from client.subscribing import start

from ibdesk.client.effects import Emit
from ibdesk.client.state.bar_lists import RealTimeBarList
from ibdesk.client.state.past_ticks import histogram, past_ticks
from ibdesk.client.state.quotes import Quotes
from ibdesk.client.state.real_time_bars import realtime_bar
from ibdesk.client.state.ticker import Ticker
from ibdesk.model.bars import HistogramData, HistoricalTick, RealTimeBar
from ibdesk.model.contract import Option, Stock
from ibdesk.model.quotes import (
    EfpData,
    IBDefaults,
    OptionComputation,
    TickAttribBidAsk,
    TickAttribLast,
    TickByTickAllLast,
    TickByTickBidAsk,
    TickByTickMidPoint,
)
from ibdesk.wire.messages.historical_ticks import HistoricalTicks, TickBidAsk, TickLast, TickMidPoint
from ibdesk.wire.messages.history_summaries import HistogramDataEntry
from ibdesk.wire.messages.options import TickEFP, TickOptionComputation
from ibdesk.wire.messages.real_time_bars import RealtimeBar
from ibdesk.wire.messages.tick_by_tick import TickByTick

NOW = datetime(2026, 4, 2, 13, 30, 0, 250000, tzinfo=UTC)
SECONDS = 1775136599
THEN = datetime(2026, 4, 2, 13, 29, 59, tzinfo=UTC)
AAPL = Stock("AAPL", "SMART", "USD", conId=265598)


def fed(*messages: Any, defaults: IBDefaults | None = None) -> Ticker:
    quotes = Quotes(defaults)
    quotes.begin(NOW)
    ticker = start(quotes, 1, AAPL, "Last")
    for message in messages:
        quotes.handlers[type(message)](message)
    assert quotes.flush() == {ticker}
    return ticker


def trade(price: float, size: float, past_limit: bool = False) -> TickByTick:
    return TickByTick(1, 1, last=TickLast(SECONDS, TickAttribLast(past_limit, True), price, size, "NYSE", "TI"))


def quote(bid: float, ask: float, bid_size: float, ask_size: float) -> TickByTick:
    return TickByTick(1, 3, bidAsk=TickBidAsk(SECONDS, TickAttribBidAsk(True), bid, ask, bid_size, ask_size))


def test_trades():
    ticker = fed(trade(10.0, 100.0), trade(10.5, 50.0))
    assert ticker.tickByTicks[1] == TickByTickAllLast(1, NOW, 10.5, 50.0, TickAttribLast(False, True), "NYSE", "TI")
    assert (ticker.last, ticker.lastSize, ticker.prevLast, ticker.prevLastSize) == (10.5, 50.0, 10.0, 100.0)
    assert [tick.exchangeTime for tick in ticker.tickByTicks] == [THEN, THEN]
    assert fed(trade(-1, 0), defaults=IBDefaults(None, None)).last is None


def test_a_halt_is_no_trade():
    ticker = fed(trade(10.0, 100.0), trade(0.0, 0.0, past_limit=True))
    assert (ticker.last, ticker.halted, len(ticker.tickByTicks)) == (10.0, 1.0, 2)
    assert fed(trade(0.0, 0.0)).halted == 0.0


def test_quotes_and_midpoints():
    mid_point = TickByTick(1, 4, midPoint=TickMidPoint(SECONDS, 10.25))
    ticker = fed(quote(10.0, 11.0, 1.0, 2.0), quote(10.0, 11.5, 1.0, 3.0), mid_point)
    assert (ticker.bid, ticker.bidSize, ticker.ask, ticker.askSize) == (10.0, 1.0, 11.5, 3.0)
    assert (ticker.prevAsk, ticker.prevAskSize) == (11.0, 2.0)
    assert isnan(ticker.prevBid)
    assert ticker.tickByTicks[0] == TickByTickBidAsk(NOW, 10.0, 11.0, 1.0, 2.0, TickAttribBidAsk(True))
    assert ticker.tickByTicks[2] == TickByTickMidPoint(NOW, 10.25)
    assert ticker.tickByTicks[2].exchangeTime == THEN


def test_a_side_that_does_not_exist_and_one_below_zero():
    ticker = fed(quote(0.0, -3.5, 0.0, 5.0))
    assert (ticker.bid, ticker.bidSize, ticker.ask, ticker.askSize) == (-1, 0, -3.5, 5.0)


def test_ticks_of_no_request_are_passed_over():
    quotes = Quotes()
    for message in (trade(1, 1), TickOptionComputation(9, 13, 0), TickEFP(9, 38, 0, "", 0, 0, "", 0, 0)):
        quotes.handlers[type(message)](message)
    quotes.reset_book(9)
    assert quotes.flush() == set()


@pytest.mark.parametrize(
    ("kind", "name"), [(10, "bid"), (80, "bid"), (11, "ask"), (82, "last"), (13, "model"), (83, "model"), (53, "cust")]
)
def test_greeks(kind: int, name: str):
    ticker = fed(TickOptionComputation(1, kind, 1, 0.2, 0.5, 3.5, 0.0, 0.01, 0.3, -0.1, 100.0))
    expected = OptionComputation(1, 0.2, 0.5, 3.5, 0.0, 0.01, 0.3, -0.1, 100.0)
    assert getattr(ticker, f"{name}Greeks") == expected


def test_what_was_not_computed_is_none():
    """-2 is a theta of no option, and -1 is a delta: only their own sign of absence counts."""
    ticker = fed(TickOptionComputation(1, 13, 0, delta=-1.0, theta=-1.0))
    assert ticker.modelGreeks == OptionComputation(0, delta=-1.0, theta=-1.0)


def test_greeks_of_a_ticker_are_those_of_the_model():
    ticker = fed(TickOptionComputation(1, 13, 0, delta=0.5, gamma=0.01, vega=0.3))
    assert (ticker.delta, ticker.gamma, ticker.vega) == (0.5, 0.01, 0.3)
    assert isnan(ticker.theta)
    empty = Ticker(Option(conId=1), defaults=IBDefaults(unset=None))
    assert (empty.delta, empty.theta) == (None, None)


def test_an_exchange_for_physical():
    ticker = fed(TickEFP(1, 38, 1.5, "1.5%", 100.5, 30, "20260619", 0.25, 0.5))
    assert ticker.bidEfp == EfpData(1.5, "1.5%", 100.5, 30, "20260619", 0.25, 0.5)


def test_ticks_that_are_not_known_are_kept():
    ticker = fed(TickOptionComputation(1, 99, 0, delta=0.5), TickEFP(1, 98, 0, "", 0, 0, "", 0, 0))
    assert ticker.extra[99] == OptionComputation(0, delta=0.5)
    assert isinstance(ticker.extra[98], EfpData)


@pytest.mark.parametrize(("sent", "kept"), [((100.0, 10.5, 7), (100.0, 10.5, 7)), ((), (-1.0, -1.0, 0))])
def test_bars_of_five_seconds(sent: tuple[Any, ...], kept: tuple[Any, ...]):
    bars = RealTimeBarList()
    emissions = realtime_bar(RealtimeBar(1, SECONDS, 10.0, 11.0, 9.0, 10.5, *sent), bars, UTC)
    assert list(bars) == [RealTimeBar(THEN, -1, 10.0, 11.0, 9.0, 10.5, *kept)]
    assert emissions == [Emit("barUpdateEvent", (bars, True)), Emit(bars.updateEvent, (bars, True))]


def test_a_histogram_and_a_tick_without_size():
    entries = [HistogramDataEntry(10.0, 200.0), HistogramDataEntry(10.5, 0.25), HistogramDataEntry(11.0)]
    assert histogram(entries) == [HistogramData(10.0, 200), HistogramData(10.5, 0.25), HistogramData(11.0, 0)]  # type: ignore[arg-type]
    assert isinstance(histogram(entries)[0].count, int)
    assert past_ticks(HistoricalTicks(1, [TickMidPoint(SECONDS, 10.0)], True)) == [HistoricalTick(THEN, 10.0, 0.0)]
