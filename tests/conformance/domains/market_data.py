"""How the messages of quotes are held against the outside clients."""

from typing import Any

from conformance.domain import Callback, Domain, Request, callback, contract, fields
from conformance.exceptions import EVERY, IB_ASYNC, Avoided, Read
from conformance.strategies import OPTIONAL_SIZES, TAG_VALUES
from hypothesis import strategies as st
from oracles import Official

from ibdesk.model.unset import UNSET_DOUBLE
from ibdesk.wire import versions as V
from ibdesk.wire.messages import market_data as messages

_SIZES_OF_PRICES = {1: 0, 2: 3, 4: 5, 66: 69, 67: 70, 68: 71}
"""Tick type of a price -> that of its size, where there is one (IBKR, "Available Tick Types")."""


def _market_data(oracle: Official, message: Any, version: int) -> tuple[Any, ...]:
    return (
        message.reqId,
        contract(oracle, message.contract, version),
        message.genericTickList,
        message.snapshot,
        message.regulatorySnapshot,
        oracle.tag_values(message.mktDataOptions),
    )


def _tick_price(m: Any, version: int) -> list[Callback]:
    attributes = {
        "canAutoExecute": bool(m.attrMask & 1),
        "pastLimit": bool(m.attrMask & 2),
        "preOpen": bool(m.attrMask & 4),
    }
    price = {"reqId": m.reqId, "tickType": m.tickType, "price": m.price, "attrib": attributes}
    found: list[Callback] = [("tickPrice", price)]
    if m.tickType in _SIZES_OF_PRICES:
        found.append(("tickSize", {"reqId": m.reqId, "tickType": _SIZES_OF_PRICES[m.tickType], "size": m.size}))
    return found


DOMAIN = Domain(
    requests={
        messages.ReqMktData: Request("reqMktData", _market_data, "MarketDataRequest"),
        messages.CancelMktData: Request("cancelMktData", fields("reqId"), "CancelMarketData"),
        messages.ReqMarketDataType: Request("reqMarketDataType", fields("marketDataType"), "MarketDataTypeRequest"),
    },
    answers={
        messages.TickPrice: _tick_price,
        messages.TickSize: callback("tickSize", "reqId", "tickType", "size"),
        messages.TickGeneric: callback("tickGeneric", "reqId", "tickType", "value"),
        messages.TickString: callback("tickString", "reqId", "tickType", "value"),
        messages.TickReqParams: callback("tickReqParams", "reqId", "minTick", "bboExchange", "snapshotPermissions"),
        messages.TickSnapshotEnd: callback("tickSnapshotEnd", "reqId"),
        messages.MarketDataType: callback("marketDataType", "reqId", "marketDataType"),
    },
    otherwise={
        # It joins a price with its size.
        (messages.TickPrice, "ib_async"): callback("priceSizeTick", "reqId", "tickType", "price", "size"),
    },
    values={
        messages.ReqMktData: {"mktDataOptions": TAG_VALUES},
        messages.TickPrice: {"size": OPTIONAL_SIZES, "attrMask": st.integers(0, 7)},
        messages.TickSize: {"size": OPTIONAL_SIZES},
        messages.TickReqParams: {
            "minTick": st.sampled_from([0.0, 0.01, 5e-05, 1.0]),
            "lastPricePrecision": OPTIONAL_SIZES,
            "lastSizePrecision": OPTIONAL_SIZES,
        },
    },
    schemas={
        messages.TickReqParams: "TickReqParams",
    },
    not_described={
        messages.ReqMktData: frozenset({"contract.lastTradeDate"}),
    },
    exceptions=(
        Avoided(
            messages.ReqMktData,
            "mktDataOptions",
            EVERY,
            "refused as not supported in text; ib_async sends them, and so does ibdesk",
            [("a", "1")],
            end=V.PROTOBUF_MARKET_DATA,
            instead=[],
        ),
        *(
            Read(
                message,
                "size",
                IB_ASYNC,
                "it reads an empty field as zero",
                UNSET_DOUBLE,
                ours=UNSET_DOUBLE,
                theirs=0.0,
            )
            for message in (messages.TickPrice, messages.TickSize)
        ),
    ),
)
