"""The part of a journal that one client writes: what it keeps, and what it does when the file cannot be written."""

import logging
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ibdesk.errors import JournalError
from ibdesk.journal import ClientJournal, Event, Journal, Kind, writing

VERSION = 178


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "orders.db")


@pytest.fixture
def ours(journal):
    own = journal.claim(1)
    yield own
    own.close()


def place(part: ClientJournal, orderId: int = 1, **more) -> int:
    event = orderId, 100.0 + orderId, VERSION, b"order %d" % orderId
    if more:
        return part.place_with_key(*event, **more)
    part.send(*event[1:])
    number = part.placed(*event)
    part.moved()
    part.write()
    return number


def change(part: ClientJournal, number: int, payload: bytes, **more) -> None:
    part.send(201.0, VERSION, payload)
    part.changed([number], 201.0, VERSION, payload, **more)
    part.moved()
    part.write()


def tell(part: ClientJournal, *told, **more) -> None:
    part.told(*told, **more)
    part.write()


def payloads(journal: Journal, number: int) -> list[bytes]:
    (entry,) = [one for one in journal.entries() if one.number == number]
    return [event.payload for event in journal.events(entry)]


def test_what_is_written_is_read(journal, ours) -> None:
    number = place(ours, 7, key="a key")
    change(ours, number, b"change")
    tell(ours, number, Kind.TOLD, 202.0, VERSION, b"answer", permId=99)
    tell(ours, number, Kind.ANSWERED, 203.0, VERSION, b"answer", has_ended=True)
    (entry,) = journal.entries()
    assert entry == (1, number, 7, 99, "a key", 203.0, Event(107.0, Kind.SENT, VERSION, b"order 7"))
    assert journal.events(entry) == [
        Event(201.0, Kind.SENT, VERSION, b"change"),
        Event(202.0, Kind.TOLD, VERSION, b"answer"),
        Event(203.0, Kind.ANSWERED, VERSION, b"answer"),
    ]
    assert (ours.of_key("a key"), ours.of_key("another")) == (entry, None)


def test_what_is_committed_can_be_read_by_others_at_once(journal, ours) -> None:
    number = place(ours)
    with closing(sqlite3.connect(journal.path)) as other:
        assert other.execute("SELECT client, number FROM orders").fetchall() == [(1, number)]


def test_each_client_sees_its_own_orders_that_are_of_interest(journal, ours) -> None:
    living, ended, long_ended = (place(ours, orderId) for orderId in (1, 2, 3))
    tell(ours, ended, Kind.TOLD, 300.0, VERSION, b"", has_ended=True)
    tell(ours, long_ended, Kind.TOLD, 100.0, VERSION, b"", has_ended=True)
    with closing(journal.claim(2)) as other:
        place(other, 77)
        assert [entry.orderId for entry in other.of_interest(200.0)] == [77]
    assert [entry.number for entry in ours.of_interest(200.0)] == [living, ended]


def test_the_same_key_is_not_written_twice(ours) -> None:
    place(ours, 1, key="a key")
    with pytest.raises(JournalError, match="an order has the key already"):
        place(ours, 2, key="a key")
    assert [place(ours, 3), place(ours, 4)] == [2, 3]


def test_an_order_that_never_arrived_leaves_its_key_to_the_next(journal, ours) -> None:
    first = place(ours, 1, key="a key")
    second = place(ours, 2, key="a key", instead_of=first)
    assert [(entry.number, entry.key) for entry in journal.entries()] == [(first, ""), (second, "a key")]


def test_more_than_is_kept_may_be_written_at_once(journal, monkeypatch) -> None:
    monkeypatch.setattr(writing, "MOST_KEPT", 10)
    with closing(journal.claim(1)) as ours:
        for orderId in range(1, 26):
            ours.placed(orderId, 1.0, VERSION, b"an order")
        ours.write()
        assert [entry.orderId for entry in journal.entries()] == [*range(1, 26)]


def test_the_last_message_is_replaced(journal, ours) -> None:
    number = place(ours)
    for payload in (b"first", b"second"):
        tell(ours, number, Kind.TOLD, 1.0, VERSION, payload)
    ours.replace(number, 2.0, VERSION, b"third")
    ours.write()
    assert payloads(journal, number) == [b"first", b"third"]


