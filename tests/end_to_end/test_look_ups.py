"""What real clients look up on the gateway: option chains, calculations, reference data and books."""

import asyncio
import json
import os
import sys
from pathlib import Path

import pytest
from fetch_oracles import oracle_path

from ibdesk import IB, Forex, Future, Option, RequestError, Stock
from ibdesk.paper import PaperGateway

PROGRAM = Path(__file__).parent / "programs" / "ib_async_looks_up.py"
START = "2024-03-01T10:00:00-05:00"

pytestmark = pytest.mark.slow


async def test_ib_async_finds_its_chain_and_sees_its_book() -> None:
    async with PaperGateway(port=0, start_time=START) as gateway:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-W", "ignore", str(PROGRAM), str(gateway.port)),
            env={**os.environ, "PYTHONPATH": str(oracle_path("ib_async", "2.1.0"))},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            async with asyncio.timeout(60):
                out, err = await process.communicate()
        except TimeoutError:
            process.kill()
            out, err = await process.communicate()
            pytest.fail(f"it did not end: {out.decode()}{err.decode()}")
    assert process.returncode == 0, err.decode()
    result = json.loads(out.decode().splitlines()[-1])
    assert result["serverVersion"] == 178
    trading_class, multiplier, expirations, strikes = result["chain"]
    assert (trading_class, multiplier) == ("SPY", "100")
    assert expirations > 20 and strikes > 200
    assert len(result["qualified"]) == 10 and len(set(result["qualified"])) == 10
    assert result["strikesOfDetails"]
    price, volatility = result["calculated"]
    assert price > 0
    assert volatility == pytest.approx(0.25, abs=1e-4)
    assert result["symbols"][0] == ["AAPL", ["OPT"]]
    assert result["rules"] == [[0.0, 0.005]]
    assert result["exchanges"] == [["IDEALPRO", 4]]
    assert result["components"] == ["AMEX", "BEX"]
    assert len(result["makers"]) > 3
    agree = [look for look in result["looks"] if look[:2] == look[2:]]
    assert len(agree) > 4, result["looks"]  # a look may fall between the quote and the book
    # It takes an insert for an update, so a book in which rows move gets out of order: ours is looked at below.
    assert any(bids != sorted(bids, reverse=True) for bids in result["bids"]), result["bids"]


@pytest.fixture(params=[178, 225])
async def ib(request: pytest.FixtureRequest):  # type: ignore[no-untyped-def]
    async with PaperGateway(port=0, start_time=START, max_version=request.param) as gateway:
        ib = IB()
        await ib.connectAsync("127.0.0.1", gateway.port, clientId=1)
        ib.RaiseRequestErrors = True
        try:
            yield ib
        finally:
            ib.disconnect()


async def test_chains(ib: IB) -> None:
    spy = Stock("SPY", "SMART", "USD")
    await ib.qualifyContractsAsync(spy)
    chains = await ib.reqSecDefOptParamsAsync(spy.symbol, "", spy.secType, spy.conId)
    smart = next(chain for chain in chains if chain.exchange == "SMART")
    assert "20240315" in smart.expirations
    assert {430.0, 435.0, 450.0, 460.0, 465.0, 470.0} <= set(smart.strikes)
    details = await ib.reqContractDetailsAsync(Option("SPY", "20240315", exchange="SMART"))
    assert sorted({each.contract.strike for each in details if each.contract}) == smart.strikes
    call = Option("SPY", "20240315", 450, "C", "SMART")
    (found,) = await ib.qualifyContractsAsync(call)
    assert found is call and call.localSymbol == "SPY   240315C00450000"
    priced = await ib.calculateOptionPriceAsync(call, 0.2, 450.0)
    assert priced is not None and priced.optPrice is not None
    back = await ib.calculateImpliedVolatilityAsync(call, priced.optPrice, 450.0)
    assert back is not None
    assert back.impliedVol == pytest.approx(0.2, abs=1e-6)
    with pytest.raises(RequestError) as caught:
        await ib.calculateOptionPriceAsync(spy, 0.2, 450.0)
    assert caught.value.code == 321


async def test_reference_data(ib: IB) -> None:
    found = await ib.reqMatchingSymbolsAsync("apple")
    assert found[0].contract is not None and found[0].contract.conId == 265598
    (pair,) = await ib.reqContractDetailsAsync(Forex("EURUSD"))
    (step,) = await ib.reqMarketRuleAsync(int(pair.marketRuleIds)) or []
    assert (step.lowEdge, step.increment) == (0.0, 5e-05)
    assert [each.exchangeLetter for each in await ib.reqSmartComponentsAsync("9c0001")][:3] == ["A", "B", "C"]
    assert {each.exchange for each in await ib.reqMktDepthExchangesAsync()} > {"IDEALPRO", "ARCA", "CME"}


async def test_futures_of_the_next_year(ib: IB) -> None:
    places = {"MNQ": "CME", "ES": "CME", "NQ": "CME", "MES": "CME", "CL": "NYMEX", "GC": "COMEX"}
    futures = [Future(symbol, "202506", exchange) for symbol, exchange in places.items()]
    await ib.qualifyContractsAsync(*futures)
    assert [future.localSymbol for future in futures] == [f"{symbol}M5" for symbol in places]


@pytest.mark.parametrize("smart", [True, False])
async def test_a_book_follows_the_quote(ib: IB, smart: bool) -> None:
    spy = Stock("SPY", "SMART", "USD")
    await ib.qualifyContractsAsync(spy)
    ticker = ib.reqMktDepth(spy, 20, smart)
    ib.reqMktData(spy)
    agreed = 0
    async with asyncio.timeout(30):
        while agreed < 10:
            await ticker.updateEvent
            sides = (ticker.domBids, ticker.bid, ticker.bidSize), (ticker.domAsks, ticker.ask, ticker.askSize)
            # Quotes and rows come in turns, so most updates show both of the same moment.
            agreed += all(
                rows and sum(row.size for row in rows if row.price == rows[0].price) == size and rows[0].price == price
                for rows, price, size in sides
            )
            bids, asks = ([row.price for row in rows] for rows in (ticker.domBids, ticker.domAsks))
            assert bids == sorted(bids, reverse=True) and asks == sorted(asks)
            assert len(bids) <= 20 and len(asks) <= 20
    assert bool(ticker.domBids[0].marketMaker) == smart
    ib.cancelMktDepth(spy, smart)
    assert ticker.domBids == ticker.domAsks == []
