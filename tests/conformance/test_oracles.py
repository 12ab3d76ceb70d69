"""The oracles themselves: that each one is loaded, driven and compared as the conformance tests take for granted.

The literal bytes are derived by hand from the published sources.
"""

import math
import struct
import sys
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

import pytest
from oracles import (
    OFFICIAL_VERSIONS,
    Official,
    OracleFault,
    OracleRefused,
    differences,
    ib_async,
    ib_async_decode,
    ib_async_encode,
    is_unset,
    official,
    oracles_for,
    plain,
)

UNSET_DOUBLE = sys.float_info.max
UNSET_INTEGER = 2**31 - 1


@pytest.fixture(params=OFFICIAL_VERSIONS)
def oracle(request: pytest.FixtureRequest) -> Official:
    return official(request.param)


@dataclass
class Nothing:
    """Stands for any of our nouns without one attribute set."""


@dataclass
class Leg:
    conId: int = 0
    ratio: int = 0
    action: str = ""
    exchange: str = ""


@dataclass
class Stock:
    symbol: str = "AAPL"
    secType: str = "STK"
    exchange: str = "SMART"
    currency: str = "USD"
    strike: float = 0.0
    comboLegs: list[Leg] = field(default_factory=list)
    deltaNeutralContract: Any = None


class Pair(NamedTuple):
    tag: str
    value: str


@dataclass
class Price:
    condType: int = 1
    conjunction: str = "o"
    isMore: bool = True
    price: float = 1.5
    conId: int = 265598
    exch: str = "SMART"
    triggerMethod: int = 0


@dataclass
class Limit:
    action: str = "BUY"
    orderType: str = "LMT"
    totalQuantity: float = 100.0
    lmtPrice: float = 1.5
    auxPrice: float = UNSET_DOUBLE
    discretionaryAmt: float = 0.0
    minQty: int = UNSET_INTEGER
    algoParams: list[Pair] = field(default_factory=list)
    conditions: list[Price] = field(default_factory=list)
    firmQuoteOnly: bool = False


@dataclass
class Cancel:
    manualOrderCancelTime: str = "20240101-00:00:00"


def framed(payload: bytes) -> bytes:
    return struct.pack(">I", len(payload)) + payload


def text(line: str) -> bytes:
    return line.replace("|", "\0").encode()


def binary(message_id: int, line: str) -> bytes:
    return message_id.to_bytes(4, "big") + text(line)


def calls(oracle: Official, server_version: int, payload: bytes) -> list[tuple[str, Any]]:
    return [(call.name, plain(call.args)) for call in oracle.decode(server_version, payload)]


class TestLoading:
    def test_all_are_loaded_side_by_side_and_leave_no_module_behind(self) -> None:
        loaded = [official(version) for version in OFFICIAL_VERSIONS]
        assert [oracle.max_server_version for oracle in loaded] == [225, 203, 187, 176]
        assert [oracle.module("client").__name__ for oracle in loaded] == ["ibapi.client"] * 4
        assert len({oracle.module("client").__file__ for oracle in loaded}) == 4
        assert [name for name in sys.modules if name.split(".")[0] == "ibapi"] == []

    def test_modules_that_are_on_the_path_already_stay(self, monkeypatch: pytest.MonkeyPatch) -> None:
        mine = type(sys)("ibapi")
        monkeypatch.setitem(sys.modules, "ibapi", mine)
        Official("10.19.4")
        assert sys.modules["ibapi"] is mine

    def test_each_protobuf_schema_has_its_own_pool(self) -> None:
        old, new = (official(v).module("protobuf.Contract_pb2").Contract for v in ("10.37.2", "10.46.1"))
        assert old.DESCRIPTOR.file.pool is not new.DESCRIPTOR.file.pool
        assert set(new.DESCRIPTOR.fields_by_name) - set(old.DESCRIPTOR.fields_by_name) == {"lastTradeDate"}

    def test_which_oracles_speak_a_server_version(self) -> None:
        def versions(server_version: int) -> list[str]:
            return [oracle.version for oracle in oracles_for(server_version)]

        assert versions(157) == versions(176) == ["10.46.1", "10.37.2", "10.30.1", "10.19.4"]
        assert versions(177) == versions(187) == ["10.46.1", "10.37.2", "10.30.1"]
        assert versions(188) == versions(203) == ["10.46.1", "10.37.2"]
        assert versions(204) == versions(225) == ["10.46.1"]
        assert versions(226) == []

    def test_a_server_version_out_of_range_is_a_fault(self) -> None:
        with pytest.raises(OracleFault, match="up to 176, not 177"):
            official("10.19.4").encode(177, "reqCurrentTime")
        with pytest.raises(OracleFault, match="157 to 178, not 179"):
            ib_async_decode(179, ["49", "1", "0"])


