"""What every group of methods has: the session it works on, and the rule for calls from other threads."""

import asyncio
import threading
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from ibdesk.client.blocking import LoopRunner
from ibdesk.client.client import Client
from ibdesk.client.session import Session

P = ParamSpec("P")
R = TypeVar("R")


class ApiGroup:
    """A group of methods of one `IB`."""

    session: Session

    RequestTimeout: float = 0
    """How long a blocking call may wait, in seconds; 0 for ever."""

    RaiseRequestErrors: bool = False
    """Does a request that the server refuses raise `RequestError`, instead of returning an empty result?"""

    @property
    def client(self) -> Client:
        """The connection below."""
        return self.session.client

    @property
    def runner(self) -> LoopRunner:
        """What runs the blocking calls."""
        runner = self.session.runner
        runner.timeout = self.RequestTimeout
        return runner


Group = TypeVar("Group", bound=ApiGroup)


def on_loop(method: Callable[Concatenate[Group, P], R]) -> Callable[Concatenate[Group, P], R]:
    """A method that acts at once, on the thread of the session's loop: a call from another thread is handed over."""

    @wraps(method)
    def call(self: Group, /, *args: P.args, **kwargs: P.kwargs) -> R:
        loop = self.session.loop
        if loop is None or not loop.is_running() or threading.get_ident() == self.session.thread:
            return method(self, *args, **kwargs)

        async def there() -> R:
            return method(self, *args, **kwargs)

        return asyncio.run_coroutine_threadsafe(there(), loop).result()

    return call
