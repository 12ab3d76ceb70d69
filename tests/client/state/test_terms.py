"""What holds of an order's terms, and what goes back: the owner's changes, the server's, and what it filled in."""

import copy
from collections.abc import Callable
from dataclasses import fields
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from ibdesk.client.state.terms import Terms, clear_unmeant
from ibdesk.model.components import SoftDollarTier
from ibdesk.model.conditions import PriceCondition
from ibdesk.model.contract import TagValue
from ibdesk.model.order import Order, OrderComboLeg, StopOrder
from ibdesk.model.unset import UNSET_DOUBLE, UNSET_INTEGER

NO_TERMS = {
    "orderId", "clientId", "permId", "parentId", "parentPermId", "action", "transmit", "whatIf", "whatIfType",
    "filledQuantity", "autoCancelDate", "submitter", "shareholder", "bondAccruedInterest", "refFuturesConId",
    "slOrderId", "slOrderType", "ptOrderId", "ptOrderType", "eTradeOnly", "firmQuoteOnly", "nbboPriceCap", "faProfile",
}  # fmt: skip
NAMES = [field.name for field in fields(Order) if field.name not in NO_TERMS]
OF_VOLATILITY = {"volatility", "volatilityType", "continuousUpdate", "referencePriceType"} | {
    name for name in NAMES if name.startswith("deltaNeutral")
}
TOLD_WHEREVER = {"orderType", "tif", "outsideRth", "orderRef"}
"""What is never taken for filled in."""

FILLED_IN = {
    "auxPrice": 0.0, "tif": "DAY", "ocaType": 3, "displaySize": UNSET_INTEGER, "trailStopPrice": 79.38,
    "volatility": 0.31, "volatilityType": 0, "deltaNeutralOrderType": "None", "referencePriceType": 0,
    "account": "DU5896513", "clearingIntent": "IB", "adjustedOrderType": "None", "cashQty": 0.0,
    "dontUseAutoPriceForHedge": True, "openClose": "", "ocaGroup": "1938982781",
}  # fmt: skip
"""What servers show of a plain limit order, and its owner never set (ib_insync#189, #317, #509)."""


def two_values(name: str) -> tuple[Any, Any]:
    """Values that a term can have, neither of them its default."""
    lists = {
        "algoParams": ([TagValue("a", "1")], [TagValue("a", "2")]),
        "smartComboRoutingParams": ([TagValue("NonGuaranteed", "1")], [TagValue("NonGuaranteed", "0")]),
        "orderMiscOptions": ([TagValue("a", "1")], [TagValue("b", "1")]),
        "orderComboLegs": ([OrderComboLeg(1.0)], [OrderComboLeg(2.0)]),
        "conditions": ([PriceCondition(price=1.0)], [PriceCondition(price=2.0)]),
        "softDollarTier": (SoftDollarTier("a", "1"), SoftDollarTier("b", "2")),
        "orderType": ("MKT", "LMT"),
        "seekPriceImprovement": (True, False),
    }
    if name in lists:
        return lists[name]
    default = getattr(Order, name)
    if isinstance(default, bool):
        return True, False
    if isinstance(default, str):
        return "one", "other"
    return (7, 8) if isinstance(default, int) else (7.5, 8.5)


def limit(**values: Any) -> Order:
    return Order(**{"action": "BUY", "totalQuantity": 100.0, "orderType": "LMT", "lmtPrice": 78.38, **values})


def placed(order: Order) -> Terms:
    return Terms(order, is_placed_here=True)


def shown(order: Order, **values: Any) -> Order:
    """As the server shows it."""
    return copy.deepcopy(Order(**{**order.dict(), **values}))


def adopted(**values: Any) -> tuple[Terms, Order]:
    order = limit(**values)
    clear_unmeant(order)
    return Terms(order, is_placed_here=False), order


def changed(order: Order, terms: Terms) -> Order:
    """Send a change."""
    going = terms.outgoing(order)
    terms.change(order, going)
    return going


def differing(one: Order, other: Order) -> set[str]:
    return {name for name in NAMES if getattr(one, name) != getattr(other, name)}


