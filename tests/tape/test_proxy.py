"""The recorder between clients and a server: everything passes, and is on the tape."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from tape.tapes import Clock, answer, framed, hello

from ibdesk.tape import Kind, Proxy, Recorder, read_tape
from ibdesk.wire.catalogue import Sender
from ibdesk.wire.messages.connection import ManagedAccounts, StartApi

REQUEST = framed(Sender.CLIENT, 178, StartApi(1))
REPLY = framed(Sender.SERVER, 178, ManagedAccounts("DU1234567"))


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A server that shakes hands, replies to one request and ends, or to none and waits for the client's end."""
    await reader.readexactly(len(hello()))
    writer.write(answer(178))
    try:
        await reader.readexactly(len(REQUEST))
        writer.write(REPLY)
    except asyncio.IncompleteReadError:
        pass
    writer.close()
    await writer.wait_closed()


@asynccontextmanager
async def proxy_on(path: Path, scrub: bool = False) -> AsyncIterator[Proxy]:
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        with Recorder(path, clock=Clock(), scrub=scrub) as recorder:
            async with Proxy(recorder, port) as proxy:
                yield proxy


async def talk(proxy: Proxy, asks: bool) -> None:
    reader, writer = await asyncio.open_connection(proxy.host, proxy.port)
    async with asyncio.timeout(20):
        writer.write(hello())
        assert await reader.readexactly(len(answer(178))) == answer(178)
        if asks:
            writer.write(REQUEST)
            assert await reader.read() == REPLY
        writer.close()
        await writer.wait_closed()


async def test_clients_at_once_and_one_after_another(tmp_path: Path) -> None:
    async with proxy_on(tmp_path / "a.tape") as proxy:
        await talk(proxy, asks=True)
        await asyncio.gather(talk(proxy, asks=True), talk(proxy, asks=True))
        assert proxy.connections == 3
    tape = read_tape(tmp_path / "a.tape")
    for number in (1, 2, 3):
        made = [one for one in tape.records() if one.connection == number]
        assert made[0].payload == f"127.0.0.1:{proxy.to_port}".encode()
        assert b"".join(one.payload for one in made if one.kind is Kind.CLIENT) == hello() + REQUEST
        assert b"".join(one.payload for one in made if one.kind is Kind.SERVER) == answer(178) + REPLY
        assert made[-1].payload == b"server"
    assert tape.damage is None


async def test_who_ended_is_told(tmp_path: Path) -> None:
    async with proxy_on(tmp_path / "a.tape", scrub=True) as proxy:
        await talk(proxy, asks=False)
        await talk(proxy, asks=True)
        reader, writer = await asyncio.open_connection(proxy.host, proxy.port)
        writer.write(hello())
        await asyncio.wait_for(reader.readexactly(4), 20)
    assert await asyncio.wait_for(reader.read(), 20) == answer(178)[4:]
    writer.close()
    await writer.wait_closed()
    tape = read_tape(tmp_path / "a.tape")
    ends = {one.connection: one.payload for one in tape.records() if one.kind is Kind.CLOSED}
    assert ends == {1: b"client", 2: b"server", 3: b"the recording ended"}
    assert b"DU0000001" in (tmp_path / "a.tape").read_bytes()


async def test_without_a_server_a_client_is_turned_away(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING, "ibdesk.tape")
    free = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port = free.sockets[0].getsockname()[1]
    free.close()
    await free.wait_closed()
    with Recorder(tmp_path / "a.tape", clock=Clock()) as recorder:
        async with Proxy(recorder, port) as proxy:
            reader, writer = await asyncio.open_connection(proxy.host, proxy.port)
            assert await asyncio.wait_for(reader.read(), 20) == b""
            writer.close()
            await writer.wait_closed()
            assert proxy.connections == 0
    assert f"a client is turned away: nobody answers at 127.0.0.1:{port}" in caplog.text
    assert list(read_tape(tmp_path / "a.tape").records()) == []


async def test_the_session_outlives_its_recording(tmp_path: Path) -> None:
    async with proxy_on(tmp_path / "a.tape") as proxy:
        proxy._recorder.close()
        await talk(proxy, asks=True)
        assert proxy.connections == 1
