"""Which messages answer a request, what a conversation is known by, and in which lane a message waits."""

from typing import Any

import pytest

from ibdesk.model.contract import Contract, Stock
from ibdesk.model.order import Order, OrderCancel
from ibdesk.session.conversations import ENDS, PARTS, WHOLE, answered_by, key_of, lane_of
from ibdesk.session.pacing import Lane
from ibdesk.wire import catalogue
from ibdesk.wire.catalogue import Sender, of
from ibdesk.wire.layout import blank, fields_of
from ibdesk.wire.messages import accounts, market_data, order_status, orders
from ibdesk.wire.messages.advisors import ReceiveFA, RequestFA
from ibdesk.wire.messages.connection import NextValidId, ReqCurrentTime
from ibdesk.wire.messages.contracts import ContractDataEnd, ReqContractDetails
from ibdesk.wire.messages.options import CalculateImpliedVolatility, CalculateOptionPrice, TickOptionComputation
from ibdesk.wire.messages.order_status import OpenOrderEnd, ReqAllOpenOrders, ReqOpenOrders
from ibdesk.wire.messages.reference import MarketRule, ReqMarketRule


@pytest.mark.parametrize(
    ("request_", "key"),
    [
        (ReqContractDetails(7, Stock("AAPL")), 7),
        (ReqCurrentTime(), ReqCurrentTime),
        (ReqMarketRule(26), (ReqMarketRule, 26)),
        (RequestFA(1), (RequestFA, 1)),
    ],
)
def test_a_conversation_is_known_by_what_its_answer_repeats(request_, key):
    assert key_of(request_) == key


def test_a_message_may_answer_several_requests():
    assert ENDS[OpenOrderEnd] == (ReqOpenOrders, ReqAllOpenOrders)
    assert answered_by(OpenOrderEnd()) == [ReqOpenOrders, ReqAllOpenOrders]
    assert WHOLE[TickOptionComputation] == (CalculateImpliedVolatility, CalculateOptionPrice)
    assert answered_by(TickOptionComputation(4, 53, 0)) == [4]


def test_an_answer_knows_its_conversation():
    assert answered_by(ContractDataEnd(7)) == [7]
    assert answered_by(MarketRule(26, [])) == [(ReqMarketRule, 26)]
    assert answered_by(ReceiveFA(1, "")) == [(RequestFA, 1)]
    assert answered_by(NextValidId(1)) == []


@pytest.mark.parametrize(
    ("answer", "requests"),
    [*WHOLE.items(), *PARTS.items(), *ENDS.items()],
    ids=lambda one: getattr(one, "__name__", None),
)
def test_an_answer_repeats_what_its_request_is_known_by(answer, requests):
    assert of(answer).sender is Sender.SERVER
    for request in requests:
        assert of(request).sender is Sender.CLIENT
        key = of(request).key
        assert (key in fields_of(request)) == (key in fields_of(answer))


def test_a_message_is_the_whole_of_an_answer_or_a_part_or_its_end():
    tables = [*WHOLE, *PARTS, *ENDS]
    assert len(tables) == len(set(tables))


@pytest.mark.parametrize(
    ("message", "lane"),
    [
        (order_status.CancelOrder(1, OrderCancel()), Lane.CANCEL),
        (order_status.ReqGlobalCancel(OrderCancel()), Lane.CANCEL),
        (accounts.ReqPositions(), Lane.ACCOUNT),
        (market_data.ReqMktData(7, Contract()), Lane.DATA),
    ],
)
def test_how_urgent_a_message_is(message: Any, lane: Lane) -> None:
    assert lane_of(message) is lane


def test_an_order_that_is_not_new_has_a_lane_of_its_own() -> None:
    order = orders.PlaceOrder(1, Contract(), Order())
    assert (lane_of(order), lane_of(order, modifies=True)) == (Lane.PLACE, Lane.MODIFY)


def test_every_message_of_a_client_has_a_lane() -> None:
    lanes = {lane_of(blank(one.cls)) for one in catalogue.messages() if one.sender is Sender.CLIENT}
    assert lanes == {Lane.CANCEL, Lane.PLACE, Lane.ACCOUNT, Lane.DATA}
