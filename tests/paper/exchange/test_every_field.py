"""Every field of an order, one by one, on each product: it does what the table says, or the order is refused.

For each field that is served, `EFFECTS` has a function that sees what it does.
"""

import dataclasses
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from paper.exchange.conftest import (
    ACCOUNT,
    HOURS,
    Trader,
    at,
    forex,
    future,
    make_trader,
    option,
    published_hours,
    stock,
)

from ibdesk.model.components import SoftDollarTier, TagValue
from ibdesk.model.conditions import (
    ExecutionCondition,
    MarginCondition,
    PercentChangeCondition,
    PriceCondition,
    TimeCondition,
    VolumeCondition,
)
from ibdesk.model.contract import Stock
from ibdesk.model.contract_details import ContractDetails
from ibdesk.model.order import Order, OrderComboLeg
from ibdesk.paper.exchange import Worth
from ibdesk.paper.exchange.field_rules import FieldRule, Harmless, Refused, Told
from ibdesk.paper.exchange.field_table import RULES
from ibdesk.paper.exchange.order_types import ORDER_TYPES
from ibdesk.paper.exchange.products import PRODUCTS
from ibdesk.paper.like import Like

DETAILS = {"STK": stock, "OPT": option, "FUT": future, "CASH": forex}
NOON = "20260415 12:00:00 US/Eastern"
OTHER = 99

SAYING = {int: 1, float: 1.0, str: "1", bool: True}
"""A value that says something, by the type of a field."""

VALUES: dict[str, Any] = {
    "softDollarTier": SoftDollarTier("a", "b", "c"),
    "orderComboLegs": [OrderComboLeg(1.0)],
    "algoParams": [TagValue("a", "1")],
    "smartComboRoutingParams": [TagValue("a", "1")],
    "orderMiscOptions": [TagValue("a", "1")],
    "filledQuantity": 1.0,
    "routeMarketableToBbo": True,
    "usePriceMgmtAlgo": True,
    "seekPriceImprovement": True,
}


def worth(con_id: int, volatility: float, spot: float, when: Any) -> Worth:
    """An option that costs as much as its yearly volatility is in percent, and a hundredth of the underlying."""
    return Worth(volatility * 100 + spot / 100, 0.25)


def _other(con_id: int) -> ContractDetails | None:
    return dataclasses.replace(stock(), contract=Stock("MSFT", "SMART", "USD", conId=con_id))


def market(product: str, like: Like = Like.PAPER, hour: int = 11) -> Trader:
    """A market of a product, quoted at 100.00 to 100.02 with 1000 on each side, as its other instrument is."""
    details = dataclasses.replace(DETAILS[product](), minTick=0.01, underConId=OTHER, underSecType="STK", **HOURS)
    trader = make_trader(
        details, published_hours, cash=1e9, now=at(hour), like=like, option_model=worth, details_of=_other
    )
    trader.quote(100.00, 100.02, last=100.01)
    trader.quote(100.00, 100.02, last=100.01, con_id=OTHER)
    return trader


def value_of(name: str) -> Any:
    if name in VALUES:
        return VALUES[name]
    (kind,) = (field.type for field in dataclasses.fields(Order) if field.name == name)
    return SAYING[kind]


def codes(trader: Trader) -> list[int]:
    return [code for code, _ in trader.errors()]


# What is not served


def unserved() -> Iterator[Any]:
    """Every field with every product for which, or for a limit order of which, it is not served."""
    for name, rule in RULES.items():
        for product in PRODUCTS:
            served = product in rule.products and (product not in rule.by_type or ORDER_TYPES["LMT"].takes_field(name))
            if not served and "." not in name and "[" not in name:
                yield pytest.param(rule, product, id=f"{name}-{product}")


