"""Decides how a TCP connection notices that its peer's host is gone; it must not know what the connection carries.

A host that loses its power or its network says no goodbye. Without more, a connection on which nothing is sent then
lives for ever, and one on which something is, for a quarter of an hour.
"""

import asyncio
import socket
from contextlib import suppress

SERVER_PATIENCE = 90
"""Seconds until a client takes a silent server's host for gone."""

CLIENT_PATIENCE = 300
"""Seconds until a server takes a silent client's host for gone, and frees its client id.

Longer, because Linux counts a program that does not read, say in a debugger, as silent too, when its buffers are full.
"""

_IDLE = 30
"""Seconds of silence before the peer's system is asked whether it is still there."""

_QUESTIONS = 6
"""How often it is asked."""


def keep_alive(transport: asyncio.BaseTransport, patience: int) -> None:
    """Has a connection end, as one that is lost, when its peer's host has been silent for `patience` seconds.

    The two systems settle that between them: neither program sees or sends anything. What a system cannot do, or a
    transport that is not TCP, is left out.
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
        # Linux, Windows; macOS has another name for it.
        (tcp, "TCP_KEEPIDLE" if hasattr(socket, "TCP_KEEPIDLE") else "TCP_KEEPALIVE", _IDLE),
        (tcp, "TCP_KEEPINTVL", (patience - _IDLE) // _QUESTIONS),
        (tcp, "TCP_KEEPCNT", _QUESTIONS),
        # Linux: the same for what was sent and is not acknowledged, of which the questions above do not take care.
        (tcp, "TCP_USER_TIMEOUT", patience * 1000),
    ]
