"""Every setting of ib_async's `IB`, `Client` and `Wrapper` does here what it does there, whenever it is set."""

import asyncio
import dataclasses
import datetime as dt
import logging
from collections.abc import Awaitable, Callable
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from client.scripted import serving
from oracles import ib_async

import ibdesk
from ibdesk.errors import RequestTimeout
from ibdesk.model.contract import Contract
from ibdesk.model.executions import Execution
from ibdesk.wire.messages import accounts, connection, contracts, executions, market_data

logging.getLogger("ib_async").setLevel(logging.CRITICAL)

TOKYO = ZoneInfo("Asia/Tokyo")
AAPL = Contract(secType="STK", conId=265598, symbol="AAPL", exchange="SMART", currency="USD")

Probe = Callable[[Any, Callable[[Any, Any], None]], Awaitable[Any]]
"""Gets the library, and a function that sets the value for an object; gives what can be seen."""


async def max_requests(lib: Any, put: Callable[[Any, Any], None]) -> Any:
    async with serving() as server:
        ib = lib.IB()
        await ib.connectAsync("127.0.0.1", server.port, clientId=1)
        changes: list[str] = []
        ib.client.throttleStart += lambda: changes.append("held up")
        ib.client.throttleEnd += lambda: changes.append("goes on")
        sent = 0
        for limit, count in ((0, 200), (3, 5), (0, 1)):
            put(ib.client, limit)
            for _ in range(count):
                ib.client.reqCurrentTime()
            sent += count
            changes.append(f"limit {limit}")
        await server.wait_for(connection.ReqCurrentTime, sent)
        ib.disconnect()
    return changes


async def requests_interval(lib: Any, put: Callable[[Any, Any], None]) -> Any:
    async with serving({connection.ReqCurrentTime: lambda _: [connection.CurrentTime(1)]}) as server:
        ib = lib.IB()
        await ib.connectAsync("127.0.0.1", server.port, clientId=1)
        ib.client.MaxRequests = 1
        await ib.reqCurrentTimeAsync()
        began = asyncio.get_running_loop().time()
        put(ib.client, 1.3)
        await ib.reqCurrentTimeAsync()
        passed = asyncio.get_running_loop().time() - began
        ib.disconnect()
    return passed > 1.25  # one second is what it is unless it is set


async def _hello(lib: Any, set_it: Callable[[Any], None]) -> bytes:
    """What a client says first."""
    said: list[bytes] = []

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        said.append(await reader.read(100))
        writer.close()

    async with await asyncio.start_server(listen, "127.0.0.1", 0) as server:
        ib = lib.IB()
        set_it(ib)
        with pytest.raises((OSError, TimeoutError)):
            await ib.connectAsync("127.0.0.1", server.sockets[0].getsockname()[1], clientId=1, timeout=0.3)
    return said[0]


async def min_client_version(lib: Any, put: Callable[[Any, Any], None]) -> Any:
    def set_it(ib: Any) -> None:
        put(ib.client, 165)
        ib.client.MaxClientVersion = 170

    return await _hello(lib, set_it)


async def max_client_version(lib: Any, put: Callable[[Any, Any], None]) -> Any:
    return await _hello(lib, lambda ib: put(ib.client, 166))


async def connect_options(lib: Any, put: Callable[[Any, Any], None]) -> Any:
    def set_it(ib: Any) -> None:
        ib.client.MaxClientVersion = 166
        put(ib.client, b"+PACEAPI")

    return await _hello(lib, set_it)


async def opt_capab(lib: Any, put: Callable[[Any, Any], None]) -> Any:
    async with serving() as server:
        ib = lib.IB()
        put(ib.client, "abc")
        await ib.connectAsync("127.0.0.1", server.port, clientId=1)
        ib.disconnect()
    return [message.optionalCapabilities for message in server.of(connection.StartApi)]


