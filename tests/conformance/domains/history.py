"""How the messages of historical bars are held against the outside clients."""

from typing import Any

from conformance.domain import Callback, Domain, Request, callback, contract, fields
from conformance.strategies import NOUNS, TAG_VALUES, few
from oracles import Official

from ibdesk.model.bars import BarData
from ibdesk.wire import versions as V
from ibdesk.wire.messages import history as messages


def _historical_data_request(oracle: Official, message: Any, version: int) -> tuple[Any, ...]:
    return (
        message.reqId,
        contract(oracle, message.contract, version),
        message.endDateTime,
        message.durationStr,
        message.barSizeSetting,
        message.whatToShow,
        message.useRTH,
        message.formatDate,
        message.keepUpToDate,
        oracle.tag_values(message.chartOptions),
    )


def _historical_data(m: Any, version: int) -> list[Callback]:
    found: list[Callback] = [("historicalData", {"reqId": m.reqId, "bar": bar}) for bar in m.bars]
    if version < V.HISTORICAL_DATA_END:
        span = {"startDateStr": m.startDateStr, "endDateStr": m.endDateStr}
        found.append(("historicalDataEnd", {"reqId": m.reqId, **span}))
    return found


DOMAIN = Domain(
    requests={
        messages.ReqHistoricalData: Request("reqHistoricalData", _historical_data_request, "HistoricalDataRequest"),
        messages.CancelHistoricalData: Request("cancelHistoricalData", fields("reqId"), "CancelHistoricalData"),
    },
    answers={
        messages.HistoricalData: _historical_data,
        messages.HistoricalDataEnd: callback("historicalDataEnd", "reqId", "startDateStr", "endDateStr"),
        messages.HistoricalDataUpdate: callback("historicalDataUpdate", "reqId", "bar"),
    },
    values={
        messages.ReqHistoricalData: {"chartOptions": TAG_VALUES},
        messages.HistoricalData: {"bars": few(NOUNS[BarData])},
    },
    not_described={
        messages.ReqHistoricalData: frozenset({"contract.lastTradeDate"}),
    },
)
