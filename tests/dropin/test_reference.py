"""What the reference of ib_insync's API shows or says, and a run of its programs does not see: a test for each block.

Names that ib_async has are in `test_everything`; a block that has a test here shows more, or says what comes out.
"""

import asyncio
import datetime as dt
import logging
import math
import time
from collections.abc import Callable, Iterator
from typing import TypeVar

import pytest
from end_to_end.gateways import paper_on_a_free_port

from ibdesk import (
    IB,
    BracketOrder,
    Contract,
    Forex,
    Future,
    LimitOrder,
    MarketOrder,
    Option,
    Order,
    PriceCondition,
    ScannerSubscription,
    Stock,
    StopOrder,
    Ticker,
    TimeCondition,
    Trade,
    VolumeCondition,
    util,
)

pytestmark = pytest.mark.slow

AnyContract = TypeVar("AnyContract", bound=Contract)

SECONDS = 20
"""The longest wait for what the gateway is to tell."""


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with paper_on_a_free_port("2026-04-15T10:00:00-04:00") as found:
        yield found


@pytest.fixture
def ib(port: int) -> Iterator[IB]:
    with IB() as ib:
        ib.RequestTimeout = SECONDS
        ib.connect("127.0.0.1", port, clientId=1)
        yield ib


@pytest.fixture
def apple(ib: IB) -> Stock:
    return qualified(ib, Stock("AAPL", "SMART", "USD"))


def qualified(ib: IB, contract: AnyContract) -> AnyContract:
    (found,) = ib.qualifyContracts(contract)
    assert found is contract
    return contract


def wait_for(ib: IB, fact: Callable[[], object]) -> None:
    end = time.monotonic() + SECONDS
    while not fact():
        assert time.monotonic() < end
        ib.waitOnUpdate(0.1)


def errors_in(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR]


def test_s008_a_coroutine_awaits_sleep(port: int):
    async def watch_tickers() -> list[Ticker]:
        ib = IB()
        await ib.connectAsync("127.0.0.1", port, clientId=1)

        async def watch(pair: str) -> Ticker:
            ticker = ib.reqMktData(Forex(pair))
            while not ticker.hasBidAsk():
                assert await ib.sleep(0.01)
            with pytest.raises(RuntimeError, match="can't wait here"):
                ib.sleep(0.01)  # not awaited
            return ticker

        try:
            return await asyncio.gather(*(asyncio.create_task(watch(pair)) for pair in ("EURUSD", "GBPUSD")))
        finally:
            ib.disconnect()

    assert [ticker.bid > 0 for ticker in asyncio.run(watch_tickers())] == [True, True]


def test_s018_run_async_ends_with_the_connection(port: int):
    async def main() -> None:
        ib = IB()
        await ib.runAsync()  # there is no connection whose end it could wait for
        await ib.connectAsync("127.0.0.1", port, clientId=1)
        running = asyncio.create_task(ib.runAsync())
        await ib.reqCurrentTimeAsync()
        assert not running.done()
        ib.disconnect()
        await asyncio.wait_for(running, SECONDS)

    asyncio.run(main())


def test_s018_loop_until_needs_no_condition(ib: IB):
    *updates, last = ib.loopUntil(timeout=0.05)
    assert set(updates) == {None}
    assert last is False


def test_s032_a_handler_may_yield_control(ib: IB, caplog: pytest.LogCaptureFixture):
    """So do S213, S215 and S250. A handler that wants to wait is told that it can't."""
    told: list[object] = []

    def on_tickers(tickers: set[Ticker]) -> None:
        told.append(ib.sleep(0))
        try:
            ib.sleep(0.001)
        except RuntimeError as error:
            told.append(str(error))

    ib.pendingTickersEvent.once(on_tickers)
    ib.reqMktData(Forex("EURUSD"))
    wait_for(ib, lambda: told)
    assert told[0] is True
    assert "await it instead" in str(told[1])
    assert not errors_in(caplog)