async def raise_request_errors(lib: Any, put: Callable[[Any, Any], None]) -> Any:
    seen: list[Any] = []
    refusal = {contracts.ReqContractDetails: lambda m: [connection.Error(m.reqId, 200, "No security definition")]}
    async with serving(refusal) as server:
        ib = lib.IB()
        await ib.connectAsync("127.0.0.1", server.port, clientId=1)
        for value in (True, False, True):
            put(ib, value)
            try:
                seen.append(await ib.reqContractDetailsAsync(lib.Stock("X", "SMART", "USD")))
            except Exception as error:
                seen.append((type(error).__name__, getattr(error, "code", None)))
        ib.disconnect()
    return seen


async def max_synced_sub_accounts(lib: Any, put: Callable[[Any, Any], None]) -> Any:
    seen = []
    three = {connection.StartApi: lambda _: [connection.ManagedAccounts("DU1,DU2,DU3"), connection.NextValidId(1)]}
    ib = lib.IB()
    for most in (2, 3, 2):
        async with serving(three) as server:
            put(ib, most)
            await ib.connectAsync("127.0.0.1", server.port, clientId=1)
            seen.append(len(server.of(accounts.ReqAccountUpdatesMulti)))
            ib.disconnect()
    return seen


async def timezone_tws(lib: Any, put: Callable[[Any, Any], None]) -> Any:
    seen = []

    def answer(message: Any) -> list[Any]:
        execution = Execution("e.1", "20260401 09:30:00", "DU1", "IEX", "BOT", 100, 257.95, 77)  # type: ignore[arg-type]
        return [executions.ExecDetails(message.reqId, AAPL, execution), executions.ExecDetailsEnd(message.reqId)]

    for zone in ("Asia/Tokyo", "US/Eastern"):
        async with serving() as server:
            ib = lib.IB()
            await ib.connectAsync("127.0.0.1", server.port, clientId=1)
            server.answers[executions.ReqExecutions] = answer
            put(ib, zone)
            (fill,) = await ib.reqExecutionsAsync()
            seen.append(fill.execution.time)
            ib.disconnect()
    return seen


async def default_timezone(lib: Any, put: Callable[[Any, Any], None]) -> Any:
    def executed(message: Any) -> list[Any]:
        execution = Execution("e.1", "20260401 09:30:00 US/Eastern", "DU1", "IEX", "BOT", 100, 257.95, 77)  # type: ignore[arg-type]
        return [executions.ExecDetails(message.reqId, AAPL, execution), executions.ExecDetailsEnd(message.reqId)]

    async with serving({connection.ReqCurrentTime: lambda _: [connection.CurrentTime(1_750_000_000)]}) as server:
        ib = lib.IB()
        await ib.connectAsync("127.0.0.1", server.port, clientId=1)
        contract = lib.Stock("AAPL", "SMART", "USD", conId=265598)
        ticker = ib.reqMktData(contract)
        (asked,) = await server.wait_for(market_data.ReqMktData)
        put(ib.wrapper, TOKYO)
        server.answers[executions.ReqExecutions] = executed
        server.send(market_data.TickPrice(asked.reqId, 1, 257.9, 100, 0))
        clock = await ib.reqCurrentTimeAsync()
        (fill,) = await ib.reqExecutionsAsync()
        trade = ib.placeOrder(contract, lib.LimitOrder("BUY", 1, 1))
        seen = [clock, fill.execution.time, ticker.time, ib.wrapper.lastTime, trade.log[0].time]
        ib.disconnect()
    return [str(moment.tzinfo) for moment in seen], seen[:2]


def _nothing(value: str) -> Probe:
    async def probe(lib: Any, put: Callable[[Any, Any], None]) -> Any:
        async with serving({connection.ReqCurrentTime: lambda _: [connection.CurrentTime(1)]}) as server:
            ib = lib.IB()
            await ib.connectAsync("127.0.0.1", server.port, clientId=1)
            ticker = ib.reqMktData(lib.Stock("AAPL", "SMART", "USD", conId=265598))
            (asked,) = await server.wait_for(market_data.ReqMktData)
            seen = []
            for nothing in (7, 8):
                put(ib.wrapper, nothing)
                server.send(market_data.TickPrice(asked.reqId, 1, 257.9, 100, 0))
                server.send(market_data.TickPrice(asked.reqId, 1, -1, 0, 0))
                await ib.reqCurrentTimeAsync()
                seen.append(getattr(ticker, value))
            ib.disconnect()
        return seen

    return probe


