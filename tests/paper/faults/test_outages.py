"""What clients see while IB's servers or data farms are not there, and what of it is true at the broker."""

from itertools import pairwise

import pytest
from paper.faults.callers import Caller, trouble
from paper.faults.test_playing import APPLE, buy, held, live_orders, rest

from ibdesk.model.contract import Stock
from ibdesk.model.executions import ExecutionFilter
from ibdesk.model.order import LimitOrder, OrderCancel
from ibdesk.paper.faults import (
    Bust,
    CompetingSession,
    ConnectivityLost,
    Cut,
    DepthReset,
    FarmDown,
    NightlyReset,
    Restart,
)
from ibdesk.wire.messages.accounts import (
    AccountDownloadEnd,
    AccountSummary,
    AccountSummaryEnd,
    Position,
    ReqAccountSummary,
    ReqAccountUpdates,
    ReqPositions,
    UpdateAccountValue,
)
from ibdesk.wire.messages.connection import CurrentTime, Error, NextValidId, ReqCurrentTime, ReqIds
from ibdesk.wire.messages.contracts import ContractData, ContractDataEnd, ReqContractDetails
from ibdesk.wire.messages.depth import ReqMktDepth, UpdateMktDepth, UpdateMktDepthL2
from ibdesk.wire.messages.executions import ExecDetails, ReqExecutions
from ibdesk.wire.messages.history import (
    CancelHistoricalData,
    HistoricalData,
    HistoricalDataUpdate,
    ReqHistoricalData,
)
from ibdesk.wire.messages.market_data import CancelMktData, ReqMktData, TickPrice
from ibdesk.wire.messages.order_status import CancelOrder, OpenOrderEnd, OrderStatus, ReqOpenOrders
from ibdesk.wire.messages.orders import PlaceOrder
from ibdesk.wire.messages.pnl import PnL, ReqPnL
from ibdesk.wire.messages.real_time_bars import RealtimeBar, ReqRealTimeBars
from ibdesk.wire.messages.scanner import ReqScannerSubscription, ScannerData, ScannerQuery
from ibdesk.wire.messages.tick_by_tick import ReqTickByTickData, TickByTick

BMW = Stock("BMW", "IBIS", "EUR")
DATA = (TickPrice, RealtimeBar, TickByTick, UpdateMktDepth, UpdateMktDepthL2, HistoricalDataUpdate, PnL, ScannerData)


def bars(reqId, contract=APPLE):
    return ReqRealTimeBars(reqId, contract, 5, "TRADES", False)


def history(reqId, keeps=False, contract=APPLE):
    return ReqHistoricalData(
        reqId,
        contract,
        endDateTime="",
        durationStr="600 S",
        barSizeSetting="1 min",
        whatToShow="TRADES",
        useRTH=False,
        keepUpToDate=keeps,
    )


def notices(caller, since=5):
    return [
        (round(second, 2), m.errorCode, m.errorString)
        for second, m in caller.heard
        if isinstance(m, Error) and second > since
    ]


async def subscribed(world, contract=APPLE, client_id=1):
    caller = await Caller.call(world, client_id)
    caller.ask(
        ReqMktData(1, contract),
        bars(2, contract),
        ReqTickByTickData(3, contract, "AllLast", 0, False),
        ReqMktDepth(4, contract, 5, False),
        history(5, True, contract),
        ReqPnL(6, "DU1234567", ""),
    )
    caller.ask(ReqAccountSummary(7, "All", "NetLiquidation"), ReqAccountUpdates(True, ""), ReqPositions())
    return caller


def came(caller, begin, end, *kinds):
    return {type(m).__name__ for second, m in caller.heard if begin < second < end and isinstance(m, kinds or DATA)}


ALL = {"TickPrice", "RealtimeBar", "TickByTick", "UpdateMktDepth", "HistoricalDataUpdate", "PnL"}
IB = "Connectivity between IBKR and Trader Workstation has been"


