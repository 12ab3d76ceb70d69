"""A session of the paper gateway is recorded in simulated time, and a second gateway quotes and fills from its tape."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from ibdesk import IB, MarketOrder, Stock, Ticker
from ibdesk.paper import PaperGateway
from ibdesk.paper.market.tape_prices import tape_prices
from ibdesk.runtime.simulated_process import simulated_process

START = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
STOCK = Stock("AAPL", "SMART", "USD")
Told = list[tuple[datetime, int, float, float]]


async def ticks_of(ib: IB, seconds: float) -> Told:
    """All prices of bid, ask and last trade that a subscription is told, and when."""
    told: Told = []

    def note(ticker: Ticker) -> None:
        told.extend(
            (each.time, each.tickType, each.price, each.size) for each in ticker.ticks if each.tickType in (1, 2, 4)
        )

    [stock] = await ib.qualifyContractsAsync(STOCK)
    assert stock is not None
    ticker = ib.reqMktData(stock)
    ticker.updateEvent += note
    await asyncio.sleep(seconds)
    return told


async def record(path: Path) -> Told:
    """Record two minutes of quotes."""
    async with PaperGateway(port=0, seed=3, start_time=START) as gateway:
        ib = IB()
        with ib.record(path):
            await ib.connectAsync("127.0.0.1", gateway.port, clientId=7)
            told = await ticks_of(ib, 120)
            ib.disconnect()
    return told


async def live_on(tape: Path, start: datetime) -> tuple[Told, Any]:
    """Live through the recorded minutes, and buy after one of them."""
    async with PaperGateway(port=0, seed=4, start_time=start, data=tape, only_data=True) as gateway:
        ib = IB()
        await ib.connectAsync("127.0.0.1", gateway.port, clientId=7)
        buying = asyncio.ensure_future(buy(ib))
        told = await ticks_of(ib, 120)
        trade = await buying
        ib.disconnect()
    return told, trade


async def buy(ib: IB) -> Any:
    await asyncio.sleep(60)
    trade = ib.placeOrder(STOCK, MarketOrder("BUY", 10))
    while not trade.isDone():
        await trade.statusEvent
    return trade


def test_a_tape_is_quoted_again_and_orders_are_filled_at_its_quotes(tmp_path: Path) -> None:
    with simulated_process(START) as new_loop, asyncio.Runner(loop_factory=new_loop) as runner:
        recorded = runner.run(record(tmp_path / "day.tape"))
    start = tape_prices(tmp_path / "day.tape").opening - timedelta(seconds=1)
    with simulated_process(start) as new_loop, asyncio.Runner(loop_factory=new_loop) as runner:
        told, trade = runner.run(live_on(tmp_path / "day.tape", start))
    assert len(recorded) > 100
    # Before the tape begins nobody quotes. From then on everything is told again, at the same moments.
    assert [each[1:] for each in told[:2]] == [(1, -1, 0), (2, -1, 0)]
    assert told[2:] == recorded[: len(told) - 2]
    assert len(told) > 0.95 * len(recorded)
    assert trade.orderStatus.status == "Filled"
    [fill] = trade.fills
    quote = next(price for time, kind, price, _ in reversed(recorded) if kind == 2 and time <= fill.execution.time)
    assert fill.execution.price == quote
