"""Operators that make one event of several sources."""

from collections import deque
from collections.abc import Iterable
from typing import Any, TypeVar

from .event import Event, Op
from .values import NO_VALUE, one_value

AnyEvent = Event[*tuple[Any, ...]]
J = TypeVar("J", bound="JoinOp")


class Feed:
    """One source of a joining operator, and what has come from it and is not emitted yet."""

    __slots__ = ("_joiner", "ended", "pending", "source")

    def __init__(self, joiner: "JoinOp", source: AnyEvent) -> None:
        self._joiner = joiner
        self.source: AnyEvent = source
        self.pending: deque[tuple[Any, ...]] = deque()
        self.ended: bool = source.done()
        if not self.ended:
            source.connect(self._on_emit, joiner.on_source_error, self._on_done, keep_ref=True)

    def close(self) -> None:
        """Stop listening."""
        self.ended = True
        self.source.disconnect(self._on_emit, self._joiner.on_source_error, self._on_done)

    # An emit that has begun calls a feed even if another listener of that emit has closed it.

    def _on_emit(self, *args: Any) -> None:
        if not self.ended:
            self._joiner.on_feed(self, args)

    def _on_done(self, _source: AnyEvent) -> None:
        if not self.ended:
            self.close()
            self._joiner.on_feed_done(self)


class JoinOp(Op[*tuple[Any, ...]]):
    """An operator of several sources. Each of them is what `Event.create` takes."""

    __slots__ = ("_feeds",)

    def __init__(self, *sources: Any) -> None:
        super().__init__()
        self._feeds: list[Feed] = []
        if sources:
            self.join(sources)

    def join(self, sources: Iterable[Any]) -> None:
        """Set the sources."""
        raise NotImplementedError

    def on_feed(self, feed: Feed, args: tuple[Any, ...]) -> None:
        """Handle what a source emits."""
        raise NotImplementedError

    def on_feed_done(self, feed: Feed) -> None:
        """Handle the end of a source."""
        raise NotImplementedError

    def end(self) -> None:
        while self._feeds:
            self._feeds.pop().close()
        super().end()


class AddableJoinOp(JoinOp):
    """A joining operator that sources can be added to at any time.

    It ends when all its sources have ended, and its parent, the event that brings new sources, if it has one.
    """

    __slots__ = ("_parent",)

    def __init__(self, *sources: Any) -> None:
        self._parent: AnyEvent | None = None
        super().__init__(*sources)

    def join(self, sources: Iterable[Any]) -> None:
        for source in sources:
            self.add_source(source)
        self._end_if_idle()

    def add_source(self, source: Any) -> None:
        """Add what `Event.create` makes of `source`. One that has ended is left out."""
        event = Event.create(source)
        if not event.done():
            self._feeds.append(Feed(self, event))

    def set_parent(self, parent: AnyEvent) -> None:
        """Keep this event from ending before `parent`."""
        self._parent = parent
        if parent.done():
            self._on_parent_done(parent)
        else:
            parent.done_event.connect(self._on_parent_done, keep_ref=True)

    def on_feed(self, feed: Feed, args: tuple[Any, ...]) -> None:
        self.emit(*args)

    def on_feed_done(self, feed: Feed) -> None:
        self._drop(feed)
        self._end_if_idle()

    def _drop(self, feed: Feed) -> None:
        feed.close()
        if feed in self._feeds:
            self._feeds.remove(feed)

    def _on_parent_done(self, _parent: AnyEvent) -> None:
        self._parent = None
        self._end_if_idle()

    def _end_if_idle(self) -> None:
        if not self._feeds and self._parent is None:
            self.end()


class Merge(AddableJoinOp):
    """See `Event.merge`. A source that is given twice counts twice."""

    __slots__ = ()


class Switch(AddableJoinOp):
    """See `Event.switch`."""

    __slots__ = ("_active",)

    def __init__(self, *sources: Any) -> None:
        self._active: Feed | None = None
        super().__init__(*sources)

    def add_source(self, source: Any) -> None:
        event = Event.create(source)
        if all(feed.source is not event for feed in self._feeds):
            super().add_source(event)

    def on_feed(self, feed: Feed, args: tuple[Any, ...]) -> None:
        before, self._active = self._active, feed
        if before is not None and before is not feed:
            self._drop(before)
        self.emit(*args)


