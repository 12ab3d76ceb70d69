"""Which values of a field are served, ignored with a warning, harmless or refused."""

import pytest
from paper.exchange.conftest import HOURS, at, forex, make_trader, published_hours, stock

from ibdesk.model.components import TagValue
from ibdesk.model.conditions import TimeCondition
from ibdesk.model.order import Order
from ibdesk.model.unset import UNSET_DOUBLE, UNSET_INTEGER
from ibdesk.paper.exchange import OrderEchoed
from ibdesk.paper.exchange.order_fields import SERVER_DEFAULTS
from ibdesk.paper.like import Like

UNSUPPORTED = (387, "Unsupported order type for this exchange and security type.")


@pytest.mark.parametrize(
    ("fields", "code", "text"),
    [
        ({"scaleInitPosition": 5}, 10340, "The following order attribute is not supported: scaleInitPosition=5"),
        ({"minQty": 2}, 321, "Error validating request.-'bH' : cause - Invalid minQty 2"),
        ({"duration": -1}, 321, "Error validating request.-'bH' : cause - Invalid duration -1"),
        ({"trailingPercent": 2.0}, 10340, "The following order attribute is not supported: trailingPercent=2.0"),
        ({"volatility": 0.3}, 371, "VOL order requires positive floating point value for volatility. Do not set it for "
         "other order types. (volatility=0.3)"),
        ({"ocaGroup": "one", "ocaType": 7}, 321, "Error validating request.-'bH' : cause - Invalid OCA type 7"),
        ({"orderMiscOptions": [TagValue("a", "b")]}, 10337, "Misc options key=a=b is invalid in placeOrder request. "
         "Valid keys are: none"),
        ({"conditions": [TimeCondition(time="20260415 12:00:00", conjunction="x")]}, 321,
         "Error validating request.-'bH' : cause - Invalid condition: conditions[].conjunction=x"),
        ({"customerAccount": "C123", "account": "DU1234567"}, 145, "Error in validating entry fields -Account config "
         "doesn't allow to specify customer account value: C123 for account DU1234567"),
        ({"algoStrategy": "Va\tp" + "x" * 70}, 439, "Order processing failed. Algorithm definition not found. "
         r"(algoStrategy=Va\tp" + "x" * 55 + "...)"),
    ],
)  # fmt: skip
def test_what_is_not_served_is_refused_by_its_name_and_its_value(trader, fields, code, text):
    trader.place("BUY", 1, "LMT", lmtPrice=90.0, **fields)
    assert trader.errors() == [(code, text)]
    assert trader.exchange.open_orders() == []


@pytest.mark.parametrize("nothing", [0, 0.0, "", None, False, UNSET_DOUBLE, UNSET_INTEGER], ids=repr)
def test_a_field_that_says_nothing_is_not_refused(trader, nothing):
    for name in ("volatility", "cashQty", "minQty", "displaySize", "scaleInitLevelSize", "auxPrice"):
        trader.place("BUY", 1, "LMT", lmtPrice=90.0, **{name: nothing})
        assert trader.errors() == []


def test_a_group_may_be_left_to_the_type_that_servers_choose(trader):
    order = trader.place("BUY", 1, "LMT", lmtPrice=90.0, ocaGroup="one", ocaType=3)
    trader.place("BUY", 2, "LMT", lmtPrice=90.0, ocaGroup="one", orderId=order)
    assert (trader.errors(), trader.status(order)) == ([], "Submitted")


def test_what_servers_show_where_nothing_is_set_is_not_refused(trader):
    shown = {name: value for name, value in SERVER_DEFAULTS.items() if name != "lmtPrice"}
    trader.place("BUY", 1, "LMT", lmtPrice=90.0, **shown)
    assert trader.errors() == []


