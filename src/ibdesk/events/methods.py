"""The operators that every event offers, as methods.

An operator is an event that listens to another one, its source. Each method imports its operator when it is called,
because an operator is an `Event`, which inherits these methods. It also saves the time to import unused ones.
"""

import operator
from collections.abc import AsyncIterable, Awaitable, Callable, Coroutine, Iterable
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Generic, Never, TypeVar, TypeVarTuple, overload

from .values import NO_VALUE

if TYPE_CHECKING:
    from . import aggregate, arrays, combine, create, failures, nested, select, timing, transform
    from .event import Event

    AnyEvent = Event[*tuple[Any, ...]]

Args = TypeVarTuple("Args")
T = TypeVar("T")

Moment = datetime | time | float
"""A point in time: a time without a date is one of today, a number is in seconds from now."""

# They take one argument; a predicate takes those of the event.
_is_true: Any = bool
_is_false: Any = operator.not_


class Operators(Generic[*Args]):
    """What makes events out of others and out of nothing: `ticker.updateEvent.map(f).debounce(1)`.

    Unless it says otherwise, what an operator returns ends when its source ends, and passes on its errors. A function
    that is given to one is called with the arguments of each emit, and may raise: that is an error of the source.
    Operators that take a timer accept any event.
    """

    __slots__ = ()

    # Events out of nothing

    @staticmethod
    def wait(future: Awaitable[T]) -> "create.Wait[T]":
        """Emit the result of an awaitable and end. One that fails counts as an error, and `NO_VALUE` is emitted."""
        from .create import Wait

        return Wait(future)

    @staticmethod
    def aiterate(ait: AsyncIterable[T]) -> "create.Aiterate[T]":
        """Emit the values of an asynchronous iterator, when they come, and end with it."""
        from .create import Aiterate

        return Aiterate(ait)

    @staticmethod
    def sequence(
        values: Iterable[T], interval: float = 0, times: Iterable[float] | None = None
    ) -> "create.Sequence[T]":
        """Emit `values`, `interval` seconds apart or each at its own of `times`, in seconds from the start."""
        from .create import Sequence

        return Sequence(values, interval, times)

    @staticmethod
    def repeat(
        value: Any = NO_VALUE, count: int = 1, interval: float = 0, times: Iterable[float] | None = None
    ) -> "create.Repeat[Any]":
        """Emit one value `count` times; see `sequence`."""
        from .create import Repeat

        return Repeat(value, count, interval, times)

    @staticmethod
    def range(*args: int, interval: float = 0, times: Iterable[float] | None = None) -> "create.Range":
        """Emit the numbers of a `range(*args)`; see `sequence`."""
        from .create import Range

        return Range(*args, interval=interval, times=times)

    @staticmethod
    def timerange(start: Moment = 0, end: Moment | None = None, step: float | timedelta = 1) -> "create.Timerange":
        """Emit each point in time from `start` to `end`, `step` seconds apart, when it comes.

        A `start` in seconds from now is rounded down to a whole number of steps. Points that are past are left out.
        """
        from .create import Timerange

        return Timerange(start, end, step)

    @staticmethod
    def timer(interval: float, count: int | None = None) -> "create.Timer":
        """Emit every `interval` seconds, `count` times or for ever, the seconds since the start."""
        from .create import Timer

        return Timer(interval, count)

    @staticmethod
    def marble(s: str, interval: float = 0, times: Iterable[float] | None = None) -> "create.Marble":
        """Emit the characters of a marble diagram, but for blanks, "-" and "_", and end at "|"; see `sequence`.

        A blank or "-" takes the time of a value, "_" takes none.
        """
        from .create import Marble

        return Marble(s, interval, times)

    # Some of the values

    @overload
    def filter(self, predicate: Callable[[*Args], object] = _is_true) -> "select.Filter[*Args]": ...
    @overload
    def filter(self: "Operators[Never]", predicate: Callable[..., object]) -> "select.Filter[*Args]": ...
    def filter(self, predicate: Callable[..., object] = bool) -> "select.Filter[*Args]":
        """Emit what the predicate is true for."""
        from .select import Filter

        return Filter(predicate, self)

    def skip(self, count: int = 1) -> "select.Skip[*Args]":
        """Leave out the first `count` emits."""
        from .select import Skip

        return Skip(count, self)

    def take(self, count: int = 1) -> "select.Take[*Args]":
        """End after the first `count` emits."""
        from .select import Take

        return Take(count, self)

    @overload
    def takewhile(self, predicate: Callable[[*Args], object] = _is_true) -> "select.TakeWhile[*Args]": ...
    @overload
    def takewhile(self: "Operators[Never]", predicate: Callable[..., object]) -> "select.TakeWhile[*Args]": ...
    def takewhile(self, predicate: Callable[..., object] = bool) -> "select.TakeWhile[*Args]":
        """End as soon as the predicate is false."""
        from .select import TakeWhile

        return TakeWhile(predicate, self)

    @overload
    def dropwhile(self, predicate: Callable[[*Args], object] = _is_false) -> "select.DropWhile[*Args]": ...
    @overload
    def dropwhile(self: "Operators[Never]", predicate: Callable[..., object]) -> "select.DropWhile[*Args]": ...
    def dropwhile(self, predicate: Callable[..., object] = operator.not_) -> "select.DropWhile[*Args]":
        """Leave out everything until the predicate is false for the first time."""
        from .select import DropWhile

        return DropWhile(predicate, self)

    def takeuntil(self, notifier: "AnyEvent") -> "select.TakeUntil[*Args]":
        """End when `notifier` emits. It goes on if the notifier ends without an emit."""
        from .select import TakeUntil

        return TakeUntil(notifier, self)

    def changes(self) -> "select.Changes[*Args]":
        """Emit what is unlike the emit before."""
        from .select import Changes

        return Changes(self)

    @overload
    def unique(self, key: Callable[[*Args], object] | None = None) -> "select.Unique[*Args]": ...
    @overload
    def unique(self: "Operators[Never]", key: Callable[..., object]) -> "select.Unique[*Args]": ...
    def unique(self, key: Callable[..., object] | None = None) -> "select.Unique[*Args]":
        """Emit what was not emitted before. With a `key`, its results are compared; they must be hashable."""
        from .select import Unique

        return Unique(key, self)

    def last(self) -> "select.Last[*Args]":
        """Emit the last emit of the source, when that ends."""
        from .select import Last

        return Last(self)

    # Other values

    def constant(self, constant: T) -> "transform.Constant[T]":
        """Emit `constant` at each emit."""
        from .transform import Constant

        return Constant(constant, self)

    def iterate(self, it: Iterable[T]) -> "transform.Iterate[T]":
        """Emit the next value of an iterable at each emit, and end with it."""
        from .transform import Iterate

        return Iterate(it, self)

    def count(self, start: float = 0, step: float = 1) -> "aggregate.Count":
        """Emit `start`, `start + step` ... at each emit."""
        from .aggregate import Count

        return Count(start, step, self)

    @overload
    def enumerate(self: "Operators[T]", start: float = 0, step: float = 1) -> "transform.Enumerate[T]": ...
    @overload
    def enumerate(
        self: "Operators[*tuple[Any, ...]]", start: float = 0, step: float = 1
    ) -> "transform.Enumerate[Any]": ...
    def enumerate(self, start: float = 0, step: float = 1) -> "transform.Enumerate[Any]":
        """Emit (count, value); several arguments are one value, a tuple."""
        from .transform import Enumerate

        return Enumerate(start, step, self)

    @overload
    def timestamp(self: "Operators[T]") -> "timing.Timestamp[T]": ...
    @overload
    def timestamp(self: "Operators[*tuple[Any, ...]]") -> "timing.Timestamp[Any]": ...
    def timestamp(self) -> "timing.Timestamp[Any]":
        """Emit (seconds since 1970 UTC, value); several arguments are one value, a tuple."""
        from .timing import Timestamp

        return Timestamp(self)

    def partial(self, *left_args: Any) -> "transform.Partial":
        """Emit the arguments with `left_args` before them."""
        from .transform import Partial

        return Partial(*left_args, source=self)

    def partial_right(self, *right_args: Any) -> "transform.PartialRight":
        """Emit the arguments with `right_args` after them."""
        from .transform import PartialRight

        return PartialRight(*right_args, source=self)

    def star(self) -> "transform.Star":
        """Emit the items of a tuple as arguments."""
        from .transform import Star

        return Star(self)

    def pack(self) -> "transform.Pack[*Args]":
        """Emit the arguments as one tuple."""
        from .transform import Pack

        return Pack(self)

    def pluck(self, *selections: int | str) -> "transform.Pluck":
        """Emit some arguments, or attributes of them: `1`, `"contract.symbol"` (of the first), `"1.price"`.

        `NO_VALUE` stands for what does not exist.
        """
        from .transform import Pluck

        return Pluck(*selections, source=self)

    @overload
    def map(
        self,
        func: Callable[[*Args], Coroutine[Any, Any, T]],
        timeout: float | None = None,
        ordered: bool = True,
        task_limit: int | None = None,
    ) -> "transform.Map[T]": ...
    @overload
    def map(
        self,
        func: Callable[[*Args], T],
        timeout: float | None = None,
        ordered: bool = True,
        task_limit: int | None = None,
    ) -> "transform.Map[T]": ...
    @overload
    def map(
        self: "Operators[Never]",
        func: Callable[..., Any],
        timeout: float | None = None,
        ordered: bool = True,
        task_limit: int | None = None,
    ) -> "transform.Map[Any]": ...
    def map(
        self,
        func: Callable[..., Any],
        timeout: float | None = None,
        ordered: bool = True,
        task_limit: int | None = None,
    ) -> "transform.Map[Any]":
        """Emit what a function returns. What it returns to be awaited runs as a task.

        Args:
            func: Is called with the arguments of each emit.
            timeout: The longest time in seconds that a task may take.
            ordered: Emit the results of tasks in the order of the source, not of their ends.
            task_limit: How many tasks may run at once; the others wait.

        For a task that fails `NO_VALUE` is emitted, and its exception is an error of this event.
        """
        from .transform import Map

        return Map(func, timeout, ordered, task_limit, self)

    def previous(self, count: int = 1) -> "transform.Previous[*Args]":
        """Emit what was emitted `count` emits before."""
        from .transform import Previous

        return Previous(count, self)

    def copy(self) -> "transform.Copy[*Args]":
        """Emit shallow copies."""
        from .transform import Copy

        return Copy(self)

    def deepcopy(self) -> "transform.Deepcopy[*Args]":
        """Emit deep copies."""
        from .transform import Deepcopy

        return Deepcopy(self)

    @overload
    def chunk(self: "Operators[T]", size: int) -> "transform.Chunk[T]": ...
    @overload
    def chunk(self: "Operators[*tuple[Any, ...]]", size: int) -> "transform.Chunk[Any]": ...
    def chunk(self, size: int) -> "transform.Chunk[Any]":
        """Emit lists of `size` values; the last can be shorter."""
        from .transform import Chunk

        return Chunk(size, self)

    @overload
    def chunkwith(self: "Operators[T]", timer: "AnyEvent", emit_empty: bool = True) -> "transform.ChunkWith[T]": ...
    @overload
    def chunkwith(
        self: "Operators[*tuple[Any, ...]]", timer: "AnyEvent", emit_empty: bool = True
    ) -> "transform.ChunkWith[Any]": ...
    def chunkwith(self, timer: "AnyEvent", emit_empty: bool = True) -> "transform.ChunkWith[Any]":
        """Emit a list of the values since the last time, when `timer` emits. Empty ones can be left out."""
        from .transform import ChunkWith

        return ChunkWith(timer, emit_empty, self)

    # Events out of values

    def emap(self, constr: Callable[..., Any], joiner: "combine.AddableJoinOp") -> "nested.Emap":
        """Make an event of each emit, and emit what `joiner` makes of these events.

        `constr` may also return something to be awaited, or an asynchronous iterator. The result ends when the source
        and all these events have ended.
        """
        from .nested import Emap

        return Emap(constr, joiner, self)

    def mergemap(self, constr: Callable[..., Any]) -> "nested.Mergemap":
        """Do `emap` with `merge`."""
        from .nested import Mergemap

        return Mergemap(constr, self)

    def concatmap(self, constr: Callable[..., Any]) -> "nested.Concatmap":
        """Do `emap` with `concat`."""
        from .nested import Concatmap

        return Concatmap(constr, self)

    def chainmap(self, constr: Callable[..., Any]) -> "nested.Chainmap":
        """Do `emap` with `chain`."""
        from .nested import Chainmap

        return Chainmap(constr, self)

    def switchmap(self, constr: Callable[..., Any]) -> "nested.Switchmap":
        """Do `emap` with `switch`."""
        from .nested import Switchmap

        return Switchmap(constr, self)

    # Running totals

    def reduce(self, func: Callable[[Any, Any], T], initializer: Any = NO_VALUE) -> "aggregate.Reduce[T]":
        """Emit `func(what it returned before, value)`. Without `initializer` the first value stands for that."""
        from .aggregate import Reduce

        return Reduce(func, initializer, self)

    def min(self: "Operators[T]") -> "Event[T]":
        """Emit the least value so far."""
        from .aggregate import Min

        return Min(self)

    def max(self: "Operators[T]") -> "Event[T]":
        """Emit the greatest value so far."""
        from .aggregate import Max

        return Max(self)

    def sum(self, start: Any = 0) -> "Event[Any]":
        """Emit `start` plus the sum of the values so far."""
        from .aggregate import Sum

        return Sum(start, self)

    def product(self, start: Any = 1) -> "aggregate.Product":
        """Emit `start` times the product of the values so far."""
        from .aggregate import Product

        return Product(start, self)

    def mean(self) -> "Event[Any]":
        """Emit the mean of the values so far."""
        from .aggregate import Mean

        return Mean(self)

    def any(self) -> "Event[bool]":
        """Emit whether any value so far was true."""
        from .aggregate import Any

        return Any(self)

    def all(self) -> "Event[bool]":
        """Emit whether all values so far were true."""
        from .aggregate import All

        return All(self)

    def ema(self, n: float | None = None, weight: float | None = None) -> "aggregate.Ema":
        """Emit the exponential moving average of each argument over `n` emits; the same as `weight = 2/(n+1)`."""
        from .aggregate import Ema

        return Ema(n, weight, self)

    @overload
    def pairwise(self: "Operators[T]") -> "aggregate.Pairwise[T]": ...
    @overload
    def pairwise(self: "Operators[*tuple[Any, ...]]") -> "aggregate.Pairwise[Any]": ...
    def pairwise(self) -> "aggregate.Pairwise[Any]":
        """Emit (value before, value)."""
        from .aggregate import Pairwise

        return Pairwise(self)

    @overload
    def list(self: "Operators[T]") -> "aggregate.List[T]": ...
    @overload
    def list(self: "Operators[*tuple[Any, ...]]") -> "aggregate.List[Any]": ...
    def list(self) -> "aggregate.List[Any]":
        """Emit a list of all values when the source ends."""
        from .aggregate import List

        return List(self)

    @overload
    def deque(self: "Operators[T]", count: int = 0) -> "aggregate.Deque[T]": ...
    @overload
    def deque(self: "Operators[*tuple[Any, ...]]", count: int = 0) -> "aggregate.Deque[Any]": ...
    def deque(self, count: int = 0) -> "aggregate.Deque[Any]":
        """Emit a deque of the last `count` values, or of all if that is 0: the same object each time."""
        from .aggregate import Deque

        return Deque(count, self)

    def array(self, count: int = 0) -> "arrays.Array":
        """Emit a numpy array of the last `count` values, or of all if that is 0. Needs numpy."""
        from .arrays import Array

        return Array(count, self)

    # Several sources; each may also be something to be awaited, or an asynchronous iterator

    def merge(self, *sources: Any) -> "combine.Merge":
        """Emit what any of the sources emits."""
        from .combine import Merge

        return Merge(self, *sources)

    def chain(self, *sources: Any) -> "combine.Chain":
        """Emit what the first source emits until it ends, then the next. What comes too early is kept for its turn."""
        from .combine import Chain

        return Chain(self, *sources)

    def concat(self, *sources: Any) -> "combine.Concat":
        """Emit what the first source emits until a later one emits; those before that are given up."""
        from .combine import Concat

        return Concat(self, *sources)

    def switch(self, *sources: Any) -> "combine.Switch":
        """Emit what one source emits until another emits; the one before is given up."""
        from .combine import Switch

        return Switch(self, *sources)

    def zip(self, *sources: Any) -> "combine.Zip":
        """Emit the first value of each source, then the second of each ..., until one of them has no more."""
        from .combine import Zip

        return Zip(self, *sources)

    def ziplatest(self, *sources: Any, partial: bool = True) -> "combine.Ziplatest":
        """Emit the latest value of each source when one emits.

        `NO_VALUE` stands for a source that has not emitted; if not `partial`, all must have emitted first.
        """
        from .combine import Ziplatest

        return Ziplatest(self, *sources, partial=partial)

    def fork(self, *targets: Any) -> "combine.Fork":
        """Make this the source of several operators, or of what operator classes make: `event[Min, Max].zip()`."""
        from .combine import Fork

        return Fork.of(self, targets)

    def __getitem__(self, targets: Any) -> "combine.Fork":
        return self.fork(*(targets if hasattr(targets, "__iter__") else (targets,)))

    # Time

    def delay(self, delay: float) -> "timing.Delay[*Args]":
        """Emit everything `delay` seconds later, errors and the end too."""
        from .timing import Delay

        return Delay(delay, self)

    def timeout(self, timeout: float) -> "timing.Timeout":
        """Emit once, nothing, and end when the source has not emitted for `timeout` seconds."""
        from .timing import Timeout

        return Timeout(timeout, self)

    def throttle(
        self, maximum: float, interval: float, cost_func: Callable[..., float] | None = None
    ) -> "timing.Throttle[*Args]":
        """Emit what comes too fast later, so that the costs within `interval` seconds stay under `maximum`.

        An emit costs 1, or what `cost_func` says. One that no limit allows is emitted alone. `status_event` of the
        result emits True when emits begin to wait and False when none waits any more; `set_limit` changes the limit.
        """
        from .timing import Throttle

        return Throttle(maximum, interval, cost_func, self)

    def debounce(self, delay: float, on_first: bool = False) -> "timing.Debounce[*Args]":
        """Emit one of several emits that are less than `delay` seconds apart: the last, `delay` seconds later.

        With `on_first` it is the first, at once.
        """
        from .timing import Debounce

        return Debounce(delay, on_first, self)

    def sample(self, timer: "AnyEvent") -> "timing.Sample[*Args]":
        """Emit the latest emit of the source when `timer` emits."""
        from .timing import Sample

        return Sample(timer, self)

    # Errors

    def errors(self) -> "failures.Errors":
        """Emit (event, exception) for the errors of the source."""
        from .failures import Errors

        return Errors(self)

    def end_on_error(self) -> "failures.EndOnError[*Args]":
        """End at the first error of the source."""
        from .failures import EndOnError

        return EndOnError(self)
