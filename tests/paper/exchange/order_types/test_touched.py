"""If-touched orders."""

import pytest


@pytest.mark.parametrize("kind", ["MIT", "LIT"])
def test_if_touched_is_triggered_from_the_other_side(trader, kind):
    limit = {"lmtPrice": 99.10} if kind == "LIT" else {}
    order = trader.place("BUY", 100, kind, auxPrice=99.00, **limit)
    assert trader.story() == ["PreSubmitted trigger"]
    trader.quote(99.01, 99.03, last=99.02)
    assert trader.status(order) == "PreSubmitted"
    trader.quote(98.98, 99.00, last=99.00)
    assert trader.fills(order) == [(100.0, 99.0)]
