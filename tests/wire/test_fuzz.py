"""Whatever arrives, a decoder gives a message or its own error, and the connection goes on: 100,000 seeded cases."""

from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import pytest
from conformance.examples import examples
from wire.carried import supported

from ibdesk.errors import DecodeError, ProtocolError
from ibdesk.session.connection import Connection, Opened, State, Undecodable
from ibdesk.wire import versions as V
from ibdesk.wire.catalogue import Sender, messages, of
from ibdesk.wire.codec import Codec
from ibdesk.wire.frames import frame
from ibdesk.wire.messages.connection import Error, StartApi

VERSIONS = (V.MIN, V.BOND_ISSUERID, V.PARAMETRIZED_DAYS_OF_EXECUTIONS, V.PROTOBUF, V.PROTOBUF_PLACE_ORDER, V.MAX)
CASES_OF_A_CODEC = 6_000  # for each of 12 codecs
CASES_OF_A_CONNECTION = 1_500  # for each of 12 connections
CASES_OF_A_HANDSHAKE = 10_000

ENDS = [(sender, version) for sender in Sender for version in VERSIONS]
every_end = pytest.mark.parametrize(("sender", "version"), ENDS, ids=lambda one: getattr(one, "value", one))

NASTY = (
    b"",
    b"-1",
    b"nan",
    b"1e999",
    b"-Infinity",
    b"2147483648",
    b"9" * 5000,
    b"99999999",
    b"\xff\xfe",
    b"\\ud800",
    b"\\q",
    b"0x10",
    "\N{ARABIC-INDIC DIGIT THREE}".encode(),
    b" 7 ",
    b"1_0",
    b"20250620 08:30:00 US/Central",
)
"""Text fields at which a careless decoder stumbles."""


def samples(sender: Sender, version: int) -> list[bytes]:
    """Valid payloads of every message of one end, three each."""
    codec = Codec(sender.peer, version)
    found: list[bytes] = []
    for one in messages():
        if one.sender is sender and one.first <= version:
            found += [_encode(codec, drawn) for drawn in examples(one.cls, 3)]
    return found


def _encode(codec: Codec, message: Any) -> bytes:
    return codec.encode(supported(message, codec.version) if of(type(message)).sender is Sender.CLIENT else message)


def cut(random: Random, payload: bytes) -> bytes:
    return payload[: random.randrange(len(payload) + 1)]


def prolong(random: Random, payload: bytes) -> bytes:
    return payload + random.randbytes(random.randrange(40)) + b"\0" * random.randrange(3)


def flip_bits(random: Random, payload: bytes) -> bytes:
    damaged = bytearray(payload)
    for _ in range(random.randrange(1, 6)):
        position = random.randrange(len(damaged))
        damaged[position] ^= 1 << random.randrange(8)
    return bytes(damaged)


def replace_a_field(random: Random, payload: bytes) -> bytes:
    fields = payload.split(b"\0")
    fields[random.randrange(len(fields))] = random.choice(NASTY)
    return b"\0".join(fields)


def lose_or_double_a_piece(random: Random, payload: bytes) -> bytes:
    start = random.randrange(len(payload))
    end = start + random.randrange(12)
    return payload[:start] + payload[start:end] * random.choice((0, 2)) + payload[end:]


def keep_the_id_only(random: Random, payload: bytes) -> bytes:
    return payload[:4] + random.randbytes(random.randrange(60))


def make_up(random: Random, payload: bytes) -> bytes:
    return random.randbytes(random.randrange(60))


DAMAGES: tuple[Callable[[Random, bytes], bytes], ...] = (
    cut,
    prolong,
    flip_bits,
    replace_a_field,
    lose_or_double_a_piece,
    keep_the_id_only,
    make_up,
)


def damaged(random: Random, valid: list[bytes], number: int) -> Iterator[bytes]:
    for _ in range(number):
        payload = random.choice(valid)
        for _ in range(random.choice((1, 1, 1, 2))):
            payload = random.choice(DAMAGES)(random, payload or b"\0")
        yield payload


