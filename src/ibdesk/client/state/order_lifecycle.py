"""The life of one order: how what is sent and what arrives change its trade.

`orders` finds the order that a message is about. An `OrderLifecycle` then decides what the message changes. Usually an
order passes through these statuses, from left to right, and may skip any of them:

    PendingSubmit ──> PreSubmitted ──> Submitted ──> Filled
          │                │               │
          └────────────────┴───────┬───────┴──> PendingCancel ──> Cancelled, ApiCancelled
                                   └──> Inactive

Messages about it can come in any order, twice, or never, above all after a reconnection. So a status is not taken over
just because it is the newest:

1. A status at the end of an order is not replaced by one of a live order. `Filled` is final. `Cancelled` can still
   become `Filled`, when an order was filled while its cancellation was on the way. `Inactive` is an end only if there
   is a reason for it: the server has refused the order, or shows it among the completed ones. Otherwise it may pass.
2. A status that reports fewer fills than are known is old, and changes nothing.
3. Executions tell how much is filled, and fill the order, whether or not a status says so too. After an execution was
   corrected, only executions tell it, because a status does not show whether it takes the correction into account.
4. An error ends an order in two cases only: `ibdesk.codes` says that its code ends orders, or that it refuses orders
   and the server had not acknowledged this one. The status of a refused order is `Inactive`, as IBKR's servers call it.
5. Any other error about the order is a warning, and leaves the status as it is.

If the connection ends, or no answer comes, the outcome of what was sent and not confirmed is unknown. It is not
guessed. The trade is marked as uncertain (`Trade.uncertainty`) until the server tells how the order stands. It stays
uncertain if the server no longer shows an order that it once had, or does not show one that may still be on its way.
There are two separate questions:

- `is_doubtful`: does the server have to be asked? `recovery` asks about these orders.
- `_is_out_of_sight`: was a link lost, so that things may have happened which nobody told this client?
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from math import inf
from operator import eq
from typing import ClassVar

from ibdesk import codes
from ibdesk.client.effects import Emissions, Emit
from ibdesk.client.state import order_statuses
from ibdesk.client.state.fills import is_correction
from ibdesk.client.state.order_statuses import ACKNOWLEDGING, FINALITY, Progress, ended_status, status_in
from ibdesk.client.state.terms import Terms
from ibdesk.client.state.trade import Rejection, Trade, restorer
from ibdesk.model.executions import CommissionReport, Execution, Fill
from ibdesk.model.order import Order, OrderStatus, TradeLogEntry
from ibdesk.model.unset import UNSET_DOUBLE
from ibdesk.wire.messages.order_status import OrderStatus as StatusMessage

_STATE_OF_UNCANCELLABLE = 10148
_UNKNOWN_ORDER = 10147

_DUPLICATE_ID = 103
_DENIES_LIFE = frozenset({_DUPLICATE_ID, 104, 135})
"""Codes by which the server says that an order is not live: duplicate id, filled, not found."""

MODIFY_TIME = timedelta(seconds=10)
"""How long a modification may take to be answered."""


class OrderLifecycle:
    """One order: its trade, and the facts that decide how the trade changes.

    Each method that changes it is called for one thing that happens to the order, and returns what is to be emitted.
    """

    refused: ClassVar[str] = OrderStatus.Inactive
    """The status of an order that the server has refused."""

    def __init__(self, trade: Trade, placed: datetime | None = None, number: int = 0) -> None:
        """Begin the life of an order: `placed` here at that moment, or None, as the `number`-th of all."""
        is_placed_here = placed is not None
        self.trade = trade
        self.placed: datetime | None = placed
        self.number: int = number
        self.terms: Terms = Terms(trade.order, is_placed_here)
        trade.shown_order = self.shown_order
        self.permId: int = 0
        self.is_doubtful: bool = False
        """Whether the server has to be asked how the order stands."""
        self.doubts: int = 0
        """How many doubts there have been. Another one may arise while the server answers about the last."""
        self._old_fills = 0.0 if is_placed_here else inf
        """The `cumQty` up to which an execution in answer to a request is old, and not one that was missed.

        Of an order that was not placed here it is what was filled when it became known.
        """
        self._is_out_of_sight = False
        """Whether a link was lost, and the server has not said since then how the order stands."""
        self._is_missing = False
        """Whether the server was asked, and tells of the order nowhere."""
        self._unconfirmed: str | None = None
        """What was unconfirmed when the connection ended or the wait for an answer was given up.

        It is "order", "modification" or "cancellation", "" if nothing was, and None while neither has happened.
        """
        self._is_acknowledged = False
        """Whether the server has accepted the order."""
        self._is_cancelled = False
        """Whether it was cancelled, by its owner or by the server. Then its end is not a refusal."""
        self._modified: datetime | None = None
        """When the last modification was sent; None when no answer is awaited."""
        self._is_answered = False
        """Whether the server has shown the order as the last modification asked for it."""
        self._is_one_change = False
        """Whether the last modification was the only one without an answer."""
        self._is_inactive = False
        """Whether the server has called it `Inactive`, which is an end only if there is a reason for it."""
        self._shown_status = ""
        """The status that came with the order when the server showed it last."""
        self._is_completed = False
        """Whether the server shows it among the completed orders."""
        self._executed = Progress()
        self._refusal: Rejection | None = None
        """Why the server has refused it, if it turns out that this was its end."""
        self._before_cancel = ""
        """The status before the cancellation."""
        self._least_filled = 0.0
        """How much is filled at least, by all statuses and executions so far."""
        self._announced: set[str] = set()
        """The names of the events that have announced its end."""
        if not is_placed_here:  # it may have ended before it became known, which must not be announced
            self._announce_end()

    # --- what this client does ------------------------------------------------------------------------------------

    def shown_order(self) -> Order | None:
        """Return the order as the server showed it last, None if it has not shown it yet."""
        shown, own = self.terms.shown(), self.trade.order
        if shown is None:
            return None
        ids = {name: getattr(own, name) for name in ("orderId", "clientId", "permId", "parentId")}
        return Order(**ids, **shown)

    def modify(self, order: Order, going: Order, now: datetime) -> tuple[Emissions, Callable[[], None]]:
        """Record that a change is sent next: `going`, which was made of its owner's `order`.

        Also returns a function that takes this back, for a change that could not be sent.
        """
        # The program may pass another `Order` object than before. From now on the trade has that one, with its ids.
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

    def cancel(self, now: datetime) -> tuple[Emissions, Callable[[], None]]:
        """Record a cancellation that is sent next. Return also what takes that back, if it cannot be sent."""
        # The server has no order that was never transmitted, so that nobody would confirm its cancellation.
        trade = self.trade
        if trade.isDone():
            return [], lambda: None
        restore_trade, own = restorer(trade), {**vars(self), "_announced": set(self._announced)}

        def take_back() -> None:
            vars(self).update(own)
            restore_trade()

        old = trade.orderStatus.status
        if old != OrderStatus.PendingCancel:
            self._before_cancel = old
        untransmitted = old == OrderStatus.PendingSubmit and not trade.order.transmit
        trade.orderStatus.status = OrderStatus.Cancelled if untransmitted else OrderStatus.PendingCancel
        trade.cancelling = not untransmitted
        self._is_cancelled = True
        self._log(now)
        emissions = [
            Emit(trade.cancelEvent, (trade,)),
            Emit(trade.statusEvent, (trade,)),
            Emit("cancelOrderEvent", (trade,)),
            Emit("orderStatusEvent", (trade,)),
            *self._announce_end(),
        ]
        return emissions, take_back

    def identify(self, orderId: int, clientId: int, permId: int) -> None:
        """Take over the ids that were not known before."""
        self.permId = self.permId or permId
        for one in (self.trade.order, self.trade.orderStatus):
            one.permId = self.permId
            if not one.orderId or one.orderId == orderId:
                one.orderId, one.clientId = orderId, clientId

    def lose_sight(self, why: str, now: datetime, is_over: bool) -> Emissions:
        """Record that the link between gateway and IBKR is down or, with `is_over`, the connection to it."""
        # The gateway answers what it was sent once its own link is back. Only if the connection to the gateway is gone,
        # the answers are lost too, and the outcome has to be asked for on the next connection.
        trade, was_in_sight = self.trade, not self._is_out_of_sight
        if self._is_beyond_doubt():
            return []
        self._is_out_of_sight, self._is_missing = True, False
        self._old_fills = min(self._old_fills, self._least_filled)
        if self._unconfirmed is None:
            trade.uncertainty = why
        if is_over:
            self._come_into_doubt()
            is_news = self._unconfirmed is None
            if is_news:
                self._unconfirmed = self._what_is_unconfirmed()
            trade.cancelling, self._modified = False, None
            if is_news and self._unconfirmed:
                trade.uncertainty = f"{why} before the server had confirmed the {self._unconfirmed}"
                return self._warn(now, f"{trade.uncertainty}: its outcome is unknown")
        return self._changed(now, why) if was_in_sight else []

    def awaited(self) -> tuple[str, datetime | None] | None:
        """Return what was sent and is not answered, None if nothing is. It is the same until something else is sent."""
        if self._is_beyond_doubt():
            return None
        what = "cancellation" if self.trade.cancelling else self._what_is_unconfirmed()
        return (what, self._modified) if what else None

    def unheard(self, now: datetime) -> Emissions:
        """Give up waiting for the answer to what was sent. The server has to be asked."""
        what = "cancellation" if self.trade.cancelling else self._what_is_unconfirmed()
        text = f"There was no answer to the {what}"
        self.doubt(text)
        if what == "cancellation":
            return []
        self._unconfirmed, self._modified = what, None
        return self._warn(now, f"{text}: the server is asked how the order stands")

    def doubt(self, why: str) -> None:
        """Have the server asked how the order stands, because of something that leaves this open."""
        if not self._is_beyond_doubt():
            self._come_into_doubt()
            self.trade.uncertainty = self.trade.uncertainty or why

    def unanswered(self, why: str, now: datetime) -> Emissions:
        """Record that the server did not answer the question how the order stands."""
        self.is_doubtful = self.trade.cancelling = False
        return self._warn(now, f"It is not known how the order stands: {why}")

    # --- what the server says -------------------------------------------------------------------------------------

    def open_order(self, order: Order, status: str, now: datetime, asked: bool) -> Emissions:
        """Take in an openOrder message: the order as the server has it. It brings the owner's object up to date.

        With `asked`, the message answers a request for open orders. So the order lives, whatever was said before.
        """
        self._is_acknowledged |= status in ACKNOWLEDGING
        self._is_inactive |= status == OrderStatus.Inactive
        self._shown_status = status
        # The order of the steps matters. Whether the message answers a change must be known before the terms are taken
        # over, so that a change which the server does not show yet is not overwritten. And they must be taken over
        # before the change is settled, which forgets what was asked for.
        is_answer = self.terms.is_answered_by(order)
        emissions = self._found_open(status, not is_answer, now) if asked else self._confirm_late(now, is_answer)
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
        """Take in an orderStatus message. Amounts that it leaves out stay as they are."""
        current = self.trade.orderStatus
        missing = {
            name: getattr(current, name) for name in order_statuses.AMOUNTS if getattr(message, name) == UNSET_DOUBLE
        }
        message = replace(message, **missing) if missing else message
        self._is_acknowledged |= message.status in ACKNOWLEDGING
        self._is_inactive |= message.status == OrderStatus.Inactive
        if self._old_fills == inf:
            self._old_fills = message.filled
        confirmed = self._confirm_late(now)
        # After a reconnection messages can overtake one another. An old one only shows that the server has the order.
        if self._is_old(message):
            return confirmed
        if message.status in OrderStatus.DoneStates:
            self._clear_doubt()
        values: dict[str, float | str] = {name: getattr(message, name) for name in order_statuses.FIELDS}
        if self._executed.is_corrected or message.filled < self._least_filled:
            values |= self._progress()
        self._least_filled = max(self._least_filled, message.filled)
        changes = self._update(values, now) or confirmed
        if changes:
            return changes
        log = self.trade.log
        if message.status == OrderStatus.Submitted and log and log[-1].message == "Modify":
            return self._changed(now, "Modified")
        return []

    def was_missed(self, execution: Execution) -> bool:
        """Return whether an execution that came in answer to a request was missed when it happened."""
        return execution.cumQty > self._old_fills

    def executed(self, fill: Fill, now: datetime) -> Emissions:
        """Take in a new fill, which may complete the order."""
        execution = fill.execution
        self.trade.fills.append(fill)
        if self._counts(fill):
            self._executed.add(execution)
        self._is_acknowledged = True
        confirmed = self._confirm_late(now, is_shown=False)
        text = f"Fill {execution.shares}@{execution.price}{' (recovered)' if fill.recovered else ''}"
        self.trade.log.append(TradeLogEntry(fill.time, self.trade.orderStatus.status, text))
        self._executed.is_corrected |= is_correction(execution.execId)
        if not self._counts(fill):
            return confirmed
        current = self.trade.orderStatus
        is_complete = 0 < self._size() <= execution.cumQty and not self._is_modifying(now)
        values: dict[str, float | str] = {}
        if self._executed.is_corrected or execution.cumQty > self._least_filled:
            values.update(self._progress(), clientId=execution.clientId)
        if is_complete and current.status != OrderStatus.Filled:
            values.update(self._progress(), status=OrderStatus.Filled, whyHeld="", clientId=execution.clientId)
        self._least_filled = max(self._least_filled, execution.cumQty)
        # Its end was announced before this fill was known.
        if self._is_completed and current.status == OrderStatus.Filled:
            vars(current).update(values)
            return []
        return self._update(values, now) or confirmed

    def corrected(self, old: Fill, new: Fill, now: datetime) -> Emissions:
        """Replace a fill by its correction."""
        trade = self.trade
        trade.fills[:] = [new if fill is old else fill for fill in trade.fills]
        self._executed.correct(fill.execution for fill in trade.fills if self._counts(fill))
        vars(trade.orderStatus).update(self._progress())
        was, now_is = old.execution, new.execution
        message = f"Fill {was.shares}@{was.price} corrected to {now_is.shares}@{now_is.price}"
        return [*self._changed(now, message), Emit(trade.fillCorrectedEvent, (trade, new, old))]

    def commission(self, fill: Fill, report: CommissionReport) -> Emissions:
        """Announce what a fill cost."""
        args = (self.trade, fill, report)
        return [Emit("commissionReportEvent", args), Emit(self.trade.commissionReportEvent, args)]

    def completed(self, status: str, text: str, now: datetime) -> Emissions:
        """Record that the server shows the order among the completed ones. `text` says how it ended."""
        self._clear_doubt()
        self._is_completed = True
        self._is_cancelled |= text.startswith("Cancelled by Trader")
        if text.startswith("Rejected") and self._refusal is None:
            self._refusal = Rejection(0, text)
        return self._set_status(ended_status(status, text, self.refused), now, text)

    def revive(self, now: datetime) -> Emissions:
        """Record that the server, asked for open orders, shows this one, which seemed to have ended."""
        trade, status = self.trade, self._shown_status
        if not trade.isDone() or status in OrderStatus.DoneStates or trade.orderStatus.status == OrderStatus.Filled:
            return []
        self._is_completed = self._is_cancelled = False
        self._refusal = None
        self._announced.clear()
        trade.orderStatus.status = status
        return self._changed(now, "The order lives")

    def gone(self, now: datetime, is_whole: bool = True) -> Emissions:
        """Record that the server shows the order neither among the open nor among the completed ones.

        `is_whole` means that the completed ones include all that ended since the link was lost.
        """
        # If no link was lost, an order that has not reached the server may still arrive. If one was lost, an order that
        # the server once had may have been filled meanwhile, and so may any order that ended too long ago to be among
        # the completed ones. Otherwise the order is gone.
        is_at_server = self._is_acknowledged or self.permId != 0
        is_unrefused = self._unconfirmed is not None and self._refusal is None
        is_late = not self._is_out_of_sight and not is_at_server and is_unrefused
        text = "The server tells of the order nowhere: it was dropped, or is still on its way" if is_late else ""
        if self._is_out_of_sight and (is_at_server or not is_whole):
            text = "The server tells of the order nowhere any more: it may have been filled"
        if text and not self.trade.isDone():
            is_news = self.trade.uncertainty != text or self.trade.cancelling
            self.is_doubtful, self.trade.uncertainty, self.trade.cancelling = False, text, False
            self._is_missing = True
            return self._warn(now, text) if is_news else []
        self._clear_doubt()
        if self.trade.isDone():
            return []
        was_refused = self._refusal is not None and not self._is_cancelled
        status = self.refused if was_refused else OrderStatus.ApiCancelled
        return self._set_status(status, now, "The server does not know the order")

    def warn(self, text: str, now: datetime) -> Emissions:
        """Add a warning that comes from this client, not from the server."""
        return self._warn(now, text)

    def error(self, code: int, text: str, advanced: str, now: datetime) -> Emissions:
        """Take in an error or warning of the server that names the order. `advanced` is JSON with details, or ""."""
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
            return self._set_status(OrderStatus.Cancelled, now, message, code)
        if not codes.refuses_order(code):
            self.doubt(message)
            return self._warn(now, message, code)
        return self._refused(Rejection(code, text, advanced), message, now)

    # --- rules ----------------------------------------------------------------------------------------------------

    def _refused(self, refusal: Rejection, message: str, now: datetime) -> Emissions:
        current = self.trade.orderStatus
        if self._is_modifying(now) or (self._is_acknowledged and refusal.code in _DENIES_LIFE):
            if not self._is_acknowledged:  # either the order or its modification is refused
                self._refusal = refusal
            if not self._is_acknowledged or refusal.code in _DENIES_LIFE or not self._is_one_change:
                self.doubt(message)
            else:
                self.terms.refuse(self.trade.order)
            self._modified = None
            return self._warn(now, message, refusal.code)
        if current.status == OrderStatus.Filled:
            return self._warn(now, message, refusal.code)
        self._refusal = refusal
        if self.trade.isDone():
            return self._changed(now, message, refusal.code)
        # That the id is taken does not tell by whom: perhaps by this order, which the server then got twice.
        if self._is_acknowledged or refusal.code == _DUPLICATE_ID:
            self.doubt(message)
            return self._warn(now, message, refusal.code)
        current.status = self.refused
        return self._changed(now, message, refusal.code)

    def _cancel_refused(self, code: int, text: str, message: str, now: datetime) -> Emissions:
        state = status_in(text) if code == _STATE_OF_UNCANCELLABLE else ""
        if state:
            self.trade.cancelling &= state == OrderStatus.PendingCancel
            return self._set_status(state, now, message, code) or self._status_events()
        current = self.trade.orderStatus
        if current.status == OrderStatus.PendingCancel and self._before_cancel:
            current.status = self._before_cancel
        self._is_cancelled = False
        if code == _UNKNOWN_ORDER:  # the order has ended, and the completed ones will show how
            self._is_out_of_sight, self._unconfirmed = False, None
        self.doubt(message)
        return [*self._warn(now, message, code), *self._announce_end()]

    def _come_into_doubt(self) -> None:
        self.is_doubtful = True
        self.doubts += 1

    def _is_beyond_doubt(self) -> bool:
        """Return whether there is nothing to ask: the order is done, or only asks for its cost (`whatIf`)."""
        return self.trade.isDone() or self.trade.order.whatIf

    def _what_is_unconfirmed(self) -> str:
        if not self._is_acknowledged and not self.permId:
            return "order"
        if self.trade.cancelling:
            return "cancellation"
        return "modification" if self._modified is not None and not self._is_answered else ""

    def _clear_doubt(self) -> None:
        """End all doubt: the server has said how the order stands."""
        self.is_doubtful = self._is_out_of_sight = self._is_missing = False
        self._unconfirmed, self.trade.uncertainty = None, ""

    def _confirm_late(self, now: datetime, is_answer: bool = False, is_shown: bool = True) -> Emissions:
        """End the doubt about an order or modification if an unasked message is a late answer to it.

        `is_shown` means that the message shows the order as it is, which an execution does not.
        """
        is_order = self._unconfirmed == "order" and (self._is_acknowledged or self.permId != 0)
        is_confirmed = is_order or (self._unconfirmed == "modification" and is_answer)
        if not (is_confirmed and not self._is_out_of_sight) and not (self._is_missing and is_shown):
            return []
        self._clear_doubt()
        return self._changed(now, "Acknowledged")

    def _found_open(self, status: str, is_other: bool, now: datetime) -> Emissions:
        """End all doubt: the server was asked and shows the order, if `is_other` without the last change."""
        trade, unconfirmed, was_doubtful = self.trade, self._unconfirmed, self.is_doubtful
        self._clear_doubt()
        if status != OrderStatus.Inactive:
            self._refusal = None
        if not was_doubtful or status in OrderStatus.DoneStates:
            return []
        if unconfirmed == "modification" and is_other:
            return self._warn(now, "The modification did not reach the server")
        current = trade.orderStatus
        was_cancelling = (
            unconfirmed == "cancellation" or trade.cancelling or current.status == OrderStatus.PendingCancel
        )
        trade.cancelling = was_cancelling and status == OrderStatus.PendingCancel
        if was_cancelling and not trade.cancelling:
            self._is_cancelled, current.status = False, status
            return self._warn(now, "The order lives: its cancellation did not reach the server, or was refused")
        return self._changed(now, "The order lives")

    def _set_status(self, status: str, now: datetime, message: str, code: int = 0) -> Emissions:
        """Take over a status that comes without the amounts of a status message, unless it is an old one."""
        current = self.trade.orderStatus
        if self._finality(status) < self._finality(current.status) or status == current.status:
            self._log(now, message, code)
            return self._announce_end()
        current.status = status
        return self._changed(now, message, code)

    def _settle_remaining(self) -> None:
        """Fill in `remaining` at the end of an order, which may come without a status that tells it."""
        current = self.trade.orderStatus
        if self.trade.isDone() and current.status != OrderStatus.Filled and not current.remaining:
            current.remaining = max(self._size() - current.filled, 0.0)

    def _size(self) -> float:
        """Return how much the server is to execute. The owner's object may have another size that was not sent."""
        return float(self.terms.at_server("totalQuantity"))

    def _is_old(self, message: StatusMessage) -> bool:
        new, current = self._finality(message.status), self._finality(self.trade.orderStatus.status)
        is_less = message.filled < self._least_filled and not self._executed.is_corrected
        return new < current or (new == current and is_less)

    def _finality(self, status: str) -> int:
        if status != OrderStatus.Inactive:
            return FINALITY.get(status, 0)
        is_end = self._is_completed or (self._is_inactive and self._refusal is not None)
        return int(is_end and self.trade.orderStatus.status == OrderStatus.Inactive)

    def _counts(self, fill: Fill) -> bool:
        # The legs of a combination have fills of their own, which do not tell how much of the order is filled.
        return self.trade.contract.secType != "BAG" or fill.contract.secType == "BAG"

    def _progress(self) -> dict[str, float | str]:
        """Return the fields of a status that follow from the fills."""
        remaining, told = self.trade.orderStatus.remaining, self._executed.told(self._size())
        return {"remaining": remaining, **told} if told else {}

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
        return [*self._status_events(), Emit(trade.warningEvent, (trade, entry))]

    def _changed(self, now: datetime, message: str = "", code: int = 0) -> Emissions:
        self._log(now, message, code)
        return [*self._status_events(), *self._announce_end()]

    def _status_events(self) -> Emissions:
        return [Emit("orderStatusEvent", (self.trade,)), Emit(self.trade.statusEvent, (self.trade,))]

    def _announce_end(self) -> Emissions:
        """Settle whether the order was refused, and announce its end if it is new."""
        # The reason of a refusal may come before or after the status. Both lead here, and each end is announced once.
        trade, status = self.trade, self.trade.orderStatus.status
        if trade.isDone():
            self._clear_doubt()
            trade.cancelling = False
        self._settle_remaining()
        was_refused = status in OrderStatus.DoneStates and status != OrderStatus.Filled and not self._is_cancelled
        trade.rejection = self._refusal if was_refused else None
        if trade.rejection is not None:  # it was taken for a warning when it came
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
