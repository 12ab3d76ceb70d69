"""What must hold of each decoder, whatever arrives: cases from damaged bytes, and a judge that tells what is wrong.

A judge returns None, or a fault: its kind, which stays the same while the bytes are made smaller, and its words.
Anything that a decoder raises beside what it promises is a fault; so is a second of time, and a compiled codec that
differs from the reference.
"""

import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from functools import cache
from io import BytesIO
from pathlib import Path
from random import Random
from struct import pack
from traceback import extract_tb
from typing import Any, NamedTuple
from zlib import crc32

from conformance.versions import VERSIONS
from wire.generation import picture
from wire.mutation import NASTY, OF_BYTES, damage, damaged, is_protobuf, samples, swollen

from ibdesk.errors import DecodeError, ProtocolError
from ibdesk.session.connection import PREFIX, Connection, Undecodable
from ibdesk.session.states import State
from ibdesk.tape.format import Damage, Header, Kind, Record, encode_header, encode_record, read_header, read_records
from ibdesk.tape.reading import Decoder
from ibdesk.wire import versions as V
from ibdesk.wire.catalogue import Sender
from ibdesk.wire.codec import Codec
from ibdesk.wire.explain import explain
from ibdesk.wire.frames import MAX_LENGTH, frame

SECONDS = 1.0
"""So much of the processor's time no payload of SWOLLEN bytes takes."""

MEMORY = 300
"""No message takes so many times the size of its payload, and a megabyte. An empty element of a list is two bytes of
protobuf, and an object here: of 500 bytes where it holds a contract."""

SWOLLEN = 50_000  # bytes of the payloads whose memory is measured
ONE_IN = 400  # so many cases is swollen
VERSIONS_OF_A_RUN = 10  # for each has its own decoders, which take seconds to compile


class Case(NamedTuple):
    """Bytes that arrive at one end of a connection: from `sender`, at a version, cut into pieces of these sizes."""

    sender: Sender
    version: int
    data: bytes
    pieces: tuple[int, ...] = ()


class Fault(NamedTuple):
    """What is wrong: `kind` is the same for every case of one cause, as near as can be told."""

    kind: str
    words: str


class Entry(NamedTuple):
    """One way into a decoder."""

    cases: Callable[[Random], Iterator[Case]]
    judge: Callable[[Case], Fault | None]


def raised(error: BaseException) -> Fault:
    """The fault of an exception that was not promised: where in ibdesk it was raised."""
    frames = [
        one for one in extract_tb(error.__traceback__) if "ibdesk" in one.filename or one.filename.startswith("<")
    ]
    place = f"{Path(frames[-1].filename).name}:{frames[-1].name}" if frames else "?"
    return Fault(f"{type(error).__name__} in {place}", f"{error!r}"[:300])


def guarded(judge: Callable[[Case], Fault | None]) -> Callable[[Case], Fault | None]:
    """The judge, to which whatever a decoder lets through is a fault."""

    def guard(case: Case) -> Fault | None:
        try:
            return judge(case)
        except Exception as error:
            return raised(error)

    return guard


class Slow(Exception):
    """A decoder took too much of the processor's time."""


@contextmanager
def in_time(case: Case) -> Iterator[None]:
    """Raises `Slow` when what is done inside takes too long."""
    start = time.process_time()
    yield
    if (seconds := time.process_time() - start) > SECONDS:
        raise Slow(f"{seconds:.1f} s for {len(case.data)} bytes")


# --- payloads -----------------------------------------------------------------------------------------------------


@cache
def valid(sender: Sender, version: int, protobuf: bool) -> list[bytes]:
    """Valid payloads of one encoding."""
    return [payload for payload in samples(sender, version) if is_protobuf(payload) is protobuf]


@cache
def compiled(sender: Sender, version: int) -> Codec:
    """A codec that has compiled every decoder: the first message of an id is decoded by the reference."""
    codec = Codec(sender, version)
    for payload in samples(sender, version):
        with suppress(DecodeError):
            codec.decode(payload)
    return codec


def payloads(protobuf: bool | None) -> Callable[[Random], Iterator[Case]]:
    """Damaged payloads of any version, in text or protobuf or (None) both."""

    def cases(random: Random) -> Iterator[Case]:
        versions = some_versions(random)
        while True:
            sender, version = random.choice(list(Sender)), random.choice(versions)
            own = random.random() < 0.5 if protobuf is None else protobuf
            known = valid(sender, version, own)
            for payload in damaged(random, known, ONE_IN if known else 0):
                yield Case(sender, version, payload)
            if known:
                yield Case(sender, version, swollen(random, random.choice(known), SWOLLEN))

    return cases


def some_versions(random: Random) -> list[int]:
    """The server versions of one run: the oldest, the newest, and others of which each seed has its own."""
    return [V.MIN, V.MAX, *random.sample(VERSIONS[1:-1], VERSIONS_OF_A_RUN - 2)]


