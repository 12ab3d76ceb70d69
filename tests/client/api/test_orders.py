"""What goes out for an order and comes back from what `IB` does about orders, over a socket."""

import asyncio
import copy
import dataclasses
import re
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from client.asking import connected, settle
from client.passing_time import let_pass
from client.scripted import Answer

from ibdesk import IB, LimitOrder, Order, RequestError, Stock
from ibdesk.client.api import deadlines
from ibdesk.client.state.trade import Trade
from ibdesk.errors import EncodeError, RequestTimeout
from ibdesk.model.contract import Contract
from ibdesk.model.executions import Execution
from ibdesk.model.order import OrderState
from ibdesk.model.unset import UNSET_DOUBLE, UNSET_INTEGER
from ibdesk.wire.messages import connection, executions, order_status, orders
from ibdesk.wire.messages.connection import Error

AAPL = Stock("AAPL", "SMART", "USD", conId=265598)
OURS, PERM_ID = 1, 1426086040
MOMENTS = ("Before", "Change", "After")


def shown(orderId: int, clientId: int, permId: int) -> orders.OpenOrder:
    order = LimitOrder("BUY", 1, 1.0, orderId=orderId, clientId=clientId, permId=permId)
    return orders.OpenOrder(Contract(secType="STK", symbol="AAPL"), order, OrderState(status="Submitted"))


# --- numbers --------------------------------------------------------------------------------------------------------


async def test_numbers_are_reserved_in_a_row() -> None:
    async with connected() as (ib, _):
        first = ib.reqId()
        ids = ib.orderIds(3)
        assert list(ids) == [first + 1, first + 2, first + 3]
        assert ib.reqId() == first + 4
        with pytest.raises(ValueError, match="0 order ids cannot be reserved"):
            ib.orderIds(0)
        assert ib.reqId() == first + 5


async def test_numbers_need_a_connection() -> None:
    with pytest.raises(ConnectionError):
        IB().orderIds(2)
    with pytest.raises(ConnectionError):
        IB().reqId()


async def test_a_bracket_has_numbers_in_a_row_and_inherits() -> None:
    async with connected() as (ib, server):
        bracket = ib.bracketOrder("BUY", 1, 10.0, 11.0, 9.0, tif="GTC", outsideRth=True)
        for order in bracket:
            ib.placeOrder(AAPL, order)
        placed = await server.wait_for(orders.PlaceOrder, 3)
        first = placed[0].orderId
        assert [(one.orderId, one.order.parentId) for one in placed] == [
            (first, 0),
            (first + 1, first),
            (first + 2, first),
        ]
        assert [one.order.transmit for one in placed] == [False, False, True]
        assert {(one.order.tif, one.order.outsideRth) for one in placed} == {("GTC", True)}


# --- whose order it is ----------------------------------------------------------------------------------------------


async def test_an_order_of_another_client_is_not_touched() -> None:
    """Its number may be that of an order here."""
    async with connected() as (ib, server):
        own = ib.placeOrder(AAPL, LimitOrder("BUY", 1, 1.0))
        server.send(shown(own.order.orderId, 3, PERM_ID), shown(0, 0, PERM_ID + 1))
        await settle(ib)
        other, by_hand = ib.openTrades()[1:]
        assert [ib.owns(trade) for trade in (own, other, by_hand)] == [True, False, False]
        for trade, why in ((other, "belongs to client 3. Connect as"), (by_hand, "placed by hand .* Only client 0")):
            warned: list[Any] = []
            trade.warningEvent += lambda *args, warned=warned: warned.append(args)
            assert ib.cancelOrder(trade.order) is trade
            assert re.search(f"It cannot be cancelled here.*{why}", trade.warnings[-1].message)
            assert warned == [(trade, trade.warnings[-1])]
            assert trade.orderStatus.status == "Submitted"
            with pytest.raises(ValueError, match=f"It cannot be modified here.*{why}"):
                ib.placeOrder(AAPL, trade.order)
        await settle(ib)
        assert server.of(order_status.CancelOrder) == []
        assert len(server.of(orders.PlaceOrder)) == 1


