"""Connections that are lost, found dead, made again, given up and ended at each point, in hours that take no time."""

import asyncio
import datetime as dt
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from client.scripted import CLOSE, serving
from client.troubled import Proxy, troubled
from hypothesis import given, settings
from hypothesis import strategies as st
from runtime.simulated import run

from ibdesk import IB, LimitOrder, MarketOrder, Reconnect, ReconnectAttempt, ReconnectReport, Stock
from ibdesk.model.health import LinkState, SocketState
from ibdesk.paper import PaperGateway
from ibdesk.wire.messages import accounts, connection, order_status
from ibdesk.wire.messages.connection import Error, ReqCurrentTime

APPLE = Stock("AAPL", "SMART", "USD", conId=265598)

IN_USE = "Unable to connect as the client id is already in use. Retry with a unique client id."


class Told:
    """What an `IB` told of its connection, in order."""

    def __init__(self, ib: IB) -> None:
        self.names: list[str] = []
        self.attempts: list[ReconnectAttempt] = []
        self.reports: list[ReconnectReport] = []
        self.failures: list[ConnectionError] = []
        ib.connectedEvent += lambda: self.names.append("connected")
        ib.disconnectedEvent += lambda: self.names.append("disconnected")
        ib.reconnectingEvent += self.attempts.append
        ib.reconnectedEvent += self.reports.append
        ib.reconnectedEvent += lambda _: self.names.append("reconnected")
        ib.reconnectFailedEvent += self.failures.append


@asynccontextmanager
async def through_a_proxy(
    reconnect: Reconnect | bool = True, **settings: Any
) -> AsyncIterator[tuple[IB, Proxy, PaperGateway]]:
    """An `IB` that is connected through a proxy."""
    async with PaperGateway(port=0) as gateway, troubled(gateway.port) as proxy:
        ib = IB(reconnect=reconnect, **settings)
        await ib.connectAsync("127.0.0.1", proxy.port, clientId=7)
        try:
            yield ib, proxy, gateway
        finally:
            ib.disconnect()


# Lost and made again


async def test_pain_19_a_connection_that_is_cut_is_made_again() -> None:
    async with through_a_proxy() as (ib, proxy, _):
        told = Told(ib)
        trade = ib.placeOrder(APPLE, LimitOrder("BUY", 100, 1.0))
        await asyncio.sleep(5)
        proxy.cut()
        await ib.disconnectedEvent
        assert not ib.isConnected()
        assert ib.health.socket is SocketState.RECONNECTING
        assert trade.isUncertain()
        await ib.connected()
        assert ib.isConnected()
        assert ib.health.is_well
        assert ib.client.clientId == 7
        assert not trade.isUncertain()
        assert trade.orderStatus.status == "Submitted"
        assert told.names == ["disconnected", "connected", "reconnected"]
        (attempt,), (report,) = told.attempts, told.reports
        assert attempt.number == report.attempts == 1
        assert attempt.cause is report.cause
        assert attempt.since == report.since
        assert 0.5 <= report.duration.total_seconds() <= 1.5
        assert report.startup.is_complete
        assert report.startup is ib.startup
        assert report.differences == ()
        assert not len(ib.differenceEvent)


async def test_without_it_a_lost_connection_stays_lost() -> None:
    async with through_a_proxy(False) as (ib, proxy, _):
        told = Told(ib)
        proxy.cut()
        await asyncio.sleep(3600)
        assert not ib.isConnected()
        assert told.names == ["disconnected"]
        assert told.attempts == []
        assert proxy.accepted == 1
        with pytest.raises(ConnectionError, match=r"^Not connected$"):
            await ib.connected()