@pytest.mark.parametrize(("rule", "product"), list(unserved()))
def test_what_is_not_served_is_refused_or_told_or_harmless(rule: FieldRule, product: str) -> None:
    outcome = rule.verdict(value_of(rule.name), ORDER_TYPES["LMT"], product)
    plain, with_it = market(product), market(product)
    order = plain.place("BUY", 1, "LMT", lmtPrice=99.00)
    assert with_it.place("BUY", 1, "LMT", lmtPrice=99.00, **{rule.name: value_of(rule.name)}) == order
    match outcome:
        case Refused(code=code):
            assert codes(with_it) == [387 if rule.live_only else code]
            assert with_it.status(order) == ""
        case Told(code=code):
            assert codes(with_it) == [code]
            with_it.facts = with_it.facts[1:]
        case Harmless():
            assert codes(with_it) == []
    if not isinstance(outcome, Refused):
        for trader in (plain, with_it):
            trader.quote(98.98, 99.00, last=99.00)
        assert with_it.story() == plain.story()
        assert with_it.fills(order) == plain.fills(order) == [(1.0, 99.0)]


# What is served

Effect = Callable[[Trader], None]


def _order_id(one: Trader) -> None:
    one.place("BUY", 1, "LMT", lmtPrice=90.0, orderId=7)
    assert one.status(7) == "Submitted"


def _order_ref(one: Trader) -> None:
    one.place("BUY", 1, orderRef="mine")
    assert one.exchange.executions[0].execution.orderRef == "mine"


def _account(one: Trader) -> None:
    one.place("BUY", 1, account=ACCOUNT)
    assert one.exchange.executions[0].execution.acctNumber == ACCOUNT
    one.place("BUY", 1, account="DU0")
    assert codes(one) == [321]


def _action(one: Trader) -> None:
    assert one.fills(one.place("BUY", 1)) == [(1.0, 100.02)]
    assert one.fills(one.place("SELL", 1)) == [(1.0, 100.0)]


def _total_quantity(one: Trader) -> None:
    assert one.fills(one.place("BUY", 7)) == [(7.0, 100.02)]


def _limit(one: Trader) -> None:
    assert one.fills(one.place("BUY", 1, "LMT", lmtPrice=100.01)) == []
    assert one.fills(one.place("BUY", 1, "LMT", lmtPrice=100.02)) == [(1.0, 100.02)]


def _stop_price(one: Trader) -> None:
    order = one.place("BUY", 1, "STP", auxPrice=101.0, triggerMethod=2)
    one.quote(100.98, 101.00, last=100.99)
    assert one.fills(order) == []
    one.quote(100.98, 101.00, last=101.00)
    assert one.fills(order) == [(1.0, 101.0)]


def _time_in_force(one: Trader) -> None:
    assert one.status(one.place("BUY", 1, "LMT", lmtPrice=99.0, tif="IOC")) == "Cancelled"
    day, for_good = (one.place("BUY", 1, "LMT", lmtPrice=99.0, tif=tif) for tif in ("DAY", "GTC"))
    one.until(at(20, 1))
    assert one.status(day) == "Cancelled"
    assert one.status(for_good) in ("PreSubmitted", "Submitted")


def _good_after(one: Trader) -> None:
    order = one.place("BUY", 1, goodAfterTime=NOON)
    assert one.fills(order) == []
    one.until(at(12))
    assert one.fills(order) == [(1.0, 100.02)]


def _good_till(one: Trader) -> None:
    order = one.place("BUY", 1, "LMT", lmtPrice=99.0, tif="GTD", goodTillDate=NOON)
    one.until(at(11, 59))
    assert one.status(order) == "Submitted"
    one.until(at(12))
    assert one.status(order) == "Cancelled"


def _outside_hours(one: Trader) -> None:
    one.now = at(7)
    one = market(one.contract.secType, hour=7)
    assert one.fills(one.place("BUY", 1, "LMT", lmtPrice=100.02, outsideRth=True)) == [(1.0, 100.02)]
    held = one.place("BUY", 1, "LMT", lmtPrice=100.02)
    assert bool(one.fills(held)) is (one.contract.secType == "FUT"), "which trades around the clock"


def _duration(one: Trader) -> None:
    order = one.place("BUY", 1, "LMT", lmtPrice=99.0, duration=60)
    one.wait(seconds=59)
    assert one.status(order) == "Submitted"
    one.wait(seconds=1)
    assert one.status(order) == "Cancelled"


def _smallest_fill(one: Trader) -> None:
    order = one.place("BUY", 1500, "LMT", lmtPrice=100.02, minQty=1200)
    assert one.fills(order) == []
    one.quote(100.0, 100.02, askSize=1200)
    assert one.fills(order) == [(1200.0, 100.02)]


