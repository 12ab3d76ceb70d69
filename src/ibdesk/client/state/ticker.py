"""Decides what a user sees of the market in one contract; it must not know how a tick finds its attribute.

`.quotes` keeps tickers up to date.
"""

from dataclasses import dataclass, field, fields
from datetime import datetime
from math import isnan, nan
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

# What ib_async has in its module of this name.
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
    """Emits the ticker after every batch of ticks that changed it.

    A trade or quote whose price and size come as two ticks is two emits of the streams below.
    """

    __slots__ = ()

    def trades(self) -> "Tickfilter":
        """Emits (time, price, size) of each tick of a trade."""
        return Tickfilter(TRADES, self)

    def bids(self) -> "Tickfilter":
        """Emits (time, price, size) of each tick of the bid."""
        return Tickfilter(BIDS, self)

    def asks(self) -> "Tickfilter":
        """Emits (time, price, size) of each tick of the ask."""
        return Tickfilter(ASKS, self)

    def bidasks(self) -> "Tickfilter":
        """Emits (time, price, size) of each tick of bid or ask."""
        return Tickfilter(BIDS + ASKS, self)

    def midpoints(self) -> "Tickfilter":
        """Emits (time, midpoint, 0) after every batch with a tick of any type."""
        return Midpoints((), self)


class _Slots(Noun):
    """What a ticker has beside its fields, which are in slots: they take half as much room. Users may add to it."""

    __slots__ = ("__dict__", "__weakref__", "errorEvent", "extra", "updateEvent")


_added = vars(_Slots)["__dict__"].__get__
"""What a program has added to a ticker."""


class _Instance(_Slots):
    """Shows all of a ticker in its `__dict__`, as programs that print or store `vars(ticker)` want it."""

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
    """The attributes of a ticker as they are at this moment. What is set here is set on the ticker."""

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
    """The market in one contract, as far as it is known: quotes, last trade, the day's range, greeks ...

    A number that was not received yet is `defaults.unset`, which is NaN. A side of the market that does not exist has
    the price `defaults.emptyPrice` and the size `defaults.emptySize`, which are -1 and 0.

    `time` and `timestamp` (seconds since 1970 UTC) tell when the last ticks came, `lastTimestamp` when the last
    trade was made. `marketDataType`: 1 live, 2 frozen, 3 delayed, 4 delayed and frozen. `halted`: 0 trading, 1
    halted by the exchange, 2 by volatility. `ticks`, `tickByTicks` and `domTicks` hold what the last batch
    brought and are emptied by the next one, so they are complete only inside a listener of `updateEvent`.
    `extra` has the ticks that belong to no attribute, by their type. `genericTickList` is that of the newest
    subscription to quotes. The odd-lot quotes, of less than a round lot, come with the generic tick 787, since server
    version 225. `minTick` is the step of prices, `bboExchange` the argument of `reqSmartComponents`, and
    `lastPricePrecision` and `lastSizePrecision` are the steps of the last price and size, since version 224.
    `deltaNeutralContract` has the delta and the price that the server holds fixed for a delta-neutral combination
    for as long as its quotes are subscribed.

    `status` tells what comes of the subscription to quotes, or without any of what else was asked for:

    ================== ============================================================================================
    (empty)            nothing was heard yet. Depth and tick-by-tick data alone stay so: of those the server says no
                       more
    `live`           ticks as they happen
    `frozen`         the last ticks before the market closed
    `delayed`        ticks of 15 to 20 minutes ago
    `delayed-frozen` the last delayed ticks before the market closed
    `denied`         nothing: the account has no right to the data, or another session of the user takes it
    `error`          nothing: the request was refused
    `ended`          nothing more: it was cancelled, the snapshot is complete, or the connection is lost
    ================== ============================================================================================

    `errorEvent` emits (ticker, code, text) for each error or warning that names one of its requests; `errorEvent`
    is not in `events`, which is the same as ib_async's. Who awaits `updateEvent` when the last request of the
    ticker is refused gets RequestError, and ConnectionError when the connection is lost.

    Source: TWS API documentation, "Available Tick Types". Two tickers are equal only when they are the same object.
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
        # A copy has values already.
        if not self.created:
            self.created = True
            if not _is_nan(self.defaults.unset):
                for name in _NUMBERS:
                    setattr(self, name, self.defaults.unset)

    def __repr__(self) -> str:
        # ib_async shows the last two always.
        arguments = dataclassNonDefaults(self)
        for name in ("created", "status", "lastPricePrecision", "lastSizePrecision"):
            arguments.pop(name, None)
        return call_repr(self, {**arguments, "defaults": self.defaults, "created": self.created})

    def isUnset(self, value: Any) -> bool:
        """Whether a value is the one that stands for "not received yet"."""
        unset = self.defaults.unset
        return bool(value == unset) or (_is_nan(unset) and _is_nan(value))

    def hasBidAsk(self) -> bool:
        """Whether both sides of the market exist."""
        return (
            self.bid != -1
            and not self.isUnset(self.bid)
            and self.bidSize > 0
            and self.ask != -1
            and not self.isUnset(self.ask)
            and self.askSize > 0
        )

    def midpoint(self) -> float:
        """The mean of bid and ask, or `defaults.unset` when one of them does not exist."""
        if self.hasBidAsk():
            return (self.bid + self.ask) * 0.5
        unset: float = self.defaults.unset
        return unset

    @property
    def delta(self) -> float:
        """How much the price of the option moves with that of the underlying, by IBKR's model."""
        return self._greek("delta")

    @property
    def gamma(self) -> float:
        """How much `delta` moves with the price of the underlying, by IBKR's model."""
        return self._greek("gamma")

    @property
    def vega(self) -> float:
        """How much the price of the option moves with a point of volatility, by IBKR's model."""
        return self._greek("vega")

    @property
    def theta(self) -> float:
        """How much the price of the option moves with a day, by IBKR's model."""
        return self._greek("theta")

    def _greek(self, name: str) -> float:
        value: float | None = getattr(self.modelGreeks, name, None)
        unset: float = self.defaults.unset
        return unset if value is None else value

    def marketPrice(self) -> float:
        """The last price when it lies between bid and ask, or when there is no bid or ask; else the midpoint."""
        if self.hasBidAsk() and not self.bid <= self.last <= self.ask:
            return self.midpoint()
        return self.last


def _is_nan(value: object) -> bool:
    return isinstance(value, float) and isnan(value)


_NAMES = (*(attribute.name for attribute in fields(Ticker)), "updateEvent", "errorEvent", "extra")
_NUMBERS = tuple(attribute.name for attribute in fields(Ticker) if _is_nan(attribute.default))