def test_the_highest_id_outlives_the_orders(journal, ours) -> None:
    assert ours.highest_id() == 0
    number = place(ours, 41)
    place(ours, 7)
    assert ours.highest_id() == 41
    tell(ours, number, Kind.TOLD, 1.0, VERSION, b"", has_ended=True)
    assert journal.prune(datetime(2026, 1, 1, tzinfo=UTC)) == 1
    assert ours.highest_id() == 41
    with closing(journal.claim(2)) as other:
        assert other.highest_id() == 0


def test_a_journal_belongs_to_the_accounts_of_one_login(ours) -> None:
    ours.check_login(["DU1", "DU2"])
    ours.check_login(["DU2", "DU3"])
    ours.check_login(["DU3"])
    with pytest.raises(JournalError, match=r"it belongs to account DU1, DU2, DU3, and this login has U7\."):
        ours.check_login(["U7"])


def test_one_client_is_written_by_one_program(journal, ours) -> None:
    with pytest.raises(JournalError, match="another program uses it with client id 1"):
        journal.claim(1)
    ours.close()
    ours.close()
    journal.claim(1).close()


def test_a_part_that_is_forgotten_is_left_to_others(journal) -> None:
    journal.claim(1)
    journal.claim(1).close()


# --- files that cannot be written -----------------------------------------------------------------------------------


class Unwritable:
    """Makes the database unwritable, in one way or another."""

    def __init__(self, ours: ClientJournal, path: Path) -> None:
        self.connection, self.path = ours._connection, path

    def full(self) -> None:
        pages = self.connection.execute("PRAGMA page_count").fetchone()[0]
        self.connection.execute(f"PRAGMA max_page_count = {pages}")

    def read_only(self) -> None:
        self.connection.execute("PRAGMA query_only = ON")

    def locked(self) -> None:
        self.connection.execute("PRAGMA busy_timeout = 0")
        self.other = sqlite3.connect(self.path, isolation_level=None)
        self.other.execute("BEGIN IMMEDIATE")

    def writable(self) -> None:
        self.connection.execute("PRAGMA max_page_count = 1000000")
        self.connection.execute("PRAGMA query_only = OFF")
        if hasattr(self, "other"):
            self.other.close()


REASONS = {"full": "the disk is full", "read_only": "it cannot be written to", "locked": "another program has had it"}
BIG = b"x" * 100_000


@pytest.mark.parametrize("how", REASONS)
def test_while_the_database_cannot_be_written_no_order_is_sent_and_nothing_is_lost(journal, ours, how, caplog) -> None:
    number = place(ours)
    file = Unwritable(ours, journal.path)
    getattr(file, how)()
    with caplog.at_level(logging.ERROR):
        for payload in (BIG, b"second"):
            tell(ours, number, Kind.TOLD, 2.0, VERSION, payload)
    assert caplog.text.count("is kept until it can be written, and no order is sent") == 1
    assert payloads(journal, number) == []
    for send in (lambda: ours.send(2.0, VERSION, b""), lambda: place(ours, 2, key="a key")):
        with pytest.raises(JournalError, match=REASONS[how]) as caught:
            send()
        assert caught.value.path == str(journal.path)
    file.writable()
    place(ours, 3)
    assert payloads(journal, number) == [BIG, b"second"]
    assert [entry.orderId for entry in journal.entries()] == [1, 3]


