"""How orders are placed, changed, cancelled and asked for; not what becomes of them."""

import copy
import logging
from typing import Any

from ibdesk.client.api.group import ApiGroup, on_loop
from ibdesk.client.blocking import blocking
from ibdesk.client.mirror.trade import Trade
from ibdesk.model.contract import Contract
from ibdesk.model.executions import Execution, ExecutionFilter, Fill
from ibdesk.model.order import BracketOrder, Order, OrderCancel, OrderState
from ibdesk.wire.messages import executions
from ibdesk.wire.messages.orders import PlaceOrder

_log = logging.getLogger("ibdesk.ib")


class Orders(ApiGroup):
    """Place and follow orders."""

    @on_loop
    def placeOrder(self, contract: Contract, order: Order) -> Trade:
        """Place a new order, or modify the live one with the same `orderId`.

        The trade that is returned lives: its status and fills follow what the server tells. Raises ValueError for an
        order that is done, and EncodeError, naming field and value, for what cannot be sent; then nothing was.
        """
        if order.parent is not None and not order.parentId:
            order.parentId = order.parent.orderId
        orderId = order.orderId or self.client.getReqId()
        session = self.session
        known = session.orders.find(session.clientId, orderId, order.permId)
        if known is not None and known.isDone():
            raise ValueError(f"order {orderId} is {known.orderStatus.status} and cannot be modified")
        message = PlaceOrder(orderId, contract, order)
        self.client.send(message, modifies=known is not None, key=order.parentId or orderId)
        trade, emissions = session.orders.place(contract, order, orderId, session.clientId, session.now())
        _log.info("placeOrder: %s order %s", "New" if known is None else "Modify", trade)
        session.emit_all(emissions)
        return trade

    @on_loop
    def cancelOrder(self, order: Order, manualCancelOrderTime: str = "") -> Trade | None:
        """Cancel an order. Returns its trade, or None, logged, when the order is not known here."""
        session = self.session
        cancel = OrderCancel(manualCancelOrderTime)
        self.client.send(executions.CancelOrder(order.orderId, cancel), key=order.parentId or order.orderId)
        trade, emissions = session.orders.cancel_requested(order, session.now())
        if trade is None:
            _log.error("cancelOrder: Unknown orderId %s", order.orderId)
        else:
            _log.info("cancelOrder: %s", trade)
        session.emit_all(emissions)
        return trade

    @on_loop
    def reqGlobalCancel(self) -> None:
        """Cancel every order of the account, those of other clients and those placed by hand too."""
        self.client.send(executions.ReqGlobalCancel(OrderCancel()))
        _log.info("reqGlobalCancel")

    async def whatIfOrderAsync(self, contract: Contract, order: Order) -> OrderState:
        """What an order would cost in commission and margin. It is not placed, and the argument is not changed.

        Raises RequestError when the server refuses to tell.
        """
        question = copy.copy(order)
        question.whatIf = True
        question.transmit = True
        question.orderId = self.client.getReqId()
        request = PlaceOrder(question.orderId, contract, question)
        state: OrderState = await self.session.ask(request, contract, key=question.orderId, always_raise=True)
        return state

    whatIfOrder = blocking(whatIfOrderAsync)

    def bracketOrder(
        self,
        action: str,
        quantity: float,
        limitPrice: float,
        takeProfitPrice: float,
        stopLossPrice: float,
        **kwargs: Any,
    ) -> BracketOrder:
        """A limit order with the two that close its position: a limit at a profit, a stop at a loss.

        Place all three, in this order; only the last one transmits. `kwargs` are fields of all three. Raises
        ValueError when `action` is neither BUY nor SELL.

        Source: TWS API documentation, "Bracket Orders".
        """
        bracket = BracketOrder(action, quantity, limitPrice, takeProfitPrice, stopLossPrice, **kwargs)
        for order in bracket:
            order.orderId = self.client.getReqId()
        for child in (bracket.takeProfit, bracket.stopLoss):
            child.parentId = bracket.parent.orderId
        return bracket

    @staticmethod
    def oneCancelsAll(orders: list[Order], ocaGroup: str, ocaType: int) -> list[Order]:
        """Put orders into a group of which one fill cancels (`ocaType` 1) or reduces (2, 3) the rest.

        Source: TWS API documentation, "One-Cancels-All".
        """
        for order in orders:
            order.ocaGroup, order.ocaType = ocaGroup, ocaType
        return orders

    # --- what there is --------------------------------------------------------------------------------------------

    def trades(self) -> list[Trade]:
        """All trades of this connection."""
        return self.session.orders.all()

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
        return self.session.orders.all_fills()

    def executions(self) -> list[Execution]:
        """All executions of this connection."""
        return [fill.execution for fill in self.fills()]

    # --- asking ---------------------------------------------------------------------------------------------------

    async def reqOpenOrdersAsync(self) -> list[Trade]:
        """Ask for the open orders of this client; client 0 also binds those placed by hand."""
        found: list[Trade] = await self.session.ask(executions.ReqOpenOrders())
        return found

    reqOpenOrders = blocking(reqOpenOrdersAsync)

    async def reqAllOpenOrdersAsync(self) -> list[Trade]:
        """Ask for the open orders of every client. They are shown as they are now and not followed."""
        found: list[Trade] = await self.session.ask(executions.ReqAllOpenOrders())
        return found

    reqAllOpenOrders = blocking(reqAllOpenOrdersAsync)

    async def reqCompletedOrdersAsync(self, apiOnly: bool) -> list[Trade]:
        """Ask for the orders that ended today; with `apiOnly` not those placed by hand."""
        found: list[Trade] = await self.session.ask(executions.ReqCompletedOrders(apiOnly))
        return found

    reqCompletedOrders = blocking(reqCompletedOrdersAsync)

    async def reqExecutionsAsync(self, execFilter: ExecutionFilter | None = None) -> list[Fill]:
        """Ask for executions: all of today, or those that the filter lets through."""
        request = executions.ReqExecutions(self.client.getReqId(), execFilter or ExecutionFilter())
        found: list[Fill] = await self.session.ask(request)
        return found

    reqExecutions = blocking(reqExecutionsAsync)

    @on_loop
    def reqAutoOpenOrders(self, autoBind: bool = True) -> None:
        """Have the orders placed by hand bound to this client, which must be client 0."""
        self.client.send(executions.ReqAutoOpenOrders(autoBind))
