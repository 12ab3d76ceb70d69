"""What a client sees of each fault of a connection, and what the broker's books show of its orders."""

import pytest
from paper.faults.callers import Caller, trouble

from ibdesk.model.contract import Stock
from ibdesk.model.executions import ExecutionFilter
from ibdesk.model.order import LimitOrder, MarketOrder, OrderCancel
from ibdesk.paper.faults import (
    After,
    Before,
    Byte,
    Cut,
    Delay,
    DropOrder,
    Duplicate,
    KillClient,
    Refuse,
    Reorder,
    Restart,
    Split,
    Stall,
    Swallow,
)
from ibdesk.runtime.connections import connect_streams
from ibdesk.wire.frames import frame
from ibdesk.wire.messages.connection import CurrentTime, ManagedAccounts, NextValidId, ReqCurrentTime
from ibdesk.wire.messages.executions import CommissionAndFeesReport, ExecDetails, ExecDetailsEnd, ReqExecutions
from ibdesk.wire.messages.market_data import ReqMktData, TickPrice, TickSize
from ibdesk.wire.messages.order_status import CancelOrder, OpenOrderEnd, OrderStatus, ReqOpenOrders
from ibdesk.wire.messages.orders import OpenOrder, PlaceOrder

APPLE = Stock("AAPL", "SMART", "USD", conId=265598)


def buy(order_id, quantity=100):
    return PlaceOrder(order_id, APPLE, MarketOrder("BUY", quantity))


def rest(order_id, **fields):
    return PlaceOrder(order_id, APPLE, LimitOrder("BUY", 100, 1.0, **fields))


def live_orders(world):
    return [fact.key.orderId for fact in world.gateway.broker.exchange.open_orders()][::2]


def held(world):
    return sum(position.position for position in world.gateway.broker.ledger.positions())


# Cut


async def test_a_connection_is_cut_at_a_moment():
    async with trouble(Cut(30, client=2)) as world:
        one, two = await Caller.call(world, 1), await Caller.call(world, 2)
        await world.advance(60)
        assert (one.end, two.end) == (None, 30)
        assert world.gateway.faults.counts == {"cut": 1}
        assert world.gateway.faults.occurrences[0].hits == 1
        again = await Caller.call(world, 2)
        await world.advance(1)
        assert again.is_served


@pytest.mark.parametrize("reset", [False, True])
async def test_all_connections_are_cut(reset):
    async with trouble(Cut(30, reset=reset)) as world:
        callers = [await Caller.call(world, number) for number in (1, 2)]
        await world.advance(60)
        assert [caller.end for caller in callers] == [30, 30]


async def test_a_session_lingers_and_its_id_is_refused_meanwhile():
    async with trouble(Cut(30, linger=20)) as world:
        await Caller.call(world, 1)
        await world.advance(40)
        early = await Caller.call(world, 1)
        await world.advance(5)
        assert [code for _, code in early.codes()] == [326]
        assert early.end == pytest.approx(40, abs=0.01)
        await world.advance(6)
        late = await Caller.call(world, 1)
        await world.advance(1)
        assert late.is_served


async def test_a_gateway_stops_while_a_session_lingers():
    async with trouble(Cut(30, linger=1000)) as world:
        await Caller.call(world, 1)
        await world.advance(40)
        await world.gateway.stop()
        assert (world.now - world.gateway.start_time).total_seconds() == pytest.approx(40, abs=0.01)


@pytest.mark.parametrize("kind", [Before, After])
async def test_a_connection_is_cut_around_a_message_of_the_gateway(kind):
    async with trouble(Cut(kind("OrderStatus", 1, client=1))) as world:
        caller = await Caller.call(world, 1)
        caller.ask(rest(1))
        await world.advance(1)
        assert caller.end == 0.001
        assert len(caller.all(OpenOrder)) == 1
        assert len(caller.all(OrderStatus)) == (kind is After)
        assert live_orders(world) == [1]


