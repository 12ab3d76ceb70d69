"""What requests for history other than bars are answered, and how they are refused."""

from datetime import timedelta
from itertools import pairwise

import pytest

from ibdesk.model.contract import Contract, Forex, Index, Stock
from ibdesk.model.quotes import TickAttribBidAsk, TickAttribLast
from ibdesk.wire import versions as V
from ibdesk.wire.messages.connection import Error
from ibdesk.wire.messages.historical_ticks import (
    CancelHistoricalTicks,
    HistoricalTicks,
    HistoricalTicksBidAsk,
    HistoricalTicksLast,
    ReqHistoricalTicks,
)
from ibdesk.wire.messages.history_summaries import (
    CancelHeadTimeStamp,
    CancelHistogramData,
    HeadTimestamp,
    HistogramData,
    ReqHeadTimeStamp,
    ReqHistogramData,
)

APPLE, EURO, SPX = Stock("AAPL", "SMART", "USD"), Forex("EURUSD"), Index("SPX", "CBOE")
CON_ID = 265598
NINE = "20260415 09:45:00 US/Eastern"

versions = pytest.mark.parametrize("version", [V.MIN, 178, V.PROTOBUF_HISTORICAL_DATA, V.MAX])


def told(messages):
    [error] = messages
    assert isinstance(error, Error)
    return error.reqId, error.errorCode, error.errorString


def request(**changes):
    wanted = {"startDateTime": NINE, "endDateTime": "", "numberOfTicks": 50, "whatToShow": "TRADES", "useRTH": True}
    return ReqHistoricalTicks(7, changes.pop("contract", APPLE), **{**wanted, **changes})


# --- Where data begin


@pytest.mark.parametrize(
    ("version", "form", "text"),
    [(V.MAX, 1, "19801212-14:30:00"), (V.MIN, 1, "19801212  14:30:00"), (V.MAX, 2, "345479400")],
)
def test_where_data_begin(gateway, version, form, text):
    client = gateway.connect(1, version)
    assert client.ask(ReqHeadTimeStamp(5, APPLE, "TRADES", True, form)) == [HeadTimestamp(5, text)]
    assert client.ask(CancelHeadTimeStamp(5), CancelHeadTimeStamp(6)) == []


@pytest.mark.parametrize(
    ("contract", "what", "code", "text"),
    [
        (EURO, "TRADES", 162, "Historical Market Data Service error message:No head time stamp"),
        (SPX, "BID", 162, "Historical Market Data Service error message:No head time stamp"),
        (APPLE, "YIELD", 321, "Error validating request.-'bN' : cause - What to show value of YIELD rejected."),
        (Stock("NOPE", "SMART", "USD"), "TRADES", 200, "No security definition has been found for the request"),
    ],
)
def test_where_no_data_begin(client, contract, what, code, text):
    assert told(client.ask(ReqHeadTimeStamp(5, contract, what, True, 1))) == (5, code, text)


# --- Volume by price


@versions
def test_volume_by_price(gateway, version):
    client = gateway.connect(1, version)
    [answer] = client.ask(ReqHistogramData(5, APPLE, True, "3 days"))
    assert isinstance(answer, HistogramData) and answer.reqId == 5
    bars = gateway.broker.market.bars(CON_ID, gateway.now, "3 D", "1 day", "TRADES", True)
    assert sum(item.size for item in answer.items) == sum(bar.volume for bar in bars)
    assert client.ask(CancelHistogramData(5)) == []


@pytest.mark.parametrize("text", ["1 week", "5 DAYS", "5 d"])
def test_the_same_period_in_other_words(client, text):
    [weeks] = client.ask(ReqHistogramData(5, APPLE, True, text))
    [days] = client.ask(ReqHistogramData(5, APPLE, True, "5 days"))
    assert weeks == days


@pytest.mark.parametrize(("text", "seconds"), [("90 seconds", 90), ("20 minutes", 1200), ("2 hours", 7200)])
def test_short_periods(client, gateway, text, seconds):
    [answer] = client.ask(ReqHistogramData(5, APPLE, False, text))
    trades = gateway.broker.market.ticks(CON_ID, gateway.now - timedelta(seconds=seconds), gateway.now, "TRADES")
    assert sum(item.size for item in answer.items) == sum(tick.size for tick in trades)


@pytest.mark.parametrize(
    ("contract", "period", "code", "text"),
    [
        (APPLE, "soon", 321, "Error validating request.-'bO' : cause - Invalid time period"),
        (APPLE, "0 days", 321, "Error validating request.-'bO' : cause - Invalid time period"),
        (APPLE, "2 years", 10188, "Failed to request histogram data:Time length exceed max."),
        (
            EURO,
            "1 day",
            10188,
            "Failed to request histogram data:No historical market data for EUR/CASH@IDEALPRO Last 0",
        ),
    ],
)
def test_histograms_that_are_refused(client, contract, period, code, text):
    assert told(client.ask(ReqHistogramData(5, contract, True, period))) == (5, code, text)


# --- Ticks


