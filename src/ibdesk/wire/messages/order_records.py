"""The protobuf forms of orders and order states. Every message that has one uses the same form."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ibdesk.model.components import SoftDollarTier
from ibdesk.model.contract import ComboLeg, Contract
from ibdesk.model.order import Order, OrderAllocation, OrderComboLeg, OrderState
from ibdesk.wire import versions as V
from ibdesk.wire.layout import (
    below,
    embed,
    pairs,
    record,
    refs,
    repeat,
    repeat_together,
    repeat_variants,
    since,
    size,
    spelled,
)
from ibdesk.wire.messages.conditions import CONDITION_RECORDS
from ibdesk.wire.messages.contracts import COMBO_LEG, CONTRACT_OF_REQUEST_TAGS, CONTRACT_TAGS
from ibdesk.wire.scalars import MOMENT, NUMBER_TEXT, OPTIONAL_BOOL, OPTIONAL_FLOAT

_order, _state, _tier, _allocation = refs(Order), refs(OrderState), refs(SoftDollarTier), refs(OrderAllocation)

SOFT_DOLLAR_TIER = record(SoftDollarTier, {1: _tier.name, 2: _tier.val, 3: _tier.displayName})

ORDER_TAGS = {
    1: _order.clientId,
    2: _order.orderId,  # in answers only
    3: _order.permId,
    4: _order.parentId,
    5: _order.action,
    6: size(_order.totalQuantity),
    7: _order.displaySize,
    8: _order.orderType,
    9: _order.lmtPrice,
    10: _order.auxPrice,
    11: _order.tif,
    12: _order.account,
    13: _order.settlingFirm,
    14: _order.clearingAccount,
    15: _order.clearingIntent,
    16: _order.allOrNone,
    17: _order.blockOrder,
    18: _order.hidden,
    19: _order.outsideRth,
    20: _order.sweepToFill,
    21: _order.percentOffset,
    22: _order.trailingPercent,
    23: _order.trailStopPrice,
    24: _order.minQty,
    25: spelled(MOMENT, _order.goodAfterTime),
    26: spelled(MOMENT, _order.goodTillDate),
    27: _order.ocaGroup,
    28: _order.orderRef,
    29: _order.rule80A,
    30: _order.ocaType,
    31: _order.triggerMethod,
    32: spelled(MOMENT, _order.activeStartTime),
    33: spelled(MOMENT, _order.activeStopTime),
    34: _order.faGroup,
    35: _order.faMethod,
    36: _order.faPercentage,
    37: _order.volatility,
    38: _order.volatilityType,
    39: _order.continuousUpdate,
    40: _order.referencePriceType,
    41: _order.deltaNeutralOrderType,
    42: _order.deltaNeutralAuxPrice,
    43: _order.deltaNeutralConId,
    44: _order.deltaNeutralOpenClose,
    45: _order.deltaNeutralShortSale,
    46: _order.deltaNeutralShortSaleSlot,
    47: _order.deltaNeutralDesignatedLocation,
    48: _order.scaleInitLevelSize,
    49: _order.scaleSubsLevelSize,
    50: _order.scalePriceIncrement,
    51: _order.scalePriceAdjustValue,
    52: _order.scalePriceAdjustInterval,
    53: _order.scaleProfitOffset,
    54: _order.scaleAutoReset,
    55: _order.scaleInitPosition,
    56: _order.scaleInitFillQty,
    57: _order.scaleRandomPercent,
    58: _order.scaleTable,
    59: _order.hedgeType,
    60: _order.hedgeParam,
    61: _order.algoStrategy,
    62: pairs(_order.algoParams),
    63: _order.algoId,
    64: pairs(_order.smartComboRoutingParams),
    65: _order.whatIf,
    66: _order.transmit,
    67: _order.overridePercentageConstraints,
    68: _order.openClose,
    69: _order.origin,
    70: _order.shortSaleSlot,
    71: _order.designatedLocation,
    72: _order.exemptCode,
    73: _order.deltaNeutralSettlingFirm,
    74: _order.deltaNeutralClearingAccount,
    75: _order.deltaNeutralClearingIntent,
    76: _order.discretionaryAmt,
    77: _order.optOutSmartRouting,
    78: _order.startingPrice,
    79: _order.stockRefPrice,
    80: _order.delta,
    81: _order.stockRangeLower,
    82: _order.stockRangeUpper,
    83: _order.notHeld,
    84: pairs(_order.orderMiscOptions),
    85: _order.solicited,
    86: _order.randomizeSize,
    87: _order.randomizePrice,
    88: _order.referenceContractId,
    89: _order.peggedChangeAmount,
    90: _order.isPeggedChangeAmountDecrease,
    91: _order.referenceChangeAmount,
    92: _order.referenceExchangeId,
    93: _order.adjustedOrderType,
    94: _order.triggerPrice,
    95: _order.adjustedStopPrice,
    96: _order.adjustedStopLimitPrice,
    97: _order.adjustedTrailingAmount,
    98: _order.adjustableTrailingUnit,
    99: _order.lmtPriceOffset,
    100: repeat_variants(_order.conditions, 1, CONDITION_RECORDS),
    101: _order.conditionsCancelOrder,
    102: _order.conditionsIgnoreRth,
    103: _order.modelCode,
    104: _order.extOperator,
    105: embed(_order.softDollarTier, SOFT_DOLLAR_TIER, when_empty=True),
    106: _order.cashQty,
    107: _order.mifid2DecisionMaker,
    108: _order.mifid2DecisionAlgo,
    109: _order.mifid2ExecutionTrader,
    110: _order.mifid2ExecutionAlgo,
    111: _order.dontUseAutoPriceForHedge,
    112: _order.isOmsContainer,
    113: _order.discretionaryUpToLimitPrice,
    114: _order.autoCancelDate,  # in answers only
    115: size(_order.filledQuantity),  # in answers only
    116: _order.refFuturesConId,  # in answers only
    117: _order.autoCancelParent,
    118: _order.shareholder,  # in answers only
    119: _order.imbalanceOnly,
    120: _order.routeMarketableToBbo,
    121: _order.parentPermId,  # in answers only
    122: spelled(OPTIONAL_BOOL, _order.usePriceMgmtAlgo),
    123: _order.duration,
    124: _order.postToAts,
    125: _order.advancedErrorOverride,
    126: spelled(MOMENT, _order.manualOrderTime),
    127: _order.minTradeQty,
    128: _order.minCompeteSize,
    129: _order.competeAgainstBestOffset,
    130: _order.midOffsetAtWhole,
    131: _order.midOffsetAtHalf,
    132: _order.customerAccount,
    133: _order.professionalCustomer,
    134: _order.bondAccruedInterest,
    135: _order.includeOvernight,
    136: _order.manualOrderIndicator,
    137: _order.submitter,
    138: since(V.ADDITIONAL_ORDER_PARAMS_1, _order.deactivate),
    139: since(V.ADDITIONAL_ORDER_PARAMS_1, _order.postOnly),
    140: since(V.ADDITIONAL_ORDER_PARAMS_1, _order.allowPreOpen),
    141: since(V.ADDITIONAL_ORDER_PARAMS_1, _order.ignoreOpenAuction),
    142: since(V.ADDITIONAL_ORDER_PARAMS_2, _order.seekPriceImprovement),
    143: since(V.ADDITIONAL_ORDER_PARAMS_2, _order.whatIfType),
    144: since(V.HEDGE_MAX_SIZE, _order.hedgeMaxSize),
}

_ANSWERS_ONLY = (2, 114, 115, 116, 118, 121)

ORDER = record(Order, ORDER_TAGS, absent={_order.openClose: ""})
"""An order as the server sends it.

