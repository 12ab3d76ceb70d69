"""Tells when nothing has arrived for a while."""

import asyncio
from collections.abc import Callable

from ibdesk.logs import logger

_log = logger("ibdesk.session")


class SilenceWatch:
    """Calls back once when nothing has arrived for `limit` seconds; 0: it does not watch.

    Whoever receives sets `arrived`, to the time of the loop, while there is a limit.
    """

    def __init__(self, on_silence: Callable[[float], None]) -> None:
        """`on_silence` gets the seconds without anything."""
        self._on_silence = on_silence
        self._timer: asyncio.TimerHandle | None = None
        self.limit = 0.0
        self.arrived = 0.0

    def start(self, loop: asyncio.AbstractEventLoop, limit: float) -> None:
        """Watch from now on; a limit of 0 ends it."""
        self.stop()
        if limit:
            self.limit, self.arrived = limit, loop.time()
            self._timer = loop.call_later(limit, self._look, loop)

    def stop(self) -> None:
        """Watch no more."""
        timer, self._timer, self.limit = self._timer, None, 0.0
        if timer is not None:
            timer.cancel()

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        # A timer for each message would cost more than this one, which is set anew when it was too early.
        silent = loop.time() - self.arrived
        if silent < self.limit:
            self._timer = loop.call_later(self.limit - silent, self._look, loop)
        else:
            _log.debug("Timeout: nothing arrived for %s s", silent)
            self.stop()
            self._on_silence(silent)
