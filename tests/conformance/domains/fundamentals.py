"""How the messages of facts about companies are held against the outside clients."""

from typing import Any

from conformance.domain import Domain, Request, callback, contract, fields
from conformance.strategies import TAG_VALUES, noun
from oracles import Official

from ibdesk.model.reference import WshEventData
from ibdesk.wire import versions as V
from ibdesk.wire.messages import fundamentals as messages


def _fundamental_data(oracle: Official, message: Any, version: int) -> tuple[Any, ...]:
    return (
        message.reqId,
        contract(oracle, message.contract, version),
        message.reportType,
        oracle.tag_values(message.fundamentalDataOptions),
    )


def _wsh_event_data(oracle: Official, message: Any, version: int) -> tuple[Any, ...]:
    arguments = message.reqId, oracle.build("WshEventData", message.wshEventData)
    # A parameter of 10.30.1, None unless given, hides the constant of this name.
    return (*arguments, V.WSH_EVENT_DATA_FILTERS_DATE) if oracle.version == "10.30.1" else arguments


DOMAIN = Domain(
    requests={
        messages.ReqFundamentalData: Request("reqFundamentalData", _fundamental_data, "FundamentalsDataRequest"),
        messages.CancelFundamentalData: Request("cancelFundamentalData", fields("reqId"), "CancelFundamentalsData"),
        messages.ReqWshMetaData: Request("reqWshMetaData", fields("reqId"), "WshMetaDataRequest"),
        messages.CancelWshMetaData: Request("cancelWshMetaData", fields("reqId"), "CancelWshMetaData"),
        messages.ReqWshEventData: Request("reqWshEventData", _wsh_event_data, "WshEventDataRequest"),
        messages.CancelWshEventData: Request("cancelWshEventData", fields("reqId"), "CancelWshEventData"),
    },
    answers={
        messages.FundamentalData: callback("fundamentalData", "reqId", "data"),
        messages.WshMetaData: callback("wshMetaData", "reqId", "dataJson"),
        messages.WshEventData: callback("wshEventData", "reqId", "dataJson"),
    },
    values={
        messages.ReqFundamentalData: {"fundamentalDataOptions": TAG_VALUES},
        messages.ReqWshEventData: {"wshEventData": noun(WshEventData)},
    },
    schemas={
        messages.FundamentalData: "FundamentalsData",
    },
    not_described={
        messages.ReqFundamentalData: frozenset({"contract.lastTradeDate"}),
    },
)
