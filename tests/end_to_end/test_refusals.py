"""What the gateway refuses ends in the documented error, and nothing else is touched by it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from client.asking import until

from ibdesk import IB, Contract, Forex, LimitOrder, MarketOrder, Order, RequestError, Stock, Trade
from ibdesk.paper import PaperGateway

START = "2026-11-20T10:30:00-05:00"


@asynccontextmanager
async def trading(**kwargs: Any) -> AsyncIterator[tuple[PaperGateway, IB, Contract]]:
    """A gateway, a client on it, and AAPL."""
    async with PaperGateway(port=0, seed=3, start_time=START, **kwargs) as gateway:
        with IB() as ib:
            await ib.connectAsync("127.0.0.1", gateway.port, clientId=3)
            contract = Stock("AAPL", "SMART", "USD")
            await ib.qualifyContractsAsync(contract)
            yield gateway, ib, contract


async def refused(ib: IB, contract: Contract, order: Order) -> tuple[Trade, int, str]:
    """Place an order that is refused; the trade and the error that names it."""
    errors: list[tuple[int, int, str]] = []
    ib.errorEvent += lambda reqId, code, text, _: errors.append((reqId, code, text))
    trade = ib.placeOrder(contract, order)
    await until(ib, trade.isDone)
    await until(ib, lambda: any(reqId == order.orderId for reqId, _, _ in errors))
    _, code, text = next(error for error in errors if error[0] == order.orderId)
    return trade, code, text


@pytest.mark.parametrize(
    ("order", "code", "words"),
    [
        (MarketOrder("BUY", 1_000_000), 201, "Order rejected - reason:"),
        (LimitOrder("BUY", 100, 123.4567), 110, "The price does not conform to the minimum price variation"),
        (Order(action="BUY", totalQuantity=100, orderType="NONSENSE"), 321, "Invalid order type was entered"),
        (LimitOrder("BUY", 0, 100.0), 434, "The order size cannot be zero"),
    ],
)
async def test_a_refused_order_ends_with_its_reason(order: Order, code: int, words: str) -> None:
    async with trading() as (_, ib, contract):
        trade, got, text = await refused(ib, contract, order)
        assert got == code
        assert words.lower() in text.lower()
        assert trade.orderStatus.status == "Inactive"
        assert trade.rejection is not None
        assert (trade.rejection.code, trade.rejection.text) == (code, text)
        assert trade.filled() == 0
        assert ib.openTrades() == []


async def test_an_order_for_an_unknown_contract_is_refused() -> None:
    async with trading() as (_, ib, _contract):
        trade, code, text = await refused(ib, Stock("NOSUCHSTOCK", "SMART", "USD"), MarketOrder("BUY", 1))
        assert (code, text) == (200, "No security definition has been found for the request")
        assert trade.isDone()


async def test_unknown_contracts_and_wrong_requests() -> None:
    async with trading() as (_, ib, contract):
        ib.RaiseRequestErrors = True

        async def code_of(duration: str, what: str, one: Contract = contract) -> int:
            with pytest.raises(RequestError) as caught:
                await ib.reqHistoricalDataAsync(one, "", duration, "5 mins", what, True)
            return caught.value.code

        assert await code_of("1D", "TRADES") == 321
        assert await code_of("1 D", "NONSENSE") == 321
        assert await code_of("1 D", "TRADES", Forex("EURUSD")) == 162
        assert await code_of("1 D", "TRADES", Stock("NOSUCHSTOCK", "SMART", "USD")) == 200
        with pytest.raises(RequestError, match="No security definition"):
            await ib.reqTickersAsync(Stock("NOSUCHSTOCK", "SMART", "USD"))


async def test_cancelling_what_cannot_be_cancelled() -> None:
    async with trading() as (_, ib, contract):
        errors: list[int] = []
        ib.errorEvent += lambda _reqId, code, *_: errors.append(code)
        assert ib.cancelOrder(Order(orderId=4711, clientId=3)) is None
        await until(ib, lambda: 10147 in errors)
        done = ib.placeOrder(contract, MarketOrder("BUY", 10))
        await until(ib, done.isDone)
        ib.cancelOrder(done.order)
        await until(ib, lambda: 10148 in errors or 161 in errors)
        assert done.orderStatus.status == "Filled"


async def test_a_client_id_that_is_in_use() -> None:
    async with trading() as (gateway, ib, contract):
        with pytest.raises(ConnectionError, match=r"326.*client id is already in use"):
            await IB().connectAsync("127.0.0.1", gateway.port, clientId=3)
        assert ib.isConnected()
        assert await ib.reqContractDetailsAsync(contract)


@pytest.mark.parametrize(
    "garbage",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"API\0\x00\x00\x00\x04v1..",
        b"API\0\x00\x00\x00\x09v100..120",
        b"API\0\xff\xff\xff\xff",
        b"API\0\x00\x00\x00\x09v100..178\xff\xff\xff\xff",
    ],
)
async def test_garbage_ends_its_own_connection_and_no_other(garbage: bytes) -> None:
    async with trading() as (gateway, ib, contract):
        reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
        writer.write(garbage)
        async with asyncio.timeout(10):
            await reader.read()
        writer.close()
        assert await ib.reqContractDetailsAsync(contract)


async def test_the_end_of_the_gateway_is_told() -> None:
    async with trading() as (gateway, ib, _):
        lost = asyncio.Event()
        ib.disconnectedEvent += lost.set
        await gateway.stop()
        async with asyncio.timeout(10):
            await lost.wait()
        assert not ib.isConnected()
        with pytest.raises(ConnectionError, match="Not connected"):
            await ib.reqPositionsAsync()