class Concat(AddableJoinOp):
    """See `Event.concat`."""

    __slots__ = ()

    def add_source(self, source: Any) -> None:
        event = Event.create(source)
        if all(feed.source is not event for feed in self._feeds):
            super().add_source(event)

    def on_feed(self, feed: Feed, args: tuple[Any, ...]) -> None:
        while self._feeds[0] is not feed:
            self._drop(self._feeds[0])
        self.emit(*args)


class Chain(AddableJoinOp):
    """See `Event.chain`. A source that is given twice has two turns."""

    __slots__ = ()

    def on_feed(self, feed: Feed, args: tuple[Any, ...]) -> None:
        feed.pending.append(args)
        if feed is self._feeds[0]:
            self._drain(feed)

    def on_feed_done(self, feed: Feed) -> None:
        while self._feeds and self._feeds[0].ended:
            self._feeds.pop(0)
            if self._feeds:
                self._drain(self._feeds[0])
        self._end_if_idle()

    def _drain(self, feed: Feed) -> None:
        while feed.pending:
            self.emit(*feed.pending.popleft())


class Zip(JoinOp):
    """See `Event.zip`."""

    __slots__ = ()

    def join(self, sources: Iterable[Any]) -> None:
        self._feeds.extend([Feed(self, Event.create(source)) for source in sources])
        self._end_if_short()

    def on_feed(self, feed: Feed, args: tuple[Any, ...]) -> None:
        feed.pending.append(args)
        if all(each.pending for each in self._feeds):
            self.emit(*[one_value(each.pending.popleft()) for each in self._feeds])
            self._end_if_short()

    def on_feed_done(self, feed: Feed) -> None:
        self._end_if_short()

    def _end_if_short(self) -> None:
        if any(feed.ended and not feed.pending for feed in self._feeds):
            self.end()


class Ziplatest(JoinOp):
    """See `Event.ziplatest`. It ends when all sources have ended."""

    __slots__ = ("_partial", "_values")

    def __init__(self, *sources: Any, partial: bool = True) -> None:
        self._partial = partial
        self._values: dict[Feed, Any] = {}
        super().__init__(*sources)

    def join(self, sources: Iterable[Any]) -> None:
        self._feeds.extend([Feed(self, Event.create(source)) for source in sources])
        self._values.update((feed, feed.source.value()) for feed in self._feeds)
        self._end_if_idle()

    def on_feed(self, feed: Feed, args: tuple[Any, ...]) -> None:
        self._values[feed] = one_value(args)
        if self._partial or all(value is not NO_VALUE for value in self._values.values()):
            self.emit(*self._values.values())

    def on_feed_done(self, feed: Feed) -> None:
        self._end_if_idle()

    def _end_if_idle(self) -> None:
        if all(feed.ended for feed in self._feeds):
            self.end()


class Fork(list[AnyEvent]):
    """Several events of one source. The methods make one event of them; see those of `Event`."""

    __slots__ = ()

    @classmethod
    def of(cls, source: Any, targets: Iterable[Any]) -> "Fork":
        """Make `source` the source of each target: an operator, or a class of operators without arguments."""
        fork = cls(Event.create(target) for target in targets)
        for event in fork:
            event.set_source(source)
        return fork

    def join(self, joiner: J) -> J:
        """Make the events the sources of `joiner`, and empty the list."""
        joiner.join(self)
        self.clear()
        return joiner

    def concat(self) -> Concat:
        """See `Event.concat`."""
        return self.join(Concat())

    def merge(self) -> Merge:
        """See `Event.merge`."""
        return self.join(Merge())

    def switch(self) -> Switch:
        """See `Event.switch`."""
        return self.join(Switch())

    def zip(self) -> Zip:
        """See `Event.zip`."""
        return self.join(Zip())

    def ziplatest(self) -> Ziplatest:
        """See `Event.ziplatest`."""
        return self.join(Ziplatest())

    def chain(self) -> Chain:
        """See `Event.chain`."""
        return self.join(Chain())
