"""The outbox: what is added is read by the next program, up to where the last one was killed."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibdesk.journal import outbox
from ibdesk.journal.outbox import Outbox, Sending

FIRST = outbox._FIRST.format("us").encode()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "orders.db-client1.sent"


def add(path: Path, *payloads: bytes, first: int = 1) -> None:
    box = Outbox(path, "us", False)
    for sequence, payload in enumerate(payloads, first):
        box.add(sequence, sequence / 3, 225, payload)
    box.close()


def waiting(path: Path) -> list[Sending]:
    box = Outbox(path, "us", False)
    box.close()
    return box.waiting


def test_what_is_added_is_there_again(path: Path) -> None:
    add(path, b"one", b"", b"three" * 100)
    assert waiting(path) == [
        Sending(1, 1 / 3, 225, b"one"),
        Sending(2, 2 / 3, 225, b""),
        Sending(3, 1.0, 225, b"three" * 100),
    ]
    add(path, b"four", first=4)
    assert [one.sequence for one in waiting(path)] == [1, 2, 3, 4]


def test_it_grows_with_what_is_added(path: Path) -> None:
    big = os.urandom(30_000)
    add(path, *[big] * 20)
    assert [one.payload for one in waiting(path)] == [big] * 20


def test_what_was_emptied_is_not_there_again_when_something_else_is_written_over_it(path: Path) -> None:
    box = Outbox(path, "us", True)
    for sequence in range(1, 10):
        box.add(sequence, 1.0, 225, b"same length")
    box.empty()
    assert box.is_empty
    box.add(10, 1.0, 225, b"same length")
    box.close()
    assert [one.sequence for one in waiting(path)] == [10]


def test_the_file_is_for_its_owner_alone(path: Path) -> None:
    add(path)
    assert path.stat().st_mode & 0o777 == 0o600


def test_another_file_is_begun_anew(path: Path) -> None:
    path.write_bytes(b"something else")
    add(path, b"one")
    assert [one.payload for one in waiting(path)] == [b"one"]
    box = Outbox(path, "them", False)
    assert box.waiting == []
    box.close()
    assert waiting(path) == []
    assert outbox.read(path.with_name("no file"), "us") == []


def test_no_room_on_the_disk_raises_and_keeps_what_there_is(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    box = Outbox(path, "us", False)
    box.add(1, 1.0, 225, b"one")
    monkeypatch.setattr(os, "write", lambda *_: 10)
    with pytest.raises(OSError, match="No space left on device"):
        box.add(2, 1.0, 225, b"x" * 100_000)
    monkeypatch.undo()
    box.add(2, 1.0, 225, b"two")
    box.close()
    assert [one.payload for one in waiting(path)] == [b"one", b"two"]


def test_a_file_that_cannot_be_mapped_is_closed(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "write", lambda *_: 0)
    with pytest.raises(OSError, match="No space left"):
        Outbox(path, "us", False)


@given(st.lists(st.binary(max_size=40), max_size=5), st.integers(0, 400), st.integers(0, 255))
def test_whatever_was_cut_or_damaged_what_comes_before_is_read(payloads: list[bytes], place: int, byte: int) -> None:
    data = bytearray(FIRST)
    ends = []
    for sequence, payload in enumerate(payloads, 1):
        body = outbox._NUMBERS.pack(sequence, 1.0, 225) + payload
        data += outbox._HEAD.pack(len(body), outbox.crc32(body)) + body
        ends.append(len(data))
    data += bytes(100)
    whole, end = outbox._read(bytes(data), FIRST)
    assert [one.payload for one in whole] == payloads
    assert end == (ends[-1] if ends else len(FIRST))
    cut, _ = outbox._read(bytes(data[:place]), FIRST)
    assert cut == whole[: sum(end <= place for end in ends)]
    if place < end and data[place] != byte:
        data[place] = byte
        read, _ = outbox._read(bytes(data), FIRST)
        assert read == whole[: sum(end <= place for end in ends)] if place >= len(FIRST) else read == []
