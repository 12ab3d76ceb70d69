"""Who waits for what: how conversations begin and end."""

import asyncio

import pytest

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
