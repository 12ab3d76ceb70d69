"""Ranges of the price of another instrument."""

from decimal import Decimal

import pytest

from ibdesk.model.order import Order
from ibdesk.paper.exchange.stock_range import check_range, is_outside
from ibdesk.paper.refusals import Refusal


@pytest.mark.parametrize(
    ("ends", "inside", "outside"),
    [
        ((10.0, 20.0), ("10", "15", "20"), ("9.99", "20.01")),
        ((10.0, 0.0), ("10", "1000000"), ("9.99",)),
        ((0.0, 20.0), ("0.01", "20"), ("20.01",)),
        ((0.0, 0.0), ("0.01", "1000000"), ()),
    ],
)
def test_a_price_on_an_end_is_inside(ends, inside, outside):
    order = Order(stockRangeLower=ends[0], stockRangeUpper=ends[1])
    check_range(order)
    assert not any(is_outside(order, Decimal(price)) for price in inside)
    assert all(is_outside(order, Decimal(price)) for price in outside)
    assert not is_outside(order, None)


@pytest.mark.parametrize(("ends", "code"), [((-1.0, 20.0), 375), ((20.0, 20.0), 374), ((21.0, 20.0), 374)])
def test_what_is_no_range_is_refused(ends, code):
    with pytest.raises(Refusal) as caught:
        check_range(Order(stockRangeLower=ends[0], stockRangeUpper=ends[1]))
    assert caught.value.code == code
