"""Chance as a pure function: the same key and position always draw the same number.

A generator that hands out numbers in sequence would have to be run up to a moment in order to know it. Here each
position has its own number, so that any stretch of the past or the future can be drawn by itself, in any order, and
always comes out the same. The mixing is that of SplitMix64 (Steele, Lea and Flood, 2014).
"""

from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_TO_UNIT = 2.0**-53


def key(*parts: object) -> int:
    """Return a 64-bit key made of `parts`: the same in every process, unlike `hash`."""
    return int.from_bytes(blake2b(repr(parts).encode(), digest_size=8).digest(), "big")


def uniform(key: int, positions: Ints) -> Floats:
    """Return a number from [0, 1) for each of `positions`."""
    # In place, because history is drawn by the million.
    bits = positions.astype(np.uint64)
    bits *= _GOLDEN
    bits += np.uint64(key)
    bits ^= bits >> np.uint64(30)
    bits *= _FIRST
    bits ^= bits >> np.uint64(27)
    bits *= _SECOND
    bits ^= bits >> np.uint64(31)
    drawn: Floats = (bits >> np.uint64(11)).astype(np.float64)
    drawn *= _TO_UNIT
    return drawn


def normal(key: int, positions: Ints) -> Floats:
    """Return a number from the standard normal distribution for each of `positions`."""
    radius, angle = uniform(key, 2 * positions), uniform(key, 2 * positions + 1)
    radius = np.sqrt(-2.0 * np.log1p(-radius))
    angle *= 2.0 * np.pi
    drawn: Floats = np.cos(angle)
    drawn *= radius
    return drawn
