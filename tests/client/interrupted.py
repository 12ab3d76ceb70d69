"""All kinds of subscriptions, and servers that lose them: with the connection, or while it lasts."""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from client import asking
from client.asking import connected
from client.scripted import Server

from ibdesk import IB, ScannerSubscription, Stock
from ibdesk.client.restoring import Restoration
from ibdesk.client.subscriptions import Subscription
from ibdesk.model.bars import BarData
from ibdesk.model.quotes import TickAttribLast
from ibdesk.model.reference import WshEventData
from ibdesk.wire.messages import (
    accounts,
    depth,
    display_groups,
    fundamentals,
    history,
    market_data,
    news,
    pnl,
    real_time_bars,
    scanner,
    tick_by_tick,
)
from ibdesk.wire.messages.connection import Error
from ibdesk.wire.messages.historical_ticks import TickLast

AAPL = Stock("AAPL", "SMART", "USD", conId=265598)
SECONDS = 1775136600


def bid(reqId: int, price: float = 10.0) -> market_data.TickPrice:
    return market_data.TickPrice(reqId, 1, price, 100.0)


def trade(reqId: int, price: float = 10.0) -> tick_by_tick.TickByTick:
    return tick_by_tick.TickByTick(reqId, 1, last=TickLast(SECONDS, TickAttribLast(), price, 100.0, "NYSE", ""))


def row(reqId: int, price: float = 10.0, operation: int = 0, position: int = 0) -> depth.UpdateMktDepth:
    return depth.UpdateMktDepth(reqId, depth.MarketDepthData(position, operation, 1, price, 5.0))


def five_seconds(reqId: int, number: int = 0) -> real_time_bars.RealtimeBar:
    return real_time_bars.RealtimeBar(reqId, SECONDS + 5 * number, 10.0, 11.0, 9.0, 10.0 + number, 100.0, 10.25, 7)


def minute(number: int, close: float = 10.0) -> BarData:
    return BarData(f"20260402 09:{number:02}:00 US/Eastern", 10.0, 11.0, 9.0, close, 100.0, 10.25, 7)


def minutes(*numbers: int) -> Callable[[Any], list[Any]]:
    return lambda m: [history.HistoricalData(m.reqId, [minute(number) for number in numbers])]


async def kept_bars(ib: IB) -> Any:
    return await ib.reqHistoricalDataAsync(AAPL, "", "1 D", "1 min", "TRADES", True, keepUpToDate=True)


async def summary(ib: IB) -> None:
    await ib.reqAccountSummaryAsync()


KINDS: dict[str, tuple[Callable[[IB], Any], type, type | None]] = {
    "quotes": (lambda ib: ib.reqMktData(AAPL, "233"), market_data.ReqMktData, market_data.CancelMktData),
    "depth": (lambda ib: ib.reqMktDepth(AAPL), depth.ReqMktDepth, depth.CancelMktDepth),
    "ticks": (
        lambda ib: ib.reqTickByTickData(AAPL, "Last"),
        tick_by_tick.ReqTickByTickData,
        tick_by_tick.CancelTickByTickData,
    ),
    "5-second bars": (
        lambda ib: ib.reqRealTimeBars(AAPL),
        real_time_bars.ReqRealTimeBars,
        real_time_bars.CancelRealTimeBars,
    ),
    "bars": (kept_bars, history.ReqHistoricalData, history.CancelHistoricalData),
    "P&L": (lambda ib: ib.reqPnL("DU1"), pnl.ReqPnL, pnl.CancelPnL),
    "P&L of one": (lambda ib: ib.reqPnLSingle("DU1", "", 265598), pnl.ReqPnLSingle, pnl.CancelPnLSingle),
    "scan": (
        lambda ib: ib.reqScannerSubscription(ScannerSubscription(instrument="STK")),
        scanner.ReqScannerSubscription,
        scanner.CancelScannerSubscription,
    ),
    "summary": (summary, accounts.ReqAccountSummary, accounts.CancelAccountSummary),
    "model": (
        lambda ib: ib.reqAccountUpdatesMultiAsync("DU1", "growth"),
        accounts.ReqAccountUpdatesMulti,
        accounts.CancelAccountUpdatesMulti,
    ),
    "bulletins": (lambda ib: ib.reqNewsBulletins(True), news.ReqNewsBulletins, None),
    "group": (
        lambda ib: ib.subscribeToGroupEvents(1),
        display_groups.SubscribeToGroupEvents,
        display_groups.UnsubscribeFromGroupEvents,
    ),
    "calendar": (
        lambda ib: ib.reqWshEventData(WshEventData(265598)),
        fundamentals.ReqWshEventData,
        fundamentals.CancelWshEventData,
    ),
}

ANSWERS: dict[type, Callable[[Any], Any]] = {
    history.ReqHistoricalData: minutes(30, 31),
    accounts.ReqAccountSummary: lambda m: [accounts.AccountSummaryEnd(m.reqId)],
}


@asynccontextmanager
async def keeping(answers: dict[type, Callable[[Any], Any]] | None = None) -> AsyncIterator[tuple[IB, Server]]:
    """An `IB` that keeps its subscriptions when the connection is lost."""
    async with connected({**ANSWERS, **(answers or {})}) as (ib, server):
        ib.dispatcher.keeps_subscriptions = True
        yield ib, server


async def begun(ib: IB, kind: str) -> Any:
    found = KINDS[kind][0](ib)
    return await found if asyncio.iscoroutine(found) else found


async def cut(ib: IB, server: Server) -> None:
    ib.dispatcher.keeps_subscriptions = True
    await asking.cut(ib, server)


async def again(ib: IB, server: Server) -> Restoration:
    await ib.connectAsync("127.0.0.1", server.port, clientId=1)
    return await ib.dispatcher.restorer.restore()


def told_gaps(ib: IB) -> list[tuple[Subscription, dt.datetime, dt.datetime]]:
    gaps: list[tuple[Subscription, dt.datetime, dt.datetime]] = []
    ib.gapEvent += lambda *gap: gaps.append(gap)
    return gaps


BUST = "Bust event occurred, current subscription is deactivated. Please resubscribe real-time bars immediately"
LOST, BACK = "Connectivity between IBKR and Trader Workstation has been ", "Market data farm connection is "


def told(code: int, text: str = "") -> Error:
    texts = {
        1100: f"{LOST}lost.",
        1101: f"{LOST}restored - data lost.",
        1102: f"{LOST}restored - data maintained. All data farms are connected: usfarm; ushmds; secdefil.",
        2103: f"{BACK}broken:usfarm",
        2104: f"{BACK}OK:usfarm",
        2105: "HMDS data farm connection is broken:ushmds",
        2106: "HMDS data farm connection is OK:ushmds",
    }
    return Error(-1, code, text or texts[code])


@asynccontextmanager
async def living(answers: dict[type, Callable[[Any], Any]] | None = None) -> AsyncIterator[tuple[IB, Server]]:
    """An `IB` whose connection lasts."""
    async with connected({**ANSWERS, **(answers or {})}) as (ib, server):
        yield ib, server
