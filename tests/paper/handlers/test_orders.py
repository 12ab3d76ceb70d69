"""Who is told what of orders and executions, and in which order."""

from datetime import datetime

import pytest

from ibdesk.model.contract import DeltaNeutralContract, Forex, Option, Stock
from ibdesk.model.executions import ExecutionFilter
from ibdesk.model.order import LimitOrder, MarketOrder, Order, OrderCancel, StopOrder
from ibdesk.model.unset import UNSET_DOUBLE
from ibdesk.paper.clock import NEW_YORK
from ibdesk.wire import versions as V
from ibdesk.wire.messages.connection import Error, StartApi
from ibdesk.wire.messages.executions import (
    CommissionAndFeesReport,
    ExecDetails,
    ExecDetailsEnd,
    ReqExecutions,
)
from ibdesk.wire.messages.order_status import (
    CancelOrder,
    CompletedOrdersEnd,
    OpenOrderEnd,
    OrderStatus,
    ReqAllOpenOrders,
    ReqCompletedOrders,
    ReqGlobalCancel,
    ReqOpenOrders,
)
from ibdesk.wire.messages.orders import CompletedOrder, OpenOrder, PlaceOrder

APPLE = Stock("AAPL", "SMART", "USD")
MICROSOFT = Stock("MSFT", "SMART", "USD")
CANCEL = OrderCancel()
OLD_AND_NEW = [V.MIN, 178, V.PROTOBUF, V.MAX]


def story(messages):
    """Messages in words: class and status, or error code."""
    words = {OpenOrder: lambda m: m.orderState.status, OrderStatus: lambda m: m.status, Error: lambda m: m.errorCode}
    return [(type(m).__name__, words.get(type(m), lambda m: "")(m)) for m in messages]


def pair(status):
    return [("OpenOrder", status), ("OrderStatus", status)]


def far_below(gateway):
    return round(gateway.broker.market.quote(265598, gateway.now).bid - 20, 2)


@pytest.mark.parametrize("version", OLD_AND_NEW)
def test_delta_neutral_contracts_are_for_combinations(gateway, version):
    hedged = Stock("AAPL", "SMART", "USD", deltaNeutralContract=DeltaNeutralContract(265598, 0.5, 100.0))
    (error,) = gateway.connect(1, version).ask(PlaceOrder(7, hedged, MarketOrder("BUY", 100)))
    assert (error.errorCode, error.errorString) == (
        429,
        "Delta neutral orders are only supported for combos (BAG security type).",
    )


