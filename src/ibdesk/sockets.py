"""TCP settings by which a connection notices that the host of its peer is gone.

A host that loses its power or its network does not say goodbye. Without these settings a silent connection to it would
stay open for ever, and one that sends would notice after a quarter of an hour.
"""

import asyncio
import socket
from contextlib import suppress

SERVER_PATIENCE = 90
"""Seconds of silence after which a client treats the server's host as gone."""

CLIENT_PATIENCE = 300
"""Seconds of silence after which a server treats a client's host as gone, and frees its client id.

It is longer than a client's patience because Linux also counts a program as silent that does not read while its buffers
are full, such as one that is stopped in a debugger.
"""

_IDLE = 30
"""Seconds of silence before the first question to the peer's operating system."""

_QUESTIONS = 6
"""How many questions may stay unanswered."""


def keep_alive(transport: asyncio.BaseTransport, patience: int) -> None:
    """Make a connection end as lost when its peer's host has been silent for `patience` seconds.

    The two operating systems settle this between them: neither program sees or sends anything. Options that a system
    does not have are left out, and a transport that is not TCP is left alone.
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
        # Linux asks no questions while sent data is unacknowledged; this option limits that wait in the same way.
        (tcp, "TCP_USER_TIMEOUT", patience * 1000),
    ]
