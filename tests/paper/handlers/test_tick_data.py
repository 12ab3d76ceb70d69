"""Streams of ticks: that they are the ticks of history, what comes first, limits, refusals and cancels."""

from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from ibdesk.model.contract import Contract, Forex, Index, Option, Stock
from ibdesk.paper.clock import NEW_YORK
from ibdesk.wire import versions as V
from ibdesk.wire.messages.connection import Error
from ibdesk.wire.messages.historical_ticks import (
    HistoricalTicks,
    HistoricalTicksBidAsk,
    HistoricalTicksLast,
    ReqHistoricalTicks,
)
from ibdesk.wire.messages.tick_by_tick import CancelTickByTickData, ReqTickByTickData, TickByTick

APPLE, EURO, SPX = Stock("AAPL", "SMART", "USD"), Forex("EURUSD"), Index("SPX", "CBOE")
TEN = "20260415 10:00:00 US/Eastern"

versions = pytest.mark.parametrize("version", [V.MIN, 178, V.PROTOBUF_HISTORICAL_DATA, V.MAX])
kinds = pytest.mark.parametrize(
    ("contract", "kind", "number", "what", "answer"),
    [
        (APPLE, "Last", 1, "TRADES", HistoricalTicksLast),
        (APPLE, "AllLast", 2, "TRADES", HistoricalTicksLast),
        (APPLE, "BidAsk", 3, "BID_ASK", HistoricalTicksBidAsk),
        (EURO, "MidPoint", 4, "MIDPOINT", HistoricalTicks),
    ],
)


def part(tick):
    """What a live tick consists of, as one of the past has it."""
    return {1: tick.last, 2: tick.last, 3: tick.bidAsk, 4: tick.midPoint}[tick.tickType]


def facts(tick):
    return [getattr(tick, name) for name in tick.__slots__ if name != "size" or hasattr(tick, "exchange")]


def errors(messages):
    return [message for message in messages if isinstance(message, Error)]


def told(messages):
    [error] = messages
    assert isinstance(error, Error)
    return error.reqId, error.errorCode, error.errorString


@versions
@kinds
def test_what_was_streamed_is_history(gateway, version, contract, kind, number, what, answer):
    client = gateway.connect(1, version)
    ticks = client.ask(ReqTickByTickData(5, contract, kind))  # there may be one at this very moment
    for seconds in (0.1, 0.26, 1.0, 3.3, 0.04, 55.2):
        gateway.wait(seconds)
        ticks += client.heard()
    assert {(type(tick), tick.reqId, tick.tickType) for tick in ticks} == {(TickByTick, 5, number)}
    [history] = client.ask(ReqHistoricalTicks(6, contract, TEN, "", 1000, what, False))
    assert isinstance(history, answer)
    assert [facts(part(tick)) for tick in ticks] == [facts(tick) for tick in history.ticks]
    assert len(ticks) > 30


@versions
@kinds
def test_ticks_of_the_past_come_first_and_join_the_live_ones(gateway, version, contract, kind, number, what, answer):
    gateway.wait(30.1)
    client = gateway.connect(1, version)
    [past] = client.ask(ReqTickByTickData(5, contract, kind, 20))
    assert isinstance(past, answer) and (past.reqId, past.done) == (5, True)
    assert 20 <= len(past.ticks) < 25
    gateway.wait(29.8)
    ticks = client.heard()
    [history] = client.ask(ReqHistoricalTicks(6, contract, TEN, "", 1000, what, False))
    joined = [facts(tick) for tick in past.ticks] + [facts(part(tick)) for tick in ticks]
    assert joined == [facts(tick) for tick in history.ticks][-len(joined) :]


def test_sizes_can_be_ignored(client, gateway):
    client.ask(ReqTickByTickData(5, APPLE, "BidAsk", 0, True), ReqTickByTickData(6, APPLE, "BidAsk", 10, True))
    gateway.wait(60)
    ticks = client.heard()
    prices = [(tick.bidAsk.priceBid, tick.bidAsk.priceAsk) for tick in ticks if tick.reqId == 5]
    assert all(before != after for before, after in pairwise(prices))
    assert prices == [(tick.bidAsk.priceBid, tick.bidAsk.priceAsk) for tick in ticks if tick.reqId == 6]


def test_trades_have_the_exchange_that_was_asked_for(client, gateway):
    client.ask(ReqTickByTickData(5, Stock("AAPL", "ARCA", "USD"), "Last"), ReqTickByTickData(6, APPLE, "Last"))
    gateway.wait(10)
    assert {(tick.reqId, tick.last.exchange) for tick in client.heard()} == {(5, "ARCA"), (6, "NASDAQ")}


