"""Events, operators and streams of ticks beside those of ib_async: eventkit 2.1.0 and `ib_async.ticker`.

The tests named `test_differs_...` are all that differs.
"""

import asyncio
import copy
import inspect
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from types import ModuleType, SimpleNamespace
from typing import Any
from unittest import mock

import pytest
from events.operator_cases import END, ONE_TO_FIVE, PUSHED, TIMED, Pushed, Timed, plain, trace_pushed, trace_timed
from hypothesis import given
from hypothesis import strategies as st
from oracles import ib_async
from runtime.simulated import run

from ibdesk.client.state import ticker
from ibdesk.events import Event
from ibdesk.extras import eventkit
from ibdesk.model.quotes import TickData
from ibdesk.runtime.simulated_loop import SimulatedLoop

THEIRS = ib_async()
EVENTKIT = __import__("eventkit")  # comes with ib_async's oracle
OUR_KIT: Any = eventkit

Traces = tuple[list[Any], list[Any]]


@contextmanager
def simulated_time() -> Iterator[None]:
    """Has eventkit ask the running loop for the time, and not look for another loop."""
    clock = SimpleNamespace(time=lambda: asyncio.get_running_loop().time())
    modules: list[ModuleType] = [EVENTKIT.event, EVENTKIT.ops.create, EVENTKIT.ops.timing]
    with mock.patch.object(EVENTKIT.ops.create, "time", clock):
        patches = [mock.patch.object(module, "get_event_loop", asyncio.get_running_loop) for module in modules]
        for patch in patches:
            patch.start()
        try:
            yield
        finally:
            for patch in patches:
                patch.stop()


def pushed(build: Callable[[Any, Any], Any], given: Any = ONE_TO_FIVE) -> Traces:
    case = Pushed(build, [], given)
    return trace_pushed(OUR_KIT, case), trace_pushed(EVENTKIT, case)


def timed(build: Callable[[Any], Any]) -> Traces:
    case = Timed(build, [])
    with simulated_time():
        return trace_timed(OUR_KIT, case), trace_timed(EVENTKIT, case)


# --- names and signatures ---------------------------------------------------------------------------------------------


def parameters(function: Any) -> list[tuple[str, str, Any]]:
    """Name, kind and default of each; `__init__` of a class without `self`."""
    return [
        (name, parameter.kind.name, parameter.default)
        for name, parameter in inspect.signature(function).parameters.items()
        if name != "self"
    ]


# ib_async gives these to all dataclasses that it exports, and Event is one in aeventkit 2.1.0.
ACCIDENTAL = {"dict", "nonDefaults", "tuple", "update"}


def public(noun: Any) -> dict[str, Any]:
    return {name: getattr(noun, name) for name in dir(noun) if not name.startswith("_") and name not in ACCIDENTAL}


def test_an_event_has_all_of_eventkits():
    theirs, ours = public(EVENTKIT.Event), public(Event)
    assert theirs.keys() - ours.keys() == set()
    assert ours.keys() - theirs.keys() == {"once"}
    special = ("__iadd__", "__isub__", "__call__", "__or__", "__len__", "__bool__", "__getitem__", "__await__")
    for name in (*special, "__aiter__", "__contains__", "__reduce__"):
        assert hasattr(EVENTKIT.Event, name) and hasattr(Event, name)


METHODS = [name for name, value in public(EVENTKIT.Event).items() if inspect.isfunction(value)]
RENAMED = {
    "reduce": "its default, NO_VALUE, is one of each library",
    "repeat": "the same",
    "dropwhile": "its default is operator.not_, not a lambda that does the same",
    "sum": None,
}


@pytest.mark.parametrize("name", METHODS)
def test_methods_take_what_eventkits_take(name: str):
    ours, theirs = (parameters(getattr(kit, name)) for kit in (Event, EVENTKIT.Event))
    if name in RENAMED:
        ours, theirs = ([each[:2] for each in side] for side in (ours, theirs))
    assert ours == theirs
    for kit in (Event, EVENTKIT.Event):
        assert isinstance(inspect.getattr_static(kit, name), staticmethod) is isinstance(
            inspect.getattr_static(EVENTKIT.Event, name), staticmethod
        )


CLASSES = [name for name, value in public(EVENTKIT).items() if inspect.isclass(value) and name != "Event"]


