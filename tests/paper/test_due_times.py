"""Whole gateways by due times: nothing depends on when anybody looks, nothing comes late, and nothing is polled."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ibdesk.model.contract import Forex, Future, Option, Stock
from ibdesk.model.order import LimitOrder, MarketOrder, Order, StopOrder
from ibdesk.paper.clock import NEW_YORK
from ibdesk.wire.messages.accounts import AccountSummary, ReqAccountSummary, ReqAccountUpdates
from ibdesk.wire.messages.depth import ReqMktDepth
from ibdesk.wire.messages.executions import ExecDetails
from ibdesk.wire.messages.history import ReqHistoricalData
from ibdesk.wire.messages.market_data import ReqMktData, TickPrice, TickSize
from ibdesk.wire.messages.news import ReqNewsBulletins, TickNews, UpdateNewsBulletin
from ibdesk.wire.messages.order_status import OrderStatus
from ibdesk.wire.messages.orders import PlaceOrder
from ibdesk.wire.messages.pnl import PnL, ReqPnL, ReqPnLSingle
from ibdesk.wire.messages.real_time_bars import RealtimeBar, ReqRealTimeBars
from ibdesk.wire.messages.tick_by_tick import ReqTickByTickData, TickByTick

from .conftest import GatewayInMemory

APPLE, TESLA, EURO = Stock("AAPL", "SMART", "USD"), Stock("TSLA", "SMART", "USD"), Forex("EURUSD")
AAPL = 265598
CALL = Option("SPY", "20260515", 600, "C", "SMART")
ACCOUNT = "DU1234567"
SPAN = timedelta(seconds=20)
SUBSCRIPTIONS = {
    "quotes": ReqMktData(1, APPLE, "233,292"),
    "quotes of a pair": ReqMktData(2, EURO),
    "quotes of an option": ReqMktData(3, CALL),
    "bars": ReqRealTimeBars(4, APPLE, 5, "TRADES", True),
    "history": ReqHistoricalData(5, APPLE, "", "1 D", "1 min", "TRADES", True, keepUpToDate=True),
    "ticks": ReqTickByTickData(6, APPLE, "Last"),
    "depth": ReqMktDepth(7, APPLE, 5),
    "profit": ReqPnL(8, ACCOUNT, ""),
    "profit of a position": ReqPnLSingle(9, ACCOUNT, "", AAPL),
    "account": ReqAccountUpdates(True, ""),
    "summary": ReqAccountSummary(10, "All", "NetLiquidation"),
    "bulletins": ReqNewsBulletins(False),
}
ALL_TOLD = (RealtimeBar, TickByTick, TickNews, UpdateNewsBulletin)
"""What is never left out, however late the gateway is."""


def at(hour, minute=0, second=0, day=15):
    return datetime(2026, 4, day, hour, minute, second, tzinfo=NEW_YORK)


def orders(gateway):
    """Orders of many kinds near the market, some of which wait for a time."""
    ask = gateway.broker.market.quote(AAPL, gateway.now).ask
    price = ask if ask > 0 else gateway.broker.market.quote(AAPL, gateway.now).close
    trail = Order(action="SELL", totalQuantity=50, orderType="TRAIL", auxPrice=0.05)
    later = MarketOrder("BUY", 10, goodAfterTime=f"{gateway.now + timedelta(seconds=3.3):%Y%m%d-%H:%M:%S}")
    ends = LimitOrder("BUY", 10, round(price / 2, 2), tif="GTD")
    ends.goodTillDate = f"{(gateway.now + timedelta(seconds=8)).astimezone(UTC):%Y%m%d-%H:%M:%S}"
    return [
        MarketOrder("BUY", 3000),
        LimitOrder("BUY", 500, round(price - 0.02, 2)),
        StopOrder("SELL", 100, round(price - 0.03, 2)),
        trail,
        later,
        ends,
    ]


def lived(start, names, moments, *, trades=True):
    """All that a client of a gateway is told in so many seconds, which looks at these moments."""
    gateway = GatewayInMemory(start)
    client = gateway.connect(1)
    told = client.ask(*[SUBSCRIPTIONS[name] for name in sorted(names)])
    if trades:
        for number, order in enumerate(orders(gateway), 1):
            told += client.ask(PlaceOrder(number, APPLE, order))
    for moment in moments(gateway, start.astimezone(UTC) + SPAN):
        gateway.now = moment.astimezone(NEW_YORK)
        gateway.router.advance(gateway.now)
        told += client.heard()
    return gateway, told


def by_due_times(gateway, end):
    """Looks when something is due. Each look has to leave nothing behind."""
    while (due := gateway.router.next_due) is not None and due <= end:
        yield due
        after = gateway.router.next_due
        assert after is None or after > due
    yield end


def in_one_step(gateway, end):
    yield end


def in_steps(steps):
    def moments(gateway, end):
        moment = gateway.now.astimezone(UTC)
        for seconds in steps:
            if (moment := moment + timedelta(seconds=seconds)) < end:
                yield moment
        yield end

    return moments


def of_orders(told):
    return [message for message in told if isinstance(message, ExecDetails | OrderStatus)]


def newest(told):
    """The last value of everything that is told by its newest value alone."""
    found = {}
    for message in told:
        if isinstance(message, TickPrice | TickSize) and message.reqId != 3:
            found[message.reqId, message.tickType] = getattr(message, "price", message)
        elif isinstance(message, PnL):
            found[PnL] = message
        elif isinstance(message, AccountSummary):
            found[message.tag] = message
    return found


STARTS = st.sampled_from([at(10), at(9, 29, 50), at(15, 59, 50), at(19, 59, 50), at(23, 59, 50), at(12, day=18)])
NAMES = st.sets(st.sampled_from(sorted(SUBSCRIPTIONS)), max_size=5)
STEPS = st.lists(st.floats(0.001, 9), max_size=9)


@settings(max_examples=12, deadline=None)
@given(start=STARTS, names=NAMES, steps=STEPS)
def test_nothing_depends_on_when_anybody_looks(start, names, steps):
    gateways, tales = zip(
        *(lived(start, names, moments) for moments in (by_due_times, in_one_step, in_steps(steps))), strict=True
    )
    for told in tales[1:]:
        assert of_orders(told) == of_orders(tales[0])
        assert newest(told) == newest(tales[0])
        for kind in ALL_TOLD:
            assert [m for m in told if isinstance(m, kind)] == [m for m in tales[0] if isinstance(m, kind)]
    for gateway in gateways[1:]:
        assert gateway.broker.ledger.portfolio() == gateways[0].broker.ledger.portfolio()
        assert gateway.broker.next_due == gateways[0].broker.next_due
        assert gateway.router.next_due == gateways[0].router.next_due


@settings(max_examples=6, deadline=None)
@given(start=STARTS, names=NAMES)
def test_the_same_requests_at_the_same_times_are_answered_with_the_same_bytes(start, names):
    sent = []
    for _ in range(2):
        gateway = GatewayInMemory(start)
        client = gateway.connect(1)
        client.ask(*[SUBSCRIPTIONS[name] for name in sorted(names)], PlaceOrder(1, APPLE, MarketOrder("BUY", 100)))
        for _ in by_due_times(gateway, start.astimezone(UTC) + SPAN):
            gateway.router.advance(gateway.router.next_due or gateway.now)
        client.heard()
        sent.append(client.sent)
    assert sent[0] == sent[1]


@settings(max_examples=12, deadline=None)
@given(start=STARTS, name=st.sampled_from(sorted(SUBSCRIPTIONS)))
def test_nothing_is_told_before_it_is_due(start, name):
    gateway = GatewayInMemory(start)
    client = gateway.connect(1)
    client.ask(PlaceOrder(1, APPLE, MarketOrder("BUY", 100)), SUBSCRIPTIONS[name])
    for _ in range(40):
        if (due := gateway.router.next_due) is None:
            break
        gateway.now = (due - timedelta(microseconds=1)).astimezone(NEW_YORK)
        gateway.router.advance(gateway.now)
        assert client.heard() == []
        gateway.now = due.astimezone(NEW_YORK)
        gateway.router.advance(gateway.now)
        client.heard()


def test_a_gateway_with_many_subscriptions_sleeps_through_the_night(make_gateway):
    gateway = make_gateway(at(20, 30))
    client = gateway.connect(1)
    stocks = [each for each in gateway.broker.market.instruments._listed.values() if each.kind.hours == "us_stock"]
    for reqId in range(500):
        client.ask(ReqMktData(reqId, Stock(conId=stocks[reqId % len(stocks)].conId, exchange="SMART")))
    client.ask(ReqTickByTickData(600, APPLE, "Last"), ReqRealTimeBars(601, APPLE, 5, "TRADES", False))
    client.ask(ReqMktDepth(602, APPLE, 5), ReqHistoricalData(603, APPLE, "", "1 D", "1 min", "TRADES", False, 1, True))
    assert gateway.router.next_due == at(4, day=16)


def test_a_profit_has_no_due_time_until_something_that_is_held_opens(make_gateway):
    gateway = make_gateway(at(15, 59))
    client = gateway.connect(1)
    client.ask(PlaceOrder(1, APPLE, MarketOrder("BUY", 100)), ReqPnL(8, ACCOUNT, ""), ReqAccountUpdates(True, ""))
    gateway.wait(5 * 3600)
    assert gateway.router.next_due == at(0, day=16), "the profit of the day begins anew"
    gateway.wait(4 * 3600)
    client.heard()
    assert gateway.router.next_due == at(4, day=16)


def test_a_change_of_one_instrument_touches_only_its_own_lines(make_gateway, monkeypatch):
    gateway = make_gateway(at(12, day=18))
    client = gateway.connect(1)
    gateway.now = at(20, day=19)
    for reqId, contract in enumerate([EURO, APPLE, TESLA, Future("ES", "202606", "CME")]):
        client.ask(ReqMktData(reqId, contract))
    asked, market = [], gateway.broker.market
    look = market.quote_until
    monkeypatch.setattr(market, "quote_until", lambda con_id, when: asked.append(con_id) or look(con_id, when))
    gateway.wait(30)
    assert len(set(asked)) == 2, "a pair and a future trade at night, and stocks do not"


def test_a_request_wakes_who_sleeps(client, gateway):
    assert gateway.router.next_due is None
    client.ask(ReqRealTimeBars(4, APPLE, 5, "TRADES", True))
    assert gateway.router.next_due == at(10, 0, 5)
    client.ask(PlaceOrder(1, APPLE, LimitOrder("BUY", 1, 1.0)))
    assert at(10) < gateway.router.next_due < at(10, 0, 5)


def test_profits_keep_their_second_while_something_changes(client, gateway):
    gateway.wait(0.3)
    client.ask(PlaceOrder(1, APPLE, MarketOrder("BUY", 100)), ReqPnL(8, ACCOUNT, ""))
    dues = []
    for _ in range(10):
        dues.append(gateway.router.next_due)
        gateway.router.advance(dues[-1])
    assert {(after - before) % timedelta(seconds=1) for before, after in pairwise(dues)} == {timedelta(0)}
    assert dues[0] == at(10, 0, 1) + timedelta(seconds=0.3)


@pytest.mark.parametrize("name", sorted(SUBSCRIPTIONS))
def test_a_client_that_does_not_read_costs_nothing(make_gateway, name):
    gateway = make_gateway(at(10))
    client = gateway.connect(1)
    client.ask(SUBSCRIPTIONS[name])
    client.seat.is_congested = True
    gateway.wait(7 * 24 * 3600)
    assert client.heard() == []
    # Nothing is due but the day on which the option leaves the database.
    leaves = datetime(2026, 5, 16, tzinfo=NEW_YORK) if "option" in name else None
    assert gateway.router.next_due == leaves
    client.seat.is_congested = False
    assert gateway.router.next_due is not None