def test_nothing_is_told_while_the_market_is_closed(make_gateway):
    gateway = make_gateway(datetime(2026, 4, 18, 12, 0, tzinfo=NEW_YORK))
    client = gateway.connect(1)
    [past] = client.ask(ReqTickByTickData(5, APPLE, "Last", 10))
    evening = datetime(2026, 4, 17, 20, 0, tzinfo=NEW_YORK).timestamp()
    assert evening - 60 < past.ticks[-1].time < evening
    gateway.wait(timedelta(hours=39).total_seconds())
    assert client.heard() == []
    gateway.wait(3601)
    ticks = client.heard()
    assert ticks[0].last.time == int(datetime(2026, 4, 20, 4, 0, tzinfo=NEW_YORK).timestamp())


def test_after_a_long_time_or_congestion_no_tick_is_lost(client, gateway):
    begin = gateway.now
    ticks = client.ask(ReqTickByTickData(5, APPLE, "Last"))
    client.seat.is_congested = True
    gateway.wait(1200)
    assert client.heard() == []
    client.seat.is_congested = False
    gateway.wait(0)
    ticks += client.heard()
    assert begin.timestamp() + 890 < ticks[-1].last.time < begin.timestamp() + 905
    gateway.wait(0.1)
    ticks += client.heard()
    expected = gateway.broker.market.ticks(265598, begin, gateway.now, "TRADES")
    assert [(tick.last.time, tick.last.price, tick.last.size) for tick in ticks] == expected


@pytest.mark.parametrize(
    ("contract", "kind", "code", "text"),
    [
        (APPLE, "last", 321, "Error validating request.-'bT' : cause - Tick-by-tick data type is incorrect/not set."),
        (Contract(secType="BAG"), "Last", 321,
         "Error validating request.-'bT' : cause - 'BAG' security type is not supported in ReqTickByTick(97) request"),
        (EURO, "AllLast", 10189,
         "Failed to request tick-by-tick data.AllLast tick-by-tick requests are not supported for EUR.USD"),
        (SPX, "BidAsk", 10189,
         "Failed to request tick-by-tick data.BidAsk tick-by-tick requests are not supported for SPX"),
        (Option("SPY", "20260515", 600, "P", "SMART"), "Last", 10189,
         "Failed to request tick-by-tick data.Last tick-by-tick requests are not supported for SPY   260515P00600000"),
        (Stock("NOPE", "SMART", "USD"), "Last", 200, "No security definition has been found for the request"),
    ],
)  # fmt: skip
def test_refusals(client, gateway, contract, kind, code, text):
    assert told(client.ask(ReqTickByTickData(5, contract, kind))) == (5, code, text)
    assert gateway.router.next_due is None


def test_five_contracts_at_a_time(client, gateway):
    stocks = [Stock(symbol, "SMART", "USD") for symbol in ("AAPL", "AMD", "INTC", "MSFT", "TSLA", "NVDA")]
    other = gateway.connect(2)
    for reqId, contract in enumerate(stocks[:5]):
        assert not errors((client if reqId % 2 else other).ask(ReqTickByTickData(reqId, contract, "Last")))
    text = "Max number of tick-by-tick requests has been reached."
    assert told(client.ask(ReqTickByTickData(9, stocks[5], "Last"))) == (9, 10190, text)
    assert not errors(client.ask(ReqTickByTickData(9, stocks[0], "BidAsk")))
    client.ask(CancelTickByTickData(1))
    assert not errors(client.ask(ReqTickByTickData(10, stocks[5], "Last")))


def test_a_live_id_cannot_be_used_again(client):
    client.ask(ReqTickByTickData(5, APPLE, "Last"))
    assert told(client.ask(ReqTickByTickData(5, APPLE, "BidAsk"))) == (5, 102, "Duplicate ticker ID.")


@versions
def test_cancelling(gateway, version):
    client = gateway.connect(1, version)
    client.ask(ReqTickByTickData(5, APPLE, "Last"))
    assert gateway.router.next_due is not None
    assert client.ask(CancelTickByTickData(5)) == []
    gateway.wait(10)
    assert client.heard() == []
    assert told(client.ask(CancelTickByTickData(5))) == (5, 300, "Can't find EId with tickerId:5")
    assert gateway.router.next_due is None


def test_a_client_that_is_gone_gets_nothing(client, gateway):
    client.ask(ReqTickByTickData(5, APPLE, "Last"))
    gateway.router.disconnect(client.seat)
    gateway.wait(10)
    assert client.heard() == []
    assert gateway.router.next_due is None
