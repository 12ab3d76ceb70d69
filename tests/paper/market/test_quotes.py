"""What a quote says an instrument is worth."""

import pytest

from ibdesk.paper.market import Quote, mark_price

NAN = float("nan")


@pytest.mark.parametrize(
    ("bid", "ask", "last", "close", "price"),
    [
        (10.0, 10.2, 10.1, 9.0, 10.1),
        (10.0, 10.2, 9.9, 9.0, 10.0),
        (10.0, 10.2, 10.5, 9.0, 10.2),
        (10.0, 10.5, NAN, 9.0, 10.25),
        (-1.0, -1.0, 10.1, 9.0, 10.1),
        (-1.0, -1.0, NAN, 9.0, 9.0),
        (NAN, NAN, 10.1, 9.0, 10.1),
    ],
)
def test_what_one_unit_is_worth(bid, ask, last, close, price):
    assert mark_price(Quote(bid, 1, ask, 1, last, 1, 0, NAN, NAN, NAN, close)) == price
