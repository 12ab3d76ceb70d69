"""A listener sees the context variables of the place where it was connected, whoever emits."""

import asyncio
import logging
import threading
from collections.abc import Callable
from contextvars import Context, ContextVar, copy_context
from typing import Any

import pytest

from ibdesk.events import Event

cell: ContextVar[str] = ContextVar("cell", default="none")


def within(name: str, action: Callable[[], Any]) -> Any:
    """Run an action as the cell of a notebook is run."""

    def run() -> Any:
        cell.set(name)
        return action()

    return copy_context().run(run)


class Listener:
    """Notes in which cell it is called."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def method(self, *_: object) -> None:
        self.seen.append(cell.get())

    async def coroutine(self, *_: object) -> None:
        await asyncio.sleep(0)
        self.seen.append(cell.get())

    __call__ = method


@pytest.mark.parametrize(
    "connect",
    [
        lambda event, listener: event.connect(listener.method),
        lambda event, listener: event.connect(listener.method, keep_ref=True),
        lambda event, listener: event.connect(listener),
        lambda event, listener: event.connect(lambda *_: listener.method()),
        lambda event, listener: event.once(listener.method),
        lambda event, listener: event.connect(listener.coroutine),
        lambda event, listener: event.once(listener.coroutine),
        lambda event, listener: event.map(lambda value: listener.method()),
        lambda event, listener: event.filter(lambda value: True).connect(listener.method),
        lambda event, listener: event.delay(0).connect(listener.method),
    ],
    ids=["method", "kept", "callable", "function", "once", "coroutine", "coroutine once", "map", "pipeline", "delay"],
)
async def test_every_way_to_listen(connect: Callable[[Event[int], Listener], object]) -> None:
    event: Event[int] = Event("fill")
    listener = Listener()
    kept = within("first", lambda: connect(event, listener))
    within("second", lambda: event.emit(1))
    for _ in range(5):
        await asyncio.sleep(0)
    assert kept is not None
    assert listener.seen == ["first"]


def test_errors_and_ends_too() -> None:
    event: Event[int] = Event("fill")
    errors, ends = Listener(), Listener()
    within("first", lambda: event.connect(lambda value: 1 / value, errors.method, ends.method))
    within("second", lambda: (event.emit(0), event.set_done()))
    assert (errors.seen, ends.seen) == (["first"], ["first"])


async def test_what_is_told_of_a_failure_belongs_to_the_listener() -> None:
    """In a notebook the traceback lands under the cell of the listener that failed."""
    event: Event[int] = Event("fill")
    told: list[str] = []

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            told.append(cell.get())

    async def later(_: int) -> None:
        raise ValueError("later")

    within("first", lambda: event.connect(lambda value: 1 / value))
    within("second", lambda: event.connect(later))
    handler, logger = Handler(), logging.getLogger("ibdesk.events")
    logger.addHandler(handler)
    try:
        within("third", lambda: event.emit(0))
        for _ in range(3):
            await asyncio.sleep(0)
    finally:
        logger.removeHandler(handler)
    assert told == ["first", "second"]


def test_each_listener_sees_its_own() -> None:
    event: Event[int] = Event("fill")
    listeners = {name: Listener() for name in ("first", "second")}
    for name, listener in listeners.items():
        within(name, lambda listener=listener: event.connect(listener.method))
    within("third", lambda: event.emit(1))
    event.emit(2)
    assert {name: listener.seen for name, listener in listeners.items()} == {
        "first": ["first", "first"],
        "second": ["second", "second"],
    }
    within("third", lambda: event.disconnect(listeners["first"].method))
    assert len(event) == 1, "where it is disconnected does not matter"


def test_a_listener_may_emit_the_same_event_again() -> None:
    event: Event[int] = Event("fill")
    seen: list[tuple[int, str]] = []

    def again(value: int) -> None:
        seen.append((value, cell.get()))
        if value:
            event.emit(value - 1)

    within("first", lambda: event.connect(again))
    event.emit(2)
    assert seen == [(2, "first"), (1, "first"), (0, "first")]


def test_two_threads_may_emit_at_once() -> None:
    event: Event[int] = Event("fill")
    both = threading.Barrier(2, timeout=10)
    seen: list[str] = []

    def listener(_: int) -> None:
        both.wait()
        seen.append(cell.get())

    within("first", lambda: event.connect(listener))
    threads = [threading.Thread(target=event.emit, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == ["first", "first"]


def test_what_a_listener_sets_reaches_nobody_else() -> None:
    event: Event[int] = Event("fill")
    listener = Listener()
    within("first", lambda: event.connect(lambda _: cell.set("changed")))
    within("first", lambda: event.connect(listener.method))
    event.emit(1)
    event.emit(2)
    assert (listener.seen, cell.get()) == (["first", "first"], "none")


def test_without_context_variables_there_is_nothing_to_enter() -> None:
    event: Event[int] = Event("fill")
    listener = Listener()
    Context().run(event.connect, listener.method)
    within("second", lambda: event.emit(1))
    assert listener.seen == ["second"], "the emitter's: a context of its own would cost each tick"
