"""What commands that serve clients share: how they end, and how they read addresses."""

import asyncio
import signal

ENDS = (signal.SIGINT, signal.SIGTERM)


def interruption() -> asyncio.Event:
    """Return an event that is set when the user presses Ctrl+C or the system ends the program.

    From then on these have no other effect.
    """
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in ENDS:
        try:
            loop.add_signal_handler(number, ended.set)
        except NotImplementedError:
            # Event loops on Windows take no signal handlers, but one of the interpreter can wake the loop.
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(ended.set))
    return ended


def reachable(text: str) -> tuple[str, int]:
    """Return host and port of `7497`, `127.0.0.1:7497` or `[::1]:7497`. Without a host it is this machine.

    Raises ValueError with a message for the user.
    """
    host, _, port = text.rpartition(":")
    if not port.isdecimal() or int(port) > 65535:
        raise ValueError(f"{text!r} is not an address: expected a port such as 7497, or host and port: 127.0.0.1:7497")
    return host.strip("[]") or "127.0.0.1", int(port)