async def test_orders_by_hand_are_client_0_s_once_they_are_bound() -> None:
    async with connected(clientId=0) as (ib, server):
        server.send(shown(0, 0, PERM_ID))
        await settle(ib)
        (trade,) = ib.openTrades()
        with pytest.raises(ValueError, match=r"was placed by hand and is not bound .* reqOpenOrders\(\) binds it"):
            ib.placeOrder(AAPL, trade.order)
        assert ib.cancelOrder(trade.order) is trade
        assert trade.warnings
        server.send(order_status.OrderBound(PERM_ID, 0, -7))
        await settle(ib)
        assert ib.owns(trade)
        server.send(shown(-7, 0, PERM_ID), Error(-7, 399, "Order Message: your order will not be placed until"))
        await settle(ib)
        assert ib.openTrades() == [trade]
        assert trade.warnings[-1].errorCode == 399
        ib.cancelOrder(trade.order)
        trade.order.lmtPrice = 2.0
        ib.placeOrder(AAPL, trade.order)
        (cancel,) = await server.wait_for(order_status.CancelOrder)
        (change,) = await server.wait_for(orders.PlaceOrder)
        assert cancel.orderId == change.orderId == -7


async def test_an_order_that_is_placed_once_more_is_a_new_one() -> None:
    async with connected() as (ib, server):
        first = ib.placeOrder(AAPL, LimitOrder("BUY", 1, 1.0))
        server.send(shown(first.order.orderId, OURS, PERM_ID))
        await settle(ib)
        again = Order(**{**first.order.dict(), "orderId": 0})
        second = ib.placeOrder(AAPL, again)
        assert second is not first
        second.order.orderId = 0
        third = ib.placeOrder(AAPL, second.order)
        assert third not in (first, second)
        sent = await server.wait_for(orders.PlaceOrder, 3)
        assert len({one.orderId for one in sent}) == 3


async def test_an_order_by_hand_can_be_copied() -> None:
    async with connected(clientId=0) as (ib, server):
        server.send(shown(0, 0, PERM_ID))
        await settle(ib)
        (by_hand,) = ib.openTrades()
        copied = ib.placeOrder(AAPL, Order(**by_hand.order.dict()))
        assert copied is not by_hand
        assert copied.order.orderId > 0


# --- what goes back with a change -----------------------------------------------------------------------------------

FILLED_IN = {
    "permId": PERM_ID, "tif": "DAY", "ocaType": 3, "auxPrice": 0.0, "displaySize": UNSET_INTEGER,
    "trailStopPrice": 2.0, "volatility": 0.31, "volatilityType": 0, "deltaNeutralOrderType": "None",
    "referencePriceType": 0, "account": "DU1", "clearingIntent": "IB", "adjustedOrderType": "None", "cashQty": 0.0,
    "dontUseAutoPriceForHedge": True,
}  # fmt: skip


def _echo(message: Any, **fields: Any) -> orders.OpenOrder:
    ids = {"orderId": message.orderId, "clientId": OURS, "permId": PERM_ID}
    order = Order(**{**message.order.dict(), **ids, **fields})
    return orders.OpenOrder(AAPL, order, OrderState(status="Submitted"))


@pytest.mark.parametrize("version", [157, 178, 225])
async def test_a_change_is_sent_without_what_the_server_filled_in(version: int) -> None:
    """ib_insync#317: servers refuse the volatility that they gave a limit order."""
    answers: dict[type, Answer] = {orders.PlaceOrder: lambda message: [_echo(message, **FILLED_IN)]}
    async with connected(answers, version=version) as (ib, server):
        trade = ib.placeOrder(AAPL, LimitOrder("BUY", 1, 1.0))
        await server.wait_for(orders.PlaceOrder)
        await settle(ib)
        assert trade.order.permId == PERM_ID
        trade.order.lmtPrice = 1.5
        ib.placeOrder(AAPL, trade.order)
        await server.wait_for(orders.PlaceOrder, 2)
        again = LimitOrder("BUY", 1, 1.75, orderId=trade.order.orderId)
        await settle(ib)
        ib.placeOrder(AAPL, again)
        first, *changes = (one.order.dict() for one in await server.wait_for(orders.PlaceOrder, 3))
        for change, price in zip(changes, (1.5, 1.75), strict=True):
            ids = {name: change[name] for name in ("orderId", "clientId", "permId")}
            assert change == {**first, **ids, "lmtPrice": price}
        assert trade.order is again


