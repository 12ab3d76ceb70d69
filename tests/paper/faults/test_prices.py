"""Halts, gaps and crashes: everything that is told of an instrument agrees about them."""

from datetime import timedelta

import numpy as np
import pytest
from paper.faults.callers import Caller, trouble
from paper.faults.test_playing import APPLE, buy, held
from paper.market.recorded_events import BEGIN, events_of
from paper.market.source_contract import SourceContract, Subject

from ibdesk.model.contract import Option
from ibdesk.paper.clock import NEW_YORK, start_from
from ibdesk.paper.faults import Crash, Gap, Halt, Scenario, with_faults
from ibdesk.paper.faults.prices import FaultyPrices
from ibdesk.paper.instruments.listings import load
from ibdesk.paper.market import Market
from ibdesk.paper.market.recorded_prices import RecordedPrices
from ibdesk.paper.market.source import micros
from ibdesk.wire.messages.depth import ReqMktDepth, UpdateMktDepth
from ibdesk.wire.messages.market_data import ReqMktData, TickGeneric, TickPrice
from ibdesk.wire.messages.real_time_bars import RealtimeBar, ReqRealTimeBars
from ibdesk.wire.messages.tick_by_tick import ReqTickByTickData, TickByTick

KNOWN = {each.conId: each for each in load().instruments}
STOCK, SPX, EURO = (KNOWN[conId] for conId in (265598, 416904, 12087792))
START = start_from("2026-11-02T10:00", None)


def moved(instrument, *faults, given=None, start=START):
    return FaultyPrices({instrument: faults}, start=start, seed=1, given=given)


TROUBLE = {
    "gap": [Gap(600, "X", -7.3)],
    "two gaps": [Gap(600, "X", 5), Gap(617, "X", -12)],
    "crash": [Crash(545, "X", -20, seconds=200)],
    "flash": [Crash(545, "X", -30, seconds=20, recovers=45)],
    "all": [Gap(615, "X", 40), Crash(700, "X", -50, seconds=37), Gap(720, "X", 10)],
}
HALTS = {
    "halt": [Halt(600, "X", 90)],
    "halts": [Halt(605, "X", 7), Halt(640, "X", 1), Halt(1000, "X", 600), Gap(1010, "X", -5), Gap(1600, "X", 3)],
}


class TestMovedPrices(SourceContract):
    @pytest.fixture(
        params=[(STOCK, "all"), (STOCK, "two gaps"), (SPX, "crash"), (EURO, "flash"), (EURO, "gap")],
        ids=lambda param: f"{param[0].symbol} {param[1]}",
    )
    def subject(self, request):
        instrument, name = request.param
        begin = START + timedelta(minutes=8)
        return Subject(moved(instrument, *TROUBLE[name]), instrument, begin, begin + timedelta(minutes=8))


class TestHaltedPrices(SourceContract):
    @pytest.fixture(params=[(STOCK, "halts"), (EURO, "halt")], ids=lambda param: f"{param[0].symbol} {param[1]}")
    def subject(self, request):
        instrument, name = request.param
        begin = START + timedelta(minutes=8)
        return Subject(moved(instrument, *HALTS[name]), instrument, begin, begin + timedelta(minutes=24))


class TestMovedRecordedPrices(SourceContract):
    @pytest.fixture(params=[STOCK, SPX, EURO], ids=lambda each: each.symbol)
    def subject(self, request):
        events = events_of(request.param, 3, 700)
        begin = BEGIN.replace(second=0, microsecond=0) + timedelta(minutes=1)
        source = moved(
            request.param,
            Gap(300, "X", 3),
            Halt(500, "X", 100),
            Crash(900, "X", -10, seconds=60),
            given=RecordedPrices({request.param.conId: events}),
            start=begin,
        )
        return Subject(source, request.param, begin, begin + timedelta(minutes=30), makes_quotes=False)


def test_other_instruments_are_untouched():
    plain, faulty = Market(1, START.date()), Market(1, START.date(), moved(STOCK, Gap(0, "X", -50)))
    when = START + timedelta(hours=1)
    for con_id in (SPX.conId, EURO.conId, 76792991):
        assert plain.quote(con_id, when) == faulty.quote(con_id, when)
    assert plain.quote(STOCK.conId, when) != faulty.quote(STOCK.conId, when)


def test_before_the_first_fault_nothing_differs():
    plain, faulty = Market(1, START.date()), Market(1, START.date(), moved(STOCK, Gap(3600, "X", -50)))
    for minutes in (0, 30, 59):
        when = START + timedelta(minutes=minutes)
        assert plain.quote(STOCK.conId, when) == faulty.quote(STOCK.conId, when)
    asked = (STOCK.conId, START + timedelta(minutes=59), "2 D", "1 hour", "TRADES", False)
    assert plain.bars(*asked) == faulty.bars(*asked)


def test_a_gap_is_as_large_as_it_says_and_stays():
    plain, faulty = Market(1, START.date()), Market(1, START.date(), moved(STOCK, Gap(3600, "X", -20)))
    for later in (timedelta(hours=1), timedelta(hours=3), timedelta(days=1), timedelta(days=30)):
        before, after = (market.quote(STOCK.conId, START + later) for market in (plain, faulty))
        assert after.bid == pytest.approx(before.bid * 0.8, abs=0.0101)
        assert after.ask == pytest.approx(before.ask * 0.8, abs=0.0101)
        assert after.bid < after.ask and round(after.bid * 100, 6) % 1 == 0


