"""Connections in memory, for loops that simulate time: sockets that behave as TCP's do on the loopback addresses.

asyncio's own transports and servers work on these sockets. So what a protocol sees of a connection in memory, it sees
as over TCP: asyncio decides when it is paused, closed or lost.
"""

import asyncio
import errno
import ipaddress
import os
import socket
from collections import deque
from collections.abc import Callable
from itertools import count
from selectors import EVENT_READ, EVENT_WRITE
from typing import Any

from ibdesk.errors import SimulationError

Address = tuple[str, int] | tuple[str, int, int, int]
"""The address of a socket as `getsockname` tells it: of IPv4, or of IPv6."""

CAPACITY = 1024 * 1024
"""Bytes that are on their way in one direction, or not read yet, at which a socket takes no more."""

_FIRST_NUMBER = 1 << 30
"""Numbers of sockets in memory begin here. No file of an operating system has such a number."""

_FREE_PORTS = range(49152, 65536)

_SYN_RETRY = 1.0
"""Seconds until a connection is tried again when too many wait to be accepted."""

_NAMES = {"localhost": ("127.0.0.1", "::1"), "": ("0.0.0.0",)}


class Network:
    """All sockets in memory that can reach each other.

    `latency` is the number of seconds that bytes take from one end to the other.
    """

    def __init__(self, latency: float = 0.0) -> None:
        if not 0 <= latency < float("inf"):
            raise ValueError(f"the latency is a number of seconds, not {latency!r}")
        self.latency = latency
        self.sockets: dict[int, MemorySocket] = {}
        """The open sockets by their numbers."""
        self._listening: dict[int, list[MemorySocket]] = {}
        self._numbers = count(_FIRST_NUMBER)
        self._ports = 0

    def bind(self, host: str | None, port: int, family: int = 0) -> "MemorySocket":
        """Make a socket that can listen on an address; with port 0, on a free one.

        Raises OSError if the port is in use, and SimulationError for an address that is not a loopback address.
        """
        name = addresses(host or "", family)[0]
        port = port or self._free_port()
        address = _address(name, port)
        if any(_overlap(other.getsockname()[0], name) for other in self._listening.get(port, ())):
            text = f"error while attempting to bind on address {address}: address already in use"
            raise OSError(errno.EADDRINUSE, text)
        sock = MemorySocket(self, address)
        self._listening.setdefault(port, []).append(sock)
        return sock

    async def connect(self, host: str, port: int, family: int = 0, local: int = 0) -> "MemorySocket":
        """Open a connection from a local port, 0 for any.

        Raises ConnectionRefusedError where nobody listens, and SimulationError for an address that is not a loopback
        address.
        """
        names = addresses(host, family)
        await asyncio.sleep(self.latency)
        for name in names:
            while listener := self._listener(name, port):
                if not listener.has_full_queue:
                    return await self._join(listener, name, local)
                await asyncio.sleep(_SYN_RETRY)
        await asyncio.sleep(self.latency)
        raise ConnectionRefusedError(errno.ECONNREFUSED, f"Connect call failed {_address(names[0], port)}")

    def forget(self, sock: "MemorySocket") -> None:
        """Forget a socket that is closed."""
        del self.sockets[sock.fileno()]
        port = sock.getsockname()[1]
        if sock in (same := self._listening.get(port, [])):
            same.remove(sock)
            if not same:
                del self._listening[port]

    def register(self, sock: "MemorySocket") -> int:
        """Give a new socket its number."""
        number = next(self._numbers)
        self.sockets[number] = sock
        return number

    async def _join(self, listener: "MemorySocket", name: str, local: int) -> "MemorySocket":
        near = MemorySocket(self, _address(name, local or self._free_port()))
        far = MemorySocket(self, _address(name, listener.getsockname()[1]))
        near.peer, far.peer = far, near
        listener.enqueue(far)
        try:
            await asyncio.sleep(self.latency)
        except BaseException:
            near.close()
            raise
        return near

    def _listener(self, name: str, port: int) -> "MemorySocket | None":
        for sock in self._listening.get(port, ()):
            if sock.backlog and _overlap(sock.getsockname()[0], name):
                return sock
        return None

    def _free_port(self) -> int:
        for _ in _FREE_PORTS:
            port = _FREE_PORTS[self._ports % len(_FREE_PORTS)]
            self._ports += 1
            if port not in self._listening:
                return port
        raise OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE))


