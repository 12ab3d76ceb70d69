"""What a subscription to a combination is told, and when it ends."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from ibdesk.model.contract import Bag, ComboLeg, Option, Stock
from ibdesk.model.order import Order
from ibdesk.paper.clock import NEW_YORK
from ibdesk.wire import versions as V
from ibdesk.wire.messages.connection import Error
from ibdesk.wire.messages.market_data import (
    CancelMktData,
    MarketDataType,
    ReqMarketDataType,
    ReqMktData,
    TickPrice,
    TickReqParams,
    TickSize,
    TickSnapshotEnd,
)
from ibdesk.wire.messages.orders import PlaceOrder

SPY, QQQ = 756733, 320227571
PAIR = Bag(
    symbol="QQQ,SPY",
    exchange="SMART",
    currency="USD",
    comboLegs=[ComboLeg(SPY, 1, "SELL", "SMART"), ComboLeg(QQQ, 2, "BUY", "SMART")],
)


def prices(messages):
    return {m.tickType: m.price for m in messages if isinstance(m, TickPrice)}


def errors(messages):
    return [(m.reqId, m.errorCode) for m in messages if isinstance(m, Error)]


def cost(gateway, buys, ago=timedelta(0)):
    """What two QQQ cost against one SPY, in the quotes of the moment."""
    spy, qqq = (gateway.broker.market.quote(each, gateway.now - ago) for each in (SPY, QQQ))
    bought, sold = (qqq.ask, spy.bid) if buys else (qqq.bid, spy.ask)
    return float(Decimal(str(bought)) + Decimal(str(bought)) - Decimal(str(sold)))


@pytest.mark.parametrize("version", [V.MIN, 178, V.MAX])
def test_the_first_burst(gateway, version):
    kind, parameters, *ticks = gateway.connect(1, version).ask(ReqMktData(3, PAIR))
    assert kind == MarketDataType(3, 1)
    assert parameters == TickReqParams(3, 0.01, "", 3)
    assert [tick.tickType for tick in ticks] == [1, 0, 2, 3, 9, 49]
    assert prices(ticks)[1] == cost(gateway, buys=False)
    assert prices(ticks)[2] == cost(gateway, buys=True)


def test_each_change_of_a_leg_is_told(client, gateway):
    shown = prices(client.ask(ReqMktData(3, PAIR)))
    seen = set()
    for _ in range(40):
        gateway.wait(0.25)
        shown |= prices(client.heard())
        seen.add(shown[2])
        assert (shown[1], shown[2]) == (cost(gateway, buys=False), cost(gateway, buys=True))
    assert len(seen) > 5


def test_prices_may_be_negative(client, gateway):
    legs = [ComboLeg(SPY, 1, "BUY", "SMART"), ComboLeg(QQQ, 2, "SELL", "SMART")]
    turned = Bag(exchange="SMART", currency="USD", comboLegs=legs)
    mirrored = prices(client.ask(ReqMktData(4, turned)))
    assert mirrored[1] == -cost(gateway, buys=True)
    assert mirrored[2] == -cost(gateway, buys=False)
    assert min(mirrored[1], cost(gateway, buys=False)) < 0


def test_a_snapshot_is_told_once(client, gateway):
    told = client.ask(ReqMktData(3, PAIR, snapshot=True))
    assert told[-1] == TickSnapshotEnd(3)
    assert 2 in prices(told)
    gateway.wait(5)
    assert client.heard() == []


def test_a_subscription_ends_when_it_is_cancelled(client, gateway):
    client.ask(ReqMktData(3, PAIR))
    assert errors(client.ask(ReqMktData(3, PAIR))) == [(3, 322)]
    assert errors(client.ask(ReqMktData(3, Stock("SPY", "SMART", "USD")))) == [(3, 322)]
    assert client.ask(CancelMktData(3)) == []
    gateway.wait(5)
    assert client.heard() == []
    assert errors(client.ask(CancelMktData(3))) == [(3, 300)]


def test_another_client_has_a_subscription_of_its_own(client, gateway):
    other = gateway.connect(2)
    client.ask(ReqMktData(3, PAIR))
    assert errors(other.ask(ReqMktData(3, PAIR))) == []
    client.ask(CancelMktData(3))
    gateway.wait(5)
    assert client.heard() == []
    assert prices(other.heard())


def test_delayed_quotes_are_of_a_quarter_of_an_hour_ago(client, gateway):
    client.ask(ReqMktData(3, PAIR))
    told = client.ask(ReqMarketDataType(3))
    assert told[0] == MarketDataType(3, 3)
    assert not {1, 2} & set(prices(told))
    assert prices(told)[67] == cost(gateway, buys=True, ago=timedelta(minutes=15))
    gateway.wait(5)
    assert (prices(told) | prices(client.heard()))[67] == cost(gateway, buys=True, ago=timedelta(minutes=15))


def test_frozen_quotes_are_those_of_the_close(make_gateway):
    gateway = make_gateway(datetime(2026, 4, 18, 12, 0, tzinfo=NEW_YORK))
    client = gateway.connect(1)
    live = client.ask(ReqMktData(3, PAIR))
    assert (prices(live)[1], prices(live)[2]) == (-1.0, -1.0)
    assert TickSize(3, 0, 0) in live
    frozen = client.ask(ReqMarketDataType(2), ReqMktData(4, PAIR))
    assert MarketDataType(4, 2) in frozen
    assert prices([m for m in frozen if getattr(m, "reqId", 0) == 4])[2] > -1.0


def test_a_subscription_ends_with_its_first_leg(make_gateway):
    gateway = make_gateway(datetime(2026, 4, 15, 15, 0, tzinfo=NEW_YORK))
    resolve = gateway.broker.market.instruments.resolve
    days = ("20260415", "20260515")
    ids = [resolve(Option("SPY", day, 600, "C", "SMART", currency="USD")).contract.conId for day in days]
    legs = [ComboLeg(ids[1], 1, "BUY", "SMART"), ComboLeg(ids[0], 1, "SELL", "SMART")]
    client = gateway.connect(1)
    calendar = Bag(symbol="SPY", exchange="SMART", currency="USD", comboLegs=legs)
    assert errors(client.ask(ReqMktData(3, calendar))) == []
    gateway.wait(9.5 * 3600)
    assert errors(client.heard()) == [(3, 200)]
    gateway.wait(12 * 3600)
    assert client.heard() == []
    assert errors(client.ask(ReqMktData(3, calendar))) == [(3, 200)]


def test_generic_ticks_are_refused(client):
    assert errors(client.ask(ReqMktData(3, PAIR, "233"))) == [(3, 321)]


@pytest.mark.parametrize(("legs", "code"), [(PAIR.comboLegs, 387), (PAIR.comboLegs[:1], 321)])
def test_orders_are_refused_after_their_legs_are_checked(client, legs, code):
    contract = Bag(symbol="QQQ,SPY", exchange="SMART", currency="USD", comboLegs=legs)
    order = Order(action="BUY", totalQuantity=1, orderType="LMT", lmtPrice=1.0)
    assert errors(client.ask(PlaceOrder(7, contract, order))) == [(7, code)]
