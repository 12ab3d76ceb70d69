"""Connections in memory are held against asyncio's own over TCP: the same scripts have the same callbacks, in order."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from runtime.simulated import run

MUCH = 16 * 1024 * 1024
"""More bytes than a system keeps for a socket that is not read."""


RUNS = {
    "TCP": asyncio.run,
    "memory": run,
    "memory with latency": lambda main: run(main, latency=0.25),
}
everywhere = pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)


class End(asyncio.Protocol):
    """One end of a connection. It keeps what the loop calls; bytes that come in several pieces count as one."""

    def __init__(self, keeps_open: bool = False, reads: bool = True) -> None:
        self.calls: list[Any] = []
        self.keeps_open = keeps_open
        self.reads = reads
        self.got = b""
        self.transport: Any = None
        self._news = asyncio.Event()

    def connection_made(self, transport):
        self.transport = transport
        if not self.reads:
            transport.pause_reading()
        self.called("made")

    def data_received(self, data):
        self.got += data
        if self.calls[-1] == "data":
            self._news.set()
        else:
            self.called("data")

    def eof_received(self):
        self.called("eof")
        return self.keeps_open

    def pause_writing(self):
        self.called("pause")

    def resume_writing(self):
        self.called("resume")

    def connection_lost(self, exc):
        self.called(type(exc).__name__ if exc else "lost")

    def called(self, name):
        self.calls.append(name)
        self._news.set()

    async def until(self, condition):
        async with asyncio.timeout(30):
            while not condition(self):
                self._news.clear()
                await self._news.wait()

    async def has(self, *names):
        await self.until(lambda end: set(names) & set(end.calls))

    async def got_all(self, count):
        await self.until(lambda end: len(end.got) >= count)

    async def is_lost(self):
        await self.until(lambda end: end.calls[-1:] == ["lost"] or str(end.calls[-1:]).endswith("Error']"))


@contextlib.asynccontextmanager
async def joined(near: End | None = None, far: End | None = None):
    near, far = near or End(), far or End()
    loop = asyncio.get_running_loop()
    async with await loop.create_server(lambda: far, "127.0.0.1", 0) as server:
        host, port = server.sockets[0].getsockname()
        await loop.create_connection(lambda: near, host, port)
        await far.has("made")
        yield near, far
        for end in (near, far):
            if not end.transport.is_closing():
                end.transport.abort()


# Scripts: what happens, and then the calls of both ends


async def talk_and_close():
    async with joined() as (near, far):
        near.transport.write(b"one")
        near.transport.writelines([b" ", b"two"])
        await far.got_all(7)
        far.transport.write(b"three")
        await near.got_all(5)
        near.transport.close()
        assert near.transport.is_closing()
        near.transport.close()
        await near.is_lost()
        await far.is_lost()
        assert (near.got, far.got) == (b"three", b"one two")
        return near, far


async def write_and_close():
    async with joined() as (near, far):
        near.transport.write(b"last words")
        near.transport.close()
        await far.is_lost()
        await near.is_lost()
        assert far.got == b"last words"
        return near, far


async def half_close():
    async with joined(far=End(keeps_open=True)) as (near, far):
        assert near.transport.can_write_eof()
        near.transport.write(b"question")
        near.transport.write_eof()
        with pytest.raises(RuntimeError, match=r"write_eof"):
            near.transport.write(b"more")
        await far.has("eof")
        far.transport.write(b"answer")
        await near.got_all(6)
        far.transport.close()
        await near.is_lost()
        await far.is_lost()
        return near, far


async def half_close_that_the_other_does_not_want():
    async with joined() as (near, far):
        near.transport.write_eof()
        await far.is_lost()
        await near.is_lost()
        return near, far


async def abort():
    async with joined() as (near, far):
        near.transport.abort()
        await near.is_lost()
        await far.is_lost()
        return near, far


async def close_what_is_not_read():
    async with joined(far=End(reads=False)) as (near, far):
        near.transport.write(b"never read")
        await asyncio.sleep(0.3)  # as long as bytes are on their way
        far.transport.close()
        await far.is_lost()
        await near.is_lost()
        return near, far


async def write_to_one_that_is_gone():
    async with joined(near=End(keeps_open=True)) as (near, far):
        far.transport.close()
        await near.has("eof")
        await far.is_lost()
        near.transport.write(b"one")
        await asyncio.sleep(0.6)  # there and back
        near.transport.write(b"two")
        near.transport.write(b"three")
        await near.is_lost()
        return near, far


async def fill_one_that_does_not_read():
    async with joined(far=End(reads=False)) as (near, far):
        assert not far.transport.is_reading()
        near.transport.write(bytes(MUCH))
        assert near.calls[-1] == "pause"
        assert near.transport.get_write_buffer_size() > 0
        far.transport.resume_reading()
        await near.has("resume")
        await far.got_all(MUCH)
        assert near.transport.get_write_buffer_size() == 0
        near.transport.close()
        await far.is_lost()
        return near, far


async def close_with_much_to_send():
    async with joined(far=End(reads=False)) as (near, far):
        near.transport.write(bytes(MUCH))
        near.transport.close()
        near.transport.write(b"too late")
        far.transport.resume_reading()
        await far.is_lost()
        await near.is_lost()
        assert len(far.got) == MUCH + len(b"too late")
        return near, far


async def end_with_much_to_send():
    async with joined(far=End(reads=False)) as (near, far):
        near.transport.write(bytes(MUCH))
        near.transport.write_eof()
        far.transport.resume_reading()
        await far.is_lost()
        await near.is_lost()
        assert len(far.got) == MUCH
        return near, far


async def abort_with_much_to_send():
    async with joined(far=End(reads=False)) as (near, far):
        near.transport.write(bytes(MUCH))
        near.transport.abort()
        await near.is_lost()
        far.transport.resume_reading()
        await far.is_lost()
        assert 0 < len(far.got) < MUCH
        return near, far


async def pause_at_limits():
    async with joined(far=End(reads=False)) as (near, far):
        near.transport.set_write_buffer_limits(high=MUCH // 2, low=1000)
        assert near.transport.get_write_buffer_limits() == (1000, MUCH // 2)
        near.transport.write(bytes(MUCH // 2))
        assert "pause" not in near.calls
        near.transport.write(bytes(MUCH))
        assert near.calls[-1] == "pause"
        far.transport.resume_reading()
        await far.got_all(MUCH // 2 * 3)
        await near.has("resume")
        far.transport.close()
        await near.is_lost()
        return near, far


async def lose_the_other_while_it_does_not_read():
    async with joined(far=End(reads=False)) as (near, far):
        near.transport.write(bytes(MUCH))
        await asyncio.sleep(0.3)
        far.transport.abort()
        await near.is_lost()
        return near, far


async def fail_in_a_callback():
    class Failing(End):
        def data_received(self, data):
            raise ValueError("the protocol's own fault")

    told: list[str] = []
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: told.append(context["message"]))
    async with joined(far=Failing()) as (near, far):
        near.transport.write(b"x")
        await far.is_lost()
        await near.is_lost()
        assert told == ["Fatal error: protocol.data_received() call failed."]
        return near, far


SCRIPTS: list[Callable[[], Awaitable[tuple[End, End]]]] = [
    talk_and_close,
    write_and_close,
    half_close,
    half_close_that_the_other_does_not_want,
    abort,
    close_what_is_not_read,
    write_to_one_that_is_gone,
    fill_one_that_does_not_read,
    close_with_much_to_send,
    end_with_much_to_send,
    abort_with_much_to_send,
    pause_at_limits,
    lose_the_other_while_it_does_not_read,
    fail_in_a_callback,
]


@pytest.mark.parametrize("run", [RUNS["memory"], RUNS["memory with latency"]], ids=["at once", "with latency"])
@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.__name__)
def test_a_connection_in_memory_has_the_callbacks_of_tcp(script, run):
    async def calls():
        ends = await script()
        return [end.calls for end in ends]

    assert run(calls()) == asyncio.run(calls())
