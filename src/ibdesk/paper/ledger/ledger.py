"""The ledger of one account: cash, positions, profit and loss, margin.

Executions come in by `Ledger.book`, prices by `Ledger.mark`. At all times the net liquidation value is the
cash of all currencies plus what the positions add to it, and it changes by realized and unrealized profit alone, which
are net of commissions, and by the value of foreign cash.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from math import isnan, nan
from types import MappingProxyType
from typing import Final

from ibdesk.model.accounts import PnL, PnLSingle, PortfolioItem, Position
from ibdesk.model.contract import Contract
from ibdesk.model.executions import CommissionReport, Execution
from ibdesk.model.unset import UNSET_DOUBLE

from ..decimals import ONE, ZERO, exact
from .amounts import NOTHING, Amounts
from .commissions import OrderBill, regulatory_fees, schedule_of
from .holdings import Holding, Settlement
from .margin import BUYING_POWER, CURRENCY_RATE, Requirement
from .sums import PositionSums

US_DOLLARS: Final[Mapping[str, float]] = MappingProxyType(
    {
        "USD": 1.0,
        "EUR": 1.16,
        "GBP": 1.32,
        "JPY": 0.0065,
        "CHF": 1.25,
        "CAD": 0.71,
        "AUD": 0.65,
        "NZD": 0.57,
        "HKD": 0.128,
        "SGD": 0.77,
        "SEK": 0.105,
        "NOK": 0.099,
        "DKK": 0.155,
        "MXN": 0.054,
        "CNH": 0.14,
        "INR": 0.0113,
        "KRW": 0.00068,
    }
)
"""What one unit of a currency is worth until a price of the pair is marked."""


@dataclass(slots=True)
class Totals:
    """The account in its base currency.

    `net_liquidation` is the cash and what the positions add to it, `equity_with_loan` the part of it that can carry
    margin: long options can't. `tied_up` is what cannot be used for anything else, and `available_funds` the equity
    above the initial margin.
    """

    cash: Decimal
    positions: Decimal
    gross_positions: Decimal
    long_options: Decimal
    margin: Requirement
    unrealized: Decimal
    realized: Decimal
    # These are asked for again and again while an order is looked at.
    net_liquidation: Decimal = field(init=False)
    equity_with_loan: Decimal = field(init=False)
    tied_up: Decimal = field(init=False)
    available_funds: Decimal = field(init=False)

    def __post_init__(self) -> None:
        self.net_liquidation = self.cash + self.positions
        self.equity_with_loan = self.net_liquidation - self.long_options
        self.tied_up = self.margin.initial + self.long_options
        self.available_funds = self.equity_with_loan - self.margin.initial

    @property
    def excess_liquidity(self) -> Decimal:
        """Equity above the maintenance margin."""
        return self.equity_with_loan - self.margin.maintenance

    @property
    def buying_power(self) -> Decimal:
        """The value of stocks that can still be bought."""
        return max(ZERO, self.available_funds * BUYING_POWER)

    @property
    def cushion(self) -> Decimal:
        """Excess liquidity as a share of the net liquidation value."""
        return self.excess_liquidity / self.net_liquidation if self.net_liquidation else ZERO


@dataclass(slots=True)
class Preview:
    """What an order would do to the account, in `currency`, its base currency.

    `takes` is how much less there is of available funds afterwards: margin, premium, commission and loss.
    `ties_up_more` tells whether more is tied up afterwards. What closes positions ties up less.
    """

    currency: str
    before: Totals
    after: Totals
    commission: float
    commission_currency: str
    takes: Decimal = field(init=False)
    ties_up_more: bool = field(init=False)

    def __post_init__(self) -> None:
        self.takes = self.before.available_funds - self.after.available_funds
        self.ties_up_more = self.after.tied_up > self.before.tied_up

    @property
    def acceptable(self) -> bool:
        """Whether the account can carry it. What ties up no more than before is always welcome."""
        return not self.ties_up_more or self.after.available_funds >= 0


class Ledger:
    """The books of one account.

    `us_dollars` is what one unit of each currency is worth; it follows the prices of currency pairs afterwards.
    `position_sums` is what all holdings add up to: whoever changes a holding has it counted.
    """

    def __init__(
        self,
        account: str,
        *,
        base: str = "USD",
        cash: float = 1_000_000.0,
        account_type: str = "INDIVIDUAL",
        us_dollars: Mapping[str, float] = US_DOLLARS,
    ) -> None:
        self.account = account
        self.base = base
        self.account_type = account_type
        self.cash: dict[str, Decimal] = {base: exact(cash)}
        self.holdings: dict[int, Holding] = {}
        self.commissions: Decimal = ZERO
        self._us_dollars = {currency: exact(value) for currency, value in us_dollars.items()}
        self.position_sums: PositionSums = PositionSums()
        self._bills: dict[int, OrderBill] = {}
        # What was reckoned last; None once anything has changed.
        self._totals: Totals | None = None
        self._preview: tuple[tuple[object, ...], Preview] | None = None
        self._day_began_with = exact(cash)
        self._equity_of_yesterday = exact(cash)

    # Prices

    def rate(self, currency: str) -> Decimal:
        """Return what one unit of a currency is worth in the base currency.

        Raises LookupError when neither a rate nor a price of the pair with USD was ever given.
        """
        if currency == self.base:
            return ONE
        try:
            return self._us_dollars[currency] / self._us_dollars[self.base]
        except KeyError as unknown:
            raise LookupError(f"no exchange rate between {currency} and {self.base}") from unknown

    def mark(self, contract: Contract, price: float) -> None:
        """Record the market price of a contract, held or not. A price of 0 or less, or NaN, is no price."""
        if not price > 0:
            return
        if contract.secType == "CASH":
            self.mark_pair(contract.symbol, contract.currency, price)
        if holding := self.holdings.get(contract.conId):
            holding.price = exact(price)
            self._count(holding)

    def fix(self, contract: Contract, price: float) -> None:
        """Record what is paid for a contract at its end, which may be nothing."""
        if holding := self.holdings.get(contract.conId):
            holding.price = exact(price)
            self._count(holding)

    def mark_pair(self, symbol: str, currency: str, price: float) -> None:
        """Record the market price of one currency in another. Pairs without the US dollar tell nothing."""
        if not price > 0:
            return
        self._totals = self._preview = None
        if currency == "USD":
            self._us_dollars[symbol] = exact(price)
        elif symbol == "USD":
            self._us_dollars[currency] = ONE / exact(price)

    # Movements

    def deposit(self, amount: float, currency: str) -> None:
        """Add cash, or take it when negative. It is no profit.

        Raises LookupError when the currency has no rate.
        """
        self._day_began_with += exact(amount) * self.rate(currency)
        self._move(currency, exact(amount))

    def book(self, execution: Execution, contract: Contract) -> CommissionReport:
        """Book an execution and return what it cost and earned.

        An order's minimum commission is taken once, over all executions with its `permId`. `realizedPNL` is
        unset when nothing was closed, as on the wire.

        Raises LookupError when the currency has no rate.
        """
        quantity = exact(execution.shares) * (1 if execution.side == "BOT" else -1)
        bill = self._bills.setdefault(execution.permId, OrderBill(schedule_of(contract)))
        commission, currency, realized = self._book(contract, quantity, exact(execution.price), bill)
        return CommissionReport(
            execId=execution.execId,
            commission=float(commission),
            currency=currency,
            realizedPNL=UNSET_DOUBLE if realized is None else float(realized),
            yield_=UNSET_DOUBLE,
        )

    def settle(self, execution: Execution, contract: Contract) -> CommissionReport:
        """Book what a position gets or gives without a trade, as options do that are exercised. Nothing is charged."""
        holding = self.holdings.setdefault(contract.conId, Holding(contract))
        quantity = exact(execution.shares) * (1 if execution.side == "BOT" else -1)
        booking = holding.trade(quantity, exact(execution.price), ZERO)
        self._count(holding)
        self._move(contract.currency, booking.cash)
        return CommissionReport(
            execId=execution.execId,
            commission=0.0,
            currency=contract.currency,
            realizedPNL=UNSET_DOUBLE if booking.realized is None else float(booking.realized),
            yield_=UNSET_DOUBLE,
        )

    def _book(
        self, contract: Contract, quantity: Decimal, price: Decimal, bill: OrderBill, market_price: float = nan
    ) -> tuple[Decimal, str, Decimal | None]:
        """Trade, at a `price`. What is held afterwards has the market price, where one is known."""
        holding = self.holdings.get(contract.conId)
        if holding is None:
            holding = self.holdings[contract.conId] = Holding(contract)
        value = abs(quantity) * price * holding.multiplier
        rate = self.rate(contract.currency)
        charged = bill.schedule.currency
        in_schedule = rate / self.rate(charged) if charged != contract.currency else ONE
        cost = bill.charge(abs(quantity), value * in_schedule) / in_schedule
        cost += regulatory_fees(contract, quantity, value)
        booking = holding.trade(quantity, price, cost)
        if market_price > 0:
            holding.price = exact(market_price)
        self._count(holding)
        self.commissions += cost * rate
        if holding.settlement is not Settlement.EXCHANGED:
            self._move(contract.currency, booking.cash)
            return cost, contract.currency, booking.realized
        # IBKR takes the commission of a currency trade in the account's own currency.
        self._move(contract.currency, booking.cash + cost)
        self._move(contract.symbol, quantity)
        self._move(self.base, -cost * rate)
        return cost * rate, self.base, None if booking.realized is None else booking.realized * rate

    def _move(self, currency: str, amount: Decimal) -> None:
        self.cash[currency] = self.cash.get(currency, ZERO) + amount
        self._totals = self._preview = None

    def _count(self, holding: Holding) -> None:
        self.position_sums.count(holding)
        self._totals = self._preview = None

    def start_day(self) -> None:
        """Begin a new day: the profits of the day are zero, and what is closed is forgotten.

        An order that stays overnight owes the minimum commission again.
        """
        self._bills.clear()
        for holding in self.holdings.values():
            holding.start_day()
            self._count(holding)
        self.holdings = {con_id: holding for con_id, holding in self.holdings.items() if holding.position}
        totals = self.totals()
        self._day_began_with = totals.net_liquidation
        self._equity_of_yesterday = totals.equity_with_loan

    # Answers

    def totals(self) -> Totals:
        """Return the account as it stands."""
        if self._totals is None:
            self._totals = self._reckon()
        return self._totals

    def _reckon(self) -> Totals:
        cash = foreign = ZERO
        for currency, amount in self.cash.items():
            worth = amount * self.rate(currency)
            cash += worth
            if currency != self.base:
                foreign += abs(worth)
        held = NOTHING
        for (currency, _), amounts in self.position_sums:
            held = held.plus(amounts, self.rate(currency))
        tied = foreign * CURRENCY_RATE
        margin = Requirement(held.initial + tied, held.maintenance + tied, held.regulation_t + tied)
        return Totals(cash, held.equity, held.gross, held.options, margin, held.unrealized, held.realized)

    def amounts(self, currency: str | None = None) -> dict[str, Amounts]:
        """Return what the positions of each security type add to the account: those in a currency, or all in the base.

        What is still held counts, and the profits of what was closed today.
        """
        found: dict[str, Amounts] = {}
        for (unit, kind), amounts in self.position_sums:
            if currency in (None, unit):
                rate = self.rate(unit) if currency is None else ONE
                found[kind] = found.get(kind, NOTHING).plus(amounts, rate)
        return found

    def position(self, con_id: int) -> float:
        """Return how much of a contract is held; negative when short."""
        holding = self.holdings.get(con_id)
        return float(holding.position) if holding else 0.0

    def positions(self) -> list[Position]:
        """Return what is held."""
        return [
            Position(self.account, holding.contract, float(holding.position), float(holding.average_cost))
            for holding in self.holdings.values()
            if holding.position
        ]

    def portfolio(self) -> list[PortfolioItem]:
        """Return what is held and what was closed today, with what it is worth, each in its contract's currency."""
        return [
            PortfolioItem(
                contract=holding.contract,
                position=float(holding.position),
                marketPrice=float(holding.price),
                marketValue=float(holding.value),
                averageCost=float(holding.average_cost),
                unrealizedPNL=float(holding.unrealized),
                realizedPNL=float(holding.realized),
                account=self.account,
            )
            for holding in self.holdings.values()
        ]

    def pnl(self, model_code: str = "") -> PnL:
        """Return the profit of the day, in the base currency."""
        totals = self.totals()
        daily = totals.net_liquidation - self._day_began_with
        return PnL(self.account, model_code, float(daily), float(totals.unrealized), float(totals.realized))

    def pnl_single(self, con_id: int, model_code: str = "") -> PnLSingle | None:
        """Return the profit of the day of one position, in the base currency; None when there is and was none today."""
        holding = self.holdings.get(con_id)
        if holding is None:
            return None
        rate = self.rate(holding.contract.currency)
        return PnLSingle(
            account=self.account,
            modelCode=model_code,
            conId=con_id,
            dailyPnL=float(holding.daily * rate),
            unrealizedPnL=float(holding.unrealized * rate),
            realizedPnL=float(holding.realized * rate),
            position=float(holding.position),  # type: ignore[arg-type]  # IBKR sends decimals; ib_async says int
            value=float(holding.value * rate),
        )

    @property
    def equity_of_yesterday(self) -> Decimal:
        """Equity with loan value when the day began."""
        return self._equity_of_yesterday

    def margin_cushion(self) -> float:
        """Return the excess liquidity in percent of the net liquidation value, which margin conditions compare with."""
        return float(self.totals().cushion * 100)

    def preview(
        self, contract: Contract, action: str, quantity: float, price: float, market_price: float = nan
    ) -> Preview:
        """Return what buying (`action` BUY) or selling at `price` would do; nothing is booked.

        What is bought is then worth `market_price`. NaN is no price: nothing changes without one to trade at.

        Raises LookupError when the currency has no rate.
        """
        # An order that is filled at once is looked at twice.
        terms = contract.conId, action, quantity, price, market_price
        if self._preview is None or self._preview[0] != terms:
            self._preview = terms, self._try(contract, action, quantity, price, market_price)
        return self._preview[1]

    def _try(self, contract: Contract, action: str, quantity: float, price: float, market_price: float) -> Preview:
        # The order is booked in a copy, so that the answer and a later booking cannot disagree.
        before = self.totals()
        trial = self._copy(contract.conId)
        signed = exact(quantity) * (1 if action == "BUY" else -1)
        if signed and not isnan(price):
            bill = OrderBill(schedule_of(contract))
            commission, currency, _ = trial._book(contract, signed, exact(price), bill, market_price)
            if contract.secType == "CASH":
                trial.mark_pair(contract.symbol, contract.currency, market_price)
            after = trial.totals()
        else:
            commission, currency, after = ZERO, contract.currency, before
        return Preview(self.base, before, after, float(commission), currency)

    def _copy(self, con_id: int) -> "Ledger":
        """Return the books with no position but the one in a contract. The sums are those of all."""
        twin = object.__new__(Ledger)
        twin.__dict__.update(self.__dict__)
        twin.cash, twin._us_dollars, twin.position_sums = (
            dict(self.cash),
            dict(self._us_dollars),
            self.position_sums.copy(),
        )
        held = self.holdings.get(con_id)
        twin.holdings = {con_id: held.copy()} if held else {}
        return twin