@pytest.mark.parametrize("version", [178, 225])
async def test_a_change_of_an_order_of_an_earlier_session_says_no_volatility(version: int) -> None:
    order = LimitOrder("BUY", 1, 1.0, orderId=7, clientId=OURS, **FILLED_IN)
    listed = orders.OpenOrder(AAPL, order, OrderState(status="Submitted"))
    answers: dict[type, Answer] = {order_status.ReqOpenOrders: lambda _: [listed, order_status.OpenOrderEnd()]}
    async with connected(answers, version=version) as (ib, server):
        (trade,) = ib.openTrades()
        trade.order.lmtPrice = 1.5
        ib.placeOrder(AAPL, trade.order)
        ib.placeOrder(AAPL, Order(**{**trade.order.dict(), "orderId": 0}))
        for message in await server.wait_for(orders.PlaceOrder, 2):
            assert message.order.volatility == UNSET_DOUBLE
            assert message.order.trailStopPrice == UNSET_DOUBLE
            assert (message.order.lmtPrice, message.order.account) == (1.5, "DU1")


@pytest.mark.parametrize("version", [178, 225])
async def test_a_stop_that_trails_is_seen_by_who_placed_it(version: int) -> None:
    """ib_async#102: and a change does not send the old one again."""
    answers: dict[type, Answer] = {orders.PlaceOrder: lambda message: [_echo(message)]}
    async with connected(answers, version=version) as (ib, server):
        order = Order(action="SELL", totalQuantity=1, orderType="TRAIL", auxPrice=2.0, trailStopPrice=260.0)
        trade = ib.placeOrder(AAPL, order)
        (placed,) = await server.wait_for(orders.PlaceOrder)
        server.send(_echo(placed, trailStopPrice=265.82, tif="GTC", outsideRth=True, lmtPrice=2000.03))
        await settle(ib)
        assert trade.order is order
        assert (order.trailStopPrice, order.tif, order.outsideRth) == (265.82, "GTC", True)
        order.totalQuantity = 2
        ib.placeOrder(AAPL, order)
        _, change = await server.wait_for(orders.PlaceOrder, 2)
        sent = change.order
        assert (sent.totalQuantity, sent.trailStopPrice, sent.tif, sent.outsideRth) == (2, 265.82, "GTC", True)
        assert sent.lmtPrice == UNSET_DOUBLE


async def test_a_copy_of_an_order_with_a_number_of_its_own_is_a_new_order() -> None:
    """It has the permId of the other one, which may be done."""
    async with connected() as (ib, server):
        trade = ib.placeOrder(AAPL, LimitOrder("BUY", 1, 1.0))
        server.send(shown(trade.order.orderId, OURS, PERM_ID))
        server.send(order_status.OrderStatus(trade.order.orderId, "Filled", 1.0, 0.0, 1.0, PERM_ID, 0, 1.0, OURS))
        await settle(ib)
        assert trade.isDone()
        again = copy.copy(trade.order)
        again.orderId = ib.reqId()
        assert ib.placeOrder(AAPL, again) is not trade
        assert [one.orderId for one in await server.wait_for(orders.PlaceOrder, 2)][1] == again.orderId


@pytest.mark.parametrize("status", ["Filled", "Submitted"])
async def test_an_order_object_is_placed_again_under_a_new_number(status: str) -> None:
    async with connected() as (ib, server):
        order = LimitOrder("BUY", 1, 1.0)
        first = ib.placeOrder(AAPL, order)
        number = order.orderId
        server.send(shown(number, OURS, PERM_ID))
        server.send(order_status.OrderStatus(number, status, 1.0, 0.0, 1.0, PERM_ID, 0, 1.0, OURS))
        await settle(ib)
        order.orderId = ib.reqId()
        second = ib.placeOrder(AAPL, order)
        assert second is not first
        assert [one.orderId for one in await server.wait_for(orders.PlaceOrder, 2)] == [number, order.orderId]
        assert (second.order, first.order.orderId, first.order.permId) == (order, number, PERM_ID)


# --- registered before it is sent -----------------------------------------------------------------------------------


def _answering(ib: IB, answer: Callable[[orders.PlaceOrder], Iterable[Any]]) -> Callable[..., None]:
    """What sends over a link whose other end answers before the sending returns."""

    def send(message: Any, *_: Any) -> None:
        ib.dispatcher.receive([*answer(message)])

    return send


def _filled(request: orders.PlaceOrder) -> Iterable[Any]:
    ids = {"orderId": request.orderId, "clientId": OURS, "permId": PERM_ID}
    yield shown(**ids)
    execution = Execution(
        "0000e0d5.69dd7411.01.01", "20260413 15:27:04 US/Eastern", side="BOT", shares=1.0, cumQty=1.0, price=1.0, **ids
    )
    yield executions.ExecDetails(-1, AAPL, execution)
    yield order_status.OrderStatus(request.orderId, "Filled", 1.0, 0.0, 1.0, PERM_ID, 0, 1.0, OURS)


