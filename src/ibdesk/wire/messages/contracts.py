"""The wire forms of contracts, and the messages that look contracts up."""

from dataclasses import dataclass, field

from ibdesk.model.contract import ComboLeg, Contract, DeltaNeutralContract
from ibdesk.model.contract_details import ContractDetails, IneligibilityReason
from ibdesk.wire import versions as V
from ibdesk.wire.catalogue import from_client, from_server
from ibdesk.wire.layout import (
    Fixed,
    below,
    embed,
    many,
    maybe,
    one_of,
    pairs,
    record,
    refs,
    repeat,
    since,
    size,
    spelled,
    tag_values,
    two_words,
    until,
    untold,
)
from ibdesk.wire.scalars import DECIMALS, ESCAPED, EXPLICIT_INT, NUMBER_TEXT, OPTIONAL_FLOAT, STRIKE

contract = refs(Contract, "contract")
details = refs(ContractDetails, "contractDetails")

_contract, _leg, _delta, _reason = refs(Contract), refs(ComboLeg), refs(DeltaNeutralContract), refs(IneligibilityReason)
_details = refs(ContractDetails)

COMBO_LEG = {
    1: _leg.conId,
    2: _leg.ratio,
    3: _leg.action,
    4: _leg.exchange,
    5: _leg.openClose,
    6: _leg.shortSaleSlot,
    7: _leg.designatedLocation,
    8: _leg.exemptCode,
}
"""The tags of a leg of a combination. Tag 9, the price of the leg, belongs to an order: see `order_records`."""

DELTA_NEUTRAL_CONTRACT = record(DeltaNeutralContract, {1: _delta.conId, 2: _delta.delta, 3: _delta.price})

CONTRACT_TAGS = {
    1: _contract.conId,
    2: _contract.symbol,
    3: _contract.secType,
    4: _contract.lastTradeDateOrContractMonth,
    5: spelled(STRIKE, _contract.strike),
    6: _contract.right,
    7: spelled(NUMBER_TEXT, _contract.multiplier),
    8: _contract.exchange,
    9: _contract.primaryExchange,
    10: _contract.currency,
    11: _contract.localSymbol,
    12: _contract.tradingClass,
    13: _contract.secIdType,
    14: _contract.secId,
    15: _contract.description,
    16: _contract.issuerId,
    17: embed(_contract.deltaNeutralContract, DELTA_NEUTRAL_CONTRACT, when_empty=True),
    18: _contract.includeExpired,
    19: _contract.comboLegsDescrip,
    20: repeat(_contract.comboLegs, record(ComboLeg, COMBO_LEG)),
    21: _contract.lastTradeDate,
}

CONTRACT = record(Contract, CONTRACT_TAGS)
"""A contract as the server sends it."""

_ANSWERS_ONLY = 21

CONTRACT_OF_REQUEST_TAGS = {tag: item for tag, item in CONTRACT_TAGS.items() if tag != _ANSWERS_ONLY}

REQUESTED_CONTRACT = record(Contract, CONTRACT_OF_REQUEST_TAGS)
"""A contract as the client sends it: without `lastTradeDate`, which only servers send."""

STRIKE_OF_REQUEST = (
    until(V.ZERO_STRIKE, contract.strike),
    since(V.ZERO_STRIKE, spelled(STRIKE, contract.strike)),
)

CONTRACT_OF_REQUEST = (
    contract.conId,
    contract.symbol,
    contract.secType,
    contract.lastTradeDateOrContractMonth,
    *STRIKE_OF_REQUEST,
    contract.right,
    contract.multiplier,
    contract.exchange,
    contract.primaryExchange,
    contract.currency,
    contract.localSymbol,
    contract.tradingClass,
)
"""The twelve text fields with which most requests name a contract."""

CONTRACT_OF_ANSWER = (
    contract.conId,
    contract.symbol,
    contract.secType,
    contract.lastTradeDateOrContractMonth,
    contract.strike,
    contract.right,
    contract.multiplier,
    contract.exchange,
    contract.currency,
    contract.localSymbol,
    contract.tradingClass,
)
"""The eleven text fields with which orders, executions and positions name a contract."""

