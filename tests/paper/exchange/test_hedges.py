"""Hedges, whose size follows from what their parent fills."""

from dataclasses import replace
from typing import Any

import pytest
from paper.exchange.conftest import Trader, forex, make_trader, option, stock

from ibdesk.model.contract import Stock
from ibdesk.model.contract_details import ContractDetails
from ibdesk.model.order import Order
from ibdesk.paper.exchange import StatusChanged

OTHER = replace(stock(), contract=Stock("SPY", "SMART", "USD", conId=756733, primaryExchange="ARCA"))
DUTCH = replace(stock(), contract=Stock("ASML", "AEB", "EUR", conId=117589399))
CALL = replace(option(), underConId=265598)


def hedge(trader: Trader, details: ContractDetails, parent: int, action: str, kind: str, **fields: Any) -> int:
    """Attach a hedge, which goes to another instrument than its parent; return its id."""
    order = Order(orderId=trader.exchange.next_order_id(1), action=action, parentId=parent, hedgeType=kind, **fields)
    order.orderType = order.orderType or "MKT"
    assert details.contract is not None
    trader.facts = trader.exchange.place(1, details.contract, details, order, trader.now)
    return order.orderId


def quoted(
    hedges: ContractDetails, bid: float, ask: float, details: ContractDetails | None = None, **settings: Any
) -> Trader:
    """A trader of AAPL, or of another instrument, at 100.00 to 100.02, with a quote of the one that hedges."""
    trader = make_trader(details, **settings)
    trader.quote(100.00, 100.02)
    assert hedges.contract is not None
    trader.quote(bid, ask, con_id=hedges.contract.conId)
    return trader


def begun(trader: Trader, action: str = "BUY", quantity: float = 100) -> int:
    return trader.place(action, quantity, "LMT", lmtPrice=99.00 if action == "BUY" else 101.0, transmit=False)


def test_a_pair_grows_with_each_fill_and_ends_with_its_parent() -> None:
    trader = quoted(OTHER, 50.00, 50.02)
    parent = begun(trader)
    pair = hedge(trader, OTHER, parent, "SELL", "P", hedgeParam="ratio=2")
    assert (trader.status(pair), trader.story(pair)) == ("PreSubmitted", ["PreSubmitted child"])
    trader.quote(98.98, 99.00, askSize=40)
    assert trader.fills(pair) == [(80.0, 50.0)]
    assert trader.status(pair) == "Submitted", "more may come"
    told = [
        fact for fact in trader.exchange.open_orders() if isinstance(fact, StatusChanged) and fact.key.orderId == pair
    ]
    assert (told[0].filled, told[0].remaining) == (80.0, 120.0), "it is shown as it will be, if all is filled"
    trader.quote(98.98, 99.00, askSize=60)
    assert trader.fills(pair) == [(80.0, 50.0), (120.0, 50.0)]
    assert (trader.status(parent), trader.status(pair)) == ("Filled", "Filled")


def test_it_ends_filled_when_its_parent_is_cancelled_half_way() -> None:
    trader = quoted(OTHER, 50.00, 50.02)
    parent = begun(trader)
    pair = hedge(trader, OTHER, parent, "SELL", "P", hedgeParam="0.5")
    trader.quote(98.98, 99.00, askSize=40)
    trader.cancel(parent)
    assert (trader.fills(pair), trader.status(pair)) == ([(20.0, 50.0)], "Filled")


def test_what_is_not_filled_yet_goes_on_without_its_parent() -> None:
    trader = quoted(OTHER, 50.00, 50.02)
    parent = begun(trader)
    pair = hedge(trader, OTHER, parent, "SELL", "P", hedgeParam="1", orderType="LMT", lmtPrice=51.00)
    trader.quote(98.98, 99.00, askSize=40)
    trader.cancel(parent)
    assert trader.status(pair) == "Submitted"
    trader.quote(51.00, 51.02, con_id=OTHER.contract.conId)
    assert (trader.fills(pair), trader.status(pair)) == ([(40.0, 51.0)], "Filled")


def test_it_ends_with_a_parent_that_was_never_filled() -> None:
    trader = quoted(OTHER, 50.00, 50.02)
    parent = begun(trader)
    pair = hedge(trader, OTHER, parent, "SELL", "P", hedgeParam="1")
    trader.cancel(parent)
    assert trader.status(pair) == "Cancelled"


def test_many_small_fills_are_hedged_like_one() -> None:
    trader = quoted(OTHER, 50.00, 50.02)
    pair = hedge(trader, OTHER, begun(trader, quantity=10), "SELL", "P", hedgeParam="0.25")
    for _ in range(10):
        trader.quote(98.98, 99.00, askSize=1)
    assert sum(size for size, _ in trader.fills(pair)) == 2.0
    assert trader.status(pair) == "Filled"