def _displayed(one: Trader) -> None:
    order = one.place("BUY", 200, "LMT", lmtPrice=100.0, displaySize=100)
    one.quote(100.0, 100.02, last=100.0, lastSize=200)
    assert one.fills(order) == 2 * [(100.0, 100.0)]


def _all_or_none(one: Trader) -> None:
    order = one.place("BUY", 1500, "LMT", lmtPrice=100.02, allOrNone=True)
    assert one.fills(order) == []
    one.quote(100.00, 100.02, askSize=1500)
    assert one.fills(order) == [(1500.0, 100.02)]


def _sweep(one: Trader) -> None:
    assert one.fills(one.place("BUY", 1500, "LMT", lmtPrice=100.02, sweepToFill=True)) == [(1000.0, 100.02)]


def _transmit(one: Trader) -> None:
    order = one.place("BUY", 1, transmit=False)
    assert (one.facts, one.status(order)) == ([], "")
    one.place("BUY", 1, orderId=order)
    assert one.fills(order) == [(1.0, 100.02)]


def _parent(one: Trader) -> None:
    parent = one.place("BUY", 1, "LMT", lmtPrice=99.0, transmit=False)
    child = one.place("SELL", 1, parentId=parent)
    assert one.fills(child) == []
    one.quote(98.98, 99.00)
    assert one.fills(child) == [(1.0, 98.98)]


def _group(one: Trader) -> None:
    kept = one.place("BUY", 1, "LMT", lmtPrice=99.0, ocaGroup="one")
    one.place("BUY", 1, ocaGroup="one")
    assert one.status(kept) == "Cancelled"


def _kind_of_group(one: Trader) -> None:
    for number, (kind, left) in enumerate({1: "Cancelled", 2: "Submitted", 3: "Submitted"}.items()):
        group = {"ocaGroup": f"group {number}", "ocaType": kind}
        other = one.place("BUY", 10, "LMT", lmtPrice=99.0, **group)
        one.quote(100.00, 100.02, askSize=5)
        one.place("BUY", 10, "LMT", lmtPrice=100.02, **group)
        assert one.status(other) == left


def _what_if(one: Trader) -> None:
    one.place("BUY", 1, whatIf=True)
    (told,) = one.facts
    assert float(told.state.equityWithLoanBefore) == 1e9
    assert one.exchange.executions == ()


def _trigger_method(one: Trader) -> None:
    last, quoted = (one.place("BUY", 1, "STP", auxPrice=101.0, triggerMethod=method) for method in (2, 4))
    one.quote(101.00, 101.02, last=100.50)
    assert (bool(one.fills(last)), bool(one.fills(quoted))) == (False, True)


def _first_stop(one: Trader) -> None:
    one.place("BUY", 1, "TRAIL", auxPrice=5.0, trailStopPrice=102.0)
    assert one.echoes()[0].trailStopPrice == 102.0


def _trailing_percent(one: Trader) -> None:
    one.place("BUY", 1, "TRAIL", trailingPercent=2.0, triggerMethod=2)
    assert one.echoes()[0].trailStopPrice == 102.01


def _limit_offset(one: Trader) -> None:
    one.place("BUY", 1, "TRAIL LIMIT", auxPrice=5.0, trailStopPrice=102.0, lmtPriceOffset=0.5)
    assert one.echoes()[0].lmtPrice == 102.5


def _adjusted(one: Trader, kind: str, **terms: Any) -> Order:
    """A stop below the market as it is after its adjustment, when the price has come to 105."""
    order = {"auxPrice": 95.0, "adjustedOrderType": kind, "triggerPrice": 105.0, "adjustedStopPrice": 99.0, **terms}
    one.place("SELL", 1, "STP", triggerMethod=2, **order)
    one.quote(104.97, 104.99, last=104.99)
    assert one.echoes() == []
    one.quote(104.98, 105.00, last=105.00)
    return one.echoes()[-1]


def _adjusted_stop(one: Trader) -> None:
    order = _adjusted(one, "STP")
    assert (order.orderType, order.auxPrice) == ("STP", 99.0)
    one.place("SELL", 1, "STP", auxPrice=95.0, adjustedOrderType="MKT", triggerPrice=105.0, adjustedStopPrice=99.0)
    assert codes(one) == [321]


