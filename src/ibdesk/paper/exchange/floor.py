"""Decides what happens to an order once it is taken, as time and quotes pass; must not know how orders come in.

Every change of an order goes through one of five doors: `Floor.accept` and `Floor.reject` at the start,
`Floor.advance` whenever something that held it back may have gone, a fill, and `Floor.finish`.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from enum import IntEnum
from heapq import heappop, heappush

from ibdesk.model.contract_details import ContractDetails

from .conditions import contracts_watched, met, times_watched
from .echo import snapshot
from .executions import Executions
from .facts import CompletedOrder, Fact, format_time
from .groups import OcaGroups
from .lifecycle import CANCELLED, CANCELLING, FILLED, HELD, REJECTED, WORKING
from .matching import ADDED, REMOVED, closing_price
from .moments import moment
from .pit import Pit
from .quotes import Prices
from .register import Register
from .risk import Risk, shortfall
from .sessions import SessionOf
from .turn import Turn
from .validation import parent_not_found
from .working import WorkingOrder, order_state

CANCELED = (202, "Order Canceled - reason:")
BY_TRADER, BY_SYSTEM, EXPIRED = "Cancelled by Trader", "Cancelled by System:\n", "Expired"


class Alarm(IntEnum):
    """What is due at a moment; of two at the same moment the lower comes first."""

    AUCTION = 0
    EXPIRE = 1
    HOURS = 2
    WAKE = 3


class Floor:
    """The orders that are live, and the rules by which they move."""

    def __init__(
        self,
        accounts: Mapping[str, Risk],
        session_of: SessionOf,
        register: Register,
        executions: Executions,
        max_working: int,
    ) -> None:
        self.accounts = accounts
        self.register = register
        self.executions = executions
        self.completed: list[CompletedOrder] = []
        self._session_of = session_of
        self._max_working = max_working
        self._groups = OcaGroups()
        self._pits: dict[int, Pit] = {}
        self._conditional: dict[int, WorkingOrder] = {}
        self._alarms: list[tuple[datetime, Alarm, int]] = []

    # Places

    def pit(self, con_id: int) -> Pit:
        """Where a contract is traded."""
        found = self._pits.get(con_id)
        if found is None:
            found = self._pits[con_id] = Pit()
        return found

    def open_pit(self, details: ContractDetails, con_id: int, now: datetime) -> Pit:
        """Where a contract is traded, with its hours."""
        pit = self.pit(con_id)
        known, pit.details = pit.details is not None, details
        if not known:
            self._set_hours(pit, con_id, now)
        return pit

    def _set_hours(self, pit: Pit, con_id: int, now: datetime) -> None:
        assert pit.details is not None, "hours are those of known instruments"
        pit.session = self._session_of(pit.details, now)
        if pit.session.until is not None and pit.session.until > now:
            heappush(self._alarms, (pit.session.until, Alarm.HOURS, con_id))

    def _pit_of(self, entry: WorkingOrder) -> Pit:
        return self.pit(entry.contract.conId)

    # Beginning

    def accept(self, entry: WorkingOrder, turn: Turn) -> None:
        """Begins the life of an order, or ends it at once when it must be rejected."""
        pit = self._pit_of(entry)
        if refused := self._objection(entry, pit):
            self.reject(entry, 201, f"Order rejected - reason:{refused}", turn)
            return
        self.schedule(entry, turn.now)
        pit.orders[entry.key.permId] = entry
        self._groups.join(entry)
        entry.kind.follow(entry, pit.liquidity.prices)
        if not entry.may_trade(pit.session):
            self._warn_of_hours(entry, pit, turn)
        entry.become(HELD)
        entry.why_held = self._why(entry)
        turn.tell(entry)
        self.observe([entry], turn)
        self.advance(entry, turn)

    def _objection(self, entry: WorkingOrder, pit: Pit) -> str:
        if self._groups.is_filled(entry):
            return "OCA group is already filled."
        if pit.working(entry.buys, entry.order.account) >= self._max_working:
            return (
                f"Your account has a minimum of {self._max_working} orders working on either the buy or sell side "
                "for this particular contract"
            )
        # The margin of an attached order is none of its own: it closes what its parent opens.
        return "" if entry.order.parentId else self.objection_of_funds(entry, entry.remaining)

    def objection_of_funds(self, entry: WorkingOrder, quantity: Decimal) -> str:
        """Why the account cannot carry so much of an order, "" when it can."""
        price = self.likely_price(entry)
        if price is None:
            return ""
        risk = self.accounts[entry.order.account]
        preview = risk.preview(entry.contract, entry.order.action, float(quantity), float(price))
        return "" if preview.acceptable else shortfall(preview)

    def likely_price(self, entry: WorkingOrder) -> Decimal | None:
        """The price at which an order can be expected to be filled, None when nothing tells."""
        if entry.kind.limited:
            return entry.limit
        if entry.stop is not None:
            return entry.stop
        prices = self._pit_of(entry).liquidity.prices
        return (prices.ask if entry.buys else prices.bid) or prices.last

    def _warn_of_hours(self, entry: WorkingOrder, pit: Pit, turn: Turn) -> None:
        opens = pit.session.next_open if entry.any_hours else pit.session.next_regular
        if opens is None:
            return
        contract, order = entry.contract, entry.order
        venue = contract.primaryExchange or contract.exchange
        what = f"{order.action} {order.totalQuantity:g} {contract.symbol} {venue}"
        until = f"{opens:%Y-%m-%d %H:%M:%S} {opens.tzinfo}"
        warning = f"Warning: your order will not be placed at the exchange until {until}"
        turn.error(entry.key, 399, f"Order Message:\n{what}\n{warning}")

    def schedule(self, entry: WorkingOrder, now: datetime) -> None:
        """Sets the alarms that an order needs, and its watches on other instruments."""
        order, session, perm_id = entry.order, self._pit_of(entry).session, entry.key.permId
        day_ends = session.close if entry.any_hours else session.regular_close
        entry.not_before = moment(order.goodAfterTime, now.tzinfo) if order.goodAfterTime else None
        if order.tif == "OPG":
            entry.not_before = session.next_regular
        entry.expires = {"DAY": day_ends, "GTD": self._good_till(entry, now)}.get(order.tif)
        due = [(entry.not_before, Alarm.WAKE), (entry.expires, Alarm.EXPIRE)]
        due += [(day_ends, Alarm.AUCTION)] if entry.kind.at_close else []
        due += [(when, Alarm.WAKE) for when in times_watched(order.conditions, now.tzinfo)]
        for when, alarm in due:
            if when is not None:
                heappush(self._alarms, (when, alarm, perm_id))
        if order.conditions:
            self._conditional[perm_id] = entry
        for con_id in contracts_watched(order.conditions):
            self.pit(con_id).watchers[perm_id] = entry

    def _good_till(self, entry: WorkingOrder, now: datetime) -> datetime | None:
        return moment(entry.order.goodTillDate, now.tzinfo) if entry.order.tif == "GTD" else None

    def reject(self, entry: WorkingOrder, code: int, text: str, turn: Turn) -> None:
        """Ends an order that nobody was told of yet."""
        reason = text.partition("reason:")[2] or text
        self.register.refused.add((entry.key.clientId, entry.key.orderId))
        self.finish(entry, REJECTED, turn, f"Rejected by System:{reason}", (code, text))

    # Middle

    def advance(self, entry: WorkingOrder, turn: Turn) -> None:
        """Takes an order as far as it can go now: to where it is held, to its trigger, or to the market."""
        if entry.done or not entry.transmitted:
            return
        pit = self._pit_of(entry)
        pit.book.remove(entry)
        if not self._released(entry, pit, turn.now):
            self._show(entry, HELD, turn)
            return
        if entry.awaits_trigger:
            entry.kind.follow(entry, pit.liquidity.prices)
            if not entry.kind.wakes(entry, pit.liquidity.prices, pit.liquidity.before):
                pit.book.add(entry)
                self._show(entry, HELD, turn)
                return
        entry.kind.enter(entry, pit.liquidity.prices)
        if entry.awaits_trigger:
            entry.triggered = True
            self._show(entry, WORKING, turn)
        if self._serve(entry, turn, resting=False):
            return
        if entry.immediate:
            self.cancel(entry, turn, BY_SYSTEM, notice=None)
            return
        pit.book.add(entry)
        self._show(entry, WORKING, turn)

    def _released(self, entry: WorkingOrder, pit: Pit, now: datetime) -> bool:
        return not (
            self._awaits_parent(entry)
            or (entry.not_before is not None and now < entry.not_before)
            or (entry.order.conditions and not entry.conditions_met and not entry.order.conditionsCancelOrder)
            or entry.kind.at_close
            or not entry.may_trade(pit.session)
        )

    def _awaits_parent(self, entry: WorkingOrder) -> bool:
        parent = self.register.parent(entry)
        return parent is not None and parent.status != FILLED

    def _why(self, entry: WorkingOrder) -> str:
        reasons = {"child": self._awaits_parent(entry), "trigger": entry.awaits_trigger}
        return ",".join(reason for reason, holds in reasons.items() if holds)

    def _show(self, entry: WorkingOrder, status: str, turn: Turn) -> None:
        why = self._why(entry) if status == HELD else ""
        if (status, why) != (entry.status, entry.why_held):
            entry.become(status)
            entry.why_held = why
            turn.tell(entry)

    def _serve(self, entry: WorkingOrder, turn: Turn, resting: bool) -> bool:
        """Fills an order with what the market has; returns whether that was its end."""
        liquidity = self._pit_of(entry).liquidity
        kind = ADDED if resting and entry.kind.limited else REMOVED
        while not entry.done and (offer := liquidity.offer(entry, resting)):
            liquidity.use(offer)
            self._fill(entry, offer.size, offer.price, kind, turn)
        return entry.done

    def _fill(self, entry: WorkingOrder, size: Decimal, price: Decimal, liquidity: int, turn: Turn) -> None:
        entry.add_fill(size, price)
        turn.facts.append(self.executions.record(entry, size, price, liquidity, turn.now))
        if entry.remaining:
            entry.become(WORKING)
            entry.why_held = ""
            turn.tell(entry)
        else:
            self.finish(entry, FILLED, turn, f"Filled Size: {float(entry.filled):g}")
        for other, quantity in self._groups.after_fill(entry, size):
            if quantity:
                other.quantity = other.filled + quantity
                other.order.totalQuantity = float(other.quantity)
                turn.tell(other)
            else:
                self.cancel(other, turn, BY_SYSTEM)
        self.observe(list(self._conditional.values()), turn)

    # End

    def cancel(self, entry: WorkingOrder, turn: Turn, reason: str, notice: tuple[int, str] | None = CANCELED) -> None:
        """Ends an order unfilled, or partly filled."""
        if entry.done:
            return
        if entry.transmitted:
            entry.become(CANCELLING)
            entry.why_held = ""
            turn.facts.append(entry.reported())
        self.finish(entry, CANCELLED, turn, reason, notice)

    def finish(
        self, entry: WorkingOrder, status: str, turn: Turn, reason: str, notice: tuple[int, str] | None = None
    ) -> None:
        """Ends an order, and sees to those attached to it."""
        pit, perm_id = self._pit_of(entry), entry.key.permId
        pit.book.remove(entry)
        pit.orders.pop(perm_id, None)
        self._conditional.pop(perm_id, None)
        for con_id in contracts_watched(entry.order.conditions):
            self.pit(con_id).watchers.pop(perm_id, None)
        self._groups.leave(entry)
        entry.become(status)
        entry.why_held = ""
        turn.tell(entry)
        if notice:
            turn.error(entry.key, *notice)
        self.completed.append(_completed(entry, reason, turn.now))
        for child in self.register.children(entry):
            if status == FILLED:
                self.advance(child, turn)
            elif status == REJECTED:
                self.reject(child, *parent_not_found(entry.key.orderId), turn)
            else:
                self.cancel(child, turn, BY_SYSTEM)

    # What happens outside

    def on_quote(self, con_id: int, turn: Turn) -> None:
        """Does what the quote that the pit has just taken brings about."""
        pit = self.pit(con_id)
        if pit.watchers:
            self.observe(list(pit.watchers.values()), turn)
        liquidity, book = pit.liquidity, pit.book
        following = list(book.following.values())
        for entry in following:
            entry.kind.follow(entry, liquidity.prices)
        for entry in following + self._near(pit):
            if entry in book and entry.kind.wakes(entry, liquidity.prices, liquidity.before):
                self.advance(entry, turn)
        for entry in list(book.marketable(*liquidity.reach())):
            if entry in book and not entry.awaits_trigger:
                self._serve(entry, turn, resting=True)

    def _near(self, pit: Pit) -> list[WorkingOrder]:
        span = pit.liquidity.span()
        return sorted(pit.book.near(*span), key=lambda entry: entry.sequence) if span else []

    def observe(self, orders: Iterable[WorkingOrder], turn: Turn) -> None:
        """Looks at the conditions of orders."""
        for entry in orders:
            if entry.done or not entry.transmitted or entry.conditions_met or not entry.order.conditions:
                continue
            quiet = not entry.order.conditionsIgnoreRth and not entry.may_trade(self._pit_of(entry).session)
            if quiet or not met(entry, turn.now, self):
                continue
            entry.conditions_met = True
            if entry.order.conditionsCancelOrder:
                self.cancel(entry, turn, BY_SYSTEM)
            else:
                self.advance(entry, turn)

    def on_time(self, now: datetime) -> list[Fact]:
        """Does what was due until now, each thing at its own moment."""
        facts: list[Fact] = []
        while self._alarms and self._alarms[0][0] <= now:
            when, alarm, number = heappop(self._alarms)
            turn = Turn(when, facts)
            if alarm is Alarm.HOURS:
                self._change_hours(number, turn)
            elif (entry := self.register.get(number)) and entry.transmitted and not entry.done:
                self._ring(alarm, entry, turn)
        return facts

    def watch_margin(self, turn: Turn) -> None:
        """Looks at all conditions: those on margin have no other occasion."""
        self.observe(list(self._conditional.values()), turn)

    def _ring(self, alarm: Alarm, entry: WorkingOrder, turn: Turn) -> None:
        if alarm is Alarm.AUCTION:
            self._close(entry, turn)
        elif alarm is Alarm.EXPIRE and entry.expires == turn.now:
            self.finish(entry, CANCELLED, turn, EXPIRED)
        elif alarm is Alarm.WAKE:
            self.observe([entry], turn)
            if entry not in self._pit_of(entry).book:
                self.advance(entry, turn)

    def _close(self, entry: WorkingOrder, turn: Turn) -> None:
        price = closing_price(entry, self._pit_of(entry).liquidity.prices)
        if price is None:
            self.cancel(entry, turn, BY_SYSTEM)
        else:
            self._show(entry, WORKING, turn)
            self._fill(entry, entry.remaining, price, REMOVED, turn)

    def _change_hours(self, con_id: int, turn: Turn) -> None:
        pit = self.pit(con_id)
        self._set_hours(pit, con_id, turn.now)
        self.observe(list(pit.orders.values()), turn)
        for entry in list(pit.orders.values()):
            if not entry.done and self._released(entry, pit, turn.now) != (entry in pit.book):
                self.advance(entry, turn)

    # What conditions look at (conditions.Surroundings)

    def sec_type(self, con_id: int) -> str:
        """The security type of a contract, "" when it is not known."""
        details = self.pit(con_id).details
        return details.contract.secType if details and details.contract else ""

    def prices(self, con_id: int) -> tuple[Prices, Prices]:
        """The last quote of a contract and the one before."""
        liquidity = self.pit(con_id).liquidity
        return liquidity.prices, liquidity.before

    def volume(self, con_id: int) -> float | None:
        """The volume of the day of a contract."""
        return self.pit(con_id).volume

    def percent_change(self, con_id: int) -> float | None:
        """The change of a contract since yesterday's close."""
        return self.pit(con_id).percent_change

    def cushion(self, account: str) -> float:
        """The margin cushion of an account, in percent."""
        return self.accounts[account].margin_cushion()

    def executed(self, account: str, symbol: str, sec_type: str, since: int) -> bool:
        """Whether an account traded such a contract after the first `since` executions."""
        return any(
            fact.contract.symbol == symbol
            and sec_type in ("", "*", fact.contract.secType)
            and fact.execution.acctNumber == account
            for fact in self.executions.facts[since:]
        )


def _completed(entry: WorkingOrder, reason: str, now: datetime) -> CompletedOrder:
    order = snapshot(entry.order)
    order.filledQuantity = float(entry.filled)
    if entry.status == FILLED:
        order.totalQuantity = 0.0
    state = order_state(entry.status)
    state.completedTime, state.completedStatus = format_time(now), reason
    return CompletedOrder(entry.key, entry.contract, order, state, now)
