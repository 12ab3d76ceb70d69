"""One instrument of the paper gateway: everything about it that does not change with time."""

from dataclasses import dataclass
from datetime import date

_DIGITS = 8


@dataclass(frozen=True, slots=True)
class Kind:
    """What instruments of one sort have in common.

    `hours` names an entry of `.sessions.HOURS`. `exchanges` are the validExchanges in IB's order, the one
    that a bare request gets first. `marketRules` holds one id for all exchanges, or one for each. `minTick` is
    the step of order prices and `tick` that of quotes (forex is quoted ten times as finely as it is traded).
    A spread is `spread[0]` to `spread[1]` ticks; quoted sizes are 1 to `depth` times `lot`.
    """

    secType: str
    hours: str
    exchanges: tuple[str, ...]
    marketRules: tuple[int, ...]
    aggGroup: int
    minTick: float
    sizes: tuple[float, float, float]
    tick: float
    spread: tuple[int, int]
    lot: int
    depth: int
    stockType: str = ""

    @property
    def smart(self) -> bool:
        """Whether instruments of this kind are routed by SMART."""
        return self.exchanges[0] == "SMART"


@dataclass(frozen=True, slots=True)
class Pricing:
    """How a price follows one of the market's hidden walks.

    The price is `anchor * exp(beta * walk)`, grown at `carry` a year until `matures` for a future, of whose class
    one matures every `spacing` days. `volatility` is the walk's, a year; `volume` is what trades on a usual day,
    of a future while it is the lead month.
    """

    walk: str
    volatility: float
    anchor: float
    volume: int
    beta: float = 1.0
    carry: float = 0.0
    matures: date | None = None
    spacing: float = 0.0


@dataclass(frozen=True, slots=True)
class OptionTerms:
    """What an option is on: its `underlying`, `strike`, `right` (C or P) and last day of life, `expires`."""

    underlying: "Instrument"
    strike: float
    right: str
    expires: date

    def pays(self, price: float) -> float:
        """Return what an option on one unit is worth to its holder at its end, at a price of the underlying."""
        # A difference of floats is not the amount that it is meant to be: 721.97 - 717 has 13 decimals.
        return max(round(price - self.strike if self.right == "C" else self.strike - price, _DIGITS), 0.0)


@dataclass(frozen=True, slots=True)
class Instrument:
    """One instrument, by its `conId`. Fields with IB's names mean what they mean in a Contract."""

    conId: int
    symbol: str
    currency: str
    kind: Kind
    pricing: Pricing
    localSymbol: str
    tradingClass: str = ""
    primaryExchange: str = ""
    longName: str = ""
    industry: str = ""
    category: str = ""
    subcategory: str = ""
    isin: str = ""
    multiplier: str = ""
    lastTradeDate: str = ""
    realExpirationDate: str = ""
    lastTradeTime: str = ""
    contractMonth: str = ""
    underConId: int = 0
    underSymbol: str = ""
    underSecType: str = ""
    option: OptionTerms | None = None

    def __hash__(self) -> int:
        # The market looks instruments up all the time, and that of all fields takes microseconds.
        return self.conId

    @property
    def secType(self) -> str:
        """IB's name of the sort of instrument."""
        return self.kind.secType

    @property
    def strike(self) -> float:
        """The strike of an option, else 0."""
        return self.option.strike if self.option else 0.0

    @property
    def right(self) -> str:
        """C or P for an option, else empty."""
        return self.option.right if self.option else ""
