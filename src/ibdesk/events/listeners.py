"""The listeners of one event: each is added, found and removed without a search, however many there are."""

import contextvars
import threading
import weakref
from collections.abc import Callable, Hashable
from contextlib import AbstractContextManager
from itertools import count
from operator import itemgetter
from types import BuiltinMethodType, MethodType
from typing import Any, NamedTuple

Listener = Callable[..., Any]

_number = count()
changing: AbstractContextManager[bool] = threading.RLock()
"""Held while listeners change, because they come and go in any thread."""


class Slot(NamedTuple):
    """A listener that is connected."""

    ref: weakref.ref[Any] | None
    """Its object, where the event does not keep that; `call` takes the object first then."""
    call: Listener
    context: contextvars.Context | None
    """The context variables of whoever connected it; None where none were set."""

    @property
    def is_alive(self) -> bool:
        """Whether the object of the listener, if the event does not keep it, still exists."""
        return self.ref is None or self.ref() is not None

    @property
    def owner(self) -> Any:
        """The object behind the listener, None for a plain function."""
        if self.ref is not None:
            return self.ref()
        return _split(self.call.call if isinstance(self.call, Once) else self.call)[0]


class Once:
    """The listener in a slot that is taken out when it is called."""

    __slots__ = ("_listeners", "_name", "call")

    def __init__(self, listeners: "Listeners", listener: Listener, call: Listener) -> None:
        """Take the listener as it was given, and what the slot without this would call."""
        self._listeners, self._name = weakref.ref(listeners), _key(listener)
        self.call: Listener = call

    def __call__(self, *args: Any) -> Any:
        listeners = self._listeners()
        if listeners is None or not listeners.take_out(self._name, self):
            return None  # an emit inside of this one has called it
        return self.call(*args)


class Listeners:
    """The listeners of an event, in the order in which they were added. One may be added several times.

    A listener is known by its object and its function, because Python makes a new object each time that a method is
    looked up.
    """

    __slots__ = ("__weakref__", "_added", "_known", "slots")

    def __init__(self) -> None:
        self._known: dict[Hashable, list[tuple[int, Slot]]] = {}
        """The key of a listener -> its slots, each with a number that grows."""
        self._added = 0
        self.slots: tuple[Slot, ...] | None = ()
        """What an emit calls, in this order; None while it has to be put in order again, see `arrange`."""

    def __len__(self) -> int:
        return sum(slot.is_alive for slot in self.arrange())

    def __contains__(self, listener: Listener) -> bool:
        return any(slot.is_alive for _, slot in self._known.get(_key(listener), ()))

    def add(self, listener: Listener, slot: Slot) -> None:
        """Add a listener, with what is to be called for it."""
        with changing:
            # Nobody tells when the object of a listener is gone. To look at all when there are twice as many as the
            # last time costs each addition the same.
            self._added += 1
            if self._added > len(self._known):
                self.prune()
            self._known.setdefault(_key(listener), []).append((next(_number), slot))
            self.slots = None

    def remove(self, listener: Listener) -> None:
        """Remove a listener, as often as it was added."""
        with changing:
            if self._known.pop(_key(listener), None):
                self.slots = None

    def take_out(self, key: Hashable, call: Listener) -> bool:
        """Remove the slot that has this `call`, of the listener with this key. Return whether there was one."""
        with changing:
            slots = self._known.get(key, [])
            left = [each for each in slots if each[1].call is not call]
            if len(left) == len(slots):
                return False
            self._known[key] = left
            if not left:
                del self._known[key]
            self.slots = None
            return True

    def remove_owner(self, owner: object) -> None:
        """Remove every listener that is an object or a method of it."""
        self._keep(lambda slot: slot.owner is not owner)

    def prune(self) -> None:
        """Forget the listeners whose objects are gone."""
        self._keep(lambda slot: slot.is_alive)

    def arrange(self) -> tuple[Slot, ...]:
        """Return what an emit calls, and keep it in `slots`."""
        with changing:
            if self.slots is None:
                in_order = sorted((each for slots in self._known.values() for each in slots), key=itemgetter(0))
                self.slots = tuple(slot for _, slot in in_order)
            return self.slots

    def _keep(self, wanted: Callable[[Slot], bool]) -> None:
        with changing:
            kept = {key: [each for each in slots if wanted(each[1])] for key, slots in self._known.items()}
            self._known = {key: slots for key, slots in kept.items() if slots}
            self._added, self.slots = 0, None


def slot_of(listener: Listener, keep_ref: bool) -> Slot:
    """Return the slot for a listener, which sees the context variables as they are now.

    Raises ValueError for something that cannot be called.
    """
    if not callable(listener):
        raise ValueError(f"Not a listener, it can't be called: {listener!r}")
    context = contextvars.copy_context() or None
    owner, function = _split(listener)
    if keep_ref or not hasattr(owner, "__weakref__"):
        return Slot(None, listener, context)
    return Slot(weakref.ref(owner), function, context)


def _split(listener: Listener) -> tuple[Any, Listener]:
    """Return the object behind a listener and the function that takes it first; for a plain function no object."""
    if isinstance(listener, MethodType):
        return listener.__self__, listener.__func__
    if hasattr(listener, "__code__") or isinstance(listener, BuiltinMethodType):
        return None, listener
    return listener, type(listener).__call__


def _key(listener: Listener) -> Hashable:
    if isinstance(listener, BuiltinMethodType):
        return listener  # equal to another one of the same object
    # An id may be used again when its object is gone. Then a slot that is not alive may stand beside the new one.
    owner, function = _split(listener)
    return id(owner), id(function)