async def test_a_message_of_the_gateway_is_cut_in_pieces():
    async with trouble(Cut(Before("CurrentTime", 2), byte=6)) as world:
        caller = await Caller.call(world, 1)
        caller.ask(ReqCurrentTime(), ReqCurrentTime())
        await world.advance(1)
        (told,) = caller.all(CurrentTime)
        assert caller.core.codec is not None
        whole = frame(caller.core.codec.encode(told))
        assert caller.data.endswith(whole + whole[:6])
        assert caller.end is not None


@pytest.mark.parametrize("size", [1, 20, 137])
async def test_a_connection_is_cut_at_a_byte(size):
    async with trouble(Cut(Byte(size))) as world:
        caller = await Caller.call(world, 1)
        await world.advance(1)
        assert len(caller.data) == size
        assert caller.end is not None


async def test_a_connection_is_cut_at_a_byte_of_what_the_client_sends():
    async with trouble(Cut(Byte(100, "from_client"))) as world:
        caller = await Caller.call(world, 1)
        for order_id in range(1, 50):
            caller.ask(rest(order_id))
        await world.advance(1)
        assert caller.end is not None
        assert live_orders(world) == []


# Orders that are dropped


@pytest.mark.parametrize("cut", [False, True])
async def test_an_order_is_dropped_before_it_is_processed(cut):
    async with trouble(DropOrder(Before("PlaceOrder", 2), cut=cut)) as world:
        caller = await Caller.call(world, 1)
        caller.ask(rest(1))
        caller.ask(rest(2))
        await world.advance(1)
        assert live_orders(world) == [1]
        assert {message.orderId for message in caller.all(OrderStatus)} == {1}
        assert (caller.end is not None) == cut
        if not cut:
            caller.ask(rest(3))
            await world.advance(1)
            assert live_orders(world) == [1, 3]


@pytest.mark.parametrize("cut", [False, True])
async def test_an_order_is_dropped_after_it_is_processed(cut):
    async with trouble(DropOrder(After("PlaceOrder", 2), cut=cut)) as world:
        caller = await Caller.call(world, 1)
        caller.ask(rest(1))
        caller.ask(buy(2))
        await world.advance(1)
        assert live_orders(world) == [1]
        assert held(world) == 100
        assert {message.orderId for message in caller.all(OrderStatus)} == {1}
        assert caller.all(ExecDetails) == []
        assert (caller.end is not None) == cut
        await caller.leave()
        again = await Caller.call(world, 1)
        again.ask(ReqExecutions(5, ExecutionFilter()))
        await world.advance(1)
        assert [message.execution.orderId for message in again.all(ExecDetails)] == [2]


async def test_a_cancellation_is_dropped():
    async with trouble(DropOrder(Before("CancelOrder"))) as world:
        caller = await Caller.call(world, 1)
        caller.ask(rest(1), CancelOrder(1, OrderCancel()))
        await world.advance(1)
        assert live_orders(world) == [1]
        caller.ask(CancelOrder(1, OrderCancel()))
        await world.advance(1)
        assert live_orders(world) == []


@pytest.mark.parametrize("kind", [Before, After])
async def test_a_cut_around_an_order(kind):
    async with trouble(Cut(kind("PlaceOrder"))) as world:
        caller = await Caller.call(world, 1)
        caller.ask(rest(1))
        await world.advance(1)
        assert live_orders(world) == ([1] if kind is After else [])
        assert caller.all(OpenOrder) == []
        assert caller.end is not None


async def test_orders_are_filled_while_nobody_is_connected():
    async with trouble(Cut(5)) as world:
        caller = await Caller.call(world, 1)
        bid = world.gateway.broker.market.quote(APPLE.conId, world.now).bid
        caller.ask(PlaceOrder(1, APPLE, LimitOrder("BUY", 100, round(bid - 0.15, 2))))
        await world.advance(6)
        assert held(world) == 0
        await world.until("2026-11-02T15:00")
        world.gateway.advance()
        assert held(world) == 100
        again = await Caller.call(world, 1)
        again.ask(ReqExecutions(5, ExecutionFilter()))
        await world.advance(1)
        assert len(again.all(ExecDetails)) >= 1


