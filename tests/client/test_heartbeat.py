"""When the server is asked whether it is there, and when it counts as dead."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st
from runtime.simulated import run

from ibdesk.client.heartbeat import Heartbeat


class Server:
    """What a heartbeat sees of a server: how many bytes it has sent."""

    def __init__(self, answers_after: float | None) -> None:
        self.answers_after = answers_after
        self.bytes = 0
        self.asked: list[float] = []
        self.died: list[float] = []
        self.heartbeat = Heartbeat(lambda: self.bytes, self._ask, self._die)

    async def _ask(self) -> None:
        loop = asyncio.get_running_loop()
        self.asked.append(loop.time())
        if self.answers_after is None:
            raise ConnectionError("nothing can be sent")
        await asyncio.sleep(self.answers_after)
        self.bytes += 10

    def _die(self, reason: Exception) -> None:
        assert isinstance(reason, ConnectionError)
        self.died.append(asyncio.get_running_loop().time())


@given(silence=st.floats(1, 100), answer=st.floats(1, 100))
def test_a_dead_server_is_found_in_time(silence: float, answer: float) -> None:
    async def main() -> None:
        server = Server(None)
        server.heartbeat.start(silence, answer)
        await asyncio.sleep(1000)
        (asked,), (died,) = server.asked, server.died
        assert silence <= asked + 1e-6 <= 1.25 * silence + 1e-3
        assert died == pytest.approx(asked + answer)

    run(main())


@given(gaps=st.lists(st.floats(0.01, 200), max_size=20), answers_after=st.floats(0.01, 9.9), silence=st.floats(1, 60))
def test_a_server_that_answers_never_dies(gaps: list[float], answers_after: float, silence: float) -> None:
    async def main() -> None:
        server = Server(answers_after)
        server.heartbeat.start(silence, 10)
        for gap in gaps:
            await asyncio.sleep(gap)
            server.bytes += 1
        await asyncio.sleep(silence * 10)
        assert server.died == []
        assert server.asked
        server.heartbeat.stop()
        asked = len(server.asked)
        await asyncio.sleep(1000)
        assert len(server.asked) == asked

    run(main())


async def test_a_server_that_talks_is_not_asked() -> None:
    server = Server(None)
    server.heartbeat.start(20, 10)
    for _ in range(100):
        await asyncio.sleep(14)
        server.bytes += 1
    assert server.asked == server.died == []


async def test_zero_is_never() -> None:
    server = Server(None)
    server.heartbeat.start(0, 10)
    await asyncio.sleep(10_000)
    assert server.asked == server.died == []


async def test_it_begins_anew_for_each_connection() -> None:
    server = Server(None)
    server.heartbeat.start(20, 10)
    await asyncio.sleep(22)
    server.bytes = 0  # another connection
    server.heartbeat.start(20, 10)
    await asyncio.sleep(19)
    assert len(server.asked) == 1
    await asyncio.sleep(20)
    assert server.died == [pytest.approx(52, abs=0.1)]


async def test_a_loop_that_stood_still_gives_the_server_its_time_again() -> None:
    loop = asyncio.get_running_loop()
    server = Server(5)
    server.heartbeat.start(20, 10)
    await asyncio.sleep(20.5)
    clock = loop.time
    loop.time = lambda: clock() + 300  # type: ignore[method-assign]
    await asyncio.sleep(0.1)
    assert server.died == []
    await asyncio.sleep(4.5)
    assert server.bytes == 10
    await asyncio.sleep(100)
    assert server.died == []
    loop.time = clock  # type: ignore[method-assign]
