"""How market, exchange and ledger move together."""

from datetime import datetime, timedelta
from decimal import Decimal

from ibdesk.model.conditions import MarginCondition, PriceCondition
from ibdesk.model.contract import Option, Stock
from ibdesk.model.order import LimitOrder, MarketOrder, Order
from ibdesk.paper.clock import NEW_YORK
from ibdesk.paper.exchange import Executed
from ibdesk.paper.exchange.order_types import ORDER_TYPES
from ibdesk.paper.exchange.order_types.market import Market
from ibdesk.paper.exchange.working import Attached

APPLE = Stock("AAPL", "SMART", "USD")
AAPL, SPY = 265598, 756733


def place(gateway, number, order, contract=APPLE):
    order.orderId = number
    return gateway.broker.place(1, gateway.broker.market.instruments.resolve(contract), order)


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


def test_orders_are_due_at_the_next_quote_of_what_they_look_at(gateway):
    broker, market = gateway.broker, gateway.broker.market
    assert broker.next_due is None
    place(gateway, 1, LimitOrder("BUY", 1, 1.0))
    assert broker.next_due == market.next_change(AAPL, gateway.now)
    place(gateway, 2, LimitOrder("BUY", 1, 1.0, conditions=[PriceCondition(conId=SPY, isMore=True, price=9999.0)]))
    assert broker.next_due == min(market.next_change(AAPL, gateway.now), market.next_change(SPY, gateway.now))
    broker.cancel_all()
    assert broker.next_due is None


def test_orders_at_night_are_due_when_something_opens(make_gateway):
    gateway = make_gateway(datetime(2026, 4, 17, 21, 0, tzinfo=NEW_YORK))
    place(gateway, 1, LimitOrder("BUY", 1, 1.0, tif="GTC"))
    assert gateway.broker.next_due == datetime(2026, 4, 20, 4, 0, tzinfo=NEW_YORK)


def marketable(gateway) -> float:
    """A limit of Apple's that is above the market, and not too far."""
    return round(gateway.broker.market.quote(AAPL, gateway.now).ask * 1.05, 2)


def test_a_condition_on_the_margin_is_looked_at_each_second_in_which_what_is_held_changes(make_gateway, monkeypatch):
    gateway = make_gateway(datetime(2026, 4, 15, 19, 59, 58, tzinfo=NEW_YORK))
    broker, looks = gateway.broker, []
    place(gateway, 1, LimitOrder("BUY", 100, marketable(gateway), tif="GTC", outsideRth=True))
    place(gateway, 2, LimitOrder("BUY", 1, 1.0, tif="GTC", conditions=[MarginCondition(percent=1, isMore=False)]))
    on_time = broker.exchange.on_time
    monkeypatch.setattr(broker.exchange, "on_time", lambda now: looks.append(now) or on_time(now))
    broker.advance(gateway.now + timedelta(hours=3))
    seconds = {f"{look:%H:%M:%S}" for look in looks}
    assert {"19:59:59", "20:00:00"} <= seconds
    assert len(seconds) < 6
    assert broker.next_due == datetime(2026, 4, 16, 4, 0, tzinfo=NEW_YORK)


def test_a_fill_can_make_a_condition_on_the_margin_true(gateway):
    broker = gateway.broker
    condition = MarginCondition(percent=99, isMore=False)
    place(gateway, 1, LimitOrder("BUY", 1, marketable(gateway), conditions=[condition]))
    broker.advance(gateway.now + timedelta(seconds=30))
    assert broker.ledger.position(AAPL) == 0
    place(gateway, 2, LimitOrder("BUY", 200, marketable(gateway)))
    broker.advance(broker.now + timedelta(seconds=30))
    assert broker.ledger.position(AAPL) == 201