def test_a_crash_falls_in_steps_and_recovers():
    source = moved(STOCK, Crash(3600, "X", -20, seconds=60, recovers=120))
    plain, faulty = Market(1, START.date()), Market(1, START.date(), source)

    def ratio(seconds):
        when = START + timedelta(seconds=seconds)
        return faulty.quote(STOCK.conId, when).ask / plain.quote(STOCK.conId, when).ask

    assert ratio(3599) == 1
    assert ratio(3630) == pytest.approx(0.8**0.5, abs=0.005)
    assert ratio(3661) == pytest.approx(0.8, abs=0.005)
    assert ratio(3720) == pytest.approx(0.8**0.5, abs=0.005)
    assert ratio(3781) == 1
    day = faulty.bars(STOCK.conId, START + timedelta(hours=5), "1 D", "1 day", "TRADES", True)[-1]
    assert day.low < 0.81 * plain.quote(STOCK.conId, START + timedelta(seconds=3661)).ask


def test_options_follow_their_underlying():
    spy = 756733
    plain = Market(1, START.date())
    faulty = Market(1, START.date(), FaultyPrices({KNOWN[spy]: [Gap(3600, "X", -10)]}, start=START, seed=1))
    price = round(plain.quote(spy, START).last / 5) * 5
    call = Option("SPY", "20261218", price, "C", "SMART")
    when = START + timedelta(minutes=61)
    values = []
    for market in (plain, faulty):
        contract, _ = market.resolve(call, "")
        values.append(market.quote(contract.conId, when).bid)
    assert values[1] < values[0] / 2


def test_files_of_prices_keep_their_own_instruments():
    events = RecordedPrices({STOCK.conId: events_of(STOCK, 3, 100)})
    source = with_faults(
        events, Scenario([Gap(10, "SPX", -5)]), start=BEGIN.astimezone(NEW_YORK), seed=1, only_data=False
    )
    assert source.covers(STOCK) and source.covers(SPX) and not source.covers(EURO)
    assert source.first(STOCK) == BEGIN and source.first(SPX) is None
    session = Subject(events, STOCK, BEGIN, BEGIN).session
    one, two = (each.quotes(STOCK, session, micros(BEGIN)) for each in (events, source))
    assert np.array_equal(one.bids, two.bids)


@pytest.mark.parametrize("name", ["XYZXYZ", 77, "EURXXX", "O:SPY261218C99999999"])
async def test_unknown_instruments_are_refused(name):
    with pytest.raises(ValueError, match=r"^faults\[0\] \(gap\): instrument=.*: the gateway has no prices"):
        async with trouble(Gap(10, name, 5)):
            pass


@pytest.mark.parametrize("name", ["AAPL", 265598, "aapl", "EUR.USD", "^GSPC", "ESZ6"])
async def test_instruments_by_their_names(name):
    async with trouble(Gap(10, name, 5)) as world:
        await world.advance(20)
        world.gateway.advance()
        assert world.gateway.faults.counts == {"gap": 1}


async def test_a_halt_as_clients_see_it():
    async with trouble(Halt(60, "AAPL", 120, halted=2)) as world:
        caller = await Caller.call(world, 1)
        caller.ask(
            ReqMktData(1, APPLE),
            ReqRealTimeBars(2, APPLE, 5, "TRADES", False),
            ReqTickByTickData(3, APPLE, "AllLast", 0, False),
            ReqMktDepth(4, APPLE, 5, False),
        )
        await world.advance(90)
        caller.ask(buy(1))
        await world.advance(60)
        assert held(world) == 0
        assert [row.order.orderId for row in world.gateway.broker.exchange.open_orders()[::2]] == [1]
        await world.advance(60)
        assert held(world) == 100
        ticks = [(second, m.value) for second, m in caller.heard if isinstance(m, TickGeneric) and m.tickType == 49]
        assert [(round(second), value) for second, value in ticks] == [(0, 0.0), (60, 2.0), (180, 0.0)]
        during = [m for second, m in caller.heard if 60.3 < second < 179.9]
        assert not [m for m in during if isinstance(m, TickPrice | TickByTick | UpdateMktDepth)]
        assert [m.price for s, m in caller.heard if isinstance(m, TickPrice) and s == 60 and m.tickType in (1, 2)] == [
            -1,
            -1,
        ]
        bars = [m for m in caller.all(RealtimeBar) if 60 <= m.time - world.gateway.start_time.timestamp() < 180]
        assert all(bar.volume == 0 for bar in bars)


async def test_fills_are_at_the_prices_of_a_crash():
    async with trouble(Crash(60, "AAPL", -30, seconds=30)) as world:
        caller = await Caller.call(world, 1)
        before = world.gateway.broker.market.quote(APPLE.conId, world.now)
        await world.advance(100)
        caller.ask(buy(1))
        await world.advance(5)
        (position,) = world.gateway.broker.ledger.positions()
        assert position.avgCost == pytest.approx(before.ask * 0.7, rel=0.01)
