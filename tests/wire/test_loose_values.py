"""What a program may put into a field of text or of numbers, and that every version and encoding takes it alike."""

import enum
from collections.abc import Callable
from decimal import Decimal
from math import inf, nan
from typing import Any

import numpy as np
import pandas as pd
import pytest

from ibdesk.errors import EncodeError
from ibdesk.model.contract import Contract, TagValue
from ibdesk.model.order import Order
from ibdesk.model.unset import UNSET_DOUBLE, UNSET_INTEGER
from ibdesk.wire import protobuf, text
from ibdesk.wire.catalogue import Sender, of
from ibdesk.wire.codec import Codec
from ibdesk.wire.messages.market_data import ReqMktData
from ibdesk.wire.messages.orders import PlaceOrder

VERSIONS = (157, 178, 200, 203, 225)


class Right(str, enum.Enum):  # noqa: UP042  (its format is `Right.CALL`)
    CALL = "C"


AS_TEXT: list[tuple[Any, str]] = [
    ("1.10", "1.10"),
    (None, ""),
    (UNSET_INTEGER, ""),
    (UNSET_DOUBLE, ""),
    (0, "0"),
    (5, "5"),
    (100.0, "100"),
    (1e-7, "0.0000001"),
    (True, "1"),
    (False, "0"),
    (Decimal("1.10"), "1.10"),
    (Decimal("1E+2"), "100"),
    (Decimal(20270115), "20270115"),
    (np.int64(20270115), "20270115"),
    (np.int8(5), "5"),
    (np.uint32(5), "5"),
    (np.float64(100.0), "100"),
    (np.float32(1.1), "1.1"),
    (np.bool_(True), "1"),
    (np.bool_(False), "0"),
    (np.str_("C"), "C"),
    (np.array(5), "5"),
    (Right.CALL, "C"),
]
"""Values, and how they are spelled in every field that holds a text."""

NO_TEXT = [nan, inf, Decimal("NaN"), np.float64(nan), pd.NA, pd.NaT, np.datetime64("2026-01-01", "ns"), b"C", ["C"]]

IN_TEXT: dict[str, Callable[[Contract, Order, Any], None]] = {
    "contract.lastTradeDateOrContractMonth": lambda c, o, v: setattr(c, "lastTradeDateOrContractMonth", v),
    "contract.right": lambda c, o, v: setattr(c, "right", v),
    "contract.localSymbol": lambda c, o, v: setattr(c, "localSymbol", v),
    "order.orderRef": lambda c, o, v: setattr(o, "orderRef", v),
    "order.account": lambda c, o, v: setattr(o, "account", v),
    "order.ocaGroup": lambda c, o, v: setattr(o, "ocaGroup", v),
    "order.algoParams": lambda c, o, v: vars(o).update(algoStrategy="Twap", algoParams=[TagValue("a", v)]),
    "order.smartComboRoutingParams": lambda c, o, v: (
        setattr(c, "secType", "BAG"),  # type: ignore[func-returns-value]
        setattr(o, "smartComboRoutingParams", [TagValue("a", v)]),  # type: ignore[func-returns-value]
    ),
    "order.orderMiscOptions": lambda c, o, v: setattr(o, "orderMiscOptions", [TagValue("a", v)]),
}
"""Fields of text of an order, each with how a value gets there."""


def order_with(put: Callable[[Contract, Order, Any], None], value: Any) -> PlaceOrder:
    contract = Contract(secType="OPT", symbol="AAPL", exchange="SMART", currency="USD")
    order = Order(action="BUY", totalQuantity=1, orderType="LMT", lmtPrice=1.0)
    put(contract, order, value)
    return PlaceOrder(1, contract, order)


def both_codecs(message: Any, version: int) -> bytes:
    """The payload by the reference codec, which the compiled one must give as well."""
    codec = Codec(Sender.CLIENT, version)
    first = codec.encode(message)  # by the reference
    assert codec.encode(message) == first
    description = of(type(message))
    if description.is_protobuf(version):
        assert first[4:] == protobuf.encode(description.tags(version), message, "", version)
    else:
        layout = description.layout(version)
        assert first.endswith(text.join(text.encode(layout, message, "", version)))
    return first


def assert_alike(put: Callable[[Contract, Order, Any], None], value: Any, spelled: Any) -> None:
    for version in VERSIONS:
        payload = both_codecs(order_with(put, value), version)
        assert payload == both_codecs(order_with(put, spelled), version), version


def refusals(put: Callable[[Contract, Order, Any], None], value: Any, match: str = "") -> list[str]:
    """Where each version says that the fault is."""
    paths = []
    for version in VERSIONS:
        try:
            payload = Codec(Sender.CLIENT, version).encode(order_with(put, value))
        except EncodeError as error:
            assert match in str(error), version
            paths.append(error.path)
        else:
            pytest.fail(f"version {version} sends {payload!r}")
    return paths


