"""What operators make of events: the cases that eventkit shares, then errors, ends, and what eventkit gets wrong."""

import asyncio
import copy
import datetime as dt
import gc
import logging
import pickle
import subprocess
import sys
import time
import weakref
from collections.abc import AsyncIterator
from typing import Any

import pytest
from events.operator_cases import END, ONE_TO_FIVE, PUSHED, TIMED, Pushed, Timed, is_even, trace_pushed, trace_timed
from runtime.simulated import run

from ibdesk.events import NO_VALUE, Event, Op
from ibdesk.extras import eventkit


@pytest.mark.parametrize("case", PUSHED.values(), ids=PUSHED)
def test_pushed(case: Pushed):
    assert trace_pushed(eventkit, case) == case.expected


@pytest.mark.parametrize("case", TIMED.values(), ids=TIMED)
def test_timed(case: Timed):
    assert trace_timed(eventkit, case) == case.expected


def pushed(build: Any, given: Any = ONE_TO_FIVE) -> list[Any]:
    return trace_pushed(eventkit, Pushed(lambda _kit, source: build(source), [], given))


def timed(build: Any) -> list[tuple[float, Any]]:
    return trace_timed(eventkit, Timed(lambda _kit: build(), []))


def ended() -> Event[Any]:
    event: Event[Any] = Event("ended")
    event.set_done()
    return event


# The package