@pytest.mark.slow
@every_end
def test_a_codec_gives_a_message_or_a_decode_error(sender: Sender, version: int) -> None:
    valid = samples(sender, version)
    codec = Codec(sender, version)
    expected = [repr(codec.decode(payload)) for payload in valid]
    outcomes = {"message": 0, "error": 0}
    for payload in damaged(Random(version), valid, CASES_OF_A_CODEC):
        try:
            codec.decode(payload)
            outcomes["message"] += 1
        except DecodeError as error:
            assert str(error)
            outcomes["error"] += 1
    assert min(outcomes.values()) > CASES_OF_A_CODEC / 10, outcomes
    assert [repr(codec.decode(payload)) for payload in valid] == expected


def opened(sender: Sender, version: int) -> Connection:
    """The end that receives what `sender` sends, after the handshake."""
    client, server = Connection(Sender.CLIENT, max_version=version), Connection(Sender.SERVER)
    server.receive_data(client.data_to_send())
    client.receive_data(server.data_to_send())
    return server if sender is Sender.CLIENT else client


@pytest.mark.slow
@every_end
def test_a_connection_goes_on_after_every_message(sender: Sender, version: int) -> None:
    """A stream of damaged and valid messages in turn, in pieces of any size: every valid one comes out."""
    random = Random(version)
    good = StartApi(7, "x") if sender is Sender.CLIENT else Error(1, 200, "no")
    good_payload = Codec(sender.peer, version).encode(good)
    connection = opened(sender, version)
    stream = b"".join(
        frame(payload) + frame(good_payload)
        for payload in damaged(random, samples(sender, version), CASES_OF_A_CONNECTION)
    )
    events: list[Any] = []
    while stream:
        size = random.randrange(1, 4000)
        events += connection.receive_data(stream[:size])
        stream = stream[size:]
    assert connection.state is State.OPEN
    assert len(events) == 2 * CASES_OF_A_CONNECTION
    assert events[1::2] == [good] * CASES_OF_A_CONNECTION
    assert any(isinstance(event, Undecodable) for event in events[::2])


@pytest.mark.slow
def test_a_stream_opens_or_ends_in_a_protocol_error() -> None:
    """From the first byte on, in both roles. What has ended stays ended."""
    random = Random(1)
    client, server = Connection(Sender.CLIENT), Connection(Sender.SERVER, time="20250620 08:30:00 UTC")
    from_client = client.data_to_send()
    server.receive_data(from_client)
    valid = {Sender.SERVER: server.data_to_send(), Sender.CLIENT: from_client}
    outcomes = {"open": 0, "waiting": 0, "error": 0}
    for _ in range(CASES_OF_A_HANDSHAKE):
        role = random.choice((Sender.CLIENT, Sender.SERVER))
        connection = Connection(role)
        data = random.choice(DAMAGES)(random, valid[role.peer])
        try:
            events = connection.receive_data(data)
        except ProtocolError as error:
            assert str(error)
            assert connection.state is State.CLOSED
            assert connection.receive_data(valid[role.peer]) == []
            outcomes["error"] += 1
        else:
            outcomes["open" if connection.state is State.OPEN else "waiting"] += 1
            assert bool(events) == (connection.state is State.OPEN)
            assert not events or isinstance(events[0], Opened)
    assert min(outcomes.values()) > CASES_OF_A_HANDSHAKE / 100, outcomes


def test_there_are_as_many_cases_as_promised() -> None:
    assert len(ENDS) * (CASES_OF_A_CODEC + CASES_OF_A_CONNECTION) + CASES_OF_A_HANDSHAKE >= 100_000


def test_a_list_that_claims_to_be_endless_costs_nothing() -> None:
    for count in (b"99999999", b"-1", b"9" * 4000):
        with pytest.raises(DecodeError, match=r"bars\.length"):
            Codec(Sender.SERVER, V.MIN).decode(b"17\x001\x00\x00\x00" + count + b"\x00")
