"""A tape as a gateway, over TCP: what it says, when, and to whom."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from tape.tapes import answer, framed, hello, records, write

from ibdesk.tape import Replay, read_tape
from ibdesk.tape import replay as module
from ibdesk.wire.catalogue import Sender
from ibdesk.wire.messages.connection import CurrentTime, Error, ManagedAccounts, ReqCurrentTime, ReqIds, StartApi

CLIENT, SERVER = Sender.CLIENT, Sender.SERVER
START = framed(CLIENT, 178, StartApi(1))
NOW = framed(CLIENT, 178, ReqCurrentTime())
ACCOUNTS = framed(SERVER, 178, ManagedAccounts("DU1"))
TIME = framed(SERVER, 178, CurrentTime(7))

pytestmark = pytest.mark.usefixtures("caplog_of_tapes")


@pytest.fixture
def caplog_of_tapes(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "ibdesk.tape")


def tape(path: Path, *traffic: Any, ended_by: str = "client") -> Path:
    return write(path / "a.tape", records(178, *traffic, ended_by=ended_by))


def asking(path: Path, ended_by: str = "client") -> Path:
    """A session that starts, asks for the time, and has its answer."""
    traffic = [(1, CLIENT, START), (2, SERVER, ACCOUNTS), (30, CLIENT, NOW), (60, SERVER, TIME)]
    return tape(path, *traffic, ended_by=ended_by)


class Client:
    """A client that sends bytes and expects bytes."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self.writer = reader, writer

    def send(self, data: bytes) -> None:
        self.writer.write(data)

    async def expect(self, data: bytes) -> None:
        assert await asyncio.wait_for(self._reader.readexactly(len(data)), 20) == data

    async def expect_end(self) -> None:
        assert await asyncio.wait_for(self._reader.read(1), 20) == b""

    async def start(self) -> None:
        self.send(hello())
        await self.expect(answer(178))
        self.send(START)


@asynccontextmanager
async def client_of(replay: Replay) -> AsyncIterator[Client]:
    reader, writer = await asyncio.open_connection(replay.host, replay.port)
    try:
        yield Client(reader, writer)
    finally:
        writer.close()
        await writer.wait_closed()


async def test_it_says_what_the_server_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with Replay(asking(tmp_path), port=0, speed=0) as replay:
        assert (replay.connections, replay.versions, replay.pieces) == (1, [178], 3)
        async with client_of(replay) as client:
            await client.start()
            await client.expect(ACCOUNTS)
            client.send(NOW[:3])
            client.send(NOW[3:])
            await client.expect(TIME)
            assert replay.pieces_sent == 3
        await asyncio.wait_for(replay.wait(), 20)
        await asyncio.wait_for(replay.wait_until_deserted(), 20)
    assert [one.getMessage() for one in caplog.records if one.name == "ibdesk.tape"] == [
        "connection 1 of the tape: the client has left; 0 of its messages were not the tape's, "
        "and 0 of the tape's did not come"
    ]


async def test_a_piece_waits_for_what_the_client_said_before_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PATIENCE_SECONDS", 0.01)
    async with Replay(asking(tmp_path), port=0, speed=0) as replay, client_of(replay) as client:
        await client.start()
        await client.expect(ACCOUNTS)
        async with asyncio.timeout(20):
            while "waits for" not in caplog.text:
                await asyncio.sleep(0)
        assert "the tape waits for the client's message 3:\n  ReqCurrentTime, message 49" in caplog.text
        assert replay.pieces_sent == 2
        client.send(NOW)
        await client.expect(TIME)


async def test_times_are_as_recorded_divided_by_the_speed(tmp_path: Path) -> None:
    loop = asyncio.get_running_loop()
    path = tape(tmp_path, (0.1, CLIENT, START), (30, SERVER, ACCOUNTS))
    async with Replay(path, port=0, speed=100) as replay, client_of(replay) as client:
        began = loop.time()
        await client.start()
        await client.expect(ACCOUNTS)
        assert loop.time() - began > 0.29  # 30 s, a hundred times as fast


