"""Messages of sensible values that every oracle can take, the same ones on every run; knows no bytes."""

from collections.abc import Mapping
from functools import cache
from random import Random
from typing import Any

from conformance.domains import VALUES
from conformance.strategies import Strategy, noun, strategies
from hypothesis import HealthCheck, Phase, given, seed, settings

ENOUGH = 80
"""How many examples of a message are held against an outside client at every version that is compared."""

BATCH = 20
"""How many values are drawn at a time."""

MORE = {"PlaceOrder": 200, "OpenOrder": 150, "CompletedOrder": 150, "ContractData": 120}
"""Messages that need more for every branch of their layout to be taken."""


@cache
def message(cls: type) -> Strategy:
    """Instances of a message class."""
    values = VALUES.get(cls, {})
    return noun(cls, **values) if isinstance(values, Mapping) else values


@cache
def examples(cls: type, number: int = 0) -> tuple[Any, ...]:
    """That many messages of a class, or enough; fewer where there are not so many. They are shared: change none.

    Each field is drawn on its own and the values are then mixed, for of large messages Hypothesis gives small ones.
    """
    number = number or MORE.get(cls.__name__, ENOUGH)
    special = VALUES.get(cls, {})
    if not isinstance(special, Mapping):
        return tuple(_drawn(special, number))
    columns = {}
    for name, strategy in strategies(cls, special).items():
        values = _drawn(strategy, number)
        column = [values[at % len(values)] for at in range(number)]
        Random(f"{cls.__name__}.{name}").shuffle(column)
        columns[name] = column
    if not columns:
        return (cls(),)
    rows = (dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True))
    return tuple({repr(one): one for one in (cls(**row) for row in rows)}.values())


def _drawn(strategy: Strategy, number: int) -> list[Any]:
    """That many values, in batches: within one, Hypothesis mostly varies what it had before."""
    return [one for start in range(0, number, BATCH) for one in _batch(strategy, start, min(BATCH, number - start))]


@cache
def _batch(strategy: Strategy, start: int, number: int) -> list[Any]:
    """The values after the first `start`: the same for every message that has such a field."""
    drawn: list[Any] = []

    @seed(start)
    @settings(
        max_examples=number,
        database=None,
        phases=(Phase.generate,),
        suppress_health_check=[HealthCheck.too_slow],
    )
    @given(strategy)
    def draw(one: Any) -> None:
        drawn.append(one)

    draw()
    return drawn
