"""Scale orders: components, profit takers, and components that are restored."""

from typing import Any

import pytest
from paper.exchange.conftest import Trader, at

from ibdesk.model.order import Order
from ibdesk.paper.exchange import OrderEchoed, StatusChanged

COMPONENTS = {"scaleInitLevelSize": 400, "scalePriceIncrement": 0.02}
PROFITS = {**COMPONENTS, "scaleProfitOffset": 0.2}


def takers(trader: Trader) -> dict[int, Order]:
    """The profit takers that are open, by their order ids."""
    shown = [fact for fact in trader.exchange.open_orders(1) if isinstance(fact, OrderEchoed)]
    return {fact.key.orderId: fact.order for fact in shown if fact.key.orderId < 0}


def remaining(trader: Trader, order: int) -> float:
    (found,) = (
        fact.remaining
        for fact in trader.exchange.open_orders(1)
        if isinstance(fact, StatusChanged) and fact.key.orderId == order
    )
    return found


def test_a_component_follows_when_the_one_before_is_filled(trader: Trader) -> None:
    """The example 1 of the TWS User's Guide, at other prices."""
    order = trader.place("BUY", 1000, "LMT", lmtPrice=99.0, **COMPONENTS)
    assert remaining(trader, order) == 1000
    trader.quote(98.98, 99.00, askSize=300)
    assert (trader.fills(order), remaining(trader, order)) == ([(300.0, 99.0)], 700)
    trader.quote(98.98, 99.00, askSize=1000)
    assert trader.fills(order)[1:] == [(100.0, 99.0)], "the second component is at 98.98"
    trader.quote(98.96, 98.98, askSize=1000)
    assert trader.fills(order)[2:] == [(400.0, 98.98)]
    trader.quote(98.94, 98.96, askSize=1000)
    assert trader.fills(order)[3:] == [(200.0, 98.96)]
    assert trader.status(order) == "Filled"


def test_a_fall_through_several_components_fills_them_all(trader: Trader) -> None:
    order = trader.place("BUY", 1000, "LMT", lmtPrice=99.0, **COMPONENTS)
    trader.quote(98.48, 98.50, askSize=10000)
    assert trader.fills(order) == [(400.0, 98.5), (400.0, 98.5), (200.0, 98.5)]


def test_each_component_has_its_profit_taken(trader: Trader) -> None:
    """The example 2 of the guide."""
    order = trader.place("BUY", 800, "LMT", lmtPrice=99.0, tif="GTC", **PROFITS)
    trader.quote(98.98, 99.00, askSize=300)
    assert takers(trader) == {}, "its component is not filled yet"
    trader.quote(98.98, 99.00, askSize=100)
    ((number, taker),) = takers(trader).items()
    assert (taker.action, taker.totalQuantity, taker.lmtPrice, taker.tif) == ("SELL", 400.0, 99.2, "GTC")
    assert (taker.parentId, taker.ocaGroup) == (order, "")
    trader.quote(99.20, 99.22)
    assert trader.fills(number) == [(400.0, 99.2)]
    assert (trader.status(order), remaining(trader, order)) == ("Submitted", 400)


def test_a_larger_first_component_has_a_taker_for_each_part(trader: Trader) -> None:
    """The example 3 of the guide: 800 first, then 400, at 26.28 in steps of 0.02, with a profit of 0.20."""
    trader.quote(26.30, 26.32)
    trader.place(
        "BUY", 10000, "LMT", lmtPrice=26.28, **{**PROFITS, "scaleInitLevelSize": 800, "scaleSubsLevelSize": 400}
    )
    trader.quote(26.26, 26.28, askSize=800)
    assert sorted((each.lmtPrice, each.totalQuantity) for each in takers(trader).values()) == [
        (26.46, 400.0),
        (26.48, 400.0),
    ]


def test_what_took_its_profit_is_restored(trader: Trader) -> None:
    """The example 4 of the guide: 400 at 413.02, then 413.00; the taker at 413.22 brings 413.02 back."""
    trader.quote(413.10, 413.12)
    order = trader.place("BUY", 10000, "LMT", lmtPrice=413.02, **PROFITS, scaleAutoReset=True)
    trader.quote(413.00, 413.02, askSize=400)
    ((number, taker),) = takers(trader).items()
    assert taker.lmtPrice == 413.22
    trader.quote(413.22, 413.24)
    assert trader.status(number) == "Filled"
    assert (trader.echoes()[-1].totalQuantity, remaining(trader, order)) == (10400, 10000)
    trader.quote(413.00, 413.02, askSize=1000)
    assert trader.fills(order) == 2 * [(400.0, 413.02)], "413.02 is at the market again, and 413.00 is not"


