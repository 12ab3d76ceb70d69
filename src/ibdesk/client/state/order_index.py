"""`OrderIndex`: which order a message or a call is about.

To find it is not simple, because an order has several names, and not all of them at all times:

- The orderId is given by the client that places the order. It is unique together with the clientId, and only for as
  long as the order lives: another session may use it again.
- The permId is given by the server and unique for ever, but it comes only with the first messages about the order.
- Completed orders are shown without an orderId.

So an order is known by its permId once it has one, and by clientId and orderId before. A message with the same orderId
and another permId is about another order.

While an order of this client has no permId yet, a message with its orderId may still be about another order: one that
an earlier session placed, before TWS began its ids again, or another program with the same client id. So the message
must fit: the instrument, the side, and for an execution the time. What was told before the order was placed is never
about it.

A server that begins its permIds again, as after a restart from a backup, gives a new order the permId of one that is
known. If the known order has ended, or has another orderId of the same client, then the message is about the living
order that it names by its orderId. `bind` returns the order that had the permId before, since this is a conflict.
"""

from datetime import datetime
from typing import Final

from ibdesk.client.state.order_lifecycle import OrderLifecycle
from ibdesk.model.contract import Contract
from ibdesk.model.order import OrderStatus
from ibdesk.wire.messages.connection import NO_REQUEST
from ibdesk.wire.messages.orders import CompletedOrder

NO_ID: Final = (0, NO_REQUEST)
"""The orderIds that name no order. An order placed by hand in TWS has 0, and a negative one once it is bound."""

NOTHING: Final[frozenset[str]] = frozenset()
FILLED: Final = frozenset({OrderStatus.Filled})
ENDED: Final = frozenset({OrderStatus.Filled, OrderStatus.Cancelled, OrderStatus.ApiCancelled})
"""Statuses that a message may contradict: `meant` gets those in which the order that it is about cannot be."""

_BUYS = ("BUY", "BOT")


