"""What each operator makes of its sources, for ibdesk's and eventkit's operators alike.

`PUSHED` is driven by hand, `TIMED` by a loop. A case is built from `kit`, which has the names of eventkit.
"""

import asyncio
import operator
from collections import deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from runtime.simulated import run

END = "end"
"""In a trace: the event has ended."""

ONE_TO_FIVE = [(1,), (2,), (3,), (4,), (5,)]


@dataclass(frozen=True)
class Pushed:
    """`given`: the arguments of each emit of the source, which then ends. `expected`: those of the operator."""

    build: Callable[[Any, Any], Any]
    expected: list[Any]
    given: tuple[tuple[Any, ...], ...] | list[Any] = tuple(ONE_TO_FIVE)


@dataclass(frozen=True)
class Timed:
    """`expected`: (seconds, value) of each emit, and the time of the end."""

    build: Callable[[Any], Any]
    expected: list[tuple[float, Any]]


def plain(value: Any) -> Any:
    """A value that can be compared, and that does not change later."""
    if type(value).__name__ == "_NoValue":
        return "NO_VALUE"
    if isinstance(value, tuple):
        return tuple(map(plain, value))
    if isinstance(value, list | deque):
        return [plain(each) for each in value]
    return value.tolist() if hasattr(value, "tolist") else value


def trace_pushed(kit: Any, case: Pushed) -> list[Any]:
    """What a case emits: a tuple of arguments each, and END."""
    source = kit.Event("source")
    event = case.build(kit, source)
    trace: list[Any] = []
    event.connect(lambda *args: trace.append(plain(args)), None, lambda _event: trace.append(END))
    for args in case.given:
        source.emit(*args)
    source.set_done()
    return trace


def trace_timed(kit: Any, case: Timed) -> list[tuple[float, Any]]:
    """What a case emits and when: (seconds, value), and (seconds, END)."""

    async def main() -> list[tuple[float, Any]]:
        loop = asyncio.get_running_loop()
        event = case.build(kit)
        trace: list[tuple[float, Any]] = []
        ended = asyncio.Event()

        def record(*args: Any) -> None:
            trace.append((round(loop.time(), 3), plain(args[0] if len(args) == 1 else args)))

        def on_done(_event: Any) -> None:
            record(END)
            ended.set()

        event.connect(record, None, on_done)
        await ended.wait()
        return trace

    return run(main())


def is_odd(value: int) -> bool:
    return value % 2 == 1


def is_even(value: int) -> bool:
    return value % 2 == 0


NESTED = SimpleNamespace(price=7, contract=SimpleNamespace(symbol="AAPL"))