# --- what the server says is true -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_what_changes_at_the_server_is_taken_over_and_goes_back(name: str) -> None:
    """ib_async#102, for every term that its owner set."""
    mine, theirs = two_values(name)
    own = limit(**{"orderType": "VOL", name: mine} if name in OF_VOLATILITY else {name: mine})
    terms = placed(own)
    for value in (mine, theirs):
        terms.take_over(own, shown(own, **{name: value}), is_waiting=False)
        assert getattr(own, name) == value
    own.displaySize = 5
    assert getattr(terms.outgoing(own), name) == (theirs if name != "displaySize" else 5)


# A limit order has no such prices, and of the last two it is not known what the server fills in.
NOT_OF_A_LIMIT_ORDER = {"auxPrice", "trailStopPrice", "lmtPriceOffset", "cashQty", "dontUseAutoPriceForHedge"}


@pytest.mark.parametrize("name", sorted(set(NAMES) - OF_VOLATILITY - NOT_OF_A_LIMIT_ORDER))
def test_what_a_person_sets_in_tws_is_taken_over_and_goes_back(name: str) -> None:
    """Its owner left it alone, and so the server had at first."""
    own = limit()
    terms = placed(own)
    terms.take_over(own, shown(own, **FILLED_IN), is_waiting=False)
    value = two_values(name)[0]
    terms.take_over(own, shown(own, **{**FILLED_IN, name: value}), is_waiting=False)
    assert getattr(own, name) == value
    assert getattr(terms.outgoing(own), name) == value


def test_what_is_taken_out_in_tws_is_taken_out() -> None:
    own = limit(goodTillDate="20261231 23:59:59", conditions=[PriceCondition(price=1.0)])
    terms = placed(own)
    terms.take_over(own, shown(own), is_waiting=False)
    terms.take_over(own, shown(own, goodTillDate="", conditions=[]), is_waiting=False)
    assert (own.goodTillDate, own.conditions) == ("", [])


def test_what_a_server_leaves_out_is_not_taken_out() -> None:
    """It is too old for it, or never shows it."""
    own = limit(manualOrderTime="20261231 10:00:00", extOperator="me", totalQuantity=100, openClose="C")
    terms = placed(own)
    for value in ("", "?"):
        echo = shown(own, manualOrderTime="", extOperator="", openClose=value, totalQuantity=0.0, lmtPrice=UNSET_DOUBLE)
        terms.take_over(own, echo, is_waiting=False)
    assert (own.manualOrderTime, own.extOperator, own.openClose) == ("20261231 10:00:00", "me", "C")
    assert (own.totalQuantity, own.lmtPrice) == (100, 78.38)


def test_the_type_can_be_changed_in_tws() -> None:
    own = limit(orderType="MKT", lmtPrice=UNSET_DOUBLE)
    terms = placed(own)
    terms.take_over(own, shown(own, lmtPrice=0.0), is_waiting=False)
    assert own.lmtPrice == UNSET_DOUBLE
    terms.take_over(own, shown(own, orderType="LMT", lmtPrice=12.0), is_waiting=False)
    assert (own.orderType, own.lmtPrice) == ("LMT", 12.0)
    going = terms.outgoing(own)
    assert (going.orderType, going.lmtPrice) == ("LMT", 12.0)


# --- what the owner changed stays -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_an_unsent_change_is_kept(name: str) -> None:
    mine, theirs = two_values(name)
    own = limit()
    terms = placed(own)
    terms.take_over(own, shown(own), is_waiting=False)
    setattr(own, name, mine)
    terms.take_over(own, shown(own, **{name: theirs}), is_waiting=False)
    assert getattr(own, name) == mine
    kind = {"orderType": "VOL"} if name in OF_VOLATILITY else {}
    vars(own).update(kind)
    assert getattr(changed(own, terms), name) == mine
    for value in (mine, theirs):
        terms.take_over(own, shown(own, **{name: value}), is_waiting=False)
    assert getattr(own, name) == theirs, "once it was sent the server's word counts again"


def test_a_change_inside_a_list_is_a_change() -> None:
    own = limit(algoStrategy="Adaptive", algoParams=[TagValue("adaptivePriority", "Normal")])
    terms = placed(own)
    terms.take_over(own, shown(own), is_waiting=False)
    own.algoParams[0] = TagValue("adaptivePriority", "Urgent")
    terms.take_over(own, shown(own, algoParams=[TagValue("adaptivePriority", "Normal")]), is_waiting=False)
    assert own.algoParams == [TagValue("adaptivePriority", "Urgent")]


