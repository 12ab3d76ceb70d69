"""Whatever arrives, a decoder gives a message or its own error, and the connection goes on: 100,000 seeded cases.

`tests/fuzz_decoders.py` tries as many more as one has time for.
"""

from random import Random
from types import SimpleNamespace
from typing import Any

import pytest
from wire.fuzz_findings import FOUND, Found
from wire.fuzzing import ENTRIES, opened
from wire.mutation import OF_BYTES, damaged, is_protobuf, join_tags, samples, split_tags

from ibdesk.errors import DecodeError, ProtocolError
from ibdesk.session.connection import Connection, Opened, Undecodable
from ibdesk.session.states import State
from ibdesk.wire import versions as V
from ibdesk.wire.catalogue import Sender
from ibdesk.wire.codec import Codec
from ibdesk.wire.frames import frame
from ibdesk.wire.messages.connection import Error, StartApi

VERSIONS = (V.MIN, V.BOND_ISSUERID, V.PARAMETRIZED_DAYS_OF_EXECUTIONS, V.PROTOBUF, V.PROTOBUF_PLACE_ORDER, V.MAX)
CASES_OF_A_CODEC = 6_000  # for each of 12 codecs
CASES_OF_A_CONNECTION = 1_500  # for each of 12 connections
CASES_OF_A_HANDSHAKE = 10_000
CASES_OF_AN_ENTRY = 200  # for each of 6 entries of the script

ENDS = [(sender, version) for sender in Sender for version in VERSIONS]
every_end = pytest.mark.parametrize(("sender", "version"), ENDS, ids=lambda one: getattr(one, "value", one))


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
    assert connection.own_state is State.OPEN
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
        data = random.choice(OF_BYTES)(random, valid[role.peer])
        try:
            events = connection.receive_data(data)
        except ProtocolError as error:
            assert str(error)
            assert connection.own_state is State.CLOSED
            assert connection.receive_data(valid[role.peer]) == []
            outcomes["error"] += 1
        else:
            outcomes["open" if connection.own_state is State.OPEN else "waiting"] += 1
            assert bool(events) == (connection.own_state is State.OPEN)
            assert not events or isinstance(events[0], Opened)
    assert min(outcomes.values()) > CASES_OF_A_HANDSHAKE / 100, outcomes


@pytest.mark.slow
@pytest.mark.parametrize("name", ENTRIES)
def test_what_the_script_judges(name: str) -> None:
    """A few cases of each entry of `fuzz_decoders.py`, so that the script does not rot."""
    entry = ENTRIES[name]
    for _, case in zip(range(CASES_OF_AN_ENTRY), entry.cases(Random(name)), strict=False):
        assert entry.judge(case) is None, case


def refuse(*_: Any, **__: Any) -> Any:
    raise LookupError("not promised")


@pytest.mark.parametrize(
    ("entry", "patched", "by", "kind"),
    [
        ("text", "wire.fuzzing.Codec", lambda *_: SimpleNamespace(decode=refuse, oddities={}), "LookupError"),
        ("text", "wire.fuzzing.compiled", lambda sender, version: Codec(sender, V.MAX), "compiled differs"),
        ("text", "wire.fuzzing.SECONDS", -1.0, "Slow"),
        ("protobuf", "wire.fuzzing.MEMORY", -1e9, "memory"),
        ("frames", "wire.fuzzing.Connection.events", refuse, "LookupError"),
        ("frames", "wire.fuzzing.pieces", lambda case: iter([case.data, b"more"]), "pieces matter"),
        ("explain", "wire.fuzzing.explain", refuse, "LookupError"),
        ("explain", "wire.fuzzing.explain", lambda payload, sender, version: "", "explain hides"),
        ("tape", "wire.fuzzing.Decoder.messages", refuse, "LookupError"),
    ],
)
def test_a_judge_sees_a_fault(entry: str, patched: str, by: Any, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patched, by)
    cases = zip(range(450), ENTRIES[entry].cases(Random(2)), strict=False)
    kinds = (fault.kind for _, case in cases if (fault := ENTRIES[entry].judge(case)) is not None)
    assert next(kinds, "none").startswith(kind)


@pytest.mark.parametrize("found", FOUND, ids=lambda found: found.kind)
def test_what_was_found_and_mended(found: Found) -> None:
    assert ENTRIES[found.entry].judge(found.case) is None


def test_there_are_as_many_cases_as_promised() -> None:
    assert len(ENDS) * (CASES_OF_A_CODEC + CASES_OF_A_CONNECTION) + CASES_OF_A_HANDSHAKE >= 100_000


def test_a_list_that_claims_to_be_endless_costs_nothing() -> None:
    for count in (b"99999999", b"-1", b"9" * 4000):
        with pytest.raises(DecodeError, match=r"bars\.length"):
            Codec(Sender.SERVER, V.MIN).decode(b"17\x001\x00\x00\x00" + count + b"\x00")


def test_tags_are_taken_apart_and_joined() -> None:
    """What damages tags must not damage what it does not mean to."""
    payloads = [payload for payload in samples(Sender.SERVER, V.MAX) if is_protobuf(payload)]
    for payload in payloads:
        tags = split_tags(payload[4:])
        assert tags is not None
        assert join_tags(tags) == payload[4:]
    assert split_tags(b"\x0a\x05ab") is None