@versions
def test_trades_of_the_past(gateway, version):
    [answer] = gateway.connect(1, version).ask(request())
    assert isinstance(answer, HistoricalTicksLast) and (answer.reqId, answer.done) == (7, True)
    begin = gateway.now.replace(minute=45, hour=9)
    expected = gateway.broker.market.ticks(CON_ID, begin, begin + timedelta(minutes=5), "TRADES")[: len(answer.ticks)]
    assert [(tick.time, tick.price, tick.size) for tick in answer.ticks] == expected
    assert 50 <= len(answer.ticks) < 60
    assert {(tick.exchange, tick.specialConditions) for tick in answer.ticks} == {("NASDAQ", "")}
    assert all(tick.tickAttribLast == TickAttribLast() for tick in answer.ticks)


@versions
def test_quotes_of_the_past(gateway, version):
    [answer] = gateway.connect(1, version).ask(request(whatToShow="BID_ASK", startDateTime="", endDateTime=NINE))
    assert isinstance(answer, HistoricalTicksBidAsk) and answer.done
    end = gateway.now.replace(minute=45, hour=9)
    expected = gateway.broker.market.ticks(CON_ID, end - timedelta(minutes=5), end, "BID_ASK")[-len(answer.ticks) :]
    assert [(t.time, t.priceBid, t.priceAsk, t.sizeBid, t.sizeAsk) for t in answer.ticks] == expected
    assert all(tick.tickAttribBidAsk == TickAttribBidAsk() for tick in answer.ticks)


@versions
@pytest.mark.parametrize(("contract", "what"), [(APPLE, "Midpoint"), (EURO, "MIDPOINT"), (EURO, "TRADES")])
def test_middles_of_the_past(gateway, version, contract, what):
    [answer] = gateway.connect(1, version).ask(request(contract=contract, whatToShow=what))
    assert isinstance(answer, HistoricalTicks) and answer.done
    assert len(answer.ticks) >= 50
    assert {tick.size for tick in answer.ticks} == {0}


def test_sizes_can_be_ignored(client):
    [with_sizes] = client.ask(request(whatToShow="BID_ASK"))
    [without] = client.ask(request(whatToShow="BID_ASK", ignoreSize=True))
    assert without.ticks[-1].time > with_sizes.ticks[-1].time
    prices = [(tick.priceBid, tick.priceAsk) for tick in without.ticks]
    assert all(before != after for before, after in pairwise(prices))


def test_the_exchange_that_was_asked_for(client):
    [answer] = client.ask(request(contract=Stock("AAPL", "ARCA", "USD")))
    assert {tick.exchange for tick in answer.ticks} == {"ARCA"}


def test_a_thousand_ticks_at_most(client):
    [answer] = client.ask(request(numberOfTicks=5000, whatToShow="BID_ASK"))
    assert 1000 <= len(answer.ticks) < 1005


def test_a_start_rules_and_without_one_ticks_are_told_from_the_beginning(client, gateway):
    assert client.ask(request(endDateTime="20260410 09:45:00 US/Eastern")) == client.ask(request())
    [answer] = client.ask(request(startDateTime="", numberOfTicks=1))
    age = gateway.now.timestamp() - answer.ticks[0].time
    assert timedelta(days=3 * 365 - 5) < timedelta(seconds=age) <= timedelta(days=3 * 365)


def test_a_time_without_a_zone_is_the_gateway_s(client):
    assert client.ask(request(startDateTime="20260415 09:45:00")) == client.ask(request())
    assert client.ask(request(startDateTime="20260415-13:45:00")) == client.ask(request())


def test_the_ticks_of_an_index_have_no_size(client):
    [answer] = client.ask(request(contract=SPX))
    assert {tick.size for tick in answer.ticks} == {0}
    assert {tick.exchange for tick in answer.ticks} == {"CBOE"}


@pytest.mark.parametrize(
    ("changes", "code", "text"),
    [
        ({"numberOfTicks": 0}, 321, "Error validating request.-'bP' : cause - Number of ticks must be > 0"),
        ({"whatToShow": ""}, 321, "Error validating request.-'bP' : cause - Source price must not be empty"),
        ({"whatToShow": "BID"}, 321, "Error validating request.-'bP' : cause - Invalid source price"),
        ({"contract": Contract(secType="BAG")}, 321, "'bP' : cause - Combo types are not supported"),
        ({"whatToShow": "AGGTRADES"}, 10299, "Expected what to show is TRADES, please use that instead of AGGTRADES."),
        ({"startDateTime": "yesterday"}, 10314, "Start Date/Time: The date, time, or time-zone entered is invalid."),
        ({"endDateTime": "20260415"}, 10314, "End Date/Time: The date, time, or time-zone entered is invalid."),
        ({"contract": SPX, "whatToShow": "BID_ASK"}, 10187,
         "Failed to request historical ticks:No historical market data for SPX/IND@CBOE BidAsk 0"),
        ({"contract": Stock("NOPE", "SMART", "USD")}, 200, "No security definition has been found for the request"),
    ],
)  # fmt: skip
def test_ticks_that_are_refused(client, changes, code, text):
    reqId, number, words = told(client.ask(request(**changes)))
    assert (reqId, number) == (7, code)
    assert text in words


def test_there_is_nothing_to_cancel(client, gateway):
    client.ask(request())
    assert client.ask(CancelHistoricalTicks(7)) == []
    assert gateway.router.next_due is None
