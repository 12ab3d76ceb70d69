"""`Transport`: the socket of a connection. It moves bytes between the socket and the rules in `ibdesk.session`."""

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
"""How many bytes are read from the socket at once.

The few hundred messages that fit are handled and freed before the next read. So they stay in the cache of the processor
and never live long enough for a full garbage collection. With asyncio's own 256 KiB, a tick takes an eighth more time.
"""


FAREWELL_SECONDS = 2.0
"""How long the server may take to close its side of a connection that the client has closed."""


class Transport(asyncio.BufferedProtocol):
    """One TCP connection to TWS or IB Gateway, with counters of what passes. It paces what is sent.

    It calls `on_events` with the messages of each piece of data, `on_throttle` when messages begin or stop to wait for
    the pacing, and `on_lost` once, with the reason, when the connection ended and `close` was not called.
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
        """Prepare for a socket that is about to be opened.

        `limits` returns how many messages may be sent in how many seconds; it is called for each message, so that the
        user can change them at any time. `tap` records the bytes that pass.
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
        """The batches of messages that are still to be handled, or partly so. Each piece of data makes one."""
        self._transport: asyncio.Transport | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._throttled = False
        self._fault: Exception | None = None
        self._loop = asyncio.get_running_loop()
        self._is_closed = False
        self._gone: asyncio.Future[None] = self._loop.create_future()
        """Done when the socket is closed."""
        self._lingering: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin the handshake, as the socket is open."""
        if self._is_closed:  # the user has disconnected meanwhile
            cast(asyncio.Transport, transport).abort()
            return
        self._transport = cast(asyncio.Transport, transport)  # uvloop's class does not inherit from it
        keep_alive(transport, SERVER_PATIENCE)
        self._flush()

    def get_buffer(self, sizehint: int) -> memoryview:
        """Return the buffer into which asyncio reads."""
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        """Handle the data that asyncio has read."""
        data = bytes(self._buffer[:nbytes])
        if can_nest(self._loop):
            # After `start_loop` a listener may run the loop inside itself. The loop reads no further data until this
            # method has returned, so the listener must not be called from here.
            self._loop.call_soon(self._take, data)
        else:
            self._take(data)

    def _take(self, data: bytes) -> None:
        self.bytes_received += len(data)
        if self._tap:
            self._tap.received(data)
        pending, connection = self._pending, self.connection
        try:
            received = connection.messages_received
            batch = connection.events(data)
            if connection.messages_received > received:  # else the data hold no complete message
                pending.append(batch)
                if len(pending) == 1:
                    self._handle(batch)
                else:
                    self._go_on_with_interrupted()
        except ProtocolError as error:
            pending.clear()
            self._fault = error
            self.abort()
            return
        self._flush()

    def _handle(self, batch: Iterator[Any]) -> None:
        self._on_events(batch)
        if self._pending and self._pending[0] is batch:
            self._pending.popleft()

    def _go_on_with_interrupted(self) -> None:
        """Handle what is left of a batch whose handler runs the loop re-entrantly, and the data that came behind it."""
        while self._pending:
            batch = self._pending[0]
            # Whether something is left is seen by reading it. So nothing may be taken from it that is not a message.
            self.connection.take_directly({})
            # This runs once at most, since the handler takes the rest of the batch.
            for first in batch:
                self._on_events(chain((first,), batch))
            if self._pending and self._pending[0] is batch:
                self._pending.popleft()

    def connection_lost(self, exc: Exception | None) -> None:
        """Take note that the socket is closed, whoever closed it."""
        was_open = self._transport is not None
        self._transport = None
        self._gone.set_result(None)
        if self._timer:
            self._timer.cancel()
        self.connection.close()
        if self._tap:
            self._tap.closed("server")
        if was_open:
            self._on_lost(self._fault or exc or ConnectionResetError("Peer closed connection"))

    @property
    def is_open(self) -> bool:
        """Whether messages can be sent."""
        return self._transport is not None

    def send(
        self, message: Any, lane: Lane, key: object = None, before: Callable[[Any, bytes], None] | None = None
    ) -> None:
        """Send a message as soon as the pacing of its lane allows.

        `before` is called first, with the message and its bytes; if it raises, nothing is sent.

        Raises at once, before the message waits: `EncodeError` if it cannot be encoded, ConnectionError if the
        connection is not open, and ValueError for limits that are out of range.
        """
        if self._transport is None:
            raise ConnectionError("Not connected")
        limits, pacer = self._limits(), self.pacer
        if limits != (pacer.max_requests, pacer.interval):
            pacer.allow(*limits)
        self.connection.send(message)
        data = self.connection.data_to_send()
        if before is not None:
            before(message, data)
        pacer.push(lane, data, key)
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
        """Send messages that have waited for the pacing."""
        with suppress(ValueError):  # limits out of range: the old ones stay, and the next `send` raises
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

    def close(self, lingers: bool = False) -> None:
        """Close the socket after sending all that is due, and the orders that the pacing still holds back.

        `on_lost` is not called. If it `lingers`, only this side of the socket is closed: see `gone`.
        """
        self._is_closed = True
        if self._transport is not None:
            self._write(b"".join(self.pacer.drain(Lane.CANCEL, Lane.PLACE, Lane.MODIFY)))
            if lost := self.pacer.waiting:
                _log.info("%d requests that were held back by the pacing are not sent", lost)
        transport, self._transport = self._transport, None
        if self._timer:
            self._timer.cancel()
        self.connection.close()
        # A handler may have closed it. The messages that came with the one that it handles are then not handled any
        # more: whoever has closed a connection wants nothing of it, and another one may be made already.
        if self._pending and self.connection.takes_directly:
            self.connection.take_directly({})
        for batch in self._pending:
            with suppress(ProtocolError):
                deque(batch, maxlen=0)
        if self._tap:
            self._tap.closed("client")
        if transport is None:
            return
        if lingers and transport.can_write_eof() and not transport.is_closing():
            self._lingering = transport
            transport.set_protocol(_Farewell(self._gone))
            transport.write_eof()
        else:
            transport.close()

    async def gone(self) -> None:
        """Wait until the server, too, has closed its side, after `close(lingers=True)`, or cut it off in the end.

        Only then has the server read the end of the connection, so that the client id is free again.
        """
        await asyncio.wait({self._gone}, timeout=FAREWELL_SECONDS)
        if self._lingering is not None and not self._gone.done():
            self._lingering.abort()

    def abort(self, reason: Exception | None = None) -> None:
        """Close the socket at once, because of an error. `on_lost` gets the reason."""
        self._fault = self._fault or reason
        if self._tap:
            self._tap.closed("client")
        if self._transport is not None:
            self._transport.abort()


class _Farewell(asyncio.Protocol):
    """Waits for the server to close a connection that this end has closed. What still comes is not read."""

    def __init__(self, gone: asyncio.Future[None]) -> None:
        self._gone = gone

    def connection_lost(self, exc: Exception | None) -> None:
        """Take note that both sides are closed."""
        self._gone.set_result(None)


def new_connection(min_version: int, max_version: int, options: str) -> Connection:
    """Return the rules of the client's side of a connection that is about to be opened."""
    return Connection(Sender.CLIENT, min_version=min_version, max_version=max_version, connect_options=options)
