"""No order lives that could not be told: what is no number, or no text, is refused with the name of its field."""

import dataclasses
import struct
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibdesk.errors import EncodeError
from ibdesk.model.conditions import PercentChangeCondition, PriceCondition
from ibdesk.model.contract import Bag, ComboLeg, Contract, DeltaNeutralContract, Stock, TagValue
from ibdesk.model.executions import ExecutionFilter
from ibdesk.model.order import LimitOrder, Order, OrderComboLeg
from ibdesk.wire import versions as V
from ibdesk.wire.messages.connection import Error
from ibdesk.wire.messages.executions import ExecDetails, ReqExecutions
from ibdesk.wire.messages.order_status import ReqAllOpenOrders, ReqCompletedOrders
from ibdesk.wire.messages.orders import CompletedOrder, OpenOrder, PlaceOrder

APPLE = Stock("AAPL", "SMART", "USD")
VERSIONS = [V.MIN, 178, V.PROTOBUF_PLACE_ORDER - 1, V.PROTOBUF_PLACE_ORDER, V.MAX]
STAND_IN = 1234567.5
NEVER_SENT = {"nbboPriceCap", "basisPoints", "filledQuantity"}
NUMBERS = [field.name for field in dataclasses.fields(Order) if field.type in (float, "float")]

NAN, INF, MINUS_INF = float("nan"), float("inf"), float("-inf")
TEXTS = {NAN: b"nan", INF: b"inf", MINUS_INF: b"-Infinity"}


def limit(**fields):
    """An order that nothing fills."""
    return LimitOrder("BUY", 1, 10.0, tif="GTC").update(**fields)


def written(client, message, value):
    """A message with `value`, which ours would not write, for the `STAND_IN`; None where that is not sent."""
    try:
        client.mine.send(message)
    except EncodeError:  # the server is too old for the field
        return None
    payload = client.mine.data_to_send()[4:]
    text, number = str(STAND_IN).encode(), struct.pack("<d", STAND_IN)
    if text not in payload and number not in payload:
        return None
    # As long as before: protobuf tells the length of a text.
    return payload.replace(text, TEXTS[value].rjust(len(text))).replace(number, struct.pack("<d", value))


def of(messages, kind):
    return [message for message in messages if isinstance(message, kind)]


def assert_refused(answer, text):
    (error,) = answer
    assert isinstance(error, Error)
    assert (error.errorCode, error.errorString) == (321, f"Error validating request.-'bH' : cause - {text}")


@pytest.mark.parametrize("value", TEXTS, ids=str)
@pytest.mark.parametrize("version", VERSIONS)
def test_any_number_of_an_order_must_be_finite(gateway, version, value):
    client, sent = gateway.connect(1, version), set()
    # On its sign depends which fields follow it in text, so that it cannot be exchanged there.
    for name in NUMBERS if version >= V.PROTOBUF_PLACE_ORDER else set(NUMBERS) - {"scalePriceIncrement"}:
        if payload := written(client, PlaceOrder(1, APPLE, limit(**{name: STAND_IN})), value):
            sent.add(name)
            assert_refused(client.ask_raw(payload), f"{name} is {value}, which is not a finite number")
    assert set(NUMBERS) - sent == NEVER_SENT if version >= V.PROTOBUF_PLACE_ORDER else len(sent) >= 20
    assert gateway.broker.next_due is None


@pytest.mark.parametrize("version", VERSIONS)
def test_numbers_inside_an_order_and_its_contract(gateway, version):
    client = gateway.connect(1, version)
    legs = [ComboLeg(1, 1, "BUY", "SMART"), ComboLeg(2, 1, "SELL", "SMART")]
    bag = Bag(symbol="SPY", exchange="SMART", currency="USD", comboLegs=legs)
    hedged = Stock("AAPL", "SMART", "USD", deltaNeutralContract=DeltaNeutralContract(1, STAND_IN, 10.0))
    price = PriceCondition(price=STAND_IN, conId=265598, exch="SMART")
    change = PercentChangeCondition(changePercent=STAND_IN, conId=265598, exch="SMART")
    cases = [
        ("conditions[0].price", APPLE, limit(conditions=[price])),
        ("conditions[1].changePercent", APPLE, limit(conditions=[PriceCondition(), change])),
        ("orderComboLegs[1].price", bag, limit(orderComboLegs=[OrderComboLeg(1.0), OrderComboLeg(STAND_IN)])),
        ("strike", Contract(secType="OPT", symbol="AAPL", strike=STAND_IN, exchange="SMART"), limit()),
        ("deltaNeutralContract.delta", hedged, limit()),
    ]
    for name, contract, order in cases:
        answer = client.ask_raw(written(client, PlaceOrder(1, contract, order), NAN))
        assert_refused(answer, f"{name} is nan, which is not a finite number")


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("text", ["NaN", "inf", "-Infinity", "1e999"])
def test_numbers_that_are_sent_as_text(gateway, version, text):
    client = gateway.connect(1, version)
    algo = limit(algoStrategy="Vwap", algoParams=[TagValue("maxPctVol", "0.1"), TagValue("riskAversion", text)])
    cases = [("algoParams[1].value", algo), ("hedgeParam", limit(hedgeType="B", hedgeParam=text))]
    for name, order in cases:
        answer = client.ask(PlaceOrder(1, APPLE, order))
        assert_refused(answer, f"{name} is {text}, which is not a finite number")


