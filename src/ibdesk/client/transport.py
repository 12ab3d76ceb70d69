"""Moves bytes between the socket and the rules of a connection. What goes out is paced."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from itertools import chain
from typing import TYPE_CHECKING, Any, cast

from ibdesk.errors import ProtocolError
from ibdesk.logs import logger
from ibdesk.runtime.connections import SERVER_PATIENCE, keep_alive
from ibdesk.runtime.loops import can_nest
from ibdesk.session.connection import Connection
from ibdesk.session.pacing import Lane, Pacer
from ibdesk.wire.catalogue import Sender

if TYPE_CHECKING:
    from ibdesk.tape.recorder import Tap

_log = logger("ibdesk.client")


_PIECE = 16 * 1024
"""How much is taken from the socket at once.

What is made of it, a few hundred ticks, is dead again before the next piece: it stays in the processor's cache, and no
full collection of garbage gets to see it. With the 256 KiB of asyncio itself a tick takes an eighth more time.
"""


class Transport(asyncio.BufferedProtocol):
    """One TCP connection to a TWS or gateway, with its counters.

    `on_events` gets what each piece of data meant, and `on_lost` once why the connection ended: None when this end
    closed it.
    """

    def __init__(
        self,
        connection: Connection,
        pacer: "Pacer[Any]",
        limits: Callable[[], tuple[float, float]],
        on_events: Callable[[Iterable[Any]], None],
        on_lost: Callable[[Exception | None], None],
        on_throttle: Callable[[bool], None],
        tap: "Tap | None" = None,
    ) -> None:
        """`limits`: how many messages may go out in how many seconds, asked anew whenever one is to go.

        `tap`: where what passes is recorded.
        """
        self.connection = connection
        self.pacer = pacer
        self._limits = limits
        self.bytes_received: int = 0
        self.bytes_sent: int = 0
        self.messages_sent: int = 0
        self._on_events, self._on_lost, self._on_throttle = on_events, on_lost, on_throttle
        self._tap = tap
        self._buffer = memoryview(bytearray(_PIECE))
        self._pending: deque[Iterator[Any]] = deque()
        """The batches that are not handled, or not wholly: each piece of data is one."""
        self._transport: asyncio.Transport | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._throttled = False
        self._fault: Exception | None = None
        self._loop = asyncio.get_running_loop()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The socket is open: say hello."""
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is no subclass
        keep_alive(transport, SERVER_PATIENCE)
        self._flush()

    def get_buffer(self, sizehint: int) -> memoryview:
        """Where data is to be put."""
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        """Data came: tell what it means."""
        data = bytes(self._buffer[:nbytes])
        if can_nest(self._loop):
            # A listener may run the loop anew, which can't call this before it has returned.
            self._loop.call_soon(self._take, data)
        else:
            self._take(data)

    def _take(self, data: bytes) -> None:
        self.bytes_received += len(data)
        if self._tap:
            self._tap.received(data)
        # A handler may run the loop re-entrantly, and so get here again before it is done: what is left of the batch
        # that it interrupted comes first, and new data is queued behind it.
        pending = self._pending
        try:
            pending.append(self.connection.events(data))
            while pending:
                batch = pending[0]
                for first in batch:  # once at most, for the handler takes the rest; not at all where nothing is whole
                    self._on_events(chain((first,), batch))
                if pending and pending[0] is batch:
                    pending.popleft()
        except ProtocolError as error:
            pending.clear()
            self._fault = error
            self.abort()
            return
        self._flush()

    def connection_lost(self, exc: Exception | None) -> None:
        """The socket is closed, by whom ever."""
        was_open = self._transport is not None
        self._transport = None
        if self._timer:
            self._timer.cancel()
        self.connection.close()
        if self._tap:
            self._tap.closed("server")
        if was_open:
            self._on_lost(self._fault or exc or ConnectionResetError("Peer closed connection"))

    @property
    def is_open(self) -> bool:
        """Can messages be sent?"""
        return self._transport is not None

    def send(self, message: Any, lane: Lane, key: object = None) -> None:
        """Send a message as soon as its lane allows. Raises `EncodeError` now, before it waits.

        Raises ConnectionError when the connection is not open, and ValueError for limits that make no sense.
        """
        if self._transport is None:
            raise ConnectionError("Not connected")
        limits, pacer = self._limits(), self.pacer
        if limits != (pacer.max_requests, pacer.interval):
            pacer.allow(*limits)
        self.connection.send(message)
        pacer.push(lane, self.connection.data_to_send(), key)
        self._pump()

    def _pump(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None
        if self._transport is None:
            return
        now = self._loop.time()
        ready = self.pacer.pop(now)
        if ready:
            self._write(b"".join(ready))
            self.messages_sent += len(ready)
        again = self.pacer.next_time(now)
        if again is not None:
            self._timer = self._loop.call_at(again, self._go_on)
        if (again is not None) != self._throttled:
            self._throttled = again is not None
            self._on_throttle(self._throttled)

    def _go_on(self) -> None:
        """Send what waited for its time."""
        with suppress(ValueError):  # those of before count on; the next `send` says what is wrong
            self.pacer.allow(*self._limits())
        self._pump()

    def _flush(self) -> None:
        data = self.connection.data_to_send()
        if data and self._transport is not None:
            self.messages_sent += 1
            self._write(data)

    def _write(self, data: bytes) -> None:
        assert self._transport is not None
        self.bytes_sent += len(data)
        if self._tap:
            self._tap.sent(data)
        self._transport.write(data)

    def close(self) -> None:
        """Close the socket after what was written has gone out, orders that still wait too. `on_lost` is not called."""
        if self._transport is not None:
            self._write(b"".join(self.pacer.drain(Lane.CANCEL, Lane.PLACE, Lane.MODIFY)))
            if lost := self.pacer.waiting:
                _log.info("%d requests that were held back by the pacing are not sent", lost)
        transport, self._transport = self._transport, None
        if self._timer:
            self._timer.cancel()
        self.connection.close()
        if self._tap:
            self._tap.closed("client")
        if transport is not None:
            transport.close()

    def abort(self) -> None:
        """Close the socket at once, because of a fault."""
        if self._tap:
            self._tap.closed("client")
        if self._transport is not None:
            self._transport.abort()


def new_connection(min_version: int, max_version: int, options: str) -> Connection:
    """The client's end of a connection."""
    return Connection(Sender.CLIENT, min_version=min_version, max_version=max_version, connect_options=options)