async def test_pain_19_a_gateway_that_is_down_for_an_hour() -> None:
    """The nightly restart, and longer: patient attempts, and the message of what is refused says how it stands."""
    async with through_a_proxy() as (ib, proxy, _):
        told = Told(ib)
        proxy.refuse()
        await asyncio.sleep(3600)
        with pytest.raises(
            ConnectionError, match=r"^Not connected: reconnecting since 2026-11-02 14:30:00 UTC, attempt 1\d\d$"
        ):
            ib.placeOrder(APPLE, MarketOrder("BUY", 1))
        waiting = asyncio.ensure_future(ib.whenConnected(lambda: ib.reqContractDetailsAsync(APPLE)))
        await asyncio.sleep(10)
        assert not waiting.done()
        await proxy.open()
        (details,) = await waiting
        assert details.contract.symbol == "AAPL"
        assert told.names == ["disconnected", "connected", "reconnected"]
        pauses = [attempt.pause for attempt in told.attempts]
        assert [round(0.5 * 2**n, 1) for n in range(6)] <= pauses[:6] <= [2.0**n for n in range(6)]
        assert all(15 <= pause <= 30 for pause in pauses[6:])
        assert 3610 <= told.reports[0].duration.total_seconds() <= 3650


def test_the_pauses_are_the_same_for_the_same_program_only() -> None:
    async def pauses(clientId: int, policy: Reconnect) -> list[float]:
        async with PaperGateway(port=4002) as gateway, troubled(gateway.port) as proxy:
            ib = IB(reconnect=policy)
            told = Told(ib)
            await ib.connectAsync("127.0.0.1", proxy.port, clientId=clientId)
            proxy.refuse()
            await asyncio.sleep(600)
            ib.disconnect()
            return [attempt.pause for attempt in told.attempts]

    first, again, other = (run(pauses(number, Reconnect())) for number in (1, 1, 2))
    assert first == again
    assert not set(first) & set(other)
    numbers = [0.0, 0.25, 1.0]
    assert run(pauses(1, Reconnect(jitter=0.4, random=lambda: numbers[len(numbers) % 3])))[:3] == [1.0, 2.0, 4.0]
    assert run(pauses(1, Reconnect(jitter=0.4, random=lambda: 1.0)))[:3] == [0.6, 1.2, 2.4]


async def test_pain_20_what_the_program_holds_lives_on() -> None:
    async with through_a_proxy() as (ib, proxy, _):
        ticker = ib.reqMktData(APPLE)
        bars = await ib.reqHistoricalDataAsync(APPLE, "", "3600 S", "1 min", "TRADES", False, keepUpToDate=True)
        await asyncio.sleep(10)
        proxy.refuse()
        await asyncio.sleep(1)
        waits = [
            asyncio.ensure_future(asyncio.wait_for(event, 300)) for event in (ticker.updateEvent, bars.updateEvent)
        ]
        await asyncio.sleep(100)
        assert not any(wait.done() for wait in waits), "what is awaited will come on the next connection"
        await proxy.open()
        await ib.connected()
        await asyncio.gather(*waits)
        assert ib.ticker(APPLE) is ticker
        assert ib.realtimeBars() == [bars]
        proxy.refuse()
        await ib.disconnectedEvent
        wait = asyncio.ensure_future(asyncio.wait_for(ticker.updateEvent, 300))
        await asyncio.sleep(10)
        ib.disconnect()
        with pytest.raises(ConnectionError):
            await wait


async def test_all_open_orders_are_asked_for_again_where_that_was_going_on() -> None:
    async with serving({order_status.ReqAllOpenOrders: lambda _: [order_status.OpenOrderEnd()]}) as server:
        ib = IB(reconnect=True)
        await ib.connectAsync("127.0.0.1", server.port)
        await ib.allOpenTradesAsync(live=10)
        server.send(CLOSE)
        await ib.disconnectedEvent
        await ib.connected()
        asked = len(server.of(order_status.ReqAllOpenOrders))
        await asyncio.sleep(105)
        assert len(server.of(order_status.ReqAllOpenOrders)) == asked + 10
        ib.disconnect()
        await ib.connectAsync("127.0.0.1", server.port)
        await asyncio.sleep(105)
        assert len(server.of(order_status.ReqAllOpenOrders)) == asked + 10
        ib.disconnect()


