"""Every wait ends, whatever the server does: with the answer, its error, or the loss of the connection."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from client.scripted import CLOSE, Answer, Server, serving
from hostile import HOSTILE, is_harmless

from ibdesk import IB, DecodeError, EncodeError, LimitOrder, MarketOrder, RequestError, Stock, Ticker
from ibdesk.client.handlers.connection import IGNORED
from ibdesk.model.contract import Contract
from ibdesk.model.contract_details import ContractDetails
from ibdesk.model.order import OrderState
from ibdesk.wire.catalogue import Sender, messages
from ibdesk.wire.layout import blank
from ibdesk.wire.messages import (
    accounts,
    connection,
    contracts,
    executions,
    market_data,
    order_status,
    orders,
    reference,
)
from ibdesk.wire.messages.connection import Error
from ibdesk.wire.scalars import encode_varint

AAPL = Stock("AAPL", "SMART", "USD", conId=265598)


@asynccontextmanager
async def connected(answers: dict[type, Answer] | None = None, version: int = 178) -> AsyncIterator[tuple[IB, Server]]:
    """An `IB` that is connected to a scripted server."""
    async with serving(answers, version) as server:
        ib = IB()
        await ib.connectAsync("127.0.0.1", server.port, clientId=1)
        try:
            yield ib, server
        finally:
            ib.disconnect()


@pytest.mark.parametrize("version", [178, 225])
async def test_an_answer_that_would_fill_the_memory_is_an_error(version: int) -> None:
    """Some 140,000 symbols without a letter: a megabyte on the wire would be two hundred here."""

    def symbols(request: reference.ReqMatchingSymbols) -> list[bytes]:
        if version == 178:
            return [b"79\x00%d\x00140000\x00" % request.reqId + b"\0" * 8 * 140_000]
        return [(79 + 200).to_bytes(4, "big") + b"\x08" + encode_varint(request.reqId) + b"\x12\x00" * 140_000]

    async with connected({reference.ReqMatchingSymbols: symbols}, version) as (ib, _):
        with pytest.raises(DecodeError, match=r"SymbolSamples.* more than 4,000,000 values in one message"):
            await ib.reqMatchingSymbolsAsync("A")
        assert ib.isConnected()


@pytest.mark.parametrize("version", [178, 225])
async def test_a_text_of_the_server_is_a_line_in_the_log_and_exact_to_a_program(
    version: int, caplog: pytest.LogCaptureFixture
) -> None:
    text = HOSTILE.replace("\0", "").replace("\ud800", "")  # which no encoding can carry
    heard: list[str] = []
    refuse: dict[type, Answer] = {
        contracts.ReqContractDetails: lambda m: [Error(m.reqId, 200, text)],
        orders.PlaceOrder: lambda m: [Error(m.orderId, 201, text)],
    }
    with caplog.at_level(logging.DEBUG, "ibdesk"):
        async with connected(refuse, version) as (ib, server):
            ib.errorEvent += lambda reqId, code, message, contract: heard.append(message)
            ib.RaiseRequestErrors = True
            with pytest.raises(RequestError) as caught:
                await ib.reqContractDetailsAsync(AAPL)
            trade = ib.placeOrder(AAPL, MarketOrder("BUY", 1))
            await ib.errorEvent
            server.send(Error(-1, 1300, text), CLOSE)
            await ib.disconnectedEvent
    assert heard == [text] * 3
    assert caught.value.message == text
    assert trade.log[-1].message.endswith(text)
    assert is_harmless(str(caught.value))
    lines = [record.getMessage() for record in caplog.records if "all positions closed" in record.getMessage()]
    assert len(lines) > 5
    assert [line for line in lines if "\n" in line or not is_harmless(line)] == []


async def test_a_refused_request_is_empty_or_raises() -> None:
    def refuse(message: Any) -> list[Any]:
        return [Error(message.reqId, 200, "No security definition has been found for the request")]

    async with connected({contracts.ReqContractDetails: refuse}) as (ib, _):
        assert await ib.reqContractDetailsAsync(AAPL) == []
        ib.RaiseRequestErrors = True
        with pytest.raises(RequestError, match="No security definition") as caught:
            await ib.reqContractDetailsAsync(AAPL)
        assert caught.value.code == 200


async def test_a_warning_does_not_end_a_request() -> None:
    def answer(message: Any) -> list[Any]:
        details = ContractDetails(contract=Contract(conId=1))
        return [
            Error(message.reqId, 2174, "Warning"),
            contracts.ContractData(message.reqId, details),
            contracts.ContractDataEnd(message.reqId),
        ]

    async with connected({contracts.ReqContractDetails: answer}) as (ib, _):
        (details,) = await ib.reqContractDetailsAsync(AAPL)
        assert details.contract == Contract(conId=1)


@pytest.mark.parametrize("version", [178, 225])
async def test_an_answer_that_cannot_be_read_ends_its_request_and_no_other(version: int) -> None:
    def damage(message: Any) -> list[Any]:
        if version < 201:
            return [b"10\0%d\0AAPL\0" % message.reqId]
        return [(210).to_bytes(4, "big") + b"\x08" + bytes((message.reqId,)) + b"\x12\x7f"]

    async with connected({contracts.ReqContractDetails: damage}, version) as (ib, server):
        with pytest.raises(DecodeError, match="ContractData"):
            await ib.reqContractDetailsAsync(AAPL)
        assert await ib.reqExecutionsAsync() == []  # the connection goes on
        assert server.of(executions.ReqExecutions)


async def test_an_end_without_reqId_that_cannot_be_read_ends_its_request() -> None:
    async with connected({connection.ReqCurrentTime: lambda _: [b"49\x001\0noon\0"]}) as (ib, _):
        with pytest.raises(DecodeError, match=r"time .*'noon', not an int"):
            await ib.reqCurrentTimeAsync()


async def test_what_is_not_known_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    async with connected() as (ib, server):
        for _ in range(2):
            server.send(b"199\0what\0", market_data.TickSize(1, 0, 1.0))
            await ib.updateEvent
        await ib.reqExecutionsAsync()
        assert caplog.text.count("message 199 is not known") == 1


def test_what_a_server_sends_is_taken_unless_it_is_named_here() -> None:
    """A message of the server that has no handler is lost in silence: each such has its reason."""
    handlers = IB().dispatcher._handlers
    sent = {one.cls: one.name for one in messages() if one.sender is Sender.SERVER}
    assert [name for cls, name in sent.items() if cls not in handlers] == []
    assert {sent.get(cls, cls.__name__): reason for cls, reason in IGNORED.items()} == {
        **dict.fromkeys(
            ("VerifyMessageAPI", "VerifyCompleted", "VerifyAndAuthMessageAPI", "VerifyAndAuthCompleted"),
            "is sent only to a client that announced in its handshake that it proves who made it; an IB does not",
        ),
        "Unknown": "is counted by the client, and logged once",
    }


@pytest.mark.parametrize("version", [178, 225])
async def test_what_nobody_asked_for_is_taken_in_silence(version: int, caplog: pytest.LogCaptureFixture) -> None:
    async with connected(version=version) as (ib, server):
        sent = [one for one in messages() if one.cls in IGNORED and one.first <= version]
        server.send(*(blank(one.cls) for one in sent))
        assert await ib.reqExecutionsAsync() == []
        assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


async def test_a_lost_connection_ends_every_wait(caplog: pytest.LogCaptureFixture) -> None:
    async with connected({contracts.ReqContractDetails: lambda _: []}) as (ib, server):
        lost = asyncio.Event()
        ib.disconnectedEvent += lost.set
        waits = [
            asyncio.ensure_future(ib.reqContractDetailsAsync(AAPL)),
            asyncio.ensure_future(ib.reqHistoricalDataAsync(AAPL, "", "1 D", "1 min", "TRADES", True)),
            asyncio.ensure_future(ib.whatIfOrderAsync(AAPL, MarketOrder("BUY", 1))),
            asyncio.ensure_future(ib.reqTickersAsync(AAPL)),
        ]
        await server.wait_for(orders.PlaceOrder)
        server.send(CLOSE)
        for wait in waits:
            with pytest.raises(ConnectionError, match="Socket disconnect"):
                await wait
        await lost.wait()
        assert "Peer closed connection" in caplog.text
        assert not ib.isConnected()
        with pytest.raises(ConnectionError, match="Not connected"):
            ib.placeOrder(AAPL, MarketOrder("BUY", 1))


async def test_disconnecting_ends_every_wait() -> None:
    async with connected({contracts.ReqContractDetails: lambda _: []}) as (ib, server):
        wait = asyncio.ensure_future(ib.reqContractDetailsAsync(AAPL))
        await server.wait_for(contracts.ReqContractDetails)
        assert ib.disconnect() is not None
        with pytest.raises(ConnectionError):
            await wait


async def test_an_order_that_cannot_be_sent_is_not_placed() -> None:
    async with connected() as (ib, server):
        with pytest.raises(EncodeError, match=r"order\.lmtPrice='cheap'"):
            ib.placeOrder(AAPL, LimitOrder("BUY", 1, "cheap"))  # type: ignore[arg-type]
        with pytest.raises(EncodeError, match=r"order\.postOnly=True: the server is too old"):
            ib.placeOrder(AAPL, LimitOrder("BUY", 1, 1.0, postOnly=True))
        assert ib.trades() == []
        await ib.reqExecutionsAsync()
        assert server.of(orders.PlaceOrder) == []


async def test_an_error_that_leaves_an_order_in_doubt_is_looked_into() -> None:
    def shown(message: Any) -> list[Any]:
        placed = server.of(orders.PlaceOrder)[0]
        order = placed.order
        order.orderId, order.clientId, order.permId = placed.orderId, 1, 77
        status = order_status.OrderStatus(placed.orderId, "Submitted", 0, 1, 0, 77, 0, 0, 1)
        return [
            orders.OpenOrder(placed.contract, order, OrderState(status="Submitted")),
            status,
            order_status.OpenOrderEnd(),
        ]

    refuse: Answer = lambda message: [Error(message.orderId, 98765, "Something new")]  # noqa: E731
    async with connected({orders.PlaceOrder: refuse}) as (ib, server):
        server.answers[order_status.ReqOpenOrders] = shown
        trade = ib.placeOrder(AAPL, LimitOrder("BUY", 1, 1.0))
        await server.wait_for(order_status.ReqCompletedOrders, 2)
        await ib.reqExecutionsAsync()
        assert trade.orderStatus.status == "Submitted"
        assert trade.order.permId == 77
        assert not trade.isDone()


async def test_a_cancel_overtakes_requests_for_data() -> None:
    async with connected() as (ib, server):
        ib.client.MaxRequests = 20
        trade = ib.placeOrder(AAPL, LimitOrder("BUY", 1, 1.0))
        for number in range(100):
            ib.reqMktData(Stock(f"S{number}", "SMART", "USD"))
        ib.cancelOrder(trade.order)
        await server.wait_for(order_status.CancelOrder)
        assert len(server.of(market_data.ReqMktData)) <= 20


async def test_silence_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    async with connected() as (ib, _):
        ib.setTimeout(0.05)
        silent = await asyncio.wait_for(ib.timeoutEvent, 5)
        assert silent >= 0.05


async def test_errors_are_logged_by_their_kind(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    async with connected() as (ib, server):
        server.send(Error(-1, 2104, "Market data farm connection is OK:usfarm"), Error(-1, 1100, "Connectivity lost"))
        seen: list[tuple[Any, ...]] = []
        ib.errorEvent += lambda *args: seen.append(args)
        await ib.updateEvent
        await ib.reqExecutionsAsync()
        assert (-1, 1100, "Connectivity lost", None) in seen
        levels = {record.getMessage(): record.levelname for record in caplog.records}
        assert levels["Warning 2104, reqId -1: Market data farm connection is OK:usfarm"] == "INFO"
        assert "Error 1100, reqId -1: Connectivity lost" in levels


@pytest.mark.parametrize("level", [logging.INFO, logging.DEBUG])
async def test_after_a_listener_has_disconnected_the_rest_of_the_batch_is_not_handled(
    level: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(level, "ibdesk")
    heard: list[int] = []

    def on_error(reqId: int, code: int, text: str, contract: Contract | None) -> None:
        heard.append(code)
        ib.disconnect()

    async with connected() as (ib, server):
        ib.errorEvent += on_error
        server.send(Error(-1, 2104, "OK"), accounts.Position("DU1", AAPL, 5.0, 10.0), Error(-1, 2106, "OK"))
        await ib.disconnectedEvent
        await asyncio.sleep(0.1)
        assert heard == [2104]
        assert ib.positions() == []


@pytest.mark.parametrize("level", [logging.INFO, logging.DEBUG])
async def test_what_came_before_a_fault_in_the_stream_is_handled_and_told(
    level: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(level, "ibdesk")
    async with connected() as (ib, server):
        ticker, told = ib.reqMktData(AAPL), list[str]()
        (request,) = await server.wait_for(market_data.ReqMktData)
        ticker.updateEvent += lambda _: told.append(f"bid {ticker.bid}")
        ib.updateEvent += lambda: told.append("update")
        assert server._core is not None and server._writer is not None
        server._core.send(market_data.TickPrice(request.reqId, 1, 100.0, 5.0, 0))
        server._writer.write(server._core.data_to_send() + b"\xff\xff\xff\xff")
        await ib.disconnectedEvent
        assert told == ["update", "bid 100.0"]


async def test_the_reason_of_a_refusal_is_told_even_if_a_fault_follows() -> None:
    def refuse(_: Any) -> list[Any]:
        assert server._core is not None and server._writer is not None
        server._core.send(Error(-1, 326, "client id is in use"))
        server._writer.write(server._core.data_to_send() + b"\xff\xff\xff\xff")
        return []

    async with serving({connection.StartApi: refuse}) as server:
        with pytest.raises(ConnectionError, match="error 326: client id is in use"):
            await IB().connectAsync("127.0.0.1", server.port, clientId=1)


@pytest.mark.parametrize("phase", ["updateEvent", "a ticker's", "a message's"])
async def test_a_batch_within_another_one_takes_no_ticks_of_it(phase: str) -> None:
    """A listener waits in a nested run of the loop, as after util.startLoop(), and more ticks come meanwhile."""

    def tick(ticker: Ticker, price: float, kind: int = 1) -> market_data.TickPrice:
        (one,) = ib.client.subscriptions.about("mktData", ticker)
        return market_data.TickPrice(one.request.reqId, kind, price, 1.0)

    async with connected() as (ib, _):
        first, second, third = (ib.reqMktData(Stock(symbol, "SMART", "USD")) for symbol in "ABC")
        told: list[tuple[str, float]] = []
        pending: list[str] = []

        def note(ticker: Ticker) -> None:
            assert ticker.contract is not None
            told.extend((ticker.contract.symbol, one.price) for one in ticker.ticks)

        def within(*_: Any) -> None:
            ib.dispatcher.receive([tick(second, 12.0), tick(third, 13.0), tick(first, 11.0)])

        match phase:
            case "updateEvent":
                ib.updateEvent.once(within)
            case "a ticker's":
                first.updateEvent.once(within)
            case _:
                ib.errorEvent.once(within)
        for ticker in (first, second, third):
            ticker.updateEvent += note
        ib.pendingTickersEvent += lambda tickers: pending.append("".join(one.contract.symbol for one in tickers))
        ib.dispatcher.receive([tick(first, 1.0), tick(second, 2.0), Error(-1, 2104, "OK:usfarm"), tick(third, 3.0)])
        assert sorted(told) == [("A", 1.0), ("A", 11.0), ("B", 2.0), ("B", 12.0), ("C", 3.0), ("C", 13.0)]
        assert pending == ["BCA", "ABC"]
        told.clear()
        ib.dispatcher.receive([tick(third, 23.0)])
        assert told == [("C", 23.0)]
        assert first.ticks == second.ticks == []
        assert pending[2:] == ["C"]


async def test_a_program_that_is_interrupted_while_it_hears_of_ticks_hears_of_the_next_ones() -> None:
    def interrupt(*_: Any) -> None:
        raise KeyboardInterrupt

    async with connected() as (ib, _):
        ticker = ib.reqMktData(Stock("A", "SMART", "USD"))
        (one,) = ib.client.subscriptions.about("mktData", ticker)
        for event in (ib.updateEvent, ticker.updateEvent):
            event.once(interrupt)
            with pytest.raises(KeyboardInterrupt):
                ib.dispatcher.receive([market_data.TickPrice(one.request.reqId, 1, 1.0, 1.0)])
            ib.dispatcher.receive([market_data.TickPrice(one.request.reqId, 1, 2.0, 1.0)])
            assert [tick.price for tick in ticker.ticks] == [2.0]
