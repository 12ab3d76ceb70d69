"""What users of ib_async build themselves around orders, where it goes wrong, and what ibdesk has for it.

The numbers are those of the list of pains. Both clients are connected to servers that say the same, over sockets.
"""

import asyncio
import logging
from typing import Any

import pytest
from client.scripted import Answer
from dropin.both_sides import Side, sides
from dropin.order_messages import AAPL, executed, place, shown, status

from ibdesk.client.api import flatten
from ibdesk.model.contract_details import ContractDetails
from ibdesk.wire.messages import accounts, contracts, order_status, orders
from ibdesk.wire.messages.connection import Error

logging.getLogger("ib_async").setLevel(logging.CRITICAL)

REQUESTS = 100


async def test_10_a_cancellation_has_a_verdict() -> None:
    """The order is filled in the meantime."""
    async with sides() as pair:
        for one in pair:
            trade = place(one)
            await one.tell(shown(trade), status(trade, "Submitted"))
            one.ib.cancelOrder(trade.order)
            if one is pair[0]:
                assert not hasattr(trade, "cancelled"), "there is nothing to wait for"
                continue
            verdict = asyncio.ensure_future(trade.cancelled())
            await one.tell(executed(trade), status(trade, "Filled", 100.0))
            assert await verdict is False


async def test_16_a_bracket_of_several_targets_keeps_the_rest_protected() -> None:
    """With ib_async all closing orders are in the one group that IBKR makes, of which the first that fills ends all."""
    async with sides() as (theirs, ours):
        parent, *_ = theirs.ib.bracketOrder("BUY", 100, 10.0, 11.0, 9.0)
        second = theirs.lib.LimitOrder("SELL", 50, 12.0, parentId=parent.orderId)
        assert second.ocaGroup == ""
        assert parent.orderType == "LMT", "no other entry"
        entry = ours.lib.MarketOrder("BUY", 100, tif="GTC", outsideRth=True)
        placed = [ours.ib.placeOrder(AAPL, one) for one in ours.ib.bracket(entry, targets=[11.0, 12.0], stop=9.0)]
        sent = [message.order for message in await ours.server.wait_for(orders.PlaceOrder, 5)]
        assert [one.transmit for one in sent] == [False, False, False, False, True]
        assert {(one.tif, one.outsideRth) for one in sent} == {("GTC", True)}
        groups = [one.ocaGroup for one in sent[1:]]
        assert groups[0] == groups[1] != groups[2] == groups[3]
        assert len({trade.order.orderId for trade in placed}) == 5


class Market:
    """A position of 100, and an order that sells it: it is filled before its cancellation arrives."""

    def __init__(self) -> None:
        self.held = 100.0
        self.working: Any = None

    def answers(self) -> dict[type, Answer]:
        return {
            accounts.ReqPositions: lambda _: [accounts.Position("DU1", AAPL, self.held, 1.0), accounts.PositionEnd()],
            order_status.ReqAllOpenOrders: lambda _: [order_status.OpenOrderEnd()],
            order_status.CancelOrder: self.too_late,
            order_status.ReqGlobalCancel: self.too_late,
            contracts.ReqContractDetails: lambda m: [
                contracts.ContractData(m.reqId, ContractDetails(contract=AAPL)),
                contracts.ContractDataEnd(m.reqId),
            ],
            orders.PlaceOrder: self.fill_market_orders,
        }

    def too_late(self, _: Any) -> list[Any]:
        self.held -= 100.0
        trade = self.working
        return [
            executed(trade),
            status(trade, "Filled", 100.0),
            accounts.Position("DU1", AAPL, self.held, 1.0),
            Error(trade.order.orderId, 161, "Cancel attempted when order is not in a cancellable state."),
        ]

    def fill_market_orders(self, message: Any) -> list[Any]:
        if message.order.orderType == "MKT":
            self.held -= message.order.totalQuantity
        return []


async def close_by_hand(one: Side) -> None:
    """What users write: cancel all, and close what is there."""
    one.ib.reqGlobalCancel()
    for position in one.ib.positions():
        one.ib.placeOrder(position.contract, one.lib.MarketOrder("SELL", position.position))


async def test_17_what_fills_while_it_is_cancelled_is_not_closed_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flatten, "SETTLING_SECONDS", 0.01)
    markets = [Market(), Market()]
    held = []
    async with sides() as pair:
        for one, market in zip(pair, markets, strict=True):
            one.server.answers.update(market.answers())
            await one.ib.reqPositionsAsync()
            market.working = one.ib.placeOrder(AAPL if one is pair[1] else one.stock(), limit(one))
            await one.tell(shown(market.working, action="SELL"), status(market.working, "Submitted"))
            await (close_by_hand(one) if one is pair[0] else one.ib.flattenAsync())
            await one.tell()
            held.append(market.held)
        assert held == [-100.0, 0.0], "sold twice, and once"


def limit(one: Side) -> Any:
    return one.lib.LimitOrder("SELL", 100, 257.95)


async def test_18_a_cancellation_waits_behind_no_request_for_data() -> None:
    """No more than 45 messages may go out in a second. What counts is how many go out between call and cancel."""
    behind = []
    async with sides() as pair:
        for one in pair:
            trade = place(one)
            for number in range(REQUESTS):
                one.ib.reqMktData(one.stock(number + 1, symbol=f"S{number}"))
            sent = one.ib.client.connectionStats().numMsgSent
            one.ib.cancelOrder(trade.order)
            await one.server.wait_for(order_status.CancelOrder)
            arrived = [type(message) for message in one.server.received]
            behind.append(arrived.index(order_status.CancelOrder) - sent)
    assert behind[0] > REQUESTS / 3
    assert behind[1] <= 1
