"""How long an answer may take, and what becomes of a request that is late; not what is asked."""

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
"""Seconds for what the server knows by itself."""

REPORT = 30.0
"""Seconds for what the server has to fetch or to search, or that is long."""

HISTORY = 60.0
"""Seconds for what the server holds back when too much is asked for."""


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
    """Do `Dispatcher.ask`, for at most `seconds` of silence, or `IB.RequestTimeout` in all where the user has set that.

    Late, `cancel` is sent, and what there is of the answer is returned, mostly nothing; with `RaiseRequestErrors`,
    `IB(strict=True)` or `RequestTimeout` it raises RequestTimeout. So it does where half an answer is worse than none:
    with `must_answer`.
    """
    dispatcher, limit = group.dispatcher, group.RequestTimeout or seconds
    results = [] if results is None else results
    asking = asyncio.ensure_future(dispatcher.ask(request, contract, results, cancel=cancel, subscription=subscription))
    try:
        while True:
            had = len(results)
            done, _ = await asyncio.wait({asking}, timeout=limit)
            if done:
                return asking.result()
            if group.RequestTimeout or len(results) == had:
                break
    finally:
        if not asking.done():
            asking.cancel()
            await asyncio.wait({asking})
    late = RequestTimeout(repr(request), limit)
    if must_answer or group.RequestTimeout or dispatcher.raises():
        raise late
    _log.error("%s", late)
    return results


async def all_of(waits: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """Wait for all; the first that fails ends the others, and is raised."""
    tasks = [asyncio.ensure_future(one) for one in waits]
    try:
        return list(await asyncio.gather(*tasks))
    finally:
        left = [task for task in tasks if not task.done()]
        for task in left:
            task.cancel()
        if left:
            await asyncio.wait(left)
