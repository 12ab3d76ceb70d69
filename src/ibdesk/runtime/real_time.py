"""The computer's time, for those who need it during a simulation, when the clocks of the process tell another."""

import time
from math import inf

_PATIENCE = 0.05
"""The longest wait in seconds of the computer."""


class RealTime:
    """The computer's time. It has to be made before the simulation begins."""

    def __init__(self) -> None:
        self._seconds = time.perf_counter
        self._sleep = time.sleep

    def seconds(self) -> float:
        """Return seconds since some moment."""
        return self._seconds()

    def sleep(self, seconds: float) -> None:
        """Wait for some seconds."""
        self._sleep(seconds)


class Pace:
    """Lets simulated time pass `speed` times as fast as the computer's, from now on.

    Raises ValueError for a speed that is not a positive number.
    """

    def __init__(self, speed: float) -> None:
        if not 0 < speed < inf:
            raise ValueError(
                f"speed is a positive number, how many times as fast as in life time passes, not {speed!r}"
            )
        self._speed = speed
        self._time = RealTime()
        self._began = self._time.seconds()

    def __call__(self, moment: float) -> float:
        """Wait for a moment, in seconds since the start, and return it, or an earlier one that has come.

        It never waits long, so that a thread or a signal can have its way meanwhile.
        """
        left = moment / self._speed - (self._time.seconds() - self._began)
        if left <= 0:
            return moment
        self._time.sleep(min(left, _PATIENCE))
        return min(moment, (self._time.seconds() - self._began) * self._speed)