# The half-open link


@pytest.mark.parametrize("policy", [Reconnect(), Reconnect(heartbeat=8, answer=2)])
async def test_pain_25_a_link_that_swallows_everything_is_found_dead_in_time(policy: Reconnect) -> None:
    async with through_a_proxy(policy) as (ib, proxy, _):
        loop = asyncio.get_running_loop()
        await asyncio.sleep(100)
        assert ib.isConnected(), "a quiet server is alive"
        proxy.swallow()
        began = loop.time()
        trade = ib.placeOrder(APPLE, MarketOrder("BUY", 100))
        waiting = asyncio.ensure_future(ib.reqContractDetailsAsync(APPLE))
        attempt = await ib.reconnectingEvent
        assert loop.time() - began <= 1.25 * policy.heartbeat + policy.answer + 0.1
        assert "nothing came from the server for" in str(attempt.cause)
        assert trade.isUncertain()
        with pytest.raises(ConnectionError, match="nothing came from the server"):
            await waiting
        assert not ib.isConnected()
        proxy.swallow(False)
        await ib.connected()
        assert not trade.isUncertain()
        assert trade.orderStatus.status == "ApiCancelled"  # it never reached the gateway
        assert ib.positions() == []


async def test_a_heartbeat_alone_ends_a_dead_connection() -> None:
    async with through_a_proxy(False, heartbeat=10) as (ib, proxy, _):
        told = Told(ib)
        await asyncio.sleep(1000)
        proxy.swallow()
        await asyncio.wait_for(ib.disconnectedEvent, 25)
        await asyncio.sleep(1000)
        assert told.names == ["disconnected"]
        assert not ib.isConnected()


async def test_only_what_the_server_sends_is_life() -> None:
    """A program that sends all the time into a dead link finds out as soon as any other."""
    async with through_a_proxy() as (ib, proxy, _):
        proxy.swallow()

        async def send() -> None:
            while True:
                ib.reqMarketDataType(1)
                await asyncio.sleep(1)

        sending = asyncio.ensure_future(send())
        await asyncio.wait_for(ib.disconnectedEvent, 35.1)
        with pytest.raises(ConnectionError):
            await sending


async def test_a_server_is_not_asked_while_it_talks_and_shares_its_answer() -> None:
    answers = {ReqCurrentTime: lambda _: [connection.CurrentTime(1_790_000_000)]}
    async with serving(answers) as server:
        ib = IB(heartbeat=20)
        await ib.connectAsync("127.0.0.1", server.port)
        for _ in range(60):
            await asyncio.sleep(5)
            server.send(Error(-1, 2104, "Market data farm connection is OK:usfarm"))
        assert server.of(ReqCurrentTime) == []
        del server.answers[ReqCurrentTime]
        await asyncio.sleep(27)
        assert len(server.of(ReqCurrentTime)) == 1
        asked = asyncio.ensure_future(ib.reqCurrentTimeAsync())  # by the user, while the heartbeat asks
        await asyncio.sleep(1)
        assert len(server.of(ReqCurrentTime)) == 1
        server.send(connection.CurrentTime(1_790_000_000))
        assert (await asked).timestamp() == 1_790_000_000
        # And the other way round: the user's question stays without an answer, and the heartbeat asks, too.
        asked = asyncio.ensure_future(ib.reqCurrentTimeAsync())
        await asyncio.sleep(9)
        server.send(Error(-1, 2104, "Market data farm connection is OK:usfarm"))
        with pytest.raises(TimeoutError):
            await asked
        ib.RequestTimeout = 1000
        asked = asyncio.ensure_future(ib.reqCurrentTimeAsync())
        await asyncio.sleep(26)
        assert len(server.of(ReqCurrentTime)) == 4
        server.send(connection.CurrentTime(1_790_000_000), connection.CurrentTime(1_790_000_000))
        await asked
        assert ib.isConnected()
        ib.disconnect()


