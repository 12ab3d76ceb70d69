"""What listeners see of an event, and what of their mistakes."""

import asyncio
import copy
import functools
import gc
import logging
import pickle
import threading
import weakref
from concurrent.futures import ThreadPoolExecutor

import pytest

from ibdesk.events import NO_VALUE, Event
from ibdesk.events import event as module


class Desk:
    """Has methods and is itself callable, to listen with."""

    def __init__(self, seen: list[object]) -> None:
        self.seen = seen

    def hear(self, value: object) -> None:
        self.seen.append(value)

    def __call__(self, value: object) -> None:
        self.seen.append(("called", value))


def test_listeners_are_called_in_order_with_all_arguments():
    event: Event[int, str] = Event("fill")
    seen: list[tuple[object, ...]] = []
    event += lambda number, text: seen.append(("first", number, text))
    event += lambda number, text: seen.append(("second", number, text))
    event.emit(1, "a")
    event(2, "b")
    assert seen == [("first", 1, "a"), ("second", 1, "a"), ("first", 2, "b"), ("second", 2, "b")]


def test_name_and_value():
    event: Event = Event()
    assert event.name() == "Event"
    assert event.value() is NO_VALUE
    assert not event.value()
    assert repr(event.value()) == "<NoValue>"
    event.emit(1)
    assert event.value() == 1
    event.emit(1, 2)
    assert event.value() == (1, 2)
    event.emit()
    assert event.value() is Event.NO_VALUE


def test_connecting_twice_calls_twice_and_disconnecting_ends_both():
    event: Event[int] = Event("fill")
    seen: list[int] = []
    event.connect(seen.append).connect(seen.append)
    event.emit(1)
    assert seen == [1, 1]
    assert len(event) == 2
    event -= seen.append
    event.emit(2)
    assert seen == [1, 1]
    event -= seen.append  # not connected: no error


def test_len_contains_clear_and_truth():
    event: Event[int] = Event("fill")
    seen: list[int] = []
    assert event, "an event without listeners is still true"
    event += seen.append
    assert seen.append in event
    assert [].append not in event
    assert len(event) == 1
    assert repr(event) == "Event<fill, 1 listeners>"
    event.clear()
    assert len(event) == 0
    assert seen.append not in event


@pytest.mark.parametrize("listener_of", [lambda desk: desk.hear, lambda desk: desk], ids=["method", "callable"])
def test_a_listener_goes_with_its_object(listener_of):
    seen: list[object] = []
    event: Event[int] = Event("fill")
    desk = Desk(seen)
    event += listener_of(desk)
    assert listener_of(desk) in event
    event.emit(1)
    assert len(seen) == 1
    del desk
    assert len(event) == 0
    event.emit(2)
    assert len(seen) == 1


def test_keep_ref_keeps_the_object():
    seen: list[object] = []
    event: Event[int] = Event("fill")
    desk = Desk(seen)
    event.connect(desk.hear, keep_ref=True)
    alive = weakref.ref(desk)
    assert desk.hear in event
    del desk
    event.emit(1)
    assert seen == [1]
    event -= alive().hear  # type: ignore[union-attr]
    assert len(event) == 0
    assert alive() is None


@pytest.mark.parametrize("keep", [True, False])
def test_methods_of_equal_objects_are_told_apart(keep: bool):
    class Equal(Desk):
        def __eq__(self, other: object) -> bool:
            return True

        __hash__ = None  # type: ignore[assignment]

    event: Event[int] = Event("fill")
    one, other = Equal([]), Equal([])
    event.connect(one.hear, keep_ref=keep)
    assert other.hear not in event
    event -= other.hear
    assert one.hear in event


def test_functions_lambdas_and_partials_are_kept():
    event: Event[int] = Event("fill")
    seen: list[tuple[str, int]] = []
    event += functools.partial(lambda name, value: seen.append((name, value)), "partial")
    event += lambda value: seen.append(("lambda", value))
    gc.collect()
    event.emit(1)
    assert seen == [("partial", 1), ("lambda", 1)]


