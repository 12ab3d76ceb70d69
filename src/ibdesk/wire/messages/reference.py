"""Messages of reference data beside contracts: symbol search, market rules, exchanges, soft dollar tiers."""

from dataclasses import dataclass, field

from ibdesk.model.components import SoftDollarTier
from ibdesk.model.contract import Contract
from ibdesk.wire import versions as V
from ibdesk.wire.catalogue import from_client, from_server
from ibdesk.wire.layout import embed, many, record, refs, repeat, since
from ibdesk.wire.messages.contracts import CONTRACT
from ibdesk.wire.messages.order_records import SOFT_DOLLAR_TIER
from ibdesk.wire.scalars import TEXT


@dataclass(slots=True)
class FamilyCode:
    """An account and the code of its family: `F445566A`, or `*` for a managed account. It is often empty."""

    accountID: str = ""
    familyCodeStr: str = ""


@dataclass(slots=True)
class ContractDescription:
    """A contract that matches a search, with the security types of its derivatives (`OPT`, `WAR` ...).

    A row for the bonds of a company has the conId -1, and `issuerId` in its contract.
    """

    contract: Contract = field(default_factory=Contract)
    derivativeSecTypes: list[str] = field(default_factory=list)


@dataclass(slots=True)
class SmartComponent:
    """One exchange behind a consolidated quote: its bit in masks, its name, and the letter that quotes have for it."""

    bitNumber: int = 0
    exchange: str = ""
    exchangeLetter: str = ""


@dataclass(slots=True)
class PriceIncrement:
    """The price step from `lowEdge` upwards: prices there are multiples of `increment`."""

    lowEdge: float = 0.0
    increment: float = 0.0


_tier, _family, _found = refs(SoftDollarTier), refs(FamilyCode), refs(ContractDescription)
_component, _step = refs(SmartComponent), refs(PriceIncrement)


@from_client(79, protobuf=V.PROTOBUF_REST_MESSAGES_2)
class ReqSoftDollarTiers:
    """Ask for the soft dollar tiers of an advisor or fund: ways in which commissions pay for research."""

    reqId: int


@from_server(77, answers=ReqSoftDollarTiers, protobuf=V.PROTOBUF_REST_MESSAGES_2, text=(
    "reqId", many("tiers", SoftDollarTier, _tier.name, _tier.val, _tier.displayName),
), tags={1: "reqId", 2: repeat("tiers", SOFT_DOLLAR_TIER)})  # fmt: skip
class SoftDollarTiers:
    """The soft dollar tiers that an order may name. Most accounts have none."""

    reqId: int
    tiers: list[SoftDollarTier]


@from_client(80, protobuf=V.PROTOBUF_REST_MESSAGES_2)
class ReqFamilyCodes:
    """Ask to which account families the accounts of the user belong."""


@from_server(78, answers=ReqFamilyCodes, protobuf=V.PROTOBUF_REST_MESSAGES_2, text=(
    many("familyCodes", FamilyCode, _family.accountID, _family.familyCodeStr),
), tags={1: repeat("familyCodes", record(FamilyCode, {1: _family.accountID, 2: _family.familyCodeStr}))})  # fmt: skip
class FamilyCodes:
    """The accounts of the user with the codes of their families."""

    familyCodes: list[FamilyCode]


@from_client(81, protobuf=V.PROTOBUF_REST_MESSAGES_2)
class ReqMatchingSymbols:
    """Search contracts by the beginning of a symbol, or by a part of a company's name."""

    reqId: int
    pattern: str


@from_server(79, answers=ReqMatchingSymbols, protobuf=V.PROTOBUF_REST_MESSAGES_2, text=(
    "reqId",
    many(
        "contractDescriptions",
        ContractDescription,
        _found.contract.conId,
        _found.contract.symbol,
        _found.contract.secType,
        _found.contract.primaryExchange,
        _found.contract.currency,
        many(_found.derivativeSecTypes, TEXT),
        since(V.BOND_ISSUERID, _found.contract.description, _found.contract.issuerId),
    ),
), tags={
    1: "reqId",
    2: repeat(
        "contractDescriptions",
        record(
            ContractDescription,
            {1: embed(_found.contract, CONTRACT, when_empty=True), 2: repeat(_found.derivativeSecTypes, TEXT)},
        ),
    ),
})  # fmt: skip
class SymbolSamples:
    """The contracts that a search found: at most 16, with a few fields each."""

    reqId: int
    contractDescriptions: list[ContractDescription]


@from_client(83, protobuf=V.PROTOBUF_REST_MESSAGES_2)
class ReqSmartComponents:
    """Ask which exchanges are behind a consolidated quote. `bboExchange` is the code from `TickReqParams`."""

    reqId: int
    bboExchange: str


@from_server(82, answers=ReqSmartComponents, protobuf=V.PROTOBUF_REST_MESSAGES_2, text=(
    "reqId",
    many("smartComponents", SmartComponent, _component.bitNumber, _component.exchange, _component.exchangeLetter),
), tags={
    1: "reqId",
    2: repeat(
        "smartComponents",
        record(SmartComponent, {1: _component.bitNumber, 2: _component.exchange, 3: _component.exchangeLetter}),
    ),
})  # fmt: skip
class SmartComponents:
    """The exchanges behind a consolidated quote."""

    reqId: int
    smartComponents: list[SmartComponent]


@from_client(91, key="marketRuleId", protobuf=V.PROTOBUF_REST_MESSAGES_2)
class ReqMarketRule:
    """Ask for the price steps of a market rule. There is no `reqId`: the answer repeats the number of the rule."""

    marketRuleId: int


@from_server(93, answers=ReqMarketRule, protobuf=V.PROTOBUF_REST_MESSAGES_2, text=(
    "marketRuleId", many("priceIncrements", PriceIncrement, _step.lowEdge, _step.increment),
), tags={
    1: "marketRuleId",
    2: repeat("priceIncrements", record(PriceIncrement, {1: _step.lowEdge, 2: _step.increment})),
})  # fmt: skip
class MarketRule:
    """The price steps of a market rule, from the lowest price upwards."""

    marketRuleId: int
    priceIncrements: list[PriceIncrement]