def test_s034_positions_orders_and_statuses_of_futures(ib: IB):
    contract = qualified(ib, Future("ES", "202606", "CME"))
    positions: dict[str, float] = {}
    statuses: dict[int, list[str]] = {}
    ib.positionEvent += lambda position: positions.__setitem__(position.contract.symbol, position.position)
    ib.orderStatusEvent += lambda trade: statuses.setdefault(trade.order.orderId, []).append(trade.orderStatus.status)
    entry = ib.placeOrder(contract, MarketOrder("BUY", 1))
    wait_for(ib, lambda: entry.isDone() and positions)
    bracket = [ib.placeOrder(contract, order) for order in ib.bracketOrder("BUY", 1, 100.0, 90000.0, 50.0)]
    wait_for(ib, lambda: bracket[-1].orderStatus.status == "PreSubmitted")
    for trade in ib.openTrades():
        ib.cancelOrder(trade.order)
    wait_for(ib, lambda: all(trade.isDone() for trade in bracket))
    assert positions == {"ES": 1.0}
    assert [statuses[trade.order.orderId][-1] for trade in (entry, *bracket)] == ["Filled", *["Cancelled"] * 3]
    assert [trade.order.action for trade in ib.flatten()] == ["SELL"]


def test_s041_a_ticker_knows_its_generic_ticks(ib: IB, apple: Stock):
    ib.reqMktData(apple, "233,236")
    assert [(ticker.contract, ticker.genericTickList) for ticker in ib.tickers()] == [(apple, "233,236")]


def test_s065_a_bracket_without_an_ib(ib: IB, apple: Stock):
    bracket = BracketOrder("BUY", 100, 1.0, takeProfitPrice=9000.0, stopLossPrice=0.5)
    entry, target, stop = (ib.placeOrder(apple, order) for order in bracket)
    wait_for(ib, lambda: stop.orderStatus.status == "PreSubmitted")
    assert entry.orderStatus.status == "Submitted"
    assert target.order.parentId == stop.order.parentId == entry.order.orderId
    cancel(ib, entry, target, stop)


def test_s068_a_copy_of_an_order_asks_what_it_would_cost(ib: IB, apple: Stock):
    order = LimitOrder("BUY", 100, 1.0)
    copied = Order(**{name: value for name, value in order.__dict__.items()})
    copied.whatIf = True
    state = ib.whatIfOrder(apple, copied)
    assert state.commission > 0
    assert float(state.initMarginAfter) > 0
    assert ib.openTrades() == []


def test_s103_ids_that_are_counted_on_from_an_own_one_are_not_given_again(ib: IB, apple: Stock):
    """As S104 does. In ib_async the order after them would change the second of them."""
    first = ib.client.getReqId()
    placed = [
        ib.placeOrder(apple, LimitOrder("BUY", 1, 1.0, orderId=first + place, transmit=place == 2))
        for place in range(3)
    ]
    after = ib.placeOrder(apple, LimitOrder("BUY", 5, 1.0))
    assert [trade.order.orderId for trade in (*placed, after)] == [first, first + 1, first + 2, first + 3]
    wait_for(ib, lambda: after.orderStatus.status == "Submitted")
    assert [trade.order.totalQuantity for trade in placed] == [1, 1, 1]
    cancel(ib, *placed, after)


def test_s130_cancelling_bars_that_are_not_kept_up_to_date(ib: IB, apple: Stock, caplog: pytest.LogCaptureFixture):
    bars = ib.reqHistoricalData(apple, "", "1 D", "5 mins", "TRADES", True)
    with caplog.at_level(logging.WARNING, "ibdesk.ib"):
        ib.cancelRealTimeBars(bars)
        ib.cancelHistoricalData(bars)
    ib.reqCurrentTime()
    assert len([record for record in caplog.records if record.name == "ibdesk.ib"]) == 2
    assert not errors_in(caplog)


def test_s137_a_ticker_has_open_interest(ib: IB):
    ticker = ib.reqMktData(qualified(ib, Future("ES", "202606", "CME")), "100,101")
    wait_for(ib, lambda: ticker.volume > 0)
    assert isinstance(ticker.openInterest, float)


