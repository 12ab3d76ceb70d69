"""Amounts that were not told: the official client reads that from the largest number in text and from missing tags.

Where it makes a zero of a missing tag, a row with the reason NOT_TOLD stands in the table of exceptions.
"""

import pytest
from conformance.exceptions import EXCEPTIONS, NOT_TOLD, unexplained
from conformance.test_answers import Written, compare

from ibdesk.model.contract import Contract
from ibdesk.model.executions import CommissionReport, Execution
from ibdesk.model.unset import UNSET_DOUBLE
from ibdesk.wire import versions as V
from ibdesk.wire.messages import accounts, depth, executions, market_data, order_status, pnl, real_time_bars

NEWEST = "10.46.1"
UNTOLD = UNSET_DOUBLE
STOCK = Contract(secType="STK", symbol="AAPL", conId=265598)

MESSAGES = (
    accounts.Position("DU1", STOCK, UNTOLD, UNTOLD),
    accounts.PositionMulti(1, "DU1", "", STOCK, UNTOLD, UNTOLD),
    accounts.UpdatePortfolio(STOCK, UNTOLD, UNTOLD, UNTOLD, UNTOLD, UNTOLD, UNTOLD, "DU1"),
    pnl.PnL(1, UNTOLD, UNTOLD, UNTOLD),
    pnl.PnLSingle(1, UNTOLD, UNTOLD, UNTOLD, UNTOLD, UNTOLD),
    order_status.OrderStatus(1, "Submitted", UNTOLD, UNTOLD, UNTOLD, 1, 0, UNTOLD, 1, "", UNTOLD),
    executions.ExecDetails(
        -1,
        STOCK,
        Execution(
            execId="1",
            time="20260402 09:30:00 UTC",  # type: ignore[arg-type]
            **dict.fromkeys(("shares", "price", "cumQty", "avgPrice"), UNTOLD),  # type: ignore[arg-type]
        ),
    ),
    executions.CommissionAndFeesReport(CommissionReport("1", UNTOLD, "USD", UNTOLD, UNTOLD)),
    market_data.TickPrice(1, 1, UNTOLD, UNTOLD),
    market_data.TickGeneric(1, 49, UNTOLD),
    real_time_bars.RealtimeBar(1, 1, UNTOLD, UNTOLD, UNTOLD, UNTOLD, UNTOLD, UNTOLD, 1),
    depth.UpdateMktDepth(1, depth.MarketDepthData(0, 0, 0, UNTOLD, UNTOLD)),
)


@pytest.mark.parametrize("version", [178, V.PROTOBUF - 1, V.MAX])
@pytest.mark.parametrize("message", MESSAGES, ids=lambda one: type(one).__name__)
def test_the_official_client_reads_that_it_was_not_told(message: object, version: int) -> None:
    assert unexplained(compare(NEWEST, Written(message, version)), type(message), NEWEST, version) == []


def test_all_of_the_table_is_compared() -> None:
    assert {row.message for row in EXCEPTIONS if row.reason == NOT_TOLD} <= {type(message) for message in MESSAGES}
