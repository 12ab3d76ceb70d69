"""Tapes on disk: what is written is read; a cut or damaged tape is read up to there."""

import io
import re
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from zlib import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibdesk.tape.format import (
    FAMILY,
    LONGEST_PAYLOAD,
    MAGIC,
    Damage,
    Header,
    Kind,
    Record,
    encode_header,
    encode_record,
    read_header,
    read_records,
)
from ibdesk.wire.catalogue import Sender

START = datetime(2026, 11, 20, 15, 30, 1, 250_000, tzinfo=UTC)
RECORDS = st.builds(
    Record,
    st.integers(0, 2**64 - 1),
    st.integers(0, 2**32 - 1),
    st.sampled_from(Kind),
    st.binary(max_size=20),
)


def read(data: bytes) -> tuple[Header | Damage, list[Record], Damage | None]:
    """Header, records and damage of a tape."""
    file = io.BytesIO(data)
    header = read_header(file)
    found = list(read_records(file)) if isinstance(header, Header) else []
    damage = found.pop() if found and isinstance(found[-1], Damage) else None
    assert all(isinstance(one, Record) for one in found)
    return header, found, damage


def offsets(records: list[Record]) -> list[int]:
    """Where each record begins, and the end."""
    places = [len(encode_header(Header(START)))]
    for record in records:
        places.append(places[-1] + len(encode_record(record)))
    return places


def test_the_bytes_of_a_tape() -> None:
    line = b'{"start": "2026-11-20T15:30:01.250000+00:00", "program": "ibdesk", "scrubbed": true}\n'
    assert encode_header(Header(START, "ibdesk", True)) == b"ibdesk tape 1\n" + line + bytes.fromhex("d4d55314")
    record = bytes.fromhex("00000000000f4241 00000002 53 00000003") + b"abc"
    assert encode_record(Record(1_000_001, 2, Kind.SERVER, b"abc")) == record + bytes.fromhex("b61ec8ff")


def test_the_example_of_the_documentation() -> None:
    document = (Path(__file__).parents[2] / "docs" / "reference" / "tapes.md").read_text("utf-8")
    example = document.partition("```text\n")[2].partition("```")[0]
    lines = [re.match(r"(?:[0-9a-f]{2} {1,2})+", line) for line in example.splitlines()]
    assert read(bytes.fromhex("".join(line[0] for line in lines if line))) == (
        Header(datetime(2026, 11, 20, 15, 30, tzinfo=UTC)),
        [
            Record(0, 1, Kind.CONNECTED, b"localhost"),
            Record(1000, 1, Kind.CLIENT, b"API\0\0\0\0\4v178"),
        ],
        None,
    )


@given(st.lists(RECORDS, max_size=5), st.text(max_size=10), st.booleans())
def test_what_is_written_is_read(records: list[Record], program: str, scrubbed: bool) -> None:
    header = Header(START, program, scrubbed)
    data = encode_header(header) + b"".join(map(encode_record, records))
    assert read(data) == (header, records, None)


@given(st.lists(RECORDS, max_size=4))
def test_a_tape_cut_at_any_byte_is_read_up_to_there(records: list[Record]) -> None:
    data = encode_header(Header(START)) + b"".join(map(encode_record, records))
    places = offsets(records)
    for end in range(len(data)):
        header, found, damage = read(data[:end])
        if end < places[0]:
            assert isinstance(header, Damage)
            assert header.record == 0
            continue
        whole = sum(place <= end for place in places) - 1
        assert found == records[:whole]
        if end in places:
            assert damage is None
        else:
            assert damage == Damage(places[whole], whole + 1, "the file ends in the record")


@given(st.lists(RECORDS, min_size=1, max_size=4), st.data())
def test_any_byte_that_is_changed_is_noticed_where_it_is(records: list[Record], data: st.DataObject) -> None:
    tape = bytearray(encode_header(Header(START)) + b"".join(map(encode_record, records)))
    at = data.draw(st.integers(0, len(tape) - 1))
    tape[at] ^= data.draw(st.integers(1, 255))
    header, found, damage = read(bytes(tape))
    places = offsets(records)
    if at < places[0]:
        assert isinstance(header, Damage)
        return
    whole = sum(place <= at for place in places) - 1
    assert found == records[:whole]
    assert damage is not None
    assert (damage.offset, damage.record) == (places[whole], whole + 1)


@given(st.binary(max_size=200), st.booleans())
def test_anything_can_be_read(data: bytes, behind_a_header: bool) -> None:
    read((encode_header(Header(START)) if behind_a_header else MAGIC) + data)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "the file ends in its first line"),
        (MAGIC[:5], "the file ends in its first line"),
        (b"API\0" + bytes(30), r"it begins with b'API\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00', not with "),
        (FAMILY + b"2\n{}\n", "its format is b'2'; this ibdesk reads format 1"),
        (MAGIC + b"{" * 70_000, "the line of JSON has no end"),
        (MAGIC + b"{}\n1234", "the checksum of the header is wrong"),
        (MAGIC + b"{}\n12", "the file ends in the header"),
    ],
)
def test_what_is_no_tape_says_why(data: bytes, reason: str) -> None:
    damage = read(data)[0]
    assert isinstance(damage, Damage)
    assert damage.reason.startswith(reason)
    assert str(damage) == f"this is no tape that can be read: {damage.reason}"


@pytest.mark.parametrize(
    "line", [b"x", b"{}", b"[]", b'{"start": 7}', b'{"start": "2026-11-20"}', b"[" * 60_000, b"\xff"]
)
def test_a_header_without_a_readable_start(line: bytes) -> None:
    lines = MAGIC + line + b"\n"
    damage = read(lines + crc32(lines).to_bytes(4, "big"))[0]
    assert damage == Damage(len(MAGIC), 0, "the line of JSON has no readable start")


def test_a_start_in_another_zone_is_told_in_utc() -> None:
    header = read(encode_header(Header(START.astimezone(timezone(timedelta(hours=-5))))))[0]
    assert isinstance(header, Header)
    assert header.start == START
    assert header.start.tzinfo is UTC


def test_a_length_that_cannot_be_costs_nothing() -> None:
    data = encode_header(Header(START)) + bytes(12) + b"S" + b"\xff" * 4
    damage = read(data)[2]
    assert damage is not None
    assert damage.reason == f"it announces 4294967295 bytes; the longest record has {LONGEST_PAYLOAD}"
    assert str(damage).startswith(f"the tape is readable up to byte {len(data) - 17}, where record 1 begins: ")


def test_a_kind_that_is_not_in_use() -> None:
    body = bytes(12) + b"?" + bytes(4)
    damage = read(encode_header(Header(START)) + body + crc32(body).to_bytes(4, "big"))[2]
    assert damage is not None
    assert damage.reason == "its kind is b'?', which is not in use"


def test_a_payload_too_long_is_not_written() -> None:
    with pytest.raises(ValueError, match=f"holds {LONGEST_PAYLOAD} bytes at most"):
        encode_record(Record(0, 1, Kind.SERVER, bytes(LONGEST_PAYLOAD + 1)))


def test_who_sends() -> None:
    assert [kind.sender for kind in Kind] == [None, Sender.CLIENT, Sender.SERVER, None, None]
    assert Record(1_500_000, 1, Kind.SERVER, b"").seconds == 1.5