PUSHED: dict[str, Pushed] = {
    # Some of the values
    "op": Pushed(lambda kit, s: kit.Op(s), [*ONE_TO_FIVE, END]),
    "filter": Pushed(lambda kit, s: s.filter(is_odd), [(1,), (3,), (5,), END]),
    "filter by truth": Pushed(lambda kit, s: s.filter(), [(1,), ("a",), END], [(0,), (1,), ("",), ("a",)]),
    "filter of two": Pushed(lambda kit, s: s.filter(operator.lt), [(1, 2), END], [(1, 2), (2, 1)]),
    "skip": Pushed(lambda kit, s: s.skip(), [(2,), (3,), (4,), (5,), END]),
    "skip 4": Pushed(lambda kit, s: s.skip(4), [(5,), END]),
    "take": Pushed(lambda kit, s: s.take(), [(1,), END]),
    "take 3": Pushed(lambda kit, s: s.take(3), [(1,), (2,), (3,), END]),
    "take more than there is": Pushed(lambda kit, s: s.take(9), [*ONE_TO_FIVE, END]),
    "takewhile": Pushed(lambda kit, s: s.takewhile(lambda v: v < 3), [(1,), (2,), END]),
    "takewhile by truth": Pushed(lambda kit, s: s.takewhile(), [(1,), END], [(1,), (0,), (1,)]),
    "dropwhile": Pushed(lambda kit, s: s.dropwhile(lambda v: v < 4), [(4,), (5,), END]),
    "dropwhile by truth": Pushed(lambda kit, s: s.dropwhile(), [(1,), (0,), END], [(0,), (0,), (1,), (0,)]),
    "takeuntil": Pushed(lambda kit, s: s.takeuntil(s.filter(lambda v: v == 3)), [(1,), (2,), END]),
    "changes": Pushed(lambda kit, s: s.changes(), [(1,), (2,), (1,), END], [(1,), (1,), (2,), (1,), (1,)]),
    "unique": Pushed(lambda kit, s: s.unique(), [(1,), (2,), END], [(1,), (1,), (2,), (1,)]),
    "last": Pushed(lambda kit, s: s.last(), [(5,), END]),
    "last of two": Pushed(lambda kit, s: s.last(), [(3, 4), END], [(1, 2), (3, 4)]),
    # Other values
    "constant": Pushed(lambda kit, s: s.constant(42), [(42,), (42,), END], [(1,), (2, 3)]),
    "iterate": Pushed(lambda kit, s: s.iterate("abc"), [("a",), ("b",), ("c",), END]),
    "iterate over more": Pushed(lambda kit, s: s.iterate("abc"), [("a",), ("b",), END], [(1,), (2,)]),
    "count": Pushed(lambda kit, s: s.count(), [(0,), (1,), END], [("a",), ()]),
    "count by two": Pushed(lambda kit, s: s.count(5, 2), [(5,), (7,), END], [("a",), ("b",)]),
    "enumerate": Pushed(lambda kit, s: s.enumerate(), [(0, "a"), (1, "b"), END], [("a",), ("b",)]),
    "enumerate others": Pushed(
        lambda kit, s: s.enumerate(1, 2), [(1, ("a", "b")), (3, "NO_VALUE"), END], [("a", "b"), ()]
    ),
    "partial": Pushed(lambda kit, s: s.partial(8, 9), [(8, 9, 1), END], [(1,)]),
    "partial_right": Pushed(lambda kit, s: s.partial_right(8, 9), [(1, 8, 9), END], [(1,)]),
    "star": Pushed(lambda kit, s: s.star(), [(1, 2), (3,), END], [((1, 2),), ([3],)]),
    "pack": Pushed(lambda kit, s: s.pack(), [((1, 2),), ((),), END], [(1, 2), ()]),
    "pluck": Pushed(lambda kit, s: s.pluck(2, 0), [(3, 1), END], [(1, 2, 3)]),
    "pluck attributes": Pushed(
        lambda kit, s: s.pluck("price", "1.contract.symbol", ".price", "1"),
        [(7, "AAPL", 7, NESTED), END],
        [(NESTED, NESTED)],
    ),
    "pluck nothing": Pushed(lambda kit, s: s.pluck(), [(), END], [(1,)]),
    "pluck what is not there": Pushed(lambda kit, s: s.pluck("size", 3), [("NO_VALUE", "NO_VALUE"), END], [(NESTED,)]),
    "map": Pushed(lambda kit, s: s.map(lambda v: v * v), [(1,), (4,), (9,), (16,), (25,), END]),
    "map of two": Pushed(lambda kit, s: s.map(operator.sub), [(1,), END], [(3, 2)]),
    "previous": Pushed(lambda kit, s: s.previous(), [(1,), (2,), (3,), (4,), END]),
    "previous but one": Pushed(lambda kit, s: s.previous(2), [(1,), (2,), (3,), END]),
    "copy": Pushed(lambda kit, s: s.copy(), [([1], 2), END], [([1], 2)]),
    "deepcopy": Pushed(lambda kit, s: s.deepcopy(), [([1], 2), END], [([1], 2)]),
    "chunk": Pushed(lambda kit, s: s.chunk(2), [([1, 2],), ([3, 4],), ([5],), END]),
    "chunk without rest": Pushed(lambda kit, s: s.chunk(2), [([1, (2, 3)],), END], [(1,), (2, 3)]),
    "chunkwith": Pushed(lambda kit, s: s.chunkwith(s.filter(lambda v: v == 3)), [([1, 2],), ([3, 4, 5],), END]),
    "chunkwith nothing": Pushed(lambda kit, s: s.filter(lambda v: v > 4).chunkwith(s), [([],)] * 4 + [([5],), END]),
    "chunkwith something": Pushed(lambda kit, s: s.filter(lambda v: v > 4).chunkwith(s, False), [([5],), END]),
    # Running totals
    "reduce": Pushed(lambda kit, s: s.reduce(operator.sub), [(-1,), (-4,), (-8,), (-13,), END]),
    "reduce from": Pushed(lambda kit, s: s.reduce(operator.sub, 10), [(9,), (7,), (4,), (0,), (-5,), END]),
    "min": Pushed(lambda kit, s: s.min(), [(3,), (3,), (1,), END], [(3,), (4,), (1,)]),
    "max": Pushed(lambda kit, s: s.max(), [(3,), (4,), (4,), END], [(3,), (4,), (1,)]),
    "sum": Pushed(lambda kit, s: s.sum(), [(1,), (3,), (6,), (10,), (15,), END]),
    "sum from": Pushed(lambda kit, s: s.sum(10), [(11,), (13,), (16,), (20,), (25,), END]),
    "product": Pushed(lambda kit, s: s.product(), [(1,), (2,), (6,), (24,), (120,), END]),
    "product from": Pushed(lambda kit, s: s.product(-1), [(-1,), (-2,), (-6,), (-24,), (-120,), END]),
    "mean": Pushed(lambda kit, s: s.mean(), [(1,), (1.5,), (2,), (2.5,), (3,), END]),
    "any": Pushed(lambda kit, s: s.any(), [(False,), (True,), (True,), END], [(0,), (1,), (0,)]),
    "all": Pushed(lambda kit, s: s.all(), [(True,), (False,), (False,), END], [(1,), (0,), (1,)]),
    "ema": Pushed(lambda kit, s: s.ema(3), [(8,), (4,), (2,), END], [(8,), (0,), (0,)]),
    "ema of two": Pushed(lambda kit, s: s.ema(weight=0.25), [(8, 4), (6, 5), END], [(8, 4), (0, 8)]),
    "pairwise": Pushed(lambda kit, s: s.pairwise(), [(1, 2), (2, 3), (3, 4), (4, 5), END]),
    "pairwise of two": Pushed(lambda kit, s: s.pairwise(), [((1, 2), "NO_VALUE"), END], [(1, 2), ()]),
    "list": Pushed(lambda kit, s: s.list(), [([1, (2, 3), "NO_VALUE"],), END], [(1,), (2, 3), ()]),
    "list of nothing": Pushed(lambda kit, s: s.list(), [([],), END], []),
    "deque": Pushed(lambda kit, s: s.deque(), [([1],), ([1, 2],), ([1, 2, 3],), END], ONE_TO_FIVE[:3]),
    "deque 2": Pushed(lambda kit, s: s.deque(2), [([1],), ([1, 2],), ([2, 3],), END], ONE_TO_FIVE[:3]),
    "array": Pushed(lambda kit, s: s.array(), [([1],), ([1, 2],), ([1, 2, 3],), END], ONE_TO_FIVE[:3]),
    "array 2": Pushed(lambda kit, s: s.array(2), [([1],), ([1, 2],), ([2, 3],), END], ONE_TO_FIVE[:3]),
    "array min": Pushed(lambda kit, s: s.array(2).min(), [(3,), (3,), (1,), END], [(3,), (4,), (1,)]),
    "array max": Pushed(lambda kit, s: s.array(2).max(), [(3,), (4,), (4,), END], [(3,), (4,), (1,)]),
    "array sum": Pushed(lambda kit, s: s.array(2).sum(), [(1,), (3,), (5,), (7,), (9,), END]),
    "array prod": Pushed(lambda kit, s: s.array(2).prod(), [(1,), (2,), (6,), (12,), (20,), END]),
    "array mean": Pushed(lambda kit, s: s.array(2).mean(), [(1,), (1.5,), (2.5,), (3.5,), (4.5,), END]),
    "array std": Pushed(lambda kit, s: s.skip().array(3).std().skip(2), [(1,), (1,), END]),
    "array any": Pushed(lambda kit, s: s.array(2).any(), [(True,), (True,), (False,), END], [(1,), (0,), (0,)]),
    "array all": Pushed(lambda kit, s: s.array(2).all(), [(True,), (False,), (False,), END], [(1,), (0,), (0,)]),
    # Several sources
    "merge": Pushed(
        lambda kit, s: s.merge(s.map(lambda v: -v).take(2)), [(-1,), (1,), (-2,), (2,), (3,), (4,), (5,), END]
    ),
    "chain": Pushed(lambda kit, s: s.filter(is_odd).chain(s.filter(is_even)), [(1,), (3,), (5,), (2,), (4,), END]),
    "chain of one twice": Pushed(lambda kit, s: s.chain(s.take(2), s), [*ONE_TO_FIVE, (1,), (2,), *ONE_TO_FIVE, END]),
    "concat": Pushed(lambda kit, s: s.filter(is_odd).concat(s.filter(is_even)), [(1,), (2,), (4,), END]),
    "switch": Pushed(lambda kit, s: s.filter(is_odd).switch(s.filter(is_even)), [(1,), (2,), (4,), END]),
    "zip": Pushed(lambda kit, s: s.filter(is_odd).zip(s.filter(is_even)), [(1, 2), (3, 4), END]),
    "zip with itself": Pushed(lambda kit, s: s.zip(s), [(1, 1), (2, 2), END], ONE_TO_FIVE[:2]),
    "zip of three": Pushed(lambda kit, s: s.zip(s.count(), s.skip()), [(1, 0, 2), (2, 1, 3), END], ONE_TO_FIVE[:3]),
    "ziplatest": Pushed(
        lambda kit, s: s.filter(is_odd).ziplatest(s.filter(is_even)),
        [(1, "NO_VALUE"), (1, 2), (3, 2), (3, 4), (5, 4), END],
    ),
    "ziplatest of all": Pushed(
        lambda kit, s: s.filter(is_odd).ziplatest(s.filter(is_even), partial=False),
        [(1, 2), (3, 2), (3, 4), (5, 4), END],
    ),
    "pipe": Pushed(
        lambda kit, s: s.pipe(kit.Enumerate().map(lambda i, v: (i, v)), kit.Star().pluck(1).map(str), kit.Op),
        [("1",), ("2",), END],
        ONE_TO_FIVE[:2],
    ),
    "pipe sign": Pushed(lambda kit, s: s | kit.Sum | kit.Mean(), [(1,), (2,), END], ONE_TO_FIVE[:2]),
    "fork": Pushed(lambda kit, s: s.fork(kit.Min, kit.Op().sum()).zip(), [(1, 1), (1, 3), END], ONE_TO_FIVE[:2]),
    "fork sign": Pushed(lambda kit, s: s[kit.Min, kit.Max, kit.Sum].zip(), [(4, 4, 4), (2, 4, 6), END], [(4,), (2,)]),
    "fork of one": Pushed(lambda kit, s: s[kit.Sum].merge(), [(1,), (3,), END], ONE_TO_FIVE[:2]),
    "fork chain": Pushed(lambda kit, s: s[kit.Op, kit.Sum].chain(), [(1,), (2,), (1,), (3,), END], ONE_TO_FIVE[:2]),
    "fork ziplatest": Pushed(
        lambda kit, s: s[kit.Op, kit.Sum].ziplatest(), [(1, "NO_VALUE"), (1, 1), (2, 1), (2, 3), END], ONE_TO_FIVE[:2]
    ),
    "fork switch": Pushed(
        lambda kit, s: s[kit.Op().take(1), kit.Sum].switch(), [(1,), (1,), (3,), END], ONE_TO_FIVE[:2]
    ),
    "fork concat": Pushed(
        lambda kit, s: s[kit.Op().take(1), kit.Sum].concat(), [(1,), (1,), (3,), END], ONE_TO_FIVE[:2]
    ),
}