def test_an_outbox_that_cannot_be_written_stops_the_order(journal, ours, monkeypatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(ours._outbox, "add", full)
    with pytest.raises(JournalError, match="No space left on device"):
        ours.send(1.0, VERSION, b"order")
    assert journal.entries() == []


def test_what_is_kept_is_written_at_the_end(journal, ours, caplog) -> None:
    number = place(ours)
    file = Unwritable(ours, journal.path)
    file.read_only()
    tell(ours, number, Kind.TOLD, 2.0, VERSION, b"told")
    file.writable()
    ours.close()
    assert payloads(journal, number) == [b"told"]


def test_what_cannot_be_written_at_the_end_is_lost_and_that_is_logged(journal, ours, caplog) -> None:
    number = place(ours)
    Unwritable(ours, journal.path).read_only()
    tell(ours, number, Kind.TOLD, 2.0, VERSION, b"told")
    ours.close()
    assert "What the server told is lost" in caplog.text


def test_there_is_a_limit_to_what_is_kept(journal, ours, monkeypatch) -> None:
    number = place(ours)
    file = Unwritable(ours, journal.path)
    file.read_only()
    for count in range(writing.MOST_KEPT + 5):
        tell(ours, number, Kind.TOLD, 2.0, VERSION, b"%d" % count)
    file.writable()
    ours.write()
    assert payloads(journal, number)[0] == b"5"


# --- programs that were killed ----------------------------------------------------------------------------------------


def killed(ours: ClientJournal) -> None:
    """Leave the files as the end of the process does."""
    ours._closing()


def test_what_was_sent_waits_for_the_next_program(journal) -> None:
    ours = journal.claim(1)
    place(ours)
    ours.send(200.0, VERSION, b"an order")
    ours.send(300.0, VERSION, b"its change")
    killed(ours)
    with closing(journal.claim(1)) as ours:
        assert [one[1:] for one in ours.waiting] == [(200.0, VERSION, b"an order"), (300.0, VERSION, b"its change")]
        number = ours.placed(2, *ours.waiting[0][1:])
        ours.changed([number], *ours.waiting[1][1:])
        ours.moved()
        ours.write()
        killed(ours)
    with closing(journal.claim(1)) as ours:
        assert ours.waiting == []
        assert [entry.number for entry in journal.entries()] == [1, 2]
        assert payloads(journal, 2) == [b"its change"]


def test_what_was_moved_already_is_not_waiting(journal) -> None:
    ours = journal.claim(1)
    for orderId in range(1, 6):
        place(ours, orderId)
    assert not ours._outbox.is_empty
    killed(ours)
    with closing(journal.claim(1)) as ours:
        assert ours.waiting == []
        assert place(ours, 6) == 6


def test_closing_leaves_nothing_in_the_outbox(journal, ours) -> None:
    place(ours)
    assert not ours._outbox.is_empty
    ours.close()
    with closing(journal.claim(1)) as again:
        assert again._outbox.is_empty or again.waiting == []


def test_a_damaged_file_is_told(journal, ours) -> None:
    for orderId in range(1, 200):
        place(ours, orderId)
    ours.close()
    data = bytearray(journal.path.read_bytes())
    assert len(data) > 8192, "closing has moved it all into the main file"
    data[4096:] = b"\xff" * (len(data) - 4096)
    journal.path.write_bytes(data)
    with pytest.raises(JournalError, match="it is damaged"):
        journal.entries()


# --- the disk ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fsync", [False, True])
def test_with_fsync_orders_are_on_the_disk_before_they_are_sent_and_answers_do_not_wait(tmp_path, fsync) -> None:
    journal = Journal(tmp_path / "orders.db", fsync=fsync)
    with closing(journal.claim(1)) as ours:
        flushes: list[None] = []

        class Flushing:
            def __init__(self, pages) -> None:
                self.pages = pages

            def __len__(self) -> int:
                return len(self.pages)

            def __setitem__(self, place, data) -> None:
                self.pages[place] = data

            def flush(self) -> None:
                flushes.append(None)

            def close(self) -> None:
                self.pages.close()

        ours._outbox._map = Flushing(ours._outbox._map)
        levels: list[str] = []
        ours._connection.set_trace_callback(lambda text: levels.append(text) if "synchronous" in text else None)
        number = place(ours)
        assert len(flushes) == fsync
        tell(ours, number, Kind.TOLD, 1.0, VERSION, b"")
        assert (len(flushes), levels) == (fsync, [])
        place(ours, 2, key="a key")
        assert levels == ["PRAGMA synchronous = FULL", "PRAGMA synchronous = NORMAL"] * fsync


def test_the_wal_is_moved_into_the_file_beside_the_event_loop(journal, ours, monkeypatch) -> None:
    monkeypatch.setattr(writing, "_CHECKPOINT", 40)
    for orderId in range(1, 25):
        place(ours, orderId)
    if ours._checkpoint is not None:  # it may have ended already
        ours._checkpoint.thread.join()
    with closing(sqlite3.connect(f"file:{journal.path}?immutable=1", uri=True)) as main_file_alone:
        assert main_file_alone.execute("SELECT count(*) FROM orders").fetchone()[0] >= 19
    assert not ours._outbox.is_empty
    for orderId in range(25, 50):  # until nothing was written while it was moved
        if ours._checkpoint is not None:
            ours._checkpoint.thread.join()
        place(ours, orderId)
    assert ours._outbox.end < 1500


def test_a_checkpoint_that_fails_is_logged(journal, ours, caplog) -> None:
    journal.path.rename(journal.path.with_name("elsewhere.db"))
    writing._Checkpoint(journal.path, 0).thread.join()
    assert "it cannot be opened" in caplog.text
    journal.path.with_name("elsewhere.db").rename(journal.path)
