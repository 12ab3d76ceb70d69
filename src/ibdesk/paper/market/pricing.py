"""Decides what an instrument is worth at a given value of its walk; must not know spreads, trades or sessions."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import NamedTuple

import numpy as np

from ..instruments import Instrument
from .noise import Floats, Ints

RATE = 0.04
"""The yearly rate of interest with which options are priced."""

_YEAR_MINUTES = 365 * 1440
_SETTLES = time(21)
_TINY = 1e-12


class Greeks(NamedTuple):
    """An option's price and sensitivities: what a tickOptionComputation tells.

    ``vega`` is for one point of volatility, ``theta`` for one day, as IB gives them. There are no dividends.
    """

    impliedVol: float
    delta: float
    optPrice: float
    pvDividend: float
    gamma: float
    vega: float
    theta: float
    undPrice: float


@dataclass(frozen=True, slots=True)
class Moments:
    """When values are wanted: ``minutes`` since 1970 and, for an option's smile, its underlying's price at midnight."""

    minutes: Ints
    midnight_prices: Floats


def years_left(day: date, minutes: Ints) -> Floats:
    """Years from each of ``minutes`` to the end of ``day``'s trading, never negative."""
    end = datetime.combine(day, _SETTLES, UTC).timestamp() / 60
    left: Floats = np.maximum(end - minutes, 0.0) / _YEAR_MINUTES
    return left


def plain_value(instrument: Instrument, walk: Floats) -> Floats:
    """The value of anything that is not derived: its anchor moved along the walk."""
    pricing = instrument.pricing
    value: Floats = pricing.anchor * np.exp(pricing.beta * walk)
    return value


def value(instrument: Instrument, walk: Floats, moments: Moments) -> Floats:
    """The fair value where the walk stands at ``walk``.

    Between two moments of the same minute it rises with the walk, or falls with it: see :func:`rises`.
    """
    spot = plain_value(instrument, walk)
    pricing = instrument.pricing
    if instrument.option:
        return _black_scholes(instrument, spot, moments)
    if pricing.matures and pricing.carry:
        spot = spot * np.exp(pricing.carry * years_left(pricing.matures, moments.minutes))
    return spot


def rises(instrument: Instrument) -> bool:
    """Whether the value rises with the walk."""
    return (instrument.pricing.beta > 0) != (instrument.right == "P")


def implied_volatility(instrument: Instrument, moments: Moments) -> Floats:
    """The volatility a year with which an option is priced: that of its walk, with a smile fixed for the day."""
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
    terms = instrument.option
    assert terms is not None
    years = years_left(terms.expires, moments.minutes)
    d1, d2 = _distances(terms.strike, spot, implied_volatility(instrument, moments), years)
    discounted = terms.strike * np.exp(-RATE * years)
    call = spot * _normal_cdf(d1) - discounted * _normal_cdf(d2)
    price = call if terms.right == "C" else call - spot + discounted
    return np.asarray(np.maximum(price, 0.0))


def greeks(instrument: Instrument, walk: float, moments: Moments) -> Greeks:
    """The model's computation for an option, where the walk stands at ``walk``. ``moments`` holds one moment."""
    terms = instrument.option
    assert terms is not None
    spot = plain_value(instrument, np.array([walk]))
    years = np.maximum(years_left(terms.expires, moments.minutes), 1.0 / _YEAR_MINUTES)
    volatility = implied_volatility(instrument, moments)
    d1, d2 = _distances(terms.strike, spot, volatility, years)
    density = np.exp(-(d1**2) / 2) / np.sqrt(2 * np.pi)
    sign = 1.0 if terms.right == "C" else -1.0
    decay = spot * density * volatility / (2 * np.sqrt(years))
    interest = sign * RATE * terms.strike * np.exp(-RATE * years) * _normal_cdf(sign * d2)
    return Greeks(
        impliedVol=float(volatility[0]),
        delta=float(sign * _normal_cdf(sign * d1)[0]),
        optPrice=float(value(instrument, np.array([walk]), moments)[0]),
        pvDividend=0.0,
        gamma=float((density / (spot * volatility * np.sqrt(years)))[0]),
        vega=float((spot * density * np.sqrt(years))[0]) / 100,
        theta=float(-(decay + interest)[0]) / 365,
        undPrice=float(spot[0]),
    )
