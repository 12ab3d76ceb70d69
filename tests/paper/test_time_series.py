"""Trades and time series as programs ask for them: ibdesk, in text and in protobuf, and ib_async get one market."""

import asyncio
import logging
from contextlib import asynccontextmanager
from datetime import UTC, timedelta

import pytest
from oracles import ib_async

import ibdesk
from ibdesk.paper import PaperGateway
from ibdesk.paper.clock import HandClock, start_from
from ibdesk.paper.market import Market

START = start_from("2026-04-15T10:00", None)
CON_ID = 265598
MARKET = Market(1, START.date())

# It tells the root logger of each refusal, and of the cancel of bars, which is one.
logging.getLogger("ib_async").setLevel(logging.CRITICAL)

clients = pytest.mark.parametrize(
    ("library", "version"),
    [
        pytest.param(lambda: ibdesk, 178, id="ibdesk-text"),
        pytest.param(lambda: ibdesk, 225, id="ibdesk-protobuf"),
        pytest.param(ib_async, 178, id="ib_async"),
    ],
)


class Session:
    """A client of a gateway whose clock is moved by hand."""

    def __init__(self, library, gateway):
        self.library, self.gateway, self.ib = library, gateway, library.IB()
        self.apple = library.Stock("AAPL", "SMART", "USD")
        self.euro = library.Forex("EURUSD")

    async def wait(self, seconds):
        """Lets time pass at the gateway once it has heard everything, and has what that brings arrive."""
        await self.ib.reqCurrentTimeAsync()
        self.gateway.clock.advance(seconds)
        self.gateway.advance()
        await self.ib.reqCurrentTimeAsync()


def ticks_of(con_id, begin, end, what):
    """What the market of that seed shows, so many seconds from the start."""
    return MARKET.ticks(con_id, START + timedelta(seconds=begin), START + timedelta(seconds=end), what)


@asynccontextmanager
async def session(library, version):
    async with PaperGateway(port=0, seed=1, clock=HandClock(START), max_version=version) as gateway:
        opened = Session(library(), gateway)
        await opened.ib.connectAsync("127.0.0.1", gateway.port, clientId=1)
        try:
            await opened.ib.qualifyContractsAsync(opened.apple, opened.euro)
            yield opened
        finally:
            opened.ib.disconnect()


@clients
async def test_the_past(library, version):
    async with session(library, version) as s:
        head = await s.ib.reqHeadTimeStampAsync(s.apple, "TRADES", True, 1)
        assert f"{head:%Y%m%d %H:%M}" == "19801212 14:30"
        levels = await s.ib.reqHistogramDataAsync(s.apple, True, "3 days")
        days = await s.ib.reqHistoricalDataAsync(s.apple, "", "3 D", "1 day", "TRADES", True)
        assert sum(level.count for level in levels) == sum(day.volume for day in days)
        assert (levels[0].price, levels[-1].price) == (min(d.low for d in days), max(d.high for d in days))
        schedule = await s.ib.reqHistoricalScheduleAsync(s.apple, 2)
        assert [each.refDate for each in schedule.sessions] == ["20260414", "20260415"]
        assert (schedule.startDateTime, schedule.timeZone) == ("20260414-09:30:00", "US/Eastern")


@clients
async def test_ticks_of_the_past(library, version):
    async with session(library, version) as s:
        nine = START - timedelta(minutes=15)
        trades = await s.ib.reqHistoricalTicksAsync(s.apple, nine, "", 100, "TRADES", True)
        expected = ticks_of(CON_ID, -900, 0, "TRADES")[: len(trades)]
        assert [(int(t.time.timestamp()), t.price, t.size) for t in trades] == expected
        assert len(trades) >= 100
        quotes = await s.ib.reqHistoricalTicksAsync(s.apple, "", nine, 100, "BID_ASK", True, False)
        expected = ticks_of(CON_ID, -1800, -900, "BID_ASK")[-len(quotes) :]
        found = [(int(t.time.timestamp()), t.priceBid, t.priceAsk, t.sizeBid, t.sizeAsk) for t in quotes]
        assert found == expected
        middles = await s.ib.reqHistoricalTicksAsync(s.euro, nine, "", 100, "MIDPOINT", True)
        expected = ticks_of(s.euro.conId, -900, 0, "MIDPOINT")[: len(middles)]
        assert [(int(t.time.timestamp()), t.price) for t in middles] == expected


