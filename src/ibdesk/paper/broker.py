"""How market, exchange and account move together: the market drives the exchange, which books its fills.

It has no clock and knows no clients. A method that can change orders is told the time, and returns what became of
them.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, time, timedelta
from heapq import heappop, heappush, heapreplace
from typing import Protocol

from ibdesk.logs import logger
from ibdesk.model.contract import Contract
from ibdesk.model.contract_details import ContractDetails
from ibdesk.model.order import Order, OrderStatus

from .clearing import Clearing, ExerciseRequest
from .exchange import (
    ALWAYS_OPEN,
    FOLLOWING,
    Exchange,
    Executed,
    Fact,
    OrderEchoed,
    Steps,
    TradingHours,
    Worth,
    reference_of,
)
from .instruments import ending_of, following, latest, next_clearing
from .ledger import Ledger
from .marked_ledger import MarkedLedger
from .market import Market, Quote
from .market.calculation import option_price
from .numbering import numbering
from .timers import EPOCH, RETRY, next_beat

_log = logger("ibdesk.paper")

_DAY = timedelta(days=1)
_ENDING = frozenset({"OPT", "FUT", "FOP"})

MARGIN_WATCH = timedelta(seconds=1)
"""The time between two looks at the margin, while an order waits for it and what is held changes."""


class Observer(Protocol):
    """One who is told of all that happens at a broker. It only reads."""

    def on_facts(self, facts: list[Fact]) -> None:
        """Take what became of orders just now; executions are booked already."""
        ...

    def on_refusal(self, request: str, code: int, text: str) -> None:
        """Take that a request, by IB's name, was refused before anything came of it: IBKR's code, and the text."""
        ...

    def on_day_end(self) -> None:
        """Look at the books of the day: after this they are forgotten."""
        ...


class Broker:
    """The market, the exchange and the account of one gateway. `moment` is the time that answers show, in UTC.

    `market` is where all prices come from; `seed` decides what chance decides beside them. `now` is the beginning, in
    the zone of the gateway.
    `started` is the moment, by any clock, at which the gateway is started, or the number of the start: no other start
    has the same numbers.
    `booked` has the contracts whose position changed, until the one who reports positions clears it; whoever is in
    `on_booked` is called after each execution.

    `next_due` (in UTC) is when orders may change next by themselves, None if no order works: the next quote of an
    instrument that one of them looks at, or the moment at which one wakes or expires or a session opens or closes.
    Midnights are no reason to wake: they are made up for, in their turn, by whatever is next.
    `observer` is told of all that happens, if there is one.
    """

    def __init__(
        self, market: Market, *, seed: int, account: str, cash: float, now: datetime, started: datetime | int
    ) -> None:
        self.account = account
        self.market = market
        self._zone = now.tzinfo
        self.moment: datetime = now.astimezone(UTC)
        self._now: datetime | None = now
        self._begin_day(now.date())
        self.marked_ledger: MarkedLedger = MarkedLedger(self.market, account, cash, now=lambda: self.moment)
        first_perm_id, exec_group = numbering(started, seed)
        self.exchange: Exchange = Exchange(
            {account: self.marked_ledger},
            first_perm_id=first_perm_id,
            exec_group=exec_group,
            seed=seed,
            hours_of=self._hours_of,
            end_of=self._end_of,
            steps_of=self._steps_of,
            knows=lambda con_id: market.instruments.by_con_id(con_id) is not None,
            details_of=self._details_of,
            delta_of=lambda con_id, when: market.greeks(con_id, when).delta,
            option_model=self._worth,
            like=market.instruments.like,
        )
        self.booked: list[Contract] = []
        self.on_booked: list[Callable[[], None]] = []
        self.observer: Observer | None = None
        self.midnight: datetime = self._end_of_day
        self.next_due: datetime | None = None
        self._shown: dict[int, Quote] = {}
        self._concerns: dict[int, frozenset[int]] = {}
        self._concerned: Counter[int] = Counter()
        self._watched: set[int] = set()
        self._quotes: list[tuple[datetime, int]] = []
        self._margin_due: datetime | None = None
        self._clearing: Clearing = Clearing(self.market, seed)
        self._clearing_due: datetime | None = None
        # Exchange calendars take seconds to be read for the first time, which is better now than at the first request.
        latest("us_stock", now)

    # Time

    @property
    def now(self) -> datetime:
        """The time that answers show, in the zone of the gateway."""
        if self._now is None:
            self._now = self.moment.astimezone(self._zone)
        return self._now

    def set_time(self, now: datetime) -> None:
        """Make `now` the time that answers show, and leave the exchange where it is.

        The next `advance` begins where the last one ended, so that orders never notice a look at something else.
        """
        self.moment, self._now = now.astimezone(UTC), None
        if not self._start_of_day <= self.moment < self._end_of_day:
            self._begin_day(self.now.date())

    def _begin_day(self, day: date) -> None:
        self._start_of_day, self._end_of_day = (
            datetime.combine(each, time(), self._zone).astimezone(UTC) for each in (day, day + _DAY)
        )
        self.market.instruments.today = day

    def advance(self, now: datetime) -> list[Fact]:
        """Let the market and the exchange go on until `now`: each quote and each midnight at its own time."""
        until, facts = now.astimezone(UTC), list[Fact]()
        # What happens comes in the order of its times, and `moment` goes with it, so that it does not depend on how
        # often anyone looks.
        while True:
            due = self.next_due
            if self.midnight <= until and (due is None or self.midnight <= due):
                facts += self._pass_midnight()
            elif due is not None and due <= until:
                self.set_time(due)
                facts += self._do(due)
            else:
                break
            self._plan()
        self.set_time(until)
        return facts

    def is_idle(self, now: datetime) -> bool:
        """Return whether nothing happens until `now`, so that `advance` would do no more than `set_time` does."""
        return now < self.midnight and (self.next_due is None or now < self.next_due)

    def _plan(self) -> None:
        """Find out when orders may change next."""
        while self._quotes and not self._concerned[self._quotes[0][1]]:
            self._watched.discard(heappop(self._quotes)[1])
        dues = [self._clearing_due]
        if self._concerns:
            dues += [self._quotes[0][0] if self._quotes else None, self.exchange.next_due, self._margin_due]
        self.next_due = min((due for due in dues if due is not None), default=None)

    def _do(self, due: datetime) -> list[Fact]:
        if self._quotes and self._quotes[0][0] == due:
            # The exchange does what is due at this moment before it looks at a quote of this moment.
            con_id = self._quotes[0][1]
            following, facts = due + RETRY, list[Fact]()
            try:
                quote, change = self.market.quote_until(con_id, due)
                facts = self._show(con_id, quote)
                following = change
            except Exception:
                # The orders for other instruments are not to suffer from a fault in this one.
                _log.exception("the quote of contract %s cannot be looked at", con_id)
            heapreplace(self._quotes, (following, con_id))
            return facts
        if self._clearing_due == due:
            return self._clear()
        if self._margin_due == due:
            self._margin_due = None
        facts = self._take(self.exchange.on_time(self.now))
        self._watch_margin(due)
        return facts

    def _watch_margin(self, after: datetime, is_booked: bool = False) -> None:
        """Look at conditions on the margin at the first full second after what is held has changed, or its price."""
        if not self.exchange.watches_margin:
            self._margin_due = None
            return
        change = after if is_booked else self.marked_ledger.next_change()
        if change is not None:
            due = next_beat(EPOCH, MARGIN_WATCH, change)
            self._margin_due = due if self._margin_due is None else min(due, self._margin_due)

    def _clear(self) -> list[Fact]:
        """Settle what has ended, and what is exercised or assigned in this night."""
        holdings, instructions = self.marked_ledger.holdings, self.exchange.instructions
        settlements = list(self._clearing.settle(holdings, instructions, self.now))
        facts = self._take(self.exchange.settle(settlements, self.now))
        self._clearing_due = None
        for holding in self.marked_ledger.holdings:
            self._await_clearing(self._clearing.due(holding, self.now))
        if self.exchange.instructions:
            self._await_clearing(next_clearing(self.now))
        return facts

    def _await_clearing(self, due: datetime | None) -> None:
        if due is not None:
            due = due.astimezone(UTC)
            self._clearing_due = due if self._clearing_due is None else min(due, self._clearing_due)

    def _pass_midnight(self) -> list[Fact]:
        self.set_time(self.midnight)
        facts = self._take(self.exchange.on_time(self.now))
        if self.observer:
            self.observer.on_day_end()
        self.exchange.start_day(self.moment)
        self.ledger.start_day()
        self._watch_margin(self.moment)
        self.midnight = self._end_of_day
        return facts

    def _hours_of(self, details: ContractDetails, now: datetime) -> TradingHours:
        instrument = self.market.instruments.by_con_id(details.contract.conId) if details.contract else None
        if instrument is None:
            return ALWAYS_OPEN
        hours = instrument.kind.hours
        newest, newest_regular = latest(hours, now), latest(hours, now, regular=True)
        coming, coming_regular = following(hours, now), following(hours, now, regular=True)
        is_open, is_regular = now < newest.end, now < newest_regular.end
        close = newest.end if is_open else coming.end
        regular_close = newest_regular.end if is_regular else coming_regular.end
        until = min(coming.start, coming_regular.start, close, regular_close)
        found = TradingHours(is_open, is_regular, until, coming.start, coming_regular.start, regular_close, close)
        return found.cut_off(self._end_of(instrument.conId), now)

    def _end_of(self, con_id: int) -> datetime | None:
        instrument = self.market.instruments.by_con_id(con_id)
        ending = ending_of(instrument) if instrument else None
        return ending.last_trade if ending else None

    def _steps_of(self, details: ContractDetails) -> Steps:
        """Return the market rule that holds where an order goes."""
        assert details.contract is not None
        exchanges = details.validExchanges.split(",")
        rule = details.marketRuleIds.split(",")[exchanges.index(details.contract.exchange)]
        return self.market.instruments.market_rule(int(rule))

    def _details_of(self, con_id: int) -> ContractDetails | None:
        """Return the details of an instrument where orders go that name no exchange: smart-routed, if that is there."""
        return next(iter(self.market.instruments.search(Contract(conId=con_id))), None)

    # Prices

    def _watch(self, con_ids: Iterable[int]) -> list[Fact]:
        """Show the exchange how these instruments stand, and from now on each of their quotes."""
        facts: list[Fact] = []
        for con_id in sorted(con_ids):
            if con_id not in self._watched and self.market.instruments.by_con_id(con_id):
                self._watched.add(con_id)
                quote, change = self.market.quote_until(con_id, self.moment)
                heappush(self._quotes, (change, con_id))
                facts += self._show(con_id, quote)
        return facts

    def _show(self, con_id: int, quote: Quote) -> list[Fact]:
        if self._shown.get(con_id) == quote:
            # Told twice, a quote would serve twice its size.
            return []
        self._shown[con_id] = quote
        return self._take(self.exchange.on_quote(con_id, quote, self.now))

    @property
    def ledger(self) -> Ledger:
        """The ledger of the account as it stands now."""
        return self.marked_ledger.ledger

    # Orders

    def place(self, client_id: int, details: ContractDetails, order: Order) -> list[Fact]:
        """Take an order, new or changed."""
        assert details.contract is not None
        facts = self._watch(self._concerned_by(details.contract, order))
        facts += self._take(self.exchange.place(client_id, details.contract, details, order, self.now))
        self._plan()
        return facts

    def exercise(self, client_id: int, order_id: int, details: ContractDetails, request: ExerciseRequest) -> list[Fact]:
        """Take the instruction to exercise options, or to let them lapse. Raises `Refusal` if it cannot be given."""
        assert details.contract is not None
        con_id = details.contract.conId
        option = self.market.instruments.by_con_id(con_id)
        assert option is not None
        promised = sum(each.remaining for each in self.exchange.instructions if each.contract.conId == con_id)
        left = self.ledger.position(con_id) - float(promised)
        self._clearing.check(request, option, left, self.account, self.now)
        # Gateways reduce what is more than is held.
        quantity = min(float(request.quantity), left)
        facts = self._take(
            self.exchange.instruct(
                client_id,
                order_id,
                details,
                quantity,
                self.now,
                lapses=request.lapses,
                override=request.override,
            )
        )
        self._await_clearing(next_clearing(self.now))
        self._plan()
        return facts

    def cancel(self, client_id: int, order_id: int) -> list[Fact]:
        """Cancel an order."""
        facts = self._take(self.exchange.cancel(client_id, order_id, self.now))
        self._plan()
        return facts

    def cancel_all(self) -> list[Fact]:
        """Cancel every order."""
        facts = self._take(self.exchange.cancel_all(self.now))
        self._plan()
        return facts

    def _take(self, facts: list[Fact]) -> list[Fact]:
        """Note what was executed, which is booked, and remember which instruments the live orders look at.

        Orders that the exchange has made itself may be for instruments that were not looked at before.
        """
        unwatched: set[int] = set()
        for fact in facts:
            if isinstance(fact, Executed):
                self._note(fact)
                for tell in self.on_booked:
                    tell()
            elif isinstance(fact, OrderEchoed) and fact.key.permId:
                is_done = fact.state.status in OrderStatus.DoneStates
                con_ids = frozenset() if is_done else self._concerned_by(fact.contract, fact.order)
                self._concern(fact.key.permId, con_ids)
                unwatched |= con_ids - self._watched
        if facts and self.exchange.watches_margin:
            is_booked = any(isinstance(fact, Executed) for fact in facts)
            self._watch_margin(self.moment, is_booked)
        if self.observer and facts:
            self.observer.on_facts(facts)
        return facts + self._watch(unwatched) if unwatched else facts

    def _note(self, fact: Executed) -> None:
        self.booked.append(fact.contract)
        if fact.contract.secType in _ENDING:
            holding = self.marked_ledger.holding(fact.contract.conId)
            self._await_clearing(self._clearing.due(holding, self.now))

    def note_refusal(self, request: str, code: int, text: str) -> None:
        """Let the observer know that a request was refused."""
        if self.observer:
            self.observer.on_refusal(request, code, text)

    def _concern(self, perm_id: int, con_ids: frozenset[int]) -> None:
        """Note that the quotes of these instruments, and no others, matter to an order from now on."""
        before = self._concerns.pop(perm_id, frozenset())
        if con_ids:
            self._concerns[perm_id] = con_ids
        for con_id in con_ids - before:
            self._concerned[con_id] += 1
        for con_id in before - con_ids:
            self._concerned[con_id] -= 1
            if not self._concerned[con_id]:
                del self._concerned[con_id]

    def _concerned_by(self, contract: Contract, order: Order) -> frozenset[int]:
        """Return the conIds whose quotes matter to an order."""
        concerned = {contract.conId}
        for condition in order.conditions:
            concerned.add(getattr(condition, "conId", 0))
        if order.orderType in FOLLOWING:
            instrument = self.market.instruments.by_con_id(contract.conId)
            concerned.add(reference_of(order, instrument.underConId if instrument else 0))
        return frozenset(concerned - {0})

    def _worth(self, con_id: int, volatility: float, under_price: float, when: datetime) -> Worth:
        """Return what an option is worth at a volatility, by the model by which the market prices it."""
        option = self.market.instruments.by_con_id(con_id)
        assert option is not None
        found = option_price(option, volatility, under_price, when)
        return Worth(found.optPrice, found.delta)
