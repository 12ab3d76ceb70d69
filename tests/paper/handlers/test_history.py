"""What requests for bars are answered, and how they are kept up to date."""

from datetime import datetime, timedelta

import pytest

from ibdesk.model.bars import HistoricalSession
from ibdesk.model.contract import Contract, Forex, Future, Stock
from ibdesk.paper.clock import NEW_YORK
from ibdesk.wire import versions as V
from ibdesk.wire.messages.connection import Error
from ibdesk.wire.messages.history import (
    CancelHistoricalData,
    HistoricalData,
    HistoricalDataEnd,
    HistoricalDataUpdate,
    ReqHistoricalData,
)
from ibdesk.wire.messages.history_summaries import HistoricalSchedule

APPLE = Stock("AAPL", "SMART", "USD")
ES = Future("ES", "202606", "CME")
DAY = ("", "1 D", "1 hour", "TRADES", True)


def errors(messages):
    return [(m.reqId, m.errorCode, m.errorString) for m in messages if isinstance(m, Error)]


def test_the_bars_are_the_market_s(client, gateway):
    answer, _ = client.ask(ReqHistoricalData(5, APPLE, *DAY))
    bars = gateway.broker.market.bars(265598, gateway.now, "1 D", "1 hour", "TRADES", True)
    assert [(b.open, b.high, b.low, b.close, b.volume, b.barCount) for b in answer.bars] == [
        (b.open, b.high, b.low, b.close, b.volume, b.barCount) for b in bars
    ]
    assert [bar.average for bar in answer.bars] == [round(bar.average, 3) for bar in bars]


@pytest.mark.parametrize("version", [V.MIN, 178, V.HISTORICAL_DATA_END - 1, V.HISTORICAL_DATA_END, V.MAX])
def test_the_span_and_the_end(gateway, version):
    messages = gateway.connect(1, version).ask(ReqHistoricalData(5, APPLE, *DAY))
    span = ("20260414 10:00:00 US/Eastern", "20260415 10:00:00 US/Eastern")
    if version < V.INSTRUMENT_TIMEZONE:
        span = ("20260414  10:00:00", "20260415  10:00:00")
    if version >= V.HISTORICAL_DATA_END:
        assert messages[1:] == [HistoricalDataEnd(5, *span)]
    else:
        (answer,) = messages
        assert (answer.startDateStr, answer.endDateStr) == span


@pytest.mark.parametrize(
    ("version", "contract", "size", "form", "date"),
    [
        (V.MAX, APPLE, "1 hour", 1, "20260415 09:30:00 US/Eastern"),
        (V.INSTRUMENT_TIMEZONE, APPLE, "1 hour", 1, "20260415 09:30:00 US/Eastern"),
        (V.INSTRUMENT_TIMEZONE - 1, APPLE, "1 hour", 1, "20260415  09:30:00"),
        (V.MAX, ES, "1 hour", 1, "20260415 08:30:00 US/Central"),
        (V.MIN, ES, "1 hour", 1, "20260415  09:30:00"),
        (V.MAX, APPLE, "1 hour", 2, "1776259800"),
        (V.MAX, APPLE, "1 hour", 3, "0415 09:30:00 US/Eastern"),
        (V.MAX, APPLE, "1 day", 1, "20260415"),
        (V.MAX, APPLE, "1 day", 2, "20260415"),
    ],
)
def test_how_dates_are_written(gateway, version, contract, size, form, date):
    request = ReqHistoricalData(5, contract, "", "1 D", size, "TRADES", True, form)
    answer = gateway.connect(1, version).ask(request)[0]
    assert answer.bars[0].date == date


def test_prices_without_trades_have_no_volume(client):
    answer = client.ask(ReqHistoricalData(5, Forex("EURUSD"), "", "60 S", "5 secs", "MIDPOINT", False))[0]
    assert {(bar.volume, bar.average, bar.barCount) for bar in answer.bars} == {(-1, -1, -1)}


def test_the_future_is_not_told(client):
    answer = client.ask(ReqHistoricalData(5, APPLE, "20260415 16:00:00 US/Eastern", "1 D", "1 min", "TRADES", True))[0]
    assert answer.bars[-1].date == "20260415 09:59:00 US/Eastern"


