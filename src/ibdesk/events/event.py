"""`Event`, which brings a value to all who listen for it, and `Op`, the base class of its operators.

An `Event` has the methods of eventkit's, as programs written for ib_async use them. It differs where a mistake in a
listener would stay unseen: every exception is logged with its traceback, also one in a coroutine.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterable
from typing import Any, Final, Literal, Never, Self, TypeVar, TypeVarTuple, overload

from ibdesk.logs import logger
from ibdesk.runtime.loops import call_in, get_loop, loop_that_was_set

from .listeners import Listener, Listeners, Once, changing, slot_of
from .methods import Operators
from .values import NO_VALUE, one_value

__all__ = ["NO_VALUE", "Event", "Op", "start_task"]

Args = TypeVarTuple("Args")
T = TypeVar("T")
First = TypeVar("First")
Second = TypeVar("Second")
Rest = TypeVarTuple("Rest")

_log = logger("ibdesk.events")


L = TypeVar("L", bound=Listener)

# An event whose arguments are not known: of all events these alone fit, for the type checkers. They take any listener.
Untyped = TypeVar("Untyped", bound="Event[Never]")

# Asyncio holds its tasks weakly: without this a listener could be collected while it waits.
_running: set[asyncio.Future[Any]] = set()
# The loop of the thread in which a listener connected last, to any event.
_last_loop: asyncio.AbstractEventLoop | None = None


def start_task(awaitable: Awaitable[T]) -> asyncio.Future[T]:
    """Run an awaitable as a task on the loop of this thread, and keep the task until it is done."""
    task = asyncio.ensure_future(awaitable, loop=get_loop())
    _running.add(task)
    task.add_done_callback(_running.discard)
    return task


class Event(Operators[*Args]):
    """An event: what is emitted is passed on to its listeners, in the order in which they connected.

    A listener is called with the arguments of `emit`. If it returns an awaitable, that runs as a task on the loop of
    the emitting thread. A listener that raises does not keep the others from being called: the exception is logged
    and given to `error_event`.

    A listener sees the context variables as they were where it was connected, as a callback of asyncio does. By these a
    notebook knows to which cell a print or a plot belongs.
    """

    __slots__ = ("__weakref__", "_done", "_done_event", "_error_event", "_listeners", "_loop", "_name", "_value")

    NO_VALUE: Final = NO_VALUE

    def __init__(self, name: str = "") -> None:
        self._name = name or type(self).__qualname__
        self._listeners: Listeners | None = None  # until there is one
        self._value: tuple[Any, ...] = ()
        self._done = False
        self._error_event: Event[Event[*Args], BaseException] | None = None
        self._done_event: Event[Event[*Args]] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def name(self) -> str:
        """Return the name that was given, else the name of the class."""
        return self._name

    def value(self) -> Any:
        """Return what was emitted last: one value, a tuple of several, or `NO_VALUE`."""
        return one_value(self._value)

    @property
    def error_event(self) -> "Event[Event[*Args], BaseException]":
        """Emit (this event, exception) when a listener raises."""
        if self._error_event is None:
            self._error_event = Event("error")
        return self._error_event

    @error_event.setter
    def error_event(self, event: "Event[Event[*Args], BaseException]") -> None:
        self._error_event = event  # `event.error_event += listener` comes here

    @property
    def done_event(self) -> "Event[Event[*Args]]":
        """Emit this event when it ends."""
        if self._done_event is None:
            self._done_event = Event("done")
        return self._done_event

    @done_event.setter
    def done_event(self, event: "Event[Event[*Args]]") -> None:
        self._done_event = event

    def done(self) -> bool:
        """Return whether the event has ended, so that no more emits will come."""
        return self._done

    def set_done(self) -> None:
        """End the event. It should not emit anything after that."""
        if not self._done:
            self._done = True
            if self._done_event is not None:
                self._done_event.emit(self)
                self._done_event.set_done()

    def emit(self, *args: *Args) -> None:
        """Call every listener with `args`."""
        self._value = args
        listeners = self._listeners
        if listeners is None:
            return
        slots = listeners.slots
        for ref, call, context in listeners.arrange() if slots is None else slots:
            given: tuple[Any, ...] = args
            if ref is not None:
                if (owner := ref()) is None:
                    listeners.prune()
                    continue
                given = (owner, *args)
            # A copy: an emit inside of this one, or in another thread, could not enter the same context.
            run = None if context is None else context.copy().run
            try:
                result = call(*given) if run is None else run(call, *given)
                if result is not None and hasattr(result, "__await__"):
                    self._start(result) if run is None else run(self._start, result)
            except Exception as error:
                self._failed(error) if run is None else run(self._failed, error)

    __call__ = emit

    def emit_threadsafe(self, *args: *Args) -> None:
        """Have an event loop emit soon, in its own thread. May be called from any thread.

        It is the loop of the thread that last connected a listener to this event, or else to any event, as a blocking
        call does. Raises RuntimeError if there is no such loop, or if it is closed.
        """
        for loop in (self._loop, _last_loop):
            if loop is not None and not loop.is_closed():
                loop.call_soon_threadsafe(self.emit, *args)
                return
        raise RuntimeError(f"No event loop is known that could emit {self._name}: connect its listener inside the loop")

    @overload
    def connect(
        self,
        listener: "Callable[[*Args], Any] | Op[*tuple[Any, ...]]",
        error: Callable[["Event[*Args]", BaseException], Any] | None = None,
        done: Callable[["Event[*Args]"], Any] | None = None,
        keep_ref: bool = False,
    ) -> Self: ...
    @overload
    def connect(
        self: Untyped,
        listener: Listener,
        error: Listener | None = None,
        done: Listener | None = None,
        keep_ref: bool = False,
    ) -> Untyped: ...
    def connect(
        self: Any,
        listener: Listener,
        error: Listener | None = None,
        done: Listener | None = None,
        keep_ref: bool = False,
    ) -> Any:
        """Add a listener; `event += listener` does the same. One that is added twice is called twice.

        If the listener is a bound method or a callable object, the event keeps no strong reference to its object unless
        `keep_ref` is set: the listener disappears together with its object. Functions are kept.

        `error` is connected to `error_event` and `done` to `done_event`. An operator gets this event as its source
        instead. Raises ValueError for something that cannot be called.
        """
        if isinstance(listener, Op):
            listener.set_source(self)
            return self
        slot = slot_of(listener, keep_ref)
        self._to_change().add(listener, slot)
        self._remember_loop()
        if error is not None:
            self.error_event.connect(error, keep_ref=keep_ref)
        if done is not None:
            self.done_event.connect(done, keep_ref=keep_ref)
        return self

    def disconnect(self, listener: Listener, error: Listener | None = None, done: Listener | None = None) -> Self:
        """Remove a listener, as often as it was added; `event -= listener` does the same.

        It is no error if the listener is not connected.
        """
        if self._listeners is not None:
            self._listeners.remove(listener)
        if error is not None:
            self.error_event.disconnect(error)
        if done is not None:
            self.done_event.disconnect(done)
        return self

    __iadd__ = connect
    __isub__ = disconnect

    @overload
    def once(self, listener: Callable[[*Args], T]) -> Callable[[*Args], T]: ...
    @overload
    def once(self: "Event[Never]", listener: L) -> L: ...
    def once(self, listener: Listener) -> Listener:
        """Add a listener for one emit only, and return it: `@event.once` makes one of a function."""
        slot, listeners = slot_of(listener, keep_ref=False), self._to_change()
        listeners.add(listener, slot._replace(call=Once(listeners, listener, slot.call)))
        self._remember_loop()
        return listener

    def disconnect_obj(self, obj: object) -> None:
        """Remove every listener that is `obj` or a method of it, from `error_event` and `done_event` too."""
        if self._listeners is not None:
            self._listeners.remove_owner(obj)
        for event in (self._error_event, self._done_event):
            if event is not None:
                event.disconnect_obj(obj)

    def clear(self) -> None:
        """Remove all listeners."""
        self._listeners = None

    def __len__(self) -> int:
        return 0 if self._listeners is None else len(self._listeners)

    def __bool__(self) -> bool:
        return True

    def __contains__(self, listener: Listener) -> bool:
        return self._listeners is not None and listener in self._listeners

    def __repr__(self) -> str:
        return f"Event<{self._name}, {len(self)} listeners>"

    def __reduce__(self) -> tuple[Any, ...]:
        # A copy or a pickle is an event of the same name without listeners.
        return type(self), (self._name,)

    @overload
    def __await__(self: "Event[T]") -> Generator[Any, None, T]: ...
    @overload
    def __await__(self: "Event[First, Second, *Rest]") -> Generator[Any, None, tuple[First, Second, *Rest]]: ...
    @overload
    def __await__(self: "Event[*tuple[Any, ...]]") -> Generator[Any, None, Any]: ...
    def __await__(self) -> Generator[Any, None, Any]:
        """Wait for the next emit and return its value, in the same form as `value()`.

        Raises what another listener raises in the meantime, and ValueError if the event has ended or ends.
        """
        # The event may be emitted in another thread than that of the loop that waits, hence `call_in`.
        if self._done:
            raise ValueError("Event already done")
        loop = asyncio.get_running_loop()
        future = loop.create_future()

        def give(finish: Callable[[Any], None], what: Any) -> None:
            if not future.done():
                finish(what)

        def on_event(*args: *Args) -> None:
            call_in(loop, give, future.set_result, one_value(args))

        def on_error(_event: object, error: BaseException) -> None:
            call_in(loop, give, future.set_exception, error)

        def on_done(_event: object) -> None:
            on_error(_event, ValueError(f"{self!r} ended without an emit"))

        self.connect(on_event, on_error, on_done)
        try:
            return (yield from future.__await__())
        finally:
            self.disconnect(on_event, on_error, on_done)

    @overload
    def aiter(self: "Event[T]", skip_to_last: bool = False, tuples: Literal[False] = False) -> AsyncIterator[T]: ...
    @overload
    def aiter(self, skip_to_last: bool = False, tuples: bool = False) -> AsyncIterator[Any]: ...
    async def aiter(self, skip_to_last: bool = False, tuples: bool = False) -> AsyncIterator[Any]:
        """Yield the values as they are emitted, until the event ends; `async for value in event` does the same.

        Args:
            skip_to_last: Leave out all but the latest of the values that came while the loop body ran.
            tuples: Yield the arguments of each emit as a tuple, also a single one.

        Raises what another listener raises in the meantime.
        """
        # The event may be emitted in another thread than that of the loop that waits, hence `call_in`.
        if self._done:
            return
        loop = asyncio.get_running_loop()
        queue: asyncio.Queue[tuple[Any, ...] | BaseException | None] = asyncio.Queue()

        def put(args: tuple[Any, ...]) -> None:
            while skip_to_last and not queue.empty():
                queue.get_nowait()
            queue.put_nowait(args)

        def on_event(*args: *Args) -> None:
            call_in(loop, put, args)

        def on_error(_event: object, error: BaseException) -> None:
            call_in(loop, queue.put_nowait, error)

        def on_done(_event: object) -> None:
            call_in(loop, queue.put_nowait, None)

        self.connect(on_event, on_error, on_done)
        try:
            while (item := await queue.get()) is not None:
                if isinstance(item, BaseException):
                    raise item
                yield item if tuples else one_value(item)
        finally:
            self.disconnect(on_event, on_error, on_done)

    @overload
    def __aiter__(self: "Event[T]") -> AsyncIterator[T]: ...
    @overload
    def __aiter__(self: "Event[First, Second, *Rest]") -> AsyncIterator[tuple[First, Second, *Rest]]: ...
    @overload
    def __aiter__(self: "Event[*tuple[Any, ...]]") -> AsyncIterator[Any]: ...
    def __aiter__(self) -> AsyncIterator[Any]:
        return self.aiter()

    @staticmethod
    def init(obj: object, event_names: Iterable[str]) -> None:
        """Set a new event of each name on `obj`."""
        for name in event_names:
            # What `__init__` does, in place: every trade has nine events.
            event: Event[*tuple[Any, ...]] = Event.__new__(Event)
            event._name = name
            event._value = ()
            event._done = False
            event._listeners = event._error_event = event._done_event = event._loop = None
            setattr(obj, name, event)

    @staticmethod
    def create(obj: Any) -> "Event[*tuple[Any, ...]]":
        """Make an event of something to be awaited, of an asynchronous iterator, or of a function that makes one.

        An event stays what it is. Raises ValueError for anything else.
        """
        # An event of eventkit can be called, too: that would emit.
        source: Any = obj() if callable(obj) and not hasattr(type(obj), "__aiter__") else obj
        if isinstance(source, Event):
            return source
        if hasattr(source, "__aiter__"):
            return Event.aiterate(source)
        if hasattr(source, "__await__"):
            return Event.wait(source)
        raise ValueError(f"No event can be made of {obj!r}")

    def set_source(self, source: Any) -> None:
        """Have this event emit what `source` emits."""
        Event.create(source).connect(self.emit, keep_ref=True)

    def pipe(self, *targets: Any) -> "Event[*tuple[Any, ...]]":
        """Make this the source of an operator, that the source of the next, and return the last; `|` does the same.

        A target is an operator without a source, or a class of operators that needs no arguments.
        """
        event: Event[*tuple[Any, ...]] = self
        for each in targets:
            target = Event.create(each)
            target.set_source(event)
            event = target
        return event

    __or__ = pipe

    @overload
    def run(self: "Event[T]") -> list[T]: ...
    @overload
    def run(self: "Event[*tuple[Any, ...]]") -> list[Any]: ...
    def run(self) -> list[Any]:
        """Run the loop of this thread until the event ends, and return all values.

        Where the loop runs, `await event.list()` does the same.
        """
        return get_loop().run_until_complete(self.list())

    def _remember_loop(self) -> None:
        global _last_loop
        try:
            loop: asyncio.AbstractEventLoop | None = asyncio.get_running_loop()
        except RuntimeError:
            loop = loop_that_was_set()
        if loop is not None:
            self._loop = _last_loop = loop

    def _to_change(self) -> Listeners:
        """Return the listeners, so that one can be added."""
        with changing:
            if self._listeners is None:
                self._listeners = Listeners()
            return self._listeners

    def _start(self, awaitable: Awaitable[Any]) -> None:
        start_task(awaitable).add_done_callback(self._finished)

    def _finished(self, task: asyncio.Future[Any]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            self._failed(error)

    def _failed(self, error: BaseException, message: str = "A listener of %s failed") -> None:
        _log.error(message, self._name, exc_info=error)
        if self._error_event is not None:
            self._error_event.emit(self, error)


class Op(Event[*Args]):
    """An operator: an event that listens to another event, its source, and emits what it makes of that.

    A subclass overrides `on_source`, which gets what the source emits, and may override `on_source_error` and
    `on_source_done`. `Op` itself passes on everything. `source` is anything that `Event.create` takes; without one, the
    operator waits for `set_source`. The source keeps the operator alive.
    """

    __slots__ = ("_source",)

    def __init__(self, source: Any = None) -> None:
        super().__init__()
        self._source: Event[*tuple[Any, ...]] | None = None
        if source is not None:
            self.set_source(source)

    def on_source(self, *args: Any, **kwargs: Any) -> None:
        """Take what the source emits, and pass it on."""
        emit: Callable[..., None] = self.emit
        emit(*args)

    def on_source_error(self, source: Event[*tuple[Any, ...]], error: BaseException) -> None:
        """Pass on that a listener of the source, or of an event before it, has failed. It is logged already."""
        if self._error_event is not None:
            emit: Callable[..., None] = self._error_event.emit
            emit(source, error)

    def on_source_done(self, source: Event[*tuple[Any, ...]]) -> None:
        """End with the source."""
        self.end()

    def set_source(self, source: Any) -> None:
        """Connect to a source; if there is one already, the source gets the source."""
        if self._source is not None:
            self._source.set_source(source)
            return
        self._source = Event.create(source)
        if self._source.done():
            self.end()
        else:
            self._source.connect(self.on_source, self.on_source_error, self.on_source_done, keep_ref=True)

    def end(self) -> None:
        """Stop listening to the source, and end."""
        self.leave()
        self.set_done()

    def leave(self) -> None:
        """Stop listening to the source."""
        if self._source is not None:
            self._source.disconnect(self.on_source, self.on_source_error, self.on_source_done)
            self._source = None

    def __reduce__(self) -> tuple[Any, ...]:
        # A copy or a pickle has no source, and cannot know the arguments of a subclass.
        return Event, (self._name,)
