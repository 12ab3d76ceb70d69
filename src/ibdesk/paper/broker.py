"""How market, exchange and account move together: the market drives the exchange, whose fills are booked.

It has no clock and knows no clients. A method that can change orders is told the time, and returns what became of
them.
"""

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from heapq import heappop, heappush

from ibdesk.model.contract import Contract
from ibdesk.model.contract_details import ContractDetails
from ibdesk.model.executions import CommissionReport
from ibdesk.model.order import Order, OrderStatus

from .exchange import ALWAYS_OPEN, Exchange, Executed, Fact, OrderEchoed, TradingHours
from .instruments import following, latest
from .ledger import Ledger
from .marked_ledger import MarkedLedger
from .market import Market, Quote
from .numbering import numbering

_DAY = timedelta(days=1)


class Broker:
    """The market, the exchange and the account of one gateway. `now` is the time that answers show.

    `market` is where all prices come from; `seed` decides what chance decides beside them.
    `started` is the moment, by any clock, at which the gateway is started: no other start has the same numbers.
    `booked` has the contracts whose position changed, until the one who reports positions clears it.
    """

    def __init__(
        self, market: Market, *, seed: int, account: str, cash: float, now: datetime, started: datetime
    ) -> None:
        self.now: datetime = now
        self.account = account
        self.market = market
        self.marked_ledger: MarkedLedger = MarkedLedger(self.market, account, cash, now=lambda: self.now)
        first_perm_id, exec_group = numbering(started, seed)
        self.exchange: Exchange = Exchange(
            {account: self.marked_ledger},
            first_perm_id=first_perm_id,
            exec_group=exec_group,
            seed=seed,
            hours_of=self._hours_of,
        )
        self.commissions: dict[str, CommissionReport] = {}
        self.booked: list[Contract] = []
        self._midnight = _next_midnight(now)
        self._shown: dict[int, Quote] = {}
        self._concerns: dict[int, frozenset[int]] = {}
        self._watched: set[int] = set()
        self._due: list[tuple[datetime, int]] = []
        # Exchange calendars take seconds to be read for the first time, which is better now than at the first request.
        latest("us_stock", now)

    # Time

    @property
    def has_working_orders(self) -> bool:
        """Whether any order waits for the market."""
        return bool(self._concerns)

    def set_time(self, now: datetime) -> None:
        """Make `now` the time that answers show, and leave the exchange where it is.

        The next `advance` begins where the last one ended, so that orders never notice a look at something else.
        """
        self.now = now
        self.market.instruments.today = now.date()

    def advance(self, now: datetime) -> list[Fact]:
        """Let the market and the exchange go on until `now`: each quote and each midnight at its own time."""
        facts: list[Fact] = []
        # Quotes and midnights come in the order of their times, and `now` goes with them, so that what happens does not
        # depend on how often anyone looks.
        while True:
            due = self._due[0][0] if self._due else now
            if self._midnight <= min(due, now):
                facts += self._pass_midnight()
                self._forget_commissions(facts)
            elif self._due and due <= now:
                facts += self._follow(heappop(self._due)[1], due)
            else:
                break
        self.set_time(now)
        return facts + self._take(self.exchange.on_time(now))

    def _follow(self, con_id: int, due: datetime) -> list[Fact]:
        if not any(con_id in concern for concern in self._concerns.values()):
            self._watched.discard(con_id)
            return []
        self.now = due.astimezone(self.now.tzinfo)
        heappush(self._due, (self.market.next_change(con_id, due), con_id))
        return self._show(con_id)

    def _pass_midnight(self) -> list[Fact]:
        self.now = self._midnight
        facts = self._take(self.exchange.on_time(self.now))
        self.exchange.start_day()
        self.ledger.start_day()
        self._midnight = _next_midnight(self.now)
        return facts

    def _forget_commissions(self, facts: Iterable[Fact]) -> None:
        """Drop those of yesterday, but for executions of which nobody was told yet."""
        untold = {fact.execution.execId for fact in facts if isinstance(fact, Executed)}
        self.commissions = {execId: each for execId, each in self.commissions.items() if execId in untold}

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
        return TradingHours(is_open, is_regular, until, coming.start, coming_regular.start, regular_close, close)

    # Prices

    def watch(self, con_ids: Iterable[int]) -> list[Fact]:
        """Show the exchange how these instruments stand, and from now on each of their quotes."""
        facts: list[Fact] = []
        for con_id in sorted(con_ids):
            if con_id not in self._watched and self.market.instruments.by_con_id(con_id):
                self._watched.add(con_id)
                heappush(self._due, (self.market.next_change(con_id, self.now), con_id))
                facts += self._show(con_id)
        return facts

    def _show(self, con_id: int) -> list[Fact]:
        quote = self.market.quote(con_id, self.now)
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
        facts = self.watch(_concern(details.contract, order))
        return facts + self._take(self.exchange.place(client_id, details.contract, details, order, self.now))

    def cancel(self, client_id: int, order_id: int) -> list[Fact]:
        """Cancel an order."""
        return self._take(self.exchange.cancel(client_id, order_id, self.now))

    def cancel_all(self) -> list[Fact]:
        """Cancel every order."""
        return self._take(self.exchange.cancel_all(self.now))

    def _take(self, facts: list[Fact]) -> list[Fact]:
        """Book what was executed, and remember which instruments the live orders look at."""
        for fact in facts:
            if isinstance(fact, Executed):
                self.commissions[fact.execution.execId] = self.marked_ledger.book(fact.execution, fact.contract)
                self.booked.append(fact.contract)
            elif isinstance(fact, OrderEchoed) and fact.key.permId:
                if fact.state.status in OrderStatus.DoneStates:
                    self._concerns.pop(fact.key.permId, None)
                else:
                    self._concerns[fact.key.permId] = _concern(fact.contract, fact.order)
        return facts


def _concern(contract: Contract, order: Order) -> frozenset[int]:
    """Return the conIds whose quotes matter to an order."""
    concerned = {contract.conId}
    for condition in order.conditions:
        concerned.add(getattr(condition, "conId", 0))
    return frozenset(concerned - {0})


def _next_midnight(now: datetime) -> datetime:
    return datetime.combine(now.date() + _DAY, time(), now.tzinfo)
