"""What a connection begins with, what is told of it, and that late parts are asked for until they come."""

import asyncio
from typing import Any

import pytest
from client.scripted import CLOSE, Answer, Server, serving
from runtime.simulated import run

from ibdesk import IB, StartupFetch, StartupFetchNONE, StartupReport
from ibdesk.model.contract import Stock
from ibdesk.model.startup import PartState
from ibdesk.wire.messages import accounts, executions, order_status
from ibdesk.wire.messages.connection import Error

ALL = ["positions", "open orders", "completed orders", "account updates", "account updates for DU1", "executions"]

SILENT: dict[type, Answer] = {
    kind: lambda _: []
    for kind in (
        accounts.ReqPositions,
        accounts.ReqAccountUpdates,
        accounts.ReqAccountUpdatesMulti,
        order_status.ReqOpenOrders,
        order_status.ReqCompletedOrders,
        executions.ReqExecutions,
    )
}
"""A server that answers nothing of what a connection begins with."""


def speak(server: Server) -> None:
    """Have a silent server answer from now on."""
    from client.scripted import STARTUP

    server.answers.update(STARTUP)


def test_all_parts_have_come(caplog: pytest.LogCaptureFixture) -> None:
    async def main() -> None:
        async with serving() as server:
            ib = IB()
            assert ib.startup == StartupReport()
            assert not ib.startup.is_complete
            assert str(ib.startup) == "nothing was asked for yet"
            told: list[StartupReport] = []
            ib.startupEvent += told.append
            await ib.connectAsync("127.0.0.1", server.port)
            assert told == [ib.startup]
            assert list(ib.startup.parts) == ALL
            assert {part.state for part in ib.startup.parts.values()} == {PartState.CAME}
            assert ib.startup.is_complete
            assert ib.startup.missing == ib.startup.errors == []
            assert str(ib.startup) == f"came: {', '.join(ALL)}"
            ib.disconnect()

    with caplog.at_level("INFO"):
        run(main())
    assert caplog.messages.count("Synchronization complete") == 1


async def test_pain_24_a_server_that_answers_nothing_is_no_empty_portfolio(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with serving(SILENT) as server:
        ib = IB()
        told: list[StartupReport] = []
        ib.startupEvent += told.append
        await ib.connectAsync("127.0.0.1", server.port)
        assert ib.isConnected()
        assert ib.positions() == []
        assert ib.startup.missing == ALL
        assert {part.state for part in ib.startup.parts.values()} == {PartState.LATE}
        assert ib.startup.errors[0] == "positions request timed out"
        assert [record.message for record in caplog.records if record.levelname == "WARNING"] == [
            f"Synchronization incomplete: came: nothing; missing: {', '.join(f'{name} (late)' for name in ALL)}"
        ]
        await asyncio.sleep(30)
        speak(server)
        server.answers[accounts.ReqPositions] = lambda _: [
            accounts.Position("DU1", Stock("AAPL", "SMART", "USD", conId=1), 100.0, 10.0),
            accounts.PositionEnd(),
        ]
        await ib.startupEvent
        while not ib.startup.is_complete:
            await ib.startupEvent
        assert [position.position for position in ib.positions()] == [100.0]
        assert told[-1] is ib.startup
        asked = len(server.received)
        await asyncio.sleep(10_000)
        assert len(server.received) == asked, "nothing is asked for again that has come"
        ib.disconnect()


async def test_what_was_begun_in_vain_is_ended_before_it_is_begun_again() -> None:
    silent = {accounts.ReqAccountUpdatesMulti: SILENT[accounts.ReqAccountUpdatesMulti]}
    async with serving(silent) as server:
        ib = await IB().connectAsync("127.0.0.1", server.port)
        assert ib.startup.missing == ["account updates for DU1"]
        await asyncio.sleep(1000)
        asked = [one.reqId for one in server.of(accounts.ReqAccountUpdatesMulti)]
        assert asked == list(dict.fromkeys(asked))
        assert [one.reqId for one in server.of(accounts.CancelAccountUpdatesMulti)] == asked[:-1]
        assert 5 <= len(asked) <= 12, "the pauses grow"
        ib.disconnect()
        await asyncio.sleep(1000)
        assert len(server.of(accounts.ReqAccountUpdatesMulti)) == len(asked)


async def test_a_part_that_is_refused_is_told_and_not_asked_for_again() -> None:
    def refuse(message: Any) -> list[Any]:
        return [Error(message.reqId, 321, "The API interface is currently in Read-Only mode.")]

    async with serving({executions.ReqExecutions: refuse}) as server:
        ib = await IB().connectAsync("127.0.0.1", server.port)
        part = ib.startup.parts["executions"]
        assert part.state is PartState.REFUSED
        assert "321: The API interface is currently in Read-Only mode" in part.error
        await asyncio.sleep(1000)
        assert len(server.of(executions.ReqExecutions)) == 1
        with pytest.raises(ConnectionError, match="executions request failed"):
            await ib.connectAsync("127.0.0.1", server.port, raiseSyncErrors=True)


async def test_only_what_is_wanted_is_asked_for() -> None:
    async with serving() as server:
        ib = await IB().connectAsync("127.0.0.1", server.port, fetchFields=StartupFetchNONE)
        assert list(ib.startup.parts) == ["positions"]
        await ib.connectAsync("127.0.0.1", server.port, fetchFields=StartupFetch.ORDERS_OPEN, readonly=True)
        assert list(ib.startup.parts) == ["positions"]
        await ib.connectAsync("127.0.0.1", server.port, fetchFields=StartupFetch.ORDERS_OPEN)
        assert list(ib.startup.parts) == ["positions", "open orders"]
        ib.disconnect()


async def test_a_connection_that_breaks_while_late_parts_are_asked_for() -> None:
    async with serving(SILENT) as server:
        ib = IB(reconnect=True)
        await ib.connectAsync("127.0.0.1", server.port, timeout=1)
        server.send(CLOSE)
        await ib.disconnectedEvent
        assert ib.startup.missing == ALL
        speak(server)
        await ib.connected()
        assert ib.startup.is_complete
        ib.disconnect()


async def test_what_was_closed_meanwhile_is_not_in_the_portfolio_any_more() -> None:
    def holding(*conIds: int) -> Answer:
        def answer(request: accounts.ReqAccountUpdates) -> list[Any]:
            held = [
                accounts.UpdatePortfolio(Stock(conId=conId), 5.0, 1.0, 5.0, 1.0, 0.0, 0.0, "DU1") for conId in conIds
            ]
            return [*held, accounts.AccountDownloadEnd("DU1")]

        return answer

    async with serving({accounts.ReqAccountUpdates: holding(1, 2)}) as server:
        ib = IB(reconnect=True)
        await ib.connectAsync("127.0.0.1", server.port)
        assert [item.contract.conId for item in ib.portfolio()] == [1, 2]
        closed: list[tuple[int, float]] = []
        ib.updatePortfolioEvent += lambda item: closed.append((item.contract.conId, item.position))
        server.answers[accounts.ReqAccountUpdates] = holding(2)
        server.send(CLOSE)
        await ib.disconnectedEvent
        assert [item.contract.conId for item in ib.portfolio()] == [1, 2]
        await ib.connected()
        assert [item.contract.conId for item in ib.portfolio()] == [2]
        assert sorted(closed) == [(1, 0.0), (2, 5.0)]
        ib.disconnect()