async def test_the_notices_of_a_lost_link():
    async with trouble(ConnectivityLost(60, 50)) as world:
        caller = await Caller.call(world, 1)
        await world.advance(300)
        assert notices(caller) == [
            (60, 2103, "Market data farm connection is broken:usfarm"),
            (60, 2105, "HMDS data farm connection is broken:ushmds"),
            (60, 2157, "Sec-def data farm connection is broken:secdefnj"),
            (60, 1100, f"{IB} lost."),
            (80, 1100, f"{IB} lost."),
            (100, 1100, f"{IB} lost."),
            (110, 2119, "Market data farm is connecting:usfarm"),
            (110, 2104, "Market data farm connection is OK:usfarm"),
            (110, 2106, "HMDS data farm connection is OK:ushmds"),
            (110, 2158, "Sec-def data farm connection is OK:secdefnj"),
            (
                110,
                1102,
                f"{IB} restored - data maintained. All data farms are connected: usfarm; ushmds; secdefnj.",
            ),
        ]


async def test_a_farm_that_is_still_down_when_the_link_is_back():
    async with trouble(ConnectivityLost(60, 10), FarmDown(50, "ushmds", 100)) as world:
        caller = await Caller.call(world, 1)
        await world.advance(300)
        told = notices(caller)
        assert [code for _, code, _ in told] == [2105, 2103, 2157, 1100, 2119, 2104, 2158, 1102, 2106]
        assert told[-2][2].endswith(
            "The following farms are connected: usfarm; secdefnj. The following farms are not connected: ushmds."
        )


async def test_data_go_on_after_1102():
    async with trouble(ConnectivityLost(60, 30)) as world:
        caller = await subscribed(world)
        caller.ask(buy(1))
        await world.advance(300)
        assert came(caller, 0, 60) == ALL
        assert came(caller, 60, 90) == set()
        assert came(caller, 90.001, 300) == ALL
        # A quote is told anew as a whole, and a book is emptied first.
        assert {1, 2, 4, 6, 7, 9} <= {m.tickType for s, m in caller.heard if isinstance(m, TickPrice) and s == 90}
        assert [(s, c) for s, c in caller.codes() if c == 317] == [(90, 317)]
        # Bars of the time between are missing.
        gone = [m.time for m in caller.all(RealtimeBar)]
        assert max(later - earlier for earlier, later in pairwise(gone)) == 35


async def test_lines_are_forgotten_after_1101():
    async with trouble(ConnectivityLost(60, 30, restored=1101)) as world:
        caller = await subscribed(world)
        caller.ask(buy(1))
        await world.advance(300)
        assert came(caller, 60, 300) == set()
        assert caller.codes()[-1] == (90, 1101)
        assert notices(caller)[-1][2] == f"{IB} restored - data lost."
        assert came(caller, 60, 300, UpdateAccountValue, AccountSummary, Position) == set()
        caller.ask(CancelMktData(1), ReqMktData(1, APPLE), bars(2), ReqPnL(6, "DU1234567", ""), rest(2))
        await world.advance(60)
        assert came(caller, 300, 360) == {"TickPrice", "RealtimeBar", "PnL"}
        assert (300.001, 300) in [(max(s, 300.001), c) for s, c in caller.codes()]  # it knew of no line to cancel
        assert came(caller, 300, 360, OrderStatus)


async def test_account_summaries_end_and_all_else_of_the_account_goes_on_after_1102():
    async with trouble(ConnectivityLost(60, 30)) as world:
        caller = await subscribed(world)
        ask = world.gateway.broker.market.quote(APPLE.conId, world.now).ask
        caller.ask(PlaceOrder(1, APPLE, LimitOrder("BUY", 100, round(ask * 1.05, 2))))
        await world.advance(65)
        other = await Caller.call(world, 2)
        await world.advance(60)
        other.ask(buy(1, 50))
        await world.advance(600)
        assert came(caller, 89, 91, UpdateAccountValue, Position) == {"UpdateAccountValue", "Position"}
        assert caller.all(Position)[-1].position == held(world)
        assert came(caller, 91, 800, AccountSummary) == set()
        assert len(caller.all(AccountDownloadEnd, AccountSummaryEnd)) == 2


