"""A program with a wrapper of its own trades on the paper gateway: on ibdesk, old and new, as on ib_async."""

import asyncio
from typing import Any

import pytest
from oracles import ib_async

import ibdesk
from ibdesk import EWrapper
from ibdesk.paper import PaperGateway
from ibdesk.paper.clock import HandClock, start_from
from ibdesk.runtime.loops import get_loop

START = start_from("2026-04-15T10:00", None)
NOT_OVERRIDDEN = {"connectAck", "nextValidId", "managedAccounts", "marketDataType", "tickSize", "tickReqParams"}
"""Callbacks that come too."""


class Program(EWrapper):
    """Looks a share up, asks for its bars and quotes, buys some at the market, and ends when it has paid."""

    def __init__(self, lib: Any) -> None:
        self.lib = lib
        self.heard: set[str] = set()
        self.client = lib.Client(self)
        self.bars: list[Any] = []
        self.quotes: dict[int, float] = {}
        self.statuses: list[tuple[str, float]] = []
        self.fills: list[Any] = []
        self.over = asyncio.Event()

    def __getattribute__(self, name: str) -> Any:
        if name in NOT_OVERRIDDEN:
            self.heard.add(name)
        return super().__getattribute__(name)

    def begin(self) -> None:
        self.client.reqContractDetails(self.client.getReqId(), self.lib.Stock("AAPL", "SMART", "USD"))

    def contractDetails(self, reqId: int, contractDetails: Any) -> None:
        self.contract = contractDetails.contract

    def contractDetailsEnd(self, reqId: int) -> None:
        self.client.reqHistoricalData(
            self.client.getReqId(), self.contract, "", "2 D", "1 hour", "TRADES", True, 1, False, []
        )

    def historicalData(self, reqId: int, bar: Any) -> None:
        self.bars.append(bar)

    def historicalDataEnd(self, reqId: int, start: str, end: str) -> None:
        self.client.reqMktData(self.client.getReqId(), self.contract, "", False, False, [])

    def priceSizeTick(self, reqId: int, tickType: int, price: float, size: float) -> None:
        known = len(self.quotes)
        self.quotes[tickType] = price
        if known < len(self.quotes) == 2:
            self.orderId = self.client.getReqId()
            self.client.placeOrder(self.orderId, self.contract, self.lib.MarketOrder("BUY", 10))

    def openOrder(self, orderId: int, contract: Any, order: Any, orderState: Any) -> None:
        assert (orderId, order.totalQuantity) == (self.orderId, 10)

    def orderStatus(self, orderId: int, status: str, filled: float, *rest: Any) -> None:
        self.statuses.append((status, filled))

    def execDetails(self, reqId: int, contract: Any, execution: Any) -> None:
        self.fills.append((contract.conId, execution.shares, execution.orderId, execution.time.tzinfo is not None))

    def commissionReport(self, commissionReport: Any) -> None:
        if commissionReport.commission > 0:
            self.over.set()
            self.client.disconnect()

    # What ib_async's client asks of every wrapper, beside the callbacks.
    ib = None
    defaultTimezone = START.tzinfo

    def setEventsDone(self) -> None: ...


def check(program: Program) -> None:
    assert program.contract.conId == 265598
    assert len(program.bars) == 8
    assert all(bar.low <= bar.open <= bar.high and isinstance(bar.date, str) for bar in program.bars)
    assert program.statuses[-1] == ("Filled", 10.0)
    assert program.fills == [(265598, 10.0, program.orderId, True)]
    assert program.heard == NOT_OVERRIDDEN


@pytest.mark.parametrize(("name", "version"), [("ibdesk", 178), ("ibdesk", 225), ("ib_async", 225)])
async def test_a_program_with_a_wrapper(name: str, version: int) -> None:
    program = Program(ibdesk if name == "ibdesk" else ib_async())
    async with PaperGateway(port=0, clock=HandClock(START), max_version=version) as gateway:
        await program.client.connectAsync("127.0.0.1", gateway.port, 1)
        assert program.client.serverVersion() == (version if name == "ibdesk" else 178)
        program.begin()
        async with asyncio.timeout(20):
            await program.over.wait()
    check(program)


def script(port: int) -> Program:
    program = Program(ibdesk)
    program.client.connect("127.0.0.1", port, 1)
    program.begin()
    program.over.set = get_loop().stop  # type: ignore[method-assign]
    program.client.run()
    get_loop().run_until_complete(asyncio.sleep(0))  # the socket closes
    get_loop().close()
    return program


@pytest.mark.parametrize("version", [178, 225])
async def test_a_script_with_a_wrapper(version: int) -> None:
    async with PaperGateway(port=0, clock=HandClock(START), max_version=version) as gateway:
        async with asyncio.timeout(20):
            check(await asyncio.to_thread(script, gateway.port))
