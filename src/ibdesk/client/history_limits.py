"""`HistoryLimits`: when the server accepts another request for small bars, as a function of time and what was asked.

The server limits requests for bars up to 30 seconds, for real-time bars, and for when bars begin. Source: TWS API
documentation, "Historical Data Limitations".
"""

from collections import deque
from typing import Any

from ibdesk.wire.messages.history import ReqHistoricalData
from ibdesk.wire.messages.history_summaries import ReqHeadTimeStamp
from ibdesk.wire.messages.real_time_bars import ReqRealTimeBars

IN_TEN_MINUTES = 60
TEN_MINUTES = 600.0

ALIKE = 5
"""How many requests for one contract, exchange and type of data the server accepts ..."""
ALIKE_SECONDS = 2.0
"""... in so many seconds."""

SMALL = frozenset({"1 secs", "5 secs", "10 secs", "15 secs", "30 secs"})
"""The sizes of bars that are limited."""

LIMITED: frozenset[type] = frozenset({ReqHistoricalData, ReqRealTimeBars, ReqHeadTimeStamp})
"""The requests that may count."""


class HistoryLimits:
    """Remembers when requests were made. Times are in seconds of any clock that does not go back."""

    def __init__(self) -> None:
        # More than the server accepts in ten minutes need not be known.
        self._made: deque[tuple[float, tuple[str, str]]] = deque(maxlen=IN_TEN_MINUTES)

    def wait(self, now: float, request: Any) -> float:
        """Return how many seconds to wait before a request is made."""
        count = counts_as(request)
        if not count:
            return 0.0
        while self._made and self._made[0][0] + TEN_MINUTES <= now:
            self._made.popleft()
        all_times, subject = [time for time, _ in self._made], _subject(request)
        alike = [time for time, other in self._made if other == subject]
        room = _room(all_times, IN_TEN_MINUTES - count, TEN_MINUTES), _room(alike, ALIKE - count, ALIKE_SECONDS)
        return max(0.0, max(room) - now)

    def note(self, now: float, request: Any) -> None:
        """Take note of a request that is made."""
        if count := counts_as(request):
            self._made.extend([(now, _subject(request))] * count)


def counts_as(request: Any) -> int:
    """Return as how many requests the server counts one, 0 for one that is not limited."""
    if type(request) is not ReqHistoricalData:
        return int(type(request) in LIMITED)
    return (1 + (request.whatToShow == "BID_ASK")) if request.barSizeSetting in SMALL else 0


def _subject(request: Any) -> tuple[str, str]:
    return str(request.contract), request.whatToShow


def _room(times: list[float], most: int, seconds: float) -> float:
    """Return from when on no more than `most` of these `times` are within so many seconds."""
    return times[-most - 1] + seconds if len(times) > most else 0.0