async def defaults(lib: Any, put: Callable[[Any, Any], None]) -> Any:
    async with serving() as server:
        ib = lib.IB()
        await ib.connectAsync("127.0.0.1", server.port, clientId=1)
        first = ib.reqMktData(lib.Stock("AAPL", "SMART", "USD", conId=265598))
        put(ib.wrapper, lib.IBDefaults(unset=None))
        second = ib.reqMktData(lib.Stock("IBM", "SMART", "USD", conId=8314))
        seen = [str(first.bid), second.bid]
        ib.disconnect()
    return seen


async def request_timeout(lib: Any, put: Callable[[Any, Any], None]) -> Any:
    if lib is not ibdesk:
        return [True, True]  # there it is for the blocking calls only, which wait outside a running loop
    seen = []
    async with serving() as server:
        ib = lib.IB()
        await ib.connectAsync("127.0.0.1", server.port, clientId=1)
        for seconds in (0.02, 0.05):
            put(ib, seconds)
            with pytest.raises(RequestTimeout) as caught:
                await ib.reqCurrentTimeAsync()
            seen.append(caught.value.seconds == seconds)
        ib.disconnect()
    return seen


SETTINGS: dict[str, tuple[Probe, Any]] = {
    "IB.RequestTimeout": (request_timeout, [True, True]),
    "IB.RaiseRequestErrors": (raise_request_errors, [("RequestError", 200), [], ("RequestError", 200)]),
    "IB.MaxSyncedSubAccounts": (max_synced_sub_accounts, [0, 3, 0]),
    "IB.TimezoneTWS": (
        timezone_tws,
        [dt.datetime(2026, 4, 1, 0, 30, tzinfo=dt.UTC), dt.datetime(2026, 4, 1, 13, 30, tzinfo=dt.UTC)],
    ),
    "Client.MaxRequests": (max_requests, ["limit 0", "held up", "limit 3", "goes on", "limit 0"]),
    "Client.RequestsInterval": (requests_interval, True),
    "Client.MinClientVersion": (min_client_version, b"API\0\0\0\0\x09v165..170"),
    "Client.MaxClientVersion": (max_client_version, b"API\0\0\0\0\x09v157..166"),
    "Client.connectOptions": (connect_options, b"API\0\0\0\0\x12v157..166 +PACEAPI"),
    "Client.optCapab": (opt_capab, ["abc"]),
    "Wrapper.defaults": (defaults, ["nan", None]),
    "Wrapper.defaultTimezone": (
        default_timezone,
        (
            ["Asia/Tokyo"] * 5,
            [dt.datetime.fromtimestamp(1_750_000_000, dt.UTC), dt.datetime(2026, 4, 1, 13, 30, tzinfo=dt.UTC)],
        ),
    ),
    "Wrapper.defaultEmptyPrice": (_nothing("bid"), [7, 8]),
    "Wrapper.defaultEmptySize": (_nothing("bidSize"), [7, 8]),
}

OF_CLASSES = ["IB.RequestTimeout", "IB.RaiseRequestErrors", "IB.MaxSyncedSubAccounts", "IB.TimezoneTWS"] + [
    f"Client.{name}" for name in ("MaxRequests", "RequestsInterval", "MinClientVersion", "MaxClientVersion")
]
"""Those that may be set for all objects of a class."""


