"""What an order sees of another instrument."""

from decimal import Decimal

import pytest
from paper.exchange.conftest import at

from ibdesk.paper.exchange.quotes import Prices
from ibdesk.paper.exchange.references import Reference, no_model

BID, ASK, LAST = Decimal(10), Decimal(11), Decimal(12)


@pytest.mark.parametrize(
    ("prices", "middle"),
    [
        (Prices(BID, ASK, LAST), Decimal("10.5")),
        (Prices(BID, None, LAST), LAST),
        (Prices(None, None, LAST), LAST),
        (Prices(BID, None, None), None),
    ],
)
def test_the_middle_or_else_the_last_price(prices, middle):
    assert Reference(1, prices, at(10), no_model).middle == middle


def test_an_exchange_without_a_model_values_nothing():
    with pytest.raises(ValueError, match="no option model"):
        no_model(1, 0.2, 100.0, at(10))