def test_echoes_of_earlier_changes_do_not_undo_a_later_one() -> None:
    own = limit(lmtPrice=100.0)
    terms = placed(own)
    terms.take_over(own, shown(own), is_waiting=False)
    for price in (101.0, 102.0):
        own.lmtPrice = price
        changed(own, terms)
    for price in (100.0, 101.0):
        echo = shown(own, lmtPrice=price, outsideRth=True)
        assert not terms.is_answered_by(echo)
        terms.take_over(own, echo, is_waiting=True)
        assert (own.lmtPrice, own.outsideRth) == (102.0, True)
    echo = shown(own, lmtPrice=102.0)
    assert terms.is_answered_by(echo)
    terms.settle()
    terms.take_over(own, shown(own, lmtPrice=103.0), is_waiting=False)
    assert own.lmtPrice == 103.0


@pytest.mark.parametrize("number", [Decimal("101.1"), np.float64(101.1), np.array(101.1), "101.1"], ids=repr)
def test_numbers_of_any_type_are_answered(number: Any) -> None:
    own = limit()
    terms = placed(own)
    terms.take_over(own, shown(own), is_waiting=False)
    own.lmtPrice = number
    changed(own, terms)
    assert not terms.is_answered_by(limit())
    assert terms.is_answered_by(limit(lmtPrice=101.1))
    terms.take_over(own, limit(lmtPrice=101.1), is_waiting=False)
    assert own.lmtPrice is number, "it says the same"


@pytest.mark.parametrize(
    ("sent", "theirs"), [("20", 20.0), (Decimal(20), 20.0), (20.000000000000004, 20.0), ("2e1", 20.0)]
)
def test_what_the_server_spells_or_rounds_to_the_same_number_is_the_same(sent: Any, theirs: float) -> None:
    own = limit()
    terms = placed(own)
    terms.take_over(own, shown(own), is_waiting=False)
    own.totalQuantity = sent
    changed(own, terms)
    assert terms.is_answered_by(limit(totalQuantity=theirs))
    terms.take_over(own, limit(totalQuantity=theirs), is_waiting=False)
    assert own.totalQuantity is sent


def test_whole_numbers_are_one_only_where_they_are_equal() -> None:
    own = limit(orderType="VOL", deltaNeutralConId=2_000_000_001)
    terms = placed(own)
    terms.take_over(own, shown(own, deltaNeutralConId=2_000_000_002), is_waiting=False)
    assert own.deltaNeutralConId == 2_000_000_002


@pytest.mark.parametrize("name", [name for name in NAMES if name != "orderType"])
def test_a_change_of_any_term_outlasts_every_echo_of_before(name: str) -> None:
    """Each partial fill brings such an echo."""
    mine, theirs = two_values(name)
    if name in OF_VOLATILITY:
        own = limit(**{"orderType": "VOL", name: mine})
    elif name in ("auxPrice", "trailStopPrice", "lmtPriceOffset"):
        own = limit(**{"orderType": "TRAIL LIMIT", "lmtPrice": UNSET_DOUBLE, name: mine})
    else:
        own = limit(**{name: mine})
    terms = placed(own)
    before = shown(own)
    terms.take_over(own, before, is_waiting=False)
    setattr(own, name, theirs)
    going = changed(own, terms)
    for _ in range(2):
        is_answer = terms.is_answered_by(shown(before))
        terms.take_over(own, shown(before), is_waiting=not is_answer)
        assert (is_answer, getattr(own, name)) == (getattr(before, name) == getattr(Order(), name), theirs)
    assert terms.is_answered_by(shown(going))


