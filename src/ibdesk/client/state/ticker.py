"""`Ticker`: the market in one contract, as programs see it. `quotes` keeps tickers up to date."""

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from datetime import datetime
from math import inf, isnan, nan
from typing import Any, ClassVar, NoReturn

from ibdesk.client.state.statuses import Status
from ibdesk.client.state.tick_bars import (
    ASKS,
    BIDS,
    TRADES,
    Bar,
    BarList,
    Midpoints,
    TickBars,
    Tickfilter,
    TimeBars,
    VolumeBars,
)
from ibdesk.events import Event
from ibdesk.model.contract import Contract, DeltaNeutralContract
from ibdesk.model.fields import Noun, call_repr, dataclassNonDefaults
from ibdesk.model.quotes import (
    Dividends,
    DOMLevel,
    EfpData,
    FundamentalRatios,
    IBDefaults,
    MktDepthData,
    OptionComputation,
    TickByTickAllLast,
    TickByTickBidAsk,
    TickByTickMidPoint,
    TickData,
)

# The names that ib_async has in its module `ticker`.
__all__ = [
    "Bar",
    "BarList",
    "Midpoints",
    "TickBars",
    "Ticker",
    "TickerUpdateEvent",
    "Tickfilter",
    "TimeBars",
    "VolumeBars",
]


class TickerUpdateEvent(Event["Ticker"]):
    """An event that emits the ticker after every batch of ticks that changed it.

    If the price and the size of a trade or quote come as two ticks, the streams below emit twice.
    """

    __slots__ = ()

    def trades(self) -> "Tickfilter":
        """Return a stream that emits (time, price, size) of each tick of a trade."""
        return Tickfilter(TRADES, self)

    def bids(self) -> "Tickfilter":
        """Return a stream that emits (time, price, size) of each tick of the bid."""
        return Tickfilter(BIDS, self)

    def asks(self) -> "Tickfilter":
        """Return a stream that emits (time, price, size) of each tick of the ask."""
        return Tickfilter(ASKS, self)

    def bidasks(self) -> "Tickfilter":
        """Return a stream that emits (time, price, size) of each tick of bid or ask."""
        return Tickfilter(BIDS + ASKS, self)

    def midpoints(self) -> "Tickfilter":
        """Return a stream that emits (time, midpoint, 0) after every batch with a tick of any type."""
        return Midpoints((), self)


class _Slots(Noun):
    """The attributes of a ticker that are not fields, and what a program adds to it.

    All of a ticker is in slots, which take half as much memory.
    """

    __slots__ = ("__dict__", "__weakref__", "_clock", "errorEvent", "extra", "updateEvent")

    _clock: Any
    """Returns the current time in seconds since 1970 UTC. The `Quotes` that keep a ticker set it."""


_added = vars(_Slots)["__dict__"].__get__
"""Return what a program has added to a ticker."""


class _Instance(_Slots):
    """A ticker's `__dict__`, which shows its slots too, for programs that print or store `vars(ticker)`."""

    __slots__ = ()

    @property
    def __dict__(self) -> "_Attributes":  # type: ignore[override]
        return _Attributes(self)

    def __getstate__(self) -> dict[str, Any]:
        return dict(self.__dict__)

    def __setstate__(self, state: dict[str, Any]) -> None:
        for name, value in state.items():
            setattr(self, name, value)


class _Attributes(dict[str, Any]):
    """The attributes of a ticker at one moment. What is set here is set on the ticker, too."""

    __slots__ = ("_ticker",)

    def __init__(self, ticker: _Instance) -> None:
        super().__init__({name: getattr(ticker, name) for name in _NAMES if hasattr(ticker, name)} | _added(ticker))
        self._ticker = ticker

    def __setitem__(self, name: str, value: Any) -> None:
        setattr(self._ticker, name, value)
        super().__setitem__(name, value)

    def update(self, *args: Any, **kwargs: Any) -> None:
        for name, value in dict(*args, **kwargs).items():
            self[name] = value

    def __ior__(self, other: Any) -> "_Attributes":  # type: ignore[misc, override]
        self.update(other)
        return self

    def setdefault(self, name: str, default: Any = None) -> Any:
        if name not in self:
            self[name] = default
        return self[name]

    def _refuse(self, *_: Any) -> NoReturn:
        raise TypeError("nothing can be taken out of vars(ticker): say del ticker.name, of what the program has added")

    __delitem__ = pop = popitem = clear = _refuse

    def __reduce__(self) -> tuple[type, tuple[dict[str, Any]]]:
        return dict, (dict(self),)


