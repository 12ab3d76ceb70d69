"""Programs with a journal are killed and begin again, and no order is lost or comes twice.

`tests/killed_programs.py` does the same two hundred times.
"""

import os
import sqlite3
from pathlib import Path

import killed_programs
import pytest
from killed_programs import POINTS, SOME_MOMENT, Death, Report

pytestmark = [pytest.mark.slow, pytest.mark.skipif(os.name == "nt", reason="there is no SIGKILL")]


async def test_nothing_is_lost_and_nothing_comes_twice(tmp_path: Path) -> None:
    report = Report()
    deaths = [Death(point, 1 + number) for number, point in enumerate(POINTS)]
    deaths += [Death(SOME_MOMENT, seconds=seconds, is_connected=True) for seconds in (0.1, 0.3)]
    await killed_programs.kill_programs(str(tmp_path / "orders.db"), deaths, 1, report)
    assert report.wrong == []
    assert sum(report.deaths.values()) == len(deaths)
    assert report.orders >= killed_programs.KEYS


async def test_the_auditor_sees_what_is_wrong(tmp_path: Path) -> None:
    """An order that is not in the journal, because it was deleted there: the auditor misses it."""
    path, report = tmp_path / "orders.db", Report()
    await killed_programs.kill_programs(str(path), [Death(SOME_MOMENT, seconds=0.3, is_connected=True)], 2, report)
    assert report.wrong == []
    books, told = report.last
    connection = sqlite3.connect(path)
    connection.execute("DELETE FROM orders WHERE number = (SELECT max(number) FROM orders WHERE perm_id <> 0)")
    connection.commit()
    connection.close()
    lost = killed_programs.audit(books, told, str(path))
    assert [one for one in lost if one.startswith("forgotten in the journal")] == lost != []
    some = next(one for one in told if one["permId"])
    assert len(killed_programs.audit(books, [one for one in told if one is not some], str(path))) == 1 + len(lost)
    first = next(iter(books.orders.values()))
    books.orders[1] = first
    assert any(one.startswith("2 orders with orderId") for one in killed_programs.audit(books, told, str(path)))
