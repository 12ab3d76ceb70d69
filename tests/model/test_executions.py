"""A fill, as it is when it arrives."""

import datetime as dt

from ibdesk.model.contract import Stock
from ibdesk.model.executions import CommissionReport, Execution, Fill


def test_a_fill_that_arrives_was_not_missed() -> None:
    moment = dt.datetime(2026, 4, 2, 12, tzinfo=dt.UTC)
    assert not Fill(Stock("AAPL"), Execution(), CommissionReport(), moment).recovered