@pytest.mark.parametrize("version", VERSIONS)
def test_a_change_to_what_is_no_number_leaves_the_order_as_it_was(gateway, version):
    client = gateway.connect(1, version)
    client.ask(PlaceOrder(1, APPLE, limit()))
    for value in TEXTS:
        answer = client.ask_raw(written(client, PlaceOrder(1, APPLE, limit(discretionaryAmt=STAND_IN)), value))
        assert_refused(answer, f"discretionaryAmt is {value}, which is not a finite number")
    (kept, _, _) = gateway.connect(2).ask(ReqAllOpenOrders())
    assert (kept.order.lmtPrice, kept.order.discretionaryAmt) == (10.0, 0.0)


def test_what_text_or_whole_numbers_cannot_carry(gateway):
    client = gateway.connect(1)
    assert_refused(client.ask(PlaceOrder(1, APPLE, limit(orderRef="a\0b"))), "orderRef holds a NUL character")
    assert_refused(client.ask(PlaceOrder(1, Stock("A\0", "SMART", "USD"), limit())), "symbol holds a NUL character")
    text = "minQty is 2147483648, which has more than 32 bits"
    assert_refused(client.ask(PlaceOrder(1, APPLE, limit(minQty=1 << 31))), text)
    assert gateway.connect(2, 178).ask(ReqAllOpenOrders())[:-1] == []


def test_up_to_the_middle_is_the_infinity_that_means_something(gateway):
    best = Order(action="BUY", totalQuantity=1, orderType="PEG BEST", competeAgainstBestOffset=INF)
    (error,) = gateway.connect(1).ask(PlaceOrder(1, APPLE, best))
    assert error.errorCode == 387


VALUES = {
    "int": st.sampled_from([0, 1, -1, 2**31 - 1, 2**31, -(2**31), 2**53, 2**62]) | st.integers(-(2**62), 2**62),
    "float": st.sampled_from([0.0, -1.0, 1e-9, 1e22, 1.7e308, 1.7976931348623157e308, STAND_IN]),
    "str": st.sampled_from(["", "a\0b", "nan", "1;2=3", "\N{SNOWMAN}", "\ud83d\ude00", "\\u0041", "x" * 300]),
    "bool": st.booleans(),
}
FIELDS = {
    field.name: str(getattr(field.type, "__name__", field.type))
    for field in dataclasses.fields(Order)
    if field.name not in ("orderId", "whatIf", "transmit")
}
ODD_FIELDS = st.lists(st.sampled_from([name for name in FIELDS if FIELDS[name] in VALUES]), max_size=3).flatmap(
    lambda names: st.fixed_dictionaries({name: VALUES[FIELDS[name]] for name in names})
)


@cache
def old_and_new(make_gateway):
    gateway = make_gateway()
    return gateway.connect(1), [gateway.connect(number, version) for number, version in enumerate(VERSIONS, 2)]


@given(odd=ODD_FIELDS)
def test_every_client_is_told_of_every_order_that_lives(odd):
    from paper.conftest import GatewayInMemory

    client, others = old_and_new(GatewayInMemory)
    number = client.gateway.broker.exchange.next_order_id(1)
    client.ask(PlaceOrder(number, APPLE, limit(**odd)))
    exchange = client.gateway.broker.exchange
    for other in others:
        told = other.ask(ReqAllOpenOrders(), ReqCompletedOrders(False), ReqExecutions(1, ExecutionFilter()))
        assert len(of(told, OpenOrder)) == len(exchange.open_orders()) / 2
        assert len(of(told, CompletedOrder)) == len(exchange.completed_orders)
        assert len(of(told, ExecDetails)) == len(exchange.executions)
    client.gateway.broker.cancel_all()
    exchange.start_day(client.gateway.broker.moment)
