"""Methods of `IB` that place, modify, cancel and request orders."""

import asyncio
import copy
from typing import TYPE_CHECKING, TypeVar

from ibdesk.client.api import deadlines
from ibdesk.client.api.group import ApiGroup, call_on_loop
from ibdesk.client.blocking import blocking
from ibdesk.client.state import what_if
from ibdesk.client.state.differences import Difference
from ibdesk.client.state.trade import Trade
from ibdesk.errors import RequestTimeout
from ibdesk.logs import logger
from ibdesk.model.contract import Contract
from ibdesk.model.executions import Execution, ExecutionFilter, Fill
from ibdesk.model.order import BracketOrder, Order, OrderCancel, OrderState
from ibdesk.wire.messages import executions, order_status
from ibdesk.wire.messages.orders import PlaceOrder

if TYPE_CHECKING:
    from typing import Unpack

    from ibdesk.model.keywords import BracketFields

AnyOrder = TypeVar("AnyOrder", bound=Order)

_log = logger("ibdesk.ib")

POLL_SECONDS = 5.0
"""How often `allOpenTrades` requests the open orders of other clients, unless told otherwise."""


class Orders(ApiGroup):
    """Orders, trades and executions.

    If the server does not answer a request for them for half a minute, it raises RequestTimeout.
    """

    @call_on_loop
    def placeOrder(self, contract: Contract, order: Order) -> Trade:
        """Place a new order, or modify the working order with the same `orderId`. Returns its trade.

        An order is new if its `orderId` is 0. The status and the fills of the trade are kept up to date. If the server
        does not react within ten seconds, the trade gets a warning, and the server is asked once how the order stands.
        An order is never sent a second time on its own.

        Raises ValueError if the order is done already, belongs to another client, or shares its id with another live
        order (`trade.incarnations`), and EncodeError, which names the field and its value, if the order cannot be
        encoded. If it raises, nothing was sent.
        """
        if order.parent is not None and not order.parentId:
            order.parentId = order.parent.orderId
        dispatcher, state = self.dispatcher, self.dispatcher.state
        known = None
        if order.orderId or order.permId:
            known = state.orders.find(state.clientId, order.orderId, order.permId)
        if known is not None and order.orderId > 0 and known.orderStatus.orderId != order.orderId:
            # It was found by its permId alone, but has an orderId of its own: the caller wants another order, made from
            # one that was placed before.
            known = state.orders.find(state.clientId, order.orderId)
        if known is not None and not order.orderId:
            is_by_hand = known.order is order and not known.orderStatus.orderId
            known = (
                known if is_by_hand and not known.isDone() else None
            )  # otherwise it is placed once more, as a new order
        if known is not None and known.isDone():
            raise ValueError(f"order {order.orderId} is {known.orderStatus.status} and cannot be modified")
        if known is not None and (reason := self._not_ours(known)):
            raise ValueError(f"It cannot be modified here. {reason}")
        client = dispatcher.client
        orderId = order.orderId or client.next_id()
        if order.orderId and client.isReady():
            client.raise_next_id(orderId + 1)  # the caller may have counted on from an id that came from here
        going = state.orders.outgoing(order, known)
        # What is sent is the order as it is now, without the ids that it gets when it is registered.
        message = PlaceOrder(orderId, contract, copy.copy(going) if going is order else going)
        # The order is registered first, as the answer may come while it is being sent, and must find the trade.
        trade, emissions, take_back = state.orders.place(contract, order, orderId, state.clientId, state.now(), going)
        try:
            client.send_message(message, modifies=known is not None, key=order.parentId or orderId)
        except Exception:
            take_back()
            raise
        _log.info("placeOrder: %s order %s", "New" if known is None else "Modify", trade)
        dispatcher.recovery.expect_verdict(*state.orders.transmitted_by(trade))
        dispatcher.carry_out(emissions)
        return trade

    @call_on_loop
    def cancelOrder(self, order: Order, manualCancelOrderTime: str = "") -> Trade | None:
        """Cancel an order. Returns its trade, or None, which is logged, if the order is unknown or was never placed.

        `await trade.cancelled()` waits until the order is cancelled, or filled instead. If the server does not react
        within ten seconds, it is asked once how the order stands. `manualCancelOrderTime` is for the audit trail: the
        time at which a person cancelled the order, where a rule requires that.

        If the server has several live orders with the id (`trade.incarnations`), a cancellation is sent for each, as
        one may reach only one of them. `trade.cancelled()` of each tells what became of it.

        Nothing is sent for an order of another client, or for one that was placed by hand and is not bound, since its
        id may be that of another order here. Its trade gets a warning that says what can be done.

        Source: TWS API documentation, "Cancelling an Order".
        """
        dispatcher, state = self.dispatcher, self.dispatcher.state
        known = state.orders.find(order.clientId, order.orderId, order.permId)
        if known is not None and (reason := self._not_ours(known)):
            _log.error("cancelOrder: %s", reason)
            dispatcher.carry_out(state.orders.warn(known, f"It cannot be cancelled here. {reason}", state.now()))
            return known
        if known is None and not order.orderId:
            _log.warning("cancelOrder: this order was never placed, and nothing is sent: %s", order)
            return None
        cancel = OrderCancel(manualCancelOrderTime)
        message, key = order_status.CancelOrder(order.orderId, cancel), order.parentId or order.orderId
        # As in `placeOrder`: a link may answer before `send_message` returns.
        registered = state.orders.cancel_requested(order, state.now())
        try:
            self.client.send_message(message, key=key)
        except Exception:
            if registered is not None:
                registered.take_back()
            raise
        if registered is None:
            _log.warning("cancelOrder: Unknown orderId %s", order.orderId)
            return None
        _log.info("cancelOrder: %s", registered.trade)
        dispatcher.recovery.expect_verdict(registered.trade)
        dispatcher.carry_out(registered.emissions)
        for twin in registered.trade.incarnations:
            if not twin.isDone() and not twin.cancelling:
                self.cancelOrder(twin.order, manualCancelOrderTime)
        return registered.trade

    def _not_ours(self, trade: Trade) -> str:
        """Return why this client cannot modify or cancel an order, or an empty text if it can."""
        order = trade.order
        if not order.orderId:
            what = f"The order with permId {order.permId} was placed by hand and is not bound to this client."
            if self.dispatcher.state.clientId:
                return f"{what} Only client 0 can have it bound; reqGlobalCancel() cancels all orders."
            return f"{what} reqOpenOrders() binds it."
        if order.clientId != self.dispatcher.state.clientId:
            return (
                f"Order {order.orderId} (permId {order.permId}) belongs to client {order.clientId}. "
                "Connect as that client; reqGlobalCancel() cancels all orders."
            )
        return ""

    def owns(self, trade: Trade) -> bool:
        """Return whether the order of a trade belongs to this client, so that it can be modified and cancelled here.

        Orders of other clients do not, nor do orders placed by hand, unless this is client 0 and they are bound to it.
        """
        return not self._not_ours(trade)

    @call_on_loop
    def reqGlobalCancel(self) -> None:
        """Cancel all open orders of the account, including those of other clients and those placed by hand."""
        self.client.send_message(order_status.ReqGlobalCancel(OrderCancel()))
        _log.info("reqGlobalCancel")

    async def whatIfOrderAsync(self, contract: Contract, order: Order) -> OrderState:
        """Return what an order would cost in commission and margin. It is not placed, and `order` is not changed.

        The amounts are texts, as the server sends them; `numeric()` of the result has them as numbers. If the server
        has a warning, it sends that first and the margins later. The call waits for the margins, and the warnings are
        in `warningText`.

        Raises RequestError if the server refuses, and RequestTimeout if it does not answer within `RequestTimeout`, or
        half a minute. A commission without margins is then returned as the answer, but a warning alone is not: it is
        logged, and the call raises RequestTimeout.
        """
        question = copy.copy(order)
        question.whatIf = True
        question.transmit = True
        # Without a time in force the server uses DAY, but sends a warning (10349) in place of the answer.
        question.tif = question.tif or "DAY"
        question.orderId = self.client.next_id()
        request = PlaceOrder(question.orderId, contract, question)
        limit = self.RequestTimeout or deadlines.REPORT
        told: list[OrderState] = []
        answer = self.dispatcher.ask(request, contract, told, key=question.orderId, always_raise=True)
        try:
            state: OrderState = await asyncio.wait_for(answer, limit)
        except TimeoutError:
            if not told:
                raise RequestTimeout(repr(request), limit) from None
            state = what_if.whole(told)
            if not what_if.tells_anything(state):
                _log.error("whatIfOrder: no amounts came, only this warning: %s", state.warningText)
                raise RequestTimeout(repr(request), limit) from None
        return state

    whatIfOrder = blocking(whatIfOrderAsync)

    def bracketOrder(
        self,
        action: str,
        quantity: float,
        limitPrice: float,
        takeProfitPrice: float,
        stopLossPrice: float,
        **kwargs: "Unpack[BracketFields]",
    ) -> BracketOrder:
        """Return a limit order with two orders that close its position, at a profit and at a loss.

        The entry is a limit order for `quantity` at `limitPrice`. It is closed by a limit order at `takeProfitPrice` or
        a stop order at `stopLossPrice`: if one fills, the other is cancelled. Place all three, in this order:
        `for order in bracket: ib.placeOrder(contract, order)`. The last one has all of them transmitted. `kwargs` are
        fields of `Order` for all three. Raises ValueError if `action` is neither BUY nor SELL.

        Source: TWS API documentation, "Bracket Orders".
        """
        bracket = BracketOrder(action, quantity, limitPrice, takeProfitPrice, stopLossPrice, **kwargs)
        for order, orderId in zip(bracket, self.orderIds(len(bracket)), strict=True):
            order.orderId = orderId
        for child in (bracket.takeProfit, bracket.stopLoss):
            child.parentId = bracket.parent.orderId
        return bracket

    @staticmethod
    def oneCancelsAll(orders: list[AnyOrder], ocaGroup: str, ocaType: int) -> list[AnyOrder]:
        """Put orders into a group in which the fill of one cancels (`ocaType` 1) or reduces (2, 3) the others.

        Source: TWS API documentation, "One-Cancels-All".
        """
        for order in orders:
            order.ocaGroup, order.ocaType = ocaGroup, ocaType
        return orders

    @call_on_loop
    def reqId(self) -> int:
        """Return a new id for a request or an order. Raises ConnectionError when not connected."""
        return self.client.next_id()

    @call_on_loop
    def orderIds(self, count: int) -> range:
        """Reserve order ids for `count` orders, in a row. Requests and orders of other threads get none of them.

        Raises ConnectionError when not connected, and ValueError when `count` is less than 1.
        """
        if count < 1:
            raise ValueError(f"{count} order ids cannot be reserved")
        first = self.client.next_id()
        self.client.raise_next_id(first + count)
        return range(first, first + count)

    # --- known orders ---------------------------------------------------------------------------------------------

    def trades(self) -> list[Trade]:
        """Return all trades that are known: with the orders of this client, and all others that have been requested."""
        return self.dispatcher.state.orders.all()

    def openTrades(self) -> list[Trade]:
        """Return the trades that are not done."""
        return [trade for trade in self.trades() if not trade.isDone()]

    def orders(self) -> list[Order]:
        """Return the orders of all known trades."""
        return [trade.order for trade in self.trades()]

    def openOrders(self) -> list[Order]:
        """Return the orders that are not done."""
        return [trade.order for trade in self.openTrades()]

    def fills(self) -> list[Fill]:
        """Return all fills that are known."""
        return self.dispatcher.state.orders.all_fills()

    def executions(self) -> list[Execution]:
        """Return all executions that are known."""
        return [fill.execution for fill in self.fills()]

    # --- requests -------------------------------------------------------------------------------------------------

    async def reqOpenOrdersAsync(self) -> list[Trade]:
        """Request the open orders of this client, and return their trades. Client 0 also binds those placed by hand."""
        found: list[Trade] = await deadlines.in_time(
            self, order_status.ReqOpenOrders(), deadlines.REPORT, must_answer=True
        )
        return found

    reqOpenOrders = blocking(reqOpenOrdersAsync)

    async def reqAllOpenOrdersAsync(self) -> list[Trade]:
        """Request the open orders of all clients, and return their trades, which are not kept up to date."""
        found: list[Trade] = await deadlines.in_time(
            self, order_status.ReqAllOpenOrders(), deadlines.REPORT, must_answer=True
        )
        return found

    reqAllOpenOrders = blocking(reqAllOpenOrdersAsync)

    async def allOpenTradesAsync(self, live: bool | float = False) -> list[Trade]:
        """Return the open trades of all clients, and those placed by hand. `owns` tells which can be cancelled here.

        The server sends orders of other clients only when it is asked. With `live`, it is asked every 5 seconds, or
        every so many seconds as `live` says, so that the trades are kept up to date and emit their events. A call
        without `live` ends that, and so does the end of a connection that is not made again. If an order is missing in
        an answer, the server is asked how it ended.
        """
        dispatcher, state = self.dispatcher, self.dispatcher.state
        dispatcher.recovery.stop_polling()
        await self.reqAllOpenOrdersAsync()
        await dispatcher.recovery.settled()
        if live:
            dispatcher.recovery.poll(POLL_SECONDS if live is True else float(live))
        return [trade for trade in state.orders.all() if not trade.isDone()]

    allOpenTrades = blocking(allOpenTradesAsync)

    async def reconcileAsync(self) -> list[Difference]:
        """Compare orders, executions and positions with the server's, and return what was different.

        The client's state is corrected. After a connection or link was lost the same is done without this call, and the
        result includes what was found then. Each `Difference` is logged, and emitted by `differenceEvent`, when it is
        found. A second call returns an empty list, unless something has gone wrong since.

        It makes three requests, for open orders, executions and positions, and more only for orders of which these
        leave open how they stand.

        Raises ConnectionError when not connected, RequestTimeout when the server does not answer within
        `RequestTimeout`, or half a minute, and RequestError when it refuses.
        """
        return await self.dispatcher.reconciliation.reconcile(self.RequestTimeout or deadlines.REPORT)

    reconcile = blocking(reconcileAsync)

    async def reqCompletedOrdersAsync(self, apiOnly: bool) -> list[Trade]:
        """Request the orders that ended today, and return their trades. `apiOnly` leaves out those placed by hand."""
        request = order_status.ReqCompletedOrders(apiOnly)
        found: list[Trade] = await deadlines.in_time(self, request, deadlines.REPORT, must_answer=True)
        return found

    reqCompletedOrders = blocking(reqCompletedOrdersAsync)

    async def reqExecutionsAsync(self, execFilter: ExecutionFilter | None = None) -> list[Fill]:
        """Request executions, and return their fills: all of today, or those that match `execFilter`.

        `fills()` returns all that are known. If the trade log of TWS shows seven days, TWS sends the executions of
        these. Source: TWS API documentation, "Executions".
        """
        request = executions.ReqExecutions(self.client.next_id(), execFilter or ExecutionFilter())
        found: list[Fill] = await deadlines.in_time(self, request, deadlines.REPORT, must_answer=True)
        return found

    reqExecutions = blocking(reqExecutionsAsync)

    @call_on_loop
    def reqAutoOpenOrders(self, autoBind: bool = True) -> None:
        """Have orders that are placed by hand bound to this client, or with `autoBind` False no longer.

        This must be client 0. TWS must have the setting "Use negative numbers to bind automatic orders". `connect` as
        client 0 does it, too. Source: TWS API documentation, "Open Orders".
        """
        self.client.send_message(order_status.ReqAutoOpenOrders(autoBind))
