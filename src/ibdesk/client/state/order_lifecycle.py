"""The rules by which the facts about one order change its trade. `orders` finds the order that a message is about.

Facts come in any order, some twice, some never. So:

- What the server says of the order counts more than what was expected. Filled is final; Cancelled can still turn out to
  be Filled. A status that tells of fewer fills than are known is an old one, and so is one of life after the end.
- Executions tell how much is filled, and fill the order, whether or not a status says so. Once one was corrected only
  they do, for a status does not say whether it knows of the correction.
- An error code ends an order only where `ibdesk.codes` says that it does, or that it refuses an order which the
  server has not acknowledged. The status of a refused order is `Inactive`, which is what the server calls it too.
- Everything else that an error says is a warning, and leaves the status as it is.
- What was sent and not confirmed, be it that the connection ended or that nothing comes of it, has an unknown outcome.
  It is not made up: the trade is uncertain until the server tells, and stays so when the server tells of an order
  nowhere that it once had, or that it has not had the time to tell of.

`OrderLifecycle.is_doubtful` tells that only a question to the server can tell how the order stands.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from math import inf
from operator import eq
from typing import ClassVar

from ibdesk import codes
from ibdesk.client.effects import Emissions, Emit
from ibdesk.client.state.fills import is_correction
from ibdesk.client.state.terms import Terms
from ibdesk.client.state.trade import Rejection, Trade
from ibdesk.model.executions import CommissionReport, Execution, Fill
from ibdesk.model.order import Order, OrderStatus, TradeLogEntry
from ibdesk.model.unset import UNSET_DOUBLE
from ibdesk.wire.messages.order_status import OrderStatus as StatusMessage

_FINALITY = {OrderStatus.Cancelled: 1, OrderStatus.Filled: 2}
"""Rank of the terminal statuses: a lower rank never replaces a higher one. `Inactive` may or may not be terminal."""

_ACKNOWLEDGING = frozenset(
    {OrderStatus.PreSubmitted, OrderStatus.Submitted, OrderStatus.PendingCancel, OrderStatus.Filled}
)
_STATUSES = _ACKNOWLEDGING | OrderStatus.DoneStates | OrderStatus.WaitingStates
_STATE_IN_TEXT = re.compile(r"state: *(\w+)")
_STATE_OF_UNCANCELLABLE = 10148
_UNKNOWN_ORDER = 10147
_DENIES_LIFE = frozenset({103, 104, 135})
"""Duplicate id, filled, not found: an order that was acknowledged is not as it was thought to be."""

MODIFY_TIME = timedelta(seconds=10)
"""For how long an answer to a modification is expected."""

_STATUS_FIELDS = (
    "status",
    "filled",
    "remaining",
    "avgFillPrice",
    "permId",
    "parentId",
    "lastFillPrice",
    "clientId",
    "whyHeld",
    "mktCapPrice",
)


_STATUS_AMOUNTS = ("filled", "remaining", "avgFillPrice", "lastFillPrice", "mktCapPrice")


class OrderLifecycle:
    """The life of one order: its trade, and what decides how that changes."""

    refused: ClassVar[str] = OrderStatus.Inactive
    """The status of an order that the server has refused."""

    def __init__(self, trade: Trade, is_placed_here: bool = False) -> None:
        self.trade = trade
        self.terms: Terms = Terms(trade.order, is_placed_here)
        self.permId: int = 0
        self.is_doubtful: bool = False
        self._old_fills = 0.0 if is_placed_here else inf
        """Up to which `cumQty` the executions that answer a question are of old, and were not missed."""
        self._is_out_of_sight = False
        """Whether a link was lost, and the server has not told since how the order stands."""
        self._unconfirmed: str | None = None
        """What was not confirmed when the connection, or the wait for an answer, ended; None while neither did."""
        self._is_acknowledged = False
        self._is_cancelled = False
        """Whether it was cancelled, by its owner or by the server: then it was not refused."""
        self._modified: datetime | None = None
        self._is_answered = False
        """Whether the server showed what was asked for last. What it showed before may follow while it was the same."""
        self._is_one_change = False
        """Whether no other change was sent, and not answered, before the last one."""
        self._is_inactive = False
        """Whether the server called it Inactive, which may pass unless there is a reason for it."""
        self._is_completed = False
        self._is_corrected = False
        self._refusal: Rejection | None = None
        self._before_cancel = ""
        self._least_filled = 0.0
        self._announced: set[str] = set()
        if not is_placed_here:  # the end of an order that was done before it became known is no news
            self._end()

    # --- what this client does ------------------------------------------------------------------------------------

    def modify(self, order: Order, going: Order, now: datetime) -> tuple[Emissions, Callable[[], None]]:
        """A change of the order is sent next: `going`, made of its owner's `order`.

        Returns also what takes that back, for a change that could not be sent.
        """
        trade = self.trade
        former, ids = trade.order, (order.orderId, order.clientId, order.permId)
        expected = self._is_one_change, self._modified, self._is_answered
        restore_terms = self.terms.change(order, going)
        order.orderId, order.clientId, order.permId = former.orderId, former.clientId, self.permId
        trade.order = order
        self._is_one_change = self._modified is None and self._unconfirmed is None and not self.is_doubtful
        self._modified, self._is_answered = now, False
        entry = self._log(now, "Modify")

        def take_back() -> None:
            restore_terms()
            trade.order = former
            order.orderId, order.clientId, order.permId = ids
            self._is_one_change, self._modified, self._is_answered = expected
            trade.log[:] = [one for one in trade.log if one is not entry]

        return [Emit(trade.modifyEvent, (trade,)), Emit("orderModifyEvent", (trade,))], take_back

    def cancel(self, now: datetime) -> Emissions:
        """A cancellation was sent. An order that was never transmitted is cancelled by that."""
        trade = self.trade
        if trade.isDone():
            return []
        old = trade.orderStatus.status
        if old != OrderStatus.PendingCancel:
            self._before_cancel = old
        untransmitted = old == OrderStatus.PendingSubmit and not trade.order.transmit
        trade.orderStatus.status = OrderStatus.Cancelled if untransmitted else OrderStatus.PendingCancel
        trade.cancelling = not untransmitted
        self._is_cancelled = True
        self._log(now)
        return [
            Emit(trade.cancelEvent, (trade,)),
            Emit(trade.statusEvent, (trade,)),
            Emit("cancelOrderEvent", (trade,)),
            Emit("orderStatusEvent", (trade,)),
            *self._end(),
        ]

    def identify(self, orderId: int, clientId: int, permId: int) -> None:
        """Take over the ids that were not known yet."""
        self.permId = self.permId or permId
        for one in (self.trade.order, self.trade.orderStatus):
            one.permId = self.permId
            if not one.orderId or one.orderId == orderId:
                one.orderId, one.clientId = orderId, clientId

    def lose_sight(self, why: str, now: datetime, is_over: bool) -> Emissions:
        """The link is down. `is_over`: the connection itself is gone, so that the outcome of what was sent has to be
        asked for after the next one is made.
        """
        trade, was_in_sight = self.trade, not self._is_out_of_sight
        if self._is_beyond_doubt():
            return []
        self._is_out_of_sight = True
        self._old_fills = min(self._old_fills, self._least_filled)
        if self._unconfirmed is None:
            trade.uncertainty = why
        if is_over:
            self.is_doubtful = True
            is_news = self._unconfirmed is None
            if is_news:
                self._unconfirmed = self._what_is_unconfirmed()
            trade.cancelling, self._modified = False, None
            if is_news and self._unconfirmed:
                trade.uncertainty = f"{why} before the server had confirmed the {self._unconfirmed}"
                return self._warn(now, f"{trade.uncertainty}: its outcome is unknown")
        return self._changed(now, why) if was_in_sight else []

    def awaited(self) -> tuple[str, datetime | None] | None:
        """What was sent and is not answered, None when all is. It stays the same until something else is sent."""
        if self._is_beyond_doubt():
            return None
        what = "cancellation" if self.trade.cancelling else self._what_is_unconfirmed()
        return (what, self._modified) if what else None

    def unheard(self, now: datetime) -> Emissions:
        """Nothing has come of what was sent."""
        what = "cancellation" if self.trade.cancelling else self._what_is_unconfirmed()
        text = f"There was no answer to the {what}"
        self.doubt(text)
        if what == "cancellation":
            return []
        self._unconfirmed, self._modified = what, None
        return self._warn(now, f"{text}: the server is asked how the order stands")

    def doubt(self, why: str) -> None:
        """Something leaves it open how the order stands."""
        if not self._is_beyond_doubt():
            self.is_doubtful = True
            self.trade.uncertainty = self.trade.uncertainty or why

    def unanswered(self, why: str, now: datetime) -> Emissions:
        """The question how the order stands was not answered."""
        self.is_doubtful = self.trade.cancelling = False
        return self._warn(now, f"It is not known how the order stands: {why}")

    # --- what the server says -------------------------------------------------------------------------------------

    def echo(self, order: Order, status: str, now: datetime, asked: bool) -> Emissions:
        """Take in an openOrder message: the order as the server has it. The user's own order object takes that over.

        `asked`: the message answers a request, so the order lives, whatever was said of it before.
        """
        self._is_acknowledged |= status in _ACKNOWLEDGING
        self._is_inactive |= status == OrderStatus.Inactive
        # Whether it answers a change has to be known before the terms are taken over, and they before the change counts
        # as settled: what the owner asked for and the server has not shown yet must not be overwritten.
        is_answer = self.terms.is_answered_by(order)
        emissions = self._lives(status, not is_answer, now) if asked else self._heard(now, is_answer)
        is_modifying = self._is_modifying(now)
        is_ambiguous = is_modifying and is_answer and self.terms.is_ambiguous(order)
        self.terms.take_over(self.trade.order, order, is_modifying and not is_answer)
        self._is_answered |= is_answer
        if not is_ambiguous and (is_answer or not (is_modifying or self._unconfirmed == "modification")):
            self._modified = None
            self.terms.settle()
        self._settle_remaining()
        return emissions

    def status(self, message: StatusMessage, now: datetime) -> Emissions:
        """The server tells the status. What it leaves out stays as it is."""
        at = self.trade.orderStatus
        untold = {name: getattr(at, name) for name in _STATUS_AMOUNTS if getattr(message, name) == UNSET_DOUBLE}
        message = replace(message, **untold) if untold else message
        self._is_acknowledged |= message.status in _ACKNOWLEDGING
        self._is_inactive |= message.status == OrderStatus.Inactive
        heard = self._heard(now)
        # Messages overtake one another after a reconnect: an old one says that the server is there, and nothing else.
        if self._is_old(message):
            return heard
        if message.status in OrderStatus.DoneStates:
            self._see()
        values: dict[str, float | str] = {name: getattr(message, name) for name in _STATUS_FIELDS}
        if self._is_corrected or message.filled < self._least_filled:
            values |= self._progress()
        self._least_filled = max(self._least_filled, message.filled)
        changes = self._update(values, now) or heard
        if changes:
            return changes
        log = self.trade.log
        if message.status == OrderStatus.Submitted and log and log[-1].message == "Modify":
            return self._changed(now, "Modified")
        return []

    def was_missed(self, execution: Execution) -> bool:
        """Whether an execution that is new, and told in answer to a question, is news: not one of before its time."""
        return execution.cumQty > self._old_fills

    def executed(self, fill: Fill, now: datetime) -> Emissions:
        """A fill that is new; what was executed may complete the order."""
        execution = fill.execution
        self.trade.fills.append(fill)
        self._is_acknowledged = True
        heard = self._heard(now)
        text = f"Fill {execution.shares}@{execution.price}{' (recovered)' if fill.recovered else ''}"
        self.trade.log.append(TradeLogEntry(fill.time, self.trade.orderStatus.status, text))
        self._is_corrected |= is_correction(fill)
        # The legs of a combination fill too; how far the order has got is told by the fills of the whole alone.
        if self.trade.contract.secType == "BAG" and fill.contract.secType != "BAG":
            return heard
        at = self.trade.orderStatus
        is_complete = 0 < self._size() <= execution.cumQty and not self._is_modifying(now)
        values: dict[str, float | str] = {}
        if self._is_corrected or execution.cumQty > self._least_filled:
            values.update(self._progress(), clientId=execution.clientId)
        if is_complete and at.status != OrderStatus.Filled:
            values.update(self._progress(), status=OrderStatus.Filled, whyHeld="", clientId=execution.clientId)
        self._least_filled = max(self._least_filled, execution.cumQty)
        if self._is_completed and at.status == OrderStatus.Filled:  # a fill of old, and no news
            vars(at).update(values)
            return []
        return self._update(values, now) or heard

    def corrected(self, old: Fill, new: Fill, now: datetime) -> Emissions:
        """A fill is replaced by its correction."""
        trade = self.trade
        trade.fills[:] = [new if fill is old else fill for fill in trade.fills]
        self._is_corrected = True
        vars(trade.orderStatus).update(self._progress())
        was, now_is = old.execution, new.execution
        message = f"Fill {was.shares}@{was.price} corrected to {now_is.shares}@{now_is.price}"
        return [*self._changed(now, message), Emit(trade.fillCorrectedEvent, (trade, new, old))]

    def commission(self, fill: Fill, report: CommissionReport) -> Emissions:
        """What a fill cost is known."""
        args = (self.trade, fill, report)
        return [Emit("commissionReportEvent", args), Emit(self.trade.commissionReportEvent, args)]

    def completed(self, status: str, text: str, now: datetime) -> Emissions:
        """The server shows the order among those that ended, with `text` for how."""
        self._see()
        self._is_completed = True
        self._is_cancelled |= text.startswith("Cancelled by Trader")
        if text.startswith("Rejected") and self._refusal is None:
            self._refusal = Rejection(0, text)
        return self._tell(self.ended_status(status, text), now, text)

    @classmethod
    def ended_status(cls, status: str, text: str) -> str:
        """The status of an order that ended, which the server may show with the one that it had before.

        `text` is the server's `completedStatus`, such as `Filled Size: 100` or `Rejected by System: ...`.
        """
        if status == OrderStatus.Inactive:
            return cls.refused
        if status in OrderStatus.DoneStates:
            return status
        if text.startswith("Filled"):
            return OrderStatus.Filled
        return cls.refused if text.startswith("Rejected") else OrderStatus.Cancelled

    def gone(self, now: datetime, is_whole: bool = True) -> Emissions:
        """The server has the order neither among those that live nor among those that ended.

        `is_whole`: those that ended are all that did since something was last heard of the order.
        """
        is_at_server = self._is_acknowledged or self.permId != 0
        is_late = not self._is_out_of_sight and not is_at_server and self._unconfirmed is not None
        text = "The server tells of the order nowhere: it was dropped, or is still on its way" if is_late else ""
        if self._is_out_of_sight and (is_at_server or not is_whole):
            text = "The server tells of the order nowhere any more: it may have been filled"
        if text and not self.trade.isDone():
            is_news = self.trade.uncertainty != text or self.trade.cancelling
            self.is_doubtful, self.trade.uncertainty, self.trade.cancelling = False, text, False
            return self._warn(now, text) if is_news else []
        self._see()
        if self.trade.isDone():
            return []
        was_refused = self._refusal is not None and not self._is_cancelled
        status = self.refused if was_refused else OrderStatus.ApiCancelled
        return self._tell(status, now, "The server does not know the order")

    def warn(self, text: str, now: datetime) -> Emissions:
        """A warning that is not the server's."""
        return self._warn(now, text)

    def error(self, code: int, text: str, advanced: str, now: datetime) -> Emissions:
        """An error or warning that names the order."""
        kind = codes.kind(code)
        if advanced:
            self.trade.advancedError = advanced
        word = "Warning" if codes.is_warning(code) else "Error"
        message = f"{word} {code}, reqId {self.trade.order.orderId}: {text}"
        if codes.is_warning(code):
            return self._warn(now, message, code)
        if kind is codes.Kind.REFUSES_CANCEL:
            return self._cancel_refused(code, text, message, now)
        if kind is codes.Kind.ENDS_ORDER:
            self._is_cancelled = True
            return self._tell(OrderStatus.Cancelled, now, message, code)
        if not codes.refuses_order(code):
            self.doubt(message)
            return self._warn(now, message, code)
        return self._refused(Rejection(code, text, advanced), message, now)

    # --- rules ----------------------------------------------------------------------------------------------------

    def _refused(self, refusal: Rejection, message: str, now: datetime) -> Emissions:
        at = self.trade.orderStatus
        if self._is_modifying(now) or (self._is_acknowledged and refusal.code in _DENIES_LIFE):
            if not self._is_acknowledged:  # it may be the order that is refused, or the change of it
                self._refusal = refusal
            if not self._is_acknowledged or refusal.code in _DENIES_LIFE or not self._is_one_change:
                self.doubt(message)
            else:
                self.terms.refuse(self.trade.order)
            self._modified = None
            return self._warn(now, message, refusal.code)
        if at.status == OrderStatus.Filled:
            return self._warn(now, message, refusal.code)
        self._refusal = refusal
        if self.trade.isDone():
            return self._changed(now, message, refusal.code)
        if self._is_acknowledged:
            self.doubt(message)
            return self._warn(now, message, refusal.code)
        at.status = self.refused
        return self._changed(now, message, refusal.code)

    def _cancel_refused(self, code: int, text: str, message: str, now: datetime) -> Emissions:
        state = _STATE_IN_TEXT.search(text) if code == _STATE_OF_UNCANCELLABLE else None
        if state and state[1] in _STATUSES:
            self.trade.cancelling &= state[1] == OrderStatus.PendingCancel
            return self._tell(state[1], now, message, code) or self._news()
        at = self.trade.orderStatus
        if at.status == OrderStatus.PendingCancel and self._before_cancel:
            at.status = self._before_cancel
        self._is_cancelled = False
        if code == _UNKNOWN_ORDER:  # then it has ended, whatever became of it
            self._is_out_of_sight, self._unconfirmed = False, None
        self.doubt(message)
        return [*self._warn(now, message, code), *self._end()]

    def _is_beyond_doubt(self) -> bool:
        """Whether the server need never be asked: the order is done, or only asks what it would cost (`whatIf`)."""
        return self.trade.isDone() or self.trade.order.whatIf

    def _what_is_unconfirmed(self) -> str:
        if not self._is_acknowledged and not self.permId:
            return "order"
        if self.trade.cancelling:
            return "cancellation"
        return "modification" if self._modified is not None and not self._is_answered else ""

    def _see(self) -> None:
        """The server told how the order stands."""
        self.is_doubtful = self._is_out_of_sight = False
        self._unconfirmed, self.trade.uncertainty = None, ""

    def _heard(self, now: datetime, is_answer: bool = False) -> Emissions:
        """The server told something of its own accord, that may answer what was given up: the order, or its change."""
        is_order = self._unconfirmed == "order" and (self._is_acknowledged or self.permId != 0)
        if self._is_out_of_sight or not (is_order or (self._unconfirmed == "modification" and is_answer)):
            return []
        self._see()
        return self._changed(now, "Acknowledged")

    def _lives(self, status: str, is_other: bool, now: datetime) -> Emissions:
        """The server was asked and shows the order; `is_other`: not as its owner has it."""
        trade, unconfirmed, was_doubtful = self.trade, self._unconfirmed, self.is_doubtful
        self._see()
        if status != OrderStatus.Inactive:
            self._refusal = None
        if not was_doubtful or status in OrderStatus.DoneStates:
            return []
        if unconfirmed == "modification" and is_other:
            return self._warn(now, "The modification did not reach the server")
        at = trade.orderStatus
        was_cancelling = unconfirmed == "cancellation" or trade.cancelling or at.status == OrderStatus.PendingCancel
        trade.cancelling = was_cancelling and status == OrderStatus.PendingCancel
        if was_cancelling and not trade.cancelling:
            self._is_cancelled, at.status = False, status
            return self._warn(now, "The order lives: its cancellation did not reach the server, or was refused")
        return self._changed(now, "The order lives")

    def _tell(self, status: str, now: datetime, message: str, code: int = 0) -> Emissions:
        """A status without the rest of a status message."""
        at = self.trade.orderStatus
        if self._finality(status) < self._finality(at.status) or status == at.status:
            self._log(now, message, code)
            return self._end()
        at.status = status
        return self._changed(now, message, code)

    def _settle_remaining(self) -> None:
        """An end can come without a status that tells how much of the order is left."""
        at, total = self.trade.orderStatus, self._size()
        if self.trade.isDone() and at.status != OrderStatus.Filled and not at.remaining and at.filled < total:
            at.remaining = total - at.filled

    def _size(self) -> float:
        """How much is to be executed: the owner may have set another size and not sent it."""
        return float(self.terms.at_server("totalQuantity"))

    def _is_old(self, message: StatusMessage) -> bool:
        new, current = self._finality(message.status), self._finality(self.trade.orderStatus.status)
        return new < current or (new == current and not self._is_corrected and message.filled < self._least_filled)

    def _finality(self, status: str) -> int:
        if status != OrderStatus.Inactive:
            return _FINALITY.get(status, 0)
        is_end = self._is_completed or (self._is_inactive and self._refusal is not None)
        return int(is_end and self.trade.orderStatus.status == OrderStatus.Inactive)

    def _progress(self) -> dict[str, float | str]:
        """What the fills tell of how far the order has got."""
        trade = self.trade
        is_combination = trade.contract.secType == "BAG"
        executions = [f.execution for f in trade.fills if not is_combination or f.contract.secType == "BAG"]
        if not executions:
            return {}
        last = max(executions, key=lambda one: (one.cumQty, one.execId))
        filled, average = last.cumQty, last.avgPrice
        if self._is_corrected:
            filled = trade.filled()
            average = sum(one.shares * one.price for one in executions) / filled if filled else 0.0
        total = self._size()
        remaining = max(total - filled, 0.0) if total else trade.orderStatus.remaining
        return {"filled": filled, "remaining": remaining, "avgFillPrice": average, "lastFillPrice": last.price}

    def _update(self, values: dict[str, float | str], now: datetime) -> Emissions:
        current = vars(self.trade.orderStatus)
        if all(map(eq, map(current.get, values), values.values())):
            return []
        current.update(values)
        return self._changed(now)

    def _is_modifying(self, now: datetime) -> bool:
        return self._modified is not None and now - self._modified < MODIFY_TIME

    def _log(self, now: datetime, message: str = "", code: int = 0) -> TradeLogEntry:
        entry = TradeLogEntry(now, self.trade.orderStatus.status, message, code)
        self.trade.log.append(entry)
        return entry

    def _warn(self, now: datetime, message: str, code: int = 0) -> Emissions:
        trade, entry = self.trade, self._log(now, message, code)
        trade.warnings.append(entry)
        return [*self._news(), Emit(trade.warningEvent, (trade, entry))]

    def _changed(self, now: datetime, message: str = "", code: int = 0) -> Emissions:
        self._log(now, message, code)
        return [*self._news(), *self._end()]

    def _news(self) -> Emissions:
        return [Emit("orderStatusEvent", (self.trade,)), Emit(self.trade.statusEvent, (self.trade,))]

    def _end(self) -> Emissions:
        """Settle whether the order was refused, and announce its end if it is new."""
        # The reason may come before or after the status: so both ways lead here, and each end is announced once.
        trade, status = self.trade, self.trade.orderStatus.status
        if trade.isDone():
            self._see()
            trade.cancelling = False
        self._settle_remaining()
        was_refused = status in OrderStatus.DoneStates and status != OrderStatus.Filled and not self._is_cancelled
        trade.rejection = self._refusal if was_refused else None
        if trade.rejection is not None:  # what looked like a warning was the reason
            trade.warnings[:] = [entry for entry in trade.warnings if entry.errorCode != trade.rejection.code]
        is_passing = status == OrderStatus.Inactive and not trade.rejection and not self._is_completed
        trade.ended = trade.isDone() and not is_passing
        if not trade.ended:
            return []
        event = trade.filledEvent if status == OrderStatus.Filled else trade.cancelledEvent
        if event.name() in self._announced:
            return []
        self._announced.add(event.name())
        return [Emit(event, (trade,))]


def is_older(one: StatusMessage, other: StatusMessage) -> bool:
    """Whether one status of an order comes before another one, by what they say."""
    one_rank, other_rank = ((_FINALITY.get(status.status, 0), status.filled) for status in (one, other))
    return one_rank < other_rank