@pytest.mark.parametrize(
    ("change", "theirs"),
    [
        ({"lmtPrice": 101.123}, {"lmtPrice": 101.12}),
        ({"orderType": "STPLMT", "auxPrice": 101.0}, {"orderType": "STP LMT", "auxPrice": 101.0}),
        ({"orderType": "STPLMT"}, {"orderType": "STP LMT"}),
        ({"lmtPrice": 101.0, "hidden": True}, {"lmtPrice": 101.0, "hidden": False}),
        ({"orderType": "MKT", "lmtPrice": UNSET_DOUBLE}, {"orderType": "MKT", "lmtPrice": 78.38}),
        ({"lmtPrice": 101.0, "algoId": "a"}, {"lmtPrice": 101.0, "algoId": ""}),
    ],
)
def test_what_the_server_makes_of_a_change_is_an_answer(change: dict[str, Any], theirs: dict[str, Any]) -> None:
    own = limit()
    terms = placed(own)
    before = shown(own)
    terms.take_over(own, before, is_waiting=False)
    for name, value in change.items():
        setattr(own, name, value)
    changed(own, terms)
    assert not terms.is_answered_by(before)
    assert terms.is_answered_by(shown(before, **theirs))


def test_a_limit_that_the_server_derives_is_an_answer() -> None:
    own = Order(action="SELL", orderType="TRAIL LIMIT", totalQuantity=100, auxPrice=1.0, trailStopPrice=95.0)
    own.lmtPrice = 94.9
    terms = placed(own)
    terms.take_over(own, shown(own, trailStopPrice=95.03, lmtPrice=94.93), is_waiting=False)
    own.lmtPrice = 94.8
    changed(own, terms)
    assert not terms.is_answered_by(shown(own, trailStopPrice=95.03, lmtPrice=94.93))
    assert terms.is_answered_by(shown(own, trailStopPrice=95.06, lmtPrice=94.96))


def test_a_change_back_to_what_was_sent_is_a_change_too() -> None:
    """The server, or a person in TWS, had put another price."""
    own = limit(lmtPrice=100.0)
    terms = placed(own)
    terms.take_over(own, shown(own, lmtPrice=105.0), is_waiting=False)
    own.lmtPrice = 100.0
    assert changed(own, terms).lmtPrice == 100.0
    for _ in range(2):
        echo = shown(own, lmtPrice=105.0)
        assert not terms.is_answered_by(echo)
        terms.take_over(own, echo, is_waiting=True)
        assert own.lmtPrice == 100.0
    terms.refuse(own)
    assert own.lmtPrice == 105.0


def test_what_was_refused_goes_back_and_is_not_sent_again() -> None:
    own = limit(tif="GTC")
    terms = placed(own)
    terms.take_over(own, shown(own, auxPrice=0.0), is_waiting=False)
    before = copy.deepcopy(own)
    own.orderType, own.auxPrice, own.tif, own.hidden = "STP LMT", 80.0, "DAY", True
    own.conditions = [PriceCondition(price=1.0)]
    changed(own, terms)
    own.tif = "IOC"
    terms.refuse(own)
    assert differing(own, before) == {"tif"}, "changed again since"
    own.totalQuantity = 50
    assert differing(changed(own, terms), before) == {"tif", "totalQuantity"}


def test_a_side_that_was_refused_goes_back() -> None:
    """Servers refuse to change it (105). Else each later change would be refused, too."""
    own = limit(action="BUY")
    terms = placed(own)
    terms.take_over(own, shown(own), is_waiting=False)
    own.action = "SELL"
    assert changed(own, terms).action == "SELL"
    terms.refuse(own)
    assert own.action == "BUY"


def test_prices_of_32_bits_are_compared_without_a_warning() -> None:
    own = limit(lmtPrice=np.float32(101.1), percentOffset=np.float32(0.5))
    terms = placed(own)
    terms.take_over(own, limit(lmtPrice=101.1, percentOffset=0.5), is_waiting=False)
    own.lmtPrice = np.float32(102.1)
    assert float(str(changed(own, terms).lmtPrice)) == 102.1
    assert terms.is_answered_by(limit(lmtPrice=102.1))


def test_what_cannot_be_compared_is_the_owners_change() -> None:
    own = limit()
    terms = placed(own)
    own.lmtPrice = np.array([1.0, 2.0])  # type: ignore[assignment]
    terms.take_over(own, limit(), is_waiting=False)
    assert len(own.lmtPrice) == 2  # type: ignore[arg-type]


# --- what the server filled in does not go back ---------------------------------------------------------------------