class TestEncode:
    @pytest.mark.parametrize("server_version", [157, 176, 187, 200])
    def test_text_request(self, server_version: int) -> None:
        expected = framed(text("49|1|"))
        for oracle in oracles_for(server_version):
            assert oracle.encode(server_version, "reqCurrentTime") == expected

    def test_text_request_with_a_binary_id(self) -> None:
        assert {o.encode(203, "reqCurrentTime") for o in oracles_for(203)} == {framed(binary(49, "1|"))}

    def test_protobuf_request(self) -> None:
        assert official("10.46.1").encode(212, "reqCurrentTime") == framed(binary(49, "1|"))
        assert official("10.46.1").encode(213, "reqCurrentTime") == framed(binary(249, ""))

    @pytest.mark.parametrize("server_version", [157, 187, 200])
    def test_market_data_request_in_text(self, server_version: int) -> None:
        expected = framed(text("1|11|7|0|AAPL|STK||0.0|||SMART||USD|||0|233|0|0||"))
        for oracle in oracles_for(server_version):
            contract = oracle.contract(Stock())
            assert oracle.encode(server_version, "reqMktData", 7, contract, "233", False, False, []) == expected

    def test_market_data_request_in_protobuf(self) -> None:
        oracle = official("10.46.1")
        frame = oracle.encode(206, "reqMktData", 7, oracle.contract(Stock()), "233", True, False, [])
        request = oracle.module("protobuf.MarketDataRequest_pb2").MarketDataRequest.FromString(frame[8:])
        assert frame[4:8] == (201).to_bytes(4, "big")
        assert plain(request) == {
            "reqId": 7,
            "contract": {
                "conId": 0,
                "symbol": "AAPL",
                "secType": "STK",
                "strike": 0.0,
                "exchange": "SMART",
                "currency": "USD",
            },
            "genericTickList": "233",
            "snapshot": True,
        }

    @pytest.mark.parametrize("server_version", [157, 176, 187, 202])
    def test_every_official_client_places_the_same_order_in_text(self, server_version: int) -> None:
        frames = {
            oracle.encode(server_version, "placeOrder", 7, oracle.contract(Stock()), oracle.order(Limit()))
            for oracle in oracles_for(server_version)
        }
        [frame] = frames
        start = "7|0|AAPL|STK||0.0|||SMART||USD|||||BUY|100|LMT|1.5||"
        assert frame[4:].startswith(binary(3, start) if server_version >= 201 else text("3|" + start))

    def test_start_api_bears_the_client_id(self) -> None:
        for oracle in oracles_for(157):
            frame = oracle.encode(157, "startApi", client_id=9, optional_capabilities="x")
            assert frame == framed(text("71|2|9|x|"))

    def test_a_refusal_bears_its_code_and_text(self, oracle: Official) -> None:
        with pytest.raises(OracleRefused, match="503: The TWS is out of date") as refusal:
            oracle.encode(100, "reqFamilyCodes")
        assert refusal.value.code == 503

    def test_a_wrong_call_is_a_fault(self, oracle: Official) -> None:
        with pytest.raises(OracleFault, match="cannot encode reqIds at 157: TypeError"):
            oracle.encode(157, "reqIds")