def test_these_are_all_settings_there_are() -> None:
    theirs = ib_async()
    found = {
        f"{cls.__name__}.{name}"
        for cls in (theirs.IB, theirs.Client)
        for name, value in vars(cls).items()
        if name[0].isupper() and not name.isupper() and isinstance(value, int | float | str)
    }
    assert found == set(OF_CLASSES)
    # What an object has, and nothing in the library ever changes.
    client = {name for name in vars(theirs.IB().client) if name.startswith(("opt", "connectOptions"))}
    wrapper = {field.name for field in dataclasses.fields(theirs.Wrapper)} | set(vars(theirs.IB().wrapper))
    found |= {f"Client.{name}" for name in client}
    found |= {f"Wrapper.{name}" for name in wrapper if name.startswith("default")}
    assert found == set(SETTINGS)


@pytest.mark.parametrize("name", SETTINGS)
async def test_it_counts_when_it_is_set_for_an_object(name: str) -> None:
    probe, expected = SETTINGS[name]
    attribute = name.partition(".")[2]
    for lib in (ib_async(), ibdesk):
        found = await probe(lib, lambda target, value: setattr(target, attribute, value))
        assert found == expected, lib.__name__


@pytest.mark.parametrize("name", OF_CLASSES)
async def test_it_counts_when_it_is_set_for_all(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    probe, expected = SETTINGS[name]
    owner, _, attribute = name.partition(".")
    for lib in (ib_async(), ibdesk):
        cls = getattr(lib, owner)
        found = await probe(lib, lambda _, value, cls=cls: monkeypatch.setattr(cls, attribute, value))  # type: ignore[misc]
        assert found == expected, lib.__name__
        monkeypatch.undo()


async def test_connect_options_as_text() -> None:
    def set_it(ib: Any) -> None:
        ib.client.MaxClientVersion = 166
        ib.client.setConnectOptions("+PACEAPI")

    assert await _hello(ib_async(), set_it) == await _hello(ibdesk, set_it) == SETTINGS["Client.connectOptions"][1]


@pytest.mark.parametrize(("name", "value"), [("MaxRequests", -1), ("MaxRequests", "9"), ("RequestsInterval", -1.0)])
async def test_a_limit_that_makes_no_sense_is_refused_and_nothing_is_sent(name: str, value: Any) -> None:
    async with serving() as server:
        ib = ibdesk.IB()
        await ib.connectAsync("127.0.0.1", server.port, clientId=1)
        setattr(ib.client, name, value)
        with pytest.raises(ValueError, match=f"^{name} .* not {value!r}$"):
            await ib.reqCurrentTimeAsync()
        assert not len(ib.client.requests)
        ib.disconnect()
        with pytest.raises(ValueError, match=f"^{name} .* not {value!r}$"):
            await ib.connectAsync("127.0.0.1", server.port, clientId=1)
        assert not server.of(connection.ReqCurrentTime)


@pytest.mark.parametrize(("lowest", "highest"), [(157, 226), (156, 178), (170, 160)])
async def test_server_versions_that_cannot_be_spoken_are_refused(lowest: int, highest: int) -> None:
    ib = ibdesk.IB()
    ib.client.MinClientVersion, ib.client.MaxClientVersion = lowest, highest
    with pytest.raises(ValueError, match=f"MinClientVersion={lowest}, MaxClientVersion={highest}: .* 157 to 225"):
        await ib.connectAsync("127.0.0.1", 1, clientId=1)


async def test_a_time_zone_that_nobody_knows_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    async with serving() as server:
        ib = ibdesk.IB()
        ib.TimezoneTWS = "Mars/Olympus"
        await ib.connectAsync("127.0.0.1", server.port, clientId=1)
        for number in "12":
            execution = Execution(f"e.{number}", "20260401 09:30:00", "DU1", "IEX", "BOT", 1, 2.5, 77)  # type: ignore[arg-type]
            server.send(executions.ExecDetails(-1, AAPL, execution))
        await ib.reqExecutionsAsync()
        ib.disconnect()
    # The script's clock is that of New York.
    assert {fill.execution.time for fill in ib.fills()} == {dt.datetime(2026, 4, 1, 13, 30, tzinfo=dt.UTC)}
    assert [one.getMessage() for one in caplog.records if "Mars" in one.getMessage()] == [
        "TimezoneTWS='Mars/Olympus' is no time zone that is known: the server's own is taken"
    ]
