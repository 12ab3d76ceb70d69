"""How the messages of ticks of the past are held against the outside clients."""

from datetime import datetime
from typing import Any

from conformance.domain import Callback, Callbacks, Domain, Request, callback, contract, fields
from conformance.strategies import FLOATS, SIZES, TAG_VALUES, few, noun
from hypothesis import strategies as st
from oracles import Official

from ibdesk.model import bars
from ibdesk.model.quotes import TickAttribBidAsk, TickAttribLast
from ibdesk.wire.messages import historical_ticks as messages

_TIMES = st.sampled_from([0, 1, 1_750_426_200, 2**31, 4_102_444_800])

MID_POINTS = noun(messages.TickMidPoint, time=_TIMES, price=FLOATS, size=SIZES)
BID_ASKS = noun(
    messages.TickBidAsk,
    time=_TIMES,
    tickAttribBidAsk=noun(TickAttribBidAsk),
    priceBid=FLOATS,
    priceAsk=FLOATS,
    sizeBid=SIZES,
    sizeAsk=SIZES,
)
LASTS = noun(messages.TickLast, time=_TIMES, tickAttribLast=noun(TickAttribLast), price=FLOATS, size=SIZES)


def _historical_ticks(oracle: Official, message: Any, version: int) -> tuple[Any, ...]:
    return (
        message.reqId,
        contract(oracle, message.contract, version),
        message.startDateTime,
        message.endDateTime,
        message.numberOfTicks,
        message.whatToShow,
        message.useRTH,
        message.ignoreSize,
        oracle.tag_values(message.miscOptions),
    )


def _with_time_read(name: str, noun: type) -> Callbacks:
    """ib_async reads the time of each tick, as one of this machine's zone where it knows no better."""

    def make(m: Any, version: int) -> list[Callback]:
        ticks = [
            noun(**{part: getattr(tick, part) for part in noun._fields} | {"time": datetime.fromtimestamp(tick.time)})
            for tick in m.ticks
        ]
        return [(name, {"reqId": m.reqId, "ticks": ticks, "done": m.done})]

    return make


DOMAIN = Domain(
    requests={
        messages.ReqHistoricalTicks: Request("reqHistoricalTicks", _historical_ticks, "HistoricalTicksRequest"),
        messages.CancelHistoricalTicks: Request("cancelHistoricalTicks", fields("reqId"), "CancelHistoricalTicks"),
    },
    answers={
        messages.HistoricalTicks: callback("historicalTicks", "reqId", "ticks", "done"),
        messages.HistoricalTicksBidAsk: callback("historicalTicksBidAsk", "reqId", "ticks", "done"),
        messages.HistoricalTicksLast: callback("historicalTicksLast", "reqId", "ticks", "done"),
    },
    otherwise={
        (messages.HistoricalTicks, "ib_async"): _with_time_read("historicalTicks", bars.HistoricalTick),
        (messages.HistoricalTicksBidAsk, "ib_async"): _with_time_read(
            "historicalTicksBidAsk", bars.HistoricalTickBidAsk
        ),
        (messages.HistoricalTicksLast, "ib_async"): _with_time_read("historicalTicksLast", bars.HistoricalTickLast),
    },
    values={
        messages.ReqHistoricalTicks: {"miscOptions": TAG_VALUES},
        messages.HistoricalTicks: {"ticks": few(MID_POINTS)},
        messages.HistoricalTicksBidAsk: {"ticks": few(BID_ASKS)},
        messages.HistoricalTicksLast: {"ticks": few(LASTS)},
    },
    not_described={
        messages.ReqHistoricalTicks: frozenset({"contract.lastTradeDate"}),
    },
)