def _adjusted_limit(one: Trader) -> None:
    order = _adjusted(one, "STP LMT", adjustedStopLimitPrice=98.5)
    assert (order.orderType, order.auxPrice, order.lmtPrice) == ("STP LMT", 99.0, 98.5)


def _adjusted_trail(one: Trader) -> None:
    order = _adjusted(one, "TRAIL", adjustedTrailingAmount=8.0)
    assert (order.orderType, order.auxPrice, order.trailStopPrice) == ("TRAIL", 8.0, 99.0)


def _adjusted_percentage(one: Trader) -> None:
    order = _adjusted(one, "TRAIL", adjustedTrailingAmount=8.0, adjustableTrailingUnit=1)
    assert (order.orderType, order.trailingPercent, order.auxPrice) == ("TRAIL", 8.0, 0.0)


def _hedge(one: Trader) -> None:
    parent = one.place("BUY", 10, "LMT", lmtPrice=99.0, transmit=False)
    pair = one.place("BUY", 0, "MKT", parentId=parent, hedgeType="P", hedgeParam="3", hedgeMaxSize=25)
    one.quote(98.98, 99.00)
    assert sum(size for size, _ in one.fills(pair)) == 25.0
    one.place("BUY", 0, "MKT", parentId=parent, hedgeType="Q")
    assert codes(one) == [10007]


def _algo(one: Trader) -> None:
    terms = [TagValue("startTime", "11:10:00 US/Eastern"), TagValue("endTime", "11:14:00 US/Eastern")]
    order = one.place("BUY", 100, algoStrategy="Twap", algoParams=terms)
    one.until(at(11, 11))
    assert one.fills(order) == [(25.0, 100.02), (25.0, 100.02)]


def _presets(one: Trader) -> None:
    order = one.place(
        "BUY", 1, "LMT", lmtPrice=99.0, slOrderId=11, slOrderType="PRESET", ptOrderId=12, ptOrderType="PRESET"
    )
    assert [one.status(number) for number in (order, 11, 12)] == ["Submitted", "PreSubmitted", "PreSubmitted"]
    one.quote(98.98, 99.00)
    one.quote(99.99, 100.01)
    assert [one.fills(number) for number in (order, 11, 12)] == [[(1.0, 99.0)], [], [(1.0, 99.99)]]
    for prefix in ("sl", "pt"):
        one.place("BUY", 1, "LMT", lmtPrice=99.0, **{f"{prefix}OrderId": 30, f"{prefix}OrderType": "LMT"})
        assert codes(one) == [321]


def _scale(one: Trader) -> None:
    """The example 4 of the TWS User's Guide, with other sizes."""
    takes_profit = one.contract.secType != "OPT"
    terms = {"scaleInitLevelSize": 3, "scaleSubsLevelSize": 2, "scalePriceIncrement": 0.02}
    profits = {"scaleProfitOffset": 0.2, "scaleAutoReset": True} if takes_profit else {}
    order = one.place("SELL", 7, "LMT", lmtPrice=100.05, **terms, **profits)
    one.quote(100.06, 100.08)
    assert one.fills(order) == [(3.0, 100.06)]
    one.quote(100.10, 100.12)
    assert one.fills(order)[1:] == [(2.0, 100.10), (2.0, 100.10)]
    if takes_profit:
        taken = {shown.lmtPrice for shown in one.echoes() if shown.action == "BUY"}
        assert taken == {99.87, 99.89}, "and two of the first component, at 99.85 and 99.87"
        one.quote(99.81, 99.83)
        one.quote(100.06, 100.08)
        assert sum(size for size, _ in one.fills(order)) == 10, "the first component, once more"


def _cash(one: Trader) -> None:
    order = one.place("BUY", 0, "LMT", lmtPrice=100.04, cashQty=1000.0)
    assert sum(size for size, _ in one.fills(order)) == (9.99 if one.contract.secType == "CASH" else 9.0)


def _post_only(one: Trader) -> None:
    rests, takes = (one.place("BUY", 1, "LMT", lmtPrice=price, postOnly=True) for price in (100.01, 100.02))
    assert (one.status(rests), one.status(takes), one.fills(takes)) == ("Submitted", "Cancelled", [])