class TestDecode:
    @pytest.mark.parametrize("server_version", [157, 187, 200, 203])
    def test_tick_price_makes_a_size_too(self, server_version: int) -> None:
        payload = binary(1, "6|7|1|150.25|300|5|") if server_version >= 201 else text("1|6|7|1|150.25|300|5|")
        attributes = {"canAutoExecute": True, "pastLimit": False, "preOpen": True}
        for oracle in oracles_for(server_version):
            assert calls(oracle, server_version, payload) == [
                ("tickPrice", [7, 1, 150.25, attributes]),
                ("tickSize", [7, 0, Decimal(300)]),
            ]

    def test_error_at_178_has_no_time(self) -> None:
        payload = text("4|2|-1|2104|Market data farm \\u00e9 is OK||")
        for oracle in oracles_for(178):
            [call] = oracle.decode(178, payload)
            named = {"reqId": -1, "errorCode": 2104, "errorString": "Market data farm é is OK"}
            assert call.name == "error"
            assert differences({**named, "advancedOrderRejectJson": ""}, call.named) == []

    def test_error_at_194_has_a_time_and_no_version(self) -> None:
        payload = text("4|-1|2104|Market data farm is OK||1700000000123|")
        for oracle in oracles_for(194):
            assert calls(oracle, 194, payload) == [("error", [-1, 1700000000123, 2104, "Market data farm is OK", ""])]

    def test_error_at_225_is_protobuf(self) -> None:
        oracle = official("10.46.1")
        message = oracle.module("protobuf.ErrorMessage_pb2").ErrorMessage(id=-1, errorCode=2104, errorMsg="OK")
        [call] = oracle.decode(225, (204).to_bytes(4, "big") + message.SerializeToString())
        assert call.named == {
            "reqId": -1,
            "errorTime": 0,
            "errorCode": 2104,
            "errorString": "OK",
            "advancedOrderRejectJson": "",
        }

    def test_managed_accounts(self) -> None:
        for server_version, payload in ((157, text("15|1|DU1,DU2|")), (203, binary(15, "1|DU1,DU2|"))):
            for oracle in oracles_for(server_version):
                assert calls(oracle, server_version, payload) == [("managedAccounts", ["DU1,DU2"])]

    def test_a_message_that_the_client_drops_or_chokes_on_is_a_fault(self, oracle: Official) -> None:
        with pytest.raises(OracleFault, match="diff len fields and params"):
            oracle.decode(157, text("15|1|DU1|more|"))
        with pytest.raises(OracleFault, match="does not know message 199"):
            oracle.decode(157, text("199|1|"))
        with pytest.raises(OracleFault, match="cannot decode at 157"):
            oracle.decode(157, text("1|6|7|"))


class TestIbAsync:
    def test_decodes_the_same_messages(self) -> None:
        [tick] = ib_async_decode(157, ["1", "6", "7", "1", "150.25", "300", "5"])
        assert (tick.name, tick.args) == ("priceSizeTick", (7, 1, 150.25, 300.0))
        [error] = ib_async_decode(178, ["4", "2", "-1", "2104", "OK", ""])
        assert error.named == {
            "reqId": -1,
            "errorCode": 2104,
            "errorString": "OK",
            "advancedOrderRejectJson": "",
        }
        [accounts] = ib_async_decode(157, ["15", "1", "DU1,DU2"])
        assert (accounts.name, accounts.args) == ("managedAccounts", ("DU1,DU2",))

    def test_a_message_that_it_would_log_and_drop_is_a_fault(self) -> None:
        with pytest.raises(OracleFault, match="Error handling fields"):
            ib_async_decode(157, ["1", "6", "7"])

    def test_encodes_as_the_official_client_does(self) -> None:
        stock = ib_async().Stock("AAPL", "SMART", "USD")
        assert ib_async_encode(157, "reqCurrentTime") == framed(text("49|1|"))
        ours = ib_async_encode(157, "reqMktData", 7, stock, "233", False, False, [])
        assert ours == framed(text("1|11|7|0|AAPL|STK||0.0|||SMART||USD|||0|233|0|0||"))
        assert ib_async_encode(157, "startApi", client_id=9) == framed(text("71|2|9||"))