A missing `transmit` means True, the default of the class. A missing `openClose` means an empty text, not the default.
"""

ORDER_OF_REQUEST = record(
    Order,
    {
        **{tag: item for tag, item in ORDER_TAGS.items() if tag not in _ANSWERS_ONLY},
        120: since(V.ADDITIONAL_ORDER_PARAMS_2, _order.routeMarketableToBbo),
    },
    absent={_order.transmit: False, _order.openClose: ""},
)
"""An order as the client places it. Here a missing `transmit` means False."""

ATTACHED_ORDERS = record(
    Order,
    {
        1: since(V.ATTACHED_ORDERS, _order.slOrderId),
        2: since(V.ATTACHED_ORDERS, _order.slOrderType),
        3: since(V.ATTACHED_ORDERS, _order.ptOrderId),
        4: since(V.ATTACHED_ORDERS, _order.ptOrderType),
    },
)
"""The preset stop loss and profit taker of an order, which placeOrder sends beside the order."""

ORDER_ALLOCATION = record(
    OrderAllocation,
    {
        1: _allocation.account,
        2: size(_allocation.position),
        3: size(_allocation.positionDesired),
        4: size(_allocation.positionAfter),
        5: size(_allocation.desiredAllocQty),
        6: size(_allocation.allowedAllocQty),
        7: _allocation.isMonetary,
    },
)

ORDER_STATE = record(
    OrderState,
    {
        1: _state.status,
        2: spelled(NUMBER_TEXT, _state.initMarginBefore),
        3: spelled(NUMBER_TEXT, _state.maintMarginBefore),
        4: spelled(NUMBER_TEXT, _state.equityWithLoanBefore),
        5: spelled(NUMBER_TEXT, _state.initMarginChange),
        6: spelled(NUMBER_TEXT, _state.maintMarginChange),
        7: spelled(NUMBER_TEXT, _state.equityWithLoanChange),
        8: spelled(NUMBER_TEXT, _state.initMarginAfter),
        9: spelled(NUMBER_TEXT, _state.maintMarginAfter),
        10: spelled(NUMBER_TEXT, _state.equityWithLoanAfter),
        11: spelled(OPTIONAL_FLOAT, _state.commission),
        12: spelled(OPTIONAL_FLOAT, _state.minCommission),
        13: spelled(OPTIONAL_FLOAT, _state.maxCommission),
        14: _state.commissionCurrency,
        15: _state.marginCurrency,
        16: _state.initMarginBeforeOutsideRTH,
        17: _state.maintMarginBeforeOutsideRTH,
        18: _state.equityWithLoanBeforeOutsideRTH,
        19: _state.initMarginChangeOutsideRTH,
        20: _state.maintMarginChangeOutsideRTH,
        21: _state.equityWithLoanChangeOutsideRTH,
        22: _state.initMarginAfterOutsideRTH,
        23: _state.maintMarginAfterOutsideRTH,
        24: _state.equityWithLoanAfterOutsideRTH,
        25: size(_state.suggestedSize),
        26: _state.rejectReason,
        27: repeat(_state.orderAllocations, ORDER_ALLOCATION),
        28: _state.warningText,
        29: _state.completedTime,
        30: _state.completedStatus,
    },
)

# The model's `Order` holds the prices of a combination's legs, but in protobuf they are tags of the contract's legs.
# Nowhere else does a tag of one object hold a value of another. The classes below put the two side by side.

_LEGS = 20


@dataclass
class _PricedLeg:
    leg: ComboLeg = field(default_factory=ComboLeg)
    price: OrderComboLeg = field(default_factory=OrderComboLeg)


@dataclass
class _Traded:
    contract: Contract = field(default_factory=Contract)
    order: Order = field(default_factory=Order)


_traded = refs(_Traded)
_PRICED_LEG = record(_PricedLeg, {**below(refs(_PricedLeg).leg, COMBO_LEG), 9: refs(_PricedLeg).price.price})


def _with_priced_legs(tags: Mapping[int, Any]) -> Any:
    legs = repeat_together((_traded.contract.comboLegs, _traded.order.orderComboLegs), _PRICED_LEG)
    return embed(_traded, record(_Traded, {**below(_traded.contract, tags), _LEGS: legs}), when_empty=True)


CONTRACT_WITH_PRICED_LEGS = _with_priced_legs(CONTRACT_TAGS)
REQUESTED_CONTRACT_WITH_PRICED_LEGS = _with_priced_legs(CONTRACT_OF_REQUEST_TAGS)