def test_a_program_that_lets_its_loop_stand_still_is_no_dead_server() -> None:
    """A script of blocking calls that computes for a minute between two of them."""
    ib = IB(heartbeat=10)
    with PaperGateway(port=0) as gateway:
        ib.connect("127.0.0.1", gateway.port, clientId=1)
        loop = asyncio.get_event_loop_policy().get_event_loop()
        clock = loop.time
        late = 0.0
        loop.time = lambda: clock() + late  # type: ignore[method-assign]
        for _ in range(5):
            late += 60  # as if it had computed
            ib.sleep(0.05)
            assert ib.isConnected()
        loop.time = clock  # type: ignore[method-assign]
        ib.disconnect()


# The client id that is still in use


async def test_pain_26_the_old_session_is_waited_for_and_the_client_id_kept() -> None:
    is_busy = True

    def start(message: connection.StartApi) -> list[Any]:
        if is_busy and len(server.of(connection.StartApi)) > 1:
            return [Error(-1, 326, IN_USE), CLOSE]
        return [connection.ManagedAccounts("DU1"), connection.NextValidId(1)]

    async with serving({connection.StartApi: start}) as server:
        ib = IB(reconnect=Reconnect(attempts=3))
        told = Told(ib)
        await ib.connectAsync("127.0.0.1", server.port, clientId=5)
        server.send(CLOSE)
        await asyncio.sleep(240)  # longer than three attempts would take, but they do not count
        assert len(told.attempts) > 40
        assert "error 326" in str(told.attempts[-1].cause)
        is_busy = False
        await ib.connected()
        assert {message.clientId for message in server.of(connection.StartApi)} == {5}
        is_busy = True
        server.send(CLOSE)
        await ib.disconnectedEvent
        with pytest.raises(ConnectionError, match=r"gave up after .*error 326"):
            await ib.connected()
        assert 300 < (asyncio.get_running_loop().time() - 240) < 400
        assert not ib.isConnected()


# Another port


async def test_it_follows_the_server_to_another_port() -> None:
    """The user changes the port in the settings of TWS, which says so and closes the connection."""
    reset = "TWS socket port has been reset and this connection is being dropped. Please reconnect on the new port - {}"
    async with serving() as server, serving() as other:
        ib = IB(reconnect=True)
        await ib.connectAsync("127.0.0.1", server.port)
        server.send(Error(-1, 1300, reset.format(other.port)), CLOSE)
        await ib.disconnectedEvent
        await ib.connected()
        assert ib.client.port == other.port
        other.send(Error(-1, 1300, reset.format(99999)), CLOSE)
        await ib.disconnectedEvent
        await ib.connected()
        assert ib.client.port == other.port
        ib.disconnect()


# Limits


@pytest.mark.parametrize(
    ("policy", "least", "most"), [(Reconnect(attempts=5), 15, 40), (Reconnect(seconds=120), 115, 125)]
)
async def test_it_gives_up_at_its_limit(policy: Reconnect, least: float, most: float) -> None:
    async with through_a_proxy(policy) as (ib, proxy, _):
        told = Told(ib)
        waiting = asyncio.ensure_future(ib.updateEvent.aiter().__anext__())
        proxy.refuse()
        began = asyncio.get_running_loop().time()
        with pytest.raises(ConnectionError, match=r"^Not connected: gave up after \d+ attempts since 2026-11-02"):
            await ib.disconnectedEvent
            await ib.connected()
        assert least <= asyncio.get_running_loop().time() - began <= most
        assert len(told.failures) == 1
        assert ib.health.socket is SocketState.DISCONNECTED
        with pytest.raises(ConnectionError, match="gave up"):
            ib.reqMktData(APPLE)
        await asyncio.sleep(1000)
        assert told.names == ["disconnected"]
        waiting.cancel()
        await proxy.open()
        await ib.connectAsync("127.0.0.1", proxy.port, clientId=7)
        assert ib.isConnected()


