"""A loop that runs already lives in simulated time for a while, and is then as it was."""

import asyncio
import datetime as dt

import pytest
import uvloop

from ibdesk.errors import SimulationError
from ibdesk.runtime.simulated_process import simulated_process

START = dt.datetime(2026, 11, 2, 14, 30, tzinfo=dt.UTC)


async def test_afterwards_the_loop_is_as_before():
    loop = asyncio.get_running_loop()
    kind, attributes, selector = type(loop), set(vars(loop)), loop._selector
    late = loop.call_later(3600, pytest.fail)
    soon, called = loop.create_future(), []
    loop.call_later(0.05, soon.set_result, None)
    before, moment = loop.time(), dt.datetime.now()
    with simulated_process(START):
        await asyncio.sleep(2 * 3600)
        loop.call_later(3600, called.append, 1)
    assert (type(loop), set(vars(loop)), loop._selector) == (kind, attributes, selector)
    assert 0 <= loop.time() - before < 60
    assert dt.datetime.now() - moment < dt.timedelta(minutes=1)
    await asyncio.wait_for(soon, 20)
    assert called == []
    late.cancel()


async def test_the_policy_knows_the_loop():
    """Some libraries ask it for the loop on which they run coroutines, ib_async's events among them."""
    # asyncio has deprecated this name in Python 3.14, and has no other until policies are gone.
    policy = getattr(asyncio.events, "_get_event_loop_policy", None) or asyncio.get_event_loop_policy
    loop = asyncio.get_running_loop()
    with simulated_process(START):
        assert policy().get_event_loop() is loop
    assert policy().get_event_loop() is loop


def test_an_event_loop_that_cannot_simulate_time():
    async def main():
        with simulated_process(START):
            pass

    with pytest.raises(SimulationError, match=r"an event loop of uvloop .* can't live in simulated time"):
        uvloop.run(main())