# Bytes that come late, in pieces, or never


@pytest.mark.parametrize(("direction", "sent"), [("to_client", 35), ("from_client", 50), ("both", 50)])
async def test_a_connection_stalls_and_goes_on(direction, sent):
    async with trouble(Stall(20, 30, direction=direction)) as world:
        caller = await Caller.call(world, 1)
        await world.advance(35 - caller.second)
        caller.ask(ReqCurrentTime(), ReqCurrentTime())
        await world.advance(60)
        assert caller.times(CurrentTime) == [50, 50]
        begin = int(world.gateway.start_time.timestamp())
        assert caller.all(CurrentTime) == [CurrentTime(begin + sent)] * 2


async def test_a_connection_stalls_for_ever():
    async with trouble(Stall(20)) as world:
        caller = await Caller.call(world, 1)
        caller.ask(ReqMktData(1, APPLE))
        await world.advance(3600)
        assert max(second for second, _ in caller.heard) <= 20
        assert caller.end is None


async def test_a_connection_stalls_in_the_middle_of_a_message():
    async with trouble(Stall(Byte(40), 10)) as world:
        caller = await Caller.call(world, 1)
        await world.advance(5)
        assert len(caller.data) == 40
        assert not caller.is_served
        await world.advance(6)
        assert caller.is_served


async def test_who_gets_nothing_for_long_gets_the_newest_quotes(monkeypatch):
    from ibdesk.paper.faults import links

    monkeypatch.setattr(links, "HIGH_WATER", 2000)
    async with trouble(Stall(20, 3000)) as world:
        caller = await Caller.call(world, 1)
        caller.ask(ReqMktData(1, APPLE))
        await world.advance(3600)
        after = [second for second in caller.times(TickPrice) if 20 < second < 3021]
        assert after and min(after) == 3020
        assert len(after) < 200


async def test_everything_comes_late_and_in_order():
    async with trouble(Delay(10, by=2.5, seconds=100, jitter=1.0, direction="to_client")) as world:
        caller = await Caller.call(world, 1)
        caller.ask(ReqMktData(1, APPLE))
        await world.advance(10)
        count = len(caller.heard)
        await world.advance(2.4)
        assert len(caller.heard) == count
        for _ in range(20):
            caller.ask(ReqCurrentTime())
            await world.advance(1.0)
        await world.advance(5)
        came = caller.times(CurrentTime)
        assert len(came) == 20
        begin = world.gateway.start_time.timestamp()
        for second, answer in zip(came, caller.all(CurrentTime), strict=True):
            assert 2.4 < second - (answer.time - begin) < 4.6
        assert [m.time for m in caller.all(CurrentTime)] == sorted(m.time for m in caller.all(CurrentTime))
        await world.advance(100)
        caller.heard.clear()
        caller.ask(ReqCurrentTime())
        await world.advance(0.1)
        assert len(caller.all(CurrentTime)) == 1


async def test_bytes_come_in_pieces():
    async with trouble(Split(10, size=3, seconds=10)) as world:
        caller = await Caller.call(world, 1)
        await world.advance(11)
        caller.pieces.clear()
        caller.ask(rest(1))
        await world.advance(5)
        assert set(caller.pieces) <= {1, 2, 3} and len(caller.pieces) > 50
        assert len(caller.all(OrderStatus)) == 2
        await world.advance(10)
        caller.pieces.clear()
        caller.ask(CancelOrder(1, OrderCancel()))
        await world.advance(5)
        assert max(caller.pieces) > 3


# Messages that are lost, come twice, or in another order


