"""`flatten` cancels, waits for the verdicts and closes, once: whatever goes wrong, and on the paper gateway."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from typing import Any

import numpy
import pytest
from client.asking import until
from client.scripted import CLOSE, Answer, Server, serving

from ibdesk import IB, ComboLeg, Contract, LimitOrder, MarketOrder, Order, Stock, Trade
from ibdesk.client.api import flatten
from ibdesk.model.contract_details import ContractDetails
from ibdesk.model.executions import Execution
from ibdesk.model.order import OrderState
from ibdesk.paper import PaperGateway
from ibdesk.wire.messages import accounts, connection, contracts, executions, order_status, orders
from ibdesk.wire.messages.connection import Error

OURS = 1
START = "2026-04-15T10:00"


@pytest.fixture(autouse=True)
def _soon_settled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flatten, "SETTLING_SECONDS", 0.05)
    monkeypatch.setattr(flatten, "POLL_SECONDS", 0.01)


def aapl(**fields: Any) -> Contract:
    return Contract(
        **{"secType": "STK", "conId": 1, "symbol": "AAPL", "exchange": "SMART", "currency": "USD", **fields}
    )


def msft() -> Contract:
    return aapl(conId=2, symbol="MSFT")


class Broker:
    """Positions by conId, and the open orders of everyone, with what a cancellation does to an own one."""

    def __init__(self, accountsList: str = "DU1") -> None:
        self.accountsList = accountsList
        self.held: list[tuple[str, Contract, float]] = []
        self.open: list[Order] = []
        self.contracts = {1: aapl(), 2: msft()}

    def answers(self) -> dict[type, Answer]:
        return {
            connection.StartApi: lambda _: [
                connection.ManagedAccounts(self.accountsList),
                connection.NextValidId(1),
            ],
            order_status.ReqAllOpenOrders: lambda _: [*self.listed(), order_status.OpenOrderEnd()],
            order_status.ReqOpenOrders: lambda _: [*self.listed(OURS), order_status.OpenOrderEnd()],
            accounts.ReqPositions: lambda _: [
                *(accounts.Position(account, contract, size, 1.0) for account, contract, size in self.held),
                accounts.PositionEnd(),
            ],
            contracts.ReqContractDetails: self.details,
            order_status.CancelOrder: self.cancel,
            orders.PlaceOrder: self.place,
        }

    def listed(self, clientId: int | None = None) -> Iterable[Any]:
        for order in self.open:
            if clientId in (None, order.clientId):
                contract = self.contracts[2 if order.orderRef == "MSFT" else 1]
                yield orders.OpenOrder(contract, Order(**order.dict()), OrderState(status="Submitted"))

    def details(self, message: Any) -> list[Any]:
        found = self.contracts.get(message.contract.conId)
        if found is None:
            return [Error(message.reqId, 200, "No security definition has been found for the request")]
        return [
            contracts.ContractData(message.reqId, ContractDetails(contract=found)),
            contracts.ContractDataEnd(message.reqId),
        ]

    def place(self, message: Any) -> list[Any]:
        """Fills an order that closes a position."""
        held = {(account, contract.conId): size for account, contract, size in self.held}
        contract, order = message.contract, message.order
        size = held.get((order.account, contract.conId))
        if size is None or order.totalQuantity != abs(size) or (order.action == "SELL") != (size > 0):
            return []
        self.held = [one for one in self.held if (one[0], one[1].conId) != (order.account, contract.conId)]
        return [
            *filled(message.orderId, contract, order, order.totalQuantity),
            accounts.Position(order.account, contract, 0.0, 0.0),
        ]

    def cancel(self, message: Any) -> list[Any]:
        self.open = [one for one in self.open if (one.clientId, one.orderId) != (OURS, message.orderId)]
        return [status(message.orderId, "Cancelled")]


def status(orderId: int, what: str, filled: float = 0.0) -> order_status.OrderStatus:
    return order_status.OrderStatus(orderId, what, filled, 10.0 - filled, 1.0, 1000 + orderId, 0, 1.0, OURS)


def filled(orderId: int, contract: Contract, order: Order, shares: float) -> list[Any]:
    """What the server tells when an order has filled that much."""
    side = "BOT" if order.action == "BUY" else "SLD"
    execution = Execution(f"0.0.{orderId}.01", "20260415 10:00:00", side=side, shares=shares, price=1.0)
    execution.orderId, execution.clientId, execution.permId = orderId, OURS, 1000 + orderId
    execution.cumQty, execution.avgPrice = shares, 1.0
    remaining = order.totalQuantity - shares
    told = order_status.OrderStatus(
        orderId, "Submitted" if remaining else "Filled", shares, remaining, 1.0, 1000 + orderId, 0, 1.0, OURS
    )
    return [executions.ExecDetails(-1, contract, execution), told]


@asynccontextmanager
async def connected(broker: Broker) -> AsyncIterator[tuple[IB, Server]]:
    async with serving(broker.answers()) as server:
        ib = await IB().connectAsync("127.0.0.1", server.port, clientId=OURS)
        try:
            yield ib, server
        finally:
            ib.disconnect()


def work(ib: IB, broker: Broker, contract: Contract | None = None, **fields: Any) -> Trade:
    """An own order that works."""
    trade = ib.placeOrder(contract or aapl(), LimitOrder("BUY", 10, 1.0, **fields))
    shown = Order(**{**trade.order.dict(), "permId": 1000 + trade.order.orderId, "orderRef": trade.contract.symbol})
    broker.open.append(shown)
    return trade


def placed(server: Server) -> list[tuple[int, str, str, float]]:
    """What was closed: conId, action, type and quantity."""
    sent = [one for one in server.of(orders.PlaceOrder) if one.order.orderRef != "MSFT" and one.order.lmtPrice != 1.0]
    return [(one.contract.conId, one.order.action, one.order.orderType, one.order.totalQuantity) for one in sent]


async def test_positions_are_closed_at_the_market_where_they_can_be_traded() -> None:
    broker = Broker()
    # Positions tell no exchange, or the listing one.
    broker.held = [("DU1", aapl(exchange=""), 100.0), ("DU1", aapl(conId=2, symbol="MSFT", exchange="NYSE"), -2.5)]
    async with connected(broker) as (ib, server):
        trades = await ib.flattenAsync()
        await server.wait_for(orders.PlaceOrder, 2)
        assert placed(server) == [(1, "SELL", "MKT", 100.0), (2, "BUY", "MKT", 2.5)]
        assert [one.contract.exchange for one in server.of(orders.PlaceOrder)] == ["SMART", "SMART"]
        assert {one.order.account for one in server.of(orders.PlaceOrder)} == {"DU1"}
        assert (trades, trades.left) == (ib.trades(), [])


async def test_nothing_is_closed_before_the_verdicts() -> None:
    broker = Broker()
    broker.held = [("DU1", aapl(), 100.0)]
    async with connected(broker) as (ib, server):
        working = work(ib, broker)
        server.answers[order_status.CancelOrder] = lambda _: []
        closing = asyncio.ensure_future(ib.flattenAsync())
        (cancel,) = await server.wait_for(order_status.CancelOrder)
        await ib.reqExecutionsAsync()
        assert placed(server) == []
        # It was faster: it bought ten more.
        broker.held, broker.open = [("DU1", aapl(), 110.0)], []
        execution = Execution("0.0.1.01", "20260415 10:00:00", side="BOT", shares=10.0, price=1.0)
        execution.orderId, execution.clientId, execution.permId = cancel.orderId, OURS, 1000 + cancel.orderId
        execution.cumQty, execution.avgPrice = 10.0, 1.0
        server.send(executions.ExecDetails(-1, aapl(), execution))
        await closing
        assert working.orderStatus.status == "Filled"
        await server.wait_for(orders.PlaceOrder, 2)
        assert placed(server) == [(1, "SELL", "MKT", 110.0)]


async def test_called_again_it_does_not_double() -> None:
    broker = Broker()
    broker.held = [("DU1", aapl(), 100.0)]
    async with connected(broker) as (ib, server):
        server.answers[orders.PlaceOrder] = lambda _: []
        first, second = await asyncio.gather(ib.flattenAsync(timeout=0.05), ib.flattenAsync(timeout=0.05))
        assert first[0] is not second[0]
        assert first[0].orderStatus.status == "Cancelled", "the first closing order had not filled"
        assert not second[0].isDone()
        assert len(server.of(order_status.CancelOrder)) == 1


async def test_an_order_that_cannot_be_cancelled_keeps_its_position_open(caplog: pytest.LogCaptureFixture) -> None:
    broker = Broker()
    broker.held = [("DU1", aapl(), 100.0), ("DU1", msft(), 5.0)]
    async with connected(broker) as (ib, server):
        work(ib, broker)
        server.answers[order_status.CancelOrder] = lambda m: [
            *broker.listed(),
            status(m.orderId, "Submitted"),
            Error(m.orderId, 161, "Cancel attempted when order is not in a cancellable state."),
        ]
        trades = await ib.flattenAsync()
        assert [trade.contract.symbol for trade in trades] == ["MSFT"]
        ((position, why),) = trades.left
        assert (position.contract.symbol, position.position) == ("AAPL", 100.0)
        assert why.startswith("an order still works on it")
        assert "not closed" in caplog.text


async def test_an_inactive_order_that_may_come_to_life_is_cancelled_too() -> None:
    async with connected(Broker()) as (ib, server):
        sleeping, refused = work(ib, Broker()), work(ib, Broker())
        server.send(status(sleeping.order.orderId, "Inactive"), status(refused.order.orderId, "Inactive"))
        server.send(Error(refused.order.orderId, 201, "Order rejected - reason:margin"))
        await ib.reqExecutionsAsync()
        await ib.flattenAsync()
        (cancel,) = await server.wait_for(order_status.CancelOrder)
        assert cancel.orderId == sleeping.order.orderId


async def test_no_verdict_is_not_waited_for_without_end() -> None:
    broker = Broker()
    broker.held = [("DU1", aapl(), 100.0)]
    async with connected(broker) as (ib, server):
        work(ib, broker)
        server.answers[order_status.CancelOrder] = lambda _: []
        trades = await ib.flattenAsync(timeout=0.05)
        assert trades == []
        assert "is PendingCancel" in trades.left[0][1]


@pytest.mark.parametrize("exclude", [["AAPL"], [1], [numpy.int64(1)], [Stock("AAPL", "SMART", "USD")], [aapl()]])
async def test_what_is_excluded_is_left_alone(exclude: list[Any]) -> None:
    broker = Broker()
    broker.held = [("DU1", aapl(), 100.0), ("DU1", msft(), 5.0)]
    async with connected(broker) as (ib, server):
        kept, ended = work(ib, broker), work(ib, broker, msft(), orderRef="MSFT")
        trades = await ib.flattenAsync(exclude=exclude)
        assert [trade.contract.symbol for trade in trades] == ["MSFT"]
        assert (kept.isDone(), ended.orderStatus.status) == (False, "Cancelled")
        assert trades.left == []
        assert server.of(order_status.ReqGlobalCancel) == []


async def test_one_account_of_several() -> None:
    broker = Broker("DU1,DU2")
    broker.held = [("DU1", aapl(), 100.0), ("DU2", aapl(), 7.0)]
    async with connected(broker) as (ib, server):
        kept, ended = work(ib, broker, account="DU1"), work(ib, broker, account="DU2")
        trades = await ib.flattenAsync("DU2")
        assert [(trade.order.account, trade.order.totalQuantity) for trade in trades] == [("DU2", 7.0)]
        assert (kept.isDone(), ended.orderStatus.status) == (False, "Cancelled")
        assert server.of(order_status.ReqGlobalCancel) == []


async def test_orders_of_others_are_cancelled_with_all() -> None:
    broker = Broker()
    broker.held = [("DU1", aapl(), 100.0)]
    broker.open = [Order(orderId=9, clientId=3, permId=77, action="SELL", totalQuantity=100, orderType="MKT")]
    async with connected(broker) as (ib, server):

        def cancel_all(_: Any) -> list[Any]:
            broker.open = []
            return []

        server.answers[order_status.ReqGlobalCancel] = cancel_all
        server.answers[order_status.ReqCompletedOrders] = lambda _: [
            orders.CompletedOrder(
                aapl(), Order(permId=77), OrderState(status="Cancelled", completedStatus="Cancelled")
            ),
            order_status.CompletedOrdersEnd(),
        ]
        trades = await ib.flattenAsync()
        assert [trade.order.totalQuantity for trade in trades] == [100.0]
        assert len(server.of(order_status.ReqGlobalCancel)) == 1
        assert [one.orderStatus.status for one in ib.trades() if one.order.clientId == 3] == ["Cancelled"]


async def test_where_orders_of_others_stay_their_positions_do_too() -> None:
    """To cancel them all would be to cancel what is excluded."""
    broker = Broker()
    broker.held = [("DU1", aapl(), 100.0), ("DU1", msft(), 5.0)]
    broker.open = [Order(orderId=9, clientId=3, permId=77, action="SELL", totalQuantity=100, orderType="MKT")]
    async with connected(broker) as (ib, server):
        trades = await ib.flattenAsync(exclude=["MSFT"])
        assert trades == []
        assert [position.contract.symbol for position, _ in trades.left] == ["AAPL"]
        assert server.of(order_status.ReqGlobalCancel) == []


async def test_a_combination_that_works_keeps_its_legs_open() -> None:
    broker = Broker()
    broker.held = [("DU1", aapl(), 100.0)]
    combination = Contract.create(secType="BAG", symbol="AAPL,MSFT", exchange="SMART", currency="USD")
    async with connected(broker) as (ib, server):
        combination.comboLegs = [ComboLeg(conId=1, ratio=1, action="BUY", exchange="SMART")]
        work(ib, broker, combination)
        server.answers[order_status.CancelOrder] = lambda _: []
        trades = await ib.flattenAsync(timeout=0.05)
        assert (trades, len(trades.left)) == ([], 1)


async def test_a_rule_for_the_price() -> None:
    broker = Broker()
    broker.held = [("DU1", aapl(), 100.0), ("DU1", msft(), 5.0)]

    def rule(contract: Contract, action: str, quantity: float) -> Order:
        if contract.symbol == "MSFT":
            raise ValueError("no price")
        return Order(action=action, totalQuantity=quantity, orderType="MIDPRICE")

    async with connected(broker) as (ib, server):
        server.answers[orders.PlaceOrder] = lambda m: filled(m.orderId, m.contract, m.order, 100.0)
        trades = await ib.flattenAsync(order=rule)
        await server.wait_for(orders.PlaceOrder)
        assert placed(server) == [(1, "SELL", "MIDPRICE", 100.0)]
        assert [(position.contract.symbol, why) for position, why in trades.left] == [("MSFT", "no price")]


async def test_a_contract_that_is_not_found_does_not_stop_the_rest() -> None:
    broker = Broker()
    broker.held = [("DU1", aapl(conId=99, symbol="GONE"), 1.0), ("DU1", aapl(), 100.0)]
    async with connected(broker) as (ib, _):
        trades = await ib.flattenAsync()
        assert [trade.contract.symbol for trade in trades] == ["AAPL"]
        assert trades.left[0][1] == "its contract cannot be looked up"


async def test_a_lost_connection_ends_it() -> None:
    broker = Broker()
    broker.held = [("DU1", aapl(), 100.0)]
    async with connected(broker) as (ib, server):
        work(ib, broker)
        server.answers[order_status.CancelOrder] = lambda _: [CLOSE]
        with pytest.raises(ConnectionError):
            await ib.flattenAsync()
        assert placed(server) == []


# --- the verdicts on the closing orders -----------------------------------------------------------------------------


async def test_it_returns_when_the_positions_are_closed() -> None:
    broker = Broker()
    broker.held = [("DU1", aapl(), 100.0), ("DU1", msft(), -5.0)]
    async with connected(broker) as (ib, server):
        server.answers[orders.PlaceOrder] = lambda _: []
        closing = asyncio.ensure_future(ib.flattenAsync())
        apple, microsoft = await server.wait_for(orders.PlaceOrder, 2)
        server.send(*filled(apple.orderId, apple.contract, apple.order, 60.0))
        server.send(*filled(microsoft.orderId, microsoft.contract, microsoft.order, 5.0))
        await ib.reqExecutionsAsync()
        assert not closing.done()
        execution = filled(apple.orderId, apple.contract, apple.order, 100.0)
        execution[0].execution.execId, execution[0].execution.shares = "0.0.99.01", 40.0
        server.send(*execution)
        server.send(accounts.Position("DU1", aapl(), 0.0, 0.0), accounts.Position("DU1", msft(), 0.0, 0.0))
        trades = await closing
        assert [trade.orderStatus.status for trade in trades] == ["Filled", "Filled"]
        assert (trades.left, ib.positions()) == ([], [])


@pytest.mark.parametrize(
    ("answer", "left", "reason"),
    [
        (
            lambda m: [Error(m.orderId, 201, "Order rejected - reason:margin")],
            -100.0,
            "its closing order ID was refused: 201: Order rejected - reason:margin",
        ),
        (
            lambda m: [*filled(m.orderId, m.contract, m.order, 30.0), status(m.orderId, "Cancelled", 30.0)],
            -70.0,
            "its closing order ID is Cancelled, 30 of 100 filled",
        ),
        (
            lambda m: [
                order_status.OrderStatus(m.orderId, "PreSubmitted", 0.0, 100.0, 0.0, 7, 0, 0.0, OURS, "locate"),
                Error(m.orderId, 399, "Order Message: it will not be placed before the market opens"),
            ],
            -100.0,
            "its closing order ID still works: PreSubmitted, held: locate, 0 of 100 filled; Warning 399, reqId ID: "
            "Order Message: it will not be placed before the market opens",
        ),
        (
            lambda m: [*filled(m.orderId, m.contract, m.order, 10.0), CLOSE],
            -90.0,
            "it is not known how its closing order ID stands: The connection was lost",
        ),
    ],
    ids=["refused", "cancelled", "works", "lost"],
)
async def test_what_is_left_is_told(
    answer: Callable[[Any], list[Any]], left: float, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    broker = Broker()
    broker.held = [("DU1", aapl(), -100.0)]
    async with connected(broker) as (ib, server):
        server.answers[orders.PlaceOrder] = answer
        trades = await ib.flattenAsync(timeout=0.1)
        assert len(trades) == 1
        ((position, why),) = trades.left
        reason = reason.replace("ID", str(trades[0].order.orderId))
        assert (position.contract.symbol, position.position, why) == ("AAPL", left, reason)
        assert reason in caplog.text


async def test_an_order_that_closes_more_than_there_is_leaves_a_position() -> None:
    broker = Broker()
    broker.held = [("DU1", aapl(), 50.0)]
    async with connected(broker) as (ib, server):
        server.answers[orders.PlaceOrder] = lambda m: filled(m.orderId, m.contract, m.order, 100.0)
        trades = await ib.flattenAsync(order=lambda contract, action, quantity: MarketOrder(action, 100))
        ((position, why),) = trades.left
        assert position.position == -50.0
        assert why == f"its closing order {trades[0].order.orderId} is Filled, 100 of 100 filled"


# --- on the gateway -------------------------------------------------------------------------------------------------


@asynccontextmanager
async def trading() -> AsyncIterator[tuple[IB, PaperGateway]]:
    async with PaperGateway(port=0, start_time=START) as gateway:
        ib = await IB().connectAsync("127.0.0.1", gateway.port, clientId=1)
        try:
            yield ib, gateway
        finally:
            ib.disconnect()


async def test_on_the_gateway_all_is_flat_in_the_end() -> None:
    async with trading() as (ib, gateway):
        apple, microsoft = Stock("AAPL", "SMART", "USD"), Stock("MSFT", "SMART", "USD")
        entries = [ib.placeOrder(apple, MarketOrder("BUY", 100)), ib.placeOrder(microsoft, MarketOrder("SELL", 30))]
        await until(ib, lambda: all(one.isDone() for one in entries) and len(ib.positions()) == 2)
        for order in ib.bracketOrder("BUY", 10, 1.0, 500.0, 0.5):
            ib.placeOrder(apple, order)
        other = await IB().connectAsync("127.0.0.1", gateway.port, clientId=2)
        foreign = other.placeOrder(apple, LimitOrder("BUY", 10, 1.0))
        await until(other, lambda: foreign.orderStatus.status == "Submitted")
        trades = await ib.flattenAsync()
        assert (len(trades), trades.left) == (2, [])
        assert (all(trade.isDone() for trade in trades), ib.positions()) == (True, [])
        assert await ib.reqAllOpenOrdersAsync() == []
        assert {trade.orderStatus.status for trade in trades} == {"Filled"}
        assert foreign.orderStatus.status == "Cancelled"
        assert (await ib.flattenAsync(), ib.positions()) == ([], [])
        other.disconnect()


async def test_on_the_gateway_two_at_once_close_once() -> None:
    async with trading() as (ib, _):
        apple = Stock("AAPL", "SMART", "USD")
        entry = ib.placeOrder(apple, MarketOrder("BUY", 100))
        await until(ib, lambda: entry.isDone() and ib.positions())
        both = await asyncio.gather(ib.flattenAsync(), ib.flattenAsync())
        assert ib.positions() == []
        await ib.flattenAsync()
        assert [position.position for position in await ib.reqPositionsAsync()] == []
        sold = sum(trade.filled() for trades in both for trade in trades)
        assert sold == 100.0