async def test_other_requests_are_told_and_served(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with Replay(asking(tmp_path), port=0, speed=0) as replay, client_of(replay) as client:
        await client.start()
        await client.expect(ACCOUNTS)
        client.send(framed(CLIENT, 178, ReqIds()))
        await client.expect(TIME)
        client.send(NOW)
        for _ in range(module.MOST_DIFFERENCES + 1):
            client.send(framed(CLIENT, 178, ReqIds()))
        async with asyncio.timeout(20):
            while len(caplog.records) < module.MOST_DIFFERENCES:
                await asyncio.sleep(0)
        client.send(hello())  # no frame
        await client.expect_end()
    warnings = [one.getMessage() for one in caplog.records if one.levelno == logging.WARNING]
    assert len(warnings) == module.MOST_DIFFERENCES + 1
    assert warnings[0].startswith(
        "connection 1 of the tape: message 3: the client sends what the tape does not have:\n  ReqIds, message 8"
    )
    assert "next on the tape is:\n  ReqCurrentTime, message 49" in warnings[0]
    assert "the client is given up: a frame of " in warnings[-1]
    assert "of its messages were not the tape's, and 0 of the tape's did not come" in caplog.text


async def test_a_client_of_other_versions_is_refused(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with Replay(asking(tmp_path), port=0, speed=0) as replay, client_of(replay) as client:
        client.send(hello("v200..225"))
        await client.expect_end()
    assert "the client is given up: the client speaks server versions 200 to 225, this end 178 to 178" in caplog.text


async def test_who_is_no_client_is_refused(tmp_path: Path) -> None:
    async with Replay(asking(tmp_path), port=0, speed=0) as replay, client_of(replay) as client:
        client.send(b"GET / HTTP/1.1\r\n")
        await client.expect_end()


async def test_a_connection_that_the_server_ended_is_ended(tmp_path: Path) -> None:
    in_use = framed(SERVER, 178, Error(-1, 326, "Unable to connect as the client id is already in use."))
    path = tape(tmp_path, (1, CLIENT, START), (1, SERVER, in_use), ended_by="server")
    async with Replay(path, port=0, speed=0) as replay, client_of(replay) as client:
        await client.start()
        await client.expect(in_use)
        await client.expect_end()
        await asyncio.wait_for(replay.wait(), 20)


async def test_clients_get_the_connections_in_turn(tmp_path: Path) -> None:
    texts = [framed(SERVER, 178, CurrentTime(number)) for number in (1, 2)]
    made = [
        record
        for number, told in enumerate(texts, 1)
        for record in records(178, (1, CLIENT, START), (2, SERVER, told), connection=number, ended_by="client")
    ]
    async with Replay(read_tape(write(tmp_path / "a.tape", made)), port=0, speed=0) as replay:
        async with client_of(replay) as first, client_of(replay) as second:
            for client, told in ((first, texts[0]), (second, texts[1])):
                await client.start()
                await client.expect(told)
            await asyncio.wait_for(replay.wait(), 20)
        async with client_of(replay) as third:
            await third.start()
            await third.expect(texts[0])
            assert replay.pieces_sent == 2


async def test_a_client_may_leave_early(tmp_path: Path) -> None:
    async with Replay(asking(tmp_path), port=0, speed=0) as replay:
        async with client_of(replay) as client:
            await client.start()
        await asyncio.wait_for(replay.wait(), 20)


async def test_the_end_of_the_replay_is_the_end_of_its_clients(tmp_path: Path) -> None:
    replay = Replay(asking(tmp_path), port=0)
    await replay.start()
    async with client_of(replay) as client:
        await client.start()
        await replay.stop()
        await client.expect_end()
    await replay.stop()


def test_what_cannot_be_played(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"something else")
    with pytest.raises(ValueError, match="x cannot be played: this is no tape that can be read: it begins with"):
        Replay(tmp_path / "x")
    with pytest.raises(ValueError, match="it holds no connection that got through its handshake"):
        Replay(write(tmp_path / "empty", []))
    with pytest.raises(ValueError, match="0 or more, not -1"):
        Replay(asking(tmp_path), speed=-1)
    with pytest.raises(FileNotFoundError):
        Replay(tmp_path / "nothing")
