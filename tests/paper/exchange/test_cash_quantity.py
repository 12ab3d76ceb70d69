"""Orders of which the client names an amount of money."""

from dataclasses import replace
from typing import Any

import pytest
from paper.exchange.conftest import Trader, forex, future, make_trader, option

from ibdesk.model.contract_details import ContractDetails
from ibdesk.model.unset import UNSET_DOUBLE
from ibdesk.paper.exchange import OrderEchoed


def euro(**settings: Any) -> Trader:
    trader = make_trader(replace(forex(), sizeIncrement=0.01), **settings)
    trader.quote(1.10000, 1.10005, bidSize=1e6, askSize=1e6)
    return trader


@pytest.mark.parametrize(
    ("action", "kind", "limit", "size"),
    [
        ("BUY", "LMT", 1.1, 18181.81),
        ("BUY", "MKT", UNSET_DOUBLE, 18180.99),
        ("SELL", "MKT", UNSET_DOUBLE, 18181.81),
    ],
)
def test_forex_is_sized_in_its_second_currency(action: str, kind: str, limit: float, size: float) -> None:
    trader = euro()
    order = trader.place(action, 0, kind, lmtPrice=limit, cashQty=20000.0)
    shown = trader.echoes()[0]
    assert (trader.errors(), shown.totalQuantity, shown.cashQty) == ([], size, 20000.0)
    if kind == "MKT":
        assert sum(each for each, _ in trader.fills(order)) == size


def test_stocks_are_whole(trader: Trader) -> None:
    assert trader.fills(trader.place("BUY", 0, cashQty=1000.0)) == [(9.0, 100.02)]


def test_a_change_keeps_the_size(trader: Trader) -> None:
    order = trader.place("BUY", 0, "LMT", lmtPrice=90.0, cashQty=1000.0)
    trader.place("BUY", 0, "LMT", lmtPrice=50.0, cashQty=1000.0, orderId=order)
    (shown,) = (fact.order for fact in trader.exchange.open_orders() if isinstance(fact, OrderEchoed))
    assert (trader.errors(), shown.lmtPrice, shown.totalQuantity) == ([], 50.0, 11.0)
    trader.place("BUY", 0, "LMT", lmtPrice=50.0, cashQty=2000.0, orderId=order)
    assert [code for code, _ in trader.errors()] == [10244]


@pytest.mark.parametrize(
    ("details", "kind", "fields", "code"),
    [
        (None, "STP", {"auxPrice": 110.0}, 10244),
        (None, "LMT", {"lmtPrice": 99.0, "totalQuantity": 5.0}, 10244),
        (None, "LMT", {"lmtPrice": 99.0, "cashQty": -5.0}, 10244),
        (None, "LMT", {"lmtPrice": 99.0, "cashQty": 50.0}, 434),
        (None, "LMT", {"lmtPrice": 99.0, "scaleInitLevelSize": 1, "scalePriceIncrement": 0.01}, 10244),
        (option(), "MKT", {}, 10244),
        (future(), "MKT", {}, 10244),
    ],
)
def test_what_is_refused(details: ContractDetails | None, kind: str, fields: dict[str, Any], code: int) -> None:
    trader = make_trader(details)
    trader.quote(100.00, 100.02)
    terms = {"cashQty": 1000.0, **fields}
    trader.place("BUY", terms.pop("totalQuantity", 0), kind, **terms)
    assert [code for code, _ in trader.errors()] == [code]
    assert trader.exchange.open_orders() == []


def test_a_market_order_needs_a_quote() -> None:
    trader = make_trader()
    trader.place("BUY", 0, cashQty=1000.0)
    assert [code for code, _ in trader.errors()] == [10244]


def test_it_can_be_asked_for_only() -> None:
    trader = euro()
    trader.place("BUY", 0, cashQty=20000.0, whatIf=True)
    assert (trader.errors(), trader.echoes()[0].totalQuantity) == ([], 18180.99)