@pytest.mark.parametrize(
    ("changes", "code", "text"),
    [
        ({"contract": Stock("NOPE", "SMART", "USD")}, 200, "No security definition has been found for the request"),
        ({"contract": Contract(secType="STK", symbol="AAPL")}, 321, "'bM' : cause - Please enter exchange"),
        ({"barSizeSetting": "7 mins"}, 321, "'bM' : cause - Historical data bar size setting is invalid. Legal ones"),
        ({"durationStr": ""}, 321, "Historical data request duration not specified."),
        ({"durationStr": "1 day"}, 321, "When specifying a unit, historical data request duration format is"),
        ({"durationStr": "366 D"}, 321, "durations longer than 365 days must be made in years."),
        ({"whatToShow": "YIELD"}, 321, "What to show value of YIELD rejected."),
        ({"formatDate": 4}, 321, "Date formatting selection of 4 rejected."),
        ({"endDateTime": "tomorrow"}, 10314, "End Date/Time: The date, time, or time-zone entered is invalid."),
        ({"contract": Forex("EURUSD")}, 162, "HMDS query returned no data: EUR.USD@IDEALPRO Trades"),
        ({"keepUpToDate": True, "endDateTime": "20260414-20:00:00"}, 321, "End date not supported with live updates"),
        ({"keepUpToDate": True, "whatToShow": "BID_ASK"}, 321, "Source price not supported with live updates"),
        ({"whatToShow": "ADJUSTED_LAST", "endDateTime": "20260414-20:00:00"}, 321, "End date not supported with adj"),
        ({"contract": Contract(secType="CONTFUT", symbol="ES", exchange="CME"), "endDateTime": "20260414-20:00:00"},
         10339, "Setting end date/time for continuous future security type is not allowed."),
    ],
)  # fmt: skip
def test_refusals(client, gateway, changes, code, text):
    request = ReqHistoricalData(5, APPLE, *DAY)
    for name, value in changes.items():
        setattr(request, name, value)
    (answer,) = client.ask(request)
    assert (answer.reqId, answer.errorCode) == (5, code)
    assert text in answer.errorString
    assert gateway.router.next_due is None


@pytest.mark.parametrize("version", [V.MIN, V.MAX])
def test_bars_are_kept_up_to_date_every_five_seconds(gateway, version):
    client = gateway.connect(1, version)
    gateway.wait(1.5)
    request = ReqHistoricalData(5, APPLE, "", "1 D", "1 min", "TRADES", True, keepUpToDate=True)
    first = client.ask(request)[0]
    assert isinstance(first, HistoricalData)
    gateway.wait(3.4)
    assert client.heard() == []
    gateway.wait(0.1)
    (update,) = client.heard()
    assert update.bar.date == first.bars[-1].date
    assert update.bar.volume >= first.bars[-1].volume
    gateway.wait(60)
    updates = client.heard()
    assert len(updates) == 12
    assert all(isinstance(update, HistoricalDataUpdate) and update.reqId == 5 for update in updates)
    # At the full minute the bar is told once more, complete.
    bars = gateway.broker.market.bars(265598, gateway.now, "1 D", "1 min", "TRADES", True)
    assert updates[-2].bar.date == first.bars[-1].date
    assert (updates[-2].bar.close, updates[-2].bar.volume) == (bars[-2].close, bars[-2].volume)
    assert updates[-1].bar.date != first.bars[-1].date


def test_nothing_is_kept_up_to_date_while_the_market_is_closed(make_gateway):
    gateway = make_gateway(datetime(2026, 4, 18, 12, 0, tzinfo=NEW_YORK))
    client = gateway.connect(1)
    client.ask(ReqHistoricalData(5, APPLE, "", "1 D", "1 min", "TRADES", True, keepUpToDate=True))
    gateway.wait(30)
    assert client.heard() == []


def test_the_last_bar_is_told_complete_when_the_market_closes(make_gateway):
    gateway = make_gateway(datetime(2026, 4, 15, 15, 59, 58, tzinfo=NEW_YORK))
    client = gateway.connect(1)
    client.ask(ReqHistoricalData(5, APPLE, "", "1 D", "1 min", "TRADES", True, keepUpToDate=True))
    gateway.wait(30)
    (update,) = client.heard()
    bars = gateway.broker.market.bars(265598, gateway.now, "1 D", "1 min", "TRADES", True)
    assert (update.bar.date, update.bar.volume) == ("20260415 15:59:00 US/Eastern", bars[-1].volume)