@pytest.mark.parametrize("name", CLASSES)
def test_operator_classes_take_what_eventkits_take(name: str):
    ours, theirs = ([each[:2] for each in parameters(getattr(kit, name))] for kit in (OUR_KIT, EVENTKIT))
    if name in ("Fork", "Aiterate"):  # a list; a name can be given
        assert ours[: len(theirs)] == theirs or theirs == []
    else:
        assert ours == theirs
    assert public(getattr(EVENTKIT, name)).keys() - public(getattr(OUR_KIT, name)).keys() <= {"on_source_s"}


# --- what operators do ------------------------------------------------------------------------------------------------

FAULTS = {"takeuntil": "emits once more after its end, when the notifier stands before it"}


@pytest.mark.parametrize("name", PUSHED)
def test_pushed(name: str):
    theirs = trace_pushed(EVENTKIT, PUSHED[name])
    assert (theirs == PUSHED[name].expected) is (name not in FAULTS)


@pytest.mark.parametrize("name", TIMED)
def test_timed(name: str):
    with simulated_time():
        assert trace_timed(EVENTKIT, TIMED[name]) == TIMED[name].expected


NUMBERS = st.lists(st.integers(-3, 3).map(lambda number: (number,)), max_size=12)
ANY_PIPELINE = st.lists(
    st.sampled_from(
        [
            lambda event: event.filter(),
            lambda event: event.skip(2),
            lambda event: event.take(5),
            lambda event: event.takewhile(lambda value: value != 2),
            lambda event: event.dropwhile(lambda value: value != 2),
            lambda event: event.changes(),
            lambda event: event.unique(),
            lambda event: event.map(lambda value: value + 1),
            lambda event: event.count(),
            lambda event: event.sum(),
            lambda event: event.max(),
            lambda event: event.ema(3),
            lambda event: event.previous(),
            lambda event: event.pairwise().map(lambda before, now: now - before),
            lambda event: event.enumerate().pluck(1),
            lambda event: event.pack().star(),
            lambda event: event.chunk(3).map(sum),
            lambda event: event.deque(3).map(sum),
            lambda event: event.merge(event.filter()),
            lambda event: event.chain(event.take(2)),
        ]
    ),
    max_size=4,
)


@given(NUMBERS, ANY_PIPELINE)
def test_pipelines(given: list[Any], stages: list[Any]):
    def build(_kit: Any, source: Any) -> Any:
        for stage in stages:
            source = stage(source)
        return source

    ours, theirs = pushed(build, given)
    assert ours == theirs


def test_an_event_of_eventkit_can_be_a_source_or_a_timer():
    async def main() -> None:
        theirs = EVENTKIT.Event("theirs")
        ours = Event.create(theirs).map(lambda one, other: one + other)
        waiting = asyncio.ensure_future(ours)
        while not len(theirs):
            await asyncio.sleep(0)
        theirs.emit(1, 2)
        with pytest.raises(TypeError):
            await waiting  # several arguments come as one tuple
        source: Event[int] = Event("source")
        sampled = source.sample(theirs)
        source.emit(7)
        theirs.emit()
        assert sampled.value() == 7

    run(main())


# --- the ticks of a ticker --------------------------------------------------------------------------------------------


def test_ticker_classes():
    for name in (
        "TickerUpdateEvent",
        "Tickfilter",
        "Midpoints",
        "Bar",
        "BarList",
        "TimeBars",
        "TickBars",
        "VolumeBars",
    ):
        ours, theirs = getattr(ticker, name), getattr(THEIRS.ticker, name)
        assert public(theirs).keys() - public(ours).keys() == set()
        if name not in ("TickerUpdateEvent",):
            assert [each[:2] for each in parameters(ours)] == [each[:2] for each in parameters(theirs)]
    assert repr(ticker.Bar(None)) == repr(THEIRS.ticker.Bar(None))


TICKS = st.lists(
    st.lists(
        st.tuples(
            st.sampled_from([0, 1, 2, 3, 4, 5, 8, 48, 66, 67, 68, 69, 70, 71]),
            st.sampled_from([9.5, 10.0, 10.25, 11.0]),
            st.sampled_from([1.0, 2.0, 5.0]),
        ),
        max_size=4,
    ).map(tuple)
    | st.just("timer"),
    max_size=12,
)
STREAMS = st.sampled_from(["trades", "bids", "asks", "bidasks", "midpoints"])
BARS = st.sampled_from([None, ("tickbars", 1), ("tickbars", 3), ("volumebars", 4), ("timebars", None)])