@clients
async def test_bars_of_five_seconds(library, version):
    async with session(library, version) as s:
        bars = s.ib.reqRealTimeBars(s.apple, 5, "TRADES", False)
        told = []
        bars.updateEvent += lambda bars, is_new: told.append((bars[-1], is_new))
        for _ in range(12):
            await s.wait(5)
        assert [(bar.time, True) for bar in bars] == [(bar.time, is_new) for bar, is_new in told]
        history = await s.ib.reqHistoricalDataAsync(s.apple, "", "60 S", "5 secs", "TRADES", False, 2)
        assert len(bars) == len(history) == 12
        for bar, past in zip(bars, history, strict=True):
            assert bar.time.astimezone(UTC) == past.date.astimezone(UTC)
            assert (bar.open_, bar.high, bar.low, bar.close) == (past.open, past.high, past.low, past.close)
            assert (bar.volume, bar.wap, bar.count) == (past.volume, past.average, past.barCount)
        s.ib.cancelRealTimeBars(bars)
        await s.wait(10)
        assert len(bars) == 12


@clients
@pytest.mark.parametrize("kind", ["Last", "AllLast", "BidAsk", "MidPoint"])
async def test_every_tick(library, version, kind):
    async with session(library, version) as s:
        seen = []
        ticker = s.ib.reqTickByTickData(s.apple, kind, 10)
        ticker.updateEvent += lambda ticker: seen.extend(ticker.tickByTicks)
        for _ in range(20):
            await s.wait(1)
        what = {"BidAsk": "BID_ASK", "MidPoint": "MIDPOINT"}.get(kind, "TRADES")
        expected = ticks_of(CON_ID, 0, 20.000001, what)  # what happens just now has happened
        before, seen = seen[: -len(expected)], seen[-len(expected) :]
        # ib_async drops those of the past. A second is not cut in two, so there may be more than asked for.
        assert len(before) == 0 if library is ib_async else len(before) >= 10
        names = {"BID_ASK": ("bidPrice", "askPrice", "bidSize", "askSize"), "MIDPOINT": ("midPoint",)}
        fields = names.get(what, ("price", "size"))
        assert [tuple(getattr(tick, name) for name in fields) for tick in seen] == [tick[1:] for tick in expected]
        assert len(seen) > 10
        s.ib.cancelTickByTickData(s.apple, kind)
        seen.clear()
        await s.wait(5)
        assert seen == []


@clients
async def test_the_same_seed_and_clock_give_the_same_day(library, version):
    async def told():
        async with session(library, version) as s:
            bars = s.ib.reqRealTimeBars(s.apple, 5, "MIDPOINT", False)
            for _ in range(4):
                await s.wait(7.5)
            ticks = await s.ib.reqHistoricalTicksAsync(s.apple, START, "", 50, "TRADES", False)
            return [vars(bar) if hasattr(bar, "__dict__") else bar for bar in bars], ticks

    first, second = await told(), await told()
    assert first == second
    assert len(first[0]) == 6


@clients
async def test_what_is_refused_does_not_hang(library, version):
    async with session(library, version) as s:
        told = asyncio.get_running_loop().create_future()
        spx = library().Index("SPX", "CBOE", "USD")
        await s.ib.qualifyContractsAsync(spx)
        async with asyncio.timeout(10):
            assert not await s.ib.reqHistoricalTicksAsync(spx, START, "", 10, "BID_ASK", True)
            assert not await s.ib.reqHistogramDataAsync(s.euro, True, "1 day")
            s.ib.errorEvent += lambda reqId, code, text, contract: told.done() or told.set_result((code, text))
            s.ib.reqTickByTickData(spx, "Last")
            text = "Failed to request tick-by-tick data.Last tick-by-tick requests are not supported for SPX"
            assert await told == (10189, text)
