"""How market, exchange and ledger move together."""

from datetime import datetime, timedelta

from ibdesk.model.contract import Stock
from ibdesk.model.order import LimitOrder
from ibdesk.paper.clock import NEW_YORK

APPLE = Stock("AAPL", "SMART", "USD")


def test_an_order_is_served_no_more_than_the_quote_shows(gateway):
    broker = gateway.broker
    details = broker.market.instruments.resolve(APPLE)
    quote = broker.market.quote(265598, gateway.now)
    filled = 0.0
    for number in range(1, 4):
        order = LimitOrder("BUY", quote.askSize, quote.ask)
        order.orderId = number
        broker.place(1, details, order)
        filled = broker.ledger.position(265598)
    assert filled == quote.askSize
    assert broker.next_due is not None


def test_a_midnight_begins_a_new_day(gateway):
    broker = gateway.broker
    broker.advance(gateway.now + timedelta(hours=13))
    assert broker.market.instruments.today.day == 15
    broker.advance(gateway.now + timedelta(days=3))
    assert broker.market.instruments.today.day == 18
    assert (broker.now.hour, broker.now.day) == (10, 18)


def test_a_day_order_expires_with_its_day_however_late_anyone_looks(make_gateway):
    gateway = make_gateway(datetime(2026, 4, 15, 15, 59, 30, tzinfo=NEW_YORK))
    details = gateway.broker.market.instruments.resolve(APPLE)
    order = LimitOrder("BUY", 1, 100.0)
    order.orderId = 1
    gateway.broker.place(1, details, order)
    facts = gateway.broker.advance(gateway.now + timedelta(minutes=1))
    assert facts[-1].status == "Cancelled"
    assert gateway.broker.next_due is None