LEGS_OF_REQUEST = one_of(
    contract.secType, ("BAG",), many(contract.comboLegs, ComboLeg, _leg.conId, _leg.ratio, _leg.action, _leg.exchange)
)
"""The legs of a combination, as requests for market data and bars have them."""

DELTA_NEUTRAL = maybe(
    contract.deltaNeutralContract,
    contract.deltaNeutralContract.conId,  # type: ignore[union-attr]
    contract.deltaNeutralContract.delta,  # type: ignore[union-attr]
    contract.deltaNeutralContract.price,  # type: ignore[union-attr]
)

CONTRACT_DETAILS = record(
    ContractDetails,
    {
        1: _details.marketName,
        2: spelled(DECIMALS, _details.minTick),
        3: _details.orderTypes,
        4: _details.validExchanges,
        5: _details.priceMagnifier,
        6: _details.underConId,
        7: _details.longName,
        8: _details.contractMonth,
        9: _details.industry,
        10: _details.category,
        11: _details.subcategory,
        12: _details.timeZoneId,
        13: _details.tradingHours,
        14: _details.liquidHours,
        15: _details.evRule,
        16: spelled(OPTIONAL_FLOAT, _details.evMultiplier),
        17: pairs(_details.secIdList),
        18: spelled(EXPLICIT_INT, _details.aggGroup),  # an index has 2147483647
        19: _details.underSymbol,
        20: _details.underSecType,
        21: _details.marketRuleIds,
        22: _details.realExpirationDate,
        23: _details.stockType,
        24: size(_details.minSize),
        25: size(_details.sizeIncrement),
        26: size(_details.suggestedSizeIncrement),
        27: _details.fundName,
        28: _details.fundFamily,
        29: _details.fundType,
        30: _details.fundFrontLoad,
        31: _details.fundBackLoad,
        32: _details.fundBackLoadTimeInterval,
        33: _details.fundManagementFee,
        34: _details.fundClosed,
        35: _details.fundClosedForNewInvestors,
        36: _details.fundClosedForNewMoney,
        37: _details.fundNotifyAmount,
        38: _details.fundMinimumInitialPurchase,
        39: _details.fundSubsequentMinimumPurchase,
        40: _details.fundBlueSkyStates,
        41: _details.fundBlueSkyTerritories,
        42: _details.fundDistributionPolicyIndicator,
        43: _details.fundAssetType,
        44: _details.cusip,
        45: _details.issueDate,
        46: _details.ratings,
        47: _details.bondType,
        48: _details.coupon,
        49: _details.couponType,
        50: _details.convertible,
        51: _details.callable,
        52: _details.putable,
        53: _details.descAppend,
        54: _details.nextOptionDate,
        55: _details.nextOptionType,
        56: _details.nextOptionPartial,
        57: _details.notes,
        58: repeat(
            _details.ineligibilityReasonList, record(IneligibilityReason, {1: _reason.id_, 2: _reason.description})
        ),
        59: _details.eventContract1,
        60: _details.eventContractDescription1,
        61: _details.eventContractDescription2,
        62: size(_details.minAlgoSize),
        63: since(V.USE_PRECISION_FROM_SEC_DEF, size(_details.lastPricePrecision)),
        64: since(V.USE_PRECISION_FROM_SEC_DEF, size(_details.lastSizePrecision)),
    },
    absent=untold(_details.minSize, _details.sizeIncrement, _details.suggestedSizeIncrement),
)


@from_client(9, version=8, protobuf=V.PROTOBUF_CONTRACT_DATA, text=(
    "reqId",
    *CONTRACT_OF_REQUEST,
    contract.includeExpired,
    contract.secIdType,
    contract.secId,
    since(V.BOND_ISSUERID, contract.issuerId),
), tags={1: "reqId", 2: embed(contract, REQUESTED_CONTRACT, when_empty=True)})  # fmt: skip
class ReqContractDetails:
    """Look up every contract that matches the given one."""

    reqId: int
    contract: Contract


