"""Orders for the auctions are filled at the prices with which the day's regular trading begins and ends."""

from datetime import timedelta

import pytest

from ibdesk import IB, Order, Stock
from ibdesk.simulation import simulation


@pytest.mark.parametrize(
    ("begin", "terms", "price"),
    [("09:00", {"orderType": "MKT", "tif": "OPG"}, "open"), ("15:30", {"orderType": "MOC", "tif": "DAY"}, "close")],
)
async def test_an_order_for_an_auction_gets_the_price_of_the_day(begin, terms, price):
    async with simulation(f"2026-11-02T{begin}", seed=3) as world:
        ib = IB()
        await ib.connectAsync(port=world.port, clientId=1)
        (apple,) = await ib.qualifyContractsAsync(Stock("AAPL", "SMART", "USD"))
        trade = ib.placeOrder(apple, Order(action="BUY", totalQuantity=5000, **terms))
        await world.advance(timedelta(minutes=31))
        (day,) = await ib.reqHistoricalDataAsync(apple, "", "1 D", "1 day", "TRADES", True)
        ib.disconnect()
    assert [(fill.execution.shares, fill.execution.price) for fill in trade.fills] == [(5000, getattr(day, price))]
