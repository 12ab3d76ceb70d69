"""Bars of five seconds: when they are told, that they are those of history, refusals and cancels."""

from datetime import datetime, timedelta

import pytest

from ibdesk.model.contract import Forex, Index, Stock
from ibdesk.paper.clock import NEW_YORK
from ibdesk.wire import versions as V
from ibdesk.wire.messages.connection import Error
from ibdesk.wire.messages.history import ReqHistoricalData
from ibdesk.wire.messages.real_time_bars import CancelRealTimeBars, RealtimeBar, ReqRealTimeBars

APPLE, EURO, SPX = Stock("AAPL", "SMART", "USD"), Forex("EURUSD"), Index("SPX", "CBOE")
TEN = int(datetime(2026, 4, 15, 10, tzinfo=NEW_YORK).timestamp())

versions = pytest.mark.parametrize("version", [V.MIN, 178, V.PROTOBUF_HISTORICAL_DATA, V.MAX])


def told(messages):
    [error] = messages
    assert isinstance(error, Error)
    return error.reqId, error.errorCode, error.errorString


@versions
@pytest.mark.parametrize(("contract", "what"), [(APPLE, "TRADES"), (APPLE, "BID"), (EURO, "ASK"), (EURO, "MIDPOINT")])
def test_they_are_the_bars_of_history(gateway, version, contract, what):
    client = gateway.connect(1, version)
    gateway.wait(1.5)
    assert client.ask(ReqRealTimeBars(5, contract, 5, what, False)) == []
    gateway.wait(3.4)
    assert client.heard() == []
    gateway.wait(0.1)
    bars = client.heard()
    assert [bar.time for bar in bars] == [TEN]
    for _ in range(550):
        gateway.wait(0.1)
        bars += client.heard()
    assert all(isinstance(bar, RealtimeBar) and bar.reqId == 5 for bar in bars)
    assert [bar.time for bar in bars] == [TEN + 5 * n for n in range(12)]
    request = ReqHistoricalData(6, contract, "", "60 S", "5 secs", what, False, 2)
    history = client.ask(request)[0].bars
    assert [(b.time, b.open_, b.high, b.low, b.close, b.volume, b.wap, b.count) for b in bars[-len(history) :]] == [
        (int(b.date), b.open, b.high, b.low, b.close, b.volume, b.average, b.barCount) for b in history
    ]
    [minute] = client.ask(ReqHistoricalData(7, contract, "", "60 S", "1 min", what, False, 2))[0].bars
    assert (minute.open, minute.close) == (bars[0].open_, bars[-1].close)
    assert (minute.high, minute.low) == (max(bar.high for bar in bars), min(bar.low for bar in bars))
    if what == "TRADES":
        assert (minute.volume, minute.barCount) == (sum(bar.volume for bar in bars), sum(bar.count for bar in bars))
    else:
        assert {(bar.volume, bar.wap, bar.count) for bar in bars} == {(-1, -1, -1)}


def test_regular_hours_only(make_gateway):
    gateway = make_gateway(datetime(2026, 4, 15, 15, 59, 52, tzinfo=NEW_YORK))
    client = gateway.connect(1)
    client.ask(ReqRealTimeBars(5, APPLE, 5, "TRADES", True), ReqRealTimeBars(6, APPLE, 5, "TRADES", False))
    gateway.wait(23)
    bars = client.heard()
    starts = {reqId: [datetime.fromtimestamp(b.time, NEW_YORK) for b in bars if b.reqId == reqId] for reqId in (5, 6)}
    assert [f"{each:%H:%M:%S}" for each in starts[5]] == ["15:59:50", "15:59:55"]
    assert [f"{each:%H:%M:%S}" for each in starts[6]] == ["15:59:50", "15:59:55", "16:00:00", "16:00:05", "16:00:10"]


