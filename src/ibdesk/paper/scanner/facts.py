"""The facts of an instrument that scans look at."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from ibdesk.model.contract_details import ContractDetails

from ..instruments import Instrument
from ..market import Market, Quote, mark_price


@dataclass(frozen=True, slots=True)
class Facts:
    """One instrument at one moment. `dollars` is what one unit of its currency is worth in US dollars.

    Changes are in percent. What cannot be known, such as a change without a close, is nan.
    """

    details: ContractDetails
    instrument: Instrument
    quote: Quote
    dollars: float
    market: Market
    moment: datetime

    @property
    def price(self) -> float:
        """What one unit is worth."""
        return mark_price(self.quote)

    @property
    def price_in_dollars(self) -> float:
        """The price in US dollars."""
        return self.price * self.dollars

    @property
    def volume(self) -> float:
        """What was traded today."""
        return float(self.quote.volume)

    @property
    def usual_volume(self) -> float:
        """What is traded on a usual day."""
        return float(self.instrument.pricing.volume)

    @property
    def traded_dollars(self) -> float:
        """What was traded today, at today's price, in US dollars."""
        return self.volume * self.price_in_dollars * float(self.instrument.multiplier or 1)

    def volume_in(self, minutes: int) -> float:
        """Return what was traded today within the last minutes."""
        before = self.market.quote(self.instrument.conId, self.moment - timedelta(minutes=minutes)).volume
        return self.volume - before if before <= self.volume else self.volume

    @property
    def trades(self) -> float:
        """How often it was traded today; 0 when the day is over."""
        day = self.market.current_bar(self.instrument.conId, self.moment, "1 day", "TRADES", False)
        return float(day.barCount) if day else 0.0

    @property
    def change(self) -> float:
        """Since the close of the day before."""
        return 100 * (self.price / self.quote.close - 1)

    @property
    def change_since_open(self) -> float:
        """Since the first trade of the day."""
        return 100 * (self.price / self.quote.open - 1)

    @property
    def open_gap(self) -> float:
        """From the close of the day before to the first trade of the day."""
        return 100 * (self.quote.open / self.quote.close - 1)

    @property
    def price_range(self) -> float:
        """From the lowest to the highest price of the day."""
        return self.quote.high - self.quote.low

    @property
    def volatility(self) -> float:
        """What its options imply for a year; 0.2 is 20 %."""
        return self.instrument.pricing.volatility * abs(self.instrument.pricing.beta)

    @property
    def unusual_volume(self) -> float:
        """How much of a usual day's volume was traded."""
        return self.volume / self.usual_volume

    @property
    def unusual_change(self) -> float:
        """How large the change is for an instrument that is as volatile."""
        return abs(self.change) / self.volatility

    @property
    def unusual_range(self) -> float:
        """How large the range of the day is for an instrument that is as volatile."""
        return self.price_range / self.price / self.volatility

    @property
    def stock_types(self) -> frozenset[str]:
        """IBKR's names for the sort of stock."""
        return {"COMMON": frozenset({"CORP", "STOCK"}), "ETF": frozenset({"ETF"})}.get(
            self.instrument.kind.stockType, frozenset()
        )
