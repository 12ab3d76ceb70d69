"""How the messages of bars as they happen are held against the outside clients."""

from typing import Any

from conformance.domain import Domain, Request, callback, contract, fields
from conformance.exceptions import IB_ASYNC, Read, zero_when_untold
from conformance.strategies import LONGS, OPTIONAL_SIZES, TAG_VALUES
from oracles import Official

from ibdesk.model.unset import UNSET_DOUBLE
from ibdesk.wire import versions as V
from ibdesk.wire.messages import real_time_bars as messages


def _request(oracle: Official, m: Any, version: int) -> tuple[Any, ...]:
    return (
        m.reqId,
        contract(oracle, m.contract, version),
        m.barSize,
        m.whatToShow,
        m.useRTH,
        oracle.tag_values(m.realTimeBarsOptions),
    )


DOMAIN = Domain(
    requests={
        messages.ReqRealTimeBars: Request("reqRealTimeBars", _request, "RealTimeBarsRequest"),
        messages.CancelRealTimeBars: Request("cancelRealTimeBars", fields("reqId"), "CancelRealTimeBars"),
    },
    answers={
        messages.RealtimeBar: callback(
            "realtimeBar", "reqId", "time", "open_", "high", "low", "close", "volume", "wap", "count"
        ),
    },
    values={
        messages.ReqRealTimeBars: {"realTimeBarsOptions": TAG_VALUES},
        messages.RealtimeBar: {"time": LONGS, "volume": OPTIONAL_SIZES, "wap": OPTIONAL_SIZES},
    },
    schemas={
        messages.RealtimeBar: "RealTimeBarTick",
    },
    not_described={
        messages.ReqRealTimeBars: frozenset({"contract.lastTradeDate"}),
    },
    exceptions=(
        *zero_when_untold(messages.RealtimeBar, "open_ high low close", 0.0, V.PROTOBUF_HISTORICAL_DATA),
        *(
            Read(
                messages.RealtimeBar,
                name,
                IB_ASYNC,
                "it reads an empty field as zero",
                UNSET_DOUBLE,
                ours=UNSET_DOUBLE,
                theirs=0.0,
            )
            for name in ("volume", "wap")
        ),
    ),
)
