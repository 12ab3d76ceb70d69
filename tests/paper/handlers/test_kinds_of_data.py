"""Which kind of data a client sees, and of which moment."""

from datetime import datetime, timedelta

import pytest

from ibdesk.paper.clock import NEW_YORK
from ibdesk.paper.handlers.kinds_of_data import seen

OPEN = datetime(2026, 4, 15, 10, 0, tzinfo=NEW_YORK)
CLOSED = datetime(2026, 4, 15, 22, 0, tzinfo=NEW_YORK)
CLOSE = datetime(2026, 4, 15, 20, 0, tzinfo=NEW_YORK)
MOMENT, QUARTER = timedelta(milliseconds=250), timedelta(minutes=15)


@pytest.mark.parametrize(
    ("wanted", "now", "expected"),
    [
        (1, OPEN, (1, OPEN)),
        (2, OPEN, (1, OPEN)),
        (3, OPEN, (3, OPEN - QUARTER)),
        (4, OPEN, (3, OPEN - QUARTER)),
        (1, CLOSED, (1, CLOSED)),
        (2, CLOSED, (2, CLOSE - MOMENT)),
        (3, CLOSED, (3, CLOSED - QUARTER)),
        (4, CLOSED, (4, CLOSE - MOMENT)),
    ],
)
def test_frozen_data_are_those_of_the_end(gateway, wanted, now, expected):
    apple = gateway.broker.market.instruments.by_con_id(265598)
    assert seen(apple, wanted, now) == expected
