"""Operators on the last values of a source as an array: the only module of events that needs numpy."""

from collections import deque
from math import nan
from typing import TYPE_CHECKING, Any

from ibdesk.optional import require

from .event import Event, Op
from .values import one_value

if TYPE_CHECKING:
    import numpy.typing as npt


class Array(Op["npt.NDArray[Any]"]):
    """See `Event.array`. Its methods emit a number for each array."""

    __slots__ = ("_asarray", "_values")

    def __init__(self, count: int = 0, source: Any = None) -> None:
        self._asarray = require("numpy", "event.array()", "ibdesk[pandas]").asarray
        self._values: deque[Any] = deque(maxlen=count or None)
        super().__init__(source)

    def on_source(self, *args: Any) -> None:
        self._values.append(one_value(args))
        self.emit(self._asarray(self._values))

    def min(self) -> Event[Any]:
        """Emit the least value of the array."""
        return ArrayMin(self)

    def max(self) -> Event[Any]:
        """Emit the greatest value of the array."""
        return ArrayMax(self)

    def sum(self, start: Any = 0) -> Event[Any]:
        """Emit `start` plus the sum of the array."""
        return ArraySum(self) if start == 0 else ArraySum(self).map(lambda total: start + total)

    def prod(self) -> Event[Any]:
        """Emit the product of the array."""
        return ArrayProd(self)

    def mean(self) -> Event[Any]:
        """Emit the mean of the array."""
        return ArrayMean(self)

    def std(self) -> Event[Any]:
        """Emit the standard deviation of the array as a sample, NaN of a single value."""
        return ArrayStd(self)

    def any(self) -> Event[Any]:
        """Emit whether any value of the array is true."""
        return ArrayAny(self)

    def all(self) -> Event[Any]:
        """Emit whether all values of the array are true."""
        return ArrayAll(self)


class ArrayMin(Op[Any]):
    """See `Array.min`."""

    __slots__ = ()

    def on_source(self, array: "npt.NDArray[Any]") -> None:
        self.emit(array.min())


class ArrayMax(Op[Any]):
    """See `Array.max`."""

    __slots__ = ()

    def on_source(self, array: "npt.NDArray[Any]") -> None:
        self.emit(array.max())


class ArraySum(Op[Any]):
    """See `Array.sum`."""

    __slots__ = ()

    def on_source(self, array: "npt.NDArray[Any]") -> None:
        self.emit(array.sum())


class ArrayProd(Op[Any]):
    """See `Array.prod`."""

    __slots__ = ()

    def on_source(self, array: "npt.NDArray[Any]") -> None:
        self.emit(array.prod())


class ArrayMean(Op[Any]):
    """See `Array.mean`."""

    __slots__ = ()

    def on_source(self, array: "npt.NDArray[Any]") -> None:
        self.emit(array.mean())


class ArrayStd(Op[Any]):
    """See `Array.std`."""

    __slots__ = ()

    def on_source(self, array: "npt.NDArray[Any]") -> None:
        self.emit(array.std(ddof=1) if len(array) > 1 else nan)


class ArrayAny(Op[Any]):
    """See `Array.any`."""

    __slots__ = ()

    def on_source(self, array: "npt.NDArray[Any]") -> None:
        self.emit(array.any())


class ArrayAll(Op[Any]):
    """See `Array.all`."""

    __slots__ = ()

    def on_source(self, array: "npt.NDArray[Any]") -> None:
        self.emit(array.all())
