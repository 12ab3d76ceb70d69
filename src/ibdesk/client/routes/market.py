"""Where market data and its history go beyond quotes: to lists of bars, books, option chains and who waits for them.

It must not know what was asked with which method, nor how a message travels.
"""

import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ibdesk.client.bar_requests import live_bars, past_bars
from ibdesk.client.mirror.bar_lists import BarDataList, RealTimeBarList
from ibdesk.client.mirror.emission import failure
from ibdesk.client.mirror.greeks import computation
from ibdesk.client.mirror.known import known
from ibdesk.client.mirror.past_ticks import histogram, past_ticks
from ibdesk.client.mirror.real_time_bars import realtime_bar
from ibdesk.client.mirror.statuses import NEEDS_API_RIGHTS
from ibdesk.errors import RequestError
from ibdesk.logs import logger
from ibdesk.model.bars import HistoricalSchedule
from ibdesk.model.reference import OptionChain, PriceIncrement, SmartComponent
from ibdesk.model.times import parseIBDatetime
from ibdesk.wire.messages import (
    connection,
    depth,
    historical_ticks,
    history,
    history_summaries,
    options,
    real_time_bars,
    reference,
)

if TYPE_CHECKING:
    from ibdesk.client.session import Session

_log = logger("ibdesk.ib")

_BOOK_RESET = 317
_DATA_LOST = 1101
"""The link to IBKR is back, and knows no subscription any more."""

_BUST = 10225
"""A trade was taken back, and the bars made of it have stopped."""


def handlers(session: "Session") -> dict[type, Callable[[Any], None]]:
    """Message class -> what to do with it."""
    complete, add = session.complete, session.add
    rerouted: set[tuple[type, int]] = set()

    def bar(message: real_time_bars.RealtimeBar) -> None:
        bars = session.bars.get(message.reqId)
        if isinstance(bars, RealTimeBarList):
            session.emit_all(realtime_bar(message, bars, session.defaults.timezone))

    def greeks(message: options.TickOptionComputation) -> None:
        if session.quotes.contract(message.reqId) is None:
            complete(message, computation(message))
        else:
            session.quotes.tick_option_computation(message)

    def ticks(message: Any) -> None:
        if session.quotes.contract(message.reqId) is not None:
            session.quotes.past_ticks(message)
            return
        add(message, *past_ticks(message, session.defaults.timezone))
        if message.done:
            session.requests.finish(message.reqId)

    def reroute(message: depth.RerouteMktDataReq | depth.RerouteMktDepthReq) -> None:
        contract, request = session.quotes.contract(message.reqId), (type(message), message.reqId)
        if contract is None:
            session.requests.late[type(message).__name__] += 1
        elif request not in rerouted:
            rerouted.add(request)
            target = contract, message.conId, message.exchange
            _log.warning("%s is a CFD without data of its own: ask for conId %s at %s instead", *target)

    return {
        real_time_bars.RealtimeBar: bar,
        options.TickOptionComputation: greeks,
        options.SecurityDefinitionOptionParameter: lambda m: add(m, _chain(m)),
        depth.MktDepthExchanges: lambda m: complete(m, m.depthMktDataDescriptions, depth.ReqMktDepthExchanges),
        depth.RerouteMktDataReq: reroute,
        depth.RerouteMktDepthReq: reroute,
        reference.MarketRule: lambda m: complete(
            m,
            [PriceIncrement(known(step.lowEdge), known(step.increment)) for step in m.priceIncrements],
            (reference.ReqMarketRule, m.marketRuleId),
        ),
        reference.SmartComponents: lambda m: complete(
            m, [SmartComponent(one.bitNumber, one.exchange, one.exchangeLetter) for one in m.smartComponents]
        ),
        history_summaries.HeadTimestamp: lambda m: complete(m, parseIBDatetime(m.headTimestamp, dt.UTC)),
        history_summaries.HistogramData: lambda m: complete(m, histogram(m.items)),
        history_summaries.HistoricalSchedule: lambda m: complete(
            m, HistoricalSchedule(m.startDateTime, m.endDateTime, m.timeZone, m.sessions)
        ),
        historical_ticks.HistoricalTicks: ticks,
        historical_ticks.HistoricalTicksBidAsk: ticks,
        historical_ticks.HistoricalTicksLast: ticks,
    }


def error(session: "Session", message: connection.Error, ends: bool) -> None:
    """What an error does, beside ending the request that it names. `ends`: what it names does not go on."""
    reqId, code = message.reqId, message.errorCode
    bars = session.bars.get(reqId)
    if bars is not None and code == _BUST:
        for request in _again(bars):
            session.client.send_message(request)
    elif bars is not None and (ends or (code == NEEDS_API_RIGHTS and isinstance(bars, RealTimeBarList))):
        del session.bars[reqId]
        session.emit_all([failure(bars.updateEvent, RequestError(reqId, code, message.errorString))])
    if code == NEEDS_API_RIGHTS:  # as an advisory it may come to nobody's notice
        _log.warning("Request %s gets no live data: %s", reqId, message.errorString)
    session.emit_all(session.quotes.error(reqId, code, message.errorString, ends))
    if code == _BOOK_RESET:
        session.quotes.reset_book(reqId)
    elif code == _DATA_LOST:
        session.quotes.forget_terms()


def _again(bars: BarDataList | RealTimeBarList) -> tuple[Any, Any]:
    """What asks for bars again: the cancel and the request, with the id that they have."""
    if isinstance(bars, RealTimeBarList):
        return real_time_bars.CancelRealTimeBars(bars.reqId), live_bars(bars)
    return history.CancelHistoricalData(bars.reqId), past_bars(bars)


def _chain(message: options.SecurityDefinitionOptionParameter) -> OptionChain:
    return OptionChain(
        message.exchange,
        message.underlyingConId,
        message.tradingClass,
        message.multiplier,
        message.expirations,
        message.strikes,
    )
