"""Connections: how they are opened and listened for, and how they notice that the host of their peer is gone.

The running event loop opens them. That is over TCP, unless it is a loop that simulates connections.

A host that loses its power or its network does not say goodbye. Without the settings of `keep_alive` a silent
connection to it would stay open for ever, and one that sends would notice after a quarter of an hour.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TypeVar

P = TypeVar("P", bound=asyncio.BaseProtocol)

SERVER_PATIENCE = 90
"""Seconds of silence after which a client treats the server's host as gone."""

CLIENT_PATIENCE = 300
"""Seconds of silence after which a server treats a client's host as gone, and frees its client id.

It is longer than a client's patience because Linux also counts a program as silent that does not read while its buffers
are full, such as one that is stopped in a debugger.
"""

_IDLE = 30
"""Seconds of silence before the first keep-alive packet, which the peer's operating system answers."""

_QUESTIONS = 6
"""How many keep-alive packets may stay unanswered."""


async def connect(make: Callable[[], P], host: str, port: int) -> tuple[asyncio.Transport, P]:
    """Open a connection for the protocol that `make` returns. Raises OSError if nobody listens there."""
    return await asyncio.get_running_loop().create_connection(make, host, port)


async def connect_streams(host: str, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Open a connection, and return what reads and writes on it. Raises OSError if nobody listens there."""
    return await asyncio.open_connection(host, port)


async def listen(make: Callable[[], asyncio.BaseProtocol], host: str, port: int) -> tuple[asyncio.Server, int]:
    """Listen on a port, with a protocol from `make` for each connection. Return the server and its port.

    With `port` 0 it is a free port. Raises OSError if the port is not available.
    """
    return _with_port(await asyncio.get_running_loop().create_server(make, host, port))


async def listen_streams(
    meet: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]], host: str, port: int
) -> tuple[asyncio.Server, int]:
    """Listen as `listen` does, and call `meet` with a reader and a writer for each connection."""
    return _with_port(await asyncio.start_server(meet, host, port))


def _with_port(server: asyncio.Server) -> tuple[asyncio.Server, int]:
    return server, server.sockets[0].getsockname()[1]


def keep_alive(transport: asyncio.BaseTransport, patience: int) -> None:
    """Make a connection end as lost when the host of its peer has been silent for `patience` seconds.

    This is TCP keep-alive: the two operating systems do it, and neither program sees or sends anything. Options that a
    system does not have are left out, and a transport that is not TCP is left alone.
    """
    sock = transport.get_extra_info("socket")
    if sock is None:
        return
    for level, name, value in _options(patience):
        option = getattr(socket, name, None)
        if option is not None:
            with suppress(OSError):
                sock.setsockopt(level, option, value)


def _options(patience: int) -> list[tuple[int, str, int]]:
    tcp = socket.IPPROTO_TCP
    return [
        (socket.SOL_SOCKET, "SO_KEEPALIVE", 1),
        # macOS has another name for what Linux and Windows call TCP_KEEPIDLE.
        (tcp, "TCP_KEEPIDLE" if hasattr(socket, "TCP_KEEPIDLE") else "TCP_KEEPALIVE", _IDLE),
        (tcp, "TCP_KEEPINTVL", (patience - _IDLE) // _QUESTIONS),
        (tcp, "TCP_KEEPCNT", _QUESTIONS),
        # Linux sends no keep-alive packets while sent data is unacknowledged; this option limits that wait alike.
        (tcp, "TCP_USER_TIMEOUT", patience * 1000),
    ]
