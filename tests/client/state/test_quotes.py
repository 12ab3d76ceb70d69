"""What ticks do to tickers: subscriptions, batches, every attribute. The values against ib_async's: see dropin."""

from datetime import UTC, datetime, timedelta, timezone
from math import isnan, nan
from typing import Any

import pytest
from client.subscribing import end, start, start_book

from ibdesk.client.state import tick_types
from ibdesk.client.state.quotes import Quotes
from ibdesk.client.state.ticker import Ticker
from ibdesk.client.state.tickers import Tickers
from ibdesk.client.subscriptions import Kind, Subscription, Subscriptions
from ibdesk.model.contract import Contract, DeltaNeutralContract, Forex, Option, Stock
from ibdesk.model.quotes import IBDefaults, TickData
from ibdesk.model.unset import UNSET_DOUBLE
from ibdesk.wire.codec import Oddities
from ibdesk.wire.messages.market_data import (
    MarketDataType,
    TickGeneric,
    TickPrice,
    TickReqParams,
    TickSize,
    TickSnapshotEnd,
    TickString,
)
from ibdesk.wire.messages.options import DeltaNeutralValidation
from ibdesk.wire.messages.tick_by_tick import ReqTickByTickData

NOW = datetime(2025, 11, 15, 19, 24, 59, 444406, tzinfo=UTC)
EURUSD = Forex("EURUSD", conId=12087792)


@pytest.fixture
def subscriptions() -> Subscriptions:
    return Subscriptions()


@pytest.fixture
def quotes(subscriptions: Subscriptions) -> Quotes:
    quotes = Quotes(subscriptions=subscriptions)
    quotes.begin(NOW)
    return quotes


@pytest.fixture
def ticker(quotes: Quotes) -> Ticker:
    return start(quotes, 1, EURUSD, "mktData")


def feed(quotes: Quotes, *messages: Any) -> None:
    for message in messages:
        quotes.handlers[type(message)](message)


# --- subscriptions --------------------------------------------------------------------------------------------------


def test_one_contract_has_one_ticker(quotes: Quotes, ticker: Ticker):
    assert start(quotes, 2, Forex("EURUSD", conId=12087792), "mktData") is ticker
    assert start(quotes, 3, EURUSD, "tickByTick") is ticker
    assert quotes.ticker(EURUSD) is ticker
    assert quotes.tickers() == [ticker]
    assert quotes.contract(2) is EURUSD
    assert [end(quotes, EURUSD, "mktData") for _ in range(3)] == [2, 1, None]
    assert quotes.contract(2) is None
    assert quotes.contract(3) is EURUSD
    assert quotes.ticker(EURUSD) is ticker, "it keeps its values and listeners for the next subscription"
    feed(quotes, TickPrice(1, 1, 1.1, 5.0))
    assert isnan(ticker.bid)
    assert quotes.flush() == set()
    assert end(quotes, Stock("AAPL", conId=1), "mktData") is None


def test_a_snapshot_has_a_ticker_of_its_own(quotes: Quotes, ticker: Ticker):
    feed(quotes, TickPrice(1, 4, 1.1, 5.0))
    private = start(quotes, 2, EURUSD, Kind.SNAPSHOT)
    assert private is not ticker
    assert isnan(private.last)
    feed(quotes, TickPrice(2, 4, 1.2, 5.0))
    assert (ticker.last, private.last) == (1.1, 1.2)
    assert quotes.flush() == {ticker, private}
    assert quotes.tickers() == [ticker]
    quotes.tick_snapshot_end(TickSnapshotEnd(2))
    feed(quotes, TickPrice(2, 4, 1.3, 5.0))
    assert private.last == 1.2


def test_a_contract_that_is_qualified_later(quotes: Quotes):
    contract = Stock("AAPL", "SMART", "USD")
    ticker = start(quotes, 2, contract, "mktData")
    contract.conId = 265598
    assert quotes.ticker(contract) is ticker
    assert start(quotes, 3, contract, "mktData") is ticker
    assert quotes.tickers() == [ticker]
    assert [end(quotes, contract, "mktData") for _ in range(3)] == [3, 2, None]


def test_a_refused_request_is_at_its_end(quotes: Quotes, ticker: Ticker):
    start(quotes, 2, EURUSD, "mktData")
    quotes.error(1, 200, "none", ends=True)
    quotes.error(99, 200, "none", ends=True)
    assert [end(quotes, EURUSD, "mktData") for _ in range(2)] == [2, None]
    start(quotes, 3, EURUSD, "mktData")
    quotes.error(3, 200, "none", ends=True)
    assert end(quotes, EURUSD, "mktData") is None


