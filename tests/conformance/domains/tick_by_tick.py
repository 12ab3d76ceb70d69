"""How the messages of tick-by-tick data are held against the outside clients."""

from typing import Any

from conformance.domain import Callback, Domain, Request, contract, fields
from conformance.domains.historical_ticks import BID_ASKS, LASTS, MID_POINTS
from conformance.strategies import INTS
from hypothesis import strategies as st
from oracles import Official

from ibdesk.wire.messages import tick_by_tick as messages

_TICKS = st.one_of(
    st.builds(messages.TickByTick, INTS, st.sampled_from(messages.ALL_LAST), last=LASTS),
    st.builds(messages.TickByTick, INTS, st.sampled_from(messages.BID_ASK), bidAsk=BID_ASKS),
    st.builds(messages.TickByTick, INTS, st.just(4), midPoint=MID_POINTS),
)
"""One part is set, as the tick type says. Protobuf has one at most: a second one would push out the first."""


def _tick_by_tick(oracle: Official, message: Any, version: int) -> tuple[Any, ...]:
    return (
        message.reqId,
        contract(oracle, message.contract, version),
        message.tickType,
        message.numberOfTicks,
        message.ignoreSize,
    )


def _tick(m: Any, version: int) -> list[Callback]:
    if m.tickType in messages.ALL_LAST:
        names = ("time", "price", "size", "tickAttribLast", "exchange", "specialConditions")
        trade = {name: getattr(m.last, name) for name in names}
        return [("tickByTickAllLast", {"reqId": m.reqId, "tickType": m.tickType, **trade})]
    if m.tickType in messages.BID_ASK:
        names = ("time", "priceBid", "priceAsk", "sizeBid", "sizeAsk", "tickAttribBidAsk")
        return [("tickByTickBidAsk", {"reqId": m.reqId, **{name: getattr(m.bidAsk, name) for name in names}})]
    return [("tickByTickMidPoint", {"reqId": m.reqId, "time": m.midPoint.time, "price": m.midPoint.price})]


DOMAIN = Domain(
    requests={
        messages.ReqTickByTickData: Request("reqTickByTickData", _tick_by_tick, "TickByTickRequest"),
        messages.CancelTickByTickData: Request("cancelTickByTickData", fields("reqId"), "CancelTickByTick"),
    },
    answers={messages.TickByTick: _tick},
    values={
        messages.TickByTick: _TICKS,
    },
    schemas={messages.TickByTick: "TickByTickData"},
    not_described={
        messages.ReqTickByTickData: frozenset({"contract.lastTradeDate"}),
    },
)