def _cancels_parent(one: Trader) -> None:
    parents = [one.place("BUY", 1, "LMT", lmtPrice=99.0, transmit=False) for _ in range(2)]
    for parent, cancels in zip(parents, (False, True), strict=True):
        one.cancel(one.place("SELL", 1, "LMT", lmtPrice=101.0, parentId=parent, autoCancelParent=cancels))
    assert [one.status(parent) for parent in parents] == ["Submitted", "Cancelled"]


def _percent_offset(one: Trader) -> None:
    one = market(one.contract.secType, Like.LIVE)
    if one.contract.secType not in ORDER_TYPES["REL"].products:
        one.place("BUY", 1, "REL", percentOffset=0.01)
        assert codes(one) == [387]
        return
    one.quote(100.00, 100.50)
    order = one.place("BUY", 1, "REL", percentOffset=0.001)
    one.quote(100.00, 100.11)
    assert one.fills(order) == []
    one.quote(100.00, 100.10)
    assert one.fills(order) == [(1.0, 100.1)]


def _pegged(one: Trader, moves_to: float = 100.01, **changes: Any) -> int:
    """An order to buy at 90.00 that moves as the other instrument does; moved to where that has a middle of so much."""
    fields: dict[str, Any] = {"startingPrice": 90.0, "stockRefPrice": 100.01}
    if one.contract.secType == "OPT":
        order = one.place("BUY", 1, "PEG STK", **fields | {"delta": 100.0} | changes)
    else:
        steps = {"referenceContractId": OTHER, "peggedChangeAmount": 0.01, "referenceChangeAmount": 0.01}
        order = one.place("BUY", 1, "PEG BENCH", **fields | steps | changes)
    assert codes(one) == []
    one.quote(round(moves_to - 0.01, 2), round(moves_to + 0.01, 2), con_id=OTHER)
    return order


def _rests_at(one: Trader, order: int, price: float) -> None:
    one.quote(price, round(price + 0.01, 2))
    assert one.fills(order) == []
    one.quote(round(price - 0.01, 2), price)
    assert one.fills(order) == [(1.0, price)]


def _discretionary(one: Trader) -> None:
    plain = one.place("BUY", 1, "LMT", lmtPrice=99.0)
    order = one.place("BUY", 1, "LMT", lmtPrice=99.0, discretionaryAmt=0.50)
    one.quote(99.48, 99.50)
    assert (one.fills(plain), one.fills(order)) == ([], [(1.0, 99.5)])


def _middle_offsets(one: Trader) -> None:
    one = market(one.contract.secType, Like.LIVE)
    offsets = {"midOffsetAtWhole": 0.01, "midOffsetAtHalf": 0.025}
    for ask, limit in ((100.10, 100.04), (100.11, 100.03)):
        one.quote(100.00, ask)
        order = one.place("BUY", 1, "PEG MID", **offsets)
        one.quote(100.00, ask, last=round(limit + 0.01, 2))
        assert one.fills(order) == []
        one.quote(100.00, ask, last=limit)
        assert one.fills(order) == [(1.0, limit)]


def _starting_price(one: Trader) -> None:
    _rests_at(one, _pegged(one, startingPrice=91.0), 91.0)
    one.quote(100.00, 100.02)
    _pegged(one, startingPrice=0.0)
    assert one.exchange.open_orders()[0].order.startingPrice == 100.01


def _reference_price(one: Trader) -> None:
    _rests_at(one, _pegged(one, stockRefPrice=99.01), 91.0)
    _rests_at(one, _pegged(one, 100.51, stockRefPrice=0.0), 90.5)


def _delta(one: Trader) -> None:
    _rests_at(one, _pegged(one, 101.01, delta=50.0), 90.5)


def _lower_end(one: Trader) -> None:
    assert one.status(_pegged(one, 99.01, stockRangeLower=99.01)) == "Submitted"
    assert one.status(_pegged(one, 99.0, stockRangeLower=99.01)) == "Cancelled"


def _upper_end(one: Trader) -> None:
    assert one.status(_pegged(one, 101.01, stockRangeUpper=101.01)) == "Submitted"
    assert one.status(_pegged(one, 101.02, stockRangeUpper=101.01)) == "Cancelled"


def _benchmark(one: Trader) -> None:
    one.quote(50.00, 50.02, con_id=77)
    order = _pegged(one, referenceContractId=77, stockRefPrice=50.01)
    one.quote(51.00, 51.02, con_id=77)
    _rests_at(one, order, 91.0)


