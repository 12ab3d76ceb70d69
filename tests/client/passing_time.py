"""Lets time pass for an event loop without waiting: what it has planned for then, it does at once."""

import asyncio


def let_pass(seconds: float) -> None:
    """Move the clock of the running loop on, for the rest of the test."""
    loop = asyncio.get_running_loop()
    clock = loop.time
    loop.time = lambda: clock() + seconds  # type: ignore[method-assign]