class MemorySocket:
    """A socket in memory, with the part of `socket.socket` that asyncio's transports and servers use.

    It never blocks. `peer` is its other end. `on_change` is called when it may have become readable or writable.
    """

    type: int = socket.SOCK_STREAM
    proto: int = socket.IPPROTO_TCP

    def __init__(self, network: Network, address: Address) -> None:
        self.family = socket.AF_INET6 if len(address) == 4 else socket.AF_INET
        self.peer: MemorySocket | None = None
        self.backlog: int = 0
        self.on_change: Callable[[], object] | None = None
        self._network = network
        self._loop = asyncio.get_running_loop()
        self._address = address
        self._number = network.register(self)
        self._options: dict[tuple[int, int], Any] = {}
        self._queue: deque[MemorySocket] = deque()
        # What has arrived here and is not read: bytes, and then perhaps the end.
        self._arrived: deque[bytes] = deque()
        self._unread = 0
        """Bytes that are on their way here, or have arrived and are not read."""
        self._at_end = False
        # What has happened to it.
        self._error: int = 0
        self._is_closed = self._is_shut = self._is_reset = False

    def __repr__(self) -> str:
        state = (
            "closed" if self._is_closed else "listening" if self.backlog else f"peer={self.peer and self.peer._address}"
        )
        return f"<MemorySocket {self._address} {state}>"

    # What asyncio asks of a socket

    def fileno(self) -> int:
        """Return its number, -1 once it is closed."""
        return -1 if self._is_closed else self._number

    def getsockname(self) -> Address:
        """Return its address."""
        return self._address

    def getpeername(self) -> Address:
        """Return the address of the other end. Raises OSError if there is none."""
        if self.peer is None:
            raise OSError(errno.ENOTCONN, os.strerror(errno.ENOTCONN))
        return self.peer._address

    def setblocking(self, flag: bool) -> None:
        """Do nothing but refuse to block."""
        if flag:
            raise SimulationError("a socket in memory cannot block: time would stand still")

    def gettimeout(self) -> float:
        """Return 0: it never blocks."""
        return 0.0

    def setsockopt(self, level: int, option: int, value: Any) -> None:
        """Keep an option. None changes anything in memory, where no packet is lost and no host is gone."""
        self._options[level, option] = value

    def getsockopt(self, level: int, option: int) -> Any:
        """Return an option that was set, 0 for any other; SO_ERROR is the pending error."""
        if (level, option) == (socket.SOL_SOCKET, socket.SO_ERROR):
            error, self._error = self._error, 0
            return error
        return self._options.get((level, option), 0)

    def listen(self, backlog: int) -> None:
        """Begin to take connections, of which so many may wait to be accepted."""
        self.backlog = max(1, backlog)

    def accept(self) -> tuple["MemorySocket", Address]:
        """Return the next connection, and the address of its other end. Raises BlockingIOError if there is none."""
        if not self._queue:
            raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))
        sock = self._queue.popleft()
        return sock, sock.getpeername()

    def send(self, data: bytes | bytearray | memoryview) -> int:
        """Send as many bytes as there is room for, and return their number. Raises BlockingIOError if there is none."""
        if self._error:
            self._raise_error()
        peer = self.peer
        if self._is_shut or self._is_reset or peer is None:
            raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))
        room = CAPACITY - peer._unread
        if room <= 0:
            raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))
        chunk = bytes(data if len(data) <= room else memoryview(data)[:room])
        peer._unread += len(chunk)
        if self._network.latency:
            self._after_latency(peer._receive, chunk)
        else:
            peer._receive(chunk)
        return len(chunk)

    def sendmsg(self, buffers: Any) -> int:
        """Send as much of several buffers as there is room for."""
        return self.send(b"".join(buffers))

    def recv(self, size: int) -> bytes:
        """Return what has arrived, up to `size` bytes; nothing at the end. Raises BlockingIOError if there is none."""
        arrived = self._arrived
        if not arrived:
            self._raise_error()
            if self._at_end or self._is_reset:
                return b""
            raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))
        if len(arrived) == 1 and len(arrived[0]) <= size:
            data = arrived.popleft()
        else:
            data = b"".join(arrived)
            arrived.clear()
            if len(data) > size:
                arrived.append(data[size:])
                data = data[:size]
        was_full = self._unread >= CAPACITY
        self._unread -= len(data)
        if was_full and self.peer:
            self._after_latency(self.peer._changed)
        return data

    def recv_into(self, buffer: Any) -> int:
        """Read into a buffer, and return the number of bytes."""
        data = self.recv(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def shutdown(self, how: int) -> None:
        """Say that nothing more will be sent."""
        assert how == socket.SHUT_WR, "asyncio shuts nothing else"
        if not self._is_shut and not self._is_reset and self.peer:
            self._is_shut = True
            self._after_latency(self.peer._receive_end)

    def close(self) -> None:
        """Close it. As with TCP, the other end gets a reset if something was not read."""
        if self._is_closed:
            return
        self._network.forget(self)
        self._is_closed = True
        for waiting in self._queue:
            waiting._reset_peer()
            waiting.close()
        if self._unread:
            self._reset_peer()
        else:
            self.shutdown(socket.SHUT_WR)

    # What the network and the selector ask

    @property
    def has_full_queue(self) -> bool:
        """Whether as many connections wait to be accepted as may."""
        return len(self._queue) >= self.backlog

    def enqueue(self, sock: "MemorySocket") -> None:
        """Let a connection wait to be accepted."""
        self._queue.append(sock)
        self._changed()

    @property
    def events(self) -> int:
        """What it is ready for, as `selectors` counts it."""
        if self._is_closed:
            return 0
        if self.peer is None:
            return EVENT_READ if self._queue else 0
        if self._error or self._is_reset:
            return EVENT_READ | EVENT_WRITE
        readable = EVENT_READ if self._arrived or self._at_end else 0
        return readable | (EVENT_WRITE if self.peer._unread < CAPACITY else 0)

    # What comes from the other end

    def _receive(self, chunk: bytes) -> None:
        if self._is_closed:
            self._reset_peer()
        elif not self._is_reset:
            self._arrived.append(chunk)
            self._changed()

    def _receive_end(self) -> None:
        self._at_end = True
        self._changed()

    def _receive_reset(self) -> None:
        if not self._is_reset:
            # As Linux has it: who knows already that the other end sends no more, finds a broken pipe.
            self._error = errno.EPIPE if self._at_end else errno.ECONNRESET
            self._is_reset = True
            self._changed()

    def _reset_peer(self) -> None:
        self._is_reset = True
        if self.peer:
            self._after_latency(self.peer._receive_reset)

    def _after_latency(self, call: Callable[..., None], *args: Any) -> None:
        if self._network.latency and not self._loop.is_closed():
            self._loop.call_later(self._network.latency, call, *args)
        else:
            call(*args)

    def _changed(self) -> None:
        if self.on_change is not None:
            self.on_change()

    def _raise_error(self) -> None:
        if self._error:
            error, self._error = self._error, 0
            raise OSError(error, os.strerror(error))


def addresses(host: str, family: int = 0) -> list[str]:
    """Return the loopback addresses of a host. Raises SimulationError if it has none."""
    found = []
    for name in _NAMES.get(host.lower(), (host,)):
        try:
            address = ipaddress.ip_address(name)
        except ValueError:
            continue
        fits = family in (0, socket.AF_INET if address.version == 4 else socket.AF_INET6)
        if fits and (address.is_loopback or address.is_unspecified):
            found.append(name)
    if not found:
        raise SimulationError(
            f"{host!r} is not a loopback address, such as 127.0.0.1: in a simulation there are connections within the "
            "program only, because the world outside has no simulated time"
        )
    return found


def _address(name: str, port: int) -> Address:
    return (name, port, 0, 0) if ":" in name else (name, port)


def _overlap(one: str, other: str) -> bool:
    """Return whether two hosts have an address in common. IPv6's wildcard takes connections of IPv4, too."""
    wild = {one, other} & {"0.0.0.0", "::"}
    return one == other or "::" in wild or (bool(wild) and ":" not in one + other)