def test_what_cannot_be_sent_leaves_no_trace(quotes: Quotes, ticker: Ticker):
    end(quotes, EURUSD, "mktData")
    for contract in (EURUSD, Stock("AAPL", conId=1)):
        filled = quotes.to_fill(contract, Kind.LAST)
        status = filled.status
        asked = Subscription(Kind.LAST, ReqTickByTickData(2, contract, "Last", 0, False), None, filled, filled)
        with pytest.raises(ConnectionError), quotes.starting(asked, contract):
            assert quotes.contract(2) is contract
            raise ConnectionError
        assert (quotes.contract(2), filled.status) == (None, status)
    assert quotes.tickers() == [ticker]


def test_each_exchange_of_a_contract_has_its_own_ticker(quotes: Quotes):
    smart, nyse = Stock("IBM", "SMART", conId=8314), Stock("IBM", "NYSE", conId=8314)
    tickers = [start(quotes, 2, smart, "mktData"), start(quotes, 3, nyse, "mktData")]
    assert tickers == quotes.tickers() and tickers[0] is not tickers[1]
    feed(quotes, TickPrice(2, 1, 10.0, 1.0), TickPrice(3, 2, 9.0, 1.0))
    assert (tickers[0].bid, isnan(tickers[0].ask)) == (10.0, True)
    assert (isnan(tickers[1].bid), tickers[1].ask) == (True, 9.0)
    assert [end(quotes, smart, "mktData") for _ in range(2)] == [2, None]
    assert end(quotes, nyse, "mktData") == 3


def test_a_lost_connection_ends_requests_and_leaves_tickers(quotes: Quotes, ticker: Ticker):
    start_book(quotes, 2, EURUSD, 5, True)
    quotes.end_all(ConnectionError())
    assert (quotes.contract(1), end(quotes, EURUSD, Kind.DEPTH), end(quotes, EURUSD, "mktData")) == (None, None, None)
    assert quotes.tickers() == [ticker]


# --- status -----------------------------------------------------------------------------------------------------------


def test_the_status_is_that_of_the_quotes(quotes: Quotes, ticker: Ticker):
    feed(quotes, MarketDataType(1, 2))
    start_book(quotes, 2, EURUSD, 5, True)
    start(quotes, 3, EURUSD, "Last")
    assert len(quotes.error(2, 10092, "no depth", ends=True)) == 1, "others go on: nobody who awaits ticks is told"
    end(quotes, EURUSD, "Last")
    assert ticker.status == "frozen"
    feed(quotes, MarketDataType(1, 7))
    assert ticker.status == "frozen", "of a type that nobody knows"
    start(quotes, 4, EURUSD, "mktData")
    end(quotes, EURUSD, "mktData")
    assert ticker.status == "frozen", "there is another one"
    end(quotes, EURUSD, "mktData")
    assert ticker.status == "ended"
    start(quotes, 5, EURUSD, "Last")
    assert ticker.status == ""
    (_, told) = quotes.error(5, 10190, "too many", ends=True)
    assert (ticker.status, told.args[0]) == ("error", ticker.updateEvent)


def test_what_is_interrupted_has_no_quotes_until_it_is_resumed(
    quotes: Quotes, ticker: Ticker, subscriptions: Subscriptions
):
    feed(quotes, MarketDataType(1, 1))
    start(quotes, 3, EURUSD, "Last")
    asked, ticks = subscriptions.get(1), subscriptions.get(3)
    assert asked is not None and ticks is not None
    quotes.interrupt(ticks)
    assert ticker.status == "live"
    quotes.interrupt(asked)
    assert ticker.status == "interrupted"
    quotes.resumed(asked)
    assert ticker.status == ""


def test_a_snapshot_ends(quotes: Quotes):
    ticker = start(quotes, 2, EURUSD, Kind.SNAPSHOT)
    feed(quotes, MarketDataType(2, 3))
    assert ticker.status == "delayed"
    quotes.tick_snapshot_end(TickSnapshotEnd(2))
    assert (ticker.status, ticker.marketDataType) == ("ended", 3)


def test_a_snapshot_that_is_denied_stays_so(quotes: Quotes):
    ticker = start(quotes, 2, EURUSD, Kind.SNAPSHOT)
    quotes.error(2, 10089, "needs a subscription for the API", ends=False)
    quotes.tick_snapshot_end(TickSnapshotEnd(2))
    assert ticker.status == "denied"


