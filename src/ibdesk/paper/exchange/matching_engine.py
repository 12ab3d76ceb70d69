"""The life of an order once it is taken, as time and quotes pass.

Every change of an order is made by one of five methods: `MatchingEngine.accept` or `reject` at the start, `advance`
whenever something that held it back may have gone, `_fill`, and `finish` at the end. So there are five places to look
at when an order does what it should not.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import IntEnum
from heapq import heappop, heappush

from ibdesk.model.contract_details import ContractDetails

from ..decimals import ZERO
from ..refusals import Refusal
from ..time_texts import parse_time
from . import algos, hedges, scale
from .auctions import closing_price, opening_price
from .conditions import contracts_watched, hopeless, met, times_watched, watches_margin
from .executions import Executions
from .facts import CompletedOrder, Fact
from .followers import Followers
from .funds import Funds
from .groups import OcaGroups
from .hours import EndOf, HoursOf
from .instrument_market import BOTH_SIDES, InstrumentMarket
from .lifecycle import CANCELLED, CANCELLING, FILLED, HELD, REJECTED, WORKING
from .liquidity import ADDED, REMOVED, within
from .new_orders import NewOrders
from .order_fields import counted
from .order_index import OrderIndex
from .order_types import ORDER_TYPES
from .order_types.adjustment import adjust
from .outcome import Outcome
from .price_caps import through_the_market
from .references import OptionModel
from .risk import Risk
from .surroundings import MarketSurroundings
from .validation import CONTRACT_EXPIRED, parent_not_found
from .working import NO_LEVEL, Attached, WorkingOrder

CANCELED = (202, "Order Canceled - reason:")
CONTRACT_ENDS = (202, "Order Canceled - reason:Contract expired")
OUT_OF_RANGE = (202, "Order Canceled - reason:The price of the underlying is out of range")
BY_TRADER, BY_SYSTEM, EXPIRED = "Cancelled by Trader", "Cancelled by System:\n", "Expired"


class Alarm(IntEnum):
    """What is due at a moment; of two at the same moment the lower comes first."""

    AUCTION = 0
    EXPIRE = 1
    CONTRACT_ENDS = 2
    HOURS = 3
    WAKE = 4
    RELEASE = 5


class MatchingEngine:
    """The orders that are live, and the rules by which they move. `markets` has that of each contract, by conId."""

    def __init__(
        self,
        accounts: Mapping[str, Risk],
        hours_of: HoursOf,
        end_of: EndOf,
        index: OrderIndex,
        executions: Executions,
        new_orders: NewOrders,
        delta_of: hedges.DeltaOf,
        max_working: int,
        option_model: OptionModel,
    ) -> None:
        self.index = index
        self.executions = executions
        self._new_orders = new_orders
        self.delta_of = delta_of
        self.completed: list[CompletedOrder] = []
        self._hours_of = hours_of
        self._end_of = end_of
        self._max_working = max_working
        self._groups = OcaGroups()
        self.markets: defaultdict[int, InstrumentMarket] = defaultdict(InstrumentMarket)
        self.funds: Funds = Funds(accounts, index, self.markets)
        self._around = MarketSurroundings(accounts, self.markets, executions)
        self.followers: Followers = Followers(self.markets, option_model)
        self._conditional: dict[int, WorkingOrder] = {}
        # The contracts of which the end is among the alarms, if they have one: once, however many orders there are.
        self._looked_up: set[int] = set()
        # By the moment in UTC; the moment in its own zone comes last, for it is what is reported.
        self._alarms: list[tuple[datetime, Alarm, int, datetime]] = []

    # Places

    def open_market(self, details: ContractDetails, con_id: int, now: datetime) -> InstrumentMarket:
        """Return the market of a contract, with its hours, which the details tell."""
        market = self.markets[con_id]
        known, market.details = market.details is not None, details
        if not known:
            self._set_hours(market, con_id, now)
        return market

    def _set_hours(self, market: InstrumentMarket, con_id: int, now: datetime) -> None:
        assert market.details is not None, "hours are those of known instruments"
        market.hours = self._hours_of(market.details, now)
        if market.hours.until is not None and market.hours.until > now:
            self._set_alarm(market.hours.until, Alarm.HOURS, con_id)

    def check_ends(self, con_ids: Iterable[int], now: datetime) -> None:
        """Raise `Refusal` if a contract is traded no more."""
        for con_id in con_ids:
            if self._has_ended(con_id, now):
                raise Refusal(*CONTRACT_EXPIRED)

    def _has_ended(self, con_id: int, now: datetime) -> bool:
        end = self._end_of(con_id)
        return end is not None and end <= now

    def _set_alarm(self, when: datetime, alarm: Alarm, number: int) -> None:
        heappush(self._alarms, (when.astimezone(UTC), alarm, number, when))

    # Beginning

    def accept(self, entry: WorkingOrder, outcome: Outcome) -> None:
        """Begin the life of an order, or end it at once when it must be rejected."""
        market = self.markets[entry.contract.conId]
        if entry.kind.has_reference:
            self.followers.look(entry, outcome.now)
        if refused := self._objection(entry, market):
            self.reject(entry, 201, f"Order rejected - reason:{refused}", outcome)
            return
        self.schedule(entry, outcome.now)
        market.orders[entry.key.permId] = entry
        self._groups.join(entry)
        # A stop that trails begins at the quote of now, even if the order is held back for other reasons.
        entry.kind.follow(entry, market.liquidity.prices)
        if not entry.may_trade(market.hours):
            self._warn_of_hours(entry, market, outcome)
        entry.become(HELD)
        entry.why_held = self._why(entry)
        outcome.tell(entry)
        self.observe([entry], outcome)
        self.advance(entry, outcome)

    def attach(self, parent: WorkingOrder, attached: Attached, outcome: Outcome) -> None:
        """Begin the life of an order that the exchange makes for the sake of another."""
        entry = self._new_orders.attach(parent, attached, outcome.now)
        self.open_market(entry.details, entry.contract.conId, outcome.now)
        self.accept(entry, outcome)

    def _objection(self, entry: WorkingOrder, market: InstrumentMarket) -> str:
        if self._groups.is_filled(entry):
            return "OCA group is already filled."
        if market.working(entry.buys, entry.order.account) >= self._max_working:
            return (
                f"Your account has a minimum of {self._max_working} orders working on either the buy or sell side "
                "for this particular contract"
            )
        if not self._awaits_parent(entry) and market.has_other_side(entry):
            return BOTH_SIDES
        return self.funds.objection(entry)

    def _warn_of_hours(self, entry: WorkingOrder, market: InstrumentMarket, outcome: Outcome) -> None:
        opens = market.hours.next_open if entry.any_hours else market.hours.next_regular
        if opens is None:
            return
        contract, order = entry.contract, entry.order
        venue = contract.primaryExchange or contract.exchange
        what = f"{order.action} {order.totalQuantity:g} {contract.symbol} {venue}"
        until = f"{opens:%Y-%m-%d %H:%M:%S} {opens.tzinfo}"
        warning = f"Warning: your order will not be placed at the exchange until {until}"
        outcome.error(entry.key, 399, f"Order Message:\n{what}\n{warning}")

    def schedule(self, entry: WorkingOrder, now: datetime) -> None:
        """Set the alarms that an order needs, and watch the instruments that its conditions look at."""
        # The alarms of before a change stay in the heap, which cannot be searched: `_ring` knows which ones still hold.
        market = self.markets[entry.contract.conId]
        order, hours, perm_id = entry.order, market.hours, entry.key.permId
        entry.not_before = parse_time(order.goodAfterTime, now.tzinfo) if order.goodAfterTime else None
        day_ends = hours.day_ends(entry.any_hours)
        if day_ends and entry.not_before and entry.not_before >= day_ends and market.details:
            # It is good for the day on which it begins.
            day_ends = self._hours_of(market.details, entry.not_before).day_ends(entry.any_hours)
        market.opening.pop(perm_id, None)
        if entry.at_open:
            entry.not_before = hours.next_regular
            market.opening[perm_id] = entry
        entry.expires = day_ends if order.tif == "DAY" else None
        if order.tif == "GTD":
            entry.expires = parse_time(order.goodTillDate, now.tzinfo)
        if counted(order.duration):
            ends = entry.accepted_at + timedelta(seconds=order.duration)
            entry.expires = min(entry.expires or ends, ends)
        if order.algoStrategy:
            algos.plan(entry, hours, now)
        due = [(entry.not_before, Alarm.WAKE), (entry.expires, Alarm.EXPIRE), (entry.next_release, Alarm.RELEASE)]
        if entry.kind.at_close:
            due.append((day_ends, Alarm.AUCTION))
        if order.conditions:
            due += [(when, Alarm.WAKE) for when in times_watched(order.conditions, now.tzinfo)]
            self._conditional[perm_id] = entry
            for con_id in contracts_watched(order.conditions):
                self.markets[con_id].watchers[perm_id] = entry
        for when, alarm in due:
            if when is not None:
                self._set_alarm(when, alarm, perm_id)
        concerned = {entry.contract.conId, *contracts_watched(order.conditions)}
        if entry.kind.has_reference:
            self.followers.enter(entry, now)
            concerned.add(entry.kind.reference(order, entry.details.underConId))
        for con_id in concerned - self._looked_up:
            self._looked_up.add(con_id)
            if end := self._end_of(con_id):
                self._set_alarm(end, Alarm.CONTRACT_ENDS, con_id)

    def unwatch(self, entry: WorkingOrder) -> None:
        """Watch the instruments of an order's conditions, and the one that it follows, no longer."""
        if entry.reference is not None:
            self.followers.leave(entry.key.permId, entry.reference.con_id)
        if self._conditional.pop(entry.key.permId, None):
            for con_id in contracts_watched(entry.order.conditions):
                self.markets[con_id].watchers.pop(entry.key.permId, None)

    def reject(self, entry: WorkingOrder, code: int, text: str, outcome: Outcome) -> None:
        """End an order that nobody was told of yet."""
        reason = text.partition("reason:")[2] or text
        self.index.refused.add((entry.key.clientId, entry.key.orderId))
        self.finish(entry, REJECTED, outcome, f"Rejected by System:{reason}", (code, text))

    # Middle

    def advance(self, entry: WorkingOrder, outcome: Outcome) -> None:
        """Move an order as far as it can go now: to where it is held, to its trigger, or to the market.

        It is called whenever something may have changed for the order, however far it has got: so it begins by taking
        the order off the book and ends by putting it where it belongs. An order that nothing has changed for is told
        of again to nobody, since `_show` reports differences only.
        """
        if entry.done or not entry.transmitted:
            return
        market = self.markets[entry.contract.conId]
        liquidity = market.liquidity
        market.book.remove(entry)
        if not self._released(entry, market, outcome.now):
            self._show(entry, HELD, outcome)
            return
        if entry.reference is not None and entry.kind.out_of_range(entry):
            self.cancel(entry, outcome, BY_SYSTEM, OUT_OF_RANGE)
            return
        if entry.awaits_trigger:
            if entry.adjusts_at is not None and entry.kind.adjusts(entry, liquidity.prices, liquidity.before):
                adjust(entry, ORDER_TYPES[entry.order.adjustedOrderType])
                outcome.tell(entry)
            entry.kind.follow(entry, liquidity.prices)
            if not entry.kind.wakes(entry, liquidity.prices, liquidity.before):
                market.book.add(entry)
                self._show(entry, HELD, outcome)
                return
        entry.kind.enter(entry, liquidity.prices)
        if entry.awaits_trigger:
            # It is shown at work before it is filled, as gateways do.
            entry.triggered = True
            self._show(entry, WORKING, outcome)
        if entry.limit != entry.capped_at:
            entry.capped_at = entry.limit
            if reason := through_the_market(entry, liquidity.prices):
                self.cancel(entry, outcome, BY_SYSTEM, (202, f"Order Canceled - reason:{reason}"))
                return
        if self._serve(entry, outcome, resting=False):
            return
        if entry.immediate:
            self.cancel(entry, outcome, BY_SYSTEM, notice=None)
            return
        market.book.add(entry)
        self._show(entry, WORKING, outcome)

    def _released(self, entry: WorkingOrder, market: InstrumentMarket, now: datetime) -> bool:
        return not (entry.kind.at_close or entry.at_open) and self._may_begin(entry, market, now)

    def _may_begin(self, entry: WorkingOrder, market: InstrumentMarket, now: datetime) -> bool:
        return not (
            self._awaits_parent(entry)
            or (entry.not_before is not None and now < entry.not_before)
            or (entry.order.conditions and not entry.conditions_met and not entry.order.conditionsCancelOrder)
            or not entry.may_trade(market.hours)
        )

    def _awaits_parent(self, entry: WorkingOrder) -> bool:
        if not entry.order.parentId or not entry.waits_for_parent:
            return False
        parent = self.index.parent(entry)
        return parent is not None and parent.status != FILLED

    def _why(self, entry: WorkingOrder) -> str:
        reasons = {"child": self._awaits_parent(entry), "trigger": entry.awaits_trigger}
        return ",".join(filter(reasons.get, reasons))

    def _show(self, entry: WorkingOrder, status: str, outcome: Outcome) -> None:
        why = self._why(entry) if status == HELD else ""
        if (status, why) != (entry.status, entry.why_held):
            entry.become(status)
            entry.why_held = why
            outcome.tell(entry)

    def _serve(self, entry: WorkingOrder, outcome: Outcome, resting: bool) -> bool:
        """Fill an order with what the market has; return whether that was its end."""
        liquidity = self.markets[entry.contract.conId].liquidity
        kind = ADDED if resting and entry.kind.limited else REMOVED
        while not entry.done and (offer := liquidity.offer(entry, resting)):
            # It is used up before the fill, since orders may come of that which want the same.
            liquidity.use(offer)
            if not self._fill(entry, offer.size, offer.price, kind, outcome):
                liquidity.use(offer._replace(size=-offer.size))
        return entry.done

    def _fill(self, entry: WorkingOrder, size: Decimal, price: Decimal, liquidity: int, outcome: Outcome) -> bool:
        """Execute a part of an order. Return False if the account has no funds for it: then the order has ended."""
        if objection := self.funds.objection_to_fill(entry, size, price):
            refused = f"Order rejected - reason:{objection}"
            self.cancel(entry, outcome, f"{BY_SYSTEM}{objection}", (201, refused))
            return False
        self.funds.touch(entry.contract.conId)
        entry.add_fill(size, price)
        outcome.facts.append(self.executions.record(entry, size, price, liquidity, outcome.now))
        if entry.hedges:
            hedges.grow(entry, size, price, outcome, self)
        made = scale.go_on(entry, entry.ladder, size) if entry.ladder else []
        if entry.remaining or entry.grows:
            entry.become(WORKING)
            entry.why_held = ""
            outcome.tell(entry)
            if entry.hedges:
                hedges.go_on(entry, outcome, self)
            if entry.ladder:
                self._replace(entry)
        else:
            self.finish(entry, FILLED, outcome, entry.filled_text)
        self._reduce_others(entry, size, outcome)
        for attached in (*made, *entry.kind.after_fill(entry, size)):
            self.attach(entry, attached, outcome)
        self.observe(list(self._conditional.values()), outcome)
        return True

    def _replace(self, entry: WorkingOrder) -> None:
        """Put an order where its limit belongs now, if it is in the book."""
        book = self.markets[entry.contract.conId].book
        if entry in book:
            book.remove(entry)
            book.add(entry)

    def _reduce_others(self, entry: WorkingOrder, size: Decimal, outcome: Outcome) -> None:
        """Do what the fill of an order does to the others of its one-cancels-all group."""
        for other, quantity in self._groups.after_fill(entry, size):
            if quantity:
                other.resize(other.filled + quantity)
                self.funds.touch(other.contract.conId)
                outcome.tell(other)
            else:
                self.cancel(other, outcome, BY_SYSTEM)

    # End

    def complete(self, entry: WorkingOrder, outcome: Outcome) -> None:
        """End an order that is made no larger than its fills: it is filled then, as the FIX protocol has it."""
        entry.resize(entry.filled)
        self.finish(entry, FILLED, outcome, entry.filled_text)
        self._reduce_others(entry, ZERO, outcome)

    def cancel(
        self, entry: WorkingOrder, outcome: Outcome, reason: str, notice: tuple[int, str] | None = CANCELED
    ) -> None:
        """End an order unfilled, or partly filled."""
        if entry.done:
            return
        if entry.transmitted:
            entry.become(CANCELLING)
            entry.why_held = ""
            outcome.facts.append(entry.reported())
        self.finish(entry, CANCELLED, outcome, reason, notice)

    def finish(
        self, entry: WorkingOrder, status: str, outcome: Outcome, reason: str, notice: tuple[int, str] | None = None
    ) -> None:
        """End an order, and see to those attached to it.

        The order leaves every list before anybody is told: what is then done to its children may look at all of them.
        """
        market, perm_id = self.markets[entry.contract.conId], entry.key.permId
        market.book.remove(entry)
        market.orders.pop(perm_id, None)
        market.opening.pop(perm_id, None)
        self.funds.touch(entry.contract.conId)
        self.unwatch(entry)
        self._groups.leave(entry)
        entry.become(status)
        entry.why_held = ""
        outcome.tell(entry)
        if notice:
            outcome.error(entry.key, *notice)
        self.completed.append(entry.completed(reason, outcome.now))
        if entry.hedges:
            hedges.go_on(entry, outcome, self)
        if status == CANCELLED and entry.order.autoCancelParent and (parent := self.index.parent(entry)):
            self.cancel(parent, outcome, BY_SYSTEM)
        if entry.level != NO_LEVEL:
            scale.end_profit_taker(entry, outcome, self)
        # Children live on when their parent is filled, which is what they wait for, and share its fate otherwise.
        for child in [each for each in self.index.children(entry) if each.waits_for_parent]:
            if status == FILLED and self.markets[child.contract.conId].has_other_side(child):
                self.cancel(child, outcome, BY_SYSTEM, (201, f"Order rejected - reason:{BOTH_SIDES}"))
            elif status == FILLED:
                self.advance(child, outcome)
            elif status == REJECTED:
                self.reject(child, *parent_not_found(entry.key.orderId), outcome)
            else:
                self.cancel(child, outcome, BY_SYSTEM)

    # What happens outside

    def on_quote(self, con_id: int, outcome: Outcome) -> None:
        """Do what the quote that the market has just taken brings about.

        Conditions come first, since an order that they release or cancel takes part in the rest or not. All stops move
        before any order is woken, so that none sees a fill of the same quote. Those at rest come last: a quote wakes
        and serves an order in one go, and what that takes is gone for them. Each step works on a list made before it,
        and a fill may have ended any order on it: hence the looks into the book.
        """
        market = self.markets[con_id]
        if market.watchers:
            self.observe(list(market.watchers.values()), outcome)
        if market.opening:
            self._open(market, outcome)
        liquidity, book = market.liquidity, market.book
        following = list(book.following.values())
        for entry in following:
            entry.kind.follow(entry, liquidity.prices)
        for entry in following + self._near(market):
            if entry in book and entry.kind.wakes(entry, liquidity.prices, liquidity.before):
                self.advance(entry, outcome)
        for entry in list(book.marketable(*liquidity.reach())):
            if entry in book and not entry.awaits_trigger:
                self._serve(entry, outcome, resting=True)
        if market.followers:
            self._lead(market, outcome)

    def _lead(self, market: InstrumentMarket, outcome: Outcome) -> None:
        """Let the orders for other instruments that follow the price of this one go along with it."""
        for entry in list(market.followers.values()):
            if entry.done:
                continue
            self.followers.look(entry, outcome.now)
            home = self.markets[entry.contract.conId]
            prices, before = home.liquidity.prices, home.liquidity.before
            if entry in home.book and (entry.kind.out_of_range(entry) or entry.kind.wakes(entry, prices, before)):
                self.advance(entry, outcome)

    def _near(self, market: InstrumentMarket) -> list[WorkingOrder]:
        span = market.liquidity.span()
        return sorted(market.book.near(*span), key=lambda entry: entry.sequence) if span else []

    def observe(self, orders: Iterable[WorkingOrder], outcome: Outcome) -> None:
        """Look at the conditions of orders."""
        for entry in orders:
            if entry.done or not entry.transmitted or entry.conditions_met or not entry.order.conditions:
                continue
            quiet = not entry.order.conditionsIgnoreRth and not entry.may_trade(
                self.markets[entry.contract.conId].hours
            )
            if quiet or not met(entry, outcome.now, self._around):
                continue
            entry.conditions_met = True
            if entry.order.conditionsCancelOrder:
                self.cancel(entry, outcome, BY_SYSTEM)
            else:
                self.advance(entry, outcome)

    def on_time(self, now: datetime) -> list[Fact]:
        """Do what was due until now, each thing at its own moment."""
        until, facts = now.astimezone(UTC), list[Fact]()
        while self._alarms and self._alarms[0][0] <= until:
            _, alarm, number, when = heappop(self._alarms)
            outcome = Outcome(when, facts)
            if alarm is Alarm.HOURS:
                self._change_hours(number, outcome)
            elif alarm is Alarm.CONTRACT_ENDS:
                self._end_contract(number, outcome)
            elif (entry := self.index.get(number)) and entry.transmitted and not entry.done:
                self._ring(alarm, entry, outcome)
        return facts

    @property
    def next_due(self) -> datetime | None:
        """The moment of the next alarm, in UTC."""
        return self._alarms[0][0] if self._alarms else None

    @property
    def watches_margin(self) -> bool:
        """Whether an order waits for the margin of its account."""
        return any(watches_margin(entry.order.conditions) for entry in self._conditional.values())

    def watch_margin(self, outcome: Outcome) -> None:
        """Look at all conditions: those on margin have no other occasion."""
        self.observe(list(self._conditional.values()), outcome)

    def _ring(self, alarm: Alarm, entry: WorkingOrder, outcome: Outcome) -> None:
        """Do what an alarm is for, if it is still due: the order may have been changed since the alarm was set."""
        if alarm is Alarm.WAKE:
            self.observe([entry], outcome)
            if entry not in self.markets[entry.contract.conId].book:
                self.advance(entry, outcome)
        elif alarm is Alarm.RELEASE:
            if entry.next_release == outcome.now:
                algos.release(entry, outcome.now)
                if entry.next_release is not None:
                    self._set_alarm(entry.next_release, Alarm.RELEASE, entry.key.permId)
                self.advance(entry, outcome)
        elif entry.expires != outcome.now:
            return
        elif alarm is Alarm.EXPIRE:
            self.finish(entry, CANCELLED, outcome, EXPIRED)
        elif entry.kind.at_close:
            # It is good for the day that ends with the auction.
            self._close(entry, outcome)

    def _close(self, entry: WorkingOrder, outcome: Outcome) -> None:
        market = self.markets[entry.contract.conId]
        if not self._may_begin(entry, market, outcome.now):
            return  # it expires, a moment later
        self._cross(entry, closing_price(market.liquidity), outcome)

    def _open(self, market: InstrumentMarket, outcome: Outcome) -> None:
        """Hold the opening auction, with the first quote of regular trading that has a price."""
        price = opening_price(market.liquidity)
        if price is None or not market.hours.is_regular:
            return
        for entry in list(market.opening.values()):
            # A fill may have ended others on the list, and those that have come since the opening are for the next one.
            if entry.done or (entry.not_before is not None and outcome.now < entry.not_before):
                continue
            if self._may_begin(entry, market, outcome.now):
                self._cross(entry, price, outcome)
            else:
                self.cancel(entry, outcome, BY_SYSTEM)

    def _cross(self, entry: WorkingOrder, price: Decimal | None, outcome: Outcome) -> None:
        """Fill an order in an auction, whole and at the price of all, or end it."""
        if price is None or not within(entry, price):
            self.cancel(entry, outcome, BY_SYSTEM)
            return
        self._show(entry, WORKING, outcome)
        self._fill(entry, entry.remaining, price, REMOVED, outcome)

    def _end_contract(self, con_id: int, outcome: Outcome) -> None:
        """End the orders for a contract that is traded no more, and those that wait for something of it in vain."""
        market, now = self.markets[con_id], outcome.now
        for entry in list(market.orders.values()):
            self.cancel(entry, outcome, EXPIRED, CONTRACT_ENDS)
        for entry in list(market.watchers.values()):
            waits = not entry.conditions_met and not entry.order.conditionsCancelOrder
            if waits and hopeless(entry, now, self._around, lambda each: self._has_ended(each, now)):
                self.cancel(entry, outcome, EXPIRED, CONTRACT_ENDS)
        for entry in list(market.followers.values()):
            self.cancel(entry, outcome, EXPIRED, CONTRACT_ENDS)

    def _change_hours(self, con_id: int, outcome: Outcome) -> None:
        market = self.markets[con_id]
        self._set_hours(market, con_id, outcome.now)
        self.observe(list(market.orders.values()), outcome)
        for entry in list(market.orders.values()):
            if not entry.done and self._released(entry, market, outcome.now) != (entry in market.book):
                self.advance(entry, outcome)
