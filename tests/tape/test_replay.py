"""A tape as a gateway over TCP: what it says, when, and to whom; and how clients are compared with the recorded."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from tape.tapes import answer, framed, hello, records, write

from ibdesk.tape import Kind, Record, Replay, Tape, read_tape
from ibdesk.tape import replay as module
from ibdesk.tape.replay import Chunk, Comparison, RecordedConnection, load, outlines
from ibdesk.wire.catalogue import Sender
from ibdesk.wire.codec import Codec
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


# The recorded connections


def requests(*messages: object) -> list[bytes]:
    """Payloads of a client at version 178."""
    return [Codec(SERVER, 178).encode(message) for message in messages]


def test_a_recorded_connection(tmp_path: Path) -> None:
    both = framed(CLIENT, 178, StartApi(1), ReqCurrentTime())
    made = records(
        178, (1, CLIENT, both[:9]), (2, SERVER, CurrentTime(7)), (3, CLIENT, both[9:]), (4, SERVER, CurrentTime(8))
    )
    made += records(225, connection=2, ended_by="server")
    made += [
        Record(9, 3, Kind.CONNECTED, b""),
        Record(9, 3, Kind.CLIENT, hello()),
        Record(9, 3, Kind.CLOSED, b"client"),
    ]
    tape = read_tape(write(tmp_path / "a.tape", made))
    found = outlines(tape)
    assert {number: (one.version, one.chunks) for number, one in found.items()} == {1: (178, 3), 2: (225, 1)}
    assert load(tape, 1, found[1].offsets) == RecordedConnection(
        1,
        178,
        0,
        [
            Chunk(0, answer(178), 1),
            Chunk(2_000_000, framed(SERVER, 178, CurrentTime(7)), 1),
            Chunk(4_000_000, framed(SERVER, 178, CurrentTime(8)), 3),
        ],
        [b"v157..225", *requests(StartApi(1), ReqCurrentTime())],
        "",
    )
    assert load(tape, 2, found[2].offsets).ended_by == "server"


def test_a_recorded_connection_that_is_not_tws_any_more_ends_there(tmp_path: Path) -> None:
    made = [*records(178), Record(1, 1, Kind.CLIENT, b"\xff" * 9), Record(2, 1, Kind.SERVER, b"x")]
    tape = read_tape(write(tmp_path / "a.tape", made))
    assert len(load(tape, 1, outlines(tape)[1].offsets).chunks) == 1


def test_the_same_requests_in_another_order_are_the_same() -> None:
    recorded = requests(StartApi(1), ReqIds(), ReqCurrentTime(), ReqIds())
    comparison = Comparison(RecordedConnection(1, 178, 0, [], [b"v157", *recorded]))
    for payload in (recorded[0], recorded[2], recorded[1], recorded[3]):
        assert comparison.differs(payload) == ""
    assert (comparison.missing, comparison.next_expected()) == (0, "(nothing)")


def test_other_requests_are_told_beside_the_recorded_one() -> None:
    start, ids, now, other = requests(StartApi(1), ReqIds(), ReqCurrentTime(), StartApi(2))
    comparison = Comparison(RecordedConnection(1, 178, 0, [], [b"v157", start, ids]))
    assert comparison.differs(other) == (
        "the client sends what the tape does not have:\n"
        "  StartApi, message 71 of the client at version 178, 3 fields of text\n"
        "    0  (out of use)          '2'\n"
        "    1  clientId              '2'\n"
        "    2  optionalCapabilities  ''\n"
        "next on the tape is:\n"
        "  StartApi, message 71 of the client at version 178, 3 fields of text\n"
        "    0  (out of use)          '2'\n"
        "    1  clientId              '1'\n"
        "    2  optionalCapabilities  ''"
    )
    assert comparison.differs(ids) == ""
    assert comparison.missing == 1
    assert comparison.next_expected().startswith("  StartApi, ")
    assert comparison.differs(start) == ""
    assert "next on the tape" not in comparison.differs(now)


def test_a_connection_is_loaded_without_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = [
        record
        for pair in zip(records(178), records(225, connection=2, ended_by="client"), strict=False)
        for record in pair
    ]
    tape = read_tape(write(tmp_path / "a.tape", made))
    found = outlines(tape)
    read: list[int] = []
    real = module.Tape.records_at

    def counted(self: Tape, offsets: Iterable[int]) -> Iterator[Record]:
        for record in real(self, offsets):
            read.append(record.connection)
            yield record

    monkeypatch.setattr(module.Tape, "records_at", counted)
    assert load(tape, 2, found[2].offsets).version == 225
    assert read == [2] * len(found[2].offsets)


def test_a_tape_that_is_changed_meanwhile_ends_there(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tape", records(178, (2, SERVER, CurrentTime(7))))
    tape = read_tape(path)
    found = outlines(tape)
    path.write_bytes(path.read_bytes()[:-1])
    assert len(load(tape, 1, found[1].offsets).chunks) == 1