def test_an_error_of_no_request_is_nobodys(quotes: Quotes, ticker: Ticker):
    assert quotes.error(9, 354, "no", ends=True) == []
    assert ticker.status == ""


# --- batches --------------------------------------------------------------------------------------------------------


def test_ticks_last_until_the_next_batch(quotes: Quotes, ticker: Ticker):
    feed(quotes, TickPrice(1, 1, 1.1, 5.0), TickPrice(1, 2, 1.2, 6.0))
    assert quotes.flush() == quotes.pending() == {ticker}
    ticks = ticker.ticks
    assert ticks == [TickData(NOW, 1, 1.1, 5.0), TickData(NOW, 2, 1.2, 6.0)]
    assert type(ticks[0]) is TickData
    assert (ticker.time, ticker.timestamp) == (NOW, 1763234699.444406)
    later = NOW + timedelta(seconds=1)
    quotes.begin(later)
    assert (ticker.ticks, quotes.pending(), len(ticks)) == ([], set(), 2)
    assert quotes.flush() == set()
    assert ticker.time == NOW
    feed(quotes, TickSize(1, 0, 7.0))
    assert quotes.flush() == {ticker}
    assert ticker.ticks == [TickData(later, 0, 1.1, 7.0)]


def test_the_tickers_of_a_batch_come_in_the_order_in_which_they_changed(quotes: Quotes):
    tickers = [start(quotes, number, Forex("EURUSD", conId=number), "mktData") for number in range(1, 40)]
    order = [*tickers[20:], *tickers[:20]]
    feed(quotes, *(TickSize(tickers.index(one) + 1, 0, 7.0) for one in order))
    assert list(quotes.flush()) == list(quotes.pending()) == order
    pending = quotes.pending()
    assert pending == set(order)
    assert pending.copy() == set(order) == set(pending.copy())
    pending.discard(order[0])
    assert set(order[1:]) == {*pending}


# --- ticks ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("bid", "ask", "last"), [(1, 2, 4), (66, 67, 68)])
def test_bid_ask_last(quotes: Quotes, ticker: Ticker, bid: int, ask: int, last: int):
    for step in (0.0, 1.0):
        feed(
            quotes,
            TickPrice(1, bid, 10.0 + step, 100.0 + step),
            TickPrice(1, ask, 12.0 + step, 200.0 + step),
            TickPrice(1, last, 11.0 + step, 300.0 + step),
        )
    assert (ticker.bid, ticker.bidSize, ticker.prevBid, ticker.prevBidSize) == (11.0, 101.0, 10.0, 100.0)
    assert (ticker.ask, ticker.askSize, ticker.prevAsk, ticker.prevAskSize) == (13.0, 201.0, 12.0, 200.0)
    assert (ticker.last, ticker.lastSize, ticker.prevLast, ticker.prevLastSize) == (12.0, 301.0, 11.0, 300.0)
    assert len(ticker.ticks) == 6


@pytest.mark.parametrize(("bid", "ask", "last"), [(0, 3, 5), (69, 70, 71)])
def test_sizes_of_bid_ask_last(quotes: Quotes, ticker: Ticker, bid: int, ask: int, last: int):
    feed(quotes, TickSize(1, last, 9.0))
    assert isnan(ticker.lastSize), "no size without a price"
    feed(quotes, TickSize(9, last, 9.0))
    assert quotes.flush() == set()
    feed(quotes, TickPrice(1, 1, 10.0, 100.0), TickPrice(1, 2, 12.0, 200.0), TickPrice(1, 4, 11.0, 300.0))
    quotes.begin(NOW)
    feed(quotes, TickSize(1, bid, 100.0), TickSize(1, ask, 200.0))
    assert quotes.flush() == set(), "sizes that their prices came with are no news"
    feed(quotes, TickSize(1, bid, 101.0), TickSize(1, ask, 201.0), TickSize(1, last, 301.0))
    assert (ticker.bidSize, ticker.prevBidSize) == (101.0, 100.0)
    assert (ticker.askSize, ticker.prevAskSize) == (201.0, 200.0)
    assert (ticker.lastSize, ticker.prevLastSize) == (301.0, 300.0)
    assert [tick.price for tick in ticker.ticks] == [10.0, 12.0, 11.0]
    feed(quotes, TickSize(1, bid, 0.0), TickSize(1, ask, 0.0))
    assert (ticker.bid, ticker.bidSize, ticker.ask, ticker.askSize) == (-1, 0, -1, 0)


