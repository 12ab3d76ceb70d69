"""Quotes: which ticker each tick belongs to, and what it changes there.

For each batch of messages, `begin` is called first, then one reducer for each message, then `flush`. This code runs for
every tick and has to be fast: reducers return nothing, and look for bid, ask and last first.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, KeysView
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from math import nan
from typing import Any, ClassVar, NamedTuple

from ibdesk.client.effects import Emissions, Emit, failure
from ibdesk.client.state import tick_types as types
from ibdesk.client.state.books import change_book, empty_book, reset_book
from ibdesk.client.state.greeks import EFPS, GREEKS, computation, efp
from ibdesk.client.state.known import known
from ibdesk.client.state.live_ticks import add_tick, as_live
from ibdesk.client.state.statuses import DATA_TYPES, NEEDS_API_RIGHTS, STOPPED, Status, advised, refused
from ibdesk.client.state.tick_texts import parse
from ibdesk.client.state.ticker import Ticker
from ibdesk.client.state.tickers import Tickers
from ibdesk.client.subscriptions import Kind, Subscription, Subscriptions
from ibdesk.errors import RequestError
from ibdesk.model.contract import Contract
from ibdesk.model.quotes import IBDefaults, TickData
from ibdesk.model.unset import EPOCH, UNSET_DOUBLE
from ibdesk.wire.codec import Oddities, Takers
from ibdesk.wire.messages.depth import UpdateMktDepth, UpdateMktDepthL2
from ibdesk.wire.messages.historical_ticks import HistoricalTicks, HistoricalTicksBidAsk, HistoricalTicksLast
from ibdesk.wire.messages.market_data import (
    MarketDataType,
    TickGeneric,
    TickPrice,
    TickReqParams,
    TickSize,
    TickSnapshotEnd,
    TickString,
)
from ibdesk.wire.messages.options import DeltaNeutralValidation, TickEFP, TickOptionComputation
from ibdesk.wire.messages.tick_by_tick import TickByTick

_BID = (types.BID, types.DELAYED_BID)
_ASK = (types.ASK, types.DELAYED_ASK)
_LAST = (types.LAST, types.DELAYED_LAST)
_BID_SIZE = (types.BID_SIZE, types.DELAYED_BID_SIZE)
_ASK_SIZE = (types.ASK_SIZE, types.DELAYED_ASK_SIZE)
_LAST_SIZE = (types.LAST_SIZE, types.DELAYED_LAST_SIZE)

# This is faster than the constructor of a NamedTuple, which is a Python function.
_new_tick = tuple.__new__


class _InOrder(set[Ticker]):
    """A set that gives its tickers in the order in which they changed, until it is changed itself.

    The order of any other set depends on addresses in memory, and so would what a program does with the tickers.
    """

    order: Collection[Ticker] = ()

    def __iter__(self) -> Iterator[Ticker]:
        return iter(self.order) if len(self) == len(self.order) else super().__iter__()


class _Batch(NamedTuple):
    """A batch that was set aside: when it arrived, which tickers it has changed so far, and their lists of ticks."""

    now: datetime
    pending: dict[Ticker, None]
    ticks: dict[Ticker, tuple[list[Any], list[Any], list[Any]]]


class Quotes:
    """The tickers of one connection, and the reducers that keep them up to date."""

    make_ticker: ClassVar[type[Ticker]] = Ticker

    def __init__(
        self,
        defaults: IBDefaults | None = None,
        subscriptions: Subscriptions | None = None,
        clock: Callable[[], float] = lambda: nan,
    ) -> None:
        """Begin without tickers. `clock` returns the current time in seconds since 1970 UTC."""
        self._clock = clock
        self.defaults: IBDefaults = defaults or IBDefaults()
        self._subscriptions = Subscriptions() if subscriptions is None else subscriptions
        self._by_request = self._subscriptions.targets(Ticker)
        self.oddities: Counter[str] = Oddities()
        """Ticks without an attribute or unreadable, in words, and how often they came. See also `Ticker.extra`."""
        self.handlers: dict[type, Callable[[Any], None]] = {
            TickPrice: self.tick_price,
            TickSize: self.tick_size,
            TickString: self.tick_string,
            TickGeneric: self.tick_generic,
            TickReqParams: self.tick_req_params,
            MarketDataType: self.market_data_type,
            TickByTick: self.tick_by_tick,
            TickOptionComputation: self.tick_option_computation,
            TickEFP: self.tick_efp,
            DeltaNeutralValidation: self.delta_neutral_validation,
            UpdateMktDepth: self.update_mkt_depth,
            UpdateMktDepthL2: self.update_mkt_depth,
        }
        """The reducer of each class of message."""
        self._now = EPOCH  # until the first batch
        self._pending: dict[Ticker, None] = {}  # in order, unlike a set
        self.is_open: bool = False
        """Whether a batch has begun, and was not told to the end yet."""
        self.waiting: list[_Batch] = []
        """The batches that go on when the one that is open has been told: their listeners wait for more."""
        self._tickers = Tickers()

    def set_defaults(self, defaults: IBDefaults) -> None:
        """Use other values for what a server leaves out. Tickers that exist keep their value of `unset`."""
        self.defaults = defaults
        for ticker in {*self._tickers, *self._by_request.values()}:
            ticker.defaults = replace(defaults, unset=ticker.defaults.unset)

    # --- subscriptions --------------------------------------------------------------------------------------------

    def to_fill(self, contract: Contract, kind: str) -> Ticker:
        """Return the ticker for the answers to a request: that of this contract at its exchange, or a new one.

        All subscriptions of a contract share one ticker, so that it has all that is known. A snapshot has a ticker of
        its own, so that old values are not taken for its answer.
        """
        ticker = None if kind == Kind.SNAPSHOT else self._tickers.at(contract)
        if ticker is None:
            ticker = self.make_ticker(contract=contract, defaults=self.defaults)
            ticker._clock = self._clock
        return ticker

    @contextmanager
    def starting(self, subscription: Subscription, contract: Contract) -> Iterator[None]:
        """Register a subscription that fills a ticker, while the body of the `with` sends its request.

        It is registered before it is sent, because the answer may come at once. If the sending fails, nothing has
        changed.
        """
        ticker: Ticker = subscription.target
        status = ticker.status
        if status in STOPPED:
            ticker.status = ""
        self._subscriptions.add(subscription)
        try:
            yield
        except BaseException:
            self._subscriptions.end(subscription.key)
            ticker.status = status
            raise
        if subscription.kind != Kind.SNAPSHOT and ticker not in self._tickers:
            self._tickers.add(ticker, contract)

    def subscribed(self, contract: Contract, kind: str) -> Subscription | None:
        """Return the newest subscription of a kind for a contract, None if there is none."""
        for ticker in self._tickers.meant_by(contract):
            if found := self._subscriptions.about(kind, ticker):
                return found[-1]
        return None

    def error(self, reqId: int, code: int, text: str, ends: bool) -> Emissions:
        """Take in an error about a request, which either `ends` it or is a warning."""
        ticker, subscription = self._by_request.get(reqId), self._subscriptions.get(reqId)
        if ticker is None or subscription is None:
            return []
        told: Emissions = [Emit(ticker.errorEvent, (ticker, code, text))]
        if ends or (code == NEEDS_API_RIGHTS and subscription.kind not in (Kind.QUOTES, Kind.SNAPSHOT)):
            self.end(subscription, refused(code))
            if not self._subscriptions.is_any_about(ticker):
                told.append(failure(ticker.updateEvent, RequestError(reqId, code, text)))
        else:
            ticker.status = advised(code, ticker.status)
            if code == NEEDS_API_RIGHTS and ticker.status == "denied" and subscription.kind == Kind.QUOTES:
                subscription.terms, subscription.is_denied = None, True
        return told

    def end(self, subscription: Subscription, status: Status = "ended") -> None:
        """Forget a subscription that fills a ticker. The ticker gets `status`, unless other quotes for it go on."""
        self._subscriptions.end(subscription.key)
        ticker: Ticker = subscription.target
        if subscription.kind == Kind.DEPTH:
            empty_book(ticker)
        if not self._subscriptions.about(Kind.QUOTES, ticker):
            ticker.status = status

    def interrupt(self, subscription: Subscription) -> None:
        """Record that nothing comes for a subscription until it is restored. Its order book is not valid any more."""
        ticker: Ticker = subscription.target
        if subscription.kind == Kind.DEPTH:
            reset_book(ticker, self._now)
            self._pending[ticker] = None
        if subscription.kind == Kind.QUOTES or not self._subscriptions.about(Kind.QUOTES, ticker):
            ticker.status = "interrupted"

    def resumed(self, subscription: Subscription) -> None:
        """Record that the server is asked for a subscription again."""
        ticker: Ticker = subscription.target
        if ticker.status == "interrupted":
            ticker.status = ""

    def end_snapshot(self, reqId: int) -> None:
        """End a snapshot, which is complete or no longer waited for."""
        subscription = self._subscriptions.get(reqId)
        if subscription is not None and isinstance(subscription.target, Ticker):
            self.end(subscription, "denied" if subscription.target.status == "denied" else "ended")

    def end_all(self, error: Exception) -> Emissions:
        """End all subscriptions, because the connection is lost. Tickers keep their values."""
        ended = list(dict.fromkeys(self._by_request.values()))
        for subscription in self._subscriptions:
            if isinstance(subscription.target, Ticker):
                self.end(subscription)
        return [failure(ticker.updateEvent, error) for ticker in ended]

    def tick_snapshot_end(self, message: TickSnapshotEnd) -> None:
        """Record that a snapshot is complete."""
        self.end_snapshot(message.reqId)

    def own_ticker(self, contract: Contract) -> Ticker | None:
        """Return the ticker of a contract at its own exchange, None if it was never subscribed there."""
        return self._tickers.at(contract)

    def ticker(self, contract: Contract) -> Ticker | None:
        """Return the ticker that a contract means (see `Tickers.meant_by`), None if it was never subscribed."""
        return next(self._tickers.meant_by(contract), None)

    def tickers(self) -> list[Ticker]:
        """Return the tickers of all contracts that are or were subscribed."""
        return list(self._tickers)

    def contract(self, reqId: int) -> Contract | None:
        """Return the contract that a running request is about."""
        ticker = self._by_request.get(reqId)
        return ticker.contract if ticker else None

    @property
    def now(self) -> datetime:
        """When the newest batch of messages has arrived."""
        return self._now

    @property
    def batch(self) -> object:
        """What stands for the newest batch: each one has another object."""
        return self._pending

    # --- batches --------------------------------------------------------------------------------------------------

    def begin(self, now: datetime) -> None:
        """Begin a batch of messages that arrived at `now`: empty the lists of ticks that the last batch filled.

        If another one is open, since one of its listeners waits in a nested run of the event loop, that is set aside.
        """
        if self.is_open:
            ticks = {one: (one.ticks, one.tickByTicks, one.domTicks) for one in self._pending}
            self.waiting.append(_Batch(self._now, self._pending, ticks))
        self.is_open = True
        for ticker in self._pending:
            if ticker.ticks:
                ticker.ticks = []
            if ticker.tickByTicks:
                ticker.tickByTicks = []
            if ticker.domTicks:
                ticker.domTicks = []
        self._pending = {}
        self._now = now

    def resume(self) -> None:
        """Go on with the batch that was set aside, as the one within it has been told: with its own ticks."""
        now, pending, ticks = self.waiting.pop()
        self.is_open = False
        self.begin(now)
        self._pending = pending
        for ticker, lists in ticks.items():
            ticker.ticks, ticker.tickByTicks, ticker.domTicks = lists

    def flush(self) -> KeysView[Ticker]:
        """End a batch and return the tickers that it changed, in the order in which it did so."""
        if self._pending:
            timestamp = self._now.timestamp()
            for ticker in self._pending:
                ticker.time = self._now
                ticker.timestamp = timestamp
        return self._pending.keys()

    def pending(self) -> set[Ticker]:
        """Return the tickers that the newest batch has changed."""
        if len(self._pending) < 2:
            return set(self._pending)
        tickers = _InOrder(self._pending)
        tickers.order = self._pending
        return tickers

    # --- reducers -------------------------------------------------------------------------------------------------

    def takers(self) -> Takers:
        """Return the methods that take the fields of prices and sizes, where these reducers do nothing else."""
        cls = type(self)
        if cls.tick_price is not Quotes.tick_price or cls.tick_size is not Quotes.tick_size:
            return {}
        return {TickPrice: self.take_price, TickSize: self.take_size}

    def tick_price(self, message: TickPrice) -> None:
        """Take in a price, with its size if it has one."""
        self.take_price(message.reqId, message.tickType, message.price, message.size)

    def take_price(self, reqId: int, kind: int, price: float, size: float, attrMask: int = 0) -> None:
        """Do what `tick_price` does with a message of these fields."""
        ticker = self._by_request.get(reqId)
        if ticker is None:
            return
        if size == UNSET_DOUBLE:
            size = 0.0
        if price == UNSET_DOUBLE:
            price = nan
        if kind in _BID:
            if not size:
                price, size = self.defaults.emptyPrice, self.defaults.emptySize
            ticker.prevBid = ticker.bid
            ticker.prevBidSize = ticker.bidSize
            ticker.bid = price
            ticker.bidSize = size
        elif kind in _ASK:
            if not size:
                price, size = self.defaults.emptyPrice, self.defaults.emptySize
            ticker.prevAsk = ticker.ask
            ticker.prevAskSize = ticker.askSize
            ticker.ask = price
            ticker.askSize = size
        elif kind in _LAST:
            # -1 may be a real price, of an index such as TICK-NYSE. Such an index has no close, and its price no size.
            if price == -1 and not size and not ticker.isUnset(ticker.close) and ticker.close > 0:
                price, size = self.defaults.emptyPrice, self.defaults.emptySize
            _set_last(ticker, price, size)
        elif kind in types.PRICES:
            setattr(ticker, types.PRICES[kind], price)
        else:
            self._keep(ticker, f"tickPrice {kind} is not known", kind, price)
            return
        if price or size:
            ticker.ticks.append(_new_tick(TickData, (self._now, kind, price, size)))
        self._pending[ticker] = None

    def tick_size(self, message: TickSize) -> None:
        """Take in a size. Sizes of bid, ask and last mostly repeat the size that came with the price."""
        # A size of bid or ask that is the same as before is no news. A size of 0 means that this side has no price any
        # more. The size of a last trade without a price belongs to nothing.
        self.take_size(message.reqId, message.tickType, message.size)

    def take_size(self, reqId: int, kind: int, size: float) -> None:
        """Do what `tick_size` does with a message of these fields."""
        ticker = self._by_request.get(reqId)
        if ticker is None:
            return
        if size == UNSET_DOUBLE:
            size = 0.0
        price = self.defaults.emptyPrice
        if kind in _BID_SIZE:
            if size == ticker.bidSize:
                return
            ticker.prevBidSize = ticker.bidSize
            if size:
                price = ticker.bid
                ticker.bidSize = size
            else:
                ticker.bid = price
                ticker.bidSize = self.defaults.emptySize
        elif kind in _ASK_SIZE:
            if size == ticker.askSize:
                return
            ticker.prevAskSize = ticker.askSize
            if size:
                price = ticker.ask
                ticker.askSize = size
            else:
                ticker.ask = price
                ticker.askSize = self.defaults.emptySize
        elif kind in _LAST_SIZE:
            price = ticker.last
            if ticker.isUnset(price):
                return
            if size != ticker.lastSize:
                ticker.prevLastSize = ticker.lastSize
                ticker.lastSize = size
        elif kind in types.SIZES:
            setattr(ticker, types.SIZES[kind], size)
        else:
            self._keep(ticker, f"tickSize {kind} is not known", kind, size)
            return
        if price or size:
            ticker.ticks.append(_new_tick(TickData, (self._now, kind, price, size)))
        self._pending[ticker] = None

    def tick_generic(self, message: TickGeneric) -> None:
        """Take in a number. Most numbers that are not above zero stand for no value."""
        ticker = self._by_request.get(message.reqId)
        if ticker is None:
            return
        kind = message.tickType
        value = known(message.value)
        if kind not in types.NUMBERS:
            self._keep(ticker, f"tickGeneric {kind} is not known", kind, value)
            return
        if not value > 0 and kind not in types.SIGNED_NUMBERS:
            value = self.defaults.emptySize
        setattr(ticker, types.NUMBERS[kind], value)
        ticker.ticks.append(TickData(self._now, kind, value, 0))
        self._pending[ticker] = None

    def tick_string(self, message: TickString) -> None:
        """Take in a text: an exchange, a time, or several values in one. What cannot be read is kept in `extra`."""
        ticker = self._by_request.get(message.reqId)
        if ticker is None:
            return
        kind = message.tickType
        try:
            values = parse(kind, message.value, self.defaults.timezone)
        except ValueError:
            self._keep(ticker, f"tickString {kind} is not readable", kind, message.value)
            return
        if values is None:
            self._keep(ticker, f"tickString {kind} is not known", kind, message.value)
            return
        # A last trade is set by `_set_last`, which keeps the one before as the previous one.
        last, lastSize = values.pop("last", None), values.pop("lastSize", None)
        for name, part in values.items():
            setattr(ticker, name, part)
        if last is not None:
            _set_last(ticker, last, lastSize)
            ticker.ticks.append(TickData(self._now, kind, last, lastSize))
        self._pending[ticker] = None

    def tick_req_params(self, message: TickReqParams) -> None:
        """Take in the parameters of a subscription, which come when it begins."""
        ticker = self._by_request.get(message.reqId)
        if ticker is not None:
            ticker.minTick = known(message.minTick)
            ticker.bboExchange = message.bboExchange
            ticker.snapshotPermissions = message.snapshotPermissions
            if message.lastPricePrecision != UNSET_DOUBLE:
                ticker.lastPricePrecision = message.lastPricePrecision
            if message.lastSizePrecision != UNSET_DOUBLE:
                ticker.lastSizePrecision = message.lastSizePrecision

    def delta_neutral_validation(self, message: DeltaNeutralValidation) -> None:
        """Take in delta and price of the hedge of a delta-neutral combination, which the server now holds fixed."""
        ticker = self._by_request.get(message.reqId)
        if ticker is not None:
            ticker.deltaNeutralContract = message.deltaNeutralContract
            self._pending[ticker] = None

    def market_data_type(self, message: MarketDataType) -> None:
        """Record whether ticks are live, frozen or delayed from now on."""
        ticker = self._by_request.get(message.reqId)
        if ticker is not None:
            ticker.marketDataType = message.marketDataType
            ticker.status = DATA_TYPES.get(message.marketDataType, ticker.status)

    def tick_by_tick(self, message: TickByTick) -> None:
        """Take in a tick of a tick-by-tick stream."""
        ticker = self._by_request.get(message.reqId)
        if ticker is not None:
            add_tick(ticker, message, self._now)
            self._pending[ticker] = None

    def past_ticks(self, message: HistoricalTicks | HistoricalTicksBidAsk | HistoricalTicksLast) -> None:
        """Take in the past ticks with which a tick-by-tick stream was asked to begin."""
        if message.reqId in self._by_request:
            subscription = self._subscriptions.get(message.reqId)
            for tick in as_live(message, subscription.kind if subscription else Kind.LAST):
                self.tick_by_tick(tick)

    def update_mkt_depth(self, message: UpdateMktDepth | UpdateMktDepthL2) -> None:
        """Take in a change of the order book."""
        ticker, subscription = self._by_request.get(message.reqId), self._subscriptions.get(message.reqId)
        if ticker is not None and subscription is not None and subscription.kind == Kind.DEPTH:
            change_book(ticker, message.marketDepthData, subscription.request.numRows, self._now)
            subscription.arrived = self._now
            self._pending[ticker] = None

    def reset_book(self, reqId: int) -> None:
        """Empty the order book of a request, because the server begins it again (code 317)."""
        ticker = self._by_request.get(reqId)
        if ticker is not None:
            reset_book(ticker, self._now)
            self._pending[ticker] = None

    def tick_option_computation(self, message: TickOptionComputation) -> None:
        """Take in volatility, price and greeks of an option."""
        self._set(message, GREEKS, computation)

    def tick_efp(self, message: TickEFP) -> None:
        """Take in the quote of an exchange for physical."""
        self._set(message, EFPS, efp)

    def _set(self, message: Any, attributes: dict[int, str], read: Callable[[Any], Any]) -> None:
        ticker = self._by_request.get(message.reqId)
        if ticker is None:
            return
        name, value = attributes.get(message.tickType), read(message)
        if name is None:
            self._keep(ticker, f"{type(message).__name__} {message.tickType} is not known", message.tickType, value)
            return
        setattr(ticker, name, value)
        self._pending[ticker] = None

    def _keep(self, ticker: Ticker, oddity: str, kind: int, value: Any) -> None:
        if kind in ticker.extra or len(ticker.extra) < Oddities.MOST:
            ticker.extra[kind] = value
        self.oddities[oddity] += 1
        self._pending[ticker] = None


def _set_last(ticker: Ticker, price: float, size: float) -> None:
    ticker.prevLast = ticker.last
    ticker.prevLastSize = ticker.lastSize
    ticker.last = price
    ticker.lastSize = size
