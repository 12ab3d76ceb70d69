"""How the messages of market depth are held against the outside clients."""

from typing import Any

from conformance.domain import Callback, Callbacks, Domain, Request, callback, contract, fields
from conformance.exceptions import EVERY, IB_ASYNC, Avoided, Read
from conformance.strategies import OPTIONAL_INTS, OPTIONAL_SIZES, TAG_VALUES, few, noun
from oracles import Official

from ibdesk.model.reference import DepthMktDataDescription
from ibdesk.model.unset import UNSET_DOUBLE
from ibdesk.wire import versions as V
from ibdesk.wire.layout import get_path
from ibdesk.wire.messages import depth as messages


def _market_depth(oracle: Official, message: Any, version: int) -> tuple[Any, ...]:
    return (
        message.reqId,
        contract(oracle, message.contract, version),
        message.numRows,
        message.isSmartDepth,
        oracle.tag_values(message.mktDepthOptions),
    )


def _row(name: str, *parts: str) -> Callbacks:
    """The id of the request, then these parts of the row."""

    def make(message: Any, version: int) -> list[Callback]:
        row = {part: get_path(message, ("marketDepthData", part)) for part in parts}
        return [(name, {"reqId": message.reqId, **row})]

    return make


def _never(message: Any, version: int) -> list[Callback]:
    """Its wrapper has no such callback."""
    return []


DOMAIN = Domain(
    requests={
        messages.ReqMktDepth: Request("reqMktDepth", _market_depth, "MarketDepthRequest"),
        messages.CancelMktDepth: Request("cancelMktDepth", fields("reqId", "isSmartDepth"), "CancelMarketDepth"),
        messages.ReqMktDepthExchanges: Request("reqMktDepthExchanges", fields(), "MarketDepthExchangesRequest"),
    },
    answers={
        messages.UpdateMktDepth: _row("updateMktDepth", "position", "operation", "side", "price", "size"),
        messages.UpdateMktDepthL2: _row(
            "updateMktDepthL2", "position", "marketMaker", "operation", "side", "price", "size", "isSmartDepth"
        ),
        messages.MktDepthExchanges: callback("mktDepthExchanges", "depthMktDataDescriptions"),
        messages.RerouteMktDataReq: callback("rerouteMktDataReq", "reqId", "conId", "exchange"),
        messages.RerouteMktDepthReq: callback("rerouteMktDepthReq", "reqId", "conId", "exchange"),
    },
    otherwise={
        (messages.RerouteMktDataReq, "ib_async"): _never,
        (messages.RerouteMktDepthReq, "ib_async"): _never,
    },
    values={
        messages.ReqMktDepth: {"mktDepthOptions": TAG_VALUES},
        messages.UpdateMktDepth: {"marketDepthData": noun(messages.MarketDepthData, size=OPTIONAL_SIZES)},
        messages.UpdateMktDepthL2: {"marketDepthData": noun(messages.MarketDepthData, size=OPTIONAL_SIZES)},
        messages.MktDepthExchanges: {
            "depthMktDataDescriptions": few(noun(DepthMktDataDescription, aggGroup=OPTIONAL_INTS))
        },
    },
    schemas={
        messages.UpdateMktDepth: "MarketDepth",
        messages.UpdateMktDepthL2: "MarketDepthL2",
        messages.MktDepthExchanges: "MarketDepthExchanges",
        messages.RerouteMktDataReq: "RerouteMarketDataRequest",
        messages.RerouteMktDepthReq: "RerouteMarketDepthRequest",
    },
    not_described={
        messages.ReqMktDepth: frozenset({"contract.lastTradeDate"}),
    },
    exceptions=(
        Avoided(
            messages.ReqMktDepth,
            "mktDepthOptions",
            EVERY,
            "refused as not supported in text; ib_async sends them, and so does ibdesk",
            [("a", "1")],
            end=V.PROTOBUF_MARKET_DATA,
            instead=[],
        ),
        *(
            Read(
                message,
                "marketDepthData.size",
                IB_ASYNC,
                "it reads an empty field as zero",
                UNSET_DOUBLE,
                ours=UNSET_DOUBLE,
                theirs=0.0,
            )
            for message in (messages.UpdateMktDepth, messages.UpdateMktDepthL2)
        ),
    ),
)
