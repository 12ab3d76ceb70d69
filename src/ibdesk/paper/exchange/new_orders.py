"""New orders: those that clients send, and those that the exchange makes itself for the sake of another order.

An order that the exchange makes is one like any other. It belongs to the client of the order that it is attached to,
which is told of it by openOrder and orderStatus, and can change and cancel it. It has a permId and an orderId of its
own. An orderId that the exchange gives is below zero, as that of any order that no client has numbered, so that it is
never in the way of those which clients count; that hedges and profit takers have such numbers is our guess.
"""

from collections.abc import Callable
from datetime import datetime

from ibdesk.model.contract import Contract
from ibdesk.model.contract_details import ContractDetails
from ibdesk.model.order import Order

from ..decimals import exact
from .executions import Executions
from .facts import OrderKey
from .order_fields import normalize_order
from .order_index import OrderIndex
from .order_types import ORDER_TYPES
from .price_steps import StepsOf
from .working import Attached, WorkingOrder

DetailsOf = Callable[[int], ContractDetails | None]
"""What returns the details of an instrument by its conId, with the contract to which orders go; None if unknown."""


def unknown(con_id: int) -> None:
    """Return that no instrument is known."""


class NewOrders:
    """What enters orders in the `index`. One that names no account has `account`."""

    def __init__(
        self, account: str, index: OrderIndex, executions: Executions, steps_of: StepsOf, details_of: DetailsOf
    ) -> None:
        self._account = account
        self._index = index
        self._executions = executions
        self._steps_of = steps_of
        self._details_of = details_of

    def add(
        self, client_id: int, contract: Contract, details: ContractDetails, order: Order, now: datetime
    ) -> WorkingOrder:
        """Enter an order that a client sends."""
        return self._add(client_id, contract, details, order, now, waits=True)

    def attach(self, parent: WorkingOrder, attached: Attached, now: datetime) -> WorkingOrder:
        """Enter an order that the exchange makes for the sake of another. The caller's order is numbered by it."""
        details = self._details_of(attached.con_id) if attached.con_id else parent.details
        assert details is not None, "orders are attached in known instruments"
        contract = parent.contract if details is parent.details else details.contract
        assert contract is not None
        order = attached.order
        order.orderId = order.orderId or self._index.new_own_id()
        order.parentId, order.account = parent.key.orderId, parent.order.account
        order.orderRef = order.orderRef or parent.order.orderRef
        entry = self._add(parent.key.clientId, contract, details, order, now, waits=attached.waits)
        entry.level = attached.level
        return entry

    def _add(
        self, client_id: int, contract: Contract, details: ContractDetails, order: Order, now: datetime, *, waits: bool
    ) -> WorkingOrder:
        key = OrderKey(client_id, order.orderId, self._index.new_perm_id())
        entry = self.make(key, contract, details, order, now, self._index.new_sequence(), waits=waits)
        self._index.add(entry)
        if order.hedgeType and (parent := self._index.parent(entry)):
            parent.hedges += (entry,)
            entry.grows = True
        return entry

    def make(
        self,
        key: OrderKey,
        contract: Contract,
        details: ContractDetails,
        order: Order,
        now: datetime,
        sequence: int,
        *,
        waits: bool = True,
    ) -> WorkingOrder:
        """Return an order that is entered nowhere. `waits` is that of `Attached`, true of orders that clients send."""
        parent = self._index.find(key.clientId, order.parentId) if order.parentId and waits else None
        # The children of one parent cancel each other: they are a group of their own, named after the parent.
        group = str(parent.key.permId) if parent and not order.hedgeType else ""
        told, kind = normalize_order(order, key, self._account, group), ORDER_TYPES[order.orderType]
        kind.complete(told)
        entry = WorkingOrder(
            key, contract, details, self._steps_of(details), told, kind, sequence, now, exact(order.totalQuantity)
        )
        entry.executions_before = len(self._executions.facts)
        entry.waits_for_parent = waits
        kind.begin(entry)
        return entry