async def test_orders_wait_while_the_link_is_lost():
    async with trouble(ConnectivityLost(60, 30)) as world:
        caller = await Caller.call(world, 1)
        caller.ask(rest(1))
        await world.advance(70)
        caller.ask(rest(2), CancelOrder(1, OrderCancel()))
        caller.ask(ReqCurrentTime(), ReqIds())
        caller.ask(ReqOpenOrders(), ReqMktData(9, APPLE), history(10), ReqContractDetails(11, APPLE))
        await world.advance(19)
        assert live_orders(world) == [1]
        assert came(caller, 60, 89, OrderStatus, OpenOrderEnd, TickPrice, HistoricalData, ContractData) == set()
        assert len(caller.all(CurrentTime)) == 1
        assert caller.all(NextValidId)[-1] == NextValidId(2)
        assert 165 in [code for _, code in caller.codes()]
        await world.advance(5)
        assert live_orders(world) == [2]
        assert caller.times(OpenOrderEnd, HistoricalData, ContractDataEnd) == [90, 90, 90]
        assert (90, 202) in caller.codes()
        assert came(caller, 90.001, 95, TickPrice)


async def test_after_1101_orders_alone_are_processed_that_were_sent_meanwhile():
    async with trouble(ConnectivityLost(60, 30, restored=1101)) as world:
        caller = await Caller.call(world, 1)
        await world.advance(70)
        caller.ask(rest(1), ReqMktData(9, APPLE), history(10), ReqOpenOrders())
        await world.advance(50)
        assert live_orders(world) == [1]
        assert caller.all(TickPrice, HistoricalData, OpenOrderEnd) == []


async def test_what_waits_can_be_cancelled():
    async with trouble(ConnectivityLost(60, 30)) as world:
        caller = await Caller.call(world, 1)
        await world.advance(70)
        caller.ask(ReqMktData(9, APPLE), history(9), history(10))
        caller.ask(CancelHistoricalData(9))
        await world.advance(50)
        assert [message.reqId for message in caller.all(HistoricalData)] == [10]
        assert caller.all(TickPrice)


async def test_orders_of_a_client_that_is_gone_are_processed_and_other_requests_not():
    async with trouble(ConnectivityLost(60, 30), Cut(75)) as world:
        caller = await Caller.call(world, 1)
        await world.advance(70)
        caller.ask(rest(1), ReqMktData(9, APPLE))
        await world.advance(50)
        assert live_orders(world) == [1]


async def test_orders_that_wait_are_lost_when_the_gateway_is_killed():
    async with trouble(ConnectivityLost(60, 30), Restart(75, 5)) as world:
        caller = await Caller.call(world, 1)
        await world.advance(70)
        caller.ask(rest(1))
        await world.advance(50)
        assert live_orders(world) == []


@pytest.mark.parametrize("tells", [False, True])
async def test_fills_while_the_link_is_lost(tells):
    async with trouble(ConnectivityLost(6, 3600, tells_orders=tells)) as world:
        caller = await Caller.call(world, 1)
        bid = world.gateway.broker.market.quote(APPLE.conId, world.now).bid
        caller.ask(PlaceOrder(1, APPLE, LimitOrder("BUY", 100, round(bid - 0.15, 2))))
        await world.advance(5)
        assert held(world) == 0
        await world.advance(3000)
        assert held(world) == 100
        assert caller.all(ExecDetails) == []
        await world.advance(700)
        assert bool(caller.all(ExecDetails)) == tells
        assert (caller.all(OrderStatus)[-1].status == "Filled") == tells
        caller.ask(ReqExecutions(5, ExecutionFilter()))
        await world.advance(1)
        answer = [message for message in caller.all(ExecDetails) if message.reqId == 5]
        assert sum(message.execution.shares for message in answer) == 100


