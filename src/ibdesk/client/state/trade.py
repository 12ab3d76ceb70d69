"""`Trade`: an order, its status, its fills and its log, as users hold it. `orders` keeps trades up to date."""

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
    """Why the server refused an order: its error code, its text, and its JSON of details, "" where there are none."""

    code: int
    text: str
    advanced: str = ""


@dataclass(eq=False)
class Trade(Noun):
    """An order, how far it has got, and all its fills. Kept up to date while connected, and made up to date again when
    the `IB` connects once more.

    `log` is its history. `warnings` are those of its lines that tell of something that did not end the order: it
    works otherwise than asked for, or a change or a cancellation of it was refused. `rejection` is the reason why
    the server refused the order, None for one that it did not refuse. `advancedError` is the JSON of the last error.
    The commission of a fill is known when `fill.commissionReport.execId` is not empty.

    `uncertainty` says why it is not known how the order stands, empty when it is; `orderStatus` is then the last
    that was heard. `cancelling`: a cancellation was sent, and its verdict has not come. `ended`: the order is at
    its end for certain, and `filledEvent` or `cancelledEvent` has come; one that is `Inactive` may go on.

    Two trades are equal only when they are the same object. A trade has these events, here with what they emit:

    ========================= ======================================= ==========================================
    `statusEvent`           trade                                   `orderStatus` changed
    `modifyEvent`           trade                                   a change of the order was sent
    `fillEvent`             trade, fill                             something was executed
    `commissionReportEvent` trade, fill, report                     what an execution cost became known
    `filledEvent`           trade                                   all is executed; once
    `cancelEvent`           trade                                   a cancellation was sent
    `cancelledEvent`        trade                                   the order ended otherwise; once
    `warningEvent`          trade, line of the log                  it is in `warnings`; `statusEvent` too
    `fillCorrectedEvent`    trade, new fill, old fill               the new one counts instead of the old one
    ========================= ======================================= ==========================================

    The last two are not in `events`, which is the same as ib_async's.
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

    if TYPE_CHECKING:  # no fields, but what `__post_init__` makes
        ended: bool = field(init=False)
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
        Event.init(self, _EVENTS)

    def isWaiting(self) -> bool:
        """Whether the order was sent and is not at the market yet."""
        return self.orderStatus.status in OrderStatus.WaitingStates

    def isWorking(self) -> bool:
        """Whether the order is at the market."""
        return self.orderStatus.status in OrderStatus.WorkingStates

    def isActive(self) -> bool:
        """Whether the order works, or is on its way there: not so while it is being cancelled, see `mayFill`."""
        return self.orderStatus.status in OrderStatus.ActiveStates

    def mayFill(self) -> bool:
        """Whether something of the order may still be executed.

        Also true of one whose cancellation was sent and not confirmed (`PendingCancel`), and of one that the server
        calls `Inactive` without having refused or ended it, for that may pass.
        """
        if self.orderStatus.status == OrderStatus.Inactive:
            return not self.ended
        return not self.isDone()

    def isDone(self) -> bool:
        """Whether the order is at its end: filled, cancelled, or refused."""
        return self.orderStatus.status in OrderStatus.DoneStates

    def isUncertain(self) -> bool:
        """Whether it is not known how the order stands: the connection was lost, or an error left it open.

        The server is asked as soon as it can be. Never place the order again before it has answered.
        """
        return bool(self.uncertainty)

    async def cancelled(self) -> bool:
        """Wait for the verdict on a cancellation that was sent.

        True when the order ended; what it had filled until then counts. False when it was filled, or lives on because
        the cancellation was refused. Raises ConnectionError when the server's word cannot be had any more.
        """
        while self.cancelling:
            await self.statusEvent
        if self.uncertainty:
            raise ConnectionError(printable(self.uncertainty))
        return self.isDone() and self.orderStatus.status != OrderStatus.Filled

    def filled(self) -> float:
        """How much is executed, by the fills that were received. For a combination in units of it, not of its legs."""
        is_combination = self.contract.secType == "BAG"
        return sum(fill.execution.shares for fill in self.fills if not is_combination or fill.contract.secType == "BAG")

    def remaining(self) -> float:
        """How much of the order is not executed, by the fills that were received; never less than 0.

        An order without a size of its own is one in cash (`cashQty`), or one that the server shows among those that
        ended. Of such an order it is what the server says, and 0 when it is filled.
        """
        total = float(self.order.totalQuantity)
        if total:
            return max(total - self.filled(), 0.0)
        return 0.0 if self.orderStatus.status == OrderStatus.Filled else self.orderStatus.remaining


_EVENTS = (*Trade.events, "warningEvent", "fillCorrectedEvent")