async def _letters() -> AsyncIterator[str]:
    for letter in "abc":
        await asyncio.sleep(1)
        yield letter


def _later(seconds: float) -> Callable[[Any], Any]:
    async def later(value: Any) -> Any:
        await asyncio.sleep(seconds)
        return -value

    return later


async def _the_sooner_the_greater(value: int) -> int:
    await asyncio.sleep(10 - value)
    return value


async def _slow_at_one(value: int) -> int:
    await asyncio.sleep(5 if value == 1 else 1)
    return value


def _done_later(value: Any) -> "asyncio.Future[Any]":
    loop = asyncio.get_running_loop()
    future: asyncio.Future[Any] = loop.create_future()
    loop.call_later(2, future.set_result, value)
    return future


def _values(text: str) -> list[tuple[float, Any]]:
    return [*((0, letter) for letter in text), (0, END)]


_MARBLES = {
    "mergemap": ["A   B    C    D", "_1   2  3    4", "__K   L     M   N"],
    "concatmap": ["A    B    C    D", "_       1    2    3    4", "__                  K    L      M   N"],
    "switchmap": ["A    B    C    D", "_                 K    L      M   N", "__      1    2      3    4"],
}


def _every(kit: Any, seconds: float, count: int, first: int = 0) -> Any:
    return kit.Event.range(first, first + count, interval=seconds)


