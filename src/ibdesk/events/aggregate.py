"""Operators that emit a summary of all values of a source so far: sums, extremes, lists."""

import builtins
import itertools
import math
import operator
from collections import deque
from collections.abc import Callable
from typing import Any as AnyType
from typing import TypeVar

from .event import Op
from .transform import Iterate
from .values import NO_VALUE, one_value

T = TypeVar("T")


class Count(Iterate[float]):
    """See `Event.count`."""

    __slots__ = ()

    def __init__(self, start: float = 0, step: float = 1, source: AnyType = None) -> None:
        super().__init__(itertools.count(start, step), source)


class Reduce(Op[T]):
    """See `Event.reduce`."""

    __slots__ = ("_func", "_total")

    def __init__(
        self, func: Callable[[AnyType, AnyType], T], initializer: AnyType = NO_VALUE, source: AnyType = None
    ) -> None:
        self._func = func
        self._total = initializer
        super().__init__(source)

    def on_source(self, value: AnyType) -> None:
        if self._total is NO_VALUE:
            self._total = value
        else:
            self._total = self._func(self._total, value)
            self.emit(self._total)


class Min(Reduce[AnyType]):
    """See `Event.min`."""

    __slots__ = ()

    def __init__(self, source: AnyType = None) -> None:
        super().__init__(min, math.inf, source)


class Max(Reduce[AnyType]):
    """See `Event.max`."""

    __slots__ = ()

    def __init__(self, source: AnyType = None) -> None:
        super().__init__(max, -math.inf, source)


class Sum(Reduce[AnyType]):
    """See `Event.sum`."""

    __slots__ = ()

    def __init__(self, start: AnyType = 0, source: AnyType = None) -> None:
        super().__init__(operator.add, start, source)


class Product(Reduce[AnyType]):
    """See `Event.product`."""

    __slots__ = ()

    def __init__(self, start: AnyType = 1, source: AnyType = None) -> None:
        super().__init__(operator.mul, start, source)


class Any(Reduce[bool]):
    """See `Event.any`."""

    __slots__ = ()

    def __init__(self, source: AnyType = None) -> None:
        super().__init__(lambda before, value: before or bool(value), False, source)


class All(Reduce[bool]):
    """See `Event.all`."""

    __slots__ = ()

    def __init__(self, source: AnyType = None) -> None:
        super().__init__(lambda before, value: before and bool(value), True, source)


class Mean(Op[AnyType]):
    """See `Event.mean`."""

    __slots__ = ("_count", "_sum")

    def __init__(self, source: AnyType = None) -> None:
        self._count = 0
        self._sum: AnyType = 0
        super().__init__(source)

    def on_source(self, value: AnyType) -> None:
        self._count += 1
        self._sum += value
        self.emit(self._sum / self._count)


class Ema(Op[*tuple[AnyType, ...]]):
    """See `Event.ema`. Raises ValueError if neither `n` nor `weight` is given."""

    __slots__ = ("_means", "_weight")

    def __init__(self, n: float | None = None, weight: float | None = None, source: AnyType = None) -> None:
        if not weight and n is None:
            raise ValueError("ema() needs n or weight")
        self._weight = weight or 2 / ((n or 0) + 1)
        self._means: tuple[AnyType, ...] = ()
        super().__init__(source)

    def on_source(self, *args: AnyType) -> None:
        if self._means:
            old, new = 1 - self._weight, self._weight
            args = tuple(old * mean + new * value for mean, value in zip(self._means, args, strict=False))
        self._means = args
        self.emit(*args)


class Pairwise(Op[T, T]):
    """See `Event.pairwise`."""

    __slots__ = ("_before",)

    def __init__(self, source: AnyType = None) -> None:
        self._before: tuple[AnyType, ...] = ()
        super().__init__(source)

    def on_source(self, *args: AnyType) -> None:
        before, self._before = self._before, (one_value(args),)
        if before:
            self.emit(before[0], self._before[0])


class List(Op[builtins.list[T]]):
    """See `Event.list`."""

    __slots__ = ("_values",)

    def __init__(self, source: AnyType = None) -> None:
        self._values: builtins.list[T] = []
        super().__init__(source)

    def on_source(self, *args: AnyType) -> None:
        self._values.append(one_value(args))

    def on_source_done(self, source: AnyType) -> None:
        self.emit(self._values)
        super().on_source_done(source)


class Deque(Op[deque[T]]):
    """See `Event.deque`."""

    __slots__ = ("_values",)

    def __init__(self, count: int = 0, source: AnyType = None) -> None:
        self._values: deque[T] = deque(maxlen=count or None)
        super().__init__(source)

    def on_source(self, *args: AnyType) -> None:
        self._values.append(one_value(args))
        self.emit(self._values)
