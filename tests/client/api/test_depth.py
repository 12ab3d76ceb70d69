"""Market depth: books that are filled, reset, halted, and the exchanges that have one."""

from typing import Any

from client.asking import Case, End, connected, each, sent, versions

from ibdesk import Stock
from ibdesk.model.quotes import DOMLevel
from ibdesk.model.reference import DepthMktDataDescription
from ibdesk.wire.messages import depth
from ibdesk.wire.messages.connection import Error

AAPL = Stock("AAPL", "SMART", "USD", conId=265598)


EXCHANGE = DepthMktDataDescription("ARCA", "STK", "NYSE", "Deep2", 1)


CASES = [
    Case(
        lambda ib: ib.reqMktDepthExchangesAsync(),
        depth.ReqMktDepthExchanges,
        lambda _: [depth.MktDepthExchanges([EXCHANGE])],
        [EXCHANGE],
        [],
        can_be_refused=False,
    ),
]


def row(reqId: int, operation: int, position: int, side: int, price: float) -> depth.UpdateMktDepth:
    return depth.UpdateMktDepth(reqId, depth.MarketDepthData(position, operation, side, price, 5.0))


@each(CASES)
async def test_each_request_ends(end: End, case: Case, version: int) -> None:
    await end(case, version)


@versions
async def test_market_depth(version: int) -> None:
    async with connected(version=version) as (ib, server):
        ticker = ib.reqMktDepth(AAPL, 3, isSmartDepth=True)
        (request,) = await server.wait_for(depth.ReqMktDepth)
        assert (request.numRows, request.isSmartDepth, request.contract.conId) == (3, True, AAPL.conId)
        seen: list[Any] = []
        ticker.updateEvent += lambda ticker: seen.extend(ticker.domTicks)
        smart = depth.MarketDepthData(0, 0, 1, 9.5, 7.0, "ARCA", True)
        await sent(
            ib,
            server,
            depth.UpdateMktDepthL2(request.reqId, smart),
            row(request.reqId, 0, 0, 1, 9.75),
            row(request.reqId, 0, 0, 0, 10.0),
        )
        assert ticker.domBids == [DOMLevel(9.75, 5.0, ""), DOMLevel(9.5, 7.0, "ARCA")]
        assert ticker.domAsks == [DOMLevel(10.0, 5.0, "")]
        assert len(seen) == 3
        ib.cancelMktDepth(AAPL)
        (cancel,) = await server.wait_for(depth.CancelMktDepth)
        assert (cancel.reqId, cancel.isSmartDepth) == (request.reqId, True)
        assert (ticker.domBids, ticker.domAsks, ticker.domBidsDict, ticker.domAsksDict) == ([], [], {}, {})
        await sent(ib, server, row(request.reqId, 0, 0, 0, 10.0))
        assert ticker.domAsks == []


async def test_a_book_that_is_reset_goes_on() -> None:
    """Code 317. The updateEvent tells it, and comes after the errorEvent."""
    async with connected() as (ib, server):
        ticker = ib.reqMktDepth(AAPL)
        (request,) = await server.wait_for(depth.ReqMktDepth)
        await sent(ib, server, row(request.reqId, 0, 0, 1, 9.75))
        seen: list[Any] = []
        ib.errorEvent += lambda *args: seen.append((args[1], list(ticker.domBids)))
        ticker.updateEvent += lambda ticker: seen.append([tick.operation for tick in ticker.domTicks])
        await sent(ib, server, Error(request.reqId, 317, "Market depth data has been RESET."))
        assert seen == [(317, []), [2]]
        await sent(ib, server, row(request.reqId, 0, 0, 1, 9.5))
        assert ticker.domBids == [DOMLevel(9.5, 5.0, "")]


async def test_a_book_that_is_halted_is_empty_and_can_be_asked_for_again() -> None:
    async with connected() as (ib, server):
        ticker = ib.reqMktDepth(AAPL)
        (request,) = await server.wait_for(depth.ReqMktDepth)
        await sent(ib, server, row(request.reqId, 0, 0, 1, 9.75), Error(request.reqId, 316, "HALTED"))
        assert ticker.domBids == []
        assert ib.reqMktDepth(AAPL) is ticker
        await server.wait_for(depth.ReqMktDepth, 2)


async def test_a_ticker_has_one_book() -> None:
    async with connected() as (ib, server):
        ticker = ib.reqMktDepth(AAPL, 5)
        assert ib.reqMktDepth(AAPL, 5) is ticker
        (first,) = await server.wait_for(depth.ReqMktDepth)
        await sent(ib, server, row(first.reqId, 0, 0, 1, 9.75))
        assert ib.reqMktDepth(AAPL, 10, isSmartDepth=True) is ticker
        _, second = await server.wait_for(depth.ReqMktDepth, 2)
        (cancel,) = server.of(depth.CancelMktDepth)
        assert (cancel.reqId, cancel.isSmartDepth, ticker.domBids) == (first.reqId, False, [])
        await sent(ib, server, row(first.reqId, 0, 0, 1, 1.0), row(second.reqId, 0, 0, 1, 9.5))
        assert ticker.domBids == [DOMLevel(9.5, 5.0, "")]