def test_s145_a_multiplier_may_be_a_number(ib: IB):
    spy = qualified(ib, Stock("SPY", "SMART", "USD"))
    price = round(ib.reqTickers(spy)[0].marketPrice())
    option = Option("SPY", "20260515", price, "P", "SMART", multiplier=100)
    found = ib.calculateOptionPrice(option, volatility=0.14, underPrice=price)
    assert found is not None
    assert found.optPrice is not None
    volatility = ib.calculateImpliedVolatility(option, optionPrice=found.optPrice, underPrice=price)
    assert volatility is not None
    assert volatility.impliedVol == pytest.approx(0.14, rel=1e-3)


def test_s146_market_rules_by_their_number_as_text(ib: IB):
    (details,) = ib.reqContractDetails(Forex("USDJPY"))
    rules = [ib.reqMarketRule(rule) for rule in details.marketRuleIds.split(",")]
    assert rules
    assert all(rule and rule[0].increment > 0 for rule in rules)


def test_s147_headlines_are_a_list_with_articles(ib: IB, apple: Stock):
    codes = "+".join(provider.code for provider in ib.reqNewsProviders())
    latest = ib.reqHistoricalNews(apple.conId, codes, "", "", 10)[0]
    article = ib.reqNewsArticle(latest.providerCode, latest.articleId)
    assert article is not None
    assert article.articleText


def test_s150_a_condition_of_time_takes_a_datetime(ib: IB, apple: Stock):
    order = MarketOrder("BUY", 100)
    order.conditions = [TimeCondition(condType=3, isMore=True, time=dt.datetime(2027, 1, 4, 15, tzinfo=dt.UTC))]
    trade = ib.placeOrder(apple, order)
    wait_for(ib, lambda: trade.orderStatus.status == "PreSubmitted")
    cancel(ib, trade)


def test_s151_conditions_take_an_exchange_and_keep_their_kind(ib: IB, apple: Stock):
    volume = VolumeCondition(condType=4, conId=apple.conId, exchange="SMART", isMore=True, volume=10_000_000)
    price = PriceCondition(condType=1, conId=apple.conId, exchange="SMART", isMore=True, price=9000.0)
    assert (volume.condType, volume.exch, price.exch) == (6, "SMART", "SMART")
    order = LimitOrder("BUY", 100, 1.0)
    order.conditions = [price, volume]
    trade = ib.placeOrder(apple, order)
    wait_for(ib, lambda: trade.orderStatus.status == "PreSubmitted")
    cancel(ib, trade)


def test_s168_tick_by_tick_data_is_cancelled_without_its_type(ib: IB, apple: Stock):
    ticker = ib.reqTickByTickData(apple, "AllLast", 0, False)
    ticks: list[tuple[object, float, float]] = []
    ticker.updateEvent += lambda it: ticks.extend((one.time, one.price, one.size) for one in it.tickByTicks)
    wait_for(ib, lambda: ticks)
    assert ib.cancelTickByTickData(apple)


def test_s188_a_ticker_has_its_greeks(ib: IB):
    spy = qualified(ib, Stock("SPY", "SMART", "USD"))
    price = round(ib.reqTickers(spy)[0].marketPrice())
    ticker = ib.reqMktData(qualified(ib, Option("SPY", "20260515", price, "C", "SMART")))
    assert math.isnan(ticker.delta)
    wait_for(ib, lambda: ticker.modelGreeks)
    assert ticker.modelGreeks is not None
    assert (ticker.delta, ticker.gamma, ticker.theta, ticker.vega) == (
        ticker.modelGreeks.delta,
        ticker.modelGreeks.gamma,
        ticker.modelGreeks.theta,
        ticker.modelGreeks.vega,
    )


def test_s191_bars_of_the_last_day_need_no_arguments(ib: IB, apple: Stock):
    bars = ib.reqHistoricalData(apple)
    assert (bars.endDateTime, bars.durationStr, bars.barSizeSetting) == ("", "1 D", "1 hour")
    assert (bars.whatToShow, bars.useRTH) == ("TRADES", True)
    assert bars