_of = details.contract
assert _of is not None


@dataclass
class _Answer:
    """The parts of a `ContractData` that its tag 2 fills in: the contract, and a time of day of the details."""

    contractDetails: ContractDetails = field(default_factory=lambda: ContractDetails(contract=Contract()))


_LAST_TRADE = two_words(_of.lastTradeDateOrContractMonth, details.lastTradeTime)
"""A date and a time of day in one text: `20250620 08:30 US/Central`, or with hyphens.

What follows them is dropped, as in IBKR's own clients.
"""

_CONTRACT_OF_DETAILS = record(_Answer, {**below(_of, CONTRACT_TAGS), 4: _LAST_TRADE})

FUND = (
    details.fundName,
    details.fundFamily,
    details.fundType,
    details.fundFrontLoad,
    details.fundBackLoad,
    details.fundBackLoadTimeInterval,
    details.fundManagementFee,
    details.fundClosed,
    details.fundClosedForNewInvestors,
    details.fundClosedForNewMoney,
    details.fundNotifyAmount,
    details.fundMinimumInitialPurchase,
    details.fundSubsequentMinimumPurchase,
    details.fundBlueSkyStates,
    details.fundBlueSkyTerritories,
    details.fundDistributionPolicyIndicator,
    details.fundAssetType,
)

CONTRACT_DATA = (
    "reqId",
    _of.symbol,
    _of.secType,
    _LAST_TRADE,
    since(V.LAST_TRADE_DATE, _of.lastTradeDate),
    _of.strike,
    _of.right,
    _of.exchange,
    _of.currency,
    _of.localSymbol,
    details.marketName,
    _of.tradingClass,
    _of.conId,
    details.minTick,
    until(V.SIZE_RULES, details.mdSizeMultiplier),
    _of.multiplier,
    details.orderTypes,
    details.validExchanges,
    details.priceMagnifier,
    details.underConId,
    spelled(ESCAPED, details.longName),
    _of.primaryExchange,
    details.contractMonth,
    details.industry,
    details.category,
    details.subcategory,
    details.timeZoneId,
    details.tradingHours,
    details.liquidHours,
    details.evRule,
    details.evMultiplier,
    tag_values(details.secIdList),
    details.aggGroup,
    details.underSymbol,
    details.underSecType,
    details.marketRuleIds,
    details.realExpirationDate,
    details.stockType,
    since(V.FRACTIONAL_SIZE_SUPPORT, until(V.SIZE_RULES, size(details.suggestedSizeIncrement))),
    since(
        V.SIZE_RULES,
        size(details.minSize),
        size(details.sizeIncrement),
        size(details.suggestedSizeIncrement),
    ),
    since(V.FUND_DATA_FIELDS, one_of(_of.secType, ("FUND",), *FUND)),
    since(
        V.INELIGIBILITY_REASONS,
        many(details.ineligibilityReasonList, IneligibilityReason, _reason.id_, _reason.description),
    ),
)


@from_server(
    10,
    part_of=ReqContractDetails,
    version=until(V.SIZE_RULES, Fixed(8)),
    protobuf=V.PROTOBUF_CONTRACT_DATA,
    text=CONTRACT_DATA,
    tags={
        1: "reqId",
        2: embed(refs(_Answer), _CONTRACT_OF_DETAILS, when_empty=True),
        3: embed(details, CONTRACT_DETAILS, when_empty=True),
    },
)
class ContractData:
    """One contract that matches a request (IB's callback `contractDetails`)."""

    reqId: int
    contractDetails: ContractDetails = field(default_factory=lambda: ContractDetails(contract=Contract()))


@from_server(52, ends=ReqContractDetails, version=1, protobuf=V.PROTOBUF_CONTRACT_DATA)
class ContractDataEnd:
    """All contracts that match a request have been sent (IB's callback `contractDetailsEnd`)."""

    reqId: int
