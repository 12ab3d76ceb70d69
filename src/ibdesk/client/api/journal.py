"""Methods of `IB` that need the order journal."""

import copy
from pathlib import Path
from typing import TYPE_CHECKING

from ibdesk.client.api.group import ApiGroup
from ibdesk.client.api.orders import Orders
from ibdesk.client.blocking import blocking
from ibdesk.client.state.trade import Trade
from ibdesk.model.contract import Contract
from ibdesk.model.order import Order
from ibdesk.printable import printable

if TYPE_CHECKING:
    from ibdesk.client.journaling import Journaling
    from ibdesk.journal import Journal

LONGEST_REFERENCE = 64
"""How many characters an `orderRef` with a key may have. IBKR documents no limit; longer ones nobody has tried."""


class JournaledOrders(Orders, ApiGroup):
    """Orders that are placed once, whatever happens."""

    @property
    def journal(self) -> "Journal | None":
        """The journal of orders, None if there is none."""
        journaling = self.dispatcher.journaling
        return journaling.journal if journaling is not None else None

    def _keep_journal(self, journal: "str | Path | Journal") -> None:
        # Few programs keep a journal, and SQLite takes a while to import.
        from ibdesk.client.journaling import Journaling
        from ibdesk.journal import Journal

        dispatcher = self.dispatcher
        opened = journal if isinstance(journal, Journal) else Journal(journal)
        remember = dispatcher.reconciliation.remember
        dispatcher.keep_journal(Journaling(opened, dispatcher.state, dispatcher.is_heard, dispatcher.later, remember))

    async def placeOnceAsync(self, key: str, contract: Contract, order: Order) -> Trade:
        """Place an order, unless it was placed with this key before. Returns its trade, which may have ended already.

        ::

            trade = ib.placeOnce("2026-11-30 entry", contract, LimitOrder("BUY", 100, 120.5))

        The key is in the journal with the order, and at the end of its `orderRef`, as `my ref#key` or, without a
        reference of its own, as the key alone. So a program can make the same call after a crash, a reconnection or a
        restart: the order is sent once. If it is not known what became of it, the server is asked, and the call waits
        for that. Only if the order certainly never arrived it is sent again, with a new orderId.

        Raises ConnectionError when not connected, or if the server does not tell what became of the order; ValueError
        if the key belongs to another order, with what differs, or to one of another client, if key and reference have
        more than 64 characters together, or for a question what if, which places nothing; RuntimeError if there is no
        journal; and otherwise what `placeOrder` raises. If it raises, nothing was sent.
        """
        journaling = self._journaling()
        reference = _reference(key, order)
        if order.whatIf:
            raise ValueError(
                f"order.whatIf is set, so that nothing would be placed with the key {key!r}: use whatIfOrder"
            )
        if not self.client.isReady():
            raise ConnectionError("Not connected")
        trade = journaling.of_key(key, reference)
        while trade is not None:
            if trade.order is not order:
                asked = copy.copy(order)
                asked.orderRef = reference
                if different := journaling.difference(key, contract, asked):
                    raise ValueError(f"the key {key!r} belongs to another order: {different}")
            if trade.isUncertain():
                await self.dispatcher.recovery.settled()
            if trade.isUncertain():
                raise ConnectionError(
                    f"the order with key {key!r}: {printable(trade.uncertainty)}. Look at positions and executions; "
                    "if it was not filled, cancelOrder settles it, and a new order needs a new key"
                )
            newest = journaling.of_key(key, reference)
            if newest is trade:
                break
            trade = newest  # somebody else has made the same call meanwhile
        if trade is not None and not journaling.never_arrived(trade):
            return trade
        return self._place_with(key, reference, contract, order, trade)

    placeOnce = blocking(placeOnceAsync)

    def _place_with(
        self, key: str, reference: str, contract: Contract, order: Order, never_arrived: Trade | None
    ) -> Trade:
        client, before = self.client, (order.orderId, order.orderRef)
        if never_arrived is not None and order.orderId == never_arrived.order.orderId:
            order.orderId = 0
        if order.orderId and self.dispatcher.state.orders.find(client.clientId, order.orderId) is not None:
            raise ValueError(f"orderId {order.orderId} belongs to an order that was placed without the key {key!r}")
        order.orderId = order.orderId or client.next_id()
        order.orderRef = reference
        journaling = self._journaling()
        journaling.reserve(order.orderId, key, never_arrived)
        try:
            return self.placeOrder(contract, order)
        except Exception:
            journaling.forget_reserved(order.orderId)
            order.orderId, order.orderRef = before
            raise

    def _journaling(self) -> "Journaling":
        journaling = self.dispatcher.journaling
        if journaling is None:
            raise RuntimeError("placeOnce() needs a journal, in which the keys are kept: IB(journal='orders.db')")
        return journaling


def _reference(key: str, order: Order) -> str:
    """Return the `orderRef` for an order with a key. Raises ValueError if there can be none."""
    if not key or not key.isprintable() or key != key.strip():
        raise ValueError(f"a key is a text without line ends, or blanks around it, and not empty: {key!r}")
    own = str(order.orderRef or "")
    reference = own if own == key or own.endswith(f"#{key}") else f"{own}#{key}" if own else key
    if len(reference) > LONGEST_REFERENCE:
        raise ValueError(
            f"the orderRef {reference!r} would have {len(reference)} characters, and {LONGEST_REFERENCE} are the most"
        )
    return reference
