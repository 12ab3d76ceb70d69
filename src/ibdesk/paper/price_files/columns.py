"""Columns of numbers and of flags."""

import numpy as np
from numpy.typing import NDArray

from ..market.noise import Floats, Ints

Flags = NDArray[np.bool_]

__all__ = ["Flags", "Floats", "Ints"]
