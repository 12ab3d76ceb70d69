"""IB's algos in a simulated day, through both clients."""

from datetime import timedelta
from typing import Any

import pytest
from oracles import ib_async

import ibdesk
from ibdesk.simulation import simulation

TERMS = [("startTime", "10:10:00 US/Eastern"), ("endTime", "10:30:00 US/Eastern"), ("allowPastEndTime", "1")]


async def _half_an_hour(lib: Any) -> tuple[list[Any], Any]:
    """A Twap from 10:10 to 10:30 on a gateway at 10:00: status and filled by the minute, and the order as shown."""
    async with simulation("2026-11-02T10:00", seed=3) as world:
        ib = lib.IB()
        await ib.connectAsync(port=world.port, clientId=1)
        (apple,) = await ib.qualifyContractsAsync(lib.Stock("AAPL", "SMART", "USD"))
        order = lib.MarketOrder("BUY", 200, algoStrategy="Twap", algoParams=[lib.TagValue(*pair) for pair in TERMS])
        trade = ib.placeOrder(apple, order)
        story = []
        await world.advance(timedelta(seconds=30))
        for _ in range(31):
            story.append((trade.orderStatus.status, trade.orderStatus.filled))
            await world.advance(timedelta(minutes=1))
        shown = trade.order
        fills = [(fill.execution.time, fill.execution.shares, fill.execution.price) for fill in trade.fills]
        ib.disconnect()
    return [story, fills], shown


@pytest.mark.parametrize("lib", [lambda: ibdesk, ib_async], ids=["ibdesk", "ib_async"])
async def test_a_twap_is_filled_over_its_time(lib: Any) -> None:
    (story, fills), shown = await _half_an_hour(lib())
    waiting, working, filled = (
        [("PreSubmitted", 0)] * 10,
        [("Submitted", 10 * n) for n in range(1, 20)],
        ("Filled", 200),
    )
    assert story == [*waiting, *working, filled, filled]
    assert sum(shares for _, shares, _ in fills) == 200
    assert shown.algoStrategy == "Twap"
    assert [(each.tag, each.value) for each in shown.algoParams] == TERMS


async def test_the_same_seed_gives_the_same_fills() -> None:
    first, _ = await _half_an_hour(ibdesk)
    again, _ = await _half_an_hour(ibdesk)
    assert first == again
