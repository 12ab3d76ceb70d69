"""The books of a simulation: what happened at the gateway's broker, kept day by day.

The broker itself forgets executions and the profits of a day at midnight.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from ibdesk import codes
from ibdesk.model.executions import Fill
from ibdesk.paper.broker import Broker
from ibdesk.paper.exchange import Executed, Fact, OrderEchoed, OrderError
from ibdesk.paper.instruments import latest

from .result import PLACE_ORDER, DayResult, Drawdown, OpenOrder, Refused, SimulationResult

LOOK_EVERY = timedelta(minutes=1)
"""How often the equity is looked at while a position is open and its market moves."""

_REASONS = 100
"""How many reasons of refusals are told apart. What is refused for any other is counted by its code."""

_MOMENT = timedelta(microseconds=1)


class Books:
    """What happens at a broker from now on. `on_trade` is called after each fill.

    The equity is looked at after each fill, at each midnight, and in between whenever `look` is called.
    """

    def __init__(self, broker: Broker, on_trade: Callable[[], object]) -> None:
        self._broker = broker
        self._on_trade = on_trade
        self._start = broker.now
        self._days: list[DayResult] = []
        self._fills: list[Fill] = []
        self._known: set[int] = set()
        self._orders = self._fills_before = 0
        self._refused: Counter[tuple[str, int, str]] = Counter()
        self._traded = self._commissions_before = 0.0
        self._cash = float(broker.ledger.totals().net_liquidation)
        self._equity = self._equity_before = self._peak = self._cash
        self._peak_at = self._start
        self._fall = Drawdown(0.0, 0.0, self._start, self._start)
        broker.observer = self

    @property
    def fills(self) -> Sequence[Fill]:
        """All executions until now, with their commissions."""
        return self._fills

    @property
    def pnl(self) -> float:
        """How much the equity has changed since the start, when it was looked at last."""
        return self._equity - self._cash

    # Called by the broker

    def on_facts(self, facts: Sequence[Fact]) -> None:
        """Count orders, fills and refusals."""
        executed = [fact for fact in facts if isinstance(fact, Executed)]
        for fact in facts:
            if isinstance(fact, OrderError) and codes.kind(fact.code) is codes.Kind.ERROR:
                self.on_refusal(PLACE_ORDER, fact.code, fact.text)
            elif isinstance(fact, OrderEchoed) and fact.key.permId and fact.key.permId not in self._known:
                self._known.add(fact.key.permId)
                self._orders += 1
        for fact in executed:
            execution, contract = fact.execution, fact.contract
            self._fills.append(Fill(contract, execution, fact.commission, execution.time))
            rate = float(self._broker.ledger.rate(contract.currency))
            self._traded += execution.shares * execution.price * float(contract.multiplier or 1) * rate
        if executed:
            self.look()
            self._on_trade()

    def on_refusal(self, request: str, code: int, text: str) -> None:
        """Count a request that was refused."""
        key = (request, code, text)
        is_known = key in self._refused or len(self._refused) < _REASONS
        self._refused[key if is_known else (request, code, "other reasons")] += 1

    def on_day_end(self) -> None:
        """Write the day down."""
        self._end_day((self._broker.now - _MOMENT).date())

    # Called as time passes

    def look(self) -> None:
        """Look at the equity as it stands at the broker's time."""
        now = self._broker.now
        self._equity = equity = float(self._broker.ledger.totals().net_liquidation)
        if equity > self._peak:
            self._peak, self._peak_at = equity, now
        elif self._peak - equity > self._fall.amount:
            fall = self._peak - equity
            self._fall = Drawdown(fall, fall / self._peak, self._peak_at, now)

    def next_look(self) -> datetime | None:
        """Return when to look again: not before something that is held can change its price, None if nothing is."""
        now = self._broker.now.astimezone(UTC)  # where a minute is a minute when summer time ends
        held = [position.contract.conId for position in self._broker.ledger.positions()]
        moves = [self._broker.market.next_change(con_id, now) for con_id in held]
        return max(now + LOOK_EVERY, min(moves)) if moves else None

    def result(self, returned: Any = None) -> SimulationResult:
        """Return what it has come to until the broker's time."""
        days, now = [*self._days], self._broker.now
        self.look()
        today = self._today((now - _MOMENT).date())
        if today.day not in {day.day for day in days} and self._is_worth_telling(today):
            days.append(today)
        echoes = [fact for fact in self._broker.exchange.open_orders() if isinstance(fact, OrderEchoed)]
        return SimulationResult(
            account=self._broker.account,
            start=self._start,
            end=now,
            cash=self._cash,
            days=tuple(days),
            fills=tuple(self._fills),
            portfolio=tuple(item for item in self._broker.ledger.portfolio() if item.position),
            open_orders=tuple(OpenOrder(fact.contract, fact.order, fact.state) for fact in echoes),
            max_drawdown=self._fall,
            refused=tuple(Refused(*key, count) for key, count in self._refused.most_common()),
            returned=returned,
        )

    def _end_day(self, day: date) -> None:
        self.look()
        today = self._today(day)
        if self._is_worth_telling(today):
            self._days.append(today)
        self._equity_before, self._commissions_before = today.equity, float(self._broker.ledger.commissions)
        self._orders, self._traded, self._fills_before = 0, 0.0, len(self._fills)

    def _today(self, day: date) -> DayResult:
        ledger = self._broker.ledger
        totals = ledger.totals()
        equity = float(totals.net_liquidation)
        return DayResult(
            day=day,
            orders=self._orders,
            fills=len(self._fills) - self._fills_before,
            traded=self._traded,
            commissions=float(ledger.commissions) - self._commissions_before,
            realized=float(totals.realized),
            unrealized=float(totals.unrealized),
            pnl=equity - self._equity_before,
            equity=equity,
        )

    def _is_worth_telling(self, day: DayResult) -> bool:
        has_traded = latest("us_stock", self._broker.now - _MOMENT, regular=True).day == day.day
        return bool(has_traded or day.orders or day.fills or day.pnl)