@pytest.mark.parametrize(("value", "spelled"), AS_TEXT, ids=repr)
@pytest.mark.parametrize("put", IN_TEXT.values(), ids=IN_TEXT)
def test_a_field_of_text_is_spelled_alike(
    put: Callable[[Contract, Order, Any], None], value: Any, spelled: str
) -> None:
    """ib_async#66, ib_insync#643."""
    assert_alike(put, value, spelled)


@pytest.mark.parametrize("value", NO_TEXT, ids=repr)
@pytest.mark.parametrize(("name", "put"), IN_TEXT.items(), ids=IN_TEXT)
def test_what_is_no_text_is_refused(name: str, put: Callable[[Contract, Order, Any], None], value: Any) -> None:
    assert all(path.startswith(name) for path in refusals(put, value, "neither a text nor a number"))


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("value", [100, 100.0, np.int64(100), np.float32(100), Decimal(100), "100", True, 0.5, 0])
def test_a_multiplier_is_the_same_number(value: Any, version: int) -> None:
    """It is a text in one encoding and a double in the other."""
    spelled = {True: "1", 0.5: "0.5", 0: "0"}.get(value, "100") if not isinstance(value, str) else value

    def put(contract: Contract, _: Order, value: Any) -> None:
        contract.multiplier = value

    assert both_codecs(order_with(put, value), version) == both_codecs(order_with(put, spelled), version)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("value", [nan, "nan", pd.NA, "1,000", ["100"]])
def test_a_multiplier_that_is_none(value: Any, version: int) -> None:
    def put(contract: Contract, _: Order, value: Any) -> None:
        contract.multiplier = value

    if isinstance(value, str) and not of(PlaceOrder).is_protobuf(version):
        both_codecs(order_with(put, value), version)  # it is a text there, and the server will refuse it
        return
    with pytest.raises(EncodeError) as caught:
        Codec(Sender.CLIENT, version).encode(order_with(put, value))
    assert caught.value.path == "contract.multiplier"


NUMBERS: list[tuple[Any, float]] = [
    (np.float32(1.1), 1.1),
    (np.float64(1.1), 1.1),
    (np.int64(2), 2.0),
    (Decimal("1.1"), 1.1),
    (np.array(1.1), 1.1),
]


@pytest.mark.parametrize(("value", "number"), NUMBERS, ids=repr)
@pytest.mark.parametrize(
    "name", ["lmtPrice", "auxPrice", "totalQuantity", "trailStopPrice", "percentOffset", "scalePriceIncrement"]
)
def test_a_field_of_numbers_is_spelled_alike(name: str, value: Any, number: float) -> None:
    """A price of 32 bits is the one that it shows, which lies on the price grid of the market."""

    def put(_: Contract, order: Order, value: Any) -> None:
        setattr(order, name, value)

    assert_alike(put, value, number)


@pytest.mark.parametrize("value", [pd.NA, np.array([1.0, 2.0]), pd.Series([1.0, 2.0]), "LMT", object()])
@pytest.mark.parametrize("name", ["lmtPrice", "totalQuantity", "minQty", "parentId", "displaySize", "discretionaryAmt"])
def test_what_is_no_number_is_refused(name: str, value: Any) -> None:
    def put(_: Contract, order: Order, value: Any) -> None:
        setattr(order, name, value)

    assert set(refusals(put, value)) == {f"order.{name}"}


@pytest.mark.parametrize("version", [178, 203])
def test_a_field_that_the_server_is_too_old_for(version: int) -> None:
    """Whether it holds its default is asked of any value."""
    for value in (np.int64(5), np.array([1, 2]), pd.NA):
        order = Order(action="BUY", totalQuantity=1, orderType="MKT", manualOrderIndicator=value)
        if version < 192:
            with pytest.raises(EncodeError, match="too old") as caught:
                Codec(Sender.CLIENT, version).encode(PlaceOrder(1, Contract(), order))
            assert caught.value.path == "order.manualOrderIndicator"
    order = Order(action="BUY", totalQuantity=1, orderType="MKT", manualOrderIndicator=np.int64(UNSET_INTEGER))
    Codec(Sender.CLIENT, version).encode(PlaceOrder(1, Contract(), order))


@pytest.mark.parametrize("version", VERSIONS)
def test_generic_ticks_as_a_number(version: int) -> None:
    one = ReqMktData(1, Contract(conId=1), np.int64(233), False, False)  # type: ignore[arg-type]
    other = ReqMktData(1, Contract(conId=1), "233", False, False)
    assert both_codecs(one, version) == both_codecs(other, version)
