"""What an instrument is worth where its random walk has a given value."""

from dataclasses import dataclass
from functools import lru_cache
from math import erfc, exp, log, pi, sqrt
from typing import NamedTuple

import numpy as np

from ..instruments import Instrument, OptionTerms, ending_of
from .noise import Floats, Ints

RATE = 0.04
"""The yearly rate of interest with which options are priced."""

_YEAR_MINUTES = 365 * 1440
_TINY = 1e-12
_HUGE = 1e6
_TINIEST = 1e-300
_ROOT_OF_TWO = sqrt(2)


class Greeks(NamedTuple):
    """An option's price and sensitivities: what a tickOptionComputation tells.

    `vega` is for one point of volatility, `theta` for one day, as IB gives them. There are no dividends. What is
    not computed is -1, and -2 where it is a sensitivity, as it is told.
    """

    impliedVol: float = -1.0
    delta: float = -2.0
    optPrice: float = -1.0
    pvDividend: float = -1.0
    gamma: float = -2.0
    vega: float = -2.0
    theta: float = -2.0
    undPrice: float = -1.0


@dataclass(frozen=True, slots=True)
class Moments:
    """When values are wanted: `minutes` since 1970 and, for an option's smile, its underlying's price at midnight."""

    minutes: Ints
    midnight_prices: Floats


def years_left(instrument: Instrument, minutes: Ints) -> Floats:
    """Return the years from each of `minutes` to the moment that settles an option or future, never negative."""
    left: Floats = np.maximum(_last_minute(instrument) - minutes, 0.0) / _YEAR_MINUTES
    return left


def plain_value(instrument: Instrument, walk: Floats) -> Floats:
    """Return the value of anything that is not derived: its anchor moved along the walk."""
    pricing = instrument.pricing
    value: Floats = pricing.anchor * np.exp(pricing.beta * walk)
    return value


def value(instrument: Instrument, walk: Floats, moments: Moments) -> Floats:
    """Return the fair value where the walk stands at `walk`.

    Between two moments of the same minute it rises with the walk, or falls with it: see `rises`.
    """
    spot = plain_value(instrument, walk)
    pricing = instrument.pricing
    if instrument.option:
        return _black_scholes(instrument, spot, moments)
    if pricing.matures and pricing.carry:
        spot = spot * np.exp(pricing.carry * years_left(instrument, moments.minutes))
    return spot


def rises(instrument: Instrument) -> bool:
    """Return whether the value rises with the walk."""
    return (instrument.pricing.beta > 0) != (instrument.right == "P")


def implied_volatility(instrument: Instrument, moments: Moments) -> Floats:
    """Return the volatility a year with which an option is priced: that of its walk, with a smile fixed for the day."""
    moneyness = np.clip(np.log(instrument.strike / moments.midnight_prices), -0.5, 0.5)
    flat = instrument.pricing.volatility * abs(instrument.pricing.beta)
    smile: Floats = flat * (1.0 - 0.8 * moneyness + 4.0 * moneyness**2)
    return smile


def _normal_cdf(values: Floats) -> Floats:
    # Imported here because options are the only ones to need it, and it takes a while.
    from scipy.special import ndtr

    return np.asarray(ndtr(values))


def _distances(strike: float, spot: Floats, volatility: Floats, years: Floats) -> tuple[Floats, Floats]:
    spread = np.maximum(volatility * np.sqrt(years), _TINY)
    d1 = (np.log(spot / strike) + RATE * years) / spread + spread / 2
    return d1, d1 - spread


def _black_scholes(instrument: Instrument, spot: Floats, moments: Moments) -> Floats:
    terms = _terms(instrument)
    years = years_left(instrument, moments.minutes)
    d1, d2 = _distances(terms.strike, spot, implied_volatility(instrument, moments), years)
    discounted = terms.strike * np.exp(-RATE * years)
    call = spot * _normal_cdf(d1) - discounted * _normal_cdf(d2)
    price = call if terms.right == "C" else call - spot + discounted
    return np.asarray(np.maximum(price, 0.0))


def greeks(instrument: Instrument, walk: float, moments: Moments) -> Greeks:
    """Return the model's computation for an option, where the walk stands at `walk`. `moments` holds one moment."""
    spot = plain_value(instrument, np.array([walk]))
    volatility = implied_volatility(instrument, moments)
    return sensitivities(instrument, float(volatility[0]), float(spot[0]), int(moments.minutes[0]))


def sensitivities(instrument: Instrument, volatility: float, spot: float, minute: int) -> Greeks:
    """Return what an option is worth in a `minute` (since 1970), and how that moves, at any volatility and `spot`.

    It is the formula of the market's own prices, for one value at a time: on those arrays are ten times as slow.
    """
    terms = _terms(instrument)
    # Black and Scholes. At least a minute is left, so that nothing is divided by zero.
    years = max(_years(instrument, minute), 1.0 / _YEAR_MINUTES)
    sign = 1.0 if terms.right == "C" else -1.0
    root = _spread(volatility, years)
    d1 = (log(max(spot, _TINIEST) / terms.strike) + RATE * years) / root + root / 2
    # The square of a large float raises an error, unlike its product.
    density = exp(-(d1 * d1) / 2) / sqrt(2 * pi)
    decay = spot * density * root / (2 * years)
    interest = sign * RATE * terms.strike * exp(-RATE * years) * _cdf(sign * (d1 - root))
    return Greeks(
        impliedVol=volatility,
        delta=sign * _cdf(sign * d1),
        optPrice=price(instrument, volatility, spot, minute),
        pvDividend=0.0,
        gamma=density / (spot * root) if density else 0.0,
        vega=spot * density * sqrt(years) / 100,
        theta=-(decay + interest) / 365,
        undPrice=spot,
    )


def price(instrument: Instrument, volatility: float, spot: float, minute: int) -> float:
    """Return an option's worth in a `minute` (since 1970), at any yearly volatility and price of the underlying."""
    terms = _terms(instrument)
    years = _years(instrument, minute)
    sign = 1.0 if terms.right == "C" else -1.0
    root = _spread(volatility, years)
    d1 = (log(max(spot, _TINIEST) / terms.strike) + RATE * years) / root + root / 2
    discounted = terms.strike * exp(-RATE * years)
    return max(sign * (spot * _cdf(sign * d1) - discounted * _cdf(sign * (d1 - root))), 0.0)


def _spread(volatility: float, years: float) -> float:
    """Return how far the underlying spreads until the end, within what the formula can reckon with."""
    return min(max(volatility * sqrt(years), _TINY), _HUGE)


def _cdf(value: float) -> float:
    return erfc(-value / _ROOT_OF_TWO) / 2


def _years(instrument: Instrument, minute: int) -> float:
    return max(_last_minute(instrument) - minute, 0.0) / _YEAR_MINUTES


@lru_cache(maxsize=4096)
def _last_minute(instrument: Instrument) -> float:
    ending = ending_of(instrument)
    assert ending is not None, "options and futures end"
    return ending.fixing.timestamp() / 60


def _terms(instrument: Instrument) -> OptionTerms:
    assert instrument.option is not None
    return instrument.option