def test_an_event_listens_to_another():
    first: Event[int] = Event("first")
    second: Event[int] = Event("second")
    first += second
    first += second.emit
    seen: list[int] = []
    second += seen.append
    first.emit(7)
    assert seen == [7, 7]


def test_an_event_does_not_keep_itself_alive_through_its_listeners():
    desk = Desk([])
    event: Event[int] = Event("fill")
    event += desk.hear
    alive = weakref.ref(event)
    del event
    assert alive() is None, "no reference cycle that would wait for the garbage collector"


def test_what_can_not_be_called_is_refused():
    with pytest.raises(ValueError, match="listener"):
        Event().connect(3)  # type: ignore[arg-type]


def test_disconnect_obj_removes_all_of_an_object():
    desk = Desk([])
    event: Event[int] = Event("fill")
    event.connect(desk.hear, error=lambda *_: None, done=desk)
    event.connect(desk.hear, keep_ref=True)
    event.connect(desk)
    event.connect(print)
    event.disconnect_obj(desk)
    assert len(event) == 1
    assert len(event.done_event) == 0
    assert len(event.error_event) == 1


def test_listeners_that_come_and_go_during_an_emit():
    event: Event[int] = Event("fill")
    seen: list[str] = []

    def first(_value: int) -> None:
        seen.append("first")
        event.disconnect(second).connect(third)

    def second(_value: int) -> None:
        seen.append("second")

    def third(_value: int) -> None:
        seen.append("third")

    event.connect(first).connect(second)
    event.emit(1)
    assert seen == ["first", "second"], "an emit goes to those who listened when it began"
    event.disconnect(first)
    event.emit(2)
    assert seen == ["first", "second", "third"]


def test_a_listener_that_raises_is_logged_and_stops_nobody(caplog: pytest.LogCaptureFixture):
    event: Event[int] = Event("fill")
    seen: list[int] = []
    errors: list[tuple[object, BaseException]] = []
    event += lambda value: 1 / value
    event += seen.append
    event.error_event.connect(lambda source, error: errors.append((source, error)))
    event.emit(0)
    assert seen == [0]
    [(source, error)] = errors
    assert source is event
    assert isinstance(error, ZeroDivisionError)
    [record] = caplog.records
    assert record.name.startswith("ibdesk")
    assert record.levelno == logging.ERROR
    assert "fill" in record.getMessage()
    assert record.exc_info is not None
    assert record.exc_info[1] is error


def test_an_error_listener_that_raises_is_logged_too(caplog: pytest.LogCaptureFixture):
    event: Event[int] = Event("fill")
    event.connect(lambda value: 1 / value, error=lambda source, error: [][0])
    event.emit(0)
    assert [type(record.exc_info[1]) for record in caplog.records if record.exc_info] == [ZeroDivisionError, IndexError]


def test_disconnect_takes_back_error_and_done():
    event: Event[int] = Event("fill")
    seen: list[int] = []
    event.connect(seen.append, error=print, done=print)
    event.disconnect(seen.append, error=print, done=print)
    assert len(event) == len(event.error_event) == len(event.done_event) == 0


def test_error_and_done_events_take_listeners_in_place():
    event: Event[int] = Event("fill")
    told: list[object] = []
    event.error_event += lambda source, error: told.append((source, type(error)))
    event.done_event += told.append
    event += lambda value: 1 / value
    event.emit(0)
    event.set_done()
    assert told == [(event, ZeroDivisionError), event]


def test_set_done_tells_once():
    event: Event[int] = Event("fill")
    told: list[object] = []
    event.connect(print, done=told.append)
    assert not event.done()
    event.set_done()
    event.set_done()
    assert event.done()
    assert event.done_event.done()
    assert told == [event]
    Event().set_done()  # nobody listens
    silent: Event[int] = Event()
    silent.disconnect_obj(event)


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, lambda event: pickle.loads(pickle.dumps(event))])
def test_a_copy_has_the_name_and_no_listeners(duplicate):
    event: Event[int] = Event("fill")
    event += print
    other = duplicate(event)
    assert (other.name(), len(other)) == ("fill", 0)


