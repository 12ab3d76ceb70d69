"""The computer's time during a simulation, and simulated time that passes no faster than that allows."""

import asyncio
import datetime as dt
import time

import pytest

from ibdesk.runtime.real_time import Pace, RealTime
from ibdesk.runtime.simulated_process import simulated_process

START = dt.datetime(2026, 11, 2, 14, 30, tzinfo=dt.UTC)


def test_the_computers_time_goes_on_in_a_simulation():
    real = RealTime()
    with simulated_process(START):
        before = real.seconds()
        time.sleep(10_000)
        assert real.seconds() - before < 1000
        real.sleep(0.01)
        assert real.seconds() - before >= 0.01


@pytest.mark.parametrize("beside", [False, True])
@pytest.mark.parametrize(
    "wait", [lambda seconds: time.sleep(seconds), lambda seconds: asyncio.run(asyncio.sleep(seconds))]
)
def test_time_passes_as_fast_as_it_should(wait, beside):
    real = RealTime()
    began = real.seconds()
    with simulated_process(START, pace=Pace(10_000)) as new_loop:
        if beside:
            new_loop().run_beside()
        wait(2000)
        assert dt.datetime.now(dt.UTC) - START >= dt.timedelta(seconds=2000)
        assert real.seconds() - began >= 0.2


def test_a_long_wait_can_be_interrupted():
    async def main():
        task = asyncio.create_task(asyncio.sleep(10_000))
        loop = asyncio.get_running_loop()
        await asyncio.gather(asyncio.to_thread(loop.call_soon_threadsafe, task.cancel), task, return_exceptions=True)
        return task.cancelled()

    with simulated_process(START, pace=Pace(1)):
        assert asyncio.run(main())


@pytest.mark.parametrize("speed", [0, -1, float("nan"), float("inf")])
def test_a_speed_is_positive(speed):
    with pytest.raises(ValueError, match=r"^speed is a positive number, .*, not "):
        Pace(speed)