@pytest.mark.parametrize("version", [V.HISTORICAL_SCHEDULE, 178, V.PROTOBUF_HISTORICAL_DATA, V.MAX])
def test_sessions_as_history(gateway, version):
    client = gateway.connect(1, version)
    (answer,) = client.ask(ReqHistoricalData(5, APPLE, "", "2 D", "1 day", "schedule", True))
    first = HistoricalSession("20260414-09:30:00", "20260414-16:00:00", "20260414")
    today = HistoricalSession("20260415-09:30:00", "20260415-16:00:00", "20260415")
    span = (first.startDateTime, today.endDateTime, "US/Eastern")
    assert answer == HistoricalSchedule(5, *span, [first, today])
    (answer,) = client.ask(ReqHistoricalData(5, ES, "20260413 12:00:00 US/Central", "1 D", "1 day", "SCHEDULE", False))
    session = HistoricalSession("20260412-17:00:00", "20260413-16:00:00", "20260413")
    assert answer == HistoricalSchedule(5, session.startDateTime, session.endDateTime, "US/Central", [session])


def test_sessions_that_are_refused(client, gateway):
    ((reqId, code, text),) = errors(client.ask(ReqHistoricalData(5, APPLE, "", "1 D", "1 min", "SCHEDULE", True)))
    assert (reqId, code) == (5, 321)
    assert text.endswith("Only daily resolution supported for Schedule requests")
    old = gateway.connect(2, V.HISTORICAL_SCHEDULE - 1)
    ((reqId, code, text),) = errors(old.ask(ReqHistoricalData(5, APPLE, "", "1 D", "1 day", "SCHEDULE", True)))
    assert (reqId, code) == (5, 321)
    assert text.endswith("What to show value of SCHEDULE rejected.")


def test_cancelling(client, gateway):
    client.ask(ReqHistoricalData(5, APPLE, *DAY, keepUpToDate=True))
    text = "Historical Market Data Service error message:API historical data query cancelled: 5"
    assert errors(client.ask(CancelHistoricalData(5))) == [(5, 162, text)]
    gateway.wait(30)
    assert client.heard() == []
    text = "No historical data query found for ticker id:5"
    assert errors(client.ask(CancelHistoricalData(5))) == [(5, 366, text)]


def test_a_live_id_cannot_be_used_again(client):
    client.ask(ReqHistoricalData(5, APPLE, *DAY, keepUpToDate=True))
    text = "Error processing request.-'bM' : cause - Duplicate ticker ID for API historical data query"
    assert errors(client.ask(ReqHistoricalData(5, APPLE, *DAY))) == [(5, 322, text)]


def test_who_does_not_read_gets_later_how_each_bar_ended(client, gateway):
    client.ask(ReqHistoricalData(5, APPLE, "", "1 D", "1 min", "TRADES", True, keepUpToDate=True))
    client.seat.is_congested = True
    gateway.wait(155)
    assert client.heard() == []
    client.seat.is_congested = False
    gateway.wait(0)
    updates = client.heard()
    bars = gateway.broker.market.bars(265598, gateway.now, "1 D", "1 min", "TRADES", True)
    assert [(u.bar.close, u.bar.volume) for u in updates] == [(bar.close, bar.volume) for bar in bars[-3:]]


def test_who_does_not_read_for_long_gets_bars_an_hour_at_a_time(client, gateway):
    client.ask(ReqHistoricalData(5, APPLE, "", "1 D", "1 min", "TRADES", True, keepUpToDate=True))
    client.seat.is_congested = True
    gateway.wait(5400)
    client.seat.is_congested = False
    gateway.wait(0)
    first = client.heard()
    gateway.wait(1)
    updates = first + client.heard()
    assert len(first) == 61
    bars = gateway.broker.market.bars(265598, gateway.now, "1 D", "1 min", "TRADES", True)
    complete = {update.bar.date: update.bar.close for update in updates}
    assert list(complete.values()) == [bar.close for bar in bars[-91:-1]]


def test_a_client_that_is_gone_or_does_not_read_gets_no_bars(client, gateway):
    client.ask(ReqHistoricalData(5, APPLE, *DAY, keepUpToDate=True))
    client.seat.is_congested = True
    gateway.wait(10)
    assert client.heard() == []
    client.seat.is_congested = False
    gateway.wait(5)
    assert len(client.heard()) == 2
    gateway.router.disconnect(client.seat)
    gateway.wait(10)
    assert client.heard() == []


def test_bars_join_the_quotes(client, gateway):
    gateway.wait(0.25)
    answer = client.ask(ReqHistoricalData(5, APPLE, "", "30 S", "1 secs", "BID", False))[0]
    before = gateway.broker.market.quote(265598, gateway.now - timedelta(seconds=0.25))
    assert answer.bars[-1].close == before.bid
