"""`Heartbeat`: finds out that a connection is dead which still looks open, by asking the server for its time.

Only what the server sends counts as life. The operating system tells late, or never, that nothing reaches the server
any more: a host that is cut off answers nothing, and a proxy or a hanging server keeps the socket open.
"""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any

from ibdesk.errors import RequestError
from ibdesk.logs import logger

_log = logger("ibdesk.session")

_LOOKS = 4
"""How often is looked, in the time of silence that is allowed, whether anything has come."""

_STALLED_SECONDS = 1.0
"""By how many seconds a timer is late when the program has kept the event loop from running."""


class Heartbeat:
    """Watches one connection after the other. What arrives costs nothing: only bytes are compared, now and then.

    `received` returns how many bytes have come on this connection. `ask` asks the server for something, and returns
    when the answer has come. `on_dead` is called with the reason when the server does not answer.
    """

    def __init__(
        self,
        received: Callable[[], int],
        ask: Callable[[], Coroutine[Any, Any, object]],
        on_dead: Callable[[Exception], object],
    ) -> None:
        self._received, self._ask, self._on_dead = received, ask, on_dead
        self._timer: asyncio.TimerHandle | None = None
        self._asking: asyncio.Task[None] | None = None
        self._silence = self._answer = 0.0
        self._seen = 0
        """How many bytes had come when it was last looked."""
        self._heard = 0.0
        """When it was seen that some had come."""
        self._asked: float | None = None
        """When the server was asked, if nothing has come since."""

    def start(self, silence: float, answer: float) -> None:
        """Watch from now on. The server is asked after `silence` seconds (0: never), and has `answer` seconds then.

        A dead connection is found after no more than 1.25 times `silence`, and `answer`.
        """
        self.stop()
        if not silence:
            return
        loop = asyncio.get_running_loop()
        self._silence, self._answer = silence, answer
        self._seen, self._heard = self._received(), loop.time()
        self._set_timer(loop, silence / _LOOKS)

    def stop(self) -> None:
        """Stop watching."""
        timer, self._timer, self._asked = self._timer, None, None
        asking, self._asking = self._asking, None
        if timer is not None:
            timer.cancel()
        if asking is not None:
            asking.cancel()

    def _set_timer(self, loop: asyncio.AbstractEventLoop, seconds: float) -> None:
        self._timer = loop.call_later(seconds, self._look, loop, loop.time() + seconds)

    def _look(self, loop: asyncio.AbstractEventLoop, due: float) -> None:
        now, received = loop.time(), self._received()
        step = self._silence / _LOOKS
        if received != self._seen:
            self._seen, self._heard, self._asked = received, now, None
        elif self._asked is not None and now - due > _STALLED_SECONDS:
            # The loop stood still, so that an answer may be waiting to be read. The server gets its time again.
            self._asked, step = now, self._answer
        elif self._asked is not None:
            if now - self._asked >= self._answer:
                self._die(now)
                return
            step = self._asked + self._answer - now
        elif now - self._heard >= self._silence:
            self._asked, step = now, self._answer
            if self._asking is not None:
                self._asking.cancel()
            self._asking = asyncio.ensure_future(self._question())
        self._set_timer(loop, step)

    async def _question(self) -> None:
        with suppress(OSError, RequestError, ValueError):  # what is wrong shows by the silence that follows
            await self._ask()

    def _die(self, now: float) -> None:
        silent = now - self._heard
        self.stop()
        _log.error(
            "Nothing has come from the server for %.0f s, and it does not answer: the connection is dead", silent
        )
        self._on_dead(ConnectionAbortedError(f"nothing came from the server for {silent:.0f} s"))
