"""How long an answer may take, and what becomes of a request that is late."""

import asyncio
import logging
from types import SimpleNamespace
from typing import Any

import pytest
from client.asking import connected

from ibdesk import RequestTimeout
from ibdesk.client.api.deadlines import all_of, in_time
from ibdesk.wire.messages import news, reference


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


async def test_without_a_timeout_of_the_user_a_late_request_ends_empty_and_is_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with connected() as (ib, server):
        request = reference.ReqMatchingSymbols(ib.client.getReqId(), "IBM")
        with caplog.at_level(logging.ERROR):
            assert await in_time(ib, request, 0.05) == []
        assert f"no answer to {request} within 0.05 s" in caplog.text
        ib.RaiseRequestErrors = True
        with pytest.raises(RequestTimeout):
            await in_time(ib, request, 0.05)
        assert len(server.of(reference.ReqMatchingSymbols)) == 2


async def test_a_late_request_gives_what_has_come_of_its_answer() -> None:
    def begin(message: Any) -> list[Any]:
        return [news.HistoricalNews(message.reqId, "2019-10-17 14:46:06.0", "BRFG", "BRFG$1", "IBM is up")]

    async with connected({news.ReqHistoricalNews: begin}) as (ib, _):
        request = news.ReqHistoricalNews(ib.client.getReqId(), 8314, "BRFG", "", "", 10)
        assert await in_time(ib, request, 0.3) == begin(request)


async def test_of_several_the_first_that_fails_ends_the_others() -> None:
    ended: list[str] = []

    async def waits() -> None:
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            ended.append("others")

    async def fails() -> None:
        await asyncio.sleep(0)
        raise ValueError("the first")

    with pytest.raises(ValueError, match="the first"):
        await all_of([waits(), fails(), waits()])
    assert ended == ["others"] * 2


async def test_several_give_their_results_in_the_order_of_asking() -> None:
    async def after(turns: int) -> int:
        for _ in range(turns):
            await asyncio.sleep(0)
        return turns

    assert await all_of(after(turns) for turns in (3, 1, 2)) == [3, 1, 2]
