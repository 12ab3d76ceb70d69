"""Operators that make an event of each emit of their source, and join these by an operator of `.combine`."""

from collections.abc import Callable
from typing import Any

from .combine import AddableJoinOp, Chain, Concat, Merge, Switch
from .event import Event, Op


class Emap(Op[*tuple[Any, ...]]):
    """See `Event.emap`."""

    __slots__ = ("_constr", "_joiner")

    def __init__(self, constr: Callable[..., Any], joiner: AddableJoinOp, source: Any = None) -> None:
        self._constr = constr
        self._joiner = joiner
        super().__init__(source)

    def set_source(self, source: Any) -> None:
        if self._source is None:
            source = Event.create(source)
            self._joiner.connect(self.emit, self.on_source_error, self._on_joiner_done, keep_ref=True)
            self._joiner.set_parent(source)
        super().set_source(source)

    def on_source(self, *args: Any) -> None:
        self._joiner.add_source(self._constr(*args))

    def on_source_done(self, source: Any) -> None:
        self.leave()  # the joiner ends later, and then this event

    def _on_joiner_done(self, joiner: Any) -> None:
        joiner.disconnect(self.emit, self.on_source_error, self._on_joiner_done)
        self.end()


class Mergemap(Emap):
    """See `Event.mergemap`."""

    __slots__ = ()

    def __init__(self, constr: Callable[..., Any], source: Any = None) -> None:
        super().__init__(constr, Merge(), source)


class Chainmap(Emap):
    """See `Event.chainmap`."""

    __slots__ = ()

    def __init__(self, constr: Callable[..., Any], source: Any = None) -> None:
        super().__init__(constr, Chain(), source)


class Concatmap(Emap):
    """See `Event.concatmap`."""

    __slots__ = ()

    def __init__(self, constr: Callable[..., Any], source: Any = None) -> None:
        super().__init__(constr, Concat(), source)


class Switchmap(Emap):
    """See `Event.switchmap`."""

    __slots__ = ()

    def __init__(self, constr: Callable[..., Any], source: Any = None) -> None:
        super().__init__(constr, Switch(), source)