class OrderIndex:
    """The orders of one login by their names."""

    def __init__(self) -> None:
        self._by_id: dict[tuple[int, int], OrderLifecycle] = {}
        self._by_perm_id: dict[int, OrderLifecycle] = {}
        self._completed_first: dict[int, tuple[OrderLifecycle, CompletedOrder]] = {}
        """By permId, the orders that were first shown among the completed ones, and so without an orderId."""
        self.without_perm_id: dict[OrderLifecycle, None] = {}
        """The orders that have an orderId and no permId yet, oldest first."""

    def free_id(self, clientId: int) -> int:
        """Return the lowest orderId above those of all known orders of a client."""
        return 1 + max((orderId for client, orderId in self._by_id if client == clientId), default=0)

    def holder(self, clientId: int, orderId: int) -> OrderLifecycle | None:
        """Return the order that has an orderId now. Of several, one that lives."""
        held = self._by_id.get((clientId, orderId)) if orderId not in NO_ID else None
        return self._living(held) if held is not None and held.trade.incarnations else held

    def _living(self, held: OrderLifecycle) -> OrderLifecycle:
        """Return the order itself or, if it has ended, one that lives among those with the same orderId."""
        if not held.trade.isDone():
            return held
        alive = (one.orderStatus.permId for one in held.trade.incarnations if not one.isDone())
        return self._by_perm_id.get(next(alive, 0), held)

    def with_perm_id(self, permId: int) -> OrderLifecycle | None:
        """Return the order with a permId."""
        return self._by_perm_id.get(permId)

    def named(self, clientId: int, orderId: int, permId: int) -> OrderLifecycle | None:
        """Return the order that this client or its user names."""
        known = self._by_perm_id.get(permId) if permId else None
        if known is not None:
            return known
        held = self.holder(clientId, orderId)
        return None if held is not None and permId and held.permId not in (0, permId) else held

    def meant(
        self,
        clientId: int,
        orderId: int,
        permId: int,
        contract: Contract | None = None,
        side: str = "",
        latest: datetime | None = None,
        denies: frozenset[str] = NOTHING,
    ) -> OrderLifecycle | None:
        """Return the order that a message of the server is about, None if it is not known.

        `contract` and `side` are what the message tells, and `latest` is the moment up to which what it tells can have
        happened. An order in one of the statuses that the message `denies` is not the one that it is about.
        """
        known = self._by_perm_id.get(permId) if permId else None
        held = self._by_id.get((clientId, orderId)) if orderId not in NO_ID else None
        if held is None or known is held:  # nearly always
            return known
        if not permId:
            return self.holder(clientId, orderId)
        if held.permId:
            return known if held.permId != permId else held
        if not _may_be(held, contract, side, latest):
            return known
        if known is None:
            return held
        if permId in self._completed_first:
            return held if OrderStatus.Cancelled in denies or known.number > held.number else known
        ids = known.trade.order
        is_other = ids.clientId == clientId and ids.orderId not in (*NO_ID, orderId)
        return held if is_other or known.trade.orderStatus.status in denies else known

    def bind(self, lifecycle: OrderLifecycle, permId: int) -> tuple[OrderLifecycle | None, CompletedOrder | None]:
        """Have an order be known by its permId from now on.

        Returns the order that was known by it before, and the message that showed it if that was in truth this order:
        then it is to be forgotten.
        """
        self.without_perm_id.pop(lifecycle, None)
        other = self._by_perm_id.get(permId)
        self._by_perm_id[permId] = lifecycle
        shown = self._completed_first.pop(permId, None)
        return other, shown[1] if other and shown and other.number > lifecycle.number else None

    def hold(self, lifecycle: OrderLifecycle, clientId: int, orderId: int) -> None:
        """Let an order have an orderId, in place of the one that has it."""
        if orderId not in NO_ID:
            self._by_id[clientId, orderId] = lifecycle
        if not lifecycle.permId:
            self.without_perm_id[lifecycle] = None

    def take(self, lifecycle: OrderLifecycle, clientId: int, orderId: int) -> None:
        """Let an order have an orderId if none has it."""
        if orderId not in NO_ID:
            self._by_id.setdefault((clientId, orderId), lifecycle)

    def was_completed_first(self, permId: int, lifecycle: OrderLifecycle | None = None) -> bool:
        """Return whether a permId was first shown by a completed order; with `lifecycle`, before that was placed."""
        stand_in = self._completed_first.get(permId)
        return stand_in is not None and (lifecycle is None or stand_in[0].number < lifecycle.number)

    def completed_first(self, lifecycle: OrderLifecycle, message: CompletedOrder) -> None:
        """Keep an order that was first shown among the completed ones."""
        self._completed_first[message.order.permId] = lifecycle, message

    def forget(self, lifecycle: OrderLifecycle) -> None:
        """Forget an order."""
        self.without_perm_id.pop(lifecycle, None)
        order = lifecycle.trade.order
        if self._by_perm_id.get(lifecycle.permId) is lifecycle:
            del self._by_perm_id[lifecycle.permId]
        if self._by_id.get((order.clientId, order.orderId)) is lifecycle:
            del self._by_id[order.clientId, order.orderId]
        shown = self._completed_first.get(lifecycle.permId)
        if shown is not None and shown[0] is lifecycle:
            del self._completed_first[lifecycle.permId]


def _may_be(lifecycle: OrderLifecycle, contract: Contract | None, side: str, latest: datetime | None = None) -> bool:
    """Return whether what the server tells of an order may be told of this one, which was placed here."""
    # Only what cannot be otherwise counts. The server completes a contract and may spell it differently, but it never
    # changes a conId. The legs of a combination have contracts and sides of their own.
    own, order = lifecycle.trade.contract, lifecycle.trade.order
    if latest is not None and lifecycle.placed is not None and latest < lifecycle.placed:
        return False
    if contract is None or own.secType == "BAG":
        return True
    if own.conId and contract.conId:
        if own.conId != contract.conId:
            return False
    elif own.symbol and contract.symbol and own.symbol != contract.symbol:
        return False
    return not side or not order.action or (side in _BUYS) == (order.action in _BUYS)
