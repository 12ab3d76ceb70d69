"""How long orders are good."""

import pytest

from ibdesk.paper.exchange.products import ALL
from ibdesk.paper.exchange.times_in_force import TIMES_IN_FORCE


@pytest.mark.parametrize("kind", ["STP", "TRAIL", "SNAP MID"])
def test_only_market_and_limit_orders_are_for_the_opening(trader, kind):
    trader.place("BUY", 1, kind, tif="OPG", **{} if kind == "SNAP MID" else {"auxPrice": 1.0})
    assert trader.errors() == [(111, "The TIF (Tif type) and the order type are incompatible.")]


def test_a_date_belongs_to_orders_that_are_good_till_a_date(trader):
    trader.place("BUY", 1, "LMT", lmtPrice=90.0, tif="GTC", goodTillDate="20260415 15:00:00 US/Eastern")
    assert trader.errors() == [(334, "Invalid Good Till Date order")]


def test_those_that_are_not_served_have_no_products():
    assert {tif for tif, row in TIMES_IN_FORCE.items() if not row.products} == {"AUC", "DTC", "Minutes"}
    assert all(row.products <= ALL for row in TIMES_IN_FORCE.values())