async def test_who_starts_while_the_link_is_lost():
    async with trouble(ConnectivityLost(60, 30)) as world:
        await world.advance(70)
        caller = await Caller.call(world, 1)
        await world.advance(1)
        assert caller.is_served and caller.all(NextValidId)
        assert [code for _, code in caller.codes()] == [2110]
        await world.advance(30)
        assert [code for _, code in caller.codes()] == [2110, 1100, 2119, 2104, 2106, 2158, 1102]


async def test_two_losses_that_overlap_are_one():
    async with trouble(ConnectivityLost(60, 30), ConnectivityLost(70, 50, restored=1101)) as world:
        caller = await Caller.call(world, 1)
        await world.advance(300)
        codes = [(second, code) for second, code in caller.codes() if code in (1100, 1101, 1102)]
        assert codes == [(60, 1100), (70, 1100), (90, 1100), (110, 1100), (120, 1101)]


# Farms


@pytest.mark.parametrize("forgets", [False, True])
async def test_a_farm_of_live_data_is_down(forgets):
    async with trouble(FarmDown(60, "usfarm", 30, forgets=forgets)) as world:
        caller = await subscribed(world)
        await world.advance(70)
        caller.ask(
            ReqMktData(20, APPLE), ReqMktData(21, APPLE, snapshot=True), history(22), ReqContractDetails(23, APPLE)
        )
        await world.advance(200)
        assert notices(caller) == [
            (60, 2103, "Market data farm connection is broken:usfarm"),
            (90, 2119, "Market data farm is connecting:usfarm"),
            (90, 2104, "Market data farm connection is OK:usfarm"),
            *([] if forgets else [(90, 317, notices(caller)[-1][2])]),
        ]
        assert came(caller, 60, 90) == {"RealtimeBar", "HistoricalDataUpdate"}
        live = {message.reqId for second, message in caller.heard if isinstance(message, TickPrice) and second > 95}
        assert live == ({20} if forgets else {1, 20})
        assert {message.reqId for message in caller.all(TickPrice)} == {1, 20, 21}
        assert ("TickByTick" in came(caller, 90.001, 300)) == (not forgets)
        assert came(caller, 60, 90, HistoricalData, ContractData) == {"HistoricalData", "ContractData"}


@pytest.mark.parametrize("forgets", [False, True])
async def test_a_farm_of_historical_data_is_down(forgets):
    async with trouble(FarmDown(60, "ushmds", 30, forgets=forgets)) as world:
        caller = await subscribed(world)
        await world.advance(70)
        caller.ask(history(22))
        await world.advance(200)
        assert notices(caller) == [
            (60, 2105, "HMDS data farm connection is broken:ushmds"),
            (
                70,
                165,
                "Historical Market Data Service query message:"
                "HMDS server disconnect occurred.  Attempting reconnection...",
            ),
            (90, 2106, "HMDS data farm connection is OK:ushmds"),
        ]
        assert came(caller, 60, 90) == ALL - {"RealtimeBar", "HistoricalDataUpdate", "PnL"}
        assert caller.times(HistoricalData)[-1] == 90
        assert ("RealtimeBar" in came(caller, 91, 300)) == (not forgets)
        assert ("HistoricalDataUpdate" in came(caller, 91, 300)) == (not forgets)


async def test_a_farm_of_contracts_is_down():
    async with trouble(FarmDown(60, "secdefnj", 30)) as world:
        caller = await Caller.call(world, 1)
        await world.advance(70)
        caller.ask(ReqContractDetails(1, APPLE), ReqMktData(2, APPLE))
        await world.advance(15)
        assert caller.all(ContractData) == []
        assert caller.all(TickPrice)
        await world.advance(15)
        assert caller.times(ContractDataEnd) == [90]


