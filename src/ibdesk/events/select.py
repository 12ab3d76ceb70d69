"""Operators that pass on some of the emits of a source."""

import operator
from collections.abc import Callable
from typing import Any, TypeVarTuple

from .event import Event, Op

Args = TypeVarTuple("Args")


class Filter(Op[*Args]):
    """See `Event.filter`."""

    __slots__ = ("_predicate",)

    def __init__(self, predicate: Callable[..., object] = bool, source: Any = None) -> None:
        self._predicate = predicate
        super().__init__(source)

    def on_source(self, *args: *Args) -> None:
        if self._predicate(*args):
            self.emit(*args)


class Skip(Op[*Args]):
    """See `Event.skip`."""

    __slots__ = ("_left",)

    def __init__(self, count: int = 1, source: Any = None) -> None:
        self._left = count
        super().__init__(source)

    def on_source(self, *args: *Args) -> None:
        if self._left > 0:
            self._left -= 1
        else:
            self.emit(*args)


class Take(Op[*Args]):
    """See `Event.take`."""

    __slots__ = ("_left",)

    def __init__(self, count: int = 1, source: Any = None) -> None:
        self._left = count
        super().__init__(source)
        if count <= 0:
            self.end()

    def on_source(self, *args: *Args) -> None:
        self._left -= 1
        last = self._left == 0  # of the emits; a listener may cause more
        if self._left >= 0:
            self.emit(*args)
        if last:
            self.end()


class TakeWhile(Op[*Args]):
    """See `Event.takewhile`."""

    __slots__ = ("_predicate",)

    def __init__(self, predicate: Callable[..., object] = bool, source: Any = None) -> None:
        self._predicate = predicate
        super().__init__(source)

    def on_source(self, *args: *Args) -> None:
        if self._predicate(*args):
            self.emit(*args)
        else:
            self.end()


class DropWhile(Op[*Args]):
    """See `Event.dropwhile`."""

    __slots__ = ("_drops", "_predicate")

    def __init__(self, predicate: Callable[..., object] = operator.not_, source: Any = None) -> None:
        self._predicate = predicate
        self._drops = True
        super().__init__(source)

    def on_source(self, *args: *Args) -> None:
        self._drops = self._drops and bool(self._predicate(*args))
        if not self._drops:
            self.emit(*args)


class TakeUntil(Op[*Args]):
    """See `Event.takeuntil`."""

    __slots__ = ("_notifier",)

    def __init__(self, notifier: Event[*tuple[Any, ...]], source: Any = None) -> None:
        self._notifier = notifier
        notifier.connect(self._on_notifier, self.on_source_error, keep_ref=True)
        super().__init__(source)

    def on_source(self, *args: *Args) -> None:
        if not self.done():  # the same emit can have reached the notifier first
            self.emit(*args)

    def _on_notifier(self, *_args: Any) -> None:
        self.end()

    def end(self) -> None:
        self._notifier.disconnect(self._on_notifier, self.on_source_error)
        super().end()


class Changes(Op[*Args]):
    """See `Event.changes`."""

    __slots__ = ("_before",)

    def __init__(self, source: Any = None) -> None:
        self._before: tuple[Any, ...] | None = None
        super().__init__(source)

    def on_source(self, *args: *Args) -> None:
        before, self._before = self._before, args
        if args != before:
            self.emit(*args)


class Unique(Op[*Args]):
    """See `Event.unique`."""

    __slots__ = ("_key", "_seen")

    def __init__(self, key: Callable[..., Any] | None = None, source: Any = None) -> None:
        self._key = key
        self._seen: set[Any] = set()
        super().__init__(source)

    def on_source(self, *args: *Args) -> None:
        key = args if self._key is None else self._key(*args)
        if key not in self._seen:
            self._seen.add(key)
            self.emit(*args)


class Last(Op[*Args]):
    """See `Event.last`."""

    __slots__ = ("_last",)

    def __init__(self, source: Any = None) -> None:
        self._last: tuple[*Args] | None = None
        super().__init__(source)

    def on_source(self, *args: *Args) -> None:
        self._last = args

    def on_source_done(self, source: Any) -> None:
        if self._last is not None:
            self.emit(*self._last)
        super().on_source_done(source)