class TestNouns:
    def test_nothing_set_is_the_official_default(self, oracle: Official) -> None:
        for name in ("Contract", "Order", "ExecutionFilter", "ScannerSubscription"):
            assert vars(oracle.build(name, Nothing())).keys() == vars(oracle.find_class(name)()).keys()
            assert differences(oracle.find_class(name)(), oracle.build(name, Nothing())) == []

    def test_an_order_in_every_part(self, oracle: Official) -> None:
        order = oracle.order(Limit(algoParams=[Pair("a", "1")], conditions=[Price()]))
        assert repr(order.totalQuantity) == "Decimal('100')"
        assert repr(order.discretionaryAmt) == "0"
        assert (order.auxPrice, order.minQty) == (UNSET_DOUBLE, UNSET_INTEGER)
        assert [str(pair) for pair in order.algoParams] == ["a=1;"]
        assert not hasattr(order, "firmQuoteOnly")
        [condition] = order.conditions
        assert type(condition).__name__ == "PriceCondition"
        assert vars(condition) == {
            "condType": 1,
            "isConjunctionConnection": False,
            "isMore": True,
            "conId": 265598,
            "exchange": "SMART",
            "price": 1.5,
            "triggerMethod": 0,
        }
        assert plain(condition) == plain(Price())

    def test_a_combination_keeps_its_legs(self, oracle: Official) -> None:
        contract = oracle.contract(Stock(comboLegs=[Leg(1, 2, "BUY", "SMART")]))
        assert differences([Leg(1, 2, "BUY", "SMART")], contract.comboLegs) == []
        assert contract.deltaNeutralContract is None

    def test_overrides(self, oracle: Official) -> None:
        assert oracle.order(Limit(), usePriceMgmtAlgo=None).usePriceMgmtAlgo is None
        with pytest.raises(AttributeError, match="Order has no attribute nonesuch"):
            oracle.order(Limit(), nonesuch=1)

    def test_an_order_cancel_is_a_text_in_the_oldest_client(self) -> None:
        ours = Cancel()
        assert official("10.19.4").order_cancel(ours) == "20240101-00:00:00"
        assert official("10.30.1").order_cancel(ours).manualOrderCancelTime == "20240101-00:00:00"
        for oracle in oracles_for(170):
            frame = oracle.encode(170, "cancelOrder", 7, oracle.order_cancel(ours))
            assert frame == framed(text("4|1|7|20240101-00:00:00|"))


class TestCompare:
    def test_equal_across_spellings(self) -> None:
        expected = {"a": 1, "b": UNSET_DOUBLE, "c": Decimal("0.1"), "d": math.nan, "e": None, "f": [1, "x"]}
        actual = {"a": 1.0, "b": Decimal(2**127 - 1), "c": 0.1, "d": math.nan, "e": [], "f": (1, "x"), "more": 1}
        assert differences(expected, actual) == []

    @pytest.mark.parametrize(
        ("expected", "actual"),
        [(0, UNSET_INTEGER), (0, None), ("", UNSET_DOUBLE), ("1", 1), (False, None), (0.1, Decimal("0.2"))],
    )
    def test_different(self, expected: object, actual: object) -> None:
        assert differences({"a": expected}, {"a": actual}) == [f"a: expected {expected!r}, not {actual!r}"]

    def test_paths_and_what_is_ignored(self) -> None:
        expected = {"order": {"permId": 1, "legs": [{"ratio": 1}, {"ratio": 2}], "gone": 1}}
        actual = {"order": {"permId": 2, "legs": [{"ratio": 1}, {"ratio": 3}]}}
        assert differences(expected, actual, {"permId"}) == [
            "order.legs[1].ratio: expected 2, not 3",
            "order.gone: expected 1, but there is no such attribute",
        ]
        assert differences(expected, actual, {"order.permId", "order.gone", "order.legs[1]"}) == []
        assert differences([1], []) == [": expected 1 items [1], not 0: []"]

    def test_official_enumerations_become_their_codes(self) -> None:
        kinds = official("10.46.1").find_class("FundAssetType")
        assert [plain(kinds.NoneItem), plain(kinds.Others), plain(kinds.Equity)] == [None, "000", "004"]  # type: ignore[attr-defined]

    def test_protobuf_messages_become_their_present_fields(self) -> None:
        module = official("10.46.1").module("protobuf.Contract_pb2")
        message = module.Contract(conId=0, comboLegs=[{"ratio": 2}, {"ratio": 1}])
        assert plain(message) == {"conId": 0, "comboLegs": [{"ratio": 2}, {"ratio": 1}]}

    def test_unset(self) -> None:
        assert all(map(is_unset, (None, UNSET_DOUBLE, UNSET_INTEGER, 2**63 - 1, Decimal(2**127 - 1))))
        assert not any(map(is_unset, (0, "", False, 1.0, "2147483647")))
