"""Orders of other clients, which set a field or two and send their own defaults in all others, are taken."""

import pytest
from oracles.ib_async_client import ib_async, ib_async_encode
from oracles.official import official

from ibdesk.wire import versions as V
from ibdesk.wire.messages.connection import Error
from ibdesk.wire.messages.orders import OpenOrder

APPLE = {"symbol": "AAPL", "secType": "STK", "exchange": "SMART", "currency": "USD"}
TERMS = {
    "MKT": {},
    "LMT": {"lmtPrice": 180.0},
    "STP": {"auxPrice": 500.0},
    "STP LMT": {"auxPrice": 500.0, "lmtPrice": 501.0},
    "TRAIL": {"trailingPercent": 2.0},
}
ORACLES = [
    (oracle, version)
    for oracle, versions in {
        "10.19.4": (V.MIN, 176),
        "10.46.1": (178, V.PROTOBUF_PLACE_ORDER - 1, V.PROTOBUF_PLACE_ORDER, V.MAX),
    }.items()
    for version in versions
]


def assert_taken(client, bytes_sent):
    told = client.ask_bytes(bytes_sent)
    assert [message for message in told if isinstance(message, Error)] == []
    assert any(isinstance(message, OpenOrder) for message in told)
    return told


@pytest.mark.parametrize("kind", TERMS)
@pytest.mark.parametrize(("oracle", "version"), ORACLES)
def test_the_official_client(gateway, oracle, version, kind):
    theirs, client = official(oracle), gateway.connect(1, version)
    contract, order = theirs.find_class("Contract")(), theirs.find_class("Order")()
    order.action, order.totalQuantity, order.orderType = "BUY", 10, kind
    for made, values in ((contract, APPLE), (order, TERMS[kind])):
        vars(made).update(values)
    assert_taken(client, theirs.encode(version, "placeOrder", 1, contract, order))


@pytest.mark.parametrize("kind", TERMS)
@pytest.mark.parametrize("version", [V.MIN, 178])
def test_ib_async(gateway, version, kind):
    client = gateway.connect(1, version)
    contract = ib_async().Contract(**APPLE)
    order = ib_async().Order(orderId=1, action="BUY", totalQuantity=10, orderType=kind, **TERMS[kind])
    assert_taken(client, ib_async_encode(version, "placeOrder", 1, contract, order))


@pytest.mark.parametrize("version", [V.MIN, 178])
def test_what_ib_async_was_shown_it_may_send_back(gateway, version):
    """Another client has the order from openOrder alone, and changes its size."""
    ours = gateway.connect(1, version)
    contract = ib_async().Contract(**APPLE)
    order = ib_async().Order(orderId=1, action="BUY", totalQuantity=10, orderType="LMT", lmtPrice=180.0)
    told = assert_taken(ours, ib_async_encode(version, "placeOrder", 1, contract, order))
    (shown,) = {message.order.permId: message.order for message in told if isinstance(message, OpenOrder)}.values()
    values = {name: value for name, value in vars(shown).items() if name in vars(order)}
    values |= {"softDollarTier": ib_async().SoftDollarTier(), "conditions": [], "lmtPrice": 181.0, "totalQuantity": 5}
    again = ib_async().Order(**values)
    assert_taken(ours, ib_async_encode(version, "placeOrder", 1, contract, again))
