"""The event loop of a thread, and nested calls on a loop.

Importing ibdesk makes or sets no loop, and nothing here is deprecated by asyncio.
"""

import asyncio
import contextlib
import os
import sys
import threading
import weakref
from collections.abc import Callable, Iterator
from typing import Any


def get_loop() -> asyncio.AbstractEventLoop:
    """Return the loop of this thread: the running one, else the one that was set, else one that is kept for the thread.

    The kept loop is made when it is first needed, set as the thread's current loop, and closed when the thread ends.
    """
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        pass
    loop = loop_that_was_set()
    return _kept_loop() if loop is None or loop.is_closed() or loop is _of_parent else loop


def call_in(loop: asyncio.AbstractEventLoop, function: Callable[..., object], *args: Any) -> None:
    """Call a function soon in the thread of its loop; at once if that loop is the one that runs here."""
    if running_loop() is loop:
        function(*args)
    else:
        with contextlib.suppress(RuntimeError):  # it is closed, and nobody waits there any more
            loop.call_soon_threadsafe(function, *args)


def running_loop() -> asyncio.AbstractEventLoop | None:
    """Return the loop that runs in this thread, None if none does."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def start_loop() -> None:
    """Allow blocking calls on the event loop of this thread while it runs, as in a Jupyter notebook.

    It patches asyncio with nest_asyncio2. Raises RuntimeError for a loop that can't be nested, such as uvloop's.
    """
    loop = get_loop()
    if not isinstance(loop, asyncio.BaseEventLoop):
        raise RuntimeError(
            f"An event loop of {type(loop).__module__} can't be nested: await the ...Async methods, "
            "or run on asyncio's own loop"
        )
    import nest_asyncio2

    nest_asyncio2.apply(loop)


def can_nest(loop: asyncio.AbstractEventLoop) -> bool:
    """Return whether `run_until_complete` may be called on a loop that is running."""
    return hasattr(loop, "_nest_patched")


if sys.version_info >= (3, 14):

    def loop_that_was_set() -> asyncio.AbstractEventLoop | None:
        """Return the loop that somebody has set for this thread, if anybody has; none is made."""
        try:
            return asyncio.get_event_loop()  # from 3.14 on this makes no loop
        except RuntimeError:
            return None

else:

    def loop_that_was_set() -> asyncio.AbstractEventLoop | None:
        """Return the loop that somebody has set for this thread, if anybody has; none is made."""
        # Every public function makes a loop if there is none, from 3.12 on with a warning.
        policy_state = getattr(asyncio.get_event_loop_policy(), "_local", None)
        loop: asyncio.AbstractEventLoop | None = getattr(policy_state, "_loop", None)
        return loop


class _KeptLoop:
    """A loop that is closed when its thread ends, or at the latest when the interpreter does.

    It belongs to one process. A forked process shares its selector, and must neither wait on it nor change it.
    """

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.process = os.getpid()
        weakref.finalize(self, _close, self.loop, self.process)

    @property
    def is_usable(self) -> bool:
        return self.process == os.getpid() and not self.loop.is_closed()


def _close(loop: asyncio.AbstractEventLoop, process: int) -> None:
    if process != os.getpid():
        with contextlib.suppress(AttributeError):  # uvloop's has none
            loop._closed = True  # type: ignore[attr-defined]  # else it closes itself when it is collected
    elif not loop.is_running():
        loop.close()


_of_thread = threading.local()


def _kept_loop() -> asyncio.AbstractEventLoop:
    kept: _KeptLoop | None = getattr(_of_thread, "kept", None)
    if kept is None or not kept.is_usable:
        kept = _of_thread.kept = _KeptLoop()
    asyncio.set_event_loop(kept.loop)
    return kept.loop


@contextlib.contextmanager
def no_kept_loop() -> Iterator[None]:
    """Let this thread have no kept loop at first, and afterwards the one that it had before."""
    before: _KeptLoop | None = getattr(_of_thread, "kept", None)
    _of_thread.kept = None
    try:
        yield
    finally:
        _of_thread.kept = before


_of_parent: asyncio.AbstractEventLoop | None = None
"""In a process that was forked: the loop that was set before. From Python 3.12 on asyncio forgets it by itself."""


def _forget_loop_of_parent() -> None:
    global _of_parent
    _of_parent = loop_that_was_set()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_loop_of_parent)