def outcome(codec: Codec, case: Case) -> Any:
    """What a codec makes of a payload: the message or the words of its error, and what it counted."""
    codec.oddities.clear()
    found: Any
    try:
        with in_time(case):
            found = codec.decode(case.data)
    except DecodeError as error:
        found = error
    return str(found) if isinstance(found, DecodeError) else picture(found), dict(codec.oddities)


def judge_codec(case: Case) -> Fault | None:
    """A message or a DecodeError, and the same from the compiled codec as from the reference."""
    if len(case.data) >= SWOLLEN and (fault := _memory(case)):
        return fault
    expected = outcome(Codec(case.sender, case.version), case)
    found = outcome(compiled(case.sender, case.version), case)
    if found != expected:
        return Fault(f"compiled differs, message {case.data[:4].hex()}", f"{_shown(found)} for {_shown(expected)}")
    return None


def _shown(made: Any) -> str:
    return f"{made}"[:400]


def _memory(case: Case) -> Fault | None:
    try:
        message = compiled(case.sender, case.version).decode(case.data)
    except DecodeError:
        return None
    times = (weight(message) - 1_000_000) / len(case.data)
    return Fault(f"memory, message {case.data[:4].hex()}", f"{times:.0f} times its size") if times > MEMORY else None


def weight(message: Any) -> int:
    """The bytes that a message and all it holds take. (tracemalloc takes minutes with functions of 4,000 lines.)"""
    seen, waiting, total = set(), [message], 0
    while waiting:
        one = waiting.pop()
        if id(one) not in seen:
            seen.add(id(one))
            total += sys.getsizeof(one)
            if is_dataclass(one):
                waiting += [getattr(one, field.name) for field in fields(one)]
                total += sys.getsizeof(getattr(one, "__dict__", 0))
            elif isinstance(one, list | tuple):
                waiting += one
    return total


def judge_explain(case: Case) -> Fault | None:
    """A table, whatever it is; with the fault where there is one."""
    with in_time(case):
        table = explain(case.data, case.sender, case.version)
    if len(case.data) >= SWOLLEN:
        return None
    try:
        Codec(case.sender, case.version).decode(case.data)
    except DecodeError as error:
        if str(error) not in table:
            return Fault("explain hides the fault", str(error))
    return None


# --- streams ------------------------------------------------------------------------------------------------------


def opened(sender: Sender, version: int) -> Connection:
    """The end that receives what `sender` sends, after the handshake."""
    client, server = Connection(Sender.CLIENT, max_version=version), Connection(Sender.SERVER)
    server.receive_data(client.data_to_send())
    client.receive_data(server.data_to_send())
    return server if sender is Sender.CLIENT else client


LENGTHS = (0, 1, 3, 4, 100, MAX_LENGTH, MAX_LENGTH + 1, 1 << 31, (1 << 32) - 1)


def streams(random: Random) -> Iterator[Case]:
    """Frames with damaged and valid payloads, some of whose lengths are wrong, in pieces of any size."""
    versions = some_versions(random)
    while True:
        sender, version = random.choice(list(Sender)), random.choice(versions)
        known = valid(sender, version, False) + valid(sender, version, True)
        for _ in range(100):
            data = b""
            for _ in range(random.randrange(1, 5)):
                payload = random.choice(known)
                one = frame(damage(random, payload) if random.random() < 0.4 else payload)
                if random.random() < 0.1:
                    one = random.choice(LENGTHS).to_bytes(4, "big") + one[4:]
                data += one
            if random.random() < 0.2:
                data = random.choice(OF_BYTES)(random, data)
            yield Case(sender, version, data, cuts(random, len(data)))


def cuts(random: Random, length: int) -> tuple[int, ...]:
    """Sizes of the pieces in which so many bytes come."""
    most = random.choice((1, 3, 5, 60, 4000))
    sizes = []
    while sum(sizes) < length:
        sizes.append(random.randrange(1, most + 1))
    return tuple(sizes)


def pieces(case: Case) -> Iterator[bytes]:
    """The data as it comes."""
    start = 0
    for size in case.pieces:
        yield case.data[start : start + size]
        start += size
    yield case.data[start:]


def fed(connection: Connection, parts: Iterator[bytes]) -> tuple[list[Any], str]:
    """The events, and the error that ended the connection."""
    events: list[Any] = []
    for part in parts:
        try:
            for event in connection.events(part):
                events.append(picture(event))
                if isinstance(event, Undecodable) and not isinstance(event.reqId, int | None):
                    events.append(event.reqId)
        except ProtocolError as error:
            if connection.own_state is not State.CLOSED or connection.receive_data(frame(b"1\0")):
                return events, f"it goes on after {error}"
            return events, str(error)
    return events, ""


def judge_stream(case: Case) -> Fault | None:
    """Messages and Undecodable events, the same ones however the bytes are cut, up to a ProtocolError."""
    return _judge_ends(case, lambda: opened(case.sender, case.version))


def judge_handshake(case: Case) -> Fault | None:
    """The same from the first byte on: Opened comes first, or a ProtocolError."""
    return _judge_ends(case, lambda: Connection(case.sender.peer, time="20250620 08:30:00 UTC"))