def _pegged_change(one: Trader) -> None:
    _rests_at(one, _pegged(one, 101.01, peggedChangeAmount=0.02), 92.0)


def _pegged_decrease(one: Trader) -> None:
    _rests_at(one, _pegged(one, 101.01, isPeggedChangeAmountDecrease=True), 89.0)


def _reference_change(one: Trader) -> None:
    _rests_at(one, _pegged(one, 101.01, referenceChangeAmount=0.50), 90.02)


def _volatile(one: Trader, moves_to: float = 100.01, **changes: Any) -> int:
    """An order to buy at a volatility of 90 %, and so, while the other instrument is at 100.01, at 91.00."""
    order = one.place("BUY", 4, "VOL", **{"volatility": 90.0} | changes)
    assert codes(one) == []
    one.quote(round(moves_to - 0.01, 2), round(moves_to + 0.01, 2), con_id=OTHER)
    return order


def _limit_of(one: Trader, order: int) -> float:
    (price,) = {f.order.lmtPrice for f in one.exchange.open_orders()[::2] if f.key.orderId == order}
    return price


def _volatility(one: Trader) -> None:
    order = _volatile(one)
    one.quote(91.00, 91.01)
    assert one.fills(order) == []
    one.quote(90.99, 91.00)
    assert one.fills(order) == [(4.0, 91.0)]


def _volatility_type(one: Trader) -> None:
    assert _limit_of(one, _volatile(one, volatility=5.0, volatilityType=1)) == 80.37  # the root of 252 is 15.875
    assert _limit_of(one, _volatile(one, volatility=5.0, volatilityType=2)) == 6.0
    one.place("BUY", 1, "VOL", volatility=5.0, volatilityType=3)
    assert codes(one) == [367]


def _continuous(one: Trader) -> None:
    stays, moves = (_volatile(one, continuousUpdate=each) for each in (False, True))
    one.quote(119.98, 120.02, con_id=OTHER)
    assert (_limit_of(one, stays), _limit_of(one, moves)) == (91.0, 91.2)


def _reference_price_type(one: Trader) -> None:
    one.quote(100.0, 104.0, con_id=OTHER)
    assert [_limit_of(one, _volatile(one, referencePriceType=each)) for each in (1, 2)] == [91.02, 91.0]


def _delta_hedge(one: Trader) -> None:
    one.quote(90.98, 91.00)
    _volatile(one, deltaNeutralOrderType="MKT", deltaNeutralConId=OTHER)
    traded = [(f.contract.conId, f.execution.side, f.execution.shares) for f in one.exchange.executions]
    assert traded == [(one.contract.conId, "BOT", 4.0), (OTHER, "SLD", 100.0)]
    one.place("BUY", 1, "VOL", volatility=90.0, deltaNeutralOrderType="MKT", deltaNeutralConId=98)
    assert codes(one) == [10010]


def _hedge_limit(one: Trader) -> None:
    one.quote(90.98, 91.00)
    _volatile(one, deltaNeutralOrderType="LMT", deltaNeutralAuxPrice=101.0)
    assert len(one.exchange.executions) == 1
    one.quote(101.00, 101.02, con_id=OTHER)
    assert one.exchange.executions[1].execution.price == 101.0


def _conditional(one: Trader, *conditions: Any, **fields: Any) -> int:
    order = one.place("BUY", 1, conditions=[*conditions], **fields)
    assert (codes(one), one.fills(order)) == ([], [])
    return order


def _conditions(one: Trader) -> None:
    order = _conditional(one, PriceCondition(price=101.0, conId=OTHER, exch="SMART", triggerMethod=2))
    one.quote(100.00, 100.02, last=101.5, con_id=OTHER)
    assert one.fills(order) == [(1.0, 100.02)]


def _cancelling(one: Trader) -> None:
    condition = PriceCondition(price=101.0, conId=OTHER, exch="SMART", triggerMethod=2)
    order = one.place("BUY", 1, "LMT", lmtPrice=99.0, conditions=[condition], conditionsCancelOrder=True)
    assert one.status(order) == "Submitted"
    one.quote(100.00, 100.02, last=101.5, con_id=OTHER)
    assert one.status(order) == "Cancelled"