def trace_of_ticks(library: Any, kit: Any, tick_data: Any, script: Any, stream: str, bars: Any) -> list[Any]:
    """All that a stream of ticks emits, the bars' own updates too."""
    one = library.Ticker(bid=9.5, bidSize=1, ask=11.0, askSize=1)
    one.bid, one.bidSize, one.ask, one.askSize = 9.5, 1, 11.0, 1  # ib_async forgets those of the constructor
    timer, trace = kit.Event("timer"), []
    event = getattr(one.updateEvent, stream)()
    if bars is not None:
        name, limit = bars
        event = getattr(event, name)(timer if limit is None else limit)
        event.bars.updateEvent += lambda bars, is_new: trace.append(("update", repr(list(bars)), is_new))
    event += lambda *args: trace.append(repr([list(arg) if isinstance(arg, list) else arg for arg in args]))
    now = datetime(2025, 11, 14, 15, 30, tzinfo=UTC)
    for batch in script:
        now += timedelta(seconds=1)
        if batch == "timer":
            timer.emit(now)
        else:
            one.time, one.ticks = now, [tick_data(now, *tick) for tick in batch]
            one.updateEvent.emit(one)
    timer.set_done()
    return [*trace, event.done()]


@given(TICKS, STREAMS, BARS)
def test_streams_of_ticks(script: Any, stream: str, bars: Any):
    ours = trace_of_ticks(ticker, OUR_KIT, TickData, script, stream, bars)
    theirs = trace_of_ticks(THEIRS.ticker, EVENTKIT, THEIRS.objects.TickData, script, stream, bars)
    assert ours == theirs


# --- differences ------------------------------------------------------------------------------------------------------


def test_differs_errors_that_nobody_listens_for_are_logged(caplog: pytest.LogCaptureFixture):
    for kit in (EVENTKIT, OUR_KIT):
        event = kit.Event("fill")
        event += lambda value: 1 // value
        event.emit(0)
    assert [record.name for record in caplog.records] == ["ibdesk.events"]


def test_differs_events_are_equal_only_to_themselves():
    assert EVENTKIT.Event("fill") == EVENTKIT.Event("fill")
    assert Event("fill") != Event("fill")


def test_differs_repeat_repeats_its_value():
    ours, theirs = timed(lambda kit: kit.Event.repeat(7, 2).take(3))
    assert ours == [(0, 7), (0, 7), (0, END)]
    assert theirs == [(0, 2), (0, 2), (0, 2), (0, END)]


def test_differs_times_of_a_sequence_do_not_add_up():
    ours, theirs = timed(lambda kit: kit.Event.sequence("ab", times=[1, 5]))
    assert ours == [(1, "a"), (5, "b"), (5, END)]
    assert theirs == [(1, "a"), (7, "b"), (7, END)]


def test_differs_unique_compares_the_keys():
    ours, theirs = pushed(lambda kit, source: source.unique(lambda value: value % 2))
    assert ours == [(1,), (2,), END]
    assert theirs == [*ONE_TO_FIVE, END]


def test_differs_skip_of_nothing():
    ours, theirs = pushed(lambda kit, source: source.skip(0))
    assert ours == [*ONE_TO_FIVE, END]
    assert theirs == [END]


def test_differs_last_of_nothing_ends():
    ours, theirs = pushed(lambda kit, source: source.last(), [])
    assert ours == [END]
    assert theirs == []


def test_differs_takeuntil_goes_on_when_the_notifier_ends_as_documented():
    ours, theirs = pushed(lambda kit, source: source.takeuntil(source.take(1).filter(lambda value: value > 1)))
    assert ours == [*ONE_TO_FIVE, END]
    assert theirs == [END, (1,)]


def test_differs_zip_ends_with_its_first_source_as_documented():
    def build(kit: Any, source: Any) -> Any:
        return source.take(1).zip(source)

    ours, theirs = pushed(build, ONE_TO_FIVE[:3])
    assert ours == [(1, 1), END]
    case = Pushed(lambda kit, source: source.take(1).zip(kit.Event("endless")).merge(source), [], [])
    assert trace_pushed(EVENTKIT, case) == []
    assert theirs == [(1, 1), END]


@pytest.mark.parametrize("joiner", ["merge", "concat", "switch"])
def test_differs_sources_that_have_ended_are_left_out(joiner: str):
    def build(kit: Any, source: Any) -> Any:
        ended = kit.Event("ended")
        ended.set_done()
        return getattr(source, joiner)(ended)

    ours, theirs = pushed(build, ONE_TO_FIVE[:1])
    assert ours == [(1,), END]
    assert theirs == [(1,)]


