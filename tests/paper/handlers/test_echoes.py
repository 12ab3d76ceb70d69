"""An order is refused, or every client can be told of it, whatever its fields hold."""

import dataclasses
from datetime import timedelta
from functools import cache

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from paper.conftest import WEDNESDAY_AT_TEN, GatewayInMemory

from ibdesk.model.components import SoftDollarTier, TagValue
from ibdesk.model.conditions import (
    ExecutionCondition,
    MarginCondition,
    PercentChangeCondition,
    PriceCondition,
    TimeCondition,
    VolumeCondition,
)
from ibdesk.model.contract import Forex, Future, Option, Stock
from ibdesk.model.order import Order, OrderComboLeg
from ibdesk.paper.exchange import OrderEchoed
from ibdesk.paper.exchange.field_table import RULES
from ibdesk.paper.exchange.order_types import ORDER_TYPES, UNTRADED
from ibdesk.paper.exchange.times_in_force import TIMES_IN_FORCE
from ibdesk.wire import versions as V
from ibdesk.wire.catalogue import Sender
from ibdesk.wire.codec import Codec
from ibdesk.wire.messages.connection import Error
from ibdesk.wire.messages.orders import OpenOrder, PlaceOrder

PRODUCTS = {
    "STK": Stock("AAPL", "SMART", "USD"),
    "OPT": Option("SPY", "20260515", 600, "C", "SMART"),
    "FUT": Future("ES", "202606", "CME"),
    "CASH": Forex("EURUSD"),
}

WHOLE = st.sampled_from([0, 1, 2, 3, 7, 100, -1, 2**31 - 1, 2**31, -(2**31), 2**62]) | st.integers(-(2**62), 2**62)
NUMBERS = st.sampled_from([0.0, 1.0, 0.05, 100.0, -1.0, 1e-9, 1e22, 1.7e308, 1.7976931348623157e308]) | st.floats()
TEXTS = st.sampled_from(["", "a\0b", "nan", "B", "1", "\N{SNOWMAN}", "\ud83d\ude00", "x" * 300]) | st.text(max_size=9)
VALUES = {int: WHOLE, float: NUMBERS, str: TEXTS, bool: st.booleans()}
TAGS = st.lists(st.builds(TagValue, TEXTS, TEXTS | NUMBERS.map(str)), max_size=2)


def filled(cls: type) -> st.SearchStrategy:
    """Objects of a class with anything in their fields, in some of which there is what makes sense."""
    return st.builds(cls).flatmap(
        lambda plain: st.fixed_dictionaries(
            {}, optional={each.name: VALUES[each.type] for each in dataclasses.fields(cls) if each.name != "condType"}
        ).map(lambda values: dataclasses.replace(plain, **values))
    )


CONDITIONS = st.lists(
    st.one_of(
        *map(
            filled,
            (
                PriceCondition,
                TimeCondition,
                MarginCondition,
                ExecutionCondition,
                VolumeCondition,
                PercentChangeCondition,
            ),
        ),
        st.sampled_from(["20260415 12:00:00 US/Eastern", "later"]).map(lambda time: TimeCondition(time=time)),
        st.sampled_from([265598, 12345]).map(lambda con_id: PriceCondition(price=1.0, conId=con_id, exch="SMART")),
    ),
    max_size=2,
)
FIELDS: dict[str, st.SearchStrategy] = {
    field.name: VALUES[field.type] for field in dataclasses.fields(Order) if field.type in VALUES
} | {
    "conditions": CONDITIONS,
    "algoParams": TAGS,
    "smartComboRoutingParams": TAGS,
    "orderMiscOptions": TAGS,
    "orderComboLegs": st.lists(st.builds(OrderComboLeg, NUMBERS), max_size=2),
    "softDollarTier": st.builds(SoftDollarTier, TEXTS, TEXTS, TEXTS),
    "seekPriceImprovement": st.sampled_from([None, True, False]),
    "orderType": st.sampled_from([*ORDER_TYPES, *UNTRADED, "", "NONE"]),
    "tif": st.sampled_from([*TIMES_IN_FORCE, "", "SOON"]),
    "action": st.sampled_from(["BUY", "SELL", "SSHORT", ""]),
    "lmtPrice": st.sampled_from([1.0, 1.1, 1000.0]) | NUMBERS,
    "auxPrice": st.sampled_from([1.0, 1.1, 1000.0]) | NUMBERS,
    "trailStopPrice": st.sampled_from([1.0, 1000.0]) | NUMBERS,
}
OTHERS = sorted(set(FIELDS) - {"orderId", "whatIf", "transmit", "action", "orderType", "tif"})


@st.composite
def orders(draw: st.DrawFn) -> Order:
    order = Order(action="BUY", totalQuantity=1.0, tif="GTC")
    order.orderType = draw(st.sampled_from(sorted(ORDER_TYPES)) | FIELDS["orderType"])
    order.lmtPrice = draw(st.sampled_from([1.0, 1.1]))
    order.auxPrice, order.trailStopPrice = draw(st.sampled_from([(1.0, 1.0), (0.25, 2.0), (0.0, 0.0)]))
    if order.orderType in ORDER_TYPES:  # what only others take would have most of them refused
        for name in ("lmtPrice", "auxPrice", "trailStopPrice"):
            if not ORDER_TYPES[order.orderType].takes_field(name):
                setattr(order, name, 0.0)
    for name in draw(st.lists(st.sampled_from(OTHERS), max_size=3)):
        setattr(order, name, draw(FIELDS[name]))
    for name in ("action", "tif"):
        if draw(st.integers(0, 5)) == 0:
            setattr(order, name, draw(FIELDS[name]))
    return order


@cache
def codecs() -> list[Codec]:
    return [Codec(Sender.CLIENT, version) for version in range(V.MIN, V.MAX + 1)]


@cache
def client():
    return GatewayInMemory(now=WEDNESDAY_AT_TEN).connect(1)


def test_every_field_is_drawn() -> None:
    assert set(FIELDS) == {name for name in RULES if "." not in name and "[" not in name}


@pytest.mark.slow
@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(order=orders(), product=st.sampled_from(sorted(PRODUCTS)))
def test_an_order_is_refused_or_every_client_can_be_told_of_it(order: Order, product: str) -> None:
    mine = client()
    gateway, exchange = mine.gateway, mine.gateway.broker.exchange
    number = exchange.next_order_id(1)
    # The message comes as it is, so that it may hold what cannot be written.
    gateway.router.receive(mine.seat, PlaceOrder(number, PRODUCTS[product], order), gateway.now)
    told = mine.heard()
    echoes = [fact for fact in exchange.open_orders() if isinstance(fact, OrderEchoed)]
    lived = [*echoes, *(done for done in exchange.completed_orders if done.state.status != "Inactive")]
    event("lives" if lived else "is refused")
    assert lived or any(isinstance(message, Error) for message in told)
    for one in lived:
        for codec in codecs():
            assert codec.encode(OpenOrder(one.contract, one.order, one.state))
    assert len([one for one in told if isinstance(one, OpenOrder)]) >= bool(lived)
    gateway.broker.cancel_all()
    exchange.start_day(gateway.broker.moment)
    gateway.now += timedelta(milliseconds=1)