def _ignoring_hours(one: Trader) -> None:
    one = market(one.contract.secType, hour=7)
    condition = [PriceCondition(price=99.0, conId=OTHER, exch="SMART", triggerMethod=2)]
    heeds, ignores = (one.place("BUY", 1, conditions=condition, conditionsIgnoreRth=each) for each in (False, True))
    one.quote(90.00, 90.02, last=90.01, con_id=OTHER)
    one.until(at(9, 30))
    around_the_clock = one.contract.secType in ("FUT", "CASH")
    assert (bool(one.fills(heeds)), bool(one.fills(ignores))) == (around_the_clock, True)


def _joined(one: Trader) -> None:
    true, false = (PriceCondition(price=price, conId=OTHER, exch="SMART") for price in (50.0, 200.0))
    _conditional(one, true, false)
    order = one.place("BUY", 1, conditions=[dataclasses.replace(true, conjunction="o"), false])
    assert one.fills(order) == [(1.0, 100.02)]


def _is_more(one: Trader) -> None:
    _conditional(one, PriceCondition(price=50.0, isMore=False, conId=OTHER, exch="SMART"))
    order = one.place("BUY", 1, conditions=[PriceCondition(price=50.0, isMore=True, conId=OTHER, exch="SMART")])
    assert one.fills(order)


def _watched(one: Trader) -> None:
    one = make_trader(one.details, cash=1e9, now=one.now, knows=lambda con_id: con_id == OTHER)
    one.quote(100.00, 100.02, last=100.01)
    one.place("BUY", 1, conditions=[PriceCondition(price=50.0, conId=12345, exch="SMART")])
    assert one.errors() == [(147, "The conditional contract info is incomplete.")]
    _conditional(one, PriceCondition(price=50.0, conId=OTHER, exch="SMART"))


def _watched_prices(one: Trader) -> None:
    last, bid = (PriceCondition(price=101.0, conId=OTHER, exch="SMART", triggerMethod=method) for method in (2, 4))
    orders = [_conditional(one, condition) for condition in (last, bid)]
    one.quote(101.50, 101.52, last=100.0, con_id=OTHER)
    assert [bool(one.fills(order)) for order in orders] == [False, True]
    one.place("BUY", 1, conditions=[dataclasses.replace(last, triggerMethod=5)])
    assert codes(one) == [321]


def _condition_time(one: Trader) -> None:
    order = _conditional(one, TimeCondition(time=NOON))
    one.until(at(12))
    assert one.fills(order)


def _condition_percent(one: Trader) -> None:
    _conditional(one, MarginCondition(percent=50, isMore=False))
    assert one.fills(one.place("BUY", 1, conditions=[MarginCondition(percent=50, isMore=True)]))


def _condition_execution(one: Trader) -> None:
    here = {"secType": one.contract.secType, "symbol": one.contract.symbol, "exch": "SMART"}
    other_kind = _conditional(one, ExecutionCondition(**here | {"secType": "WAR"}))
    other_symbol = _conditional(one, ExecutionCondition(**here | {"symbol": "ZZZ"}))
    order = _conditional(one, ExecutionCondition(**here))
    one.place("BUY", 1)
    assert [bool(one.fills(each)) for each in (order, other_kind, other_symbol)] == [True, False, False]


def _condition_volume(one: Trader) -> None:
    order = _conditional(one, VolumeCondition(volume=5000, conId=OTHER, exch="SMART"))
    one.quote(100.00, 100.02, last=100.01, con_id=OTHER, volume=5000)
    assert one.fills(order)


def _condition_change(one: Trader) -> None:
    order = _conditional(one, PercentChangeCondition(changePercent=5.0, conId=OTHER, exch="SMART"))
    one.quote(100.00, 100.02, last=106.0, con_id=OTHER, close=100.0)
    assert one.fills(order)


def _open_close(one: Trader) -> None:
    assert one.fills(one.place("BUY", 1, openClose="O"))
    one.place("SELL", 1, openClose="C")
    assert codes(one) == [346]