@pytest.mark.parametrize("version", OLD_AND_NEW)
def test_orders_that_follow_another_instrument_are_told_to_every_client(gateway, version):
    instruments = gateway.broker.market.instruments
    chain = next(each for each in instruments.option_chain("AAPL", "", "STK", 265598) if each.exchange == "SMART")
    strike = chain.strikes[len(chain.strikes) // 2]
    call = Option("AAPL", chain.expirations[-1], strike, "C", "SMART", tradingClass="AAPL")
    orders = {
        1: (call, {"orderType": "PEG STK", "delta": 50.0, "startingPrice": 1.0, "stockRangeLower": 1.0}),
        2: (
            APPLE,
            {
                "orderType": "PEG BENCH",
                "startingPrice": 100.0,
                "stockRefPrice": 400.0,
                "referenceContractId": 756733,
                "referenceExchangeId": "ISLAND",
                "peggedChangeAmount": 0.01,
                "isPeggedChangeAmountDecrease": True,
                "referenceChangeAmount": 0.10,
            },
        ),
        3: (call, {"orderType": "VOL", "volatility": 1.0, "continuousUpdate": True, "deltaNeutralOrderType": "MKT"}),
        4: (APPLE, {"orderType": "LMT", "lmtPrice": 100.0, "discretionaryAmt": 0.05}),
    }
    client = gateway.connect(1, version)
    for number, (contract, fields) in orders.items():
        told = client.ask(PlaceOrder(number, contract, Order(action="BUY", totalQuantity=1, **fields)))
        assert story(told)[-2:] == pair("Submitted"), number
    shown = {
        m.order.orderId: m.order for m in gateway.connect(2, version).ask(ReqAllOpenOrders()) if hasattr(m, "order")
    }
    for number, (_, fields) in orders.items():
        assert {name: getattr(shown[number], name) for name in fields} == fields
    assert shown[3].lmtPrice > 0
    # What a client was shown it may send back.
    for number, (contract, _) in orders.items():
        again = shown[number]
        again.totalQuantity = 2
        assert not [m for m in client.ask(PlaceOrder(number, contract, again)) if isinstance(m, Error)]


@pytest.mark.parametrize("version", OLD_AND_NEW)
def test_a_market_order(gateway, version):
    client = gateway.connect(1, version)
    quote = gateway.broker.market.quote(265598, gateway.now)
    messages = client.ask(PlaceOrder(7, APPLE, MarketOrder("BUY", 100)))
    assert story(messages) == [
        *pair("PreSubmitted"),
        ("ExecDetails", ""),
        *pair("Filled"),
        ("CommissionAndFeesReport", ""),
    ]
    details, cost = messages[2], messages[-1].commissionReport
    assert (details.reqId, details.contract.conId) == (-1, 265598)
    execution = details.execution
    assert (execution.orderId, execution.clientId, execution.side) == (7, 1, "BOT")
    assert (execution.shares, execution.price) == (100, quote.ask)
    time = "20260415 10:00:00 US/Eastern" if version >= V.INSTRUMENT_TIMEZONE else "20260415  10:00:00"
    assert execution.time == time
    assert (cost.execId, cost.currency) == (execution.execId, "USD")
    assert cost.commission == pytest.approx(1.0003)
    status = messages[-2]
    assert (status.filled, status.remaining, status.avgFillPrice) == (100, 0, quote.ask)


@pytest.mark.parametrize("version", OLD_AND_NEW)
def test_an_order_that_rests_and_is_cancelled(gateway, version):
    client = gateway.connect(1, version)
    messages = client.ask(PlaceOrder(1, APPLE, LimitOrder("BUY", 100, far_below(gateway))))
    assert story(messages) == [*pair("PreSubmitted"), *pair("Submitted")]
    assert messages[0].order.lmtPrice == far_below(gateway)
    assert gateway.router.next_due is not None
    cancelled = client.ask(CancelOrder(1, CANCEL))
    assert story(cancelled) == [("OrderStatus", "PendingCancel"), *pair("Cancelled"), ("Error", 202)]
    assert (cancelled[-1].reqId, cancelled[-1].errorString) == (1, "Order Canceled - reason:")
    assert gateway.router.next_due is None


def test_a_resting_order_is_filled_when_the_market_comes(client, gateway):
    ask = gateway.broker.market.quote(265598, gateway.now).ask
    client.ask(PlaceOrder(1, APPLE, LimitOrder("BUY", 100, round(ask - 0.05, 2))))
    messages = []
    for _ in range(600):
        gateway.wait(1)
        messages += client.heard()
        if gateway.router.next_due is None:
            break
    assert ("OrderStatus", "Filled") in story(messages)
    assert all(m.execution.price <= ask - 0.05 for m in messages if isinstance(m, ExecDetails))


def test_what_happens_does_not_depend_on_how_often_the_market_is_looked_at(make_gateway):
    stories = []
    for step in (0.1, 7.0):
        gateway = make_gateway()
        client = gateway.connect(1)
        ask = gateway.broker.market.quote(265598, gateway.now).ask
        for number in range(1, 6):
            client.ask(PlaceOrder(number, APPLE, LimitOrder("BUY", 700, round(ask - 0.03 * number, 2))))
        while (gateway.now - gateway.broker.now.replace(hour=10, minute=0, second=0)).total_seconds() < 280:
            gateway.wait(step)
        stories.append([m.execution for m in client.heard() if isinstance(m, ExecDetails)])
    assert stories[0] == stories[1] != []


def test_the_same_day_is_the_same_to_the_byte(make_gateway):
    def day():
        gateway = make_gateway()
        client = gateway.connect(1)
        client.ask(
            PlaceOrder(1, APPLE, MarketOrder("BUY", 5000)), PlaceOrder(2, Forex("EURUSD"), MarketOrder("SELL", 20000))
        )
        for _ in range(30):
            gateway.wait(1)
            client.heard()
        return client.sent

    assert day() == day()


def test_a_bracket(client, gateway):
    ask = gateway.broker.market.quote(265598, gateway.now).ask
    parent, profit, loss = (
        LimitOrder("BUY", 100, ask),
        LimitOrder("SELL", 100, ask + 20),
        StopOrder("SELL", 100, ask - 20),
    )
    parent.transmit = profit.transmit = False
    profit.parentId = loss.parentId = 1
    assert client.ask(PlaceOrder(1, APPLE, parent), PlaceOrder(2, APPLE, profit)) == []
    client.ask(PlaceOrder(3, APPLE, loss))
    statuses = {m.orderId: m for m in client.ask(ReqOpenOrders()) if isinstance(m, OrderStatus)}
    assert {number: status.status for number, status in statuses.items()} == {2: "Submitted", 3: "PreSubmitted"}
    assert statuses[3].whyHeld == "trigger"
    assert ("OrderStatus", "Cancelled") in story(client.ask(CancelOrder(2, CANCEL), CancelOrder(3, CANCEL)))


def test_a_change(client, gateway):
    price = far_below(gateway)
    client.ask(PlaceOrder(1, APPLE, LimitOrder("BUY", 100, price)))
    messages = client.ask(PlaceOrder(1, APPLE, LimitOrder("BUY", 50, price - 1)))
    assert story(messages) == pair("Submitted")
    assert (messages[0].order.lmtPrice, messages[0].order.totalQuantity) == (price - 1, 50)


@pytest.mark.parametrize("version", OLD_AND_NEW)
def test_a_question_what_if(gateway, version):
    client = gateway.connect(1, version)
    order = MarketOrder("BUY", 100)
    order.whatIf = True
    (answer,) = client.ask(PlaceOrder(1, APPLE, order))
    assert isinstance(answer, OpenOrder)
    assert answer.orderState.commission == pytest.approx(1.0003)
    assert float(answer.orderState.initMarginChange) > 0
    assert client.ask(ReqOpenOrders()) == [OpenOrderEnd()]


@pytest.mark.parametrize(
    ("contract", "order", "code", "text"),
    [
        (Stock("NOPE", "SMART", "USD"), MarketOrder("BUY", 1), 200, "No security definition has been found"),
        (Stock("AAPL", "", "USD"), MarketOrder("BUY", 1), 321, "'bH' : cause - Please enter exchange"),
        (APPLE, LimitOrder("BUY", 1, 100.001), 110, "The price does not conform to the minimum price variation"),
        (APPLE, MarketOrder("HOLD", 1), 303, "Invalid action: HOLD"),
        (APPLE, MarketOrder("BUY", 0), 434, "The order size cannot be zero."),
    ],
)
def test_refusals_before_anything_is_told(client, contract, order, code, text):
    (answer,) = client.ask(PlaceOrder(3, contract, order))
    assert (answer.reqId, answer.errorCode) == (3, code)
    assert text in answer.errorString


def test_an_order_that_the_account_cannot_carry(client):
    messages = client.ask(PlaceOrder(1, APPLE, MarketOrder("BUY", 1_000_000)))
    assert story(messages) == [*pair("Inactive"), ("Error", 201)]
    assert messages[-1].errorString.startswith("Order rejected - reason:YOUR ORDER IS NOT ACCEPTED.")


def test_an_unknown_order_cannot_be_cancelled(client):
    (answer,) = client.ask(CancelOrder(141, CANCEL))
    assert (answer.reqId, answer.errorCode) == (141, 10147)
    assert answer.errorString == "OrderId 141 that needs to be cancelled is not found."


def test_orders_of_others(client, gateway):
    other = gateway.connect(2)
    client.ask(PlaceOrder(5, APPLE, LimitOrder("BUY", 100, far_below(gateway))))
    assert other.heard() == []
    assert other.ask(ReqOpenOrders()) == [OpenOrderEnd()]
    echoed, status, end = other.ask(ReqAllOpenOrders())
    assert (echoed.order.orderId, echoed.order.clientId, status.clientId) == (5, 1, 1)
    assert end == OpenOrderEnd()
    told = story(other.ask(CancelOrder(5, CANCEL)))
    assert told == story(client.heard()) == [("OrderStatus", "PendingCancel"), *pair("Cancelled"), ("Error", 202)]


def test_everything_can_be_cancelled_at_once(client, gateway):
    other = gateway.connect(2)
    client.ask(PlaceOrder(5, APPLE, LimitOrder("BUY", 100, far_below(gateway))))
    other.ask(PlaceOrder(5, MICROSOFT, LimitOrder("BUY", 100, 10.0)))
    assert story(client.ask(ReqGlobalCancel(CANCEL))).count(("Error", 202)) == 2
    assert story(other.heard()).count(("Error", 202)) == 1
    assert gateway.router.next_due is None


def test_the_master_client_is_told_of_all(make_gateway):
    gateway = make_gateway(master_client_id=9)
    master, client = gateway.connect(9), gateway.connect(1)
    messages = client.ask(PlaceOrder(1, APPLE, MarketOrder("BUY", 100)))
    assert story(master.heard()) == story(messages)
    assert len(master.ask(PlaceOrder(1, APPLE, MarketOrder("SELL", 100)))) == len(messages)
    assert client.heard() == []


def test_orders_outlive_their_connection(client, gateway):
    client.ask(PlaceOrder(5, APPLE, LimitOrder("BUY", 100, far_below(gateway))))
    gateway.router.disconnect(client.seat)
    gateway.wait(60)
    again = gateway.connect()
    assert story(again.ask(StartApi(1)))[2:] == [("Error", 2104), ("Error", 2106), ("Error", 2158)]
    assert story(again.ask(ReqOpenOrders())) == [*pair("Submitted"), ("OpenOrderEnd", "")]
    assert ("Error", 202) in story(again.ask(CancelOrder(5, CANCEL)))


@pytest.mark.parametrize("version", OLD_AND_NEW)
def test_completed_orders(gateway, version):
    client = gateway.connect(1, version)
    assert client.ask(ReqCompletedOrders(False)) == [CompletedOrdersEnd()]
    client.ask(PlaceOrder(1, APPLE, MarketOrder("BUY", 100)))
    done, end = client.ask(ReqCompletedOrders(True))
    assert isinstance(done, CompletedOrder)
    assert done.orderState.status == "Filled"
    assert done.orderState.completedStatus.startswith("Filled Size: 100")
    assert end == CompletedOrdersEnd()


@pytest.mark.parametrize("version", OLD_AND_NEW)
def test_executions(gateway, version):
    client = gateway.connect(1, version)
    live = client.ask(PlaceOrder(1, APPLE, MarketOrder("BUY", 100)))
    details, cost, end = client.ask(ReqExecutions(9, ExecutionFilter()))
    assert details.reqId == 9
    assert details.execution == next(m for m in live if isinstance(m, ExecDetails)).execution
    assert cost == live[-1]
    assert end == ExecDetailsEnd(9)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({}, 3),
        ({"clientId": 1}, 2),
        ({"clientId": 3}, 0),
        ({"acctCode": "DU1234567"}, 3),
        ({"acctCode": "DU7"}, 0),
        ({"symbol": "MSFT"}, 1),
        ({"secType": "STK"}, 3),
        ({"secType": "FUT"}, 0),
        ({"exchange": "SMART"}, 3),
        ({"exchange": "CME"}, 0),
        ({"side": "BUY"}, 2),
        ({"side": "SLD"}, 1),
        ({"time": "20260415 10:00:30"}, 1),
        ({"time": "20260415-14:00:30"}, 1),
        ({"time": "20260415"}, 3),
    ],
)
def test_executions_are_filtered(client, gateway, wanted, found):
    client.ask(PlaceOrder(1, APPLE, MarketOrder("BUY", 1)))
    gateway.connect(2).ask(PlaceOrder(1, MICROSOFT, MarketOrder("BUY", 1)))
    gateway.wait(60)
    client.ask(PlaceOrder(2, APPLE, MarketOrder("SELL", 1)))
    messages = client.ask(ReqExecutions(9, ExecutionFilter(**wanted)))
    assert len([m for m in messages if isinstance(m, ExecDetails)]) == found
    assert messages[-1] == ExecDetailsEnd(9)