def test_a_side_that_does_not_exist(quotes: Quotes):
    quotes = Quotes(IBDefaults(emptyPrice=None, emptySize=None))
    ticker = start(quotes, 1, EURUSD, "mktData")
    feed(quotes, TickPrice(1, 1, -1.0, 0.0), TickPrice(1, 2, -1.0, 0.0))
    assert (ticker.bid, ticker.bidSize, ticker.ask, ticker.askSize) == (None, None, None, None)
    feed(quotes, TickSize(1, 8, 0.0))
    assert ticker.ticks == []
    assert ticker.volume == 0.0
    assert quotes.flush() == {ticker}


def test_a_size_that_was_not_sent_is_no_size(quotes: Quotes, ticker: Ticker):
    feed(quotes, TickPrice(1, 4, 1.1, UNSET_DOUBLE), TickSize(1, 8, UNSET_DOUBLE))
    assert (ticker.last, ticker.lastSize, ticker.volume) == (1.1, 0, 0)


def test_minus_one_is_a_last_price_of_what_has_no_close(quotes: Quotes):
    quotes = Quotes(IBDefaults(emptyPrice=-2))
    ticker = start(quotes, 1, EURUSD, "mktData")
    feed(quotes, TickPrice(1, 4, -1.0, 0.0))
    assert ticker.last == -1.0
    feed(quotes, TickPrice(1, 9, 100.0, 0.0), TickPrice(1, 4, -1.0, 0.0))
    assert ticker.last == -2


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (tick_types.PRICES, lambda kind: TickPrice(1, kind, 5.0, 0.0)),
        (tick_types.SIZES, lambda kind: TickSize(1, kind, 5.0)),
        (tick_types.NUMBERS, lambda kind: TickGeneric(1, kind, 5.0)),
    ],
    ids=["prices", "sizes", "numbers"],
)
def test_every_type_sets_its_attribute(quotes: Quotes, table: dict[int, str], message: Any):
    for reqId, (kind, name) in enumerate(table.items()):
        ticker = start(quotes, 1, Stock(conId=reqId + 1), "mktData")
        feed(quotes, message(kind))
        changed = {
            key: value
            for key, value in ticker.nonDefaults().items()
            if key not in ("contract", "ticks", "created", "defaults")
        }
        assert changed == {name: 5.0}
        assert len(ticker.ticks) == 1
    assert len(quotes.flush()) == len(table)


@pytest.mark.parametrize(("kind", "value", "expected"), [(49, -1.0, 0), (23, 0.0, 0), (31, -2.5, -2.5), (49, nan, 0)])
def test_numbers_that_say_nothing(quotes: Quotes, ticker: Ticker, kind: int, value: float, expected: float):
    feed(quotes, TickGeneric(1, kind, value))
    assert getattr(ticker, tick_types.NUMBERS[kind]) == expected


def test_a_trade_in_a_text(quotes: Quotes, ticker: Ticker):
    feed(quotes, TickPrice(1, 4, 700.0, 2.0), TickString(1, 48, "701.28;1;1348075471534;67854;701.46918464;true"))
    assert (ticker.last, ticker.lastSize, ticker.prevLast, ticker.prevLastSize) == (701.28, 1.0, 700.0, 2.0)
    assert (ticker.rtVolume, ticker.vwap) == (67854.0, 701.46918464)
    assert ticker.rtTime == datetime(2012, 9, 19, 17, 24, 31, 534000, tzinfo=UTC)
    assert ticker.ticks[-1] == TickData(NOW, 48, 701.28, 1.0)
    feed(quotes, TickString(1, 77, ";;;5;;"))
    assert (ticker.rtTradeVolume, ticker.last, len(ticker.ticks)) == (5.0, 701.28, 2)


def test_times_are_in_the_zone_of_the_defaults():
    zone = timezone(timedelta(hours=2))
    quotes = Quotes(IBDefaults(timezone=zone))
    ticker = start(quotes, 1, EURUSD, "mktData")
    feed(quotes, TickString(1, 45, "1763234699"), TickString(1, 88, "0"))
    assert ticker.lastTimestamp == datetime(2025, 11, 15, 21, 24, 59, tzinfo=zone)
    assert ticker.lastTimestamp.tzinfo is zone
    assert ticker.delayedLastTimestamp is None


