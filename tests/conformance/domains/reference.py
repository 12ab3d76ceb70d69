"""How the messages of what is looked up beside contracts are held against the outside clients."""

from dataclasses import replace
from typing import Any

from conformance.domain import Callback, Domain, Request, callback, fields
from conformance.strategies import NOUNS, WORDS, few, noun
from hypothesis import strategies as st

from ibdesk.model.components import SoftDollarTier
from ibdesk.model.contract import Contract
from ibdesk.model.unset import UNSET_DOUBLE
from ibdesk.wire.catalogue import of
from ibdesk.wire.messages import reference as messages


def _samples(m: Any, version: int) -> list[Callback]:
    """The newer clients have a value for no strike, where ours is 0.0; their protobuf decoder never reads the rest."""
    found = []
    for one in m.contractDescriptions:
        strike = one.contract.strike or UNSET_DOUBLE
        contract = replace(one.contract, strike=strike, secId="", secIdType="", includeExpired=False)
        found.append(messages.ContractDescription(contract, one.derivativeSecTypes))
    return [("symbolSamples", {"reqId": m.reqId, "contractDescriptions": found})]


def _components(m: Any, version: int) -> list[Callback]:
    """From protobuf the newest client makes a dict, and a blank where there is no letter."""
    rows: Any = m.smartComponents
    if of(type(m)).is_protobuf(version):
        rows = {one.bitNumber: (one.exchange, one.exchangeLetter or " ") for one in rows}
    return [("smartComponents", {"reqId": m.reqId, "smartComponents": rows})]


DOMAIN = Domain(
    requests={
        messages.ReqSoftDollarTiers: Request("reqSoftDollarTiers", fields("reqId"), "SoftDollarTiersRequest"),
        messages.ReqFamilyCodes: Request("reqFamilyCodes", fields(), "FamilyCodesRequest"),
        messages.ReqMatchingSymbols: Request(
            "reqMatchingSymbols", fields("reqId", "pattern"), "MatchingSymbolsRequest"
        ),
        messages.ReqSmartComponents: Request(
            "reqSmartComponents", fields("reqId", "bboExchange"), "SmartComponentsRequest"
        ),
        messages.ReqMarketRule: Request("reqMarketRule", fields("marketRuleId"), "MarketRuleRequest"),
    },
    answers={
        messages.SoftDollarTiers: callback("softDollarTiers", "reqId", "tiers"),
        messages.FamilyCodes: callback("familyCodes", "familyCodes"),
        messages.SymbolSamples: _samples,
        messages.SmartComponents: _components,
        messages.MarketRule: callback("marketRule", "marketRuleId", "priceIncrements"),
    },
    otherwise={
        (messages.SymbolSamples, client): callback("symbolSamples", "reqId", "contractDescriptions")
        for client in ("10.30.1", "10.19.4", "ib_async")
    },
    values={
        messages.SoftDollarTiers: {"tiers": few(NOUNS[SoftDollarTier])},
        messages.FamilyCodes: {"familyCodes": few(noun(messages.FamilyCode))},
        messages.SymbolSamples: {
            "contractDescriptions": few(
                st.builds(
                    messages.ContractDescription,
                    NOUNS[Contract],
                    few(WORDS),
                )
            )
        },
        messages.SmartComponents: {
            "smartComponents": st.lists(noun(messages.SmartComponent), max_size=3, unique_by=lambda one: one.bitNumber)
        },
        messages.MarketRule: {"priceIncrements": few(noun(messages.PriceIncrement))},
    },
    not_described={
        messages.SymbolSamples: frozenset({"contractDescriptions.contract.comboLegs.perLegPrice"}),
    },
)