@pytest.mark.parametrize("time", ["noon", "20260415 10:00:30 " + " " * 100_000 + "x"])
def test_a_time_that_is_none_is_refused(client, time):
    (answer,) = client.ask(ReqExecutions(9, ExecutionFilter(time=time)))
    assert (answer.reqId, answer.errorCode) == (9, 391)


def test_a_sale_tells_what_it_earned(client):
    client.ask(PlaceOrder(1, APPLE, MarketOrder("BUY", 100)))
    bought, sold = (
        [m.commissionReport for m in messages if isinstance(m, CommissionAndFeesReport)]
        for messages in (
            client.ask(ReqExecutions(9, ExecutionFilter())),
            client.ask(PlaceOrder(2, APPLE, MarketOrder("SELL", 100))),
        )
    )
    assert all(report.realizedPNL in (UNSET_DOUBLE, 0) for report in bought)
    assert sum(report.realizedPNL for report in sold) < 0


def test_executions_and_completed_orders_are_of_the_day(make_gateway):
    gateway = make_gateway(datetime(2026, 4, 15, 15, 59, 59, tzinfo=NEW_YORK))
    client = gateway.connect(1)
    client.ask(PlaceOrder(1, APPLE, MarketOrder("BUY", 100)))
    gateway.wait(4 * 3600)
    order = LimitOrder("BUY", 100, 10.0)
    order.tif = "GTC"
    client.ask(PlaceOrder(2, APPLE, order))
    gateway.wait(5 * 3600)
    client.heard()
    assert client.ask(ReqExecutions(9, ExecutionFilter())) == [ExecDetailsEnd(9)]
    assert client.ask(ReqCompletedOrders(False)) == [CompletedOrdersEnd()]
    assert story(client.ask(ReqOpenOrders())) == [*pair("PreSubmitted"), ("OpenOrderEnd", "")]


