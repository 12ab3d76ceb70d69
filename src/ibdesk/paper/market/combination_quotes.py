"""The quote of a combination, made from those of its legs."""

from collections.abc import Sequence

from ..decimals import ZERO, exact
from ..instruments import Leg
from .quotes import NAN, Quote

_NOBODY = (-1.0, 0)


def combined_quote(legs: Sequence[Leg], quotes: Sequence[Quote]) -> Quote:
    """Return what a combination is quoted at, whose legs have these `quotes`, in the same order.

    Who buys it buys some legs at their asks and sells the others at their bids, so that prices may be negative. As many
    combinations are there as the scarcest leg allows; where a leg has no bid or ask, or less than one combination
    needs, the combination has none. Combinations have no trades of their own. `close` is made from the legs' closes.
    """
    bid, bid_size = _side(legs, quotes, buys=False)
    ask, ask_size = _side(legs, quotes, buys=True)
    closes = [quote.close for quote in quotes]
    close = _sum(legs, closes) if all(price > 0 for price in closes) else NAN
    halted = max(quote.halted for quote in quotes)
    return Quote(bid, bid_size, ask, ask_size, NAN, 0, 0, NAN, NAN, NAN, close, None, halted)


def _side(legs: Sequence[Leg], quotes: Sequence[Quote], *, buys: bool) -> tuple[float, int]:
    sides = [
        (quote.ask, quote.askSize) if (leg.ratio > 0) == buys else (quote.bid, quote.bidSize)
        for leg, quote in zip(legs, quotes, strict=True)
    ]
    size = min(int(size // abs(leg.ratio)) for leg, (_, size) in zip(legs, sides, strict=True))
    return (_sum(legs, [price for price, _ in sides]), size) if size > 0 else _NOBODY


def _sum(legs: Sequence[Leg], prices: Sequence[float]) -> float:
    return float(sum((leg.weight * exact(price) for leg, price in zip(legs, prices, strict=True)), ZERO))