def test_s193_to_s196_what_else_of_the_past_and_the_present_needs_none(ib: IB, apple: Stock):
    assert len(ib.reqHistoricalTicks(apple, "20260414 10:00:00 US/Eastern", "")) >= 1000
    assert isinstance(ib.reqHeadTimeStamp(apple), dt.datetime)
    schedule = ib.reqHistoricalSchedule(apple)
    assert schedule is not None
    assert len(schedule.sessions) == 1
    bars = ib.reqRealTimeBars(apple)
    assert (bars.barSize, bars.whatToShow, bars.useRTH) == (5, "TRADES", False)
    ib.cancelRealTimeBars(bars)


def test_s216_old_bars_may_be_thrown_away(ib: IB, apple: Stock):
    bars = ib.reqHistoricalData(apple, "", "1 D", "5 secs", "TRADES", True, keepUpToDate=True)
    del bars[: len(bars) - 10]
    new: list[bool] = []
    bars.updateEvent += lambda _, hasNewBar: new.append(hasNewBar)
    wait_for(ib, lambda: True in new)
    assert len(bars) == 10 + new.count(True)
    assert [bar.date for bar in bars] == sorted({bar.date for bar in bars})
    ib.cancelHistoricalData(bars)


def test_s251_a_scan_that_was_taken_leaves_no_error(ib: IB, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.INFO)
    scan = ib.reqScannerData(ScannerSubscription(instrument="FUT.US", locationCode="FUT.CME", scanCode="TOP_PERC_GAIN"))
    assert scan
    wait_for(ib, lambda: "scanner subscription cancelled" in caplog.text)
    assert not errors_in(caplog)


def test_s227_the_throttle_tells_when_it_begins_and_ends(ib: IB):
    told: list[str] = []
    ib.client.throttleStart += lambda: told.append("begins")
    ib.client.throttleEnd += lambda: told.append("ends")
    for _ in range(ib.client.MaxRequests + 5):
        ib.client.reqIds(1)
    wait_for(ib, lambda: len(told) == 2)
    assert told == ["begins", "ends"]


def test_s240_a_bracket_of_five_prices():
    parent, take_profit, stop_loss = BracketOrder("BUY", 100, 150.0, 160.0, 145.0)
    assert (parent.lmtPrice, take_profit.lmtPrice, stop_loss.auxPrice) == (150.0, 160.0, 145.0)
    assert isinstance(stop_loss, StopOrder)


def test_s264_a_summary_by_tags(ib: IB):
    everything = ib.reqAccountSummary()
    wanted = {"NetLiquidation", "TotalCashValue", "BuyingPower"}
    some = ib.reqAccountSummary(account="All", modelCode="", tags=",".join(wanted))
    assert {value.tag for value in everything} > wanted == {value.tag for value in some}
    assert ib.accountSummary() == everything
    for _ in range(3):  # the server takes two at a time
        assert ib.reqAccountSummary(tags="NetLiquidation")
        assert ib.reqAccountSummary()


def test_s264_a_question_for_tags_is_no_subscription(ib: IB):
    assert {value.tag for value in ib.reqAccountSummary(ib.managedAccounts()[0], tags="BuyingPower")} == {"BuyingPower"}
    assert len(ib.accountSummary()) > 1


def test_s264_a_summary_has_no_models(ib: IB):
    with pytest.raises(ValueError, match="reqAccountUpdatesMulti"):
        ib.reqAccountSummary(modelCode="Growth")


def test_s267_a_time_as_text():
    noon = dt.datetime(2024, 1, 1, 12, tzinfo=dt.UTC)
    assert util.formatIBDatetime(noon) == "20240101 12:00:00 UTC"
    assert util.parseIBDatetime("20240101 12:00:00 UTC") == noon
    assert util.parseIBDatetime("20240101") == dt.date(2024, 1, 1)


def cancel(ib: IB, *trades: Trade) -> None:
    ib.reqGlobalCancel()
    wait_for(ib, lambda: all(trade.isDone() for trade in trades))