TIMED: dict[str, Timed] = {
    # Events out of nothing
    "wait": Timed(lambda kit: kit.Event.wait(_done_later(7)), [(2, 7), (2, END)]),
    "aiterate": Timed(lambda kit: kit.Event.aiterate(_letters()), [(1, "a"), (2, "b"), (3, "c"), (3, END)]),
    "create": Timed(lambda kit: kit.Event.create(_letters), [(1, "a"), (2, "b"), (3, "c"), (3, END)]),
    "sequence": Timed(lambda kit: kit.Event.sequence("abc"), _values("abc")),
    "sequence at intervals": Timed(lambda kit: kit.Event.sequence("ab", 3), [(0, "a"), (3, "b"), (3, END)]),
    "range": Timed(lambda kit: kit.Event.range(5, 9, 2, interval=1), [(0, 5), (1, 7), (1, END)]),
    "timer": Timed(lambda kit: kit.Event.timer(0.5, 3), [(0.5, 0.5), (1, 1), (1.5, 1.5), (1.5, END)]),
    "timer without end": Timed(lambda kit: kit.Event.timer(2).take(2), [(2, 2), (4, 4), (4, END)]),
    "marble": Timed(lambda kit: kit.Event.marble("a_b- c|d", 1), [(0, "a"), (1, "b"), (4, "c"), (5, END)]),
    # Time
    "delay": Timed(lambda kit: _every(kit, 1, 2).delay(10), [(10, 0), (11, 1), (11, END)]),
    "timeout": Timed(lambda kit: kit.Event.timer(10, 1).timeout(3), [(3, ()), (3, END)]),
    "timeout after values": Timed(
        lambda kit: kit.Event.sequence("abc", times=[0, 0, 0]).merge(kit.Event.timer(10, 1)).timeout(3),
        [(3, ()), (3, END)],
    ),
    "no timeout": Timed(lambda kit: _every(kit, 1, 9).timeout(3), [(8, END)]),
    "throttle": Timed(
        lambda kit: kit.Event.sequence("abcde").throttle(3, 10),
        [(0, "a"), (0, "b"), (10, "c"), (10, "d"), (20, "e"), (20, END)],
    ),
    "throttle by cost": Timed(
        lambda kit: kit.Event.sequence([4, 5, 9]).throttle(10, 1, lambda cost: cost), [(0, 4), (0, 5), (1, 9), (1, END)]
    ),
    "throttle nothing": Timed(lambda kit: _every(kit, 1, 2).throttle(3, 1), [(0, 0), (1, 1), (1, END)]),
    "debounce": Timed(
        lambda kit: kit.Event.range(2, interval=20).mergemap(lambda v: _every(kit, 1, 3, v * 10)).debounce(5),
        [(7, 2), (27, 12), (27, END)],
    ),
    "debounce on first": Timed(
        lambda kit: kit.Event.range(2, interval=20).mergemap(lambda v: _every(kit, 1, 3, v * 10)).debounce(5, True),
        [(0, 0), (20, 10), (22, END)],
    ),
    "sample": Timed(lambda kit: _every(kit, 1, 9).sample(kit.Event.timer(2.3, 2)), [(2.3, 2), (4.6, 4), (4.6, END)]),
    "chunkwith": Timed(
        lambda kit: _every(kit, 1, 6).chunkwith(kit.Event.timer(2.5)),
        [(2.5, [0, 1, 2]), (5, [3, 4]), (5, [5]), (5, END)],
    ),
    "takeuntil": Timed(
        lambda kit: _every(kit, 1, 9).takeuntil(kit.Event.timer(2.5, 1)), [(0, 0), (1, 1), (2, 2), (2.5, END)]
    ),
    # Several sources
    "merge": Timed(
        lambda kit: _every(kit, 2, 2).merge(_every(kit, 2, 2, 10).delay(1)),
        [(0, 0), (1, 10), (2, 1), (3, 11), (3, END)],
    ),
    "switch": Timed(
        lambda kit: _every(kit, 3, 3).switch(_every(kit, 3, 3, 10).delay(1), _every(kit, 3, 2, 20).delay(2)),
        [(0, 0), (1, 10), (2, 20), (5, 21), (5, END)],
    ),
    "concat": Timed(
        lambda kit: _every(kit, 5, 10).concat(kit.Event.timer(17, 2)),
        [(0, 0), (5, 1), (10, 2), (15, 3), (17, 17), (34, 34), (34, END)],
    ),
    "chain": Timed(
        lambda kit: _every(kit, 5, 2).chain(_every(kit, 5, 3, 10).delay(1)),
        [(0, 0), (5, 1), (5, 10), (6, 11), (11, 12), (11, END)],
    ),
    "ziplatest": Timed(
        lambda kit: _every(kit, 2, 2).ziplatest(_every(kit, 2, 2, 10).delay(1)),
        [(0, (0, "NO_VALUE")), (1, (0, 10)), (2, (1, 10)), (3, (1, 11)), (3, END)],
    ),
    # Events out of values
    "mergemap": Timed(
        lambda kit: kit.Event.range(3).mergemap(lambda v: kit.Event.marble(_MARBLES["mergemap"][v])),
        _values("A1KB2L3CM4DN"),
    ),
    "concatmap": Timed(
        lambda kit: kit.Event.range(3).concatmap(lambda v: kit.Event.marble(_MARBLES["concatmap"][v])),
        _values("AB123KLMN"),
    ),
    "chainmap": Timed(
        lambda kit: kit.Event.range(3).chainmap(lambda v: kit.Event.marble(_MARBLES["concatmap"][v])),
        _values("ABCD1234KLMN"),
    ),
    "switchmap": Timed(
        lambda kit: kit.Event.range(3).switchmap(lambda v: kit.Event.marble(_MARBLES["switchmap"][v])),
        _values("AB12KLMN"),
    ),
    "emap": Timed(
        lambda kit: kit.Event.range(2, interval=1).emap(lambda v: _letters(), kit.Chain()),
        [(1, "a"), (2, "b"), (3, "c"), (3, "a"), (3, "b"), (4, "c"), (4, END)],
    ),
    # Tasks
    "map": Timed(lambda kit: _every(kit, 1, 3).map(_later(5)), [(5, 0), (6, -1), (7, -2), (7, END)]),
    "map in order": Timed(
        lambda kit: kit.Event.range(3).map(_the_sooner_the_greater), [(10, 0), (10, 1), (10, 2), (10, END)]
    ),
    "map in any order": Timed(
        lambda kit: kit.Event.range(3).map(_the_sooner_the_greater, ordered=False), [(8, 2), (9, 1), (10, 0), (10, END)]
    ),
    "map one by one": Timed(
        lambda kit: kit.Event.range(3).map(_later(5), task_limit=1), [(5, 0), (10, -1), (15, -2), (15, END)]
    ),
}
