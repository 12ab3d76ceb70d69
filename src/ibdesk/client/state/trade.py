"""`Trade`: an order with its status, its fills and its log, as programs hold it.

`orders` and `order_lifecycle` keep trades up to date.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from ibdesk.events import Event
from ibdesk.model.contract import Contract
from ibdesk.model.executions import CommissionReport, Fill
from ibdesk.model.fields import Noun
from ibdesk.model.order import Order, OrderStatus, TradeLogEntry
from ibdesk.printable import printable

__all__ = ["Rejection", "Trade", "TradeLogEntry"]


@dataclass(frozen=True, slots=True)
class Rejection(Noun):
    """Why the server refused an order: the error code, the text, and JSON with details, "" if there are none."""

    code: int
    text: str
    advanced: str = ""


@dataclass(eq=False)
class Trade(Noun):
    """An order, its status, and all its fills.

    A trade is kept up to date while the `IB` is connected, and is brought up to date again when it reconnects.

    `log` is the history of the order. `warnings` are those entries of it that did not end the order: for example, it
    works otherwise than asked for, or a change or cancellation of it was refused. `rejection` is the reason why the
    server refused the order, None if it did not. `advancedError` is the JSON of the last error. The commission of a
    fill is known when `fill.commissionReport.execId` is not empty.

    `order` is the program's own object: what it wants, also while the server has not confirmed a change yet.
    `serverOrder` is the order as the server showed it last, None if it has not shown it yet.

    `uncertainty` says why it is not known how the order stands; it is empty when that is known. While it is not empty,
    `orderStatus` is the last status that was received. `cancelling` is True when a cancellation was sent and the server
    has neither confirmed nor refused it. `ended` is True when the order has certainly ended, and `filledEvent` or
    `cancelledEvent` has been emitted. An order that is `Inactive` may go on, and then has not ended.

    `incarnations` are the other orders that were found alive under the same orderId, each a trade of its own: a change
    that was sent while the connection broke can make a second order of one. See `IB.cancelOrder`.

    Two trades are equal only if they are the same object. A trade has these events, here with what they emit:

    ========================= ======================================= ==========================================
    `statusEvent`             trade                                   `orderStatus` changed
    `modifyEvent`             trade                                   a change of the order was sent
    `fillEvent`               trade, fill                             something was executed
    `commissionReportEvent`   trade, fill, report                     the cost of an execution became known
    `filledEvent`             trade                                   all is executed; emitted once
    `cancelEvent`             trade                                   a cancellation was sent
    `cancelledEvent`          trade                                   the order ended otherwise; emitted once
    `warningEvent`            trade, entry of the log                 a new entry in `warnings`, also `statusEvent`
    `fillCorrectedEvent`      trade, new fill, old fill               the new fill replaces the old one
    ========================= ======================================= ==========================================

    The last two are not in `events`, which is the same as in ib_async.
    """

    contract: Contract = field(default_factory=Contract)
    order: Order = field(default_factory=Order)
    orderStatus: OrderStatus = field(default_factory=OrderStatus)
    fills: list[Fill] = field(default_factory=list)
    log: list[TradeLogEntry] = field(default_factory=list)
    advancedError: str = ""
    warnings: list[TradeLogEntry] = field(default_factory=list, repr=False)
    rejection: Rejection | None = field(default=None, repr=False)
    uncertainty: str = field(default="", repr=False)
    cancelling: bool = field(default=False, repr=False)

    events: ClassVar[tuple[str, ...]] = (
        "statusEvent",
        "modifyEvent",
        "fillEvent",
        "commissionReportEvent",
        "filledEvent",
        "cancelEvent",
        "cancelledEvent",
    )

    if TYPE_CHECKING:  # these are not fields: `__post_init__` makes them
        ended: bool = field(init=False)
        incarnations: list["Trade"] = field(init=False)
        shown_order: Callable[[], Order | None] = field(init=False)
        statusEvent: Event["Trade"] = field(init=False)
        modifyEvent: Event["Trade"] = field(init=False)
        fillEvent: Event["Trade", Fill] = field(init=False)
        commissionReportEvent: Event["Trade", Fill, CommissionReport] = field(init=False)
        filledEvent: Event["Trade"] = field(init=False)
        cancelEvent: Event["Trade"] = field(init=False)
        cancelledEvent: Event["Trade"] = field(init=False)
        warningEvent: Event["Trade", TradeLogEntry] = field(init=False)
        fillCorrectedEvent: Event["Trade", Fill, Fill] = field(init=False)

    def __post_init__(self) -> None:
        self.ended = False
        self.incarnations = []
        self.shown_order = _not_shown
        Event.init(self, _EVENTS)

    @property
    def serverOrder(self) -> Order | None:
        """The order as the server showed it last, None if it has not shown it yet. It is a copy."""
        return self.shown_order()

    def isWaiting(self) -> bool:
        """Return whether the order was sent and is not at the market yet."""
        return self.orderStatus.status in OrderStatus.WaitingStates

    def isWorking(self) -> bool:
        """Return whether the order is at the market."""
        return self.orderStatus.status in OrderStatus.WorkingStates

    def isActive(self) -> bool:
        """Return whether the order is at the market or on its way there, and is not being cancelled. See `mayFill`."""
        return self.orderStatus.status in OrderStatus.ActiveStates

    def mayFill(self) -> bool:
        """Return whether something of the order may still be executed.

        This includes an order whose cancellation was sent but not confirmed (`PendingCancel`), and one that the server
        calls `Inactive` without having refused or ended it, because that may pass.
        """
        if self.orderStatus.status == OrderStatus.Inactive:
            return not self.ended
        return not self.isDone()

    def isDone(self) -> bool:
        """Return whether the order has ended: it is filled, cancelled, or refused."""
        return self.orderStatus.status in OrderStatus.DoneStates

    def isUncertain(self) -> bool:
        """Return whether it is not known how the order stands, because of a lost connection or an unclear error.

        The server is asked as soon as possible. Never place the order again before it has answered.
        """
        return bool(self.uncertainty)

    async def cancelled(self) -> bool:
        """Wait until the server has confirmed or refused a cancellation that was sent.

        Returns True if the order ended, perhaps after it was partly filled. Returns False if it was filled completely,
        or lives on because the cancellation was refused. Raises ConnectionError if the answer cannot come any more.
        """
        while self.cancelling:
            await self.statusEvent
        if self.uncertainty:
            raise ConnectionError(printable(self.uncertainty))
        return self.isDone() and self.orderStatus.status != OrderStatus.Filled

    def filled(self) -> float:
        """Return how much is executed, by the fills that were received; of a combination, not of its legs."""
        is_combination = self.contract.secType == "BAG"
        return sum(fill.execution.shares for fill in self.fills if not is_combination or fill.contract.secType == "BAG")

    def remaining(self) -> float:
        """Return how much of the order is not executed, by the fills that were received; never less than 0.

        An order may have no size: one with an amount of cash (`cashQty`), or a completed order of the server's. For
        such an order this is what the server says, and 0 if it is filled.
        """
        total = float(self.order.totalQuantity)
        if total:
            return max(total - self.filled(), 0.0)
        return 0.0 if self.orderStatus.status == OrderStatus.Filled else self.orderStatus.remaining


def _not_shown() -> None:
    return None


_EVENTS = (*Trade.events, "warningEvent", "fillCorrectedEvent")


def restorer(trade: Trade) -> Callable[[], None]:
    """Return what gives a trade back the status, log, warnings and flags that it has now."""
    status, log, warnings = dict(vars(trade.orderStatus)), list(trade.log), list(trade.warnings)
    flags = trade.cancelling, trade.rejection, trade.ended

    def restore() -> None:
        vars(trade.orderStatus).update(status)
        trade.log[:], trade.warnings[:] = log, warnings
        trade.cancelling, trade.rejection, trade.ended = flags

    return restore