async def test_one_message_is_lost():
    async with trouble(Swallow(Before("OrderStatus", 2))) as world:
        caller = await Caller.call(world, 1)
        for order_id in (1, 2, 3):
            caller.ask(rest(order_id))
        await world.advance(1)
        assert [message.orderId for message in caller.all(OrderStatus)] == [1, 2, 2, 3, 3]
        assert live_orders(world) == [1, 2, 3]


async def test_a_request_is_lost():
    async with trouble(Swallow(Before("ReqCurrentTime", 1))) as world:
        caller = await Caller.call(world, 1)
        caller.ask(ReqCurrentTime())
        await world.advance(1)
        assert caller.all(CurrentTime) == []


async def test_everything_is_lost_for_a_while():
    async with trouble(Swallow(10, seconds=35)) as world:
        caller = await Caller.call(world, 1)
        await world.advance(20)
        caller.ask(rest(1))
        caller.ask(ReqCurrentTime())
        await world.advance(20)
        caller.ask(ReqCurrentTime())
        await world.advance(4)
        assert caller.all(CurrentTime, OrderStatus) == []
        await world.advance(2)
        caller.ask(ReqCurrentTime())
        await world.advance(1)
        assert caller.end is None
        assert len(caller.all(CurrentTime)) == 1
        assert live_orders(world) == []
        assert world.gateway.faults.occurrences[0].hits == 3


async def test_quotes_that_follow_each_other_are_lost():
    async with trouble(Swallow(10, seconds=20, message="TickPrice")) as world:
        caller = await Caller.call(world, 1)
        caller.ask(ReqMktData(1, APPLE))
        for is_told in (True, False, True):
            await world.advance(3)
            caller.heard.clear()
            await world.advance(4 if is_told else 14)
            assert bool(caller.all(TickPrice)) == is_told
            assert caller.all(TickSize)
            await world.advance(3)


async def test_a_part_of_some_messages_is_lost():
    async with trouble(Swallow(0, seconds=100, message="CurrentTime", share=0.3)) as world:
        caller = await Caller.call(world, 1)
        for _ in range(200):
            caller.ask(ReqCurrentTime())
        await world.advance(1)
        assert 110 < len(caller.all(CurrentTime)) < 170
        assert len(caller.all(CurrentTime)) + world.gateway.faults.occurrences[0].hits == 200


async def test_messages_come_twice():
    async with trouble(
        Duplicate(Before("ExecDetails")), Duplicate(5, seconds=10, message="OrderStatus"), Duplicate(Before("Error", 4))
    ) as world:
        caller = await Caller.call(world, 1)
        caller.ask(buy(1))
        await world.advance(2)
        first, second = caller.all(ExecDetails)[:2]
        assert first == second
        before = len(caller.all(OrderStatus))
        await world.advance(4)
        caller.ask(rest(2))
        await world.advance(1)
        assert len(caller.all(OrderStatus)) == before + 4
        caller.ask(ReqExecutions(7, ExecutionFilter()), ReqExecutions(8, ExecutionFilter()))
        await world.advance(1)
        answer = [message for message in caller.all(ExecDetails) if message.reqId == 7]
        assert len({message.execution.execId for message in answer}) == len(answer)


async def test_a_commission_is_told_late():
    async with trouble(Reorder(Before("CommissionAndFeesReport"), by=5)) as world:
        caller = await Caller.call(world, 1)
        caller.ask(buy(1))
        await world.advance(1)
        caller.ask(rest(2))
        await world.advance(10)
        (came, *_), execution = caller.times(CommissionAndFeesReport), caller.times(ExecDetails)[0]
        assert came == pytest.approx(execution + 5, abs=0.002)
        assert caller.times(OrderStatus)[-1] < came


