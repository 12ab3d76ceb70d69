"""A journal as its owner has it: read and pruned."""

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ibdesk.errors import JournalError
from ibdesk.journal import Journal, Kind


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "orders.db")


def test_it_says_what_it_is(tmp_path: Path) -> None:
    path = tmp_path / "orders.db"
    assert repr(Journal(path)) == f"Journal({str(path)!r})"
    assert repr(Journal(str(path), fsync=True)) == f"Journal({str(path)!r}, fsync=True)"
    assert Journal(path).entries() == []


def test_orders_that_ended_are_pruned_and_their_keys_stay_taken(journal: Journal) -> None:
    with closing(journal.claim(1)) as ours:
        for orderId, key in enumerate(["", "a key", "", ""], 1):
            event = orderId, float(orderId), 178, b"order"
            number = ours.place_with_key(*event, key) if key else ours.placed(*event)
            ours.told(number, Kind.TOLD, float(orderId), 178, b"told", has_ended=orderId != 3)
        ours.write()
        assert journal.prune(datetime.fromtimestamp(4.0, UTC)) == 2
        assert [(entry.orderId, entry.key, entry.first.payload) for entry in journal.entries()] == [
            (2, "a key", b""),
            (3, "", b"order"),
            (4, "", b"order"),
        ]
        assert [len(journal.events(entry)) for entry in journal.entries()] == [0, 1, 1]
        assert journal.prune(datetime.fromtimestamp(4.0, UTC)) == 0
        assert journal.prune(datetime.fromtimestamp(99.0, UTC)) == 1
        assert [entry.number for entry in ours.of_interest(0.0)] == [3]
        ours.told(4, Kind.TOLD, 100.0, 178, b"late news of what is gone")
        ours.write()
        with pytest.raises(JournalError, match="an order has the key already"):
            ours.place_with_key(7, 7.0, 178, b"order", "a key")
    with closing(journal.claim(1)) as ours:
        assert ours.placed(6, 6.0, 178, b"order") == 5, "numbers go on"
        ours.write()
        assert [len(journal.events(entry)) for entry in journal.entries()] == [0, 1, 0]


def test_the_moment_before_which_it_is_pruned_has_a_zone(journal: Journal) -> None:
    with pytest.raises(ValueError, match=r"prune\(\) wants a moment with its time zone, not 2026-11-30 00:00:00"):
        journal.prune(datetime(2026, 11, 30))


def test_what_is_read_together_is_of_one_moment(journal: Journal) -> None:
    with closing(journal.claim(1)) as ours:
        number = ours.placed(1, 1.0, 178, b"order")
        ours.write()
        with journal.opened() as snapshot:
            (entry,) = snapshot.entries()
            ours.send(2.0, 178, b"another")
            ours.placed(2, 2.0, 178, b"another")
            ours.told(number, Kind.TOLD, 2.0, 178, b"told")
            ours.moved()
            assert snapshot.entries() == [entry]
            assert snapshot.events(entry) == []
            ((client, sending),) = snapshot.waiting()
            assert (client, sending.payload) == (1, b"another"), "what was moved meanwhile is not missing"
        ours.write()
        assert len(journal.entries()) == 2
        assert [event.payload for event in journal.events(entry)] == [b"told"]
        assert journal.waiting() == []