def test_differs_ziplatest_puts_values_in_their_places():
    def build(kit: Any, source: Any) -> Any:
        ended = kit.Event("ended")
        ended.emit(7)
        ended.set_done()
        return ended.ziplatest(source)

    ours, theirs = pushed(build, ONE_TO_FIVE[:1])
    assert ours == [(7, 1), END]
    assert theirs == [(1, "NO_VALUE"), END]


def test_differs_wait_takes_coroutines_and_futures_that_are_done():
    async def main() -> None:
        future = asyncio.get_running_loop().create_future()
        future.set_result(7)
        assert await Event.wait(future) == 7
        assert EVENTKIT.Event.wait(future).done()
        coroutine = asyncio.sleep(0)
        with pytest.raises(AttributeError):
            EVENTKIT.Event.wait(coroutine)
        await coroutine

    run(main())


def test_differs_an_error_of_a_task_comes_with_its_event(caplog: pytest.LogCaptureFixture):
    async def fail(value: int) -> None:
        raise KeyError(value)

    async def main(kit: Any) -> list[Any]:
        source = kit.Event("source")
        told: list[Any] = []
        result = source.map(fail)
        result.error_event += lambda *args: told.append(args)
        source.emit(1)
        while not result.done():
            source.set_done()
            await asyncio.sleep(0)
        assert plain(result.value()) == "NO_VALUE"
        return [[type(each).__name__ for each in args] for args in told]

    assert run(main(OUR_KIT)) == [["Map", "KeyError"]]
    with simulated_time():
        assert run(main(EVENTKIT)) == [["KeyError"]]


def test_differs_delay_keeps_the_order(monkeypatch: pytest.MonkeyPatch):
    # As asyncio's loops, whose timers of one moment come in any order.
    monkeypatch.setattr(SimulatedLoop, "call_at", asyncio.BaseEventLoop.call_at)

    def build(kit: Any) -> Any:
        source = kit.Event("source")

        def feed() -> None:
            for number in range(9):
                source.emit(number)
            source.set_done()

        asyncio.get_running_loop().call_soon(feed)
        return source.delay(5)

    ours, theirs = timed(build)
    assert ours == [*((5, number) for number in range(9)), (5, END)]
    assert theirs != ours


def test_differs_an_end_at_an_error():
    def build(kit: Any, source: Any) -> Any:
        return source.map(lambda value: 1 // (value - 2)).end_on_error()

    ours, theirs = pushed(build)
    assert ours == [(-1,), END]
    assert theirs == [(-1,), (1,), (0,), (0,), END]


def test_differs_a_throttle_of_one_emits():
    ours, theirs = pushed(lambda kit, source: source.throttle(9, 1), ONE_TO_FIVE[:1])
    assert ours == theirs == [(1,), END]

    async def main(kit: Any) -> list[int]:
        source, seen = kit.Event("source"), []
        throttled = source.throttle(1, 1)
        throttled += seen.append
        source.emit(1)
        return seen

    assert run(main(OUR_KIT)) == [1]
    with simulated_time():
        assert run(main(EVENTKIT)) == []


def test_differs_nested_maps_can_stand_in_a_pipe():
    async def twice(value: int) -> Any:
        yield value
        yield value

    async def main(kit: Any) -> Any:
        return plain(await kit.Event.range(1).pipe(kit.Mergemap(twice)).list())

    assert run(main(OUR_KIT)) == [0, 0]
    with simulated_time(), pytest.raises(AttributeError):
        run(main(EVENTKIT))


def test_differs_emit_threadsafe_works_in_a_thread_without_a_loop():
    async def main(kit: Any) -> int:
        event = kit.Event("fill")
        heard = asyncio.get_running_loop().create_future()
        event += heard.set_result
        with ThreadPoolExecutor() as other:
            other.submit(event.emit_threadsafe, 1).result()
        return int(await heard)

    assert run(main(OUR_KIT)) == 1
    with pytest.raises(RuntimeError):
        run(main(EVENTKIT))


def test_differs_time_bars_let_go_of_their_timer():
    for library, kit, left in ((THEIRS.ticker, EVENTKIT, 1), (ticker, OUR_KIT, 0)):
        timer, one = kit.Event("timer"), library.Ticker()
        bars = one.updateEvent.trades().timebars(timer)
        one.updateEvent.set_done()
        assert bars.done()
        assert len(timer) == left


def test_differs_an_operator_is_copied_as_an_event():
    assert type(copy.copy(Event("fill").map(str))) is Event
    broken = copy.copy(EVENTKIT.Event("fill").map(str))
    with pytest.raises(TypeError, match="'str' object is not callable"):
        broken.on_source(1)  # the name is taken for the function