def test_nothing_is_told_while_the_market_is_closed_and_the_first_bar_when_it_opens(make_gateway):
    gateway = make_gateway(datetime(2026, 4, 18, 12, 0, tzinfo=NEW_YORK))
    client = gateway.connect(1)
    client.ask(ReqRealTimeBars(5, APPLE, 5, "TRADES", False))
    gateway.wait(timedelta(days=1).total_seconds())
    assert client.heard() == []
    gateway.wait(timedelta(hours=16, seconds=5).total_seconds())
    [bar] = client.heard()
    assert datetime.fromtimestamp(bar.time, NEW_YORK) == datetime(2026, 4, 20, 4, 0, tzinfo=NEW_YORK)


def test_after_a_long_time_every_bar_is_told(client, gateway):
    client.ask(ReqRealTimeBars(5, APPLE, 5, "TRADES", False))
    gateway.wait(5400)
    assert [bar.time for bar in client.heard()] == [TEN + 5 * n for n in range(1080)]


def test_who_does_not_read_gets_them_later(client, gateway):
    client.ask(ReqRealTimeBars(5, APPLE, 5, "TRADES", False))
    client.seat.is_congested = True
    gateway.wait(15)
    assert client.heard() == []
    client.seat.is_congested = False
    gateway.wait(1)
    assert [bar.time for bar in client.heard()] == [TEN, TEN + 5, TEN + 10]


def test_who_does_not_read_for_long_gets_them_an_hour_at_a_time(client, gateway):
    client.ask(ReqRealTimeBars(5, APPLE, 5, "TRADES", False))
    client.seat.is_congested = True
    gateway.wait(5400)
    client.seat.is_congested = False
    gateway.wait(0)
    first = client.heard()
    gateway.wait(1)
    assert [bar.time for bar in first + client.heard()] == [TEN + 5 * n for n in range(1080)]
    assert len(first) == 720


@pytest.mark.parametrize(
    ("contract", "what", "code", "text"),
    [
        (APPLE, "BID_ASK", 321, "Error validating request.-'bS' : cause - What to show field is missing or incorrect."),
        (APPLE, "trades", 321, "Error validating request.-'bS' : cause - What to show field is missing or incorrect."),
        (EURO, "TRADES", 420, "Invalid Real-time Query:No historical market data for EUR/CASH@IDEALPRO Last 5"),
        (SPX, "BID", 420, "Invalid Real-time Query:No historical market data for SPX/IND@CBOE Bid 5"),
        (Stock("NOPE", "SMART", "USD"), "TRADES", 200, "No security definition has been found for the request"),
    ],
)
def test_refusals(client, gateway, contract, what, code, text):
    assert told(client.ask(ReqRealTimeBars(5, contract, 5, what, False))) == (5, code, text)
    assert gateway.router.next_due is None


def test_a_live_id_cannot_be_used_again(client):
    client.ask(ReqRealTimeBars(5, APPLE, 5, "TRADES", False))
    assert told(client.ask(ReqRealTimeBars(5, SPX, 5, "TRADES", False))) == (5, 102, "Duplicate ticker ID.")


@versions
def test_cancelling(gateway, version):
    client = gateway.connect(1, version)
    client.ask(ReqRealTimeBars(5, APPLE, 5, "TRADES", False))
    text = "Historical Market Data Service error message:API historical data query cancelled: 5"
    assert told(client.ask(CancelRealTimeBars(5))) == (5, 162, text)
    gateway.wait(10)
    assert client.heard() == []
    assert told(client.ask(CancelRealTimeBars(5))) == (5, 366, "No historical data query found for ticker id:5")
    assert gateway.router.next_due is None


def test_a_client_that_is_gone_gets_nothing(client, gateway):
    client.ask(ReqRealTimeBars(5, APPLE, 5, "TRADES", False))
    gateway.router.disconnect(client.seat)
    gateway.wait(10)
    assert client.heard() == []
    assert gateway.router.next_due is None