def test_a_beta_hedge_is_worth_beta_times_its_parent() -> None:
    trader = quoted(OTHER, 49.50, 50.50)
    beta = hedge(trader, OTHER, begun(trader), "SELL", "B", hedgeParam="beta=1.5")
    trader.quote(98.98, 99.00)
    assert trader.fills(beta) == [(round(100 * 99.0 * 1.5 / 50.0), 49.5)]


@pytest.mark.parametrize(("pair_of", "bought"), [("EUR", 9900.0), ("USD", None)])
def test_an_fx_hedge_has_the_amount_of_money(pair_of: str, bought: float | None) -> None:
    pair = replace(forex(), sizeIncrement=0.01)
    trader = quoted(pair, 1.10, 1.10005, details=DUTCH if pair_of == "EUR" else stock())
    trader.quote(100.00, 100.02)
    fx = hedge(trader, pair, begun(trader), "BUY", "F")
    trader.quote(98.98, 99.00)
    size = bought or round(9900.0 / 1.100025, 2)
    assert trader.fills(fx)[0][0] == min(size, 1000.0)
    trader.quote(1.10, 1.10005, askSize=float("nan"), con_id=pair.contract.conId)
    assert sum(each for each, _ in trader.fills(fx)) == pytest.approx(size)
    assert trader.status(fx) == "Filled"


def test_a_delta_hedge_has_the_delta_of_the_model() -> None:
    trader = quoted(stock(), 100.00, 100.02, details=CALL, delta_of=lambda con_id, now: 0.625)
    trader.quote(100.00, 100.02)
    delta = hedge(trader, stock(), begun(trader, quantity=3), "SELL", "D")
    trader.quote(98.98, 99.00)
    assert trader.fills(delta) == [(188.0, 100.0)], "187.5 in whole shares"


def test_the_greatest_size_bounds_it() -> None:
    trader = quoted(OTHER, 50.00, 50.02)
    pair = hedge(trader, OTHER, begun(trader), "SELL", "P", hedgeParam="2", hedgeMaxSize=150)
    trader.quote(98.98, 99.00)
    assert (trader.fills(pair), trader.status(pair)) == ([(150.0, 50.0)], "Filled")


def test_without_a_price_it_is_cancelled_and_its_parent_goes_on() -> None:
    trader = make_trader()
    trader.quote(100.00, 100.02)
    parent = begun(trader)
    beta = hedge(trader, OTHER, parent, "SELL", "B", hedgeParam="1")
    trader.quote(98.98, 99.00)
    assert (trader.status(parent), trader.status(beta)) == ("Filled", "Cancelled")
    assert trader.errors() == [(202, "Order Canceled - reason:No price tells the size of the hedge")]


def test_its_price_may_change_but_not_what_it_hedges() -> None:
    trader = quoted(OTHER, 50.00, 50.02)
    terms = {"hedgeParam": "1", "orderType": "LMT", "lmtPrice": 51.0}
    parent = begun(trader)
    pair = hedge(trader, OTHER, parent, "SELL", "P", **terms)
    trader.quote(98.98, 99.00, askSize=40)
    for changes, errors in (({"lmtPrice": 50.0}, []), ({"hedgeParam": "2"}, [105])):
        order = Order(orderId=pair, action="SELL", parentId=parent, hedgeType="P", **{**terms, **changes})
        trader.facts = trader.exchange.place(1, OTHER.contract, OTHER, order, trader.now)
        assert [code for code, _ in trader.errors()] == errors
    assert trader.fills(pair) == [(40.0, 50.0)]


@pytest.mark.parametrize(
    ("kind", "fields", "code"),
    [
        ("X", {}, 10007),
        ("F", {"hedgeParam": "1"}, 10007),
        ("F", {}, 10007),
        ("B", {"hedgeParam": "beta=-1"}, 10008),
        ("B", {}, 10008),
        ("P", {"hedgeParam": "ratio=x"}, 10009),
        ("D", {}, 10010),
        ("D", {"orderType": "STP", "auxPrice": 1.0}, 380),
        ("P", {"hedgeParam": "1", "totalQuantity": 5.0}, 321),
        ("P", {"hedgeParam": "1", "hedgeMaxSize": -5}, 321),
        ("", {"hedgeParam": "1", "totalQuantity": 5.0}, 10007),
    ],
)
def test_what_is_refused(kind: str, fields: dict[str, Any], code: int) -> None:
    trader = quoted(OTHER, 50.00, 50.02)
    parent = begun(trader)
    hedge(trader, OTHER, parent, "SELL", kind, **fields)
    assert [code for code, _ in trader.errors()] == [code]


def test_it_needs_a_parent_on_the_right_side() -> None:
    trader = quoted(stock(), 100.00, 100.02, details=CALL, delta_of=lambda con_id, now: 0.5)
    hedge(trader, stock(), 0, "SELL", "D")
    assert [code for code, _ in trader.errors()] == [10006]
    parent = begun(trader, quantity=1)
    hedge(trader, stock(), parent, "BUY", "D")
    assert [code for code, _ in trader.errors()] == [10010]
