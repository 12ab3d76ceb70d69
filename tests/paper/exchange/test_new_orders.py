"""Orders that the exchange makes itself for the sake of another order."""

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

import pytest
from paper.exchange.conftest import ACCOUNT, Trader, at, make_trader, stock

from ibdesk.model.contract import Stock
from ibdesk.model.order import Order
from ibdesk.paper.exchange import OrderEchoed, StatusChanged
from ibdesk.paper.exchange.order_types import ORDER_TYPES
from ibdesk.paper.exchange.order_types.limit import Limit
from ibdesk.paper.exchange.working import Attached, WorkingOrder

OTHER = 756733
SPY = replace(stock(), contract=Stock("SPY", "SMART", "USD", conId=OTHER, primaryExchange="ARCA"))


class Hedged(Limit):
    """A limit order of which each fill is hedged: half as much of another instrument is sold."""

    def after_fill(self, entry: WorkingOrder, size: Decimal) -> Iterable[Attached]:
        return [Attached(Order(action="SELL", totalQuantity=float(size / 2), orderType="MKT"), OTHER)]


@pytest.fixture
def trader(monkeypatch: pytest.MonkeyPatch) -> Trader:
    monkeypatch.setitem(ORDER_TYPES, "LMT", Hedged("LMT", "LMT", limited=True))
    one = make_trader(details_of={OTHER: SPY}.get)
    one.quote(100.00, 100.02)
    return one


def made(trader: Trader) -> list[OrderEchoed]:
    """The orders of which the last facts tell and that no client has numbered, in the order of their first message."""
    found = [fact for fact in trader.facts if isinstance(fact, OrderEchoed) and fact.key.orderId < 0]
    return list({fact.key: fact for fact in found}.values())


def test_each_fill_makes_one_with_numbers_of_its_own(trader: Trader) -> None:
    trader.quote(100.00, 100.02, askSize=40)
    parent = trader.place("BUY", 100, "LMT", lmtPrice=100.02, orderRef="mine")
    (first,) = made(trader)
    assert (first.key.clientId, first.contract.symbol, first.order.totalQuantity) == (1, "SPY", 20.0)
    assert (first.order.parentId, first.order.account, first.order.orderRef) == (parent, ACCOUNT, "mine")
    assert (first.order.ocaGroup, first.order.permId) == ("", first.key.permId)
    trader.quote(100.00, 100.02, askSize=60)
    (second,) = made(trader)
    assert second.order.totalQuantity == 30.0
    assert len({first.key.orderId, second.key.orderId, first.key.permId, second.key.permId}) == 4
    assert trader.exchange.next_order_id(1) == parent + 1, "the client's own numbers go on as they did"
    assert trader.status(parent) == "Filled"
    trader.quote(50.00, 50.02, con_id=OTHER)
    assert trader.fills(first.key.orderId) + trader.fills(second.key.orderId) == [(20.0, 50.0), (30.0, 50.0)]


def test_it_goes_on_without_its_parent(trader: Trader) -> None:
    trader.quote(100.00, 100.02, askSize=40)
    parent = trader.place("BUY", 100, "LMT", lmtPrice=100.02)
    (hedge,) = made(trader)
    assert trader.story(hedge.key.orderId) == ["PreSubmitted", "Submitted"], "it is not held as a child"
    trader.cancel(parent)
    assert trader.status(hedge.key.orderId) == "Submitted"
    trader.quote(50.00, 50.02, con_id=OTHER)
    assert trader.fills(hedge.key.orderId) == [(20.0, 50.0)]


def test_the_client_may_change_and_cancel_it(trader: Trader) -> None:
    trader.place("BUY", 100, "LMT", lmtPrice=100.02)
    (hedge,) = made(trader)
    hedge.order.totalQuantity = 10.0
    assert hedge.order.orderId == hedge.key.orderId
    trader.facts = trader.exchange.place(1, hedge.contract, SPY, hedge.order, trader.now)
    assert trader.errors() == []
    assert [fact.remaining for fact in trader.facts if isinstance(fact, StatusChanged)] == [10.0]
    trader.cancel(hedge.key.orderId)
    assert trader.story()[-2:] == ["Cancelled", 202]


def test_it_is_listed_and_outlives_the_day(trader: Trader) -> None:
    parent = trader.place("BUY", 100, "LMT", lmtPrice=100.02)
    (hedge,) = made(trader)
    trader.exchange.start_day(at(0, 0, day=16))
    listed = [fact for fact in trader.exchange.open_orders(1) if isinstance(fact, OrderEchoed)]
    assert [fact.key for fact in listed] == [hedge.key]
    assert trader.exchange.open_orders(2) == []
    assert parent not in [fact.key.orderId for fact in listed]