@pytest.mark.parametrize(
    ("wanted", "days"),
    [
        ({}, [22]),
        ({"lastNDays": 1}, [22]),
        ({"lastNDays": 2}, [21, 22]),
        ({"lastNDays": 30}, [16, 17, 20, 21, 22]),
        ({"specificDates": [20260415]}, []),
        ({"specificDates": [20260416, 20260421]}, [16, 21]),
        ({"lastNDays": 1, "specificDates": [20260420]}, [20, 22]),
        ({"lastNDays": 2, "time": "20260421 10:30:00"}, [22]),
        ({"lastNDays": 0}, None),
    ],
)
def test_executions_of_seven_days_can_be_asked_for(make_gateway, wanted, days):
    gateway = make_gateway(datetime(2026, 4, 15, 10, 0, tzinfo=NEW_YORK))
    client = gateway.connect(1)
    for number in range(1, 9):
        client.ask(PlaceOrder(number, APPLE, MarketOrder("BUY", number)))  # on a weekend, it waits for Monday
        gateway.wait(24 * 3600 if number < 8 else 60)
    client.heard()
    messages = client.ask(ReqExecutions(9, ExecutionFilter(**wanted)))
    if days is None:
        assert messages[0].errorCode == 321
        assert messages[0].errorString.endswith("lastNDays is 0, and has to be 1 or more")
        return
    told = [m.execution for m in messages if isinstance(m, ExecDetails)]
    assert sorted({int(one.time[6:8]) for one in told}) == days
    costs = [m.commissionReport.execId for m in messages if isinstance(m, CommissionAndFeesReport)]
    assert costs == [one.execId for one in told]
    assert messages[-1] == ExecDetailsEnd(9)
