"""FastAPI and Streamlit show what the API gives: without encoders or conversions of the user's own."""

import asyncio
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from end_to_end.gateways import paper_on_a_free_port
from fastapi import FastAPI

from ibdesk import IB, BarData, MarketOrder, Order, Stock, Ticker, Trade, util

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with paper_on_a_free_port("2026-04-15T10:00:00-04:00") as found:
        yield found


async def test_fastapi(port: int) -> None:
    ib = await IB().connectAsync("127.0.0.1", port, clientId=1)
    (apple,) = await ib.qualifyContractsAsync(Stock("AAPL", "SMART", "USD"))
    ticker = ib.reqMktData(apple)
    trade = ib.placeOrder(apple, MarketOrder("BUY", 1))
    async with asyncio.timeout(20):
        while not (trade.isDone() and ticker.hasBidAsk() and ib.portfolio()):
            await ib.updateEvent
    bars = await ib.reqHistoricalDataAsync(apple, "", "1 D", "1 hour", "TRADES", True)
    tickers, portfolio = ib.tickers(), ib.portfolio()
    ib.disconnect()  # so that nothing changes any more
    app = FastAPI()

    # What the annotation names goes out as plain values; so does what is made plain by hand.
    @app.get("/ticker")
    async def get_ticker() -> Ticker:
        return ticker

    @app.get("/tickers")
    async def get_tickers() -> list[Ticker]:
        return tickers

    @app.get("/trades")
    async def get_trades() -> list[Trade]:
        return ib.trades()

    @app.get("/order")
    async def get_order() -> Order:
        return trade.order

    @app.get("/bars")
    async def get_bars() -> list[BarData]:
        return bars

    @app.get("/ticker by hand")
    async def get_ticker_by_hand() -> Any:
        return ticker.dict(plain=True)

    @app.get("/portfolio")
    async def get_portfolio() -> Any:
        return util.plain(portfolio)

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:

        async def shown(path: str) -> Any:
            answer = await client.get(path)
            assert answer.status_code == 200
            return answer.json()

        assert (await shown("/openapi.json"))["info"], "the page that tells of the application"
        one = await shown("/ticker")
        assert (one["contract"]["symbol"], one["bid"], one["impliedVolatility"]) == ("AAPL", ticker.bid, None)
        assert await shown("/tickers") == [one] == [await shown("/ticker by hand")]
        (placed,) = await shown("/trades")
        assert placed["fills"][0]["execution"]["shares"] == 1.0
        assert placed["orderStatus"]["status"] == "Filled"
        assert (await shown("/order"))["auxPrice"] == placed["order"]["auxPrice"]
        assert [bar["close"] for bar in await shown("/bars")] == [bar.close for bar in bars]
        (item,) = await shown("/portfolio")
        assert (item["contract"]["symbol"], item["position"]) == ("AAPL", 1.0)


STREAMLIT = """
import streamlit as st
from ibdesk import IB, MarketOrder, Stock, util

@st.cache_resource
def connection():
    ib = IB(thread=True)
    ib.connect("127.0.0.1", PORT, clientId=2)
    (apple,) = ib.qualifyContracts(Stock("MSFT", "SMART", "USD"))
    ib.reqMktData(apple)
    trade = ib.placeOrder(apple, MarketOrder("BUY", 1))
    while not trade.isDone() or not ib.portfolio():
        ib.waitOnUpdate(1)
    return ib

ib = connection()
for rows in (ib.portfolio(), ib.positions(), ib.tickers(), ib.trades(), ib.fills(), ib.orders(), ib.accountValues()):
    st.dataframe(util.df(rows, plain=True))
"""


def test_streamlit(port: int) -> None:
    program = textwrap.dedent(f"""
        from streamlit.testing.v1 import AppTest

        app = AppTest.from_string({STREAMLIT.replace("PORT", str(port))!r}, default_timeout=60)
        for refresh in range(2):
            app.run()
            assert not app.exception, app.exception
        for table in app.dataframe[:6]:
            print(*table.value.columns[table.value.columns.isin(["symbol", "secType"])], len(table.value) > 0)
        import os, sys
        sys.stdout.flush()
        os._exit(0)
    """)
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120)
    assert "Traceback" not in result.stderr and "Arrow" not in result.stderr, result.stderr
    assert result.stdout.splitlines() == ["secType symbol True"] * 5 + ["True"]
