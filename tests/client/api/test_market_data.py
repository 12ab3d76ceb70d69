"""Quotes: which ticker they come to, who shares a subscription, and how it ends; beside ticks and books."""

import asyncio
import copy
import math
from typing import Any

import pytest
from client.asking import connected, sent, versions
from client.scripted import CLOSE

from ibdesk import CFD, Option, Stock
from ibdesk.model.quotes import OptionComputation
from ibdesk.wire.messages import depth, market_data, options

AAPL = Stock("AAPL", "SMART", "USD", conId=265598)
CALL = Option("AAPL", "20260619", 250.0, "C", "SMART", conId=494194134)


OVERNIGHT = Stock("AAPL", "OVERNIGHT", "USD", conId=265598)
NYSE = Stock("AAPL", "NYSE", "USD", conId=265598)


async def test_a_position_finds_the_ticker_of_its_contract() -> None:
    """Its contract names the exchange that lists the stock, where nothing was subscribed."""
    held = Stock("AAPL", "NASDAQ", "USD", conId=265598)
    async with connected() as (ib, server):
        ticker = ib.reqMktData(AAPL)
        assert ib.ticker(held) is ticker
        own = ib.reqMktData(held)
        assert own is not ticker
        assert ib.ticker(held) is own
        assert ib.ticker(OVERNIGHT) is None, "it could be either"
        assert ib.cancelMktData(held)
        assert not ib.cancelMktData(held), "the other one goes on"
        assert len(await server.wait_for(market_data.CancelMktData)) == 1


async def test_a_contract_that_is_used_again_for_another_exchange() -> None:
    async with connected() as (ib, server):
        contract = Stock("AAPL", "SMART", "USD", conId=265598)
        smart = ib.reqMktData(contract)
        assert smart.contract is contract
        contract.exchange = "OVERNIGHT"
        overnight = ib.reqMktData(contract)
        assert [smart.contract.exchange, overnight.contract.exchange] == ["SMART", "OVERNIGHT"]
        assert overnight.contract is contract and isinstance(smart.contract, Stock)
        assert [ib.ticker(AAPL), ib.ticker(OVERNIGHT)] == [smart, overnight]
        assert len(await server.wait_for(market_data.ReqMktData, 2)) == 2


@pytest.mark.parametrize("conIds", [(265598, 272093), (0, 0), (0, 272093)])
async def test_a_contract_that_is_used_again_for_another_instrument(conIds: tuple[int, int]) -> None:
    async with connected() as (ib, _):
        contract = Stock("AAPL", "SMART", "USD", conId=conIds[0])
        apple = ib.reqMktData(contract)
        contract.symbol, contract.conId = "MSFT", conIds[1]
        microsoft = ib.reqMktData(contract)
        assert apple is not microsoft
        assert [apple.contract.symbol, microsoft.contract.symbol] == ["AAPL", "MSFT"]


async def test_a_contract_that_is_qualified_later_is_the_same() -> None:
    async with connected() as (ib, _):
        contract = Option("AAPL", "202606", 250.0, "CALL", "SMART")
        ticker = ib.reqMktData(contract)
        contract.lastTradeDateOrContractMonth, contract.right = "20260619", "C"
        contract.conId, contract.localSymbol, contract.multiplier = 494194134, "AAPL  260619C00250000", "100"
        assert ib.reqMktData(contract) is ticker
        assert ib.ticker(CALL) is ticker
        contract.strike, contract.conId = 260.0, 0
        assert ib.reqMktData(contract) is not ticker


async def test_subscriptions_on_other_terms_are_their_own() -> None:
    async with connected() as (ib, server):
        ticker = ib.reqMktData(AAPL)
        assert ticker.genericTickList == ""
        assert ib.reqMktData(AAPL, "233,236") is ticker
        assert ticker.genericTickList == "233,236"
        ib.reqMarketDataType(3)
        assert ib.reqMktData(AAPL, "233,236") is ticker  # delayed data are asked for now
        assert ib.reqMktData(AAPL, snapshot=True) is not ticker
        requests = await server.wait_for(market_data.ReqMktData, 4)
        assert [ib.cancelMktData(AAPL) for _ in range(4)] == [True, True, True, False]
        cancels = await server.wait_for(market_data.CancelMktData, 3)
        assert [one.reqId for one in cancels] == [requests[place].reqId for place in (2, 1, 0)]


async def test_a_snapshot_that_never_ends_is_cancelled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ibdesk.client.api.market_data.WHOLE_SNAPSHOT", 0.05)
    answers: dict[type, Any] = {market_data.ReqMktData: lambda m: [market_data.TickPrice(m.reqId, 4, 10.0, 1.0)]}
    async with connected(answers) as (ib, server):
        (ticker,) = await ib.reqTickersAsync(AAPL)
        assert ticker.last == 10.0
        (cancel,) = await server.wait_for(market_data.CancelMktData)
        await sent(ib, server, market_data.TickPrice(cancel.reqId, 4, 11.0, 1.0))
        assert ticker.last == 10.0
        assert await ib.reqTickersAsync() == []


