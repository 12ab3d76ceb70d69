"""Decides how a value reaches those who listen for it; it must not know what the values mean.

An :class:`Event` has the surface of eventkit's, as programs written for ib_async use it. It differs where a mistake in
a listener would stay unseen: every exception is logged with its traceback, those of coroutines too.
"""

import asyncio
import logging
import weakref
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterable
from types import BuiltinMethodType, MethodType
from typing import Any, Final, Generic, Self, TypeVarTuple

from .loops import get_loop

Args = TypeVarTuple("Args")

_log = logging.getLogger("ibdesk.events")


class _NoValue:
    __slots__ = ()

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return "<NoValue>"


NO_VALUE: Final = _NoValue()
"""The value of an event that has not emitted yet, or that emits without arguments."""

Listener = Callable[..., Any]
Slot = tuple[weakref.ref[Any] | None, Listener]
"""A listener. With a weak reference to its object, the second part is the function that takes the object first."""

# Asyncio holds its tasks weakly: without this a listener could be collected while it waits.
_running: set[asyncio.Future[Any]] = set()


class Event(Generic[*Args]):
    """Passes what is emitted on to the listeners, in the order in which they connected.

    A listener is called with the arguments of ``emit``. If it returns an awaitable, that runs as a task on the loop of
    the emitting thread. A listener that raises does not keep the others from being called: the exception is logged
    and given to ``error_event``.
    """

    __slots__ = ("__weakref__", "_done", "_done_event", "_error_event", "_name", "_slots", "_value")

    NO_VALUE: Final = NO_VALUE

    def __init__(self, name: str = "") -> None:
        self._name = name or type(self).__qualname__
        self._slots: tuple[Slot, ...] = ()
        self._value: tuple[Any, ...] = ()
        self._done = False
        self._error_event: Event[Event[*Args], BaseException] | None = None
        self._done_event: Event[Event[*Args]] | None = None

    def name(self) -> str:
        """The name that was given, else the name of the class."""
        return self._name

    def value(self) -> Any:
        """What was emitted last: one value, a tuple of several, or ``NO_VALUE``."""
        return _unpack(self._value)

    @property
    def error_event(self) -> "Event[Event[*Args], BaseException]":
        """Emits (this event, exception) when a listener raises."""
        if self._error_event is None:
            self._error_event = Event("error")
        return self._error_event

    @property
    def done_event(self) -> "Event[Event[*Args]]":
        """Emits this event when it ends."""
        if self._done_event is None:
            self._done_event = Event("done")
        return self._done_event

    def done(self) -> bool:
        """Whether the event has ended: no more emits are to come."""
        return self._done

    def set_done(self) -> None:
        """Ends the event. It should not emit anything after that."""
        if not self._done:
            self._done = True
            if self._done_event is not None:
                self._done_event.emit(self)
                self._done_event.set_done()

    def emit(self, *args: *Args) -> None:
        """Calls every listener with ``args``."""
        self._value = args
        for ref, call in self._slots:
            try:
                if ref is None:
                    result = call(*args)
                elif (owner := ref()) is not None:
                    result = call(owner, *args)
                else:
                    self._slots = self._alive()
                    continue
                if result is not None and hasattr(result, "__await__"):
                    self._start(result)
            except Exception as error:
                self._failed(error)

    __call__ = emit

    def connect(
        self,
        listener: Callable[[*Args], Any],
        error: Callable[["Event[*Args]", BaseException], Any] | None = None,
        done: Callable[["Event[*Args]"], Any] | None = None,
        keep_ref: bool = False,
    ) -> Self:
        """Adds a listener; ``event += listener`` does the same. One that is added twice is called twice.

        Of a bound method, or of an object that can be called, the event keeps no strong reference to the object unless
        ``keep_ref`` is set: the listener goes when its object goes. Functions are kept.

        ``error`` listens to ``error_event`` and ``done`` to ``done_event``. Raises ValueError for what can't be called.
        """
        self._slots = (*self._alive(), _slot(listener, keep_ref))
        if error is not None:
            self.error_event.connect(error, keep_ref=keep_ref)
        if done is not None:
            self.done_event.connect(done, keep_ref=keep_ref)
        return self

    def disconnect(
        self,
        listener: Callable[[*Args], Any],
        error: Callable[["Event[*Args]", BaseException], Any] | None = None,
        done: Callable[["Event[*Args]"], Any] | None = None,
    ) -> Self:
        """Removes a listener, as often as it was added; ``event -= listener`` does the same.

        It is no error if the listener is not connected.
        """
        self._slots = tuple(slot for slot in self._alive() if not _is(slot, listener))
        if error is not None:
            self.error_event.disconnect(error)
        if done is not None:
            self.done_event.disconnect(done)
        return self

    __iadd__ = connect
    __isub__ = disconnect

    def disconnect_obj(self, obj: object) -> None:
        """Removes every listener that is ``obj`` or a method of it, from ``error_event`` and ``done_event`` too."""
        self._slots = tuple(slot for slot in self._alive() if _owner(slot) is not obj)
        for event in (self._error_event, self._done_event):
            if event is not None:
                event.disconnect_obj(obj)

    def clear(self) -> None:
        """Removes all listeners."""
        self._slots = ()

    def __len__(self) -> int:
        return len(self._alive())

    def __bool__(self) -> bool:
        return True

    def __contains__(self, listener: Listener) -> bool:
        return any(_is(slot, listener) for slot in self._slots)

    def __repr__(self) -> str:
        return f"Event<{self._name}, {len(self)} listeners>"

    def __reduce__(self) -> tuple[Any, ...]:
        # A copy or a pickle is an event of the same name without listeners.
        return type(self), (self._name,)

    def __await__(self) -> Generator[Any, None, Any]:
        """Waits for the next emit and gives its value, in the form that ``value()`` has.

        Raises what another listener raises in the meantime, and ValueError if the event has ended or ends.
        """
        if self._done:
            raise ValueError("Event already done")
        future = asyncio.get_running_loop().create_future()

        def on_event(*args: *Args) -> None:
            if not future.done():
                future.set_result(_unpack(args))

        def on_error(_event: object, error: BaseException) -> None:
            if not future.done():
                future.set_exception(error)

        def on_done(_event: object) -> None:
            on_error(_event, ValueError(f"{self!r} ended without an emit"))

        self.connect(on_event, on_error, on_done)
        try:
            return (yield from future.__await__())
        finally:
            self.disconnect(on_event, on_error, on_done)

    async def aiter(self, skip_to_last: bool = False, tuples: bool = False) -> AsyncIterator[Any]:
        """Gives the values as they are emitted, until the event ends; ``async for value in event`` does the same.

        Args:
            skip_to_last: Leave out all but the latest of the values that came while the loop body ran.
            tuples: Give the arguments of each emit as a tuple, a single one too.

        Raises what another listener raises in the meantime.
        """
        if self._done:
            return
        queue: asyncio.Queue[tuple[Any, ...] | BaseException | None] = asyncio.Queue()

        def on_event(*args: *Args) -> None:
            while skip_to_last and not queue.empty():
                queue.get_nowait()
            queue.put_nowait(args)

        def on_error(_event: object, error: BaseException) -> None:
            queue.put_nowait(error)

        def on_done(_event: object) -> None:
            queue.put_nowait(None)

        self.connect(on_event, on_error, on_done)
        try:
            while (item := await queue.get()) is not None:
                if isinstance(item, BaseException):
                    raise item
                yield item if tuples else _unpack(item)
        finally:
            self.disconnect(on_event, on_error, on_done)

    def __aiter__(self) -> AsyncIterator[Any]:
        return self.aiter()

    @staticmethod
    def init(obj: object, event_names: Iterable[str]) -> None:
        """Sets a new event of each name on ``obj``."""
        for name in event_names:
            setattr(obj, name, Event(name))

    def _alive(self) -> tuple[Slot, ...]:
        return tuple(slot for slot in self._slots if slot[0] is None or slot[0]() is not None)

    def _start(self, awaitable: Awaitable[Any]) -> None:
        task = asyncio.ensure_future(awaitable, loop=get_loop())
        _running.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Future[Any]) -> None:
        _running.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._failed(error)

    def _failed(self, error: BaseException) -> None:
        _log.error("A listener of %s failed", self._name, exc_info=error)
        if self._error_event is not None:
            self._error_event.emit(self, error)


def _unpack(args: tuple[Any, ...]) -> Any:
    if len(args) == 1:
        return args[0]
    return args or NO_VALUE


def _slot(listener: Listener, keep_ref: bool) -> Slot:
    if not callable(listener):
        raise ValueError(f"Not a listener, it can't be called: {listener!r}")
    owner, function = _split(listener)
    if keep_ref or not hasattr(owner, "__weakref__"):
        return None, listener
    return weakref.ref(owner), function


def _split(listener: Listener) -> tuple[Any, Listener]:
    """The object behind a listener and the function that takes it first; for a plain function no object."""
    if isinstance(listener, MethodType):
        return listener.__self__, listener.__func__
    if hasattr(listener, "__code__") or isinstance(listener, BuiltinMethodType):
        return None, listener
    return listener, type(listener).__call__


def _owner(slot: Slot) -> Any:
    ref, call = slot
    return _split(call)[0] if ref is None else ref()


def _is(slot: Slot, listener: Listener) -> bool:
    ref, call = slot
    owner, function = _split(listener)
    if ref is not None:
        return ref() is owner and call is function
    # Python makes a new object each time that a method is looked up; all other listeners are known by identity.
    return call is listener or (isinstance(listener, MethodType | BuiltinMethodType) and call == listener)