EFFECTS: dict[str, Effect] = {
    "orderId": _order_id,
    "orderRef": _order_ref,
    "account": _account,
    "action": _action,
    "totalQuantity": _total_quantity,
    "orderType": _limit,
    "lmtPrice": _limit,
    "auxPrice": _stop_price,
    "tif": _time_in_force,
    "goodAfterTime": _good_after,
    "goodTillDate": _good_till,
    "outsideRth": _outside_hours,
    "allOrNone": _all_or_none,
    "duration": _duration,
    "minQty": _smallest_fill,
    "displaySize": _displayed,
    "sweepToFill": _sweep,
    "transmit": _transmit,
    "parentId": _parent,
    "ocaGroup": _group,
    "ocaType": _kind_of_group,
    "whatIf": _what_if,
    "triggerMethod": _trigger_method,
    "trailStopPrice": _first_stop,
    "trailingPercent": _trailing_percent,
    "lmtPriceOffset": _limit_offset,
    "adjustedOrderType": _adjusted_stop,
    "triggerPrice": _adjusted_stop,
    "adjustedStopPrice": _adjusted_stop,
    "adjustedStopLimitPrice": _adjusted_limit,
    "adjustedTrailingAmount": _adjusted_trail,
    "adjustableTrailingUnit": _adjusted_percentage,
    "hedgeType": _hedge,
    "hedgeParam": _hedge,
    "hedgeMaxSize": _hedge,
    "algoStrategy": _algo,
    "algoParams": _algo,
    "algoParams[].tag": _algo,
    "algoParams[].value": _algo,
    "slOrderId": _presets,
    "slOrderType": _presets,
    "ptOrderId": _presets,
    "ptOrderType": _presets,
    "scaleInitLevelSize": _scale,
    "scaleSubsLevelSize": _scale,
    "scalePriceIncrement": _scale,
    "scaleProfitOffset": _scale,
    "scaleAutoReset": _scale,
    "cashQty": _cash,
    "postOnly": _post_only,
    "autoCancelParent": _cancels_parent,
    "percentOffset": _percent_offset,
    "discretionaryAmt": _discretionary,
    "midOffsetAtWhole": _middle_offsets,
    "midOffsetAtHalf": _middle_offsets,
    "startingPrice": _starting_price,
    "stockRefPrice": _reference_price,
    "delta": _delta,
    "stockRangeLower": _lower_end,
    "stockRangeUpper": _upper_end,
    "referenceContractId": _benchmark,
    "peggedChangeAmount": _pegged_change,
    "isPeggedChangeAmountDecrease": _pegged_decrease,
    "referenceChangeAmount": _reference_change,
    "volatility": _volatility,
    "volatilityType": _volatility_type,
    "continuousUpdate": _continuous,
    "referencePriceType": _reference_price_type,
    "deltaNeutralOrderType": _delta_hedge,
    "deltaNeutralAuxPrice": _hedge_limit,
    "deltaNeutralConId": _delta_hedge,
    "conditions": _conditions,
    "conditionsCancelOrder": _cancelling,
    "conditionsIgnoreRth": _ignoring_hours,
    "conditions[].condType": _conditions,
    "conditions[].conjunction": _joined,
    "conditions[].isMore": _is_more,
    "conditions[].price": _conditions,
    "conditions[].conId": _watched,
    "conditions[].triggerMethod": _watched_prices,
    "conditions[].time": _condition_time,
    "conditions[].percent": _condition_percent,
    "conditions[].secType": _condition_execution,
    "conditions[].symbol": _condition_execution,
    "conditions[].volume": _condition_volume,
    "conditions[].changePercent": _condition_change,
    "openClose": _open_close,
}
"""Field -> what sees its effect."""


def is_taken(rule: FieldRule, product: str) -> bool:
    """Whether an order of some type that is traded takes the field."""
    if product not in rule.by_type:
        return product in rule.products
    return any(kind.takes_field(rule.name) for kind in ORDER_TYPES.values())


@pytest.mark.parametrize("product", PRODUCTS)
@pytest.mark.parametrize("name", RULES)
def test_what_is_served_does_what_the_table_says(name: str, product: str) -> None:
    if is_taken(RULES[name], product):
        EFFECTS[name](market(product, Like.LIVE if RULES[name].live_only else Like.PAPER))


def test_nothing_else_has_an_effect() -> None:
    assert set(EFFECTS) == {name for name, rule in RULES.items() if any(is_taken(rule, one) for one in PRODUCTS)}
