"""`HistoryLimits`: when the server accepts another request for small bars, as a function of time and what was asked.

The server limits requests for bars up to 30 seconds and for real-time bars. Source: TWS API documentation, "Historical
Data Limitations".
"""

from collections import deque
from collections.abc import Hashable

IN_TEN_MINUTES = 60
TEN_MINUTES = 600.0

ALIKE = 5
"""How many requests for one contract, exchange and type of data the server accepts ..."""
ALIKE_SECONDS = 2.0
"""... in so many seconds."""

SMALL = frozenset({"1 secs", "5 secs", "10 secs", "15 secs", "30 secs"})
"""The sizes of bars that are limited."""


class HistoryLimits:
    """Remembers when requests were made. Times are in seconds of any clock that does not go back."""

    def __init__(self) -> None:
        self._made: deque[tuple[float, Hashable]] = deque()

    def wait(self, now: float, subject: Hashable) -> float:
        """Return how many seconds to wait before a request. `subject` is equal for the same contract and data."""
        while self._made and self._made[0][0] + TEN_MINUTES <= now:
            self._made.popleft()
        seconds = 0.0
        if len(self._made) >= IN_TEN_MINUTES:
            seconds = self._made[len(self._made) - IN_TEN_MINUTES][0] + TEN_MINUTES - now
        alike = [time for time, other in self._made if other == subject and time + ALIKE_SECONDS > now]
        if len(alike) >= ALIKE:
            seconds = max(seconds, alike[-ALIKE] + ALIKE_SECONDS - now)
        return seconds

    def note(self, now: float, subject: Hashable) -> None:
        """Take note of a request that is made."""
        self._made.append((now, subject))