def test_an_order_that_was_shown_may_be_sent_back_changed_or_as_a_new_one(trader):
    for name, prices in {
        "LMT": {"lmtPrice": 90.0},
        "STP": {"auxPrice": 120.0},
        "STP LMT": {"auxPrice": 120.0, "lmtPrice": 121.0},
        "TRAIL": {"trailingPercent": 2.0},
        "TRAIL LIMIT": {"auxPrice": 1.0, "lmtPrice": 111.0, "trailStopPrice": 110.0},
        "SNAP PRIM": {},
        "MIT": {"auxPrice": 90.0},
    }.items():
        number = trader.place("BUY", 5, name, orderRef="mine", **prices)
        (shown,) = (fact.order for fact in trader.exchange.open_orders(1) if isinstance(fact, OrderEchoed))
        shown.totalQuantity = 3.0
        trader.exchange.modify(1, trader.contract, trader.details, shown, trader.now)
        (changed,) = (fact.order for fact in trader.exchange.open_orders(1) if isinstance(fact, OrderEchoed))
        assert (changed.totalQuantity, changed.orderRef) == (3.0, "mine")
        trader.cancel(number)
        changed.orderId = number + 1
        trader.facts = trader.exchange.submit(1, trader.contract, trader.details, changed, trader.now)
        assert trader.errors() == []
        trader.exchange.cancel_all(trader.now)


def test_what_an_order_had_may_stay_when_its_type_changes(trader):
    number = trader.place("BUY", 5, "TRAIL", trailingPercent=2.0)
    trader.place("BUY", 5, "MKT", orderId=number, trailingPercent=2.0)
    assert trader.fills(number) == [(5.0, 100.02)]
    number = trader.place("BUY", 5, "TRAIL", trailingPercent=2.0)
    trader.place("BUY", 5, "MKT", orderId=number, trailingPercent=3.0)
    assert [code for code, _ in trader.errors()] == [10340]


def test_regular_hours_are_kept_where_others_are_not_for_the_order():
    trader = make_trader(stock(**HOURS), published_hours, now=at(7))
    trader.quote(100.00, 100.02, last=100.01)
    order = trader.place("BUY", 5, "MKT", outsideRth=True)
    assert [code for code, _ in trader.errors()] == [2109, 399]
    assert (trader.status(order), trader.echoes()[0].outsideRth) == ("PreSubmitted", False)
    trader.until(at(9, 30))
    assert trader.fills(order) == [(5.0, 100.02)]


def test_the_limit_order_beside_it_is_filled_outside_regular_hours():
    trader = make_trader(stock(**HOURS), published_hours, now=at(7))
    trader.quote(100.00, 100.02, last=100.01)
    order = trader.place("BUY", 5, "LMT", lmtPrice=100.02, outsideRth=True)
    assert (trader.errors(), trader.fills(order)) == ([], [(5.0, 100.02)])


def test_a_warning_does_not_end_the_order():
    trader = make_trader(forex())
    trader.quote(1.1, 1.10005)
    order = trader.place("BUY", 20000, "LMT", lmtPrice=1.0, sweepToFill=True, outsideRth=True)
    assert sorted(code for code, _ in trader.errors()) == [131, 2109]
    assert trader.status(order) == "Submitted"


@pytest.mark.parametrize(("like", "refused"), [(Like.PAPER, [387]), (Like.LIVE, [])])
def test_an_iceberg_is_refused_by_gateways_of_paper_accounts_only(make, like, refused):
    trader = make(like=like)
    trader.place("BUY", 500, "LMT", lmtPrice=90.0, displaySize=100)
    assert [code for code, _ in trader.errors()] == refused


def test_short_sales_are_for_institutions():
    for like, refusal in ((Like.PAPER, UNSUPPORTED), (Like.LIVE, (303, "Invalid action: SSHORT"))):
        trader = make_trader(like=like)
        trader.place("SSHORT", 1)
        assert trader.errors() == [refusal]


def test_the_caller_s_order_is_left_alone(trader):
    order = Order(orderId=1, action="BUY", totalQuantity=1, orderType="MKT", outsideRth=True)
    trader.exchange.submit(1, trader.contract, trader.details, order, trader.now)
    assert order.outsideRth