def test_a_limit_order_goes_back_as_it_was_sent() -> None:
    own = limit()
    sent = copy.copy(own)
    terms = placed(own)
    for _ in range(2):
        terms.take_over(own, shown(own, **FILLED_IN), is_waiting=False)
    assert own.tif == "DAY"
    assert differing(own, sent) == {"tif"}, "nothing that says nothing of a limit order"
    own.lmtPrice = 78.5
    assert differing(changed(own, terms), sent) == {"lmtPrice"}
    terms.take_over(own, shown(own, **FILLED_IN), is_waiting=False)
    assert differing(terms.outgoing(own), sent) == {"lmtPrice"}


@pytest.mark.parametrize("name", sorted(set(NAMES) - TOLD_WHEREVER))
def test_no_term_that_was_filled_in_goes_back(name: str) -> None:
    own = limit() if name not in ("lmtPrice", "totalQuantity") else StopOrder("SELL", 100.0, 13.13)
    sent = copy.copy(own)
    terms = placed(own)
    value = two_values(name)[0]
    terms.take_over(own, shown(own, **{name: value}), is_waiting=False)
    going = terms.outgoing(own)
    own.outsideRth = True
    assert differing(going, sent) <= ({name} if name == "totalQuantity" else set())
    if name in OF_VOLATILITY:
        # They vary by themselves.
        terms.take_over(own, shown(own, **{name: two_values(name)[1]}), is_waiting=False)
        assert getattr(terms.outgoing(own), name) == getattr(sent, name)


def test_of_an_order_that_was_placed_elsewhere_all_goes_back_that_means_something() -> None:
    terms, own = adopted(**{**FILLED_IN, "tif": "GTC", "parentId": 3})
    assert own.volatility == UNSET_DOUBLE, "no copy of it brings it back either"
    own.lmtPrice = 78.5
    going = changed(own, terms)
    assert differing(going, limit(**FILLED_IN)) >= {"lmtPrice", "volatility", "trailStopPrice", "deltaNeutralOrderType"}
    assert (going.tif, going.account, going.ocaGroup, going.ocaType) == ("GTC", "DU5896513", "1938982781", 3)
    assert (going.trailStopPrice, going.deltaNeutralOrderType, going.adjustedOrderType) == (UNSET_DOUBLE, "", "")
    assert (going.volatilityType, going.referencePriceType) == (UNSET_INTEGER, UNSET_INTEGER)
    terms.take_over(own, shown(own, lmtPrice=80.0, account="DU2", trailStopPrice=81.0), is_waiting=False)
    assert (own.lmtPrice, own.account) == (80.0, "DU2")


def test_a_volatility_order_keeps_its_volatility() -> None:
    terms, own = adopted(orderType="VOL", volatility=0.3, volatilityType=2, deltaNeutralOrderType="MKT")
    going = terms.outgoing(own)
    assert (going.volatility, going.volatilityType, going.deltaNeutralOrderType) == (0.3, 2, "MKT")
    own.orderType, own.lmtPrice = "LMT", 1.0
    assert terms.outgoing(own).volatility == UNSET_DOUBLE


# --- stops that trail -----------------------------------------------------------------------------------------------


def test_a_stop_that_its_owner_set_goes_back_where_it_has_got_to() -> None:
    own = Order(action="SELL", totalQuantity=100, orderType="TRAIL", auxPrice=2.0, trailStopPrice=260.0)
    terms = placed(own)
    for stop in (260.0, 265.82):
        terms.take_over(own, shown(own, trailStopPrice=stop, lmtPrice=stop + 1), is_waiting=False)
        assert (own.trailStopPrice, own.lmtPrice) == (stop, UNSET_DOUBLE)
    assert terms.outgoing(own).trailStopPrice == 265.82
    own.trailStopPrice = 266.0
    assert changed(own, terms).trailStopPrice == 266.0


