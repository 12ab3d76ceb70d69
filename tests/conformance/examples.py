"""Messages of sensible values that every oracle can take, the same ones on every run; knows no bytes."""

from functools import cache
from typing import Any

from conformance.domains import VALUES
from conformance.strategies import Strategy, noun
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from ibdesk.wire.catalogue import messages

ENOUGH = 50
"""How many examples of a message are held against an outside client at every version that is compared."""

MORE = {"PlaceOrder": 120, "OpenOrder": 90, "CompletedOrder": 60}
"""Messages that need more for every branch of their layout to be taken."""


@cache
def message(cls: type) -> Strategy:
    """Instances of a message class."""
    return noun(cls, **VALUES.get(cls, {}))


def any_message() -> Strategy:
    """Instances of every message class of the catalogue."""
    return st.one_of([message(one.cls) for one in messages()])


@cache
def examples(cls: type, number: int = 0) -> tuple[Any, ...]:
    """That many messages of a class, or enough; a class without fields has one. They are shared: change none."""
    drawn: list[Any] = []

    @settings(
        max_examples=number or MORE.get(cls.__name__, ENOUGH),
        derandomize=True,
        database=None,
        phases=(Phase.generate,),
        suppress_health_check=[HealthCheck.too_slow],
    )
    @given(message(cls))
    def draw(one: Any) -> None:
        drawn.append(one)

    draw()
    return tuple(drawn)
