"""How the messages of what history is beside bars are held against the outside clients."""

from typing import Any

from conformance.domain import Callback, Domain, Request, callback, contract, fields
from conformance.exceptions import IB_ASYNC, Avoided
from conformance.strategies import OPTIONAL_SIZES, few, noun
from oracles import Official

from ibdesk.model import bars
from ibdesk.wire.messages import history_summaries as messages


def _head_time_stamp(oracle: Official, m: Any, version: int) -> tuple[Any, ...]:
    return m.reqId, contract(oracle, m.contract, version), m.whatToShow, m.useRTH, m.formatDate


def _histogram_request(oracle: Official, m: Any, version: int) -> tuple[Any, ...]:
    return m.reqId, contract(oracle, m.contract, version), m.useRTH, m.timePeriod


def _histogram(m: Any, version: int) -> list[Callback]:
    """Under the names of the noun: what the official clients call size is a count in ib_async."""
    items = [bars.HistogramData(one.price, one.size) for one in m.items]
    return [("histogramData", {"reqId": m.reqId, "items": items})]


DOMAIN = Domain(
    requests={
        messages.ReqHeadTimeStamp: Request("reqHeadTimeStamp", _head_time_stamp, "HeadTimestampRequest"),
        messages.CancelHeadTimeStamp: Request("cancelHeadTimeStamp", fields("reqId"), "CancelHeadTimestamp"),
        messages.ReqHistogramData: Request("reqHistogramData", _histogram_request, "HistogramDataRequest"),
        messages.CancelHistogramData: Request("cancelHistogramData", fields("reqId"), "CancelHistogramData"),
    },
    answers={
        messages.HeadTimestamp: callback("headTimestamp", "reqId", "headTimestamp"),
        messages.HistogramData: _histogram,
        messages.HistoricalSchedule: callback(
            "historicalSchedule", "reqId", "startDateTime", "endDateTime", "timeZone", "sessions"
        ),
    },
    values={
        messages.HistogramData: {"items": few(noun(messages.HistogramDataEntry, size=OPTIONAL_SIZES))},
        messages.HistoricalSchedule: {"sessions": few(noun(bars.HistoricalSession))},
    },
    not_described={
        messages.ReqHeadTimeStamp: frozenset({"contract.lastTradeDate"}),
        messages.ReqHistogramData: frozenset({"contract.lastTradeDate"}),
    },
    exceptions=(
        Avoided(
            messages.HistogramData,
            "items",
            IB_ASYNC,
            "a bug there: it drops the whole histogram when a size is empty or a fraction",
            (messages.HistogramDataEntry(1.5, 0.5),),
            instead=[messages.HistogramDataEntry(1.5, 100.0), messages.HistogramDataEntry(1.75, 0.0)],
        ),
    ),
)
