"""What time it is on a loop that has clocks of its own, and on any other."""

import asyncio
import datetime as dt
import time

from ibdesk import IB, Event, LimitOrder, Stock, util
from ibdesk.paper import PaperGateway
from ibdesk.runtime.clocks import COMPUTER, Clocks, clocks_here, clocks_of, local_zone

MOMENT = dt.datetime(2031, 3, 4, 15, 30, tzinfo=dt.UTC)


def now(zone: dt.tzinfo | None) -> dt.datetime:
    return MOMENT.astimezone(zone) if zone else MOMENT.astimezone().replace(tzinfo=None)


class Standing(asyncio.SelectorEventLoop):
    """A loop on which it is always one moment."""

    clocks = Clocks(now, MOMENT.timestamp, lambda: 77.0)


def run(main):
    with asyncio.Runner(loop_factory=Standing) as runner:
        return runner.run(main)


def test_the_computer_has_the_time_of_day():
    assert abs(COMPUTER.now(dt.UTC) - dt.datetime.now(dt.UTC)) < dt.timedelta(seconds=5)
    assert COMPUTER.now(None).tzinfo is None
    assert abs(COMPUTER.timestamp() - time.time()) < 5
    before = COMPUTER.seconds()
    assert COMPUTER.seconds() >= before
    assert local_zone().utcoffset(MOMENT) == MOMENT.astimezone().utcoffset()


def test_a_loop_has_the_clocks_that_it_carries():
    assert clocks_of(None) is clocks_here() is COMPUTER

    async def main():
        return clocks_here()

    assert asyncio.run(main()) is COMPUTER
    assert run(main()) is Standing.clocks


def test_a_loop_that_was_set_and_does_not_run_gives_the_time_too():
    loop = Standing()
    asyncio.set_event_loop(loop)
    try:
        assert clocks_here() is Standing.clocks
    finally:
        asyncio.set_event_loop(None)
        loop.close()


async def quick(awaitable):
    async with asyncio.timeout(20):
        return await awaitable


def test_client_and_gateway_have_the_time_of_their_loop():
    async def main():
        async with PaperGateway(port=0) as gateway:
            ib = IB()
            await ib.connectAsync("127.0.0.1", gateway.port, clientId=1, timeout=20)
            assert gateway.start_time == gateway.clock.now() == MOMENT
            stats = ib.client.connectionStats()
            assert (stats.startTime, stats.duration) == (MOMENT.timestamp(), 0)
            assert (await quick(ib.reqCurrentTimeAsync())) == MOMENT
            (contract,) = await quick(ib.qualifyContractsAsync(Stock("AAPL", "SMART", "USD")))
            trade = ib.placeOrder(contract, LimitOrder("BUY", 1, 1))
            assert trade.log[0].time == MOMENT
            ib.disconnect()

    run(main())


def test_what_waits_for_the_time_asks_the_loop():
    async def main():
        hour = dt.timedelta(hours=1)
        assert [moment async for moment in util.timeRangeAsync(MOMENT - hour, MOMENT, 3600)] == [MOMENT]
        assert [moment async for moment in IB.timeRangeAsync(MOMENT - hour, MOMENT, 3600)] == [MOMENT]
        assert await quick(Event.timerange(0, 0, 1)) == now(None)
        source = Event[int]()
        stamped = source.timestamp()
        source.emit(5)
        assert stamped.value() == (MOMENT.timestamp(), 5)

    run(main())


def test_waiting_until_a_condition_is_true_ends_by_the_loops_seconds():
    ib = IB()
    now = iter([0.0, 1.0, 1.2, 2.0])
    ib.dispatcher.state.clocks = COMPUTER._replace(seconds=now.__next__)
    ib.waitOnUpdate = lambda timeout: True
    assert list(ib.loopUntil(lambda: False, timeout=1.5)) == [False, False]
    assert list(now) == []
