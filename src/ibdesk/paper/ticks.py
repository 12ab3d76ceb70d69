"""The ticks that tell a client of a change in a quote, and their order.

The first ticks of a subscription are the change from no quote at all. Each price of a bid, ask or last trade is
followed by its size. An option's quote is followed by what its prices, and the model, imply.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import partial
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
_NO_VOLUME_TOLD = ("IND", "BAG")
_NO_OPEN_TOLD = ("CASH", "IND", "CRYPTO", "BAG")
_BBO_EXCHANGES = {"NASDAQ": "9c0001", "NYSE": "a60001", "ARCA": "a60001"}
TOP_AND_DEPTH = 3
"""The `snapshotPermissions` of whoever may see both."""
_NOTHING: Any = Quote(*[None] * len(Quote._fields))  # type: ignore[arg-type]  # different from whatever is quoted


def parameters(reqId: int, details: ContractDetails, tick: float) -> TickReqParams:
    """Return what a subscription is told at its start; `tick` is the step of quoted prices."""
    assert details.contract is not None
    bbo_exchange = _BBO_EXCHANGES.get(details.contract.primaryExchange, "") if details.contract.secType == "STK" else ""
    return TickReqParams(reqId, tick, bbo_exchange, TOP_AND_DEPTH)


Make = Callable[[type, int], Callable[..., Any]]
"""What takes the class and the tick type of messages, and returns what makes them of their further fields."""


def messages_of(reqId: int) -> Make:
    """Return what makes the messages themselves, for one request."""
    return lambda cls, kind: partial(cls, reqId, kind)


def ticks(make: Make, shown: Quote | None, quotes: Sequence[Quote], sec_type: str, *, streams: bool) -> list[list[Any]]:
    """Return for each of `quotes` what leads to it from the one before, and to the first from `shown`, None for none.

    It consists of the messages, or of what else `make` makes of them.
    """
    # Column by column: it takes less time to do the same many times in a row.
    told: list[list[Any]] = [[] for _ in quotes]
    columns: Any = zip(shown or _NOTHING, *quotes, strict=True)
    bids, bid_sizes, asks, ask_sizes, lasts, last_sizes, volumes, opens, highs, lows, closes, times, halts = columns
    mask = CAN_AUTO_EXECUTE if streams else 0
    has_trades = sec_type not in _NO_TRADES_TOLD
    _tell_side(told, make(TickPrice, BID), make(TickSize, BID_SIZE), bids, bid_sizes, mask)
    _tell_side(told, make(TickPrice, ASK), make(TickSize, ASK_SIZE), asks, ask_sizes, mask)
    if has_trades:
        _tell_side(told, make(TickPrice, LAST), make(TickSize, LAST_SIZE), lasts, last_sizes, 0)
    if sec_type not in _NO_VOLUME_TOLD:
        tell = make(TickSize, VOLUME)
        for one, before, volume, bid in zip(told, volumes, volumes[1:], bids[1:], strict=False):
            if volume != before and (has_trades or bid < 0):
                one.append(tell(float(volume)))
    for kind, prices in ((HIGH, highs), (LOW, lows), (CLOSE, closes)):
        _tell_price(told, make, kind, prices)
    if sec_type != "IND" and _changes(halts):
        tell = make(TickGeneric, HALTED)
        for one, before, halted in zip(told, halts, halts[1:], strict=False):
            if halted != before:
                one.append(tell(float(halted)))
    tell = make(TickString, LAST_TIMESTAMP)
    for one, before, time in zip(told, times, times[1:], strict=False):
        if time is not before and time and time != before:
            one.append(tell(str(int(time.timestamp()))))
    if sec_type not in _NO_OPEN_TOLD:
        _tell_price(told, make, OPEN, opens)
    return told


def _tell_side(
    told: list[list[Any]],
    tell_price: Callable[..., Any],
    tell_size: Callable[..., Any],
    prices: Sequence[float],
    sizes: Sequence[int],
    mask: int,
) -> None:
    # NaN, which is not equal to itself, stands for a price that there is not: nothing is told of it.
    for one, before, price, size_before, size in zip(told, prices, prices[1:], sizes, sizes[1:], strict=False):
        if price != before:
            if price == price:
                quantity = float(size)
                one.append(tell_price(price, quantity, mask if price > 0 else 0))
                one.append(tell_size(quantity))
        elif size != size_before:
            one.append(tell_size(float(size)))


def _tell_price(told: list[list[Any]], make: Make, kind: int, prices: Sequence[float]) -> None:
    if _changes(prices):
        tell = make(TickPrice, kind)
        for one, before, price in zip(told, prices, prices[1:], strict=False):
            if price != before and price == price:
                one.append(tell(price, 0.0, 0))


def _changes(column: Sequence[Any]) -> bool:
    """Return whether not all of a column is the same."""
    return column.count(column[0]) != len(column)


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