def test_a_fault_in_one_instrument_leaves_the_others_alone(gateway, monkeypatch, caplog):
    broker, look = gateway.broker, gateway.broker.market.quote_until
    place(gateway, 1, LimitOrder("BUY", 1, 1.0))
    ask = broker.market.quote(SPY, gateway.now).ask
    place(gateway, 2, LimitOrder("BUY", 1, round(ask - 0.02, 2)), Stock("SPY", "SMART", "USD"))

    def fail_for_apple(con_id, when):
        if con_id == AAPL:
            raise RuntimeError("broken")
        return look(con_id, when)

    monkeypatch.setattr(broker.market, "quote_until", fail_for_apple)
    broker.advance(gateway.now + timedelta(minutes=10))
    assert broker.ledger.position(SPY) == 1
    assert "the quote of contract 265598 cannot be looked at" in caplog.text


class Watching:
    """An observer that notes what it is told, and what the books say then."""

    def __init__(self, broker):
        self.broker = broker
        self.told = []
        broker.observer = self

    def on_facts(self, facts):
        held = self.broker.ledger.position(265598)
        self.told += [(fact, held) for fact in facts]

    def on_day_end(self):
        self.told.append((f"{self.broker.now:%d %H:%M}", len(self.broker.exchange.executions)))


def test_an_observer_is_told_of_everything_after_it_is_booked_and_before_it_is_forgotten(gateway):
    broker = gateway.broker
    watching = Watching(broker)
    order = MarketOrder("BUY", 10)
    order.orderId = 1
    facts = broker.place(1, broker.market.instruments.resolve(APPLE), order)
    assert any(isinstance(fact, Executed) for fact in facts)
    assert watching.told == [(fact, 10.0) for fact in facts]
    watching.told.clear()
    broker.advance(gateway.now + timedelta(days=2))
    assert watching.told == [("16 00:00", 1), ("17 00:00", 0)]


def test_an_order_that_the_exchange_makes_is_filled_where_nobody_looked_before(gateway, monkeypatch):
    class Hedged(Market):
        def after_fill(self, entry, size):
            return [Attached(Order(action="SELL", totalQuantity=5.0, orderType="MIT", auxPrice=1.0), SPY)]

    monkeypatch.setitem(ORDER_TYPES, "MKT", Hedged("MKT", "MKT"))
    place(gateway, 1, MarketOrder("BUY", 10))
    gateway.broker.advance(gateway.now + timedelta(minutes=5))
    assert (gateway.broker.ledger.position(AAPL), gateway.broker.ledger.position(SPY)) == (10.0, -5.0)


def test_an_order_that_is_pegged_goes_along_with_the_quotes_of_what_it_is_pegged_to(gateway):
    broker, market = gateway.broker, gateway.broker.market
    chain = next(each for each in market.instruments.option_chain("AAPL", "", "STK", AAPL) if each.exchange == "SMART")
    strike = min(chain.strikes, key=lambda each: abs(each - market.quote(AAPL, gateway.now).last))
    call = Option("AAPL", chain.expirations[-1], strike, "C", "SMART", tradingClass=chain.tradingClass)
    before = market.quote(AAPL, gateway.now)
    # Half of what the stock moves, from a price that is not near the market.
    place(gateway, 1, Order(action="BUY", totalQuantity=1, orderType="PEG STK", delta=50.0, startingPrice=5.0), call)
    assert AAPL in broker._watched
    assert market.next_change(AAPL, gateway.now) >= broker.next_due
    moment = gateway.now + timedelta(minutes=20)
    broker.advance(moment)
    after = market.quote(AAPL, moment)
    moved = (
        Decimal(str(after.bid)) + Decimal(str(after.ask)) - Decimal(str(before.bid)) - Decimal(str(before.ask))
    ) / 2
    (entry,) = broker.exchange._index.live()
    assert moved
    assert abs(entry.limit - (5 + moved / 2)) < Decimal("0.05"), "a step of the price of the option"
    broker.cancel(1, 1)
    assert broker.next_due is None