# --- other ticks ------------------------------------------------------------------------------------------------------


@versions
async def test_greeks_come_to_the_ticker(version: int) -> None:
    greeks = [10, 11, 12, 13]
    answers: dict[type, Any] = {
        market_data.ReqMktData: lambda m: [
            options.TickOptionComputation(m.reqId, kind, 0, delta=0.5, undPrice=float(kind)) for kind in greeks
        ]
    }
    async with connected(answers, version) as (ib, _):
        ticker = ib.reqMktData(CALL)
        await ticker.updateEvent
        found = [ticker.bidGreeks, ticker.askGreeks, ticker.lastGreeks, ticker.modelGreeks]
        assert found == [OptionComputation(0, delta=0.5, undPrice=float(kind)) for kind in greeks]
        assert ticker.delta == 0.5


async def test_odd_lots() -> None:
    async with connected(version=225) as (ib, server):
        ticker = ib.reqMktData(AAPL, "787")
        (request,) = await server.wait_for(market_data.ReqMktData)
        await sent(
            ib,
            server,
            market_data.TickPrice(request.reqId, 105, 9.5),
            market_data.TickPrice(request.reqId, 106, 9.75),
            market_data.TickSize(request.reqId, 107, 3.0),
            market_data.TickSize(request.reqId, 108, 4.0),
            market_data.TickString(request.reqId, 109, "ARCA"),
            market_data.TickString(request.reqId, 110, "NYSE"),
        )
        assert (ticker.oddLotBid, ticker.oddLotBidSize, ticker.oddLotBidExchange) == (9.5, 3.0, "ARCA")
        assert (ticker.oddLotAsk, ticker.oddLotAskSize, ticker.oddLotAskExchange) == (9.75, 4.0, "NYSE")
        assert ticker.extra == {}


@versions
async def test_a_reroute_is_logged_once(version: int, caplog: pytest.LogCaptureFixture) -> None:
    async with connected(version=version) as (ib, server):
        ib.reqMktData(CFD("IBM", conId=139684206))
        ib.reqMktDepth(CFD("SAP", conId=139684999))
        (quotes,) = await server.wait_for(market_data.ReqMktData)
        (book,) = await server.wait_for(depth.ReqMktDepth)
        for _ in range(2):
            await sent(
                ib,
                server,
                depth.RerouteMktDataReq(quotes.reqId, 8314, "NYSE"),
                depth.RerouteMktDepthReq(book.reqId, 14204, "IBIS"),
                depth.RerouteMktDataReq(99, 1, "NYSE"),
            )
        told = [record.getMessage() for record in caplog.records if "CFD" in record.getMessage()]
        assert told == [
            "CFD(conId=139684206, symbol='IBM') is a CFD without data of its own: ask for conId 8314 at NYSE instead",
            "CFD(conId=139684999, symbol='SAP') is a CFD without data of its own: ask for conId 14204 at IBIS instead",
        ]


async def test_pain_22_a_ticker_knows_its_age() -> None:
    """Stale data are not noticed."""
    async with connected() as (ib, server):
        ticker = ib.reqMktData(AAPL)
        assert (ticker.age, ticker.isStale(1e9)) == (math.inf, True)
        (request,) = await server.wait_for(market_data.ReqMktData)
        await sent(ib, server, market_data.TickPrice(request.reqId, 1, 10.0, 1.0))
        assert (ticker.age, ticker.isStale(0)) == (0.0, False)
        await asyncio.sleep(5)
        assert ticker.age == pytest.approx(5)
        assert [ticker.isStale(limit) for limit in (4.9, 5.1)] == [True, False]
        assert math.isnan(copy.copy(ticker).age)
        assert copy.copy(ticker).isStale(1e9)
        with pytest.raises(AttributeError):
            ticker.age = 0.0
        server.send(CLOSE)
        await ib.disconnectedEvent
        await asyncio.sleep(3600)
        assert ticker.age == pytest.approx(3605)


async def test_another_connection_begins_with_live_data() -> None:
    async with connected() as (ib, server):
        ib.reqMarketDataType(3)
        ticker = ib.reqMktData(AAPL)
        await server.wait_for(market_data.ReqMktData)
        server.send(CLOSE)
        await ib.disconnectedEvent
        await ib.connectAsync("127.0.0.1", server.port, clientId=1)
        assert ib.reqMktData(AAPL) is ticker
        ib.reqMarketDataType(1)
        assert ib.reqMktData(AAPL) is ticker
        await ib.reqExecutionsAsync()
        assert len(server.of(market_data.ReqMktData)) == 2, "the second and the third have equal terms"
