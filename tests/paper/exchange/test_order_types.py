"""The table of order types: what holds for each, whatever it does. A type that is added is tested here by its row."""

from dataclasses import replace

import pytest
from paper.exchange.conftest import HOURS, Trader, at, forex, future, make_trader, option, published_hours, stock

from ibdesk.paper.exchange import Worth, offered
from ibdesk.paper.exchange.order_types import ORDER_TYPES, UNTRADED
from ibdesk.paper.exchange.products import PRODUCTS
from ibdesk.paper.like import Like

DETAILS = {"STK": stock, "OPT": option, "FUT": future, "CASH": forex}

OTHER = 99
FOLLOWING = {
    "delta": 50.0,
    "referenceContractId": OTHER,
    "peggedChangeAmount": 0.01,
    "referenceChangeAmount": 0.01,
    "volatility": 50.0,
}
"""What orders need that follow another instrument."""


def worth(con_id: int, volatility: float, spot: float, when: object) -> Worth:
    return Worth(100.0, 0.5)


types = pytest.mark.parametrize("name", ORDER_TYPES)
sides = pytest.mark.parametrize(("action", "sign"), [("BUY", 1), ("SELL", -1)])


def place(trader, action: str, name: str, **changes: object) -> int:
    """An order with every price that the type takes, far from the market."""
    away = -2.00 if action == "BUY" else 2.00
    prices = {"lmtPrice": 100.00 + away, "auxPrice": 1.00, "trailStopPrice": 100.00 - away, **changes}
    prices |= {"startingPrice": 100.00 + away, **FOLLOWING}
    taken = {field: price for field, price in prices.items() if field == "orderId" or takes(name, field)}
    return trader.place(action, 100, name, **taken)


def trader_of(name: str, product: str = "", like: Like = Like.LIVE) -> Trader:
    """A trader in a product, by default the first one for which there is the order type."""
    sec_type = product or next(each for each in PRODUCTS if each in ORDER_TYPES[name].products)
    details = replace(DETAILS[sec_type](), minTick=0.01, underConId=OTHER, **HOURS)
    trader = make_trader(details, published_hours, now=at(11), cash=1e9, like=like, option_model=worth)
    trader.quote(100.00, 100.02, last=100.01, con_id=OTHER)
    trader.quote(100.00, 100.02, last=100.01)
    return trader


def takes(name: str, field: str) -> bool:
    return ORDER_TYPES[name].takes_field(field)


def test_names_and_codes_are_those_of_one_type_each():
    assert all(name == order_type.name for name, order_type in ORDER_TYPES.items())
    assert len({order_type.code for order_type in ORDER_TYPES.values()}) == len(ORDER_TYPES)
    assert UNTRADED.isdisjoint(ORDER_TYPES)


@types
@sides
@pytest.mark.parametrize("product", PRODUCTS)
@pytest.mark.parametrize("like", Like)
def test_the_type_is_taken_where_contract_details_list_it_and_refused_elsewhere(name, action, sign, product, like):
    trader = trader_of(name, product, like)
    order = place(trader, action, name)
    listed = ORDER_TYPES[name].code in offered(product, like).split(",")
    assert [code for code, _ in trader.errors()] == ([] if listed else [387])
    assert bool(trader.status(order)) is listed


@types
@sides
def test_an_order_is_changed_into_one_of_the_type_and_back(name, action, sign):
    trader = trader_of(name)
    order = place(trader, action, "LMT")
    place(trader, action, name, orderId=order)
    assert trader.errors() == []
    if trader.status(order) != "Filled":
        place(trader, action, "LMT", orderId=order)
        assert trader.errors() == []
        trader.cancel(order)
        assert trader.status(order) == "Cancelled"


@types
@sides
def test_an_order_of_the_type_is_filled_when_all_has_come_that_it_may_wait_for(name, action, sign):
    """The price runs away, turns, comes beyond the limit, and the market closes. Nobody gets more than he wants."""
    filled = []
    for aux in (0.01, 1.00, 99.00, 101.00):  # an amount for some types; the price of a touch or of a stop for others
        trader = trader_of(name)
        order = place(trader, action, name, auxPrice=aux)
        for away in (3.00, 0.00, -3.00):
            price = 100.00 + away * sign
            trader.quote(price, price + 0.02, last=price + 0.01)
        trader.until(at(16))
        filled.append(sum(size for size, _ in trader.fills(order)))
    assert 100.0 in filled
    assert set(filled) <= {0.0, 100.0}
