"""How market, exchange and books move together."""

from datetime import datetime, timedelta

from ibdesk.model.contract import Stock
from ibdesk.model.order import LimitOrder
from ibdesk.paper.clock import NEW_YORK

APPLE = Stock("AAPL", "SMART", "USD")


def test_an_order_is_served_no_more_than_the_quote_shows(floor):
    world = floor.world
    details = world.market.instruments.resolve(APPLE)
    quote = world.market.quote(265598, floor.now)
    filled = 0.0
    for number in range(1, 4):
        order = LimitOrder("BUY", quote.askSize, quote.ask)
        order.orderId = number
        world.place(1, details, order)
        filled = world.ledger.position(265598)
    assert filled == quote.askSize
    assert world.has_working_orders


def test_a_midnight_begins_a_new_day(floor):
    world = floor.world
    world.advance(floor.now + timedelta(hours=13))
    assert world.market.instruments.today.day == 15
    world.advance(floor.now + timedelta(days=3))
    assert world.market.instruments.today.day == 18
    assert (world.now.hour, world.now.day) == (10, 18)


def test_a_day_order_expires_with_its_day_however_late_anyone_looks(make_floor):
    floor = make_floor(datetime(2026, 4, 15, 15, 59, 30, tzinfo=NEW_YORK))
    details = floor.world.market.instruments.resolve(APPLE)
    order = LimitOrder("BUY", 1, 100.0)
    order.orderId = 1
    floor.world.place(1, details, order)
    facts = floor.world.advance(floor.now + timedelta(minutes=1))
    assert facts[-1].status == "Cancelled"
    assert not floor.world.has_working_orders