async def test_what_becomes_of_an_order_is_told_in_any_order():
    orders = set()
    for seed in range(8):
        async with trouble(Reorder(0, seconds=100), seed=seed) as world:
            caller = await Caller.call(world, 1)
            caller.ask(buy(1))
            await world.advance(1)
            caller.ask(ReqOpenOrders(), ReqExecutions(3, ExecutionFilter()))
            await world.advance(1)
            came = caller.all(OpenOrder, OrderStatus, ExecDetails, CommissionAndFeesReport, ExecDetailsEnd)
            live = came[: came.index(caller.all(ExecDetailsEnd)[0])]
            orders.add(tuple(type(message).__name__ for message in live))
            statuses = caller.all(OrderStatus)
            assert [message.filled for message in statuses] == sorted(message.filled for message in statuses)
            assert caller.all(OpenOrderEnd, ExecDetailsEnd)
    assert len(orders) > 3
    assert len({tuple(sorted(each)) for each in orders}) == 1


# The gateway


async def test_nobody_listens_for_a_while():
    async with trouble(Refuse(10, 20)) as world:
        one = await Caller.call(world, 1)
        await world.advance(15)
        with pytest.raises(ConnectionRefusedError):
            await Caller.call(world, 2)
        assert one.end is None
        await world.advance(16)
        two = await Caller.call(world, 2)
        await world.advance(1)
        assert two.is_served


async def test_overlapping_times_in_which_nobody_listens():
    async with trouble(Refuse(10, 20), Restart(15, 30), Refuse(16, 2)) as world:
        for second in (12, 31, 44):
            await world.advance(second - (world.now - world.gateway.start_time).total_seconds())
            with pytest.raises(ConnectionRefusedError):
                await Caller.call(world, 2)
        await world.advance(2)
        await Caller.call(world, 2)


async def test_doors_that_close_and_open_at_once():
    faults = [Refuse(at, seconds) for at, seconds in ((10, 5), (15, 1e-6), (15, 2), (17, 3), (17.000001, 1))]
    async with trouble(*faults) as world:
        await world.advance(19)
        with pytest.raises(ConnectionRefusedError):
            await Caller.call(world, 2)
        await world.advance(2)
        for port in (7497, 7496, 4002, 4001):
            _, writer = await connect_streams("127.0.0.1", port)
            writer.close()
            await writer.wait_closed()


async def test_nobody_listens_from_the_start():
    async with trouble(Refuse(0, 20)) as world:
        await world.advance(15)
        for port in (7497, 7496, 4002, 4001):
            with pytest.raises(ConnectionRefusedError):
                await connect_streams("127.0.0.1", port)
        await world.advance(6)
        for port in (7497, 7496, 4002, 4001):
            _, writer = await connect_streams("127.0.0.1", port)
            writer.close()
            await writer.wait_closed()


async def test_who_connects_is_hung_up_on():
    async with trouble(Refuse(10, 20, how="hang_up")) as world:
        await world.advance(15)
        caller = await Caller.call(world, 2)
        assert caller.end == 15
        assert caller.data == b""
        await world.advance(16)
        assert (await Caller.call(world, 2)).data


async def test_who_connects_is_not_answered():
    async with trouble(Refuse(10, 20, how="silence")) as world:
        await world.advance(15)
        caller = await Caller.call(world, 2, starts=False)
        await world.advance(9)
        assert (caller.end, caller.data) == (None, b"")
        await world.advance(2)
        assert (caller.end, caller.data) == (25, b"")


async def test_a_gateway_is_killed_and_comes_back():
    async with trouble(Restart(60, 90)) as world:
        caller = await Caller.call(world, 1)
        caller.ask(ReqMktData(1, APPLE))
        caller.ask(rest(1), rest(2, transmit=False), buy(3))
        await world.advance(30)
        await world.advance(31)
        assert caller.end == 60
        with pytest.raises(ConnectionRefusedError):
            await Caller.call(world, 1)
        await world.advance(90)
        again = await Caller.call(world, 1)
        again.ask(ReqOpenOrders(), ReqExecutions(1, ExecutionFilter()))
        await world.advance(10)
        assert [message.order.orderId for message in again.all(OpenOrder)] == [1]
        assert again.all(TickPrice) == []
        assert [message.execution.orderId for message in again.all(ExecDetails)] == [3]
        assert again.all(NextValidId) == [NextValidId(4)]
        assert held(world) == 100
        # The order that was never transmitted is not there to transmit any more.
        again.ask(rest(4))
        await world.advance(1)
        assert live_orders(world) == [1, 4]