def _judge_ends(case: Case, fresh: Callable[[], Connection]) -> Fault | None:
    with in_time(case):
        events, error = fed(fresh(), pieces(case))
    at_once, same_error = fed(fresh(), iter([case.data]))
    if error.startswith("it goes on"):
        return Fault("open after a ProtocolError", error)
    if bool(error) != bool(same_error) or (not error and events != at_once):
        return Fault("pieces matter", f"{_shown((events, error))} for {_shown((at_once, same_error))}")
    return None


RANGES = (
    b"v100..225",
    b"v157..178",
    b"v225",
    b"v1..5",
    b"v999999999..1",
    b"v100..200 +PACEAPI",
    b"v..",
    b"v-1..3",
    b"v 5",
)


def handshakes(random: Random) -> Iterator[Case]:
    """Beginnings of both ends, damaged, with a message behind them."""
    while True:
        sender = random.choice(list(Sender))
        if sender is Sender.CLIENT:
            first, prefix = random.choice((*RANGES, *NASTY)), PREFIX
        else:
            words = random.choice((b"20250620 08:30:00 PST", *NASTY))
            first = b"\0".join([random.choice((b"178", b"200", b"225", *NASTY)), words, b""])
            prefix = b""
        data = prefix + frame(damage(random, first) if random.random() < 0.5 else first)
        if random.random() < 0.05:
            data += frame(damage(random, random.choice(valid(sender, V.MIN, False))))
        if random.random() < 0.4:
            data = random.choice(OF_BYTES)(random, data)
        yield Case(sender, 0, data, cuts(random, len(data)))


# --- tapes --------------------------------------------------------------------------------------------------------

HEADERS = (
    b"{}",
    b"[]",
    b"null",
    b'{"start": null}',
    b'{"start": 5}',
    b'{"start": "2026-11-20"}',
    b'{"start": "0001-01-01T00:00:00+14:00"}',
    b'{"start": "9999-12-31T23:59:59-14:00"}',
    b'{"start": "2026-11-20T15:30:00+00:00", "program": {"a": [1e999]}, "scrubbed": "yes"}',
    b"[" * 20_000,
    b"\xff\xfe",
    b"9" * 5000,
)


def tapes(random: Random) -> Iterator[Case]:
    """Tapes of a session with damaged records whose checksums are right, and tapes that are damaged themselves."""
    header = encode_header(Header(datetime(2026, 11, 20, 15, 30, tzinfo=UTC), "fuzz", True))
    versions = some_versions(random)
    while True:
        version = random.choice(versions)
        known = {one: valid(one, version, False) + valid(one, version, True) for one in Sender}
        client = PREFIX + frame(b"v157..%d" % version)
        server = frame(b"%d\x0020250620 08:30:00 PST\0" % version)
        records = [
            Record(0, 1, Kind.CONNECTED, b"x"),
            Record(1, 1, Kind.CLIENT, client),
            Record(2, 1, Kind.SERVER, server),
        ]
        for number in range(3, random.randrange(4, 9)):
            kind = random.choice((Kind.CLIENT, Kind.SERVER))
            assert kind.sender is not None
            records.append(Record(number, 1, kind, frame(random.choice(known[kind.sender]))))
        for _ in range(30):
            data = header
            for record in records:
                payload = record.payload
                if random.random() < 0.15:
                    payload = damage(random, payload)
                kind = random.choice(list(Kind)) if random.random() < 0.05 else record.kind
                connection = random.choice((0, 1, 2, (1 << 32) - 1)) if random.random() < 0.05 else record.connection
                at = random.choice((0, (1 << 64) - 1)) if random.random() < 0.05 else record.time
                data += encode_record(Record(at, connection, kind, payload)) * random.choice((1, 1, 1, 1, 0, 2))
            if random.random() < 0.1:
                lines = b"ibdesk tape 1\n" + random.choice(HEADERS) + b"\n"
                data = lines + pack(">I", crc32(lines)) + data[len(header) :]
            if random.random() < 0.4:
                data = random.choice(OF_BYTES)(random, data)
            yield Case(Sender.SERVER, version, data)


def judge_tape(case: Case) -> Fault | None:
    """A header, records and messages up to the damage, and the words of it."""
    file = BytesIO(case.data)
    header = read_header(file)
    if isinstance(header, Damage):
        return None if str(header) else Fault("no words for the damage", repr(header))
    decoder, offset = Decoder(), file.tell()
    for record in read_records(file):
        if isinstance(record, Damage):
            return None if record.offset == offset and str(record) else Fault("damage elsewhere", repr(record))
        offset = file.tell()
        for one in decoder.messages(record):
            repr(one)
    return None if offset == len(case.data) else Fault("the end was not read", f"{offset} of {len(case.data)}")


ENTRIES: Mapping[str, Entry] = {
    "text": Entry(payloads(False), guarded(judge_codec)),
    "protobuf": Entry(payloads(True), guarded(judge_codec)),
    "frames": Entry(streams, guarded(judge_stream)),
    "handshake": Entry(handshakes, guarded(judge_handshake)),
    "explain": Entry(payloads(None), guarded(judge_explain)),
    "tape": Entry(tapes, guarded(judge_tape)),
}
