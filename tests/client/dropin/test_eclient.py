"""`Client` under EClient's names: each method sends what ib_async sends, byte for byte, where that has it."""

import asyncio
import inspect
from dataclasses import fields
from math import inf
from typing import Any

import pytest
from client.asking import VERSIONS, connected
from client.scripted import serving
from conformance.versions import client as codec
from oracles import ib_async, ib_async_encode

import ibdesk
from ibdesk.client.dropin.eclient import EClient, with_derived_methods
from ibdesk.client.dropin.raw_fields import from_fields, from_text
from ibdesk.model.config import OrdersConfig
from ibdesk.model.contract import Contract, TagValue
from ibdesk.model.executions import ExecutionFilter
from ibdesk.model.fields import dataclassNonDefaults
from ibdesk.model.order import Order, OrderCancel
from ibdesk.model.reference import ScannerSubscription, WshEventData
from ibdesk.model.unset import UNSET_DOUBLE, UNSET_INTEGER
from ibdesk.runtime.loops import get_loop
from ibdesk.wire.catalogue import Sender, messages
from ibdesk.wire.frames import frame
from ibdesk.wire.messages import bonds, config, connection, fundamentals, historical_ticks
from ibdesk.wire.messages.order_status import CancelOrder

METHODS = [name for name, method in vars(EClient).items() if inspect.isfunction(method) and name != "sendMsg"]
THEIRS = [name for name in METHODS if hasattr(ib_async().Client, name)]

CONTRACT = Contract(
    secType="OPT", conId=1, symbol="SYM", lastTradeDateOrContractMonth="20260619", strike=2.5, right="C",
    multiplier="100", exchange="SMART", primaryExchange="CBOE", currency="USD", localSymbol="LOCAL", tradingClass="CLS",
)  # fmt: skip
SAMPLES: dict[str, Any] = {
    "int": 3,
    "float": 1.25,
    "str": "text",
    "bool": True,
    "Options": [TagValue("tag", "value"), TagValue("other", "1")],
    "Contract": CONTRACT,
    "Order": Order(action="BUY", totalQuantity=10.0, orderType="LMT", lmtPrice=1.5, tif="DAY", orderRef="ref"),
    "ExecutionFilter": ExecutionFilter(clientId=5, acctCode="DU1", time="20260102-10:00:00", symbol="SYM"),
    "ScannerSubscription": ScannerSubscription(10, "STK", "STK.US", "HOT_BY_VOLUME", abovePrice=1.5, aboveVolume=9),
    "WshEventData": WshEventData(7, "{}", True, False, True, "20260101", "20260201", 5),
}

CONFORMANCE_SHOWS_IT = {
    "placeOrder": "numbers that are not set are spelled as IBKR's own client does",
    "calculateImpliedVolatility": "the number of options stands before them in no newer client of IBKR",
    "calculateOptionPrice": "the same",
}
"""What ib_async spells otherwise, and why; `conformance` holds those messages against IBKR's client."""

NEW = {
    "cancelContractData": bonds.CancelContractData(3),
    "cancelHistoricalTicks": historical_ticks.CancelHistoricalTicks(3),
    "reqCurrentTimeInMillis": connection.ReqCurrentTimeInMillis(),
    "reqConfig": config.ReqConfig(3),
    "updateConfig": config.UpdateConfig(3, orders=OrdersConfig()),
}


class Recording(EClient):
    """Keeps what is sent."""

    clientId, optCapab = 5, ""

    def __init__(self) -> None:
        self.sent: list[Any] = []

    def send(self, message: Any, *, modifies: bool = False, key: object = None) -> None:
        self.sent.append(message)


def arguments(name: str) -> list[Any]:
    """A value for each parameter, no two of one kind alike."""
    found: list[Any] = []
    for number, parameter in enumerate(list(inspect.signature(getattr(EClient, name)).parameters.values())[1:]):
        kind = parameter.annotation
        word = (
            "Options" if "TagValue" in str(kind) else str(getattr(kind, "__name__", kind)).split(" |")[0].split(".")[-1]
        )
        sample = SAMPLES[word]
        if parameter.name == "override":
            word, sample = "", 1
        found.append({"int": number + 3, "str": f"text{number}", "bool": number % 2 == 0}.get(word, sample))
    return found


def their(value: Any) -> Any:
    """The same noun in ib_async."""
    if isinstance(value, list):
        return [their(one) for one in value]
    kind = getattr(ib_async(), type(value).__name__, None)
    if kind is None:
        return value
    return kind(*value) if isinstance(value, tuple) else kind(**dataclassNonDefaults(value))


def sent(name: str, *args: Any) -> list[Any]:
    recording = Recording()
    getattr(recording, name)(*args)
    return recording.sent


@pytest.mark.parametrize("name", [name for name in THEIRS if name not in CONFORMANCE_SHOWS_IT])
def test_bytes_are_those_of_ib_async(name: str) -> None:
    args = arguments(name)
    (message,) = sent(name, *args)
    theirs = ib_async_encode(
        178, name, *[their(one) for one in args], **({"client_id": 5} if name == "startApi" else {})
    )
    assert frame(codec(178).encode(message)) == theirs


@pytest.mark.parametrize("name", NEW)
def test_what_ib_async_has_not(name: str) -> None:
    args = (
        [NEW[name]] if name == "updateConfig" else [3] * (len(inspect.signature(getattr(EClient, name)).parameters) - 1)
    )
    assert sent(name, *args) == [NEW[name]]