def test_quiet_hours_do_not_count() -> None:
    """In the night to Saturday IBKR resets its servers for four hours."""
    friday = dt.datetime(2026, 11, 7, 3, 55, tzinfo=dt.UTC)  # five minutes before 23:00 in New York

    async def main() -> None:
        async with through_a_proxy(Reconnect(seconds=600)) as (ib, proxy, _):
            told = Told(ib)
            proxy.refuse()
            await asyncio.sleep(4 * 3600)
            assert told.failures == []
            assert told.attempts[-1].is_quiet
            await asyncio.sleep(3600)  # five minutes were spent before, so that there are five left
            assert len(told.failures) == 1
            assert not told.attempts[-1].is_quiet

    run(main(), friday)


async def test_another_login_is_final() -> None:
    async with serving() as server:
        ib = IB(reconnect=True)
        told = Told(ib)
        await ib.connectAsync("127.0.0.1", server.port, account="DU1")
        server.answers[connection.StartApi] = lambda _: [
            connection.ManagedAccounts("U999"),
            connection.NextValidId(1),
        ]
        server.send(CLOSE)
        with pytest.raises(ConnectionError, match="the login has no account 'DU1'; it has U999"):
            await ib.disconnectedEvent
            await ib.connected()
        assert len(told.failures) == 1
        assert not ib.isConnected()


async def test_connect_itself_can_go_on_trying() -> None:
    async with PaperGateway(port=0) as gateway, troubled(gateway.port) as proxy:
        proxy.refuse()
        ib = IB(reconnect=Reconnect(from_start=True))
        connecting = asyncio.ensure_future(ib.connectAsync("127.0.0.1", proxy.port, clientId=7))
        await asyncio.sleep(100)
        assert not connecting.done()
        await proxy.open()
        await connecting
        proxy.cut()
        await ib.disconnectedEvent
        await ib.connected()
        ib.disconnect()
        proxy.refuse()
        with pytest.raises(ConnectionError, match="gave up after 3 attempts"):
            await ib.connectAsync("127.0.0.1", proxy.port, clientId=7, reconnect=Reconnect(from_start=True, attempts=3))
        with pytest.raises(ConnectionRefusedError):
            await ib.connectAsync("127.0.0.1", proxy.port, clientId=7, reconnect=True)


# disconnect() means it


@settings(max_examples=40)
@given(moment=st.floats(0, 90), is_swallowed=st.booleans(), latency=st.sampled_from([0.0, 0.3]))
def test_pains_28_and_29_disconnect_means_it_at_every_moment(moment: float, is_swallowed: bool, latency: float) -> None:
    async def main() -> None:
        async with PaperGateway(port=0) as gateway, troubled(gateway.port) as proxy:
            ib = IB(reconnect=True)
            told = Told(ib)

            async def trouble() -> None:
                await asyncio.sleep(20)
                proxy.swallow(is_swallowed)
                if not is_swallowed:
                    proxy.refuse()
                await asyncio.sleep(40)
                proxy.swallow(False)
                if not is_swallowed:
                    await proxy.open()

            troubles = asyncio.ensure_future(trouble())
            connecting = asyncio.ensure_future(ib.connectAsync("127.0.0.1", proxy.port, clientId=7))
            await asyncio.sleep(moment)
            calls = [asyncio.ensure_future(ib.connected()), asyncio.ensure_future(ib.reqPositionsAsync())]
            await asyncio.sleep(0)
            ib.disconnect()
            results = await asyncio.wait_for(asyncio.gather(connecting, *calls, return_exceptions=True), 1)
            assert all(not isinstance(one, BaseException) or isinstance(one, ConnectionError) for one in results)
            assert not ib.isConnected()
            accepted, names = proxy.accepted, [*told.names]
            await troubles
            await asyncio.sleep(1000)
            assert (proxy.accepted, told.names) == (accepted, names)
            # As in ib_async, disconnect() is told while the first connect() fetches the account.
            assert names.count("disconnected") - names.count("connected") in (0, int(not told.attempts))
            assert not ib.isConnected()
            assert ib.health.socket is SocketState.DISCONNECTED
            left = [
                task for task in asyncio.all_tasks() if "ibdesk" in repr(task) and task is not asyncio.current_task()
            ]
            assert not [task for task in left if "connector" in repr(task) or "startup" in repr(task)]

    run(main(), latency=latency)


