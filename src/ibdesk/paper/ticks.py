"""The ticks that tell a client of a change in a quote, and their order.

The first ticks of a subscription are the change from no quote at all. Each price of a bid, ask or last trade is
followed by its size. An option's quote is followed by what its prices, and the model, imply.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from ibdesk.model.contract_details import ContractDetails
from ibdesk.wire.messages.market_data import TickGeneric, TickPrice, TickReqParams, TickSize, TickString
from ibdesk.wire.messages.options import TickOptionComputation

from .instruments import Instrument
from .market import Greeks, Quote
from .market.calculation import implied_volatility

BID_SIZE, BID, ASK, ASK_SIZE, LAST, LAST_SIZE, HIGH, LOW, VOLUME, CLOSE, OPEN = 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 14
BID_OPTION, ASK_OPTION, LAST_OPTION, MODEL_OPTION = 10, 11, 12, 13
LAST_TIMESTAMP, HALTED = 45, 49

DELAYED = {
    BID_SIZE: 69,
    BID: 66,
    ASK: 67,
    ASK_SIZE: 70,
    LAST: 68,
    LAST_SIZE: 71,
    HIGH: 72,
    LOW: 73,
    VOLUME: 74,
    CLOSE: 75,
    OPEN: 76,
    BID_OPTION: 80,
    ASK_OPTION: 81,
    LAST_OPTION: 82,
    MODEL_OPTION: 83,
    LAST_TIMESTAMP: 88,
    HALTED: 90,
}
"""Tick type -> the one that tells the same of delayed data."""

CAN_AUTO_EXECUTE = 1
"""The bit of `attrMask` that streamed bids and offers have."""

_ON_PRICES = 1
"""The `tickAttrib` of computations: they are based on prices, not on returns."""

_NO_TRADES_TOLD = ("CASH",)
_NO_OPEN_TOLD = ("CASH", "IND", "CRYPTO")
_BBO_EXCHANGES = {"NASDAQ": "9c0001", "NYSE": "a60001", "ARCA": "a60001"}
_TOP_AND_DEPTH = 3
_NOTHING: Any = Quote(*[None] * len(Quote._fields))  # type: ignore[arg-type]  # different from whatever is quoted


def parameters(reqId: int, details: ContractDetails, tick: float) -> TickReqParams:
    """Return what a subscription is told at its start; `tick` is the step of quoted prices."""
    assert details.contract is not None
    bbo_exchange = _BBO_EXCHANGES.get(details.contract.primaryExchange, "") if details.contract.secType == "STK" else ""
    return TickReqParams(reqId, tick, bbo_exchange, _TOP_AND_DEPTH)


def ticks(reqId: int, quote: Quote, before: Quote | None, sec_type: str, *, streams: bool) -> list[Any]:
    """Return the messages that lead from the quote `before`, None for none, to `quote`."""
    # NaN, which is not equal to itself, stands for a price that there is not: nothing is told of it.
    bid, bidSize, ask, askSize, last, lastSize, volume, opening, high, low, close, lastTime, halted = quote
    was = before or _NOTHING
    told: list[Any] = []
    mask = CAN_AUTO_EXECUTE if streams else 0
    has_trades = sec_type not in _NO_TRADES_TOLD
    if bid != was.bid or bidSize != was.bidSize:
        _tell_side(told, reqId, BID, BID_SIZE, bid, bidSize, was.bid, mask)
    if ask != was.ask or askSize != was.askSize:
        _tell_side(told, reqId, ASK, ASK_SIZE, ask, askSize, was.ask, mask)
    if (last != was.last or lastSize != was.lastSize) and has_trades:
        _tell_side(told, reqId, LAST, LAST_SIZE, last, lastSize, was.last, 0)
    if volume != was.volume and sec_type != "IND" and (has_trades or bid < 0):
        told.append(TickSize(reqId, VOLUME, float(volume)))
    if high != was.high and high == high:
        told.append(TickPrice(reqId, HIGH, high, 0.0, 0))
    if low != was.low and low == low:
        told.append(TickPrice(reqId, LOW, low, 0.0, 0))
    if close != was.close and close == close:
        told.append(TickPrice(reqId, CLOSE, close, 0.0, 0))
    if halted != was.halted and sec_type != "IND":
        told.append(TickGeneric(reqId, HALTED, float(halted)))
    if lastTime is not was.lastTime and lastTime and lastTime != was.lastTime:
        told.append(TickString(reqId, LAST_TIMESTAMP, str(int(lastTime.timestamp()))))
    if opening != was.open and opening == opening and sec_type not in _NO_OPEN_TOLD:
        told.append(TickPrice(reqId, OPEN, opening, 0.0, 0))
    return told


def _tell_side(
    told: list[Any], reqId: int, price_kind: int, size_kind: int, price: float, size: int, before: float, mask: int
) -> None:
    if price != price:
        return
    quantity = float(size)
    if price != before:
        told.append(TickPrice(reqId, price_kind, price, quantity, mask if price > 0 else 0))
    told.append(TickSize(reqId, size_kind, quantity))


class Computations(NamedTuple):
    """What an option's bid, ask and last trade imply, and what the model says. Nothing is computed of no price."""

    bid: Greeks = Greeks()
    ask: Greeks = Greeks()
    last: Greeks = Greeks()
    model: Greeks = Greeks()


def computations(option: Instrument, quote: Quote, model: Greeks, when: datetime) -> Computations:
    """Return what follows from the quote of an option at `when`. A price that no volatility gives stands by itself."""

    def implied(price: float) -> Greeks:
        if not price > 0:
            return Greeks()
        found = implied_volatility(option, price, model.undPrice, when)
        return found or Greeks(optPrice=price, undPrice=model.undPrice)

    return Computations(implied(quote.bid), implied(quote.ask), implied(quote.last), model)


def computation_ticks(reqId: int, now: Computations, before: Computations) -> Iterator[TickOptionComputation]:
    """Yield the messages that lead from `before` to `now`."""
    kinds = (BID_OPTION, ASK_OPTION, LAST_OPTION, MODEL_OPTION)
    for kind, value, old in zip(kinds, now, before, strict=True):
        if value != old:
            yield TickOptionComputation(reqId, kind, _ON_PRICES, *value)


def delayed(tick: Any) -> Any:
    """Return the same tick as one of delayed data, where there is such a tick type."""
    tick.tickType = DELAYED.get(tick.tickType, tick.tickType)
    return tick
