"""The handlers of messages about orders, executions and commissions."""

from ibdesk.client.client_state import ClientState
from ibdesk.client.effects import Add, AskAboutOrders, Effect, Effects, Finish, Late, Reserve
from ibdesk.client.handlers import Handler
from ibdesk.client.state import what_if
from ibdesk.client.state.trade import Trade
from ibdesk.wire.messages import executions, order_status, orders

_ASKING_FOR_OPEN = (order_status.ReqOpenOrders, order_status.ReqAllOpenOrders)


class OrderHandlers:
    """The handlers of messages about orders.

    They look `ClientState.orders` up each time, since that object is replaced when another user logs in.
    """

    def __init__(self, state: ClientState) -> None:
        self._state = state

    def table(self) -> dict[type, Handler]:
        """Return the handler for each class of message."""
        return {
            orders.OpenOrder: self.open_order,
            orders.CompletedOrder: self.completed_order,
            order_status.OpenOrderEnd: self.open_orders_end,
            order_status.OrderBound: self.order_bound,
            order_status.OrderStatus: self.order_status,
            executions.ExecDetails: self.exec_details,
            executions.CommissionAndFeesReport: self.commission_report,
        }

    def open_order(self, message: orders.OpenOrder) -> Effects:
        """Update an order, which is new, has changed, or was asked for; or answer a what-if order."""
        if message.order.whatIf:
            return self._what_if(message)
        state = self._state
        asking = state.requests.oldest(*_ASKING_FOR_OPEN)
        trade, emissions = state.orders.open_order(message, state.now(), asked=asking is not None)
        effects: list[Effect] = []
        if asking is not None:
            effects.append(Add(asking.key, trade, "OpenOrder"))
        if trade is not None and trade.order.clientId == state.clientId:
            effects.append(Reserve(trade.order.orderId + 1))
        return [*effects, *emissions]

    def _what_if(self, message: orders.OpenOrder) -> Effects:
        asking = self._state.requests.get(message.order.orderId)
        if asking is None:
            return [Late("OpenOrder")]
        told = [*asking.results, message.orderState]
        effects: list[Effect] = [Add(asking.key, message.orderState, "OpenOrder")]
        if what_if.tells_margins(message.orderState):
            effects.append(Finish(asking.key, what_if.whole(told)))
        return effects

    def open_orders_end(self, _: order_status.OpenOrderEnd) -> Effects | None:
        """Complete the answer to a request for open orders."""
        asking = self._state.requests.oldest(*_ASKING_FOR_OPEN)
        if asking is None:
            return None
        asking.results[:] = dict.fromkeys(asking.results)  # one that changed meanwhile was listed twice
        effects: list[Effect] = [Finish(asking.key)]
        if asking.key is order_status.ReqAllOpenOrders:
            effects = [*self._doubt_missing(asking.results), *effects]
        return effects

    def _doubt_missing(self, listed: list[Trade]) -> Effects:
        """Put in doubt the orders of other clients that are missing from the complete list, as they may have ended."""
        state = self._state
        others = [one for one in state.orders.all() if not one.isDone() and one.order.clientId != state.clientId]
        # Those in doubt are being asked about. A new doubt of these would have them asked about once more, for ever.
        told = {*listed, *state.orders.doubtful()}
        missing = [one for one in others if one not in told]
        state.orders.doubt(missing, "It is not among the open orders any more")
        return [AskAboutOrders()] if missing else []

    def completed_order(self, message: orders.CompletedOrder) -> Effects:
        """Add an order that ended earlier, perhaps before this client connected."""
        trade, emissions = self._state.orders.completed_order(message, self._state.now())
        return [Add(order_status.ReqCompletedOrders, trade, "CompletedOrder"), *emissions]

    def order_bound(self, message: order_status.OrderBound) -> None:
        """Keep the order id under which an order placed by hand is bound to a client."""
        self._state.orders.order_bound(message)

    def order_status(self, message: order_status.OrderStatus) -> Effects:
        """Update the status of an order."""
        return self._state.orders.order_status(message, self._state.now())

    def exec_details(self, message: executions.ExecDetails) -> Effects:
        """Add a fill of an order, which is new or was asked for."""
        fill, emissions = self._state.orders.exec_details(message, self._state.now())
        if message.reqId in self._state.requests:
            return [Add(message.reqId, fill, "ExecDetails"), *emissions]
        return emissions

    def commission_report(self, message: executions.CommissionAndFeesReport) -> Effects:
        """Add the commission to the fill that it was charged for."""
        return self._state.orders.commission_report(message)