def test_once_calls_a_listener_once():
    event: Event[int] = Event("fill")
    seen: list[int] = []

    @event.once
    def hear(value: int) -> None:
        assert hear not in event
        seen.append(value)
        event.emit(value + 1)

    assert hear in event
    assert len(event) == 1
    event.emit(1)
    event.emit(3)
    assert seen == [1]
    assert len(event) == 0
    hear(0)  # it is still the function


def test_once_can_be_taken_back_and_does_not_touch_other_listeners():
    event: Event[int] = Event("fill")
    desk = Desk([])
    event += desk.hear
    event.once(desk.hear)
    event.emit(1)
    event.emit(2)
    assert desk.seen == [1, 1, 2]
    event.once(print)
    event -= print
    event.once(desk.hear)
    event.disconnect_obj(desk)
    assert len(event) == 0


def test_once_keeps_neither_object_nor_event():
    desk = Desk([])
    event: Event[int] = Event("fill")
    event.once(desk.hear)
    seen = desk.seen
    del desk
    assert len(event) == 0
    event.emit(1)
    assert seen == []
    event.once(lambda _value: None)
    alive = weakref.ref(event)
    del event
    assert alive() is None


def test_once_calls_once_when_a_listener_before_it_emits():
    event: Event[int] = Event("fill")
    seen: list[int] = []
    event.once(lambda value: event.emit(value + 1))
    event.once(seen.append)
    event.emit(1)
    assert seen == [2]


def test_once_takes_coroutine_functions():
    async def main() -> None:
        event: Event[int] = Event("fill")
        heard = asyncio.get_running_loop().create_future()

        @event.once
        async def hear(value: int) -> None:
            heard.set_result(value)

        event.emit(5)
        event.emit(6)
        assert await heard == 5

    asyncio.run(main())


def test_emit_threadsafe_emits_in_the_loop_of_the_listener():
    async def main() -> None:
        event: Event[int] = Event("fill")
        heard = asyncio.get_running_loop().create_future()
        event += lambda value: heard.set_result((value, threading.get_ident()))
        await asyncio.to_thread(event.emit_threadsafe, 5)
        assert await heard == (5, threading.get_ident())

    asyncio.run(main())


def test_emit_threadsafe_of_a_listener_without_a_loop(monkeypatch: pytest.MonkeyPatch):
    event: Event[int] = Event("fill")
    seen: list[int] = []
    with ThreadPoolExecutor(1) as thread:
        thread.submit(event.connect, seen.append).result()
    monkeypatch.setattr(module, "_last_loop", None)
    with pytest.raises(RuntimeError, match="fill"):
        event.emit_threadsafe(1)

    async def main() -> None:
        other: Event[int] = Event("other")
        other += print  # as a blocking call does
        await asyncio.to_thread(event.emit_threadsafe, 2)
        while not seen:
            await asyncio.sleep(0)

    asyncio.run(main())
    assert seen == [2]
    with pytest.raises(RuntimeError, match="fill"):
        event.emit_threadsafe(3)


def test_emit_threadsafe_knows_a_loop_that_was_set():
    loop = asyncio.new_event_loop()
    try:
        asyncio.set_event_loop(loop)
        event: Event[int] = Event("fill")
        event += lambda _value: loop.stop()
        event.emit_threadsafe(1)
        loop.run_forever()
        assert event.value() == 1
    finally:
        asyncio.set_event_loop(None)
        loop.close()


def test_an_event_that_gets_a_source_repeats_it():
    first: Event[int] = Event("first")
    second: Event[int] = Event("second")
    second.set_source(first)
    first.emit(7)
    assert second.value() == 7


def test_init_sets_events_on_an_object():
    desk = Desk([])
    Event.init(desk, ("openEvent", "closeEvent"))
    assert desk.openEvent.name() == "openEvent"  # type: ignore[attr-defined]
    assert desk.closeEvent.name() == "closeEvent"  # type: ignore[attr-defined]


