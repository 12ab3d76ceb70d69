"""A month across two expiries of options and the roll of a future: nothing that ended lives on, and all adds up."""

from datetime import timedelta

import pytest
from simulation.expiry_month import END, START, live_through

from ibdesk.simulation import books

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_a_month_adds_up_every_evening(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    # The drawdown, for which the equity is looked at each minute, is not what this is about.
    monkeypatch.setattr(books, "LOOK_EVERY", timedelta(hours=2))
    month = await live_through(seed)
    assert month.wrong == []
    assert month.counts["evenings"] == (END - START).days + 1
    # All of it has happened: assigned, exercised automatically, expired, exercised and lapsed by instruction.
    assert all(month.counts[f"type {kind}"] for kind in (100, 101, 102))
    assert month.counts["type 1"] + month.counts["type 2"] >= month.counts["instructed"] > 0
    assert month.counts["assigned early"] > 0
    assert month.counts["Inactive"] == 0
    assert month.counts["left"] == 6
    # An order of the day expires without a word; the others are cancelled because of what ended.
    assert [(trade.orderStatus.status, trade.log[-1].errorCode) for trade in month.left] == [
        ("Cancelled", 202 if trade.order.tif == "GTC" else 0) for trade in month.left
    ]
    rolled = {lot.contract.localSymbol: abs(lot.quantity) for lot in month.books.lots.values()}
    assert (rolled["ESZ6"], rolled["ESH7"]) == (0, 1)
