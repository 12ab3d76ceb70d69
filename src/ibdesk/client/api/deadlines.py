"""How long the answer to a request may take, and what happens when it is late."""

import asyncio
from collections.abc import Coroutine, Iterable
from typing import Any, TypeVar

from ibdesk.client.api.group import ApiGroup
from ibdesk.client.subscriptions import Subscription
from ibdesk.errors import RequestTimeout
from ibdesk.logs import logger
from ibdesk.model.contract import Contract

_log = logger("ibdesk.ib")

T = TypeVar("T")

LOOKUP = 10.0
"""Seconds of silence allowed for what the server knows by itself."""

REPORT = 30.0
"""Seconds of silence allowed for what is long, or what the server has to fetch or to search for."""

HISTORY = 60.0
"""Seconds of silence allowed for what the server delays when too much of it is requested."""


async def in_time(
    group: ApiGroup,
    request: Any,
    seconds: float,
    *,
    results: Any = None,
    contract: Contract | None = None,
    cancel: Any = None,
    subscription: Subscription | None = None,
    must_answer: bool = False,
) -> Any:
    """Send a request and wait for the answer, as `Dispatcher.ask` does, but not without limit.

    The limit is `IB.RequestTimeout` in all, if the user has set it. Otherwise it is `seconds` without a further part of
    the answer. When it is reached, `cancel` is sent, and what has come of the answer is returned: mostly nothing.

    With `RequestTimeout`, `RaiseRequestErrors` or `IB(strict=True)` it raises RequestTimeout instead. So it does with
    `must_answer`, for requests of which an incomplete answer would be misleading.
    """
    dispatcher, limit = group.dispatcher, group.RequestTimeout or seconds
    results = [] if results is None else results
    asking = asyncio.ensure_future(dispatcher.ask(request, contract, results, cancel=cancel, subscription=subscription))
    try:
        # Without a limit for the whole, each part of the answer that has come gives the server as much time again.
        while True:
            had = len(results)
            done, _ = await asyncio.wait({asking}, timeout=limit)
            if done:
                return asking.result()
            if group.RequestTimeout or len(results) == had:
                break
    finally:
        if not asking.done():
            # `ask` sends `cancel` to the server as it is cancelled, so it is waited for.
            asking.cancel()
            await asyncio.wait({asking})
    late = RequestTimeout(repr(request), limit)
    if must_answer or group.RequestTimeout or dispatcher.raises():
        raise late
    _log.error("%s", late)
    return results


async def all_of(waits: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """Wait for all, and return their results. The first one that fails is raised, and the others are cancelled."""
    tasks = [asyncio.ensure_future(one) for one in waits]
    try:
        return list(await asyncio.gather(*tasks))
    finally:
        left = [task for task in tasks if not task.done()]
        for task in left:
            task.cancel()
        if left:
            await asyncio.wait(left)
