"""The price of an option at a given volatility, and the volatility at a given price, for any price of the underlying.

The model is that of the market's own prices, without its volatility smile.
"""

from datetime import datetime

from ..instruments import Instrument
from .pricing import Greeks, price, sensitivities

_LOWEST, _HIGHEST = 1e-4, 10.0
_HALVINGS = 45  # down to less than 1e-12


def option_price(option: Instrument, volatility: float, under_price: float, when: datetime) -> Greeks:
    """Return price and greeks of `option` at a `volatility` (0.2 is 20 %) and a price of its underlying."""
    return sensitivities(option, volatility, under_price, _minute(when))


def implied_volatility(option: Instrument, wanted: float, under_price: float, when: datetime) -> Greeks | None:
    """Return what `option_price` gives at the volatility at which `option` costs `wanted`; None if none is so."""
    minute = _minute(when)

    def costs(volatility: float) -> float:
        return price(option, volatility, under_price, minute)

    if not wanted > 0 or not costs(_LOWEST) <= wanted <= costs(_HIGHEST):
        return None
    low, high = _LOWEST, _HIGHEST
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if costs(middle) < wanted else (low, middle)
    return option_price(option, high, under_price, when)._replace(optPrice=wanted)


def _minute(when: datetime) -> int:
    return int(when.timestamp()) // 60
