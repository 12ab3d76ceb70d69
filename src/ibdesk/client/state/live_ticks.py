"""Tick-by-tick data: what each tick of a stream changes in its ticker."""

from collections.abc import Iterator
from datetime import datetime

from ibdesk.client.state.known import known
from ibdesk.client.state.ticker import Ticker
from ibdesk.model.quotes import TickByTickAllLast, TickByTickBidAsk, TickByTickMidPoint
from ibdesk.model.unset import UNSET_DOUBLE
from ibdesk.wire.messages.historical_ticks import (
    HistoricalTicks,
    HistoricalTicksBidAsk,
    HistoricalTicksLast,
    TickBidAsk,
    TickLast,
)
from ibdesk.wire.messages.tick_by_tick import ALL_LAST, BID_ASK, MID_POINT, TickByTick

# This is faster than the constructor of a NamedTuple, which is a Python function.
_new_tick = tuple.__new__


def add_tick(ticker: Ticker, message: TickByTick, now: datetime) -> None:
    """Add the tick to `tickByTicks`, and update the ticker's quote or last trade.

    The tick's `time` is `now`, the time of its arrival, as in ib_async. Its `exchangeTime` is that of the exchange.
    """
    kind = message.tickType
    tick: TickByTickAllLast | TickByTickBidAsk | TickByTickMidPoint
    if kind in ALL_LAST:
        tick = _trade(ticker, kind, message.last, now)
        tick.exchangeSeconds = message.last.time
    elif kind in BID_ASK:
        tick = _quote(ticker, message.bidAsk, now)
        tick.exchangeSeconds = message.bidAsk.time
    else:
        tick = TickByTickMidPoint(now, known(message.midPoint.price))
        tick.exchangeSeconds = message.midPoint.time
    ticker.tickByTicks.append(tick)


def as_live(message: HistoricalTicks | HistoricalTicksBidAsk | HistoricalTicksLast, kind: str) -> Iterator[TickByTick]:
    """Return the past ticks with which a stream of a `kind` begins, as messages of that stream."""
    reqId = message.reqId
    if isinstance(message, HistoricalTicksLast):
        number = ALL_LAST[kind == "AllLast"]
        yield from (TickByTick(reqId, number, last=tick) for tick in message.ticks)
    elif isinstance(message, HistoricalTicksBidAsk):
        yield from (TickByTick(reqId, *BID_ASK, bidAsk=tick) for tick in message.ticks)
    else:
        yield from (TickByTick(reqId, *MID_POINT, midPoint=tick) for tick in message.ticks)


def _trade(ticker: Ticker, kind: int, last: TickLast, now: datetime) -> TickByTickAllLast:
    price, size, attributes = known(last.price), last.size, last.tickAttribLast
    if size == UNSET_DOUBLE:
        size = 0.0
    if price or size:
        if price == -1 and not size:
            price, size = ticker.defaults.emptyPrice, ticker.defaults.emptySize
        ticker.prevLast = ticker.last
        ticker.prevLastSize = ticker.lastSize
        ticker.last = price
        ticker.lastSize = size
    else:
        # This is not a trade but a halt. Source: TWS API documentation, "Tick-by-Tick Data".
        ticker.halted = float(attributes.pastLimit)
    values = (kind, now, price, size, attributes, last.exchange, last.specialConditions)
    return _new_tick(TickByTickAllLast, values)


def _quote(ticker: Ticker, quote: TickBidAsk, now: datetime) -> TickByTickBidAsk:
    bid, ask, bidSize, askSize = known(quote.priceBid), known(quote.priceAsk), quote.sizeBid, quote.sizeAsk
    if bidSize == UNSET_DOUBLE:
        bidSize = 0.0
    if askSize == UNSET_DOUBLE:
        askSize = 0.0
    values = (now, bid, ask, bidSize, askSize, quote.tickAttribBidAsk)
    # The tick keeps what the server sent. The ticker shows a missing side as every other quote does, see `Ticker`.
    empty = ticker.defaults
    if not bidSize:
        bid, bidSize = bid if bid > 0 else empty.emptyPrice, empty.emptySize
    if not askSize:
        ask, askSize = ask if ask > 0 else empty.emptyPrice, empty.emptySize
    if bid != ticker.bid:
        ticker.prevBid, ticker.bid = ticker.bid, bid
    if bidSize != ticker.bidSize:
        ticker.prevBidSize, ticker.bidSize = ticker.bidSize, bidSize
    if ask != ticker.ask:
        ticker.prevAsk, ticker.ask = ticker.ask, ask
    if askSize != ticker.askSize:
        ticker.prevAskSize, ticker.askSize = ticker.askSize, askSize
    return _new_tick(TickByTickBidAsk, values)