async def test_pain_29_disconnect_while_the_host_does_not_answer_at_all() -> None:
    """On real sockets: a listener whose queue is full answers nothing, as a host behind a wall does."""
    import socket

    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        port = listener.getsockname()[1]
        full = [socket.socket() for _ in range(4)]
        for one in full:
            one.setblocking(False)
            one.connect_ex(("127.0.0.1", port))
        ib = IB()
        connecting = asyncio.ensure_future(ib.connectAsync("127.0.0.1", port, timeout=0))
        await asyncio.sleep(0.1)
        ib.disconnect()
        with pytest.raises(ConnectionError):
            await asyncio.wait_for(connecting, 5)
        for one in full:
            one.close()


@pytest.mark.parametrize("from_start", [True, False])
def test_a_caller_of_connect_who_is_cancelled_stays_cancelled(from_start: bool) -> None:
    async def main(disconnects: bool) -> None:
        async with serving({connection.StartApi: lambda _: []}) as silent:
            ib = IB(reconnect=Reconnect(from_start=from_start))
            connecting = asyncio.ensure_future(ib.connectAsync("127.0.0.1", silent.port, timeout=10))
            await asyncio.sleep(11 if from_start else 1)
            connecting.cancel()
            if disconnects:
                ib.disconnect()
            with pytest.raises(asyncio.CancelledError):
                await connecting
            await asyncio.sleep(100)
            assert ib.client.connState == ib.client.DISCONNECTED

    run(main(False))
    run(main(True))


async def test_disconnect_ends_a_connect_that_goes_on_trying() -> None:
    async with serving() as server:
        pass
    ib = IB(reconnect=Reconnect(from_start=True))
    connecting = asyncio.ensure_future(ib.connectAsync("127.0.0.1", server.port))
    await asyncio.sleep(100)
    ib.disconnect()
    with pytest.raises(ConnectionError, match="disconnect"):
        await connecting


def test_a_loop_that_ends_while_it_reconnects() -> None:
    """The loop is gone before the `IB`, which can then be used on another one."""
    ib = IB(reconnect=True)
    told = Told(ib)

    async def main() -> None:
        async with serving() as server:
            await ib.connectAsync("127.0.0.1", server.port)
        await ib.disconnectedEvent
        await asyncio.sleep(10)

    run(main())
    assert [str(error) for error in told.failures] == ["Not connected: reconnecting was cancelled"]
    assert ib.health.socket is SocketState.DISCONNECTED

    async def once_more() -> None:
        async with serving() as server:
            await ib.connectAsync("127.0.0.1", server.port)
            await ib.connected()
            ib.disconnect()

    run(once_more())


async def test_a_new_connect_takes_the_place_of_another() -> None:
    async with PaperGateway(port=0) as gateway, serving({connection.StartApi: lambda _: []}) as silent:
        ib = IB(reconnect=True)
        told = Told(ib)
        first = asyncio.ensure_future(ib.connectAsync("127.0.0.1", silent.port, timeout=100))
        await asyncio.sleep(1)
        await ib.connectAsync("127.0.0.1", gateway.port, clientId=1)
        with pytest.raises(ConnectionError, match="another connect"):
            await first
        assert ib.isConnected()
        assert ib.client.port == gateway.port
        assert told.names == ["connected"]
        await asyncio.sleep(200)
        assert ib.isConnected()
        ib.disconnect()


