"""A trader for the tests: a real exchange with real books, on a clock that the test moves."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import log
from statistics import NormalDist
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from ibdesk.model.contract import Contract, Forex, Future, Option, Stock
from ibdesk.model.contract_details import ContractDetails, TradingSession
from ibdesk.model.order import Order
from ibdesk.paper.exchange import (
    ALWAYS_OPEN,
    Exchange,
    Executed,
    Fact,
    OrderEchoed,
    OrderError,
    StatusChanged,
    TradingHours,
    Worth,
    always_open,
)
from ibdesk.paper.exchange.hours import HoursOf
from ibdesk.paper.ledger import Ledger

EASTERN = ZoneInfo("US/Eastern")
ACCOUNT = "DU1234567"

HOURS = {
    "timeZoneId": "US/Eastern",
    "tradingHours": "20260415:0400-20260415:2000;20260416:0400-20260416:2000;20260418:CLOSED",
    "liquidHours": "20260415:0930-20260415:1600;20260416:0930-20260416:1600;20260418:CLOSED",
}


def at(hour: int, minute: int = 0, day: int = 15) -> datetime:
    return datetime(2026, 4, day, hour, minute, tzinfo=EASTERN)


@dataclass
class Market:
    """A quote."""

    bid: float
    ask: float
    last: float = float("nan")
    bidSize: float = 1000
    askSize: float = 1000
    lastSize: float = 100
    volume: float = 0
    close: float = 100.0


def stock(**fields: object) -> ContractDetails:
    contract = Stock("AAPL", "SMART", "USD", conId=265598, primaryExchange="NASDAQ", localSymbol="AAPL")
    known = {"minTick": 0.01, "validExchanges": "SMART,ARCA,IEX,ISLAND", "minSize": 1.0, "sizeIncrement": 1.0}
    return ContractDetails(contract=contract, **{**known, **fields})


def published_hours(details: ContractDetails, now: datetime) -> TradingHours:
    """The hours in `tradingHours` and `liquidHours`; an instrument without any always trades."""
    trading, liquid = details.tradingSessions(), details.liquidSessions()
    if not trading:
        return ALWAYS_OPEN
    next_open, close, is_open = _around(trading, now)
    next_regular, regular_close, is_regular = _around(liquid, now)
    changes = [moment for moment in (next_open, close, next_regular, regular_close) if moment is not None]
    return TradingHours(is_open, is_regular, min(changes, default=None), next_open, next_regular, regular_close, close)


def _around(sessions: list[TradingSession], now: datetime) -> tuple[datetime | None, datetime | None, bool]:
    """The next start after `now`, the end of the session that goes on or comes next, and whether one goes on."""
    starts = [session.start for session in sessions if session.start > now]
    ends = [session.end for session in sessions if session.end > now]
    return min(starts, default=None), min(ends, default=None), any(s.start <= now < s.end for s in sessions)


def forex() -> ContractDetails:
    return ContractDetails(contract=Forex("EURUSD", conId=12087792), minTick=5e-05, validExchanges="IDEALPRO")


def option() -> ContractDetails:
    contract = Option("AAPL", "20261218", 200.0, "C", "SMART", "100", "USD", conId=494194134)
    return ContractDetails(contract=contract, minTick=0.01, validExchanges="SMART,CBOE")


def future() -> ContractDetails:
    contract = Future("ES", "20260618", "CME", multiplier="50", currency="USD", conId=620731015)
    return ContractDetails(contract=contract, minTick=0.25, validExchanges="CME")


def black_scholes(con_id: int, volatility: float, spot: float, when: datetime) -> Worth:
    """What `option`, whatever its conId, is worth by the formula in a textbook: Hull, chapter 15, without interest."""
    years = (datetime(2026, 12, 18, 16, tzinfo=EASTERN) - when) / timedelta(days=365)
    normal, spread = NormalDist(), volatility * years**0.5
    d1 = (log(spot / 200.0) + volatility**2 / 2 * years) / spread
    return Worth(spot * normal.cdf(d1) - 200.0 * normal.cdf(d1 - spread), normal.cdf(d1))


@dataclass
class Trader:
    """Client 1 of an exchange; `facts` are those of the last call."""

    exchange: Exchange
    ledger: Ledger
    details: ContractDetails
    now: datetime
    facts: list[Fact] = field(default_factory=list)

    @property
    def contract(self) -> Contract:
        assert self.details.contract is not None
        return self.details.contract

    def place(self, action: str, quantity: float, kind: str = "MKT", client: int = 1, **fields: object) -> int:
        """Places an order, with the next id unless one is given; returns its id."""
        fields.setdefault("orderId", self.exchange.next_order_id(client))
        order = Order(action=action, totalQuantity=quantity, orderType=kind, **fields)
        self.facts = self.exchange.place(client, self.contract, self.details, order, self.now)
        return order.orderId

    def quote(self, bid: float, ask: float, last: float = float("nan"), con_id: int = 0, **sizes: float) -> None:
        quote = Market(bid, ask, last, **sizes)
        self.facts = self.exchange.on_quote(con_id or self.contract.conId, quote, self.now)

    def cancel(self, order_id: int, client: int = 1) -> None:
        self.facts = self.exchange.cancel(client, order_id, self.now)

    def wait(self, **time: float) -> None:
        self.until(self.now + timedelta(**time))

    def until(self, moment: datetime) -> None:
        self.now = moment
        self.facts = self.exchange.on_time(moment)

    def story(self, order_id: int | None = None) -> list[object]:
        """The facts in short: (status, whyHeld) without repetition, ("fill", size, price), error codes."""
        told: list[object] = []
        for fact in self.facts:
            if order_id not in (None, fact.key.orderId):
                continue
            match fact:
                case StatusChanged():
                    told.append(f"{fact.status} {fact.whyHeld}".strip())
                case Executed(execution=execution):
                    told.append((execution.shares, execution.price))
                case OrderError():
                    told.append(fact.code)
        return told

    def errors(self) -> list[tuple[int, str]]:
        return [(fact.code, fact.text) for fact in self.facts if isinstance(fact, OrderError)]

    def echoes(self) -> list[Order]:
        return [fact.order for fact in self.facts if isinstance(fact, OrderEchoed)]

    def fills(self, order_id: int) -> list[tuple[float, float]]:
        """All fills of an order, whenever."""
        kept = [fact.execution for fact in self.exchange.executions if fact.key.orderId == order_id]
        return [(execution.shares, execution.price) for execution in kept]

    def status(self, order_id: int) -> str:
        """The status of an order now."""
        live = [f for f in self.exchange.open_orders() if isinstance(f, StatusChanged) and f.key.orderId == order_id]
        done = [order.state.status for order in self.exchange.completed_orders if order.key.orderId == order_id]
        return live[0].status if live else done[-1] if done else ""


def make_trader(
    details: ContractDetails | None = None,
    hours_of: HoursOf = always_open,
    cash: float = 1_000_000.0,
    now: datetime = datetime(2026, 4, 15, 11, 0, tzinfo=EASTERN),
    **settings: Any,
) -> Trader:
    ledger = Ledger(ACCOUNT, cash=cash)
    exchange = Exchange({ACCOUNT: ledger}, first_perm_id=1426086040, exec_group=0xE0D5, hours_of=hours_of, **settings)
    return Trader(exchange, ledger, details or stock(), now)


@pytest.fixture
def trader() -> Trader:
    """Trades AAPL, always open, quoted at 100.00 to 100.02 with 1000 on each side."""
    trader = make_trader()
    trader.quote(100.00, 100.02, 100.01)
    return trader


@pytest.fixture
def make():
    """Makes a trader of one's own."""
    return make_trader


@pytest.fixture
def hours():
    """Makes a trader at a moment of a day with regular hours."""

    def trader_at(now):
        trader = make_trader(stock(**HOURS), published_hours, now=now)
        trader.quote(100.00, 100.02, last=100.01)
        return trader

    return trader_at
