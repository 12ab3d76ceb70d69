"""The trigger methods: which prices of a quote tell whether the price has come to a level.

A rising price is judged by the bid and a falling one by the ask where the method looks at quotes, so that a wide spread
wakes nothing.

Source: TWS API documentation, "Trigger Methods".
"""

from decimal import Decimal

from .quotes import Prices

DEFAULT, DOUBLE_BID_ASK, LAST, DOUBLE_LAST, BID_ASK, LAST_OR_BID_ASK, MIDDLE = 0, 1, 2, 3, 4, 7, 8
METHODS = frozenset({DEFAULT, DOUBLE_BID_ASK, LAST, DOUBLE_LAST, BID_ASK, LAST_OR_BID_ASK, MIDDLE})
TWICE = frozenset({DOUBLE_BID_ASK, DOUBLE_LAST})
"""Methods that want two quotes in a row."""

DEFAULTS = {"OPT": DOUBLE_BID_ASK, "CASH": BID_ASK, "CFD": BID_ASK, "CMDTY": BID_ASK}
"""By `secType`; all others look at the last trade."""


def trigger_method(sec_type: str, asked: int) -> int:
    """Return the trigger method that applies."""
    return asked or DEFAULTS.get(sec_type, LAST)


def references(method: int, rising: bool, prices: Prices) -> list[Decimal]:
    """Return the prices that a method looks at, the first being the one that a trailing stop follows."""
    quoted = prices.bid if rising else prices.ask
    looked_at = {
        DOUBLE_BID_ASK: (quoted,),
        LAST: (prices.last,),
        DOUBLE_LAST: (prices.last,),
        BID_ASK: (quoted,),
        LAST_OR_BID_ASK: (prices.last, quoted),
        MIDDLE: (prices.middle,),
    }[method]
    return [price for price in looked_at if price is not None]


def reached(method: int, rising: bool, level: Decimal, now: Prices, before: Prices) -> bool:
    """Return whether the price has come to `level`; `before` is the quote before this one."""
    quotes = (now, before) if method in TWICE else (now,)
    return all(
        any(price >= level if rising else price <= level for price in references(method, rising, prices))
        for prices in quotes
    )
