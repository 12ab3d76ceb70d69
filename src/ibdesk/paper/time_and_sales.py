"""Ticks as messages: past ones in one answer, live ones one by one."""

from collections.abc import Sequence

from ibdesk.model.contract import Contract
from ibdesk.wire.messages.historical_ticks import (
    HistoricalTicks,
    HistoricalTicksBidAsk,
    HistoricalTicksLast,
    TickBidAsk,
    TickLast,
    TickMidPoint,
)
from ibdesk.wire.messages.tick_by_tick import TickByTick

from .instruments import Instrument
from .market import BidAsk, MidPoint, Tick, Trade

KINDS = {"Last": 1, "AllLast": 2, "BidAsk": 3, "MidPoint": 4}
"""IB's streams of ticks, as they are spelled, with their numbers on the wire."""

PastTicks = HistoricalTicks | HistoricalTicksBidAsk | HistoricalTicksLast


def venue(contract: Contract, instrument: Instrument) -> str:
    """Return where trades of a contract take place: on the exchange asked for; for SMART, on the first listing."""
    if contract.exchange != "SMART":
        return contract.exchange
    return instrument.primaryExchange or next(each for each in instrument.kind.exchanges if each != "SMART")


def past(reqId: int, ticks: Sequence[Tick], what: str, exchange: str) -> PastTicks:
    """Return the answer that has all the ticks of a request: of TRADES, BID_ASK or MIDPOINT."""
    if what == "TRADES":
        return HistoricalTicksLast(reqId, [_last(each, exchange) for each in ticks if isinstance(each, Trade)], True)
    if what == "BID_ASK":
        return HistoricalTicksBidAsk(reqId, [_bid_ask(each) for each in ticks if isinstance(each, BidAsk)], True)
    middles = [TickMidPoint(each.time, each.price, 0) for each in ticks if isinstance(each, MidPoint)]
    return HistoricalTicks(reqId, middles, True)


def live(reqId: int, kind: int, tick: Tick, exchange: str) -> TickByTick:
    """Return the message for one tick of a stream."""
    if isinstance(tick, Trade):
        return TickByTick(reqId, kind, last=_last(tick, exchange))
    if isinstance(tick, BidAsk):
        return TickByTick(reqId, kind, bidAsk=_bid_ask(tick))
    return TickByTick(reqId, kind, midPoint=TickMidPoint(tick.time, tick.price))


def _last(tick: Trade, exchange: str) -> TickLast:
    return TickLast(tick.time, price=tick.price, size=tick.size, exchange=exchange)


def _bid_ask(tick: BidAsk) -> TickBidAsk:
    return TickBidAsk(tick.time, priceBid=tick.bid, priceAsk=tick.ask, sizeBid=tick.bidSize, sizeAsk=tick.askSize)
