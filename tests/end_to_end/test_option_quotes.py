"""Quotes of options with greeks, and headlines among quotes, as programs of ibdesk and of ib_async get them."""

import datetime as dt
from collections.abc import AsyncIterator
from typing import Any, NamedTuple

import pytest
from oracles import ib_async

import ibdesk
from ibdesk.paper import PaperGateway
from ibdesk.paper.clock import NEW_YORK, HandClock

HALF_PAST_TEN = dt.datetime(2026, 11, 20, 10, 30, tzinfo=NEW_YORK)
SIDES = [pytest.param((ibdesk, 178), id="178"), pytest.param((ibdesk, 225), id="225")]
SIDES.append(pytest.param((ib_async(), 178), id="ib_async"))
GREEKS = ("bidGreeks", "askGreeks", "lastGreeks", "modelGreeks")


class Program(NamedTuple):
    """A client of either library, on a gateway whose clock is moved by hand."""

    lib: Any
    ib: Any
    gateway: PaperGateway
    clock: HandClock

    def wait(self, seconds: float) -> None:
        """Lets so much of the gateway's time go by."""
        self.clock.advance(seconds)
        self.gateway.advance()

    async def heard(self) -> None:
        """Returns when everything that the gateway has sent is there."""
        await self.ib.reqExecutionsAsync()

    async def puts_and_calls(self, count: int) -> list[Any]:
        """Options on SPX around its level, looked up as the notebook on option chains does."""
        spx = self.lib.Index("SPX", "CBOE")
        await self.ib.qualifyContractsAsync(spx)
        [ticker] = await self.ib.reqTickersAsync(spx)
        chains = await self.ib.reqSecDefOptParamsAsync("SPX", "", "IND", spx.conId)
        chain = next(each for each in chains if each.tradingClass == "SPX" and each.exchange == "SMART")
        level = ticker.marketPrice()
        strikes = sorted(chain.strikes, key=lambda strike: abs(strike - level))[: count // 2]
        expiration = sorted(chain.expirations)[1]
        options = [
            self.lib.Option("SPX", expiration, strike, right, "SMART", tradingClass="SPX")
            for strike in strikes
            for right in "PC"
        ]
        return list(await self.ib.qualifyContractsAsync(*options))


@pytest.fixture(params=SIDES)
async def program(request: pytest.FixtureRequest) -> AsyncIterator[Program]:
    lib, version = request.param
    clock = HandClock(HALF_PAST_TEN)
    async with PaperGateway(port=0, seed=3, clock=clock, max_version=version) as gateway:
        ib = lib.IB()
        await ib.connectAsync("127.0.0.1", gateway.port, clientId=3)
        yield Program(lib, ib, gateway, clock)
        ib.disconnect()


@pytest.mark.parametrize("kind", [1, 4])
async def test_snapshots_of_a_chain_have_greeks(program: Program, kind: int) -> None:
    options = await program.puts_and_calls(10)
    program.ib.reqMarketDataType(kind)
    tickers = await program.ib.reqTickersAsync(*options)
    assert len(tickers) == 10
    for ticker in tickers:
        bid, ask, last, model = (getattr(ticker, name) for name in GREEKS)
        assert (bid.optPrice, ask.optPrice, last.optPrice) == (ticker.bid, ticker.ask, ticker.last)
        assert bid.impliedVol < model.impliedVol < ask.impliedVol
        assert (model.delta > 0) == (ticker.contract.right == "C")
        assert min(model.gamma, model.vega, -model.theta) > 0
    assert len({ticker.modelGreeks.undPrice for ticker in tickers}) == 1


async def test_greeks_stream_and_agree_with_calculations(program: Program) -> None:
    [put, _] = await program.puts_and_calls(2)
    ticker = program.ib.reqMktData(put)
    await program.heard()
    before = [getattr(ticker, name) for name in GREEKS]
    program.wait(60)
    await program.heard()
    assert all(getattr(ticker, name) != old for name, old in zip(GREEKS, before, strict=True))
    model, bid = ticker.modelGreeks, ticker.bidGreeks
    priced = await program.ib.calculateOptionPriceAsync(put, model.impliedVol, model.undPrice)
    assert (priced.optPrice, priced.delta) == (model.optPrice, model.delta)
    implied = await program.ib.calculateImpliedVolatilityAsync(put, bid.optPrice, bid.undPrice)
    assert (implied.impliedVol, implied.vega) == (bid.impliedVol, bid.vega)


async def test_headlines_come_among_the_quotes(program: Program) -> None:
    apple = program.lib.Stock("AAPL", "SMART", "USD")
    await program.ib.qualifyContractsAsync(apple)
    program.ib.reqMktData(apple, "mdoff,292")
    await program.heard()
    [opening] = program.ib.newsTicks()
    assert opening.providerCode == "BRFG"
    assert "opens at" in opening.headline
    program.wait(6 * 3600)
    await program.heard()
    closing = program.ib.newsTicks()[-1]
    assert "closes at" in closing.headline
    article = await program.ib.reqNewsArticleAsync(closing.providerCode, closing.articleId)
    assert closing.headline in article.articleText
