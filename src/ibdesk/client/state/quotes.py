"""Decides what each tick changes in which ticker; it must not know who asked for quotes or listens to them.

A batch of messages goes `begin`, one reducer a message, `flush`. This is the hot path: reducers return nothing,
and bid, ask and last come first in them.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from math import nan
from typing import Any, ClassVar

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
from ibdesk.wire.codec import Oddities
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

# A NamedTuple's own constructor is a function of Python; this one is not.
_new_tick = tuple.__new__


class Quotes:
    """The tickers of one connection."""

    make_ticker: ClassVar[type[Ticker]] = Ticker

    def __init__(self, defaults: IBDefaults | None = None, subscriptions: Subscriptions | None = None) -> None:
        self.defaults: IBDefaults = defaults or IBDefaults()
        self._subscriptions = Subscriptions() if subscriptions is None else subscriptions
        self._by_request = self._subscriptions.targets(Ticker)
        self.oddities: Counter[str] = Oddities()
        """What arrived and has no attribute, in words, with how often. It is in `Ticker.extra` too."""
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
        self._now = EPOCH
        self._pending: set[Ticker] = set()
        self._tickers = Tickers()

    def set_defaults(self, defaults: IBDefaults) -> None:
        """What a server leaves out is this from now on. Tickers that are there keep what was `unset` for them."""
        self.defaults = defaults
        for ticker in {*self._tickers, *self._by_request.values()}:
            ticker.defaults = replace(defaults, unset=ticker.defaults.unset)

    # --- subscriptions --------------------------------------------------------------------------------------------

    def to_fill(self, contract: Contract, kind: str) -> Ticker:
        """Return the ticker that the answers to a request go to: that of this contract at its exchange, or a new one.

        So listeners see all that is known of an instrument at one exchange. A snapshot has a ticker of its own, so that
        nothing old is taken for its answer.
        """
        ticker = None if kind == Kind.SNAPSHOT else self._tickers.at(contract)
        return ticker or self.make_ticker(contract=contract, defaults=self.defaults)

    @contextmanager
    def starting(self, subscription: Subscription, contract: Contract) -> Iterator[None]:
        """Know a subscription that fills a ticker while its request is sent. When that fails, nothing has changed.

        It is known before it is sent, for a link may answer at once.
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
        """Return the newest subscription of a kind that a contract means."""
        for ticker in self._tickers.meant_by(contract):
            if found := self._subscriptions.about(kind, ticker):
                return found[-1]
        return None

    def error(self, reqId: int, code: int, text: str, ends: bool) -> Emissions:
        """Take what the server says about a request: an error that `ends` it, or a warning."""
        ticker, subscription = self._by_request.get(reqId), self._subscriptions.get(reqId)
        if ticker is None or subscription is None:
            return []
        told = [Emit(ticker.errorEvent, (ticker, code, text))]
        if ends or (code == NEEDS_API_RIGHTS and subscription.kind not in (Kind.QUOTES, Kind.SNAPSHOT)):
            self.end(subscription, refused(code))
            if ticker not in self._by_request.values():
                told.append(failure(ticker.updateEvent, RequestError(reqId, code, text)))
        else:
            ticker.status = advised(code, ticker.status)
            if code == NEEDS_API_RIGHTS and ticker.status == "denied" and subscription.kind == Kind.QUOTES:
                subscription.terms, subscription.is_denied = None, True
        return told

    def end(self, subscription: Subscription, status: Status = "ended") -> None:
        """Forget a subscription that fills a ticker. Its end is the state of the ticker, unless other quotes go on."""
        self._subscriptions.end(subscription.key)
        ticker: Ticker = subscription.target
        if subscription.kind == Kind.DEPTH:
            empty_book(ticker)
        if not self._subscriptions.about(Kind.QUOTES, ticker):
            ticker.status = status

    def end_snapshot(self, reqId: int) -> None:
        """Take it that a snapshot is complete, or waited for no more."""
        subscription = self._subscriptions.get(reqId)
        if subscription is not None and isinstance(subscription.target, Ticker):
            self.end(subscription, "denied" if subscription.target.status == "denied" else "ended")

    def forget_terms(self) -> None:
        """The server has lost all subscriptions (code 1101): whoever asks again gets a new one."""
        for ticker in self._by_request.values():
            ticker.status = "ended"
        for subscription in self._subscriptions:
            if isinstance(subscription.target, Ticker):
                subscription.terms = None

    def end_all(self, error: Exception) -> Emissions:
        """The connection is lost, and with it all requests. Tickers keep their values, for who asks for them again."""
        ended = list(dict.fromkeys(self._by_request.values()))
        for subscription in self._subscriptions:
            if isinstance(subscription.target, Ticker):
                self.end(subscription)
        return [failure(ticker.updateEvent, error) for ticker in ended]

    def tick_snapshot_end(self, message: TickSnapshotEnd) -> None:
        """All of a snapshot has been received."""
        self.end_snapshot(message.reqId)

    def own_ticker(self, contract: Contract) -> Ticker | None:
        """The ticker of a contract that is or was subscribed, at this exchange and no other."""
        return self._tickers.at(contract)

    def ticker(self, contract: Contract) -> Ticker | None:
        """The ticker of a contract that is or was subscribed: at its exchange, or at any when it names none."""
        return next(self._tickers.meant_by(contract), None)

    def tickers(self) -> list[Ticker]:
        """The tickers of all contracts that are or were subscribed."""
        return list(self._tickers)

    def contract(self, reqId: int) -> Contract | None:
        """The contract that a running request is about."""
        ticker = self._by_request.get(reqId)
        return ticker.contract if ticker else None

    # --- batches --------------------------------------------------------------------------------------------------

    def begin(self, now: datetime) -> None:
        """A batch of messages has arrived: what the last one brought is over."""
        for ticker in self._pending:
            if ticker.ticks:
                ticker.ticks = []
            if ticker.tickByTicks:
                ticker.tickByTicks = []
            if ticker.domTicks:
                ticker.domTicks = []
        self._pending = set()
        self._now = now

    def flush(self) -> set[Ticker]:
        """The tickers that the batch has changed. The set belongs to the caller's listeners from now on."""
        if self._pending:
            timestamp = self._now.timestamp()
            for ticker in self._pending:
                ticker.time = self._now
                ticker.timestamp = timestamp
        return self._pending

    def pending(self) -> set[Ticker]:
        """The tickers that the newest batch has changed."""
        return self._pending

    # --- reducers -------------------------------------------------------------------------------------------------

    def tick_price(self, message: TickPrice) -> None:
        """A price, with its size where it has one."""
        ticker = self._by_request.get(message.reqId)
        if ticker is None:
            return
        kind = message.tickType
        price = message.price
        size = message.size
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
            # -1 is a price for an index such as TICK-NYSE, which has no close; a last price may have no size.
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
        self._pending.add(ticker)

    def tick_size(self, message: TickSize) -> None:
        """A size. Those of bid, ask and last repeat what their price came with, mostly."""
        ticker = self._by_request.get(message.reqId)
        if ticker is None:
            return
        kind = message.tickType
        size = message.size
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
        self._pending.add(ticker)

    def tick_generic(self, message: TickGeneric) -> None:
        """A number. What is not above zero is mostly IBKR's way to say that there is none."""
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
        self._pending.add(ticker)

    def tick_string(self, message: TickString) -> None:
        """A text: an exchange, a time, or several values in one. What cannot be read is kept in `extra`."""
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
        last, lastSize = values.pop("last", None), values.pop("lastSize", None)
        for name, part in values.items():
            setattr(ticker, name, part)
        if last is not None:
            _set_last(ticker, last, lastSize)
            ticker.ticks.append(TickData(self._now, kind, last, lastSize))
        self._pending.add(ticker)

    def tick_req_params(self, message: TickReqParams) -> None:
        """What a subscription will be like."""
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
        """The hedge of a delta-neutral combination is fixed from now on."""
        ticker = self._by_request.get(message.reqId)
        if ticker is not None:
            ticker.deltaNeutralContract = message.deltaNeutralContract
            self._pending.add(ticker)

    def market_data_type(self, message: MarketDataType) -> None:
        """Whether ticks are live, frozen or delayed from now on."""
        ticker = self._by_request.get(message.reqId)
        if ticker is not None:
            ticker.marketDataType = message.marketDataType
            ticker.status = DATA_TYPES.get(message.marketDataType, ticker.status)

    def tick_by_tick(self, message: TickByTick) -> None:
        """A tick of a tick-by-tick stream."""
        ticker = self._by_request.get(message.reqId)
        if ticker is not None:
            add_tick(ticker, message, self._now)
            self._pending.add(ticker)

    def past_ticks(self, message: HistoricalTicks | HistoricalTicksBidAsk | HistoricalTicksLast) -> None:
        """The ticks from before a stream that was asked for with some; they come first."""
        if message.reqId in self._by_request:
            subscription = self._subscriptions.get(message.reqId)
            for tick in as_live(message, subscription.kind if subscription else Kind.LAST):
                self.tick_by_tick(tick)

    def update_mkt_depth(self, message: UpdateMktDepth | UpdateMktDepthL2) -> None:
        """A change of the book."""
        ticker, subscription = self._by_request.get(message.reqId), self._subscriptions.get(message.reqId)
        if ticker is not None and subscription is not None and subscription.kind == Kind.DEPTH:
            change_book(ticker, message.marketDepthData, subscription.request.numRows, self._now)
            self._pending.add(ticker)

    def reset_book(self, reqId: int) -> None:
        """The server begins the book of a request anew (code 317)."""
        ticker = self._by_request.get(reqId)
        if ticker is not None:
            reset_book(ticker, self._now)
            self._pending.add(ticker)

    def tick_option_computation(self, message: TickOptionComputation) -> None:
        """Volatility, price and greeks of an option."""
        self._set(message, GREEKS, computation)

    def tick_efp(self, message: TickEFP) -> None:
        """The quote of an exchange for physical."""
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
        self._pending.add(ticker)

    def _keep(self, ticker: Ticker, oddity: str, kind: int, value: Any) -> None:
        if kind in ticker.extra or len(ticker.extra) < Oddities.MOST:
            ticker.extra[kind] = value
        self.oddities[oddity] += 1
        self._pending.add(ticker)


def _set_last(ticker: Ticker, price: float, size: float) -> None:
    ticker.prevLast = ticker.last
    ticker.prevLastSize = ticker.lastSize
    ticker.last = price
    ticker.lastSize = size
