"""Place, change, cancel and ask for orders."""

import asyncio
import copy
from typing import TYPE_CHECKING, TypeVar

from ibdesk.client.api import deadlines
from ibdesk.client.api.group import ApiGroup, call_on_loop
from ibdesk.client.blocking import blocking
from ibdesk.client.state import what_if
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
"""How often open orders of other clients are asked for."""


class Orders(ApiGroup):
    """Place and follow orders. Answers that are half a minute late raise RequestTimeout."""

    @call_on_loop
    def placeOrder(self, contract: Contract, order: Order) -> Trade:
        """Place a new order, or modify the live one with the same `orderId`.

        An order whose `orderId` is 0 is new. The trade that is returned lives: its status and fills follow what the
        server tells. When the server is silent for ten seconds the trade gets a warning, and the server is asked once;
        nothing is ever sent again by itself. Raises ValueError for an order that is done or is not this client's, and
        EncodeError, naming field and value, for what cannot be sent; then nothing was.
        """
        if order.parent is not None and not order.parentId:
            order.parentId = order.parent.orderId
        dispatcher, state = self.dispatcher, self.dispatcher.state
        known = None
        if order.orderId or order.permId:
            known = state.orders.find(state.clientId, order.orderId, order.permId)
        if known is not None and order.orderId > 0 and known.orderStatus.orderId != order.orderId:
            # An order that was placed before, or a copy of one, with a number of its own.
            known = state.orders.find(state.clientId, order.orderId)
        if known is not None and not order.orderId:
            is_by_hand = known.order is order and not known.orderStatus.orderId
            known = known if is_by_hand and not known.isDone() else None  # else it is placed once more
        if known is not None and known.isDone():
            raise ValueError(f"order {order.orderId} is {known.orderStatus.status} and cannot be modified")
        if known is not None and (reason := self._not_ours(known)):
            raise ValueError(f"It cannot be modified here. {reason}")
        client = dispatcher.client
        orderId = order.orderId or client.next_id()
        if order.orderId and client.isReady():
            client.raise_next_id(orderId + 1)  # the caller may have counted on from an id of ours
        going = state.orders.outgoing(order, known)
        # What is sent is the order as it is now, without the ids that it gets when it is registered.
        message = PlaceOrder(orderId, contract, copy.copy(going) if going is order else going)
        # A link may answer before `send` returns, and the answer has to find the trade.
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
        """Cancel an order. Returns its trade, or None, logged, when the order is not known here or was never placed.

        `await trade.cancelled()` waits for the verdict. A silent server is asked for it after ten seconds.
        `manualCancelOrderTime` is for the audit trail: when it was cancelled by hand, where a rule asks for that.

        For an order of another client, or one that was placed by hand and is not bound, nothing is sent, for its id
        may be that of another order here; its trade gets a warning that says what can be done.

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
        return registered.trade

    def _not_ours(self, trade: Trade) -> str:
        """Why this client can do nothing about an order; empty when it can."""
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
        """Is the order this client's, so that it can be changed and cancelled here?

        Those of other clients are not, nor those placed by hand, unless they are bound to client 0.
        """
        return not self._not_ours(trade)

    @call_on_loop
    def reqGlobalCancel(self) -> None:
        """Cancel every order of the account, those of other clients and those placed by hand too."""
        self.client.send_message(order_status.ReqGlobalCancel(OrderCancel()))
        _log.info("reqGlobalCancel")

    async def whatIfOrderAsync(self, contract: Contract, order: Order) -> OrderState:
        """What an order would cost in commission and margin. It is not placed, and the argument is not changed.

        The amounts are text, as the server sends them; `numeric()` of the answer has them as numbers. A server that has
        a warning tells it first and the margins later: the margins are waited for, and `warningText` has the warnings.

        Raises RequestError when the server refuses to tell, and RequestTimeout when it does not answer in
        `RequestTimeout` or half a minute. If nothing but a warning has come by then, that is no answer either, and the
        log has its text; if there is a commission without margins, that is the answer.
        """
        question = copy.copy(order)
        question.whatIf = True
        question.transmit = True
        # Where none is given the server takes DAY, with a warning (10349) in place of the answer.
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
        """A limit order with the two that close its position: a limit at a profit, a stop at a loss.

        The entry is a limit order at `limitPrice` for a `quantity`; of the two that close it, at `takeProfitPrice` and
        `stopLossPrice`, the one that fills cancels the other. Place all three, in this order:
        `for order in bracket: ib.placeOrder(contract, order)`. Only the last one transmits. `kwargs` are fields of all
        three. Raises ValueError when `action` is neither BUY nor SELL.

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
        """Put orders into a group of which one fill cancels (`ocaType` 1) or reduces (2, 3) the rest.

        Source: TWS API documentation, "One-Cancels-All".
        """
        for order in orders:
            order.ocaGroup, order.ocaType = ocaGroup, ocaType
        return orders

    @call_on_loop
    def reqId(self) -> int:
        """A new number for a request or order. Raises ConnectionError when not connected."""
        return self.client.next_id()

    @call_on_loop
    def orderIds(self, count: int) -> range:
        """Reserve numbers for `count` orders that belong together: in a row, whoever else takes numbers meanwhile.

        Raises ConnectionError when not connected, and ValueError when `count` is less than 1.
        """
        if count < 1:
            raise ValueError(f"{count} order ids cannot be reserved")
        first = self.client.next_id()
        self.client.raise_next_id(first + count)
        return range(first, first + count)

    # --- what there is --------------------------------------------------------------------------------------------

    def trades(self) -> list[Trade]:
        """All trades of this connection."""
        return self.dispatcher.state.orders.all()

    def openTrades(self) -> list[Trade]:
        """The trades that are not done."""
        return [trade for trade in self.trades() if not trade.isDone()]

    def orders(self) -> list[Order]:
        """All orders of this connection."""
        return [trade.order for trade in self.trades()]

    def openOrders(self) -> list[Order]:
        """The orders that are not done."""
        return [trade.order for trade in self.openTrades()]

    def fills(self) -> list[Fill]:
        """All fills of this connection."""
        return self.dispatcher.state.orders.all_fills()

    def executions(self) -> list[Execution]:
        """All executions of this connection."""
        return [fill.execution for fill in self.fills()]

    # --- asking ---------------------------------------------------------------------------------------------------

    async def reqOpenOrdersAsync(self) -> list[Trade]:
        """Ask for the open orders of this client; client 0 also binds those placed by hand."""
        found: list[Trade] = await deadlines.in_time(
            self, order_status.ReqOpenOrders(), deadlines.REPORT, must_answer=True
        )
        return found

    reqOpenOrders = blocking(reqOpenOrdersAsync)

    async def reqAllOpenOrdersAsync(self) -> list[Trade]:
        """Ask for the open orders of every client. They are shown as they are now and not followed."""
        found: list[Trade] = await deadlines.in_time(
            self, order_status.ReqAllOpenOrders(), deadlines.REPORT, must_answer=True
        )
        return found

    reqAllOpenOrders = blocking(reqAllOpenOrdersAsync)

    async def allOpenTradesAsync(self, live: bool | float = False) -> list[Trade]:
        """The open trades of all clients, and those placed by hand; `owns` tells which can be cancelled here.

        The server tells of other clients' orders only when it is asked. With `live` it is asked again and again, every
        5 seconds or as many as `live` says, so that the trades go on changing, with their events; a call without it, or
        the end of the connection, ends that. An order that is not among them any more is looked for among those
        that ended.
        """
        dispatcher, state = self.dispatcher, self.dispatcher.state
        dispatcher.recovery.stop_polling()
        await self.reqAllOpenOrdersAsync()
        await dispatcher.recovery.settled()
        if live:
            dispatcher.recovery.poll(POLL_SECONDS if live is True else float(live))
        return [trade for trade in state.orders.all() if not trade.isDone()]

    allOpenTrades = blocking(allOpenTradesAsync)

    async def reqCompletedOrdersAsync(self, apiOnly: bool) -> list[Trade]:
        """Ask for the orders that ended today; with `apiOnly` not those placed by hand."""
        request = order_status.ReqCompletedOrders(apiOnly)
        found: list[Trade] = await deadlines.in_time(self, request, deadlines.REPORT, must_answer=True)
        return found

    reqCompletedOrders = blocking(reqCompletedOrdersAsync)

    async def reqExecutionsAsync(self, execFilter: ExecutionFilter | None = None) -> list[Fill]:
        """Ask for executions: all of today, or those that `execFilter` lets through. `fills()` has what is known.

        TWS tells those of seven days when its trade log shows them. Source: TWS API documentation, "Executions".
        """
        request = executions.ReqExecutions(self.client.next_id(), execFilter or ExecutionFilter())
        found: list[Fill] = await deadlines.in_time(self, request, deadlines.REPORT, must_answer=True)
        return found

    reqExecutions = blocking(reqExecutionsAsync)

    @call_on_loop
    def reqAutoOpenOrders(self, autoBind: bool = True) -> None:
        """Have the orders placed by hand bound to this client, which must be client 0; not with `autoBind` False.

        TWS must have the setting "Use negative numbers to bind automatic orders". `connect` as client 0 asks for it.
        Source: TWS API documentation, "Open Orders".
        """
        self.client.send_message(order_status.ReqAutoOpenOrders(autoBind))
