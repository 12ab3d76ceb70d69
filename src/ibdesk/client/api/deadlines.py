"""How long an answer may take, and what becomes of a request that is late; not what is asked."""

import asyncio
import logging
from typing import Any

from ibdesk.client.api.group import ApiGroup
from ibdesk.errors import RequestTimeout
from ibdesk.model.contract import Contract

_log = logging.getLogger("ibdesk.ib")

LOOKUP = 10.0
"""Seconds for what the server knows by itself."""

REPORT = 30.0
"""Seconds for what the server has to fetch or to search, or that is long."""

HISTORY = 60.0
"""Seconds for what the server holds back when too much history is asked for."""


async def in_time(
    group: ApiGroup,
    request: Any,
    seconds: float,
    *,
    results: Any = None,
    contract: Contract | None = None,
    cancel: Any = None,
) -> Any:
    """Do `Session.ask`, for at most `seconds`, or `IB.RequestTimeout` where the user has set that.

    Late, `cancel` is sent, and what there is of the answer is returned, mostly nothing; with `RaiseRequestErrors` or
    `RequestTimeout` it raises RequestTimeout.
    """
    session, limit = group.session, group.RequestTimeout or seconds
    results = [] if results is None else results
    try:
        return await asyncio.wait_for(session.ask(request, contract, results, cancel=cancel), limit)
    except TimeoutError:
        late = RequestTimeout(repr(request), limit)
        if group.RequestTimeout or session.raises():
            raise late from None
        _log.error("%s", late)
        return results
