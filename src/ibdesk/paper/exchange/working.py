"""Decides what the exchange remembers of one order and what follows from that alone; must not know any other order."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from ibdesk.model.contract import Contract
from ibdesk.model.contract_details import ContractDetails
from ibdesk.model.order import Order, OrderState
from ibdesk.model.unset import UNSET_DOUBLE

from .echo import given, snapshot
from .facts import OrderEchoed, OrderKey, StatusChanged
from .lifecycle import FINAL, PENDING, successor
from .order_types import AROUND_THE_CLOCK, IMMEDIATE_TIFS, ORDER_TYPES, OrderType, Trigger
from .quotes import UNLIMITED, ZERO, exact
from .sessions import Session

NO_MARGIN = repr(UNSET_DOUBLE).replace("e+", "E")
"""How an order state spells a margin that was not computed."""


@dataclass(eq=False)
class WorkingOrder:
    """An order of the exchange. `order` is the exchange's own, in the form in which it is echoed.

    `sequence` is its place in time: of two at the same price, the lower one is filled first. `stop` is the price
    that wakes it, which moves when it trails. `executions_before` counts the executions of the exchange that are
    older than the order.
    """

    key: OrderKey
    contract: Contract
    details: ContractDetails
    order: Order
    sequence: int
    accepted_at: datetime
    quantity: Decimal
    status: str = PENDING
    why_held: str = ""
    filled: Decimal = ZERO
    spent: Decimal = ZERO
    last_price: Decimal = ZERO
    triggered: bool = False
    conditions_met: bool = False
    stop: Decimal | None = None
    not_before: datetime | None = None
    expires: datetime | None = None
    executions_before: int = 0

    @property
    def kind(self) -> OrderType:
        """Its row in the table of order types."""
        return ORDER_TYPES[self.order.orderType]

    @property
    def buys(self) -> bool:
        """Whether it is a purchase."""
        return self.order.action == "BUY"

    @property
    def transmitted(self) -> bool:
        """Whether anyone has been told of it."""
        return self.status != PENDING

    @property
    def done(self) -> bool:
        """Whether nothing more can come of it."""
        return self.status in FINAL

    @property
    def remaining(self) -> Decimal:
        """What is still to be filled."""
        return self.quantity - self.filled

    @property
    def limit(self) -> Decimal:
        """The worst price that it accepts: any, when it is no limit order."""
        if self.kind.limit:
            return exact(self.order.lmtPrice)
        return UNLIMITED if self.buys else -UNLIMITED

    @property
    def awaits_trigger(self) -> bool:
        """Whether a trigger has to wake it."""
        return self.kind.trigger is not None and not self.triggered

    @property
    def rising(self) -> bool:
        """Whether a rising price wakes it, rather than a falling one."""
        return self.buys != (self.kind.trigger is Trigger.TOUCH)

    @property
    def immediate(self) -> bool:
        """Whether what is not filled at once is cancelled."""
        return self.order.tif in IMMEDIATE_TIFS

    @property
    def indivisible(self) -> bool:
        """Whether it takes all or nothing."""
        return self.order.allOrNone or self.order.tif == "FOK"

    @property
    def any_hours(self) -> bool:
        """Whether it may be filled outside regular hours."""
        return self.order.outsideRth or self.contract.secType in AROUND_THE_CLOCK

    def may_trade(self, session: Session) -> bool:
        """Whether it may be filled in such hours."""
        return session.is_open if self.any_hours else session.is_regular

    def become(self, status: str) -> None:
        """Changes the status.

        Raises ValueError when the table of lifecycles does not allow it.
        """
        self.status = successor(self.status, status)

    def add_fill(self, size: Decimal, price: Decimal) -> None:
        """Counts one execution."""
        self.filled += size
        self.spent += size * price
        self.last_price = price

    @property
    def average_price(self) -> Decimal:
        """The average price of its executions, 0 before the first."""
        return self.spent / self.filled if self.filled else ZERO

    def set_stop(self, stop: Decimal) -> None:
        """Moves the price that wakes it; a trailing limit moves with it."""
        self.stop = stop
        if self.kind.trigger is Trigger.TRAIL:
            self.order.trailStopPrice = float(stop)
            if self.kind.limit and given(self.order.lmtPriceOffset):
                offset = exact(self.order.lmtPriceOffset)
                self.order.lmtPrice = float(stop + offset if self.buys else stop - offset)

    def echoed(self) -> OrderEchoed:
        """The fact that tells the whole order."""
        return OrderEchoed(self.key, self.contract, snapshot(self.order), order_state(self.status))

    def reported(self) -> StatusChanged:
        """The fact that tells its status."""
        return StatusChanged(
            key=self.key,
            status=self.status,
            filled=float(self.filled),
            remaining=float(self.remaining),
            avgFillPrice=float(self.average_price),
            lastFillPrice=float(self.last_price),
            parentId=self.order.parentId,
            whyHeld=self.why_held,
        )


def order_state(status: str) -> OrderState:
    """The state that goes with an echo: a status, and margins that were not computed."""
    unknown = NO_MARGIN
    return OrderState(status, unknown, unknown, unknown, unknown, unknown, unknown, unknown, unknown, unknown)
