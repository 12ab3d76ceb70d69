"""What a status of an order says by itself, and what its executions add up to."""

import pytest

from ibdesk.client.state.order_statuses import Progress, ended_status, is_older, status_in
from ibdesk.model.executions import Execution
from ibdesk.wire.messages.order_status import OrderStatus


@pytest.mark.parametrize(
    ("status", "text", "ended"),
    [
        ("Filled", "Filled Size: 100", "Filled"),
        ("Submitted", "Filled Size: 100", "Filled"),
        ("PreSubmitted", "Rejected by System: The exchange is closed.", "Inactive"),
        ("PreSubmitted", "Expired", "Cancelled"),
        ("", "Cancelled by Trader", "Cancelled"),
        ("Inactive", "Cancelled by System:\n", "Inactive"),
    ],
)
def test_a_completed_order_is_done(status: str, text: str, ended: str):
    assert ended_status(status, text, "Inactive") == ended


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("OrderId 141 that needs to be cancelled can not be cancelled, state: Cancelled.", "Cancelled"),
        ("OrderId 141 that needs to be cancelled cannot be cancelled, state:PendingCancel.", "PendingCancel"),
        ("OrderId 141 that needs to be cancelled can not be cancelled, state: Tired.", ""),
        ("OrderId 141 that needs to be cancelled is not found.", ""),
    ],
)
def test_the_text_of_an_error_may_name_a_status(text: str, status: str):
    assert status_in(text) == status


def told(status: str, filled: float) -> OrderStatus:
    return OrderStatus(1, status, filled, 100.0 - filled, 0.0, 7, 0, 0.0, 1)


def test_what_fills_more_and_what_ends_is_later():
    statuses = [told("Submitted", 0.0), told("Submitted", 10.0), told("Cancelled", 5.0), told("Filled", 100.0)]
    for number, one in enumerate(statuses):
        assert [is_older(other, one) for other in statuses] == [True] * number + [False] * (4 - number)


def test_executions_tell_the_sums_up_to_them_unless_one_was_corrected():
    told = Progress()
    assert told.told(100.0) == {}
    told.add(second := Execution("2", shares=40.0, price=13.0, cumQty=80.0, avgPrice=11.0))
    told.add(Execution("1", shares=40.0, price=10.0, cumQty=40.0, avgPrice=10.0))
    assert told.told(100.0) == {"filled": 80.0, "avgFillPrice": 11.0, "lastFillPrice": 13.0, "remaining": 20.0}
    told.is_corrected = True
    assert told.told(0.0) == {"filled": 80.0, "avgFillPrice": 11.5, "lastFillPrice": 13.0}
    told.correct([second])
    assert told.told(0.0) == {"filled": 40.0, "avgFillPrice": 13.0, "lastFillPrice": 13.0}