async def test_a_restart_ends_what_lingers():
    async with trouble(Cut(10, linger=1000), Restart(20, 10)) as world:
        await Caller.call(world, 1)
        await world.advance(40)
        again = await Caller.call(world, 1)
        await world.advance(1)
        assert again.is_served


async def test_a_program_is_killed_by_who_listens():
    async with trouble(KillClient(30, client=1, linger=5)) as world:
        killed = []
        world.gateway.faults.listeners.append(lambda occurrence: killed.append(occurrence.fault.client))
        caller = await Caller.call(world, 1)
        await world.advance(31)
        assert caller.end == 30
        assert killed == [1]


# When faults come


async def test_a_fault_of_a_time_of_day_comes_each_day():
    import datetime as dt

    async with trouble(Cut(dt.time(11, 30)), Cut(dt.datetime(2026, 11, 2, 17, tzinfo=dt.UTC))) as world:
        await world.until("2026-11-05T10:00")
        world.gateway.advance()
        moments = [f"{each.moment:%d %H:%M:%S}" for each in world.gateway.faults.occurrences]
        assert moments == ["02 16:30:00", "02 17:00:00", "03 16:30:00", "04 16:30:00"]


async def test_a_fault_before_the_start_is_refused():
    import datetime as dt

    with pytest.raises(ValueError, match=r"^faults\[0\] \(cut\): at=2026-11-02 09:00:00 is before the start"):
        async with trouble(Cut(dt.datetime(2026, 11, 2, 14, tzinfo=dt.UTC))):
            pass


async def test_messages_are_counted_over_all_connections_and_by_client():
    async with trouble(Swallow(Before("CurrentTime", 3)), Swallow(Before("CurrentTime", 3, client=2))) as world:
        one, two = await Caller.call(world, 1), await Caller.call(world, 2)
        for _ in range(4):
            one.ask(ReqCurrentTime())
            await world.advance(1)
            two.ask(ReqCurrentTime())
            await world.advance(1)
        assert (len(one.all(CurrentTime)), len(two.all(CurrentTime))) == (3, 3)


async def test_a_fault_that_waits_for_a_start():
    async with trouble(Cut(Before("StartApi", client=3)), Cut(After("ManagedAccounts", client=4))) as world:
        before, after = await Caller.call(world, 3), await Caller.call(world, 4)
        await world.advance(1)
        assert (before.end is None, after.end is None) == (False, False)
        assert (before.is_served, after.is_served) == (False, True)
        assert before.all(ManagedAccounts, NextValidId) == []
        assert after.all(ManagedAccounts)


async def test_the_same_scenario_has_the_same_course():
    async def course(seed):
        faults = Delay(0, by=0.2, jitter=0.5, seconds=50), Duplicate(0, seconds=50, share=0.3), Reorder(0, seconds=50)
        async with trouble(*faults, seed=seed) as world:
            caller = await Caller.call(world, 1)
            caller.ask(ReqMktData(1, APPLE), buy(1), rest(2))
            await world.advance(40)
            return [(second, type(message).__name__) for second, message in caller.heard]

    assert await course(1) == await course(1) != await course(2)


async def test_without_a_scenario_links_are_plain():
    from ibdesk.paper import PaperGateway
    from ibdesk.paper.transport import Link

    async with PaperGateway(port=0) as gateway:
        assert gateway.faults is None
        assert type(gateway._new_link()) is Link