async def test_an_answer_inside_of_the_sending_finds_its_trade(monkeypatch: pytest.MonkeyPatch) -> None:
    async with connected() as (ib, _):
        monkeypatch.setattr(ib.client._transport, "send", _answering(ib, _filled))
        told: list[tuple[str, Any]] = []
        for name in ("newOrderEvent", "execDetailsEvent"):
            ib.dispatcher.events[name].connect(lambda trade, *_, name=name: told.append((name, trade)), keep_ref=True)
        trade = ib.placeOrder(AAPL, LimitOrder("BUY", 1, 1.0))
        assert ib.trades() == [trade]
        assert (trade.orderStatus.status, trade.filled(), trade.order.permId) == ("Filled", 1.0, PERM_ID)
        assert sorted(told) == [("execDetailsEvent", trade), ("newOrderEvent", trade)]


async def test_an_order_that_is_placed_inside_of_the_sending_gets_a_number_of_its_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with connected() as (ib, _):
        placed: list[Trade] = []

        def answer(request: orders.PlaceOrder) -> Iterable[Any]:
            if request.order.action == "BUY":
                placed.append(ib.placeOrder(AAPL, LimitOrder("SELL", 1, 2.0)))
            return []

        monkeypatch.setattr(ib.client._transport, "send", _answering(ib, answer))
        ib.client.next_id()
        number = ib.client._reqIdSeq  # a caller that counts on by itself
        trade = ib.placeOrder(AAPL, LimitOrder("BUY", 1, 1.0, orderId=number))
        assert (trade.order.orderId, placed[0].order.orderId) == (number, number + 1)
        assert ib.trades() == [trade, *placed]


def _fails(error: type[Exception]) -> Callable[..., None]:
    def send(*_: Any) -> None:
        raise error("PlaceOrder", 178, "lmtPrice", "x", "is no number") if error is EncodeError else error("lost")

    return send