@pytest.mark.parametrize("name", [name for name in THEIRS if "calculate" not in name])
def test_raw_fields_of_ib_async_are_the_same_message(name: str) -> None:
    args = [their(one) for one in arguments(name)]
    theirs = ib_async_encode(178, name, *args, **({"client_id": 5} if name == "startApi" else {}))
    (message,) = sent(name, *arguments(name))
    raw = from_text(theirs[4:].decode(), 225)
    assert codec(178).encode(raw) == codec(178).encode(message)


def test_raw_values_are_spelled_as_ib_async_spells_them() -> None:
    theirs = ib_async().client.Client(None)
    theirs.connState = theirs.CONNECTED
    spelled: list[str] = []
    theirs.sendMsg = spelled.append
    values = [87, 3, CONTRACT, False, True, "TRADES", 1]
    theirs.send(*[their(one) for one in values])
    assert from_fields(values, 178, True) == from_text(spelled[0], 178)
    request = historical_ticks.ReqHistoricalTicks(3, CONTRACT, "", "", 9, "BID", True, False, [TagValue("a", "1")])
    raw = [96, 3, CONTRACT, False, None, "", 9, "BID", True, False, [TagValue("a", "1")]]
    assert codec(178).encode(from_fields(raw, 225, True)) == codec(178).encode(request)


@pytest.mark.parametrize(("value", "read"), [(inf, inf), (UNSET_DOUBLE, 0.0), (1.5, 1.5)])
def test_raw_numbers(value: float, read: float) -> None:
    raw = (102, 3, UNSET_INTEGER, "", False, False, False, "", "", UNSET_INTEGER)
    assert from_fields(raw, 178, False) == fundamentals.ReqWshEventData(3, WshEventData())
    calculation = from_fields([54, 3, 3, CONTRACT, value, 2.5, ""], 178, True)
    assert (calculation.optionPrice, calculation.underPrice) == (read, 2.5)


def test_what_is_no_message_is_refused() -> None:
    with pytest.raises(ValueError, match="no message of a client has the id 999"):
        from_fields([999, 1], 178, True)
    with pytest.raises(ValueError, match="CancelPnL"):
        from_fields([93, "what"], 178, True)


@pytest.mark.parametrize("version", VERSIONS)
async def test_raw_messages_are_sent_at_every_version(version: int) -> None:
    async with connected({connection.ReqCurrentTime: lambda _: [connection.CurrentTime(7)]}, version) as (ib, server):
        ib.client.send(49, 1)
        ib.client.sendMsg("49\x001\x00")
        ib.client.reqCurrentTime()
        await server.wait_for(connection.ReqCurrentTime, 3)


@pytest.mark.real_time
async def test_a_client_can_be_connected_and_run_by_itself() -> None:
    async with serving() as server:

        def program() -> None:
            client = ibdesk.IB().client
            client.connect("127.0.0.1", server.port, 1)
            assert client.isReady()
            get_loop().call_soon(get_loop().stop)
            client.run()
            client.disconnect()
            get_loop().run_until_complete(asyncio.sleep(0))
            get_loop().close()

        await asyncio.to_thread(program)


@pytest.mark.parametrize("name", CONFORMANCE_SHOWS_IT)
def test_what_ib_async_spells_otherwise_holds_its_arguments(name: str) -> None:
    args = arguments(name)
    (message,) = sent(name, *args)
    assert [getattr(message, one.name) for one in fields(message)] == args


def test_a_cancel_of_an_order_has_its_time() -> None:
    assert sent("cancelOrder", 3, "20260102 10:00:00") == [CancelOrder(3, OrderCancel("20260102 10:00:00"))]


def test_every_message_of_a_client_has_a_method() -> None:
    assert {type(sent(name, *arguments(name))[0]) for name in THEIRS} | {type(one) for one in NEW.values()} == {
        one.cls for one in messages() if one.sender is Sender.CLIENT
    }
    assert sorted(METHODS) == sorted([*THEIRS, *NEW])


def test_a_message_that_nobody_has_declared_has_a_method() -> None:
    class Bare:
        def __init__(self) -> None:
            self.sent: list[Any] = []

        def send(self, message: Any) -> None:
            """Written out, so that nothing is derived for it."""
            self.sent.append(message)

    bare: Any = with_derived_methods(Bare)()
    bare.cancelOrder(7, orderCancel=OrderCancel("20260402 09:30:00"))
    assert bare.sent == [CancelOrder(7, OrderCancel("20260402 09:30:00"))]
    assert list(inspect.signature(Bare.cancelOrder).parameters) == ["self", "orderId", "orderCancel"]  # type: ignore[attr-defined]
    assert Bare.cancelOrder.__doc__ == CancelOrder.__doc__  # type: ignore[attr-defined]
    with pytest.raises(TypeError, match="orderCancel"):
        bare.cancelOrder(7)


def test_parameters_and_defaults() -> None:
    for name in THEIRS:
        ours, theirs = (inspect.signature(getattr(lib.Client, name)).parameters for lib in (ibdesk, ib_async()))
        assert [(one.name, one.kind, one.default) for one in ours.values()] == [
            (one.name, one.kind, one.default) for one in theirs.values()
        ], name


def test_options_may_be_left_out() -> None:
    for name in METHODS:
        args = arguments(name) if name != "updateConfig" else [NEW[name]]
        bare = [None if isinstance(one, list | ExecutionFilter) else one for one in args]
        if bare != args:
            (message,) = sent(name, *bare)
            assert codec(178).encode(message)