def test_operators_are_imported_when_they_are_used():
    program = """
import sys, ibdesk
loaded = {name for name in sys.modules if name.startswith("ibdesk.events.")}
assert loaded == {f"ibdesk.events.{name}" for name in ("event", "listeners", "methods", "values")}, loaded
ibdesk.Event().min()
assert "ibdesk.events.aggregate" in sys.modules
assert "ibdesk.events.create" not in sys.modules
assert "numpy" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", program], check=True)


def test_operators_have_the_name_of_their_class():
    async def main() -> None:
        assert Event("a").min().name() == "Min"
        assert Event.timer(1).name() == "Timer"
        assert Event.range(1).name() == "Range"
        assert Event.wait(asyncio.sleep(0)).name() == "wait"

        async def letters() -> AsyncIterator[str]:
            yield "a"

        assert "letters" in Event.aiterate(letters()).name()

    run(main())


# Connecting


def test_the_source_keeps_its_operators_and_lets_go_of_them_at_the_end():
    source: Event[int] = Event("source")
    seen: list[int] = []
    source.map(lambda value: value + 1).filter(is_even).connect(seen.append)
    taken = source.take(1)
    gc.collect()
    source.emit(1)
    assert seen == [2]
    assert len(source) == 1
    alive = weakref.ref(taken)
    del taken
    gc.collect()
    assert alive() is None
    source.set_done()
    assert len(source) == 0
    assert len(source.error_event) == len(source.done_event) == 0


def test_an_operator_that_is_connected_gets_its_source():
    source: Event[int] = Event("source")
    seen: list[int] = []
    total: eventkit.Sum = eventkit.Sum()
    total += seen.append
    source += total
    source.emit(1)
    source.emit(2)
    assert seen == [1, 3]


def test_a_source_goes_to_the_head_of_a_chain():
    source: Event[int] = Event("source")
    head: Event[int] = Event("head")
    seen: list[int] = []
    chain = head.map(lambda value: value * 2)
    chain += seen.append
    source.pipe(chain)
    source.emit(2)
    assert seen == [4]


def test_a_source_passes_nested_maps_on_its_way_to_the_head():
    source: Event[int] = Event("source")
    head: Event[int] = Event("head")
    nested: Event[str] = Event("nested")
    chain = head.mergemap(lambda _value: nested)
    source.pipe(chain)
    source.emit(1)
    nested.emit("a")
    assert chain.value() == "a"


def test_a_source_may_be_anything_that_makes_an_event():
    async def letters() -> AsyncIterator[str]:
        yield "a"
        yield "b"

    class Numbers:
        def __aiter__(self) -> AsyncIterator[Any]:
            return letters()

    async def answer() -> int:
        return 42

    event: Event[int] = Event("event")
    assert Event.create(event) is event
    assert Event.create(lambda: event) is event
    assert timed(lambda: Op(letters)) == [(0, "a"), (0, "b"), (0, END)]
    assert timed(lambda: Event.create(Numbers)) == [(0, "a"), (0, "b"), (0, END)]
    assert timed(lambda: Event.create(Numbers())) == [(0, "a"), (0, "b"), (0, END)]
    assert timed(lambda: Event.create(answer)) == [(0, 42), (0, END)]
    with pytest.raises(ValueError, match="'abc'"):
        Event.create("abc")


def test_a_source_that_has_ended_ends_its_operators():
    for build in (
        lambda source: source.map(str),
        lambda source: source.list(),
        lambda source: source.takeuntil(Event()),
        lambda source: source.sample(Event()),
        lambda source: source.chunkwith(Event()),
        lambda source: source.mergemap(lambda value: source),
        lambda source: source.merge(ended()),
        lambda source: source.concat(),
        lambda source: source.zip(Event()),
        lambda source: source.ziplatest(ended()),
        lambda source: source.errors(),
        lambda source: source.throttle(1, 1),
    ):
        assert build(ended()).done()
    assert eventkit.Fork().merge().done()
    assert eventkit.Fork().ziplatest().done()
    timer: Event[int] = Event()
    ended().sample(timer)
    assert len(timer) == 0


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, lambda event: pickle.loads(pickle.dumps(event))])
def test_a_copy_of_an_operator_is_an_event_without_a_source(duplicate: Any):
    source: Event[int] = Event("source")
    other = duplicate(source.map(str))
    assert type(other) is Event
    assert other.name() == "Map"
    assert len(source) == 1


def test_no_value_is_one_object():
    assert copy.deepcopy(NO_VALUE) is NO_VALUE
    assert pickle.loads(pickle.dumps(NO_VALUE)) is NO_VALUE


# Errors


def test_an_error_goes_down_the_pipeline_and_is_logged_once(caplog: pytest.LogCaptureFixture):
    source: Event[int] = Event("source")
    seen: list[Any] = []
    errors: list[Any] = []
    result = source.map(lambda value: 1 // value).merge(Event()).delay(0).list()
    inverse = source.map(lambda value: 1 // value)
    inverse.filter().connect(seen.append, errors.append).error_event.connect(
        lambda event, error: errors.append((event, error))
    )
    inverse.errors().connect(lambda event, error: errors.append(("errors", error)))
    del result
    source.emit(1)
    source.disconnect_obj(inverse)
    assert seen == [1]
    assert caplog.records == []


def test_errors_emits_them_and_end_on_error_ends(caplog: pytest.LogCaptureFixture):
    source: Event[int] = Event("source")
    inverse = source.map(lambda value: 1 // value)
    errors: list[Any] = []
    values: list[Any] = []
    last = inverse.filter(lambda _value: True).end_on_error()
    last.connect(values.append, lambda event, error: errors.append((event, type(error))), values.append)
    told = inverse.errors()
    told += lambda event, error: errors.append(("told", event, type(error)))
    source.emit(1)
    source.emit(0)
    source.emit(1)
    assert values == [1, last]
    assert last.done()
    assert sorted(errors, key=len) == [(source, ZeroDivisionError), ("told", source, ZeroDivisionError)]
    [record] = caplog.records
    assert record.exc_info is not None
    assert isinstance(record.exc_info[1], ZeroDivisionError)


def test_waiting_on_an_operator_raises_the_error_of_its_function(caplog: pytest.LogCaptureFixture):
    async def main() -> None:
        source = Event.sequence([1, 0])
        with pytest.raises(ZeroDivisionError):
            async for value in source.map(lambda value: 1 // value).filter():
                assert value == 1
        with pytest.raises(ValueError, match="ended"):
            await Event.sequence([]).last()

    run(main())
    assert len(caplog.records) == 1


def test_map_emits_no_value_for_a_task_that_fails(caplog: pytest.LogCaptureFixture):
    async def inverse(value: int) -> float:
        await asyncio.sleep(abs(value))
        return 1 / value

    errors: list[Any] = []

    def build() -> Event[Any]:
        event = Event.sequence([2, 0, 9]).map(inverse, timeout=3)
        return event.connect(lambda _value: None, lambda source, error: errors.append((source is event, type(error))))

    assert timed(build) == [(2, 0.5), (2, "NO_VALUE"), (3, "NO_VALUE"), (3, END)]
    assert errors == [(True, ZeroDivisionError), (True, TimeoutError)]
    assert [record.getMessage() for record in caplog.records] == ["A task of Map failed"] * 2


def test_map_takes_futures_and_hands_on_events():
    async def main() -> None:
        loop = asyncio.get_running_loop()
        future = loop.create_future()
        loop.call_later(1, future.set_result, 7)
        assert await Event.sequence([future]).map(lambda each: each) == 7
        event: Event[int] = Event()
        assert await Event.sequence([event]).map(lambda each: each) is event

    run(main())


def test_map_drops_a_task_that_is_cancelled(caplog: pytest.LogCaptureFixture):
    async def main() -> None:
        future = asyncio.get_running_loop().create_future()
        source: Event[int] = Event("source")
        results = source.map(lambda _value: future)
        source.emit(1)
        source.set_done()
        assert not results.done()
        future.cancel()
        with pytest.raises(ValueError, match="ended"):
            await results
        assert results.value() is NO_VALUE

    run(main())
    assert caplog.records == []


def test_errors_of_nested_events_are_errors_of_the_result(caplog: pytest.LogCaptureFixture):
    async def broken(value: int) -> AsyncIterator[int]:
        yield value
        raise KeyError(value)

    errors: list[Any] = []

    def build() -> Event[Any]:
        event = Event.range(2).mergemap(broken)
        return event.connect(lambda _value: None, lambda _source, error: errors.append(repr(error)))

    assert timed(build) == [(0, 0), (0, 1), (0, END)]
    assert errors == ["KeyError(0)", "KeyError(1)"]
    assert len(caplog.records) == 2


def test_delay_delays_errors_and_keeps_the_order():
    trace: list[Any] = []

    async def main() -> None:
        source: Event[int] = Event("source")
        delayed = source.delay(5)
        delayed.connect(
            trace.append, lambda _source, error: trace.append(repr(error)), lambda _event: trace.append(END)
        )
        for number in range(50):
            source.emit(number)
        source.error_event.emit(source, KeyError(1))
        source.set_done()
        assert trace == []
        with pytest.raises(KeyError):
            await delayed.list()

    run(main())
    assert trace == [*range(50), "KeyError(1)", END]


# Ends, and arguments at their limits


def test_counts_of_zero():
    assert pushed(lambda source: source.skip(0)) == [*ONE_TO_FIVE, END]
    assert Event().take(0).done()


def test_take_counts_what_its_listeners_cause():
    source: Event[int] = Event("source")
    seen: list[int] = []
    source.take(2).connect(lambda value: (seen.append(value), source.emit(value + 1)))
    source.emit(1)
    assert seen == [1, 2]


def test_last_of_nothing_is_nothing():
    assert pushed(lambda source: source.last(), []) == [END]


def test_unique_compares_the_keys():
    assert pushed(lambda source: source.unique(lambda value: value % 2)) == [(1,), (2,), END]


def test_takeuntil_goes_on_when_the_notifier_ends():
    notifier: Event[int] = Event("notifier")
    source: Event[int] = Event("source")
    seen: list[int] = []
    source.takeuntil(notifier).connect(seen.append)
    notifier.set_done()
    source.emit(1)
    assert seen == [1]


def test_ema_needs_a_weight():
    with pytest.raises(ValueError, match="weight"):
        Event().ema()


def test_the_sum_of_an_array_can_start_anywhere():
    assert pushed(lambda source: source.array(2).sum(10)) == [(11,), (13,), (15,), (17,), (19,), END]


def test_the_deviation_of_one_value_is_not_known():
    [(value,), _] = pushed(lambda source: source.array().std(), [(1,)])
    assert value != value


def test_copies_are_copies():
    inner = [1]
    for method, same in (("copy", True), ("deepcopy", False)):
        source: Event[list[Any]] = Event("source")
        seen: list[Any] = []
        getattr(source, method)().connect(seen.append)
        given = [inner]
        source.emit(given)
        assert seen == [[[1]]]
        assert seen[0] is not given
        assert (seen[0][0] is inner) is same


@pytest.mark.parametrize("joiner", ["merge", "chain", "concat", "switch"])
def test_sources_that_have_ended_are_left_out(joiner: str):
    assert pushed(lambda source: getattr(ended(), joiner)(source, ended())) == [*ONE_TO_FIVE, END]


def test_merge_counts_a_source_that_is_given_twice_twice():
    assert pushed(lambda source: source.merge(source), ONE_TO_FIVE[:2]) == [(1,), (1,), (2,), (2,), END]


@pytest.mark.parametrize("joiner", ["concat", "switch"])
def test_a_source_that_is_given_twice_has_one_place(joiner: str):
    assert pushed(lambda source: getattr(source, joiner)(source), ONE_TO_FIVE[:2]) == [(1,), (2,), END]


def test_ziplatest_knows_the_values_of_sources_that_have_ended():
    old = Event[int]("old")
    old.emit(7)
    old.set_done()
    assert pushed(lambda source: old.ziplatest(source), [(1,)]) == [(7, 1), END]


def test_zip_ends_as_soon_as_a_source_has_no_more():
    source: Event[int] = Event("source")
    endless: Event[int] = Event("endless")
    pairs = source.zip(endless)
    source.emit(1)
    source.set_done()
    assert not pairs.done()
    endless.emit(2)
    assert pairs.value() == (1, 2)
    assert pairs.done()
    assert len(endless) == 0


def test_a_zip_that_has_ended_within_an_emit_is_not_called_again():
    source: Event[int] = Event("source")
    pairs = source.take(1).zip(source, source)
    seen: list[Any] = []
    pairs += lambda *values: seen.append(values)
    source.emit(1)
    source.emit(2)
    assert seen == [(1, 1, 1)]


def test_a_chain_keeps_its_order_when_listeners_emit():
    first: Event[int] = Event("first")
    second: Event[int] = Event("second")
    seen: list[int] = []

    def hear(value: int) -> None:
        seen.append(value)
        if value == 10:
            second.emit(12)

    first.chain(second).connect(hear)
    second.emit(10)
    second.emit(11)
    first.set_done()
    assert seen == [10, 11, 12]


def test_nested_maps_can_stand_in_a_pipe():
    async def twice(value: int) -> AsyncIterator[int]:
        yield value
        yield value

    given = lambda: Event.range(2).pipe(eventkit.Chainmap(twice), eventkit.Sum)  # noqa: E731
    assert timed(given) == [(0, 0), (0, 0), (0, 1), (0, 2), (0, END)]


def test_a_joiner_waits_for_its_parent():
    parent: Event[int] = Event("parent")
    child: Event[int] = Event("child")
    result = parent.mergemap(lambda _value: child)
    parent.emit(1)
    child.set_done()
    assert not result.done()
    parent.set_done()
    assert result.done()


# Events out of nothing


def test_repeat_emits_its_value():
    assert timed(lambda: Event.repeat(7, 2, interval=3)) == [(0, 7), (3, 7), (3, END)]
    assert timed(Event.repeat) == [(0, "NO_VALUE"), (0, END)]


def test_times_of_a_sequence_are_since_its_start():
    assert timed(lambda: Event.sequence("abc", times=[1, 5, 6])) == [(1, "a"), (5, "b"), (6, "c"), (6, END)]


def test_wait_takes_all_that_can_be_awaited(caplog: pytest.LogCaptureFixture):
    def done() -> "asyncio.Future[int]":
        future = asyncio.get_running_loop().create_future()
        future.set_result(7)
        return future

    assert timed(lambda: Event.wait(asyncio.sleep(2, 7))) == [(2, 7), (2, END)]
    assert timed(lambda: Event.wait(done())) == [(0, 7), (0, END)]
    assert timed(lambda: Event.wait(Event.timer(3))) == [(3, 3), (3, END)]
    assert caplog.records == []


def test_wait_for_what_fails(caplog: pytest.LogCaptureFixture):
    async def fail() -> int:
        raise KeyError("fill")

    errors: list[str] = []

    def build() -> Event[Any]:
        return Event.wait(fail()).connect(lambda _value: None, lambda _event, error: errors.append(repr(error)))

    assert timed(build) == [(0, "NO_VALUE"), (0, END)]
    assert errors == ["KeyError('fill')"]
    [record] = caplog.records
    assert record.levelno == logging.ERROR


def test_wait_for_what_is_cancelled_or_does_not_matter_any_more(caplog: pytest.LogCaptureFixture):
    async def main() -> None:
        loop = asyncio.get_running_loop()
        future, other = loop.create_future(), loop.create_future()
        waiting, given_up = Event.wait(future), Event.wait(other)
        given_up.set_done()
        future.cancel()
        other.set_result(7)
        with pytest.raises(ValueError, match="ended"):
            await waiting
        assert given_up.value() is NO_VALUE

    run(main())
    assert caplog.records == []


def test_a_timer_stops_when_it_is_told_that_it_is_done():
    async def main() -> None:
        timer = Event.timer(1)
        assert await timer == 1
        timer.set_done()
        await asyncio.sleep(0)
        assert len(asyncio.all_tasks()) == 1
        other = Event.timer(1)
        other += lambda _value: other.set_done()
        await asyncio.sleep(3)
        assert other.value() == 1
        assert len(asyncio.all_tasks()) == 1

    run(main())


def test_a_timer_can_be_stopped_where_no_loop_runs():
    loop = asyncio.new_event_loop()
    try:
        asyncio.set_event_loop(loop)
        timer = Event.timer(1)
        timer.set_done()
        loop.run_until_complete(asyncio.sleep(0))
        assert asyncio.all_tasks(loop) == set()
    finally:
        asyncio.set_event_loop(None)
        loop.close()


def test_what_is_not_kept_lives_until_it_ends():
    seen: list[int] = []

    async def main() -> None:
        Event.range(3, interval=1).connect(seen.append)
        Event.timer(1, 3).map(lambda number: number * 10).connect(seen.append)
        gc.collect()
        await asyncio.sleep(5)

    run(main())
    assert seen == [0, 10, 1, 20, 2, 30]


def test_a_time_range_emits_each_point_when_it_comes():
    async def points(*args: Any) -> list[Any]:
        event = Event.timerange(*args).take(3)
        return [value async for value in event]

    now = dt.datetime.now()
    first, second, third = run(points(0, None, 0.5), None)
    assert second - first == third - second == dt.timedelta(seconds=0.5)
    assert first.microsecond in (0, 500_000)
    assert dt.timedelta(0) <= first - now < dt.timedelta(seconds=2)

    zone = dt.timezone(dt.timedelta(hours=3))
    start = dt.datetime.now(zone) - dt.timedelta(hours=1, minutes=30)
    first, second, third = run(points(start, None, dt.timedelta(hours=1)), None)
    assert first == start + dt.timedelta(hours=2)
    assert third.tzinfo is zone
    assert len(run(points(start, 80 * 60, 3600), None)) == 1
    begin = dt.datetime.now() + dt.timedelta(seconds=30)
    assert run(points(begin, begin + dt.timedelta(seconds=1)), None) == [begin, begin + dt.timedelta(seconds=1)]
    assert run(points(begin, begin - dt.timedelta(seconds=1)), None) == []
    tonight = run(points(dt.time(0), None, 24 * 3600), None)[0]
    assert tonight.time() == dt.time(0)


# Time


def test_throttle_tells_when_emits_wait():
    async def main() -> None:
        source = Event.sequence([0, 1, 2, 3, 4, 5], times=[0, 0, 0, 20, 20, 20])
        throttled = source.throttle(3, 10)
        trace: list[Any] = []
        throttled.status_event.connect(trace.append, None, lambda _event: trace.append(END))
        throttled.connect(trace.append)
        await throttled.list()
        assert trace == [0, 1, True, 2, False, 3, 4, True, 5, False, END]

    run(main())


def test_throttle_emits_what_no_limit_allows_alone():
    assert timed(lambda: Event.range(2).throttle(1, 5)) == [(0, 0), (5, 1), (5, END)]


def test_the_limit_of_a_throttle_can_be_changed():
    def build() -> Event[Any]:
        throttled = Event.range(5).throttle(2, 5)
        throttled.connect(lambda value: throttled.set_limit(0, 5) if value == 1 else None)
        return throttled

    assert timed(build) == [(0, 0), (5, 1), (5, 2), (5, 3), (5, 4), (5, END)]


def test_throttle_keeps_order_and_status_when_listeners_emit():
    async def main() -> None:
        source: Event[int] = Event("source")
        throttled = source.throttle(3, 10)
        trace: list[Any] = []
        throttled.status_event.connect(trace.append)

        def hear(value: int) -> None:
            trace.append(value)
            if value == 0:
                source.emit(1)
                source.emit(2)
                source.emit(3)

        throttled.connect(hear)
        source.emit(0)
        source.set_done()
        while not throttled.done():
            await asyncio.sleep(1)
        assert trace == [0, 1, True, 2, 3, False]

    run(main())


def test_timestamps_are_seconds_since_1970():
    before = time.time()
    [((stamp, value)), (_, several), _] = pushed(lambda source: source.timestamp(), [(1,), (2, 3)])
    assert before <= stamp <= time.time()
    assert (value, several) == (1, (2, 3))


def test_a_timeout_is_given_up_with_its_source():
    async def main() -> None:
        source: Event[int] = Event("source")
        event = source.timeout(5)
        source.set_done()
        assert event.done()
        await asyncio.sleep(10)
        assert event.value() is NO_VALUE
        other: Event[int] = Event("other")
        ran_out = other.timeout(5)
        await ran_out
        assert ran_out.done()
        assert len(other) == 0

    run(main())


def test_a_debounce_without_anything_to_emit_ends_at_once():
    assert pushed(lambda source: source.debounce(1), []) == [END]


def test_a_sample_of_nothing_is_nothing():
    assert timed(lambda: Event.timer(10, 1).sample(Event.timer(3))) == [(10, END)]


# Running


def test_run_gives_all_values_of_an_event():
    loop = asyncio.new_event_loop()
    try:
        asyncio.set_event_loop(loop)
        assert Event.range(3).map(lambda value: value * 2).run() == [0, 2, 4]
    finally:
        asyncio.set_event_loop(None)
        loop.close()
