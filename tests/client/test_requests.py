"""Who waits for what: how conversations begin and end."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from ibdesk import RequestTimeout
from ibdesk.client.api.deadlines import in_time
from ibdesk.client.requests import Requests


async def test_a_request_whose_last_waiter_has_gone_is_asked_anew() -> None:
    """At once, too: before the loop has told anybody that the old one is cancelled."""
    requests = Requests(asyncio.get_running_loop().create_future)
    first, _ = requests.start("rules", "")  # type: ignore[arg-type]
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0):
            await requests.wait(first)
    second, is_new = requests.start("rules", "")  # type: ignore[arg-type]
    assert is_new and second is not first
    await asyncio.sleep(0)
    assert requests.get("rules") is second  # type: ignore[arg-type]
    requests.finish("rules", 7)  # type: ignore[arg-type]
    assert await requests.wait(second) == 7


async def test_two_that_ask_for_the_same_share_it() -> None:
    requests = Requests(asyncio.get_running_loop().create_future)
    first, is_new = requests.start(7, "")
    assert is_new
    assert requests.start(7, "") == (first, False)


@pytest.mark.parametrize(("of_user", "is_late"), [(0, False), (0.1, True)])
async def test_the_deadline_is_for_silence_unless_the_user_has_set_it(of_user: float, is_late: bool) -> None:
    """A long answer may take longer as long as it comes."""
    loop = asyncio.get_running_loop()

    async def ask(_request: Any, _contract: Any, results: list[int], **_: Any) -> list[int]:
        end = loop.create_future()
        for number in range(4):
            loop.call_later(0.06 * number, results.append, number)
        loop.call_later(0.24, end.set_result, None)
        await end
        return results

    group: Any = SimpleNamespace(dispatcher=SimpleNamespace(ask=ask, raises=lambda: False), RequestTimeout=of_user)
    if is_late:
        with pytest.raises(RequestTimeout, match=r"no answer to 'rules' within 0.1 s"):
            await in_time(group, "rules", 10)
    else:
        assert await in_time(group, "rules", 0.1) == [0, 1, 2, 3]
