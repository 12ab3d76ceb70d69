"""Requests that only read leave the exchange where it is, and nothing about orders depends on them."""

from datetime import datetime, timedelta

import pytest
from conformance.examples import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from ibdesk.model.contract import Forex, Stock
from ibdesk.model.executions import ExecutionFilter
from ibdesk.model.order import LimitOrder, Order, OrderCancel
from ibdesk.paper.clock import NEW_YORK
from ibdesk.paper.reads import READS, only_reads
from ibdesk.wire.layout import blank
from ibdesk.wire.messages.accounts import ReqAccountUpdates, ReqPositions
from ibdesk.wire.messages.connection import CurrentTime, ReqCurrentTime
from ibdesk.wire.messages.contracts import ContractData, ReqContractDetails
from ibdesk.wire.messages.executions import ReqExecutions
from ibdesk.wire.messages.history import ReqHistoricalData
from ibdesk.wire.messages.order_status import CancelOrder, OrderStatus, ReqOpenOrders
from ibdesk.wire.messages.orders import PlaceOrder
from ibdesk.wire.messages.pnl import ReqPnL

APPLE, EURO = Stock("AAPL", "SMART", "USD"), Forex("EURUSD")
BARS = ReqHistoricalData(1, APPLE, "", "1 D", "5 mins", "TRADES", True)


class Untouched:
    """Stands where the exchange or the books do. Whatever is asked of it is noted."""

    def __init__(self):
        self.touched = []

    def __getattr__(self, name):
        self.touched.append(name)
        raise AssertionError(f"a read asks for {name}")


def test_bars_are_a_read_unless_they_are_kept_up_to_date():
    assert only_reads(BARS)
    assert not only_reads(ReqHistoricalData(1, APPLE, "", "1 D", "5 mins", "TRADES", True, keepUpToDate=True))


@pytest.mark.parametrize("kind", sorted({*READS, ReqHistoricalData}, key=lambda kind: kind.__name__))
def test_a_read_does_not_touch_exchange_and_books(gateway, client, kind, caplog):
    gateway.broker.exchange = exchange = Untouched()
    gateway.broker.marked_ledger = books = Untouched()
    gateway.now = gateway.now.replace(hour=12)
    for request in [blank(kind), *examples(kind)]:
        if only_reads(request):
            client.ask(request)
    assert not exchange.touched
    assert not books.touched
    assert not [record for record in caplog.records if record.exc_info]


def test_a_read_is_of_its_moment(gateway, client):
    gateway.now = gateway.now.replace(day=16, hour=12)
    assert client.ask(ReqCurrentTime()) == [CurrentTime(int(gateway.now.timestamp()))]
    (row,) = [each for each in client.ask(ReqContractDetails(1, APPLE)) if isinstance(each, ContractData)]
    assert row.contractDetails.tradingHours.startswith("20260416")
    bars, _ = client.ask(BARS)
    assert bars.bars[-1].date.startswith("20260416 11:55:00")


@pytest.mark.parametrize(
    "request_", [ReqOpenOrders(), ReqPositions(), ReqExecutions(1, ExecutionFilter()), ReqPnL(1, "DU1234567", "")]
)
def test_what_shows_orders_finds_the_exchange_at_its_moment(gateway, client, request_):
    quote = gateway.broker.market.quote(265598, gateway.now)
    client.ask(PlaceOrder(1, APPLE, LimitOrder("SELL", 1, quote.ask + 0.02)))
    gateway.now = gateway.now.replace(minute=20)
    assert "Filled" not in statuses(client.ask(BARS))
    assert "Filled" in statuses(client.ask(request_))


def statuses(messages):
    return [each.status for each in messages if isinstance(each, OrderStatus)]


CONTRACTS = {"AAPL": (APPLE, 265598), "EURUSD": (EURO, 12087792)}
ACTIONS = st.one_of(
    st.tuples(
        st.sampled_from(sorted(CONTRACTS)),
        st.sampled_from(["BUY", "SELL"]),
        st.sampled_from(["MKT", "LMT", "STP", "TRAIL"]),
        st.sampled_from([100, 20_000]),
    ),
    st.just("cancel"),
    st.just("wait"),
)
QUESTIONS = (
    ReqCurrentTime(),
    ReqContractDetails(1, APPLE),
    ReqContractDetails(1, Stock("TSLA", "SMART", "USD")),
    BARS,
    ReqHistoricalData(1, EURO, "", "2 D", "1 hour", "MIDPOINT", False),
)
STEPS = st.lists(
    st.tuples(st.lists(st.sampled_from(QUESTIONS), max_size=2), st.sampled_from([0.1, 7.0, 200.0]), ACTIONS),
    min_size=1,
    max_size=6,
)


def order_to(gateway, number, name, action, kind, quantity):
    """An order near the market, some of which wait for it."""
    contract, con_id = CONTRACTS[name]
    quote = gateway.broker.market.quote(con_id, gateway.now)
    price = quote.ask if quote.ask > 0 else quote.close
    order = Order(action=action, totalQuantity=quantity, orderType=kind, tif="GTC")
    if kind == "LMT":
        order.lmtPrice = price
    elif kind == "STP":
        order.auxPrice = price
    elif kind == "TRAIL":
        order.trailingPercent = 0.1
    return PlaceOrder(number, contract, order)


def told_to_a_trader(gateway, steps, *, is_read):
    """The bytes that a trader gets while another client does or does not ask the questions between its steps."""
    trader, reader = gateway.connect(1), gateway.connect(2)
    trader.ask(ReqAccountUpdates(True, ""), ReqPnL(1, "DU1234567", ""))
    for number, (questions, seconds, action) in enumerate(steps, 1):
        for question in questions:
            gateway.now += timedelta(seconds=seconds / 2)
            if is_read:
                reader.ask(question)
        gateway.now += timedelta(seconds=seconds)
        if action == "wait":
            gateway.wait(0)
        elif action == "cancel":
            trader.ask(CancelOrder(number - 1, OrderCancel()))
        else:
            trader.ask(order_to(gateway, number, *action))
    gateway.wait(900)
    trader.ask(ReqExecutions(1, ExecutionFilter()), ReqOpenOrders(), ReqPositions())
    return trader.sent


@settings(max_examples=20, deadline=None)
@given(start=st.sampled_from([datetime(2026, 4, 15, 15, 50), datetime(2026, 4, 15, 23, 55)]), steps=STEPS)
def test_nothing_about_orders_depends_on_reads_in_between(start, steps):
    """With the end of a session, or of a day, among the steps."""
    from paper.conftest import GatewayInMemory

    start = start.replace(tzinfo=NEW_YORK)
    without = told_to_a_trader(GatewayInMemory(start), steps, is_read=False)
    assert told_to_a_trader(GatewayInMemory(start), steps, is_read=True) == without