def test_a_stop_that_the_server_set_is_seen_and_does_not_go_back() -> None:
    """It would stand in the way of another trailing amount."""
    own = Order(action="SELL", totalQuantity=100, orderType="TRAIL", trailingPercent=1.5)
    terms = placed(own)
    for stop in (260.0, 265.82):
        terms.take_over(own, shown(own, trailStopPrice=stop, lmtPrice=2000.03, auxPrice=0.0), is_waiting=False)
        assert (own.trailStopPrice, own.lmtPrice, own.auxPrice) == (stop, UNSET_DOUBLE, UNSET_DOUBLE)
    assert terms.outgoing(own).trailStopPrice == UNSET_DOUBLE
    own.trailStopPrice = 264.0
    assert changed(own, terms).trailStopPrice == 264.0
    terms.take_over(own, shown(own, trailStopPrice=266.0), is_waiting=False)
    assert terms.outgoing(own).trailStopPrice == 266.0, "from now on it is the owner's"


@pytest.mark.parametrize(("mine", "theirs"), [("lmtPriceOffset", "lmtPrice"), ("lmtPrice", "lmtPriceOffset")])
def test_of_limit_and_offset_the_owners_goes_back(mine: str, theirs: str) -> None:
    """Both at once are refused: ib_insync#88."""
    own = Order(action="SELL", orderType="TRAIL LIMIT", totalQuantity=100, auxPrice=2.0, trailStopPrice=260.0)
    values = {"lmtPriceOffset": 0.05, "lmtPrice": 259.95}
    setattr(own, mine, values[mine])
    terms = placed(own)
    terms.take_over(own, shown(own, **values), is_waiting=False)
    assert (own.lmtPriceOffset, own.lmtPrice) == (0.05, 259.95)
    terms.take_over(own, shown(own, trailStopPrice=265.82, lmtPrice=265.77), is_waiting=False)
    assert (own.trailStopPrice, own.lmtPrice) == (265.82, 265.77)
    going = terms.outgoing(own)
    assert (getattr(going, mine), getattr(going, theirs)) == (getattr(own, mine), UNSET_DOUBLE)
    assert going.trailStopPrice == 265.82
    setattr(own, theirs, 1.25)
    going = changed(own, terms)
    assert (getattr(going, mine), getattr(going, theirs)) == (UNSET_DOUBLE, 1.25), "what was set last"


@pytest.mark.parametrize(
    ("kept", "dropped", "values"),
    [
        ("lmtPriceOffset", "lmtPrice", {"orderType": "TRAIL LIMIT", "lmtPriceOffset": 0.05, "trailStopPrice": 9.0}),
        ("trailingPercent", "auxPrice", {"orderType": "TRAIL", "trailingPercent": 1.5, "auxPrice": 3.0}),
        ("cashQty", "totalQuantity", {"orderType": "MKT", "cashQty": 1000.0, "lmtPrice": UNSET_DOUBLE}),
    ],
)
def test_of_two_terms_that_exclude_each_other_one_goes_back(kept: str, dropped: str, values: dict[str, Any]) -> None:
    """Of an order that was placed elsewhere."""
    terms, own = adopted(**values)
    going = terms.outgoing(own)
    assert getattr(going, kept) == values[kept]
    assert getattr(going, dropped) == getattr(Order, dropped)
    setattr(own, dropped, 5.0)
    going = terms.outgoing(own)
    assert (getattr(going, kept), getattr(going, dropped)) == (getattr(Order, kept), 5.0)


def test_a_trailing_limit_order_of_tws_names_its_stop() -> None:
    """Its type was changed by hand; without a stop the change would be refused."""
    own = limit()
    terms = placed(own)
    terms.take_over(own, shown(own), is_waiting=False)
    trailing = {"orderType": "TRAIL LIMIT", "auxPrice": 2.0, "lmtPriceOffset": 0.05, "trailStopPrice": 80.0}
    terms.take_over(own, shown(own, **trailing, lmtPrice=79.95), is_waiting=False)
    going = terms.outgoing(own)
    assert (going.orderType, going.trailStopPrice, own.lmtPriceOffset) == ("TRAIL LIMIT", 80.0, 0.05)
    assert going.auxPrice == 2.0
    assert (going.lmtPrice, going.lmtPriceOffset) == (79.95, UNSET_DOUBLE), "one of them, which its owner had set"


