"""Brackets with any entry, several targets, and around a position: as orders, and on the paper gateway."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from client.asking import until
from client.scripted import serving

from ibdesk import IB, Contract, LimitOrder, MarketOrder, Order, Position, Stock, StopLimitOrder, StopOrder, Trade
from ibdesk.paper import PaperGateway

START = "2026-04-15T10:00"


@pytest.fixture
async def ib() -> AsyncIterator[IB]:
    """Connected to a server that says nothing of orders."""
    async with serving() as server:
        ib = await IB().connectAsync("127.0.0.1", server.port, clientId=1)
        yield ib
        ib.disconnect()


def told(order: Order) -> tuple[str, str, float, float]:
    price = order.auxPrice if order.orderType == "STP" else order.lmtPrice
    return order.action, order.orderType, order.totalQuantity, price


async def test_the_simplest_is_like_that_of_ib_async(ib: IB) -> None:
    plain = ib.bracketOrder("BUY", 100, 10.0, 11.0, 9.0, tif="GTC")
    built = ib.bracket(LimitOrder("BUY", 100, 10.0, tif="GTC"), targets=[11.0], stop=9.0)
    first, other = plain.parent.orderId, built[0].orderId
    ours = [{**one.dict(), "orderId": one.orderId - other, "parentId": one.parentId and 1} for one in built]
    theirs = [{**one.dict(), "orderId": one.orderId - first, "parentId": one.parentId and 1} for one in plain]
    assert ours == theirs
    assert [type(one) for one in built] == [LimitOrder, LimitOrder, StopOrder]


@pytest.mark.parametrize(
    "entry",
    [MarketOrder("SELL", 100), StopOrder("SELL", 100, 9.0), StopLimitOrder("SELL", 100, 8.9, 9.0)],
    ids=lambda entry: entry.orderType,
)
async def test_any_entry(ib: IB, entry: Order) -> None:
    before = entry.dict()
    parent, target, stop = ib.bracket(entry, targets=[8.0], stop=10.0)
    assert entry.dict() == before, "the pattern is copied"
    assert (parent.orderType, parent.totalQuantity, parent.auxPrice) == (entry.orderType, 100, entry.auxPrice)
    assert [told(target), told(stop)] == [("BUY", "LMT", 100, 8.0), ("BUY", "STP", 100, 10.0)]
    assert [one.transmit for one in (parent, target, stop)] == [False, False, True]


async def test_numbers_are_in_a_row_whoever_else_takes_some(ib: IB) -> None:
    orders = ib.bracket(MarketOrder("BUY", 300), targets=[11.0, 12.0, 13.0], stop=9.0)
    assert [one.orderId for one in orders] == list(range(orders[0].orderId, orders[0].orderId + 7))
    assert {one.parentId for one in orders[1:]} == {orders[0].orderId}
    assert ib.reqId() == orders[-1].orderId + 1


async def test_closing_orders_inherit(ib: IB) -> None:
    entry = LimitOrder(
        "BUY", 100, 10.0, tif="GTD", goodTillDate="20261231 16:00:00 UTC", outsideRth=True, account="DU1", orderRef="x"
    )
    orders = ib.bracket(entry, targets=[11.0], stop=9.0)
    inherited = {(one.tif, one.goodTillDate, one.outsideRth, one.account, one.orderRef) for one in orders}
    assert inherited == {("GTD", "20261231 16:00:00 UTC", True, "DU1", "x")}
    _, target, stop = ib.bracket(entry, targets=[11.0], stop=9.0, tif="GTC", goodTillDate="")
    assert (target.tif, stop.tif, stop.outsideRth) == ("GTC", "GTC", True)


async def test_a_closing_order_does_not_end_at_once_with_its_entry(ib: IB) -> None:
    orders = ib.bracket(LimitOrder("BUY", 100, 10.0, tif="IOC"), targets=[11.0], stop=9.0)
    assert [one.tif for one in orders] == ["IOC", "", ""]


@pytest.mark.parametrize(
    ("quantity", "targets", "sizes"),
    [
        (300, [11.0, 12.0, 13.0], [100, 100, 100]),
        (100, [11.0, 12.0, 13.0], [34, 33, 33]),
        (1, [11.0, 12.0], [0.5, 0.5]),
        (0.5, [11.0, 12.0], [0.25, 0.25]),
        (100, [(11.0, 30), (12.0, 70)], [30, 70]),
        (100, [(11.0, 30), (12.0, 20)], [30, 20, 50]),
    ],
)
async def test_each_part_has_a_target_and_a_stop_that_are_tied(
    ib: IB, quantity: float, targets: list[Any], sizes: list[float]
) -> None:
    _, *closing = ib.bracket(MarketOrder("BUY", quantity), targets=targets, stop=9.0)
    stops = [one for one in closing if one.orderType == "STP"]
    limits = [one for one in closing if one.orderType == "LMT"]
    assert [one.totalQuantity for one in stops] == sizes
    assert [one.totalQuantity for one in limits] == sizes[: len(targets)]
    assert [one.lmtPrice for one in limits] == [one[0] if isinstance(one, tuple) else one for one in targets]
    tied = [(limit.ocaGroup, limit.ocaType) for limit in limits]
    assert [(stop.ocaGroup, stop.ocaType) for stop in stops[: len(limits)]] == tied
    assert len(set(tied)) == len(limits)
    assert all(ocaType == 3 for _, ocaType in tied)
    assert [one.ocaGroup for one in stops[len(limits) :]] == [""] * (len(sizes) - len(limits))


async def test_a_stop_can_be_of_any_type(ib: IB) -> None:
    trail = Order(orderType="TRAIL", trailingPercent=2.0)
    _, *closing = ib.bracket(MarketOrder("BUY", 100), targets=[11.0, 12.0], stop=trail)
    stops = closing[1::2]
    assert [(one.action, one.orderType, one.trailingPercent, one.totalQuantity) for one in stops] == [
        ("SELL", "TRAIL", 2.0, 50)
    ] * 2
    assert (trail.action, trail.totalQuantity) == ("", 0.0)


async def test_a_target_or_a_stop_alone(ib: IB) -> None:
    assert [one.orderType for one in ib.bracket(MarketOrder("BUY", 100), stop=9.0)] == ["MKT", "STP"]
    assert [one.orderType for one in ib.bracket(MarketOrder("BUY", 100), [11.0])] == ["MKT", "LMT"]


@pytest.mark.parametrize(
    ("build", "why"),
    [
        (lambda ib: ib.bracket(MarketOrder("BUY", 100)), "needs a target or a stop"),
        (lambda ib: ib.bracket(MarketOrder("HOLD", 100), [11.0]), "'BUY' or 'SELL', not 'HOLD'"),
        (lambda ib: ib.bracket(MarketOrder("BUY", 100), [(11.0, 60), (12.0, 60)]), "do not add up to 100 or less"),
        (lambda ib: ib.bracket(MarketOrder("BUY", 100), [(11.0, 60), 12.0]), "of each target, or of none"),
        (lambda ib: ib.bracket(MarketOrder("BUY", 100), [11.0], stop=11.5), "wrong side"),
        (lambda ib: ib.bracket(MarketOrder("SELL", 100), [11.0], stop=10.5), "wrong side"),
        (lambda ib: ib.bracket(MarketOrder("BUY", 100), [11.0], outside_rth=True), "an order has no outside_rth"),
        (lambda ib: ib.bracket(Position("DU1", Contract(), 0.0, 0.0), [11.0]), "no position"),
    ],
)
async def test_what_makes_no_bracket(ib: IB, build: Callable[[IB], Any], why: str) -> None:
    first = ib.reqId()
    with pytest.raises(ValueError, match=why):
        build(ib)
    assert ib.reqId() == first + 1, "no number was taken"


@pytest.mark.parametrize(("size", "action"), [(100.0, "SELL"), (-100.0, "BUY")])
async def test_around_a_position_there_is_no_entry(ib: IB, size: float, action: str) -> None:
    prices = (11.0, 9.0) if size > 0 else (9.0, 11.0)
    position = Position("DU1", Stock("AAPL", "SMART", "USD"), size, 10.0)
    target, stop = ib.bracket(position, targets=[prices[0]], stop=prices[1], tif="GTC")
    assert [told(target), told(stop)] == [(action, "LMT", 100, prices[0]), (action, "STP", 100, prices[1])]
    assert {(one.account, one.tif, one.transmit, one.parentId) for one in (target, stop)} == {("DU1", "GTC", True, 0)}
    assert target.ocaGroup == stop.ocaGroup != ""


# --- on the gateway -------------------------------------------------------------------------------------------------


@asynccontextmanager
async def trading() -> AsyncIterator[IB]:
    async with PaperGateway(port=0, start_time=START) as gateway:
        ib = await IB().connectAsync("127.0.0.1", gateway.port, clientId=1)
        try:
            yield ib
        finally:
            ib.disconnect()


async def fill(ib: IB, target: Trade, price: float) -> None:
    """Have a target be filled, by moving it to the market."""
    await until(ib, lambda: target.orderStatus.status == "Submitted")
    target.order.lmtPrice, target.order.transmit = round(price, 2), True
    ib.placeOrder(target.contract, target.order)
    await until(ib, lambda: target.orderStatus.status == "Filled")


async def test_each_target_takes_its_own_stop_with_it() -> None:
    """With one group for all, the first target that is filled would leave the rest without a stop."""
    async with trading() as ib:
        contract = Stock("AAPL", "SMART", "USD")
        (ticker,) = await ib.reqTickersAsync(contract)
        far, low = round(ticker.bid * 2), round(ticker.bid / 2)
        orders = ib.bracket(MarketOrder("BUY", 100), targets=[(far, 40), (far, 60)], stop=low)
        entry, near_target, near_stop, far_target, far_stop = [ib.placeOrder(contract, order) for order in orders]
        await fill(ib, near_target, ticker.bid * 0.98)
        await until(ib, near_stop.isDone)
        assert [one.orderStatus.status for one in (entry, near_stop)] == ["Filled", "Cancelled"]
        assert [one.isDone() for one in (far_target, far_stop)] == [False, False]
        assert (far_target.order.totalQuantity, far_stop.order.totalQuantity) == (60, 60)
        await until(ib, lambda: [one.position for one in ib.positions()] == [60.0])


async def test_a_position_is_protected_afterwards() -> None:
    async with trading() as ib:
        contract = Stock("AAPL", "SMART", "USD")
        entry = ib.placeOrder(contract, MarketOrder("BUY", 100))
        await until(ib, lambda: entry.isDone() and ib.positions())
        (position,) = ib.positions()
        price = entry.orderStatus.avgFillPrice
        target, stop = [
            ib.placeOrder(contract, order) for order in ib.bracket(position, [round(price * 2)], round(price / 2))
        ]
        await fill(ib, target, price * 0.98)
        await until(ib, lambda: stop.isDone() and not ib.positions())
        assert stop.orderStatus.status == "Cancelled"
