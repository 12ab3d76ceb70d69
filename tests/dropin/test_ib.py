"""What an `IB` has beside the names and parameters of ib_async's, which `test_everything` looks at."""

import inspect

import pytest
from dropin.signatures import parameters

import ibdesk

# `run` also takes awaitables, and needs no connection.
AWAITED = [name for name in dir(ibdesk.IB) if name.endswith("Async") and name != "runAsync"]


@pytest.mark.parametrize("name", AWAITED)
def test_what_can_be_awaited_has_a_twin_that_waits(name: str) -> None:
    awaited, blocking = getattr(ibdesk.IB, name), getattr(ibdesk.IB, name.removesuffix("Async"))
    assert inspect.iscoroutinefunction(awaited) or inspect.isasyncgenfunction(awaited)
    assert not inspect.iscoroutinefunction(blocking)
    assert [one[:2] for one in parameters(blocking)] == [one[:2] for one in parameters(awaited)]


def test_every_event_is_there_from_the_start() -> None:
    ib = ibdesk.IB()
    for name in ibdesk.IB.events:
        assert isinstance(getattr(ib, name), ibdesk.Event)


def test_module_util_is_found_by_its_path() -> None:
    import ibdesk.util as util  # programs for ib_async name it so

    assert util is ibdesk.util
    for name in ("df", "startLoop", "logToConsole", "parseIBDatetime", "formatIBDatetime"):
        assert callable(getattr(util, name))