# --- copies ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("copied", [copy.copy, lambda order: Order(**order.dict()), lambda order: order])
def test_an_order_that_is_placed_once_more_begins_where_its_owner_had_it(copied: Callable[[Order], Order]) -> None:
    own = Order(action="SELL", orderType="TRAIL LIMIT", totalQuantity=1, auxPrice=2.0, lmtPriceOffset=0.05)
    own.trailStopPrice = 260.0
    sent = copy.copy(own)
    terms = placed(own)
    terms.take_over(own, shown(own, tif="DAY", ocaType=3, lmtPrice=265.77), is_waiting=False)
    terms.take_over(own, shown(own, trailStopPrice=265.82, lmtPrice=265.77), is_waiting=False)
    assert differing(terms.outgoing(copied(own), is_new=True), sent) == set()


# --- whatever the order ---------------------------------------------------------------------------------------------

PRICES = st.sampled_from([10.0, 11.0, 12.0])
CHANGEABLE = ["lmtPrice", "totalQuantity", "outsideRth", "hidden", "minQty"]
VALUES = {
    "lmtPrice": PRICES,
    "totalQuantity": st.sampled_from([10.0, 20.0, 30.0]),
    "outsideRth": st.booleans(),
    "hidden": st.booleans(),
    "minQty": st.sampled_from([1, 2, 3]),
}


class Negotiation(RuleBasedStateMachine):
    """An owner who changes and sends, a server that does so too and shows what it has, each message in its time."""

    def __init__(self) -> None:
        super().__init__()
        self.own = Order()
        self.at_server = Order()
        self.to_server: list[Order] = []
        self.to_client: list[Order] = []
        self.is_waiting = False
        self.before: dict[str, Any] = {}
        """What the owner's object held of each term that he has changed and not sent."""

    @initialize(price=PRICES)
    def begin(self, price: float) -> None:
        self.own = limit(lmtPrice=price, minQty=1)
        self.terms = placed(self.own)
        self.at_server = shown(self.own, **FILLED_IN)
        self.show()

    @rule(name=st.sampled_from(CHANGEABLE), data=st.data())
    def owner_changes(self, name: str, data: Any) -> None:
        before = self.before.pop(name, getattr(self.own, name))
        setattr(self.own, name, data.draw(VALUES[name]))
        if getattr(self.own, name) != before:
            self.before[name] = before

    @rule()
    def owner_sends(self) -> None:
        going = self.terms.outgoing(self.own)
        assert not differing(going, limit()) - set(CHANGEABLE)
        self.terms.change(self.own, going)
        self.is_waiting = True
        self.to_server.append(copy.deepcopy(going))
        self.before.clear()

    @rule(name=st.sampled_from(CHANGEABLE), data=st.data())
    @precondition(lambda self: not self.to_server)
    def a_person_changes_it_in_tws(self, name: str, data: Any) -> None:
        setattr(self.at_server, name, data.draw(VALUES[name]))
        self.show()

    @rule()
    @precondition(lambda self: self.to_server)
    def the_server_takes_a_change(self) -> None:
        self.at_server = shown(self.to_server.pop(0), **FILLED_IN)
        self.show()

    @rule()
    @precondition(lambda self: self.to_client)
    def the_client_hears(self) -> None:
        self.hear(self.to_client.pop(0))

    @rule()
    def a_part_is_filled(self) -> None:
        self.show()

    def show(self) -> None:
        self.to_client.append(shown(self.at_server))

    def hear(self, echo: Order) -> None:
        unsent = {name: getattr(self.own, name) for name in self.before}
        is_answer = self.terms.is_answered_by(echo)
        is_ambiguous = self.terms.is_ambiguous(echo)
        self.terms.take_over(self.own, echo, is_waiting=self.is_waiting and not is_answer)
        if is_answer and not is_ambiguous:
            self.is_waiting = False
            self.terms.settle()
        assert unsent == {name: getattr(self.own, name) for name in self.before}

    def teardown(self) -> None:
        while self.to_server:
            self.the_server_takes_a_change()
        while self.to_client:
            self.the_client_hears()
        for name in set(CHANGEABLE) - self.before.keys():
            assert getattr(self.own, name) == getattr(self.at_server, name), name


def test_both_sides_change_an_order() -> None:
    run_state_machine_as_test(Negotiation, settings=settings(max_examples=60, stateful_step_count=25))