async def test_a_listener_that_connects_by_itself_is_not_disturbed() -> None:
    """The recipe of ib_async's users, who wrote what `reconnect` does now."""
    async with through_a_proxy() as (ib, proxy, gateway):
        told = Told(ib)

        async def again() -> None:
            await asyncio.sleep(3)
            await ib.connectAsync("127.0.0.1", proxy.port, clientId=7)

        ib.disconnectedEvent += lambda: asyncio.ensure_future(again())
        proxy.refuse()
        await asyncio.sleep(1.2)
        await proxy.open()
        await asyncio.sleep(60)
        assert ib.isConnected()
        assert len(gateway._links) == 1
        assert told.names[-1] in ("connected", "reconnected")


def test_a_listener_that_disconnects_ends_it() -> None:
    async def main(name: str) -> None:
        async with through_a_proxy() as (ib, proxy, _):
            getattr(ib, name).connect(lambda *_: ib.disconnect())
            proxy.cut()
            await asyncio.sleep(100)
            assert not ib.isConnected()
            assert ib.health.socket is SocketState.DISCONNECTED

    for name in ("disconnectedEvent", "reconnectingEvent", "connectedEvent", "reconnectedEvent"):
        run(main(name))


async def test_disconnecting_the_client_below_means_it_too() -> None:
    async with through_a_proxy() as (ib, proxy, _):
        proxy.cut()
        await ib.disconnectedEvent
        ib.client.disconnect()
        await asyncio.sleep(100)
        assert not ib.isConnected()
        assert proxy.accepted == 1


def test_pain_26_disconnect_async_waits_until_the_client_id_is_free() -> None:
    async def main() -> None:
        async with PaperGateway(port=0) as gateway:
            for _ in range(20):
                ib = await IB().connectAsync("127.0.0.1", gateway.port, clientId=1)
                status = await ib.disconnectAsync()
                assert status is not None
                assert status.startswith("Disconnecting from 127.0.0.1")
                assert not gateway._links
            assert await ib.disconnectAsync() is None

    run(main(), latency=0.05)


async def test_disconnect_async_does_not_wait_for_a_dead_server() -> None:
    async with through_a_proxy() as (ib, proxy, _):
        proxy.swallow()
        proxy._pass_on = None  # type: ignore[method-assign, assignment]
        await asyncio.wait_for(ib.disconnectAsync(), 2.5)
        assert not ib.isConnected()


# Broken while it is being made


async def test_a_connection_that_breaks_again_while_the_account_is_fetched() -> None:
    async with serving() as server:
        ib = IB(reconnect=True)
        told = Told(ib)
        await ib.connectAsync("127.0.0.1", server.port)
        server.answers[accounts.ReqPositions] = lambda _: [CLOSE]
        server.send(CLOSE)
        await asyncio.sleep(60)
        assert len(told.attempts) > 3
        assert told.names == ["connected", "disconnected"]
        server.answers[accounts.ReqPositions] = lambda _: [accounts.PositionEnd()]
        await ib.connected()
        assert told.names == ["connected", "disconnected", "connected", "reconnected"]
        ib.disconnect()


# What waits


async def test_the_link_of_the_gateway_is_waited_for_too() -> None:
    async with serving() as server:
        ib = IB()
        await ib.connectAsync("127.0.0.1", server.port)
        server.send(Error(-1, 1100, "Connectivity between IB and Trader Workstation has been lost."))
        await ib.healthEvent
        assert ib.isConnected()
        assert ib.health.link is LinkState.BROKEN
        calls = [asyncio.ensure_future(ib.whenConnected(ib.reqOpenOrdersAsync)) for _ in range(3)]
        await asyncio.sleep(100)
        assert not any(call.done() for call in calls)
        server.send(
            Error(-1, 1102, "Connectivity between IB and Trader Workstation has been restored - data maintained.")
        )
        assert await asyncio.gather(*calls) == [[], [], []]
        server.send(Error(-1, 1100, "Connectivity between IB and Trader Workstation has been lost."))
        await ib.healthEvent
        call = asyncio.ensure_future(ib.connected())
        await asyncio.sleep(1)
        ib.disconnect()
        with pytest.raises(ConnectionError):
            await call


