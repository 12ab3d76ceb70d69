"""A connection with faults: what goes wrong with its messages, and with its bytes.

It is a `Link` that asks `Faults` about each message which it sends or takes, on a transport that carries bytes as the
faults of the moment have it.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from random import Random
from typing import Any, Protocol, cast

from ibdesk.session.connection import Connection

from ..client import Client
from ..timers import Timer
from ..transport import HIGH_WATER, Link, LinkListener
from .kinds import Delay, Split, Stall
from .spans import Spans
from .triggers import FROM_CLIENT, TO_CLIENT


class Course(Protocol):
    """What happens to the connections of a gateway, as they see it."""

    spans: Spans

    @property
    def now(self) -> datetime:
        """The moment (in UTC)."""
        ...

    def new_timer(self, act: Callable[[], None]) -> Timer:
        """Return a timer that is not set yet."""
        ...

    def on_new(self, link: "FaultyLink") -> None:
        """Meet a new connection."""
        ...

    def on_bytes(self, link: "FaultyLink", direction: str, before: int, data: bytes) -> Iterable[bytes]:
        """Yield bytes in the pieces between which something happens; `before` have gone through already."""
        ...

    def on_send(self, link: "FaultyLink", message: Any) -> None:
        """Send a message to the client, unless something else becomes of it."""
        ...

    def on_end(self, link: "FaultyLink") -> bool:
        """Take note of the end of a connection. Return whether its session is forgotten now."""
        ...


class Pipe:
    """What carries the bytes of one direction, which may wait, be cut into pieces, and arrive later."""

    def __init__(self, link: "FaultyLink", course: Course, direction: str, deliver: Callable[[bytes], None]) -> None:
        self._link = link
        self._course = course
        self._direction = direction
        self._deliver = deliver
        self._waiting: deque[tuple[datetime, bytes]] = deque()
        self._timer: Timer | None = None
        self.size: int = 0
        """Bytes that wait."""
        self.carried: int = 0
        """Bytes that it has taken."""

    def put(self, data: bytes) -> None:
        """Take bytes, and deliver them now or later."""
        for piece in self._course.on_bytes(self._link, self._direction, self.carried, data):
            if self._link.is_cut:
                break
            self.carried += len(piece)
            self._put(piece)

    def _put(self, data: bytes) -> None:
        spans, client_id = self._course.spans, self._link.client_id
        delays = spans.of(Delay, client_id, self._direction)
        splits = spans.of(Split, client_id, self._direction)
        if not (delays or splits or self._waiting or spans.of(Stall, client_id, self._direction)):
            self._deliver(data)
            return
        due = self._course.now
        for span in (*delays, *splits):
            span.hit()
        for span in delays:
            due += timedelta(seconds=span.fault.by + span.random.uniform(0, span.fault.jitter))
        if self._waiting:
            due = max(due, self._waiting[-1][0])
        size = min((span.fault.size for span in splits), default=len(data))
        pause = timedelta(seconds=max((span.fault.pause for span in splits), default=0))
        for begin in range(0, len(data), size):
            self._waiting.append((due, data[begin : begin + size]))
            due += pause
        self.size += len(data)
        self.go_on()

    def go_on(self) -> None:
        """Deliver what is due, and wait for the next."""
        due = None
        while self._waiting and not self._link.is_cut:
            due = self._waiting[0][0]
            stalls = self._course.spans.of(Stall, self._link.client_id, self._direction)
            for span in stalls:
                span.hit()
            if stalls:
                due = None  # whoever ends the stall calls this again
                break
            if due > self._course.now:
                break
            _, data = self._waiting.popleft()
            self.size -= len(data)
            self._deliver(data)
            due = None
        if due is not None and self._timer is None:
            self._timer = self._course.new_timer(self.go_on)
        if self._timer is not None:
            self._timer.set(due)

    def close(self) -> None:
        """Drop what waits."""
        self._waiting.clear()
        self.size = 0
        if self._timer is not None:
            self._timer.stop()


class FaultyTransport(asyncio.Transport):
    """A transport that carries bytes as the faults of the moment have it, over a real one."""

    def __init__(self, inner: asyncio.Transport, link: "FaultyLink", course: Course) -> None:
        super().__init__()
        self._inner = inner
        self._link = link
        self._out = Pipe(link, course, TO_CLIENT, self._deliver)
        self._in = Pipe(link, course, FROM_CLIENT, link.take)
        self._wants_to_read = True
        self._is_ending = self._is_full = False

    def receive(self, data: bytes) -> None:
        """Take bytes that came from the client."""
        self._in.put(data)
        self._read_or_not()

    def go_on(self) -> None:
        """Deliver what is due in both directions."""
        self._in.go_on()
        self._out.go_on()
        self._read_or_not()
        self._tell_congestion()

    def cut(self, *, reset: bool) -> None:
        """End the connection: what was delivered arrives, if it is not reset."""
        self._drop()
        if reset:
            self._inner.abort()
        else:
            self._inner.close()

    def _drop(self) -> None:
        self._in.close()
        self._out.close()

    def _deliver(self, data: bytes) -> None:
        self._inner.write(data)
        self._tell_congestion()
        if self._is_ending and not self._out.size:
            self._inner.close()

    def _tell_congestion(self) -> None:
        """Tell the link that its client does not get what it is sent, or does again."""
        if self._is_full != (self._out.size > (0 if self._is_full else HIGH_WATER)):
            self._is_full = not self._is_full
            if self._is_full:
                self._link.pause_writing()
            else:
                self._link.resume_writing()

    def _read_or_not(self) -> None:
        if self._inner.is_closing():
            return
        if self._wants_to_read and self._in.size <= HIGH_WATER:
            self._inner.resume_reading()
        else:
            self._inner.pause_reading()

    # What a link asks of its transport

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Send bytes."""
        self._out.put(bytes(data))
        self._tell_congestion()

    def get_write_buffer_size(self) -> int:
        """Return how many bytes have not left."""
        return self._inner.get_write_buffer_size() + self._out.size

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Set when the link is told that its client does not read."""
        self._inner.set_write_buffer_limits(high, low)

    def pause_reading(self) -> None:
        """Read no more."""
        self._wants_to_read = False
        self._read_or_not()

    def resume_reading(self) -> None:
        """Read again."""
        self._wants_to_read = True
        self._read_or_not()

    def is_closing(self) -> bool:
        """Return whether the connection has ended or is about to."""
        return self._is_ending or self._inner.is_closing()

    def close(self) -> None:
        """End the connection when all has been sent."""
        self._is_ending = True
        if not self._out.size:
            self._inner.close()

    def abort(self) -> None:
        """End the connection at once."""
        self._drop()
        self._inner.abort()


class FaultyLink(Link):
    """A connection with faults."""

    takes_encoded = False  # faults look at each message

    def __init__(self, connection: Connection, listener: LinkListener, course: Course) -> None:
        super().__init__(connection, listener)
        self._course = course
        self._line: FaultyTransport | None = None
        self._together: list[tuple[Any, Random]] = []
        self.is_cut: bool = False
        """Whether nothing goes through any more."""
        self.is_deaf = False
        """Whether nothing that the client sends is taken."""
        self.is_muted = False
        """Whether what is sent is dropped, for a moment."""
        self.is_answering = False
        """Whether a request of the client is being answered."""
        self.linger: float = 0.0
        """Seconds for which the gateway goes on counting the session after its end."""

    @property
    def client(self) -> Client | None:
        """The client, once the handshake is done."""
        return self._client

    @property
    def client_id(self) -> int | None:
        """The id of the client, once it has started."""
        return self._client.client_id if self._client else None

    @property
    def is_gone(self) -> bool:
        """Whether there is no connection."""
        return self._transport is None

    # Called by the loop

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin, unless nobody is to connect now."""
        self._line = FaultyTransport(cast(asyncio.Transport, transport), self, self._course)
        super().connection_made(self._line)
        self._course.on_new(self)

    def data_received(self, data: bytes) -> None:
        """Take in bytes that arrived at the gateway's host."""
        if self._line and not (self.is_cut or self.is_deaf):
            self._line.receive(data)
            self._listener.on_ready()

    def take(self, data: bytes) -> None:
        """Take in bytes that arrive at the gateway."""
        super().data_received(data)

    def connection_lost(self, exc: Exception | None) -> None:
        """Take note that the connection has ended. The session may live on for a while."""
        self.is_cut = True
        if self._course.on_end(self):
            self.end_session()
        else:
            self._transport = None
            self._waiting.clear()
            self._cancel_deadline()
            self._listener.on_ready()

    def end_session(self) -> None:
        """Forget the client of a connection that has ended."""
        super().connection_lost(None)

    # Called by the gateway

    def send_all(self, messages: Iterable[Any]) -> None:
        """Send messages, or what becomes of them."""
        for message in messages:
            if self.is_gone or self.is_cut or self.is_muted:
                return
            self._course.on_send(self, message)

    def flush(self) -> None:
        """Hand what is to be sent over to the transport."""
        self._send_together()
        super().flush()
        self._listener.on_ready()

    def close(self) -> None:
        """End the connection."""
        if self.is_gone:
            self.end_session()  # of one that lingers
        super().close()

    # Called by the faults

    def deliver(self, *messages: Any) -> None:
        """Send messages at the next `flush`."""
        self._send_together()
        super().send_all(messages)

    def deliver_shuffled(self, *messages: Any, random: Random) -> None:
        """Send messages at the next `flush`, in any order among those of this sort just before and after them."""
        self._together += [(message, random) for message in messages]

    def deliver_part(self, message: Any, size: int) -> None:
        """Send so many bytes of a message now. The connection has to be cut then."""
        self.push()
        super().send_all((message,))
        self._put_on_line(self._connection.data_to_send()[:size])

    def _send_together(self) -> None:
        """Send what waits to be shuffled; messages of one class stay in their order."""
        if not self._together:
            return
        together, self._together = self._together, []
        lanes: dict[type, deque[Any]] = {}
        for message, _ in together:
            lanes.setdefault(type(message), deque()).append(message)
        order = [type(message) for message, _ in together]
        together[0][1].shuffle(order)
        super().send_all([lanes[kind].popleft() for kind in order])

    def cut(self, *, reset: bool = False, linger: float = 0.0) -> None:
        """End the connection. What was sent arrives, if it is not reset."""
        if self.is_cut or self._line is None:
            return
        self.push()
        self.linger, self.is_cut = linger, True
        self._waiting.clear()
        self._line.cut(reset=reset)

    def push(self) -> None:
        """Put what was sent on its way, though it is not the time of the next `flush`."""
        self._send_together()
        self._put_on_line(self._connection.data_to_send())

    def _put_on_line(self, data: bytes) -> None:
        if data and self._line and not self.is_cut:
            self._line.write(data)

    def go_on(self) -> None:
        """Carry what is due."""
        if self._line and not self.is_gone:
            self._line.go_on()
