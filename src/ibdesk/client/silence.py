"""`SilenceWatch`: notices that nothing has arrived for a while. It is behind `IB.setTimeout`."""

import asyncio
from collections.abc import Callable

from ibdesk.logs import logger

_log = logger("ibdesk.session")


class SilenceWatch:
    """Calls back once when nothing has arrived for `limit` seconds. It does not watch while `limit` is 0.

    While there is a limit, the receiver of messages sets `arrived` to the time of the event loop.
    """

    def __init__(self, on_silence: Callable[[float], None]) -> None:
        """Begin without watching. `on_silence` is called with the number of seconds in which nothing arrived."""
        self._on_silence = on_silence
        self._timer: asyncio.TimerHandle | None = None
        self.limit: float = 0.0
        self.arrived: float = 0.0

    def start(self, loop: asyncio.AbstractEventLoop, limit: float) -> None:
        """Watch from now on, or no longer if `limit` is 0."""
        self.stop()
        if limit:
            self.limit, self.arrived = limit, loop.time()
            self._timer = loop.call_later(limit, self._check, loop)

    def stop(self) -> None:
        """Stop watching."""
        timer, self._timer, self.limit = self._timer, None, 0.0
        if timer is not None:
            timer.cancel()

    def _check(self, loop: asyncio.AbstractEventLoop) -> None:
        # Setting a timer anew for each message would cost more than this one, which is set again if it fires too early.
        silent = loop.time() - self.arrived
        if silent < self.limit:
            self._timer = loop.call_later(self.limit - silent, self._check, loop)
        else:
            _log.debug("Timeout: nothing arrived for %s s", silent)
            self.stop()
            self._on_silence(silent)