@pytest.mark.parametrize("error", [ConnectionError, EncodeError])
async def test_an_order_that_cannot_be_sent_leaves_nothing_behind(
    error: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    async with connected({orders.PlaceOrder: _filled}) as (ib, _):
        order = LimitOrder("BUY", 1, 1.0)
        first = ib.placeOrder(AAPL, order)
        await settle(ib)
        ids = order.orderId, order.clientId, order.permId
        told: list[Any] = []
        ib.newOrderEvent += told.append
        monkeypatch.setattr(ib.client._transport, "send", _fails(error))
        order.orderId = 0  # the same object is another order now
        for again in (order, LimitOrder("BUY", 1, 1.0)):
            before = dict(vars(again))
            with pytest.raises(error):
                ib.placeOrder(AAPL, again)
            assert vars(again) == before
        assert ib.trades() == [first]
        assert first.order is order
        assert told == []
        monkeypatch.undo()
        order.orderId = ids[0]
        assert (order.orderId, order.clientId, order.permId) == ids
        second = ib.placeOrder(AAPL, again)
        assert ib.trades() == [first, second]


@pytest.mark.parametrize("error", [ConnectionError, EncodeError])
async def test_a_change_that_cannot_be_sent_is_taken_back(
    error: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    async with connected({orders.PlaceOrder: lambda message: [shown(message.orderId, OURS, PERM_ID)]}) as (ib, server):
        trade = ib.placeOrder(AAPL, LimitOrder("BUY", 1, 1.0))
        await settle(ib)
        own, log = trade.order, list(trade.log)
        told: list[Any] = []
        ib.orderModifyEvent += told.append
        trade.modifyEvent += told.append
        other = copy.copy(own)
        other.lmtPrice, other.clientId, other.permId = 2.0, 9, 0
        before = dict(vars(other))
        with monkeypatch.context() as patched:
            patched.setattr(ib.client._transport, "send", _fails(error))
            with pytest.raises(error):
                ib.placeOrder(AAPL, other)
        assert vars(other) == before
        assert trade.order is own
        assert (trade.log, told) == (log, [])
        # Nothing is waited for: another price that the server shows now is that of the order.
        moved = shown(own.orderId, OURS, PERM_ID)
        moved.order.lmtPrice = 3.0
        server.send(moved)
        await settle(ib)
        assert own.lmtPrice == 3.0
        own.lmtPrice = 2.0
        assert ib.placeOrder(AAPL, own) is trade
        assert told == [trade, trade]


async def test_the_answer_inside_of_the_sending_finds_the_cancellation(monkeypatch: pytest.MonkeyPatch) -> None:
    async with connected({orders.PlaceOrder: lambda message: [shown(message.orderId, OURS, PERM_ID)]}) as (ib, _):
        trade = ib.placeOrder(AAPL, LimitOrder("BUY", 1, 1.0))
        await settle(ib)
        statuses: list[str] = []
        ib.orderStatusEvent += lambda trade: statuses.append(trade.orderStatus.status)

        def answer(request: Any) -> Iterable[Any]:
            yield order_status.OrderStatus(request.orderId, "Cancelled", 0.0, 1.0, 0.0, PERM_ID, 0, 0.0, OURS)

        monkeypatch.setattr(ib.client._transport, "send", _answering(ib, answer))
        assert ib.cancelOrder(trade.order) is trade
        assert (trade.orderStatus.status, trade.isDone(), trade.cancelling) == ("Cancelled", True, False)
        assert trade.rejection is None, "its owner has cancelled it"
        assert [entry.status for entry in trade.log[-2:]] == ["PendingCancel", "Cancelled"]


@pytest.mark.parametrize("error", [ConnectionError, EncodeError])
@pytest.mark.parametrize("transmit", [True, False])
async def test_a_cancellation_that_cannot_be_sent_is_taken_back(
    error: type[Exception], transmit: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with connected() as (ib, _):
        trade = ib.placeOrder(AAPL, LimitOrder("BUY", 1, 1.0, transmit=transmit))
        before = trade.orderStatus.dict(), list(trade.log), trade.cancelling, trade.ended
        told: list[Any] = []
        ib.cancelOrderEvent += told.append
        with monkeypatch.context() as patched:
            patched.setattr(ib.client._transport, "send", _fails(error))
            with pytest.raises(error):
                ib.cancelOrder(trade.order)
        assert (trade.orderStatus.dict(), trade.log, trade.cancelling, trade.ended) == before
        assert told == [] and not trade.isDone()
        ib.cancelOrder(trade.order)
        assert told == [trade]
        assert trade.orderStatus.status == ("PendingCancel" if transmit else "Cancelled")


# --- what an order would cost ---------------------------------------------------------------------------------------


def _priced(message: Any) -> list[Any]:
    message.order.orderId = message.orderId
    state = OrderState(status="PreSubmitted", initMarginChange="1250.5", commission=1.0)
    return [orders.OpenOrder(message.contract, message.order, state)]


async def test_a_what_if_is_typed() -> None:
    async with connected({orders.PlaceOrder: _priced}) as (ib, server):
        order = LimitOrder("BUY", 1, 1.0, transmit=False)
        state = await ib.whatIfOrderAsync(AAPL, order)
        assert type(state) is OrderState
        numbers = state.numeric()
        assert (numbers.initMarginChange, numbers.commission, numbers.maxCommission) == (1250.5, 1.0, None)
        (asked,) = server.of(orders.PlaceOrder)
        assert (asked.order.whatIf, asked.order.transmit, asked.order.tif) == (True, True, "DAY")
        assert (order.whatIf, order.transmit, order.tif, order.orderId) == (False, False, "", 0)
        assert ib.trades() == []


UNSET = "1.7976931348623157E308"
UNFINISHED = OrderState(
    status="PreSubmitted",
    **{f"{what}{when}": UNSET for what in ("initMargin", "maintMargin", "equityWithLoan") for when in MOMENTS},
    warningText="Your order size is below the EUR 20000 IdealPro minimum.",
)


def _answered(*states: OrderState) -> Answer:
    """Shown once for each state."""

    def answer(message: Any) -> list[Any]:
        message.order.orderId = message.orderId
        return [orders.OpenOrder(message.contract, message.order, state) for state in states]

    return answer


@pytest.mark.parametrize(
    "amounts",
    [
        {"initMarginChange": "1250.5", "commission": 1.0},
        {"initMarginChange": "0.0"},
        # Futures, commissions in two currencies: no commission ever comes.
        {"equityWithLoanAfter": "1126836.45"},
    ],
)
async def test_a_what_if_is_answered_by_the_margins_not_by_the_warning(amounts: dict[str, Any]) -> None:
    """ib_insync#380, #403: the warning comes first, with amounts that are unset."""
    final = dataclasses.replace(UNFINISHED, **amounts, warningText="Another one.")
    async with connected({orders.PlaceOrder: _answered(UNFINISHED, UNFINISHED, final)}) as (ib, _):
        state = await ib.whatIfOrderAsync(AAPL, LimitOrder("BUY", 1, 1.0))
        assert {name: getattr(state, name) for name in amounts} == amounts
        assert state.warningText == f"{UNFINISHED.warningText}\nAnother one."
        assert ib.trades() == []


async def _asked(ib: IB) -> "asyncio.Task[OrderState]":
    """A what-if order of which all that comes has come."""
    asking = asyncio.create_task(ib.whatIfOrderAsync(AAPL, LimitOrder("BUY", 1, 1.0)))
    await asyncio.sleep(0)
    await settle(ib)
    return asking


@pytest.mark.parametrize("version", [178, 225])
async def test_a_what_if_that_is_only_warned_of_ends(version: int, caplog: pytest.LogCaptureFixture) -> None:
    empty = OrderState(status="PreSubmitted", warningText="mind")
    async with connected({orders.PlaceOrder: _answered(UNFINISHED, empty)}, version=version) as (ib, _):
        asking = await _asked(ib)
        let_pass(deadlines.REPORT)
        with pytest.raises(RequestTimeout):
            await asking
        assert r"only this warning: Your order size is below the EUR 20000 IdealPro minimum.\nmind" in caplog.text


async def test_a_commission_without_margins_is_an_answer_when_nothing_else_comes() -> None:
    priced = dataclasses.replace(UNFINISHED, commission=1.7857)
    async with connected({orders.PlaceOrder: _answered(priced)}) as (ib, _):
        asking = await _asked(ib)
        let_pass(deadlines.REPORT)
        state = await asking
        assert (state.numeric(4).commission, state.numeric().initMarginChange) == (1.7857, None)


@pytest.mark.parametrize("code", [201, 321, 110, 98765])
async def test_a_refused_what_if_raises(code: int) -> None:
    refuse: Answer = lambda message: [Error(message.orderId, code, "no")]  # noqa: E731
    async with connected({orders.PlaceOrder: refuse}) as (ib, _):
        with pytest.raises(RequestError) as caught:
            await ib.whatIfOrderAsync(AAPL, LimitOrder("BUY", 1, 1.0))
        assert caught.value.code == code


@pytest.mark.parametrize("limit", [0.0, 0.05])
async def test_a_what_if_without_an_answer_ends(limit: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deadlines, "REPORT", 0.05)
    async with connected() as (ib, _):
        ib.RequestTimeout = limit
        with pytest.raises(RequestTimeout):
            await ib.whatIfOrderAsync(AAPL, LimitOrder("BUY", 1, 1.0))


# --- what is missed -------------------------------------------------------------------------------------------------


async def test_executions_that_were_missed_are_made_up_for_by_asking() -> None:
    async with connected() as (ib, server):
        trade = ib.placeOrder(AAPL, LimitOrder("BUY", 1, 1.0))
        orderId = trade.order.orderId
        execution = {"execId": "0000e0d5.69dd7411.01.01", "time": "20260413 15:27:04 US/Eastern", "cumQty": 1.0}
        execution |= {"shares": 1.0, "price": 1.0, "avgPrice": 1.0, "side": "BOT"}
        execution |= {"orderId": orderId, "clientId": OURS, "permId": PERM_ID}
        filled: list[Any] = []
        trade.filledEvent += filled.append

        def all_of_today(message: Any) -> list[Any]:
            fill = executions.ExecDetails(message.reqId, AAPL, Execution(**execution))
            return [fill, executions.ExecDetailsEnd(message.reqId)]

        server.send(connection.Error(-1, 1102, "Connectivity between IBKR and TWS has been restored"))
        server.answers[executions.ReqExecutions] = all_of_today
        for _ in range(2):
            (fill,) = await ib.reqExecutionsAsync()
        assert trade.fills == [fill]
        assert filled == [trade]
        assert trade.orderStatus.filled == 1.0


async def test_a_cancel_of_an_order_that_was_never_placed_sends_nothing(caplog: pytest.LogCaptureFixture) -> None:
    async with connected() as (ib, server):
        assert ib.cancelOrder(LimitOrder("BUY", 1, 1.0)) is None
        assert "was never placed" in caplog.text
        # One with a number may be of another session.
        assert ib.cancelOrder(LimitOrder("BUY", 1, 1.0, orderId=77)) is None
        await settle(ib)
        assert [cancel.orderId for cancel in server.of(order_status.CancelOrder)] == [77]