def test_it_lives_while_something_may_be_restored(trader: Trader) -> None:
    order = trader.place("BUY", 400, "LMT", lmtPrice=99.0, **PROFITS, scaleAutoReset=True)
    trader.quote(98.98, 99.00)
    ((number, _),) = takers(trader).items()
    assert (trader.status(order), remaining(trader, order)) == ("Submitted", 400), "no client takes it for filled"
    trader.cancel(number)
    assert trader.status(order) == "Filled"


def test_a_taker_goes_on_when_its_order_is_cancelled(trader: Trader) -> None:
    order = trader.place("BUY", 800, "LMT", lmtPrice=99.0, **PROFITS, scaleAutoReset=True)
    trader.quote(98.98, 99.00, askSize=400)
    trader.cancel(order)
    ((number, _),) = takers(trader).items()
    trader.quote(99.20, 99.22)
    assert (trader.status(number), trader.status(order)) == ("Filled", "Cancelled")


def test_it_outlives_the_night(trader: Trader) -> None:
    order = trader.place("BUY", 800, "LMT", lmtPrice=99.0, tif="GTC", **PROFITS, scaleAutoReset=True)
    trader.quote(98.98, 99.00, askSize=400)
    trader.exchange.start_day(at(0, day=16))
    trader.quote(99.20, 99.22)
    trader.quote(98.98, 99.00, askSize=400)
    assert [fact.execution.shares for fact in trader.exchange.executions] == [400.0, 400.0]
    assert remaining(trader, order) == 800, "what is at the market, and what may come back"


def test_sales_go_up(trader: Trader) -> None:
    order = trader.place("SELL", 800, "LMT", lmtPrice=101.0, **PROFITS)
    trader.quote(101.00, 101.02, bidSize=400)
    assert [each.lmtPrice for each in takers(trader).values()] == [100.8]
    trader.quote(101.00, 101.02)
    assert len(trader.fills(order)) == 1
    trader.quote(101.02, 101.04)
    assert trader.status(order) == "Filled"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"scalePriceIncrement": 0.02}, 419),
        ({"scaleInitLevelSize": 400}, 408),
        ({**COMPONENTS, "scalePriceIncrement": -0.02}, 408),
        ({**COMPONENTS, "scalePriceIncrement": 0.001}, 110),
        ({**COMPONENTS, "scalePriceIncrement": 90.0}, 408),
        ({**COMPONENTS, "scaleInitLevelSize": 2000}, 417),
        ({**COMPONENTS, "scaleInitLevelSize": -1}, 417),
        ({**COMPONENTS, "scaleSubsLevelSize": -1}, 410),
        ({**COMPONENTS, "scaleProfitOffset": -0.2}, 418),
        ({**COMPONENTS, "scaleAutoReset": True}, 446),
        ({**COMPONENTS, "tif": "IOC"}, 111),
        ({**COMPONENTS, "ocaGroup": "one"}, 321),
        ({**COMPONENTS, "allOrNone": True}, 321),
    ],
)
def test_what_is_refused(trader: Trader, fields: dict[str, Any], code: int) -> None:
    trader.place("BUY", 1000, "LMT", lmtPrice=99.0, **fields)
    assert [code for code, _ in trader.errors()] == [code]


def test_it_cannot_be_modified_at_work(trader: Trader) -> None:
    order = trader.place("BUY", 1000, "LMT", lmtPrice=99.0, transmit=False, **COMPONENTS)
    trader.place("BUY", 1000, "LMT", lmtPrice=98.0, orderId=order, **COMPONENTS)
    assert trader.errors() == []
    trader.place("BUY", 1000, "LMT", lmtPrice=97.0, orderId=order, **COMPONENTS)
    assert [code for code, _ in trader.errors()] == [321]
    trader.quote(97.98, 98.00, askSize=500)
    assert trader.fills(order) == [(400.0, 98.0)]


def test_what_is_given_back_at_once_takes_nothing_twice(trader: Trader) -> None:
    """The bid is above the ask, so that each profit is taken as soon as it may be."""
    order = trader.place("BUY", 400, "LMT", lmtPrice=99.0, **PROFITS, scaleAutoReset=True)
    trader.quote(99.30, 98.98, askSize=600, bidSize=5000)
    assert [size for size, _ in trader.fills(order)] == [400.0, 200.0]
