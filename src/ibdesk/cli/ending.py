"""Decides how commands that serve until somebody ends them are ended; must not know what they serve."""

import asyncio
import signal

ENDS = (signal.SIGINT, signal.SIGTERM)


def interruption() -> asyncio.Event:
    """Is set when the user presses Ctrl+C, or the system ends the program; from now on neither does more than that."""
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in ENDS:
        try:
            loop.add_signal_handler(number, ended.set)
        except NotImplementedError:
            # Windows' loops have no signal handlers; a handler of the interpreter's reaches the loop as well.
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(ended.set))
    return ended


def reachable(text: str) -> tuple[str, int]:
    """Host and port of `7497`, `127.0.0.1:7497` or `[::1]:7497`; this machine where there is no host.

    Raises ValueError, which says what is expected.
    """
    host, _, port = text.rpartition(":")
    if not port.isdecimal() or int(port) > 65535:
        raise ValueError(f"{text!r} is no address: expected a port, such as 7497, or host and port, 127.0.0.1:7497")
    return host.strip("[]") or "127.0.0.1", int(port)