@dataclass(eq=False, repr=False, slots=True)
class Ticker(_Instance):
    """The market in one contract, as far as it is known: quotes, last trade, range of the day, greeks and so on.

    A number that was not received yet is `defaults.unset`, which is NaN. If there is no bid or no ask, its price is
    `defaults.emptyPrice` and its size `defaults.emptySize`, which are -1 and 0.

    - `time` and `timestamp` (seconds since 1970 UTC) tell when the last ticks arrived, and `age` how long ago that was;
      `lastTimestamp` tells when the last trade was made.
    - `marketDataType` is 1 for live, 2 for frozen, 3 for delayed, and 4 for delayed and frozen data.
    - `halted` is 0 while the contract is traded, 1 if the exchange has halted it, and 2 if it is halted because of its
      volatility.
    - `ticks`, `tickByTicks` and `domTicks` hold what the last batch brought. The next batch empties them, so they are
      complete only inside a listener of `updateEvent`.
    - `extra` has the ticks that belong to no attribute, by their type.
    - `genericTickList` is that of the newest subscription to quotes.
    - The odd-lot quotes, for less than a round lot, come with the generic tick 787, since server version 225.
    - `minTick` is the smallest step of prices. `lastPricePrecision` and `lastSizePrecision` are the steps of the last
      price and size, since version 224. `bboExchange` is the argument for `reqSmartComponents`.
    - `deltaNeutralContract` has the delta and the price that the server holds fixed for a delta-neutral combination as
      long as its quotes are subscribed.

    `status` is the state of the subscription to quotes or, without one, of what else was asked for:

    ================ ==============================================================================================
    (empty)          nothing has arrived yet. This does not change if only depth or tick-by-tick data are subscribed,
                     because the server does not announce their state
    `live`           ticks come as they happen
    `frozen`         the last ticks before the market closed
    `delayed`        ticks of 15 to 20 minutes ago
    `delayed-frozen` the last delayed ticks before the market closed
    `interrupted`    no ticks: the server has lost the subscription, or given the data to another session of the user,
                     and will be asked for it again
    `denied`         no ticks: the account has no right to the data, or another session received them from the start
    `error`          no ticks: the request was refused
    `ended`          no more ticks: it was cancelled, the snapshot is complete, or the connection is lost
    ================ ==============================================================================================

    `errorEvent` emits (ticker, code, text) for each error or warning about one of the ticker's requests. It is not in
    `events`, which is the same as in ib_async. Code that awaits `updateEvent` gets a RequestError if the last request
    of the ticker is refused, and a ConnectionError if the connection is lost.

    Source: TWS API documentation, "Available Tick Types". Two tickers are equal only if they are the same object.
    """

    events: ClassVar[tuple[str, ...]] = ("updateEvent",)

    contract: Contract | None = None
    time: datetime | None = None
    timestamp: float | None = None
    marketDataType: int = 1
    minTick: float = nan
    bid: float = nan
    bidSize: float = nan
    bidExchange: str = ""
    ask: float = nan
    askSize: float = nan
    askExchange: str = ""
    last: float = nan
    lastSize: float = nan
    lastExchange: str = ""
    lastTimestamp: datetime | None = None
    prevBid: float = nan
    prevBidSize: float = nan
    prevAsk: float = nan
    prevAskSize: float = nan
    prevLast: float = nan
    prevLastSize: float = nan
    volume: float = nan
    open: float = nan
    high: float = nan
    low: float = nan
    close: float = nan
    vwap: float = nan
    low13week: float = nan
    high13week: float = nan
    low26week: float = nan
    high26week: float = nan
    low52week: float = nan
    high52week: float = nan
    bidYield: float = nan
    askYield: float = nan
    lastYield: float = nan
    markPrice: float = nan
    halted: float = nan
    rtHistVolatility: float = nan
    rtVolume: float = nan
    rtTradeVolume: float = nan
    rtTime: datetime | None = None
    avVolume: float = nan
    tradeCount: float = nan
    tradeRate: float = nan
    volumeRate: float = nan
    volumeRate3Min: float = nan
    volumeRate5Min: float = nan
    volumeRate10Min: float = nan
    shortable: float = nan
    shortableShares: float = nan
    indexFuturePremium: float = nan
    futuresOpenInterest: float = nan
    putOpenInterest: float = nan
    callOpenInterest: float = nan
    putVolume: float = nan
    callVolume: float = nan
    avOptionVolume: float = nan
    histVolatility: float = nan
    impliedVolatility: float = nan
    openInterest: float = nan
    lastRthTrade: float = nan
    lastRegTime: str = ""
    optionBidExch: str = ""
    optionAskExch: str = ""
    bondFactorMultiplier: float = nan
    creditmanMarkPrice: float = nan
    creditmanSlowMarkPrice: float = nan
    delayedLastTimestamp: datetime | None = None
    delayedHalted: float = nan
    reutersMutualFunds: str = ""
    etfNavClose: float = nan
    etfNavPriorClose: float = nan
    etfNavBid: float = nan
    etfNavAsk: float = nan
    etfNavLast: float = nan
    etfFrozenNavLast: float = nan
    etfNavHigh: float = nan
    etfNavLow: float = nan
    socialMarketAnalytics: str = ""
    estimatedIpoMidpoint: float = nan
    finalIpoLast: float = nan
    dividends: Dividends | None = None
    fundamentalRatios: FundamentalRatios | None = None
    ticks: list[TickData] = field(default_factory=list)
    tickByTicks: list[TickByTickAllLast | TickByTickBidAsk | TickByTickMidPoint] = field(default_factory=list)
    domBids: list[DOMLevel] = field(default_factory=list)
    domBidsDict: dict[int, DOMLevel] = field(default_factory=dict)
    domAsks: list[DOMLevel] = field(default_factory=list)
    domAsksDict: dict[int, DOMLevel] = field(default_factory=dict)
    domTicks: list[MktDepthData] = field(default_factory=list)
    bidGreeks: OptionComputation | None = None
    askGreeks: OptionComputation | None = None
    lastGreeks: OptionComputation | None = None
    modelGreeks: OptionComputation | None = None
    custGreeks: OptionComputation | None = None
    bidEfp: EfpData | None = None
    askEfp: EfpData | None = None
    lastEfp: EfpData | None = None
    openEfp: EfpData | None = None
    highEfp: EfpData | None = None
    lowEfp: EfpData | None = None
    closeEfp: EfpData | None = None
    auctionVolume: float = nan
    auctionPrice: float = nan
    auctionImbalance: float = nan
    regulatoryImbalance: float = nan
    bboExchange: str = ""
    snapshotPermissions: int = 0

    defaults: IBDefaults = field(default_factory=IBDefaults)
    created: bool = False

    genericTickList: str = ""
    oddLotBid: float = nan
    oddLotBidSize: float = nan
    oddLotBidExchange: str = ""
    oddLotAsk: float = nan
    oddLotAskSize: float = nan
    oddLotAskExchange: str = ""
    status: Status = ""
    lastPricePrecision: float = nan
    lastSizePrecision: float = nan
    deltaNeutralContract: DeltaNeutralContract | None = None

    def __post_init__(self) -> None:
        self.updateEvent: TickerUpdateEvent = TickerUpdateEvent("updateEvent")
        self.errorEvent: Event[Ticker, int, str] = Event("errorEvent")
        self.extra: dict[int, Any] = {}
        # A copy has its values already.
        if not self.created:
            self.created = True
            if not _is_nan(self.defaults.unset):
                for name in _NUMBERS:
                    setattr(self, name, self.defaults.unset)

    def __repr__(self) -> str:
        # `defaults` and `created` come last and are always shown, as in ib_async.
        arguments = dataclassNonDefaults(self)
        for name in ("created", "status", "lastPricePrecision", "lastSizePrecision"):
            arguments.pop(name, None)
        return call_repr(self, {**arguments, "defaults": self.defaults, "created": self.created})

    def isUnset(self, value: Any) -> bool:
        """Return whether a value is the one that stands for "not received yet"."""
        unset = self.defaults.unset
        return bool(value == unset) or (_is_nan(unset) and _is_nan(value))

    @property
    def age(self) -> float:
        """How many seconds ago the last ticks arrived. It is infinite if none have, and NaN for a copy."""
        if self.timestamp is None:
            return inf
        clock: Callable[[], float] | None = getattr(self, "_clock", None)
        return nan if clock is None else max(clock() - self.timestamp, 0.0)

    def isStale(self, max_age: float) -> bool:
        """Return whether nothing has arrived for more than `max_age` seconds, or nothing ever."""
        return not self.age <= max_age

    def hasBidAsk(self) -> bool:
        """Return whether there are both a bid and an ask."""
        return (
            self.bid != -1
            and not self.isUnset(self.bid)
            and self.bidSize > 0
            and self.ask != -1
            and not self.isUnset(self.ask)
            and self.askSize > 0
        )

    def midpoint(self) -> float:
        """Return the mean of bid and ask, or `defaults.unset` if one of them does not exist."""
        if self.hasBidAsk():
            return (self.bid + self.ask) * 0.5
        unset: float = self.defaults.unset
        return unset

    @property
    def delta(self) -> float:
        """The change of the option's price with the price of the underlying, by IBKR's model."""
        return self._greek("delta")

    @property
    def gamma(self) -> float:
        """The change of `delta` with the price of the underlying, by IBKR's model."""
        return self._greek("gamma")

    @property
    def vega(self) -> float:
        """The change of the option's price with one point of volatility, by IBKR's model."""
        return self._greek("vega")

    @property
    def theta(self) -> float:
        """The change of the option's price in one day, by IBKR's model."""
        return self._greek("theta")

    def _greek(self, name: str) -> float:
        value: float | None = getattr(self.modelGreeks, name, None)
        unset: float = self.defaults.unset
        return unset if value is None else value

    def marketPrice(self) -> float:
        """Return the last price if it lies between bid and ask, or if one of them is missing; else the midpoint."""
        if self.hasBidAsk() and not self.bid <= self.last <= self.ask:
            return self.midpoint()
        return self.last


def _is_nan(value: object) -> bool:
    return isinstance(value, float) and isnan(value)


_NAMES = (*(attribute.name for attribute in fields(Ticker)), "updateEvent", "errorEvent", "extra")
_NUMBERS = tuple(attribute.name for attribute in fields(Ticker) if _is_nan(attribute.default))