def test_what_only_reads_can_be_repeated_and_nothing_else_is() -> None:
    async def main() -> None:
        async with through_a_proxy() as (ib, proxy, _):
            called = 0

            async def ask() -> int:
                nonlocal called
                called += 1
                if called < 3:
                    proxy.cut()
                await ib.reqContractDetailsAsync(APPLE)
                return called

            assert await ib.whenConnected(ask, repeat=True) == 3
            called = 0
            with pytest.raises(ConnectionError):
                await ib.whenConnected(ask)
            assert called == 1
            await ib.connected()

            async def fail() -> None:
                raise ConnectionError("of another kind")

            with pytest.raises(ConnectionError, match="of another kind"):
                await ib.whenConnected(fail, repeat=True)

    run(main())


async def test_how_many_may_wait_is_limited() -> None:
    async with through_a_proxy() as (ib, proxy, _):
        proxy.refuse()
        await ib.disconnectedEvent
        calls = [asyncio.ensure_future(ib.whenConnected(ib.reqPositionsAsync)) for _ in range(1001)]
        await asyncio.sleep(0)
        with pytest.raises(ConnectionError, match=r"^Not connected: reconnecting since .*, and 1000 calls wait"):
            await calls.pop()
        await proxy.open()
        assert len(await asyncio.gather(*calls)) == 1000


async def test_run_async_goes_on_over_a_loss() -> None:
    async with through_a_proxy(Reconnect(attempts=3)) as (ib, proxy, _):
        running = asyncio.ensure_future(ib.runAsync())
        proxy.cut()
        await ib.reconnectedEvent
        assert not running.done()
        proxy.refuse()
        await ib.reconnectFailedEvent
        await asyncio.wait_for(running, 1)


# Other styles


def test_blocking_style() -> None:
    with PaperGateway(port=0) as gateway:
        ib = IB(reconnect=Reconnect(first=0.01, longest=0.05))
        ib.connect("127.0.0.1", gateway.port, clientId=1)
        told = Told(ib)
        assert ib.waitOnConnection(1)
        assert ib.client._transport is not None
        ib.client._transport.abort()
        ib.sleep(0)
        assert not ib.isConnected()
        assert not ib.waitOnConnection(0.001)
        assert ib.waitOnConnection(10)
        assert ib.isConnected()
        assert told.names == ["disconnected", "connected", "reconnected"]
        ib.client._transport.abort()
        ib.sleep(0)
        ib.disconnect()
        with pytest.raises(ConnectionError):
            ib.waitOnConnection(1)


def test_in_a_thread_of_its_own() -> None:
    with PaperGateway(port=0) as gateway:
        ib = IB(thread=True, reconnect=Reconnect(first=0.01, longest=0.05))
        ib.connect("127.0.0.1", gateway.port, clientId=1)
        told = Told(ib)
        for _ in range(3):
            ib.runner.loop.call_soon_threadsafe(lambda: ib.client._transport.abort())  # type: ignore[union-attr]
            deadline = time.monotonic() + 10
            while len(told.reports) == 0 and time.monotonic() < deadline:
                time.sleep(0.005)
            told.reports.clear()
            assert ib.waitOnConnection(10)
            assert asyncio.run(_reading(ib)) == "AAPL"
        ib.disconnect()
        assert not ib.isConnected()
        assert told.names.count("reconnected") == 3


async def _reading(ib: IB) -> str:
    await ib.connected()
    (details,) = await ib.whenConnected(lambda: ib.reqContractDetailsAsync(APPLE))
    return str(details.contract.symbol)


@pytest.mark.parametrize("wrong", [1, "yes", object()])
def test_what_is_no_policy_is_refused(wrong: Any) -> None:
    with pytest.raises(TypeError, match="reconnect is True, False or a Reconnect"):
        IB(reconnect=wrong)
    with pytest.raises(ValueError, match="heartbeat=-1"):
        IB(heartbeat=-1)