async def test_each_farm_has_its_instruments():
    async with trouble(FarmDown(600, "eufarm", 30)) as world:
        caller = await Caller.call(world, 1)
        caller.ask(ReqMktData(1, APPLE), ReqMktData(2, BMW))
        await world.advance(615)
        caller.ask(ReqMktData(3, BMW), ReqMktData(4, APPLE))
        await world.advance(10)
        during = {m.reqId for second, m in caller.heard if isinstance(m, TickPrice) and second > 600}
        assert during == {1, 4}
        await world.advance(10)
        assert {m.reqId for second, m in caller.heard if isinstance(m, TickPrice) and second > 620} == {1, 2, 3, 4}


async def test_scans_stop_with_their_farm():
    async with trouble(FarmDown(60, "ushmds", 100, forgets=True)) as world:
        caller = await Caller.call(world, 1)
        caller.ask(
            ReqScannerSubscription(1, ScannerQuery(instrument="STK", locationCode="STK.US", scanCode="MOST_ACTIVE"))
        )
        await world.advance(50)
        assert caller.all(ScannerData)
        caller.heard.clear()
        await world.advance(600)
        assert caller.all(ScannerData) == []


async def test_a_nightly_reset():
    async with trouble(NightlyReset(60, 600, times=3), seed=5) as world:
        caller = await subscribed(world)
        await world.advance(1200)
        codes = [code for _, code in caller.codes() if code in (1100, 1101, 1102)]
        assert codes.count(1102) == 3
        assert all(60 <= second <= 660 for second, code in caller.codes() if code in (1100, 1102))
        assert came(caller, 661, 1200) >= {"TickPrice", "RealtimeBar"}
        assert world.gateway.faults.counts == {"nightly_reset": 1, "connectivity_lost": 3}


# Sessions and subscriptions


async def test_a_competing_session_has_the_data():
    async with trouble(CompetingSession(60, 60)) as world:
        caller = await subscribed(world)
        await world.advance(70)
        caller.ask(ReqMktData(20, APPLE), history(21), ReqContractDetails(22, APPLE), rest(1))
        await world.advance(49)
        told = [(m.reqId, m.errorCode, m.errorString) for s, m in caller.heard if isinstance(m, Error) and s >= 60]
        elsewhere = "Trading TWS session is connected from a different IP address"
        assert told == [
            (1, 10197, "No market data during competing live session"),
            (20, 10197, "No market data during competing live session"),
            (21, 162, f"Historical Market Data Service error message:{elsewhere}"),
        ]
        assert came(caller, 60, 120) == {"RealtimeBar", "HistoricalDataUpdate"}
        assert came(caller, 60, 120, OrderStatus, ContractData) == {"OrderStatus", "ContractData"}
        await world.advance(30)
        assert came(caller, 120.001, 150) >= {"TickPrice", "TickByTick", "UpdateMktDepth"}
        assert {m.reqId for s, m in caller.heard if isinstance(m, TickPrice) and s > 120} == {1}


async def test_bars_of_five_seconds_are_busted():
    async with trouble(Bust(62)) as world:
        caller = await subscribed(world)
        await world.advance(80)
        told = [(s, m.reqId, m.errorCode) for s, m in caller.heard if isinstance(m, Error) and s >= 60]
        assert told == [(62, 2, 10225)]
        assert max(caller.times(RealtimeBar)) == 60
        assert "TickPrice" in came(caller, 63, 80)
        caller.ask(bars(2))
        await world.advance(10)
        assert came(caller, 81, 90) >= {"RealtimeBar"}


async def test_books_are_emptied_and_told_anew():
    async with trouble(DepthReset(62)) as world:
        caller = await subscribed(world)
        await world.advance(80)
        assert [(s, c) for s, c in caller.codes() if c == 317] == [(62, 317)]
        at = next(n for n, (_, m) in enumerate(caller.heard) if isinstance(m, Error) and m.errorCode == 317)
        rows = [m.marketDepthData for _, m in caller.heard[at : at + 11] if isinstance(m, UpdateMktDepth)]
        assert [(row.side, row.position, row.operation) for row in rows] == [
            *((1, position, 0) for position in range(5)),
            *((0, position, 0) for position in range(5)),
        ]
