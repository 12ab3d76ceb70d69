"""The link to one client: it moves bytes between a socket and the rules of a connection, and ends harmful connections.

No connection notices what another one does. Bytes that break the protocol end their connection. A client that does not
read what it is sent gets no quotes and no answers until it does, and is given up when too much waits for it. Of a
client that asks a lot at once, one message is answered at a time, between those of the others.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any, Protocol, cast

from ibdesk.errors import EncodeError, ProtocolError
from ibdesk.logs import logger
from ibdesk.runtime.connections import CLIENT_PATIENCE, keep_alive
from ibdesk.session.connection import Connection, Opened

from .client import Client

_log = logger("ibdesk.paper")

HANDSHAKE_SECONDS = 10.0
"""How long a connection may take to say who it is."""

HIGH_WATER = 256 * 1024
"""Bytes waiting to be read by a client from which on it counts as congested."""

GIVE_UP = 64 * 1024 * 1024
"""Bytes waiting to be read by a client at which the connection ends."""

MANY_WAITING = 100
"""Messages waiting to be answered from which on no more are read."""


class LinkListener(Protocol):
    """What a link tells the gateway."""

    def on_open(self, link: "Link", opened: Opened) -> Client:
        """Begin with a client whose handshake is done, and return it."""
        ...

    def on_message(self, link: "Link", client: Client, message: Any) -> None:
        """Take a message that has arrived."""
        ...

    def on_ready(self) -> None:
        """Tell a client that reads again what was held back."""
        ...

    def on_close(self, link: "Link", client: Client | None) -> None:
        """Forget a client whose connection has ended."""
        ...


class Link(asyncio.Protocol):
    """One connection."""

    takes_encoded = True

    def __init__(self, connection: Connection, listener: LinkListener) -> None:
        self._connection = connection
        self._listener = listener
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._client: Client | None = None
        self._waiting: deque[Any] = deque()
        self._answer_is_due = False
        self._deadline: asyncio.TimerHandle | None = None
        self._peer = "?"

    # Called by the loop

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Wait for the handshake, for a limited time, now that the socket is open."""
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is no subclass
        keep_alive(transport, CLIENT_PATIENCE)
        self._peer = str(transport.get_extra_info("peername"))
        self._transport.set_write_buffer_limits(high=HIGH_WATER)
        self._deadline = self._loop.call_later(HANDSHAKE_SECONDS, self._give_up, "no handshake")

    def data_received(self, data: bytes) -> None:
        """Take in bytes that arrived. Complete messages wait for their turn."""
        try:
            events = self._connection.receive_data(data)
        except ProtocolError as error:
            self._give_up(str(error))
            return
        self._waiting.extend(events)
        self._pace()

    def pause_writing(self) -> None:
        """Remember that the client does not read."""
        if self._client:
            self._client.is_congested = True
        self._pace()

    def resume_writing(self) -> None:
        """Remember that the client reads again."""
        if self._client:
            self._client.is_congested = False
            self._listener.on_ready()
        self._pace()

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell the listener that the connection has ended."""
        self._transport = None
        self._waiting.clear()
        self._connection.close()
        self._cancel_deadline()
        self._listener.on_close(self, self._client)

    # Called by the gateway

    def send(self, message: Any) -> None:
        """Send a message at the next `flush`."""
        self.send_all((message,))

    def send_all(self, messages: Iterable[Any]) -> None:
        """Send messages at the next `flush`. One that cannot be written does not keep back the others."""
        left = iter(messages)
        while self._transport is not None:
            try:
                self._connection.send_all(left)
                return
            except EncodeError:
                _log.exception("%s: a message that cannot be written is not sent", self._peer)

    def partial_encoder(self, cls: type, *given: Any) -> Callable[..., bytes]:
        """Return what encodes messages for `send_encoded`: see `Codec.partial_encoder`."""
        return self._connection.partial_encoder(cls, *given)

    def send_encoded(self, data: bytes) -> None:
        """Send encoded messages at the next `flush`."""
        if self._transport is not None:
            self._connection.send_encoded(data)

    def flush(self) -> None:
        """Hand what is to be sent over to the socket, and end the connection if that is due."""
        data, transport = self._connection.data_to_send(), self._transport
        if transport is None:
            return
        if data:
            transport.write(data)
            if transport.get_write_buffer_size() > GIVE_UP:
                self._give_up("it does not read what it is sent")
                return
        if self._client and self._client.is_closing:
            self.close()

    def close(self) -> None:
        """End the connection: what was sent still goes out, unless the client does not read."""
        if self._transport is None:
            return
        if self._is_congested:
            self._transport.abort()
        else:
            self._transport.close()

    def abort(self) -> None:
        """End the connection at once."""
        if self._transport is not None:
            self._transport.abort()

    # Inside

    @property
    def _is_congested(self) -> bool:
        return self._client is not None and self._client.is_congested

    def _pace(self) -> None:
        """Read on and answer on, or pause, by how much there is to do."""
        if self._transport is None or self._transport.is_closing():
            return
        is_congested = self._is_congested
        if is_congested or len(self._waiting) >= MANY_WAITING:
            self._transport.pause_reading()
        else:
            self._transport.resume_reading()
        if self._waiting and not is_congested and not self._answer_is_due:
            self._answer_is_due = True
            self._loop.call_soon(self._answer_next)

    def _answer_next(self) -> None:
        """Answer one message. The next one waits until the other clients have had their turn."""
        self._answer_is_due = False
        if not self._waiting or self._transport is None or self._is_congested:
            return
        event = self._waiting.popleft()
        try:
            if isinstance(event, Opened):
                self._cancel_deadline()
                self._client = self._listener.on_open(self, event)
                self.flush()
            else:
                assert self._client is not None, "messages come after the handshake"
                self._listener.on_message(self, self._client, event)
        finally:
            self._pace()

    def _give_up(self, reason: str) -> None:
        _log.info("the connection with %s is ended: %s", self._peer, reason)
        self.abort()

    def _cancel_deadline(self) -> None:
        if self._deadline:
            self._deadline.cancel()
            self._deadline = None