@pytest.mark.parametrize(
    ("message", "oddity", "value"),
    [
        (TickPrice(1, 9999, 1.0, 2.0), "tickPrice 9999 is not known", 1.0),
        (TickSize(1, 9999, 2.0), "tickSize 9999 is not known", 2.0),
        (TickGeneric(1, 9999, 3.0), "tickGeneric 9999 is not known", 3.0),
        (TickString(1, 9999, "x"), "tickString 9999 is not known", "x"),
        (TickString(1, 59, "x"), "tickString 59 is not readable", "x"),
    ],
)
def test_what_is_not_known_is_kept(quotes: Quotes, ticker: Ticker, message: Any, oddity: str, value: Any):
    feed(quotes, message, message)
    assert ticker.extra == {message.tickType: value}
    assert quotes.oddities == {oddity: 2}
    assert quotes.flush() == {ticker}
    assert ticker.ticks == []


def test_a_server_cannot_make_what_is_not_known_grow_without_bounds(quotes: Quotes, ticker: Ticker):
    feed(quotes, *(TickPrice(1, kind, 1.0, 2.0) for kind in range(5000, 8000)))
    assert len(ticker.extra) == Oddities.MOST
    assert len(quotes.oddities) == Oddities.MOST + 1
    feed(quotes, TickPrice(1, 5000, 3.0, 2.0))
    assert ticker.extra[5000] == 3.0


def test_what_a_subscription_is_like(quotes: Quotes, ticker: Ticker):
    feed(quotes, TickReqParams(1, 1e-05, "9c0001", 3), MarketDataType(1, 3))
    assert (ticker.minTick, ticker.bboExchange, ticker.snapshotPermissions) == (1e-05, "9c0001", 3)
    assert ticker.marketDataType == 3
    assert quotes.flush() == set()
    assert isnan(ticker.lastPricePrecision) and isnan(ticker.lastSizePrecision)
    feed(quotes, TickReqParams(1, 0.01, "", 3, 0.001, 0.0001))
    assert (ticker.lastPricePrecision, ticker.lastSizePrecision) == (0.001, 0.0001)


def test_the_hedge_that_the_server_holds_fixed(quotes: Quotes, ticker: Ticker):
    feed(quotes, DeltaNeutralValidation(1, DeltaNeutralContract(265598, 0.5, 150.25)))
    assert ticker.deltaNeutralContract == DeltaNeutralContract(265598, 0.5, 150.25)
    assert quotes.flush() == {ticker}


@pytest.mark.parametrize(
    "message",
    [
        TickPrice(9, 1, 1.0, 1.0),
        TickSize(9, 0, 1.0),
        TickGeneric(9, 49, 1.0),
        TickString(9, 45, "1"),
        TickReqParams(9, 0.01, "", 0),
        MarketDataType(9, 3),
        DeltaNeutralValidation(9, DeltaNeutralContract(1, 0.5, 150.25)),
    ],
    ids=lambda message: type(message).__name__,
)
def test_ticks_of_no_request_are_passed_over(quotes: Quotes, ticker: Ticker, message: Any):
    before = ticker.dict()
    feed(quotes, message)
    assert repr(ticker.dict()) == repr(before)
    assert quotes.flush() == set()


@pytest.mark.parametrize(
    ("asked", "known"),
    [
        (Stock("AAPL", "SMART", "USD"), Stock("AAPL", "NASDAQ", "USD", conId=9)),
        (Stock("AAPL", "SMART", "USD"), Contract(conId=9)),
        (Contract(localSymbol="AAPL", secType="STK", exchange="SMART"), Stock("AAPL", "SMART", "USD", conId=9)),
        (Option("AAPL", "202612", 0.0, "C", "SMART"), Option("AAPL", "20261218", 150.0, "C", "SMART", conId=9)),
        (Option("AAPL", "20261218", 150.0, "C", "SMART"), Contract("OPT", 9, "AAPL")),
    ],
)
def test_what_was_asked_for_before_it_was_qualified_is_found_by_all_that_names_it(
    asked: Contract, known: Contract
) -> None:
    quotes = Quotes()
    for number in range(3):
        start(quotes, number, Stock(f"S{number}", "SMART", "USD"), Kind.QUOTES)
    ticker = start(quotes, 7, asked, Kind.QUOTES)
    assert quotes.ticker(known) is None
    asked.conId = 9
    assert quotes.ticker(known) is ticker


def test_unqualified_contracts_are_not_searched_for_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    searches: list[int] = []
    monkeypatch.setattr(Tickers, "_note_qualified", lambda self, _: searches.append(len(self._unqualified)))
    quotes = Quotes()
    for number in range(10):
        start(quotes, number, Stock(f"S{number}", "SMART", "USD"), Kind.QUOTES)
    assert searches == []