def test_coroutine_listeners_run_and_are_kept_until_they_end():
    seen: list[int] = []

    async def main() -> None:
        event: Event[int] = Event("fill")
        gate, heard = asyncio.Event(), asyncio.Event()

        async def listener(value: int) -> None:
            await gate.wait()
            seen.append(value)
            heard.set()

        event += listener
        event.emit(5)
        await asyncio.sleep(0)
        gc.collect()
        gate.set()
        await asyncio.wait_for(heard.wait(), 10)

    asyncio.run(main())
    assert seen == [5]


def test_a_coroutine_listener_that_raises_is_logged(caplog: pytest.LogCaptureFixture):
    async def main() -> None:
        event: Event[int] = Event("fill")
        errors: Event = event.error_event

        async def listener(value: int) -> None:
            raise KeyError(value)

        event += listener
        event.emit(5)
        source, error = await errors
        assert source is event
        assert isinstance(error, KeyError)

    asyncio.run(main())
    [record] = caplog.records
    assert "fill" in record.getMessage()


def test_a_coroutine_listener_that_is_cancelled_is_no_error(caplog: pytest.LogCaptureFixture):
    async def main() -> None:
        event: Event = Event("fill")
        event += lambda: asyncio.sleep(3600)
        event.emit()

    asyncio.run(main())
    assert caplog.records == []


def test_await_gives_the_next_value():
    async def main() -> None:
        event: Event = Event("fill")
        loop = asyncio.get_running_loop()
        for args, value in [((1,), 1), ((1, 2), (1, 2)), ((), NO_VALUE)]:
            loop.call_soon(event.emit, *args)
            loop.call_soon(event.emit, "too late")
            assert await event == value
            assert len(event) == 0

    asyncio.run(main())


def test_await_raises_what_a_listener_raises_and_when_the_event_ends(caplog: pytest.LogCaptureFixture):
    async def main() -> None:
        event: Event[int] = Event("fill")
        loop = asyncio.get_running_loop()
        event += lambda value: 1 / value
        loop.call_soon(event.emit, 0)
        with pytest.raises(ZeroDivisionError):
            await event
        loop.call_soon(event.set_done)
        with pytest.raises(ValueError, match="ended"):
            await event
        with pytest.raises(ValueError, match="already done"):
            await event

    asyncio.run(main())
    assert len(caplog.records) == 1


def test_a_wait_that_is_cancelled_leaves_no_listener():
    async def main() -> None:
        event: Event[int] = Event("fill")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(event, 0.001)
        assert len(event) == 0

    asyncio.run(main())


@pytest.mark.parametrize(
    ("options", "values"),
    [
        ({}, [1, (2, 3), NO_VALUE]),
        ({"tuples": True}, [(1,), (2, 3), ()]),
    ],
)
def test_async_for_gives_every_value_until_the_end(options, values):
    async def main() -> None:
        event: Event = Event("fill")

        def feed() -> None:
            event.emit(1)
            event.emit(2, 3)
            event.emit()
            event.set_done()

        asyncio.get_running_loop().call_soon(feed)
        assert [value async for value in event.aiter(**options)] == values
        assert len(event) == 0
        assert [value async for value in event] == [], "it has ended"

    asyncio.run(main())


def test_async_for_can_skip_to_the_last():
    async def main() -> None:
        event: Event[int] = Event("fill")
        values = event.aiter(skip_to_last=True)

        def feed() -> None:
            for number in range(5):
                event.emit(number)

        asyncio.get_running_loop().call_soon(feed)
        assert await anext(values) == 4
        await values.aclose()  # type: ignore[attr-defined]
        assert len(event) == 0

    asyncio.run(main())


def test_async_for_raises_what_a_listener_raises():
    async def main() -> None:
        event: Event[int] = Event("fill")
        event += lambda value: 1 / value
        asyncio.get_running_loop().call_soon(event.emit, 0)
        with pytest.raises(ZeroDivisionError):
            async for _ in event:
                pass

    asyncio.run(main())
