"""Messages that place orders and tell of open and completed ones, with their text forms."""

from ibdesk.model.contract import ComboLeg, Contract
from ibdesk.model.order import Order, OrderAllocation, OrderComboLeg, OrderState
from ibdesk.wire import versions as V
from ibdesk.wire.catalogue import from_client, from_server
from ibdesk.wire.layout import (
    Fixed,
    embed,
    given,
    many,
    one_of,
    positive,
    refs,
    shown,
    since,
    size,
    spelled,
    tag_values,
    until,
    variants,
)
from ibdesk.wire.messages.conditions import CONDITIONS
from ibdesk.wire.messages.contracts import CONTRACT_OF_ANSWER, CONTRACT_OF_REQUEST, DELTA_NEUTRAL, contract
from ibdesk.wire.messages.order_records import (
    ATTACHED_ORDERS,
    CONTRACT_WITH_PRICED_LEGS,
    ORDER,
    ORDER_OF_REQUEST,
    ORDER_STATE,
    REQUESTED_CONTRACT_WITH_PRICED_LEGS,
)
from ibdesk.wire.scalars import MOMENT, OPTIONAL_BOOL, OPTIONAL_FLOAT, OPTIONS

order, state = refs(Order, "order"), refs(OrderState, "orderState")
_leg, _price, _allocation = refs(ComboLeg), refs(OrderComboLeg), refs(OrderAllocation)

_PEG_BENCH = ("PEG BENCH", "PEGBENCH")
_PEG_BEST = ("PEG BEST", "PEGBEST")
_PEG_MID = ("PEG MID", "PEGMID")
_UP_TO_MID = (float("inf"),)

_COMBO_LEGS = many(
    contract.comboLegs,
    ComboLeg,
    _leg.conId,
    _leg.ratio,
    _leg.action,
    _leg.exchange,
    _leg.openClose,
    _leg.shortSaleSlot,
    _leg.designatedLocation,
    _leg.exemptCode,
)

_LEG_PRICES = many(order.orderComboLegs, OrderComboLeg, _price.price)

_SCALE = (
    order.scaleInitLevelSize,
    order.scaleSubsLevelSize,
    order.scalePriceIncrement,
    positive(
        order.scalePriceIncrement,
        order.scalePriceAdjustValue,
        order.scalePriceAdjustInterval,
        order.scaleProfitOffset,
        order.scaleAutoReset,
        order.scaleInitPosition,
        order.scaleInitFillQty,
        order.scaleRandomPercent,
    ),
)

_HEDGE = (order.hedgeType, given(order.hedgeType, order.hedgeParam))

_ALGO = (order.algoStrategy, given(order.algoStrategy, tag_values(order.algoParams)))

_PEG_TO_BENCHMARK = one_of(
    order.orderType,
    _PEG_BENCH,
    order.referenceContractId,
    order.isPeggedChangeAmountDecrease,
    order.peggedChangeAmount,
    order.referenceChangeAmount,
    order.referenceExchangeId,
)

_CONDITIONS = (
    variants(order.conditions, "condType", CONDITIONS),
    given(order.conditions, order.conditionsIgnoreRth, order.conditionsCancelOrder),
)

_DELTA_NEUTRAL_ORDER = given(
    order.deltaNeutralOrderType,
    order.deltaNeutralConId,
    order.deltaNeutralSettlingFirm,
    order.deltaNeutralClearingAccount,
    order.deltaNeutralClearingIntent,
    order.deltaNeutralOpenClose,
    order.deltaNeutralShortSale,
    order.deltaNeutralShortSaleSlot,
    order.deltaNeutralDesignatedLocation,
)

_PEG_OFFSETS_OF_ANSWER = (
    order.minTradeQty,
    order.minCompeteSize,
    order.competeAgainstBestOffset,
    order.midOffsetAtWhole,
    order.midOffsetAtHalf,
)

PLACE_ORDER = (
    "orderId",
    *CONTRACT_OF_REQUEST,
    contract.secIdType,
    contract.secId,
    order.action,
    size(order.totalQuantity),
    order.orderType,
    order.lmtPrice,
    order.auxPrice,
    order.tif,
    order.ocaGroup,
    order.account,
    order.openClose,
    order.origin,
    order.orderRef,
    order.transmit,
    order.parentId,
    order.blockOrder,
    order.sweepToFill,
    order.displaySize,
    order.triggerMethod,
    order.outsideRth,
    order.hidden,
    one_of(contract.secType, ("BAG",), _COMBO_LEGS, _LEG_PRICES, tag_values(order.smartComboRoutingParams)),
    Fixed(""),  # sharesAllocation, out of use
    order.discretionaryAmt,
    spelled(MOMENT, order.goodAfterTime),
    spelled(MOMENT, order.goodTillDate),
    order.faGroup,
    order.faMethod,
    order.faPercentage,
    until(V.FA_PROFILE_DESUPPORT, order.faProfile),
    order.modelCode,
    order.shortSaleSlot,
    order.designatedLocation,
    order.exemptCode,
    order.ocaType,
    order.rule80A,
    order.settlingFirm,
    order.allOrNone,
    order.minQty,
    order.percentOffset,
    Fixed(0),  # eTradeOnly, out of use
    Fixed(0),  # firmQuoteOnly, out of use
    Fixed(""),  # nbboPriceCap, out of use
    order.auctionStrategy,
    order.startingPrice,
    order.stockRefPrice,
    order.delta,
    order.stockRangeLower,
    order.stockRangeUpper,
    order.overridePercentageConstraints,
    order.volatility,
    order.volatilityType,
    order.deltaNeutralOrderType,
    order.deltaNeutralAuxPrice,
    _DELTA_NEUTRAL_ORDER,
    order.continuousUpdate,
    order.referencePriceType,
    order.trailStopPrice,
    order.trailingPercent,
    *_SCALE,
    order.scaleTable,
    spelled(MOMENT, order.activeStartTime),
    spelled(MOMENT, order.activeStopTime),
    *_HEDGE,
    order.optOutSmartRouting,
    order.clearingAccount,
    order.clearingIntent,
    order.notHeld,
    DELTA_NEUTRAL,
    *_ALGO,
    order.algoId,
    order.whatIf,
    spelled(OPTIONS, order.orderMiscOptions),
    order.solicited,
    order.randomizeSize,
    order.randomizePrice,
    _PEG_TO_BENCHMARK,
    *_CONDITIONS,
    order.adjustedOrderType,
    shown(order.triggerPrice),
    shown(order.lmtPriceOffset),
    shown(order.adjustedStopPrice),
    shown(order.adjustedStopLimitPrice),
    shown(order.adjustedTrailingAmount),
    order.adjustableTrailingUnit,
    order.extOperator,
    order.softDollarTier.name,
    order.softDollarTier.val,
    shown(order.cashQty),
    order.mifid2DecisionMaker,
    order.mifid2DecisionAlgo,
    order.mifid2ExecutionTrader,
    order.mifid2ExecutionAlgo,
    order.dontUseAutoPriceForHedge,
    order.isOmsContainer,
    order.discretionaryUpToLimitPrice,
    spelled(OPTIONAL_BOOL, order.usePriceMgmtAlgo),
    since(V.DURATION, shown(order.duration)),
    since(V.POST_TO_ATS, shown(order.postToAts)),
    since(V.AUTO_CANCEL_PARENT, order.autoCancelParent),
    since(V.ADVANCED_ORDER_REJECT, order.advancedErrorOverride),
    since(V.MANUAL_ORDER_TIME, spelled(MOMENT, order.manualOrderTime)),
    since(
        V.PEGBEST_PEGMID_OFFSETS,
        one_of(contract.exchange, ("IBKRATS",), order.minTradeQty),
        one_of(
            order.orderType,
            _PEG_BEST,
            order.minCompeteSize,
            order.competeAgainstBestOffset,
            one_of(order.competeAgainstBestOffset, _UP_TO_MID, order.midOffsetAtWhole, order.midOffsetAtHalf),
        ),
        one_of(order.orderType, _PEG_MID, order.midOffsetAtWhole, order.midOffsetAtHalf),
    ),
    since(V.CUSTOMER_ACCOUNT, order.customerAccount),
    since(V.PROFESSIONAL_CUSTOMER, order.professionalCustomer),
    since(V.RFQ_FIELDS, until(V.UNDO_RFQ_FIELDS, Fixed(""), Fixed(2147483647))),
    since(V.INCLUDE_OVERNIGHT, order.includeOvernight),
    since(V.CME_TAGGING_FIELDS, shown(order.manualOrderIndicator)),
    since(V.IMBALANCE_ONLY, order.imbalanceOnly),
)


@from_client(3, protobuf=V.PROTOBUF_PLACE_ORDER, text=PLACE_ORDER, tags={
    1: "orderId",
    2: REQUESTED_CONTRACT_WITH_PRICED_LEGS,
    3: embed(order, ORDER_OF_REQUEST, when_empty=True),
    4: embed(order, ATTACHED_ORDERS, when_empty=True),
})  # fmt: skip
class PlaceOrder:
    """Place a new order, or modify the open order that has this id."""

    orderId: int
    contract: Contract
    order: Order


_OWN_FIELDS_OF_STATE = (
    state.marginCurrency,
    state.initMarginBeforeOutsideRTH,
    state.maintMarginBeforeOutsideRTH,
    state.equityWithLoanBeforeOutsideRTH,
    state.initMarginChangeOutsideRTH,
    state.maintMarginChangeOutsideRTH,
    state.equityWithLoanChangeOutsideRTH,
    state.initMarginAfterOutsideRTH,
    state.maintMarginAfterOutsideRTH,
    state.equityWithLoanAfterOutsideRTH,
    size(state.suggestedSize),
    state.rejectReason,
    many(
        state.orderAllocations,
        OrderAllocation,
        _allocation.account,
        size(_allocation.position),
        size(_allocation.positionDesired),
        size(_allocation.positionAfter),
        size(_allocation.desiredAllocQty),
        size(_allocation.allowedAllocQty),
        _allocation.isMonetary,
    ),
)

_STATE = (
    order.whatIf,
    state.status,
    state.initMarginBefore,
    state.maintMarginBefore,
    state.equityWithLoanBefore,
    state.initMarginChange,
    state.maintMarginChange,
    state.equityWithLoanChange,
    state.initMarginAfter,
    state.maintMarginAfter,
    state.equityWithLoanAfter,
    spelled(OPTIONAL_FLOAT, state.commission),
    spelled(OPTIONAL_FLOAT, state.minCommission),
    spelled(OPTIONAL_FLOAT, state.maxCommission),
    state.commissionCurrency,
    since(V.FULL_ORDER_PREVIEW_FIELDS, *_OWN_FIELDS_OF_STATE),
    state.warningText,
)

_HEAD_OF_ANSWER = (
    *CONTRACT_OF_ANSWER,
    order.action,
    size(order.totalQuantity),
    order.orderType,
    order.lmtPrice,
    order.auxPrice,
    order.tif,
    order.ocaGroup,
    order.account,
    order.openClose,
    order.origin,
    order.orderRef,
)

_FINANCIAL_ADVISOR = (
    order.faGroup,
    order.faMethod,
    order.faPercentage,
    until(V.FA_PROFILE_DESUPPORT, order.faProfile),
)

_SHORT_SALE = (order.shortSaleSlot, order.designatedLocation, order.exemptCode)

_PRICES_OF_BOX_AND_PEG = (
    order.startingPrice,
    order.stockRefPrice,
    order.delta,
    order.stockRangeLower,
    order.stockRangeUpper,
    order.displaySize,
)

_VOLATILITY = (
    order.volatility,
    shown(order.volatilityType),
    order.deltaNeutralOrderType,
    order.deltaNeutralAuxPrice,
)

OPEN_ORDER = (
    order.orderId,
    *_HEAD_OF_ANSWER,
    order.clientId,
    order.permId,
    order.outsideRth,
    order.hidden,
    order.discretionaryAmt,
    spelled(MOMENT, order.goodAfterTime),
    Fixed(""),  # sharesAllocation, out of use
    *_FINANCIAL_ADVISOR,
    order.modelCode,
    spelled(MOMENT, order.goodTillDate),
    order.rule80A,
    order.percentOffset,
    order.settlingFirm,
    *_SHORT_SALE,
    order.auctionStrategy,
    *_PRICES_OF_BOX_AND_PEG,
    order.blockOrder,
    order.sweepToFill,
    order.allOrNone,
    order.minQty,
    order.ocaType,
    order.eTradeOnly,
    order.firmQuoteOnly,
    order.nbboPriceCap,
    order.parentId,
    order.triggerMethod,
    *_VOLATILITY,
    _DELTA_NEUTRAL_ORDER,
    order.continuousUpdate,
    shown(order.referencePriceType),
    order.trailStopPrice,
    order.trailingPercent,
    order.basisPoints,
    order.basisPointsType,
    contract.comboLegsDescrip,
    _COMBO_LEGS,
    _LEG_PRICES,
    tag_values(order.smartComboRoutingParams),
    *_SCALE,
    *_HEDGE,
    order.optOutSmartRouting,
    order.clearingAccount,
    order.clearingIntent,
    order.notHeld,
    DELTA_NEUTRAL,
    *_ALGO,
    order.solicited,
    *_STATE,
    order.randomizeSize,
    order.randomizePrice,
    _PEG_TO_BENCHMARK,
    *_CONDITIONS,
    order.adjustedOrderType,
    shown(order.triggerPrice),
    shown(order.trailStopPrice),
    shown(order.lmtPriceOffset),
    shown(order.adjustedStopPrice),
    shown(order.adjustedStopLimitPrice),
    shown(order.adjustedTrailingAmount),
    order.adjustableTrailingUnit,
    order.softDollarTier.name,
    order.softDollarTier.val,
    order.softDollarTier.displayName,
    shown(order.cashQty),
    order.dontUseAutoPriceForHedge,
    order.isOmsContainer,
    order.discretionaryUpToLimitPrice,
    order.usePriceMgmtAlgo,
    since(V.DURATION, order.duration),
    since(V.POST_TO_ATS, order.postToAts),
    since(V.AUTO_CANCEL_PARENT, order.autoCancelParent),
    since(V.PEGBEST_PEGMID_OFFSETS, *_PEG_OFFSETS_OF_ANSWER),
    since(V.CUSTOMER_ACCOUNT, order.customerAccount),
    since(V.PROFESSIONAL_CUSTOMER, order.professionalCustomer),
    since(V.BOND_ACCRUED_INTEREST, order.bondAccruedInterest),
    since(V.INCLUDE_OVERNIGHT, order.includeOvernight),
    since(V.CME_TAGGING_FIELDS_IN_OPEN_ORDER, order.extOperator, order.manualOrderIndicator),
    since(V.SUBMITTER, order.submitter),
    since(V.IMBALANCE_ONLY, order.imbalanceOnly),
)


@from_server(5, protobuf=V.PROTOBUF_PLACE_ORDER, text=OPEN_ORDER, tags={
    1: order.orderId,
    2: CONTRACT_WITH_PRICED_LEGS,
    3: embed(order, ORDER, when_empty=True),
    4: embed(state, ORDER_STATE, when_empty=True),
})  # fmt: skip
class OpenOrder:
    """An open order in full: in answer to a request, when it is new, or after a change."""

    contract: Contract
    order: Order
    orderState: OrderState


COMPLETED_ORDER = (
    *_HEAD_OF_ANSWER,
    order.permId,
    order.outsideRth,
    order.hidden,
    order.discretionaryAmt,
    spelled(MOMENT, order.goodAfterTime),
    *_FINANCIAL_ADVISOR,
    order.modelCode,
    spelled(MOMENT, order.goodTillDate),
    order.rule80A,
    order.percentOffset,
    order.settlingFirm,
    *_SHORT_SALE,
    *_PRICES_OF_BOX_AND_PEG,
    order.sweepToFill,
    order.allOrNone,
    order.minQty,
    order.ocaType,
    order.triggerMethod,
    *_VOLATILITY,
    given(
        order.deltaNeutralOrderType,
        order.deltaNeutralConId,
        order.deltaNeutralShortSale,
        order.deltaNeutralShortSaleSlot,
        order.deltaNeutralDesignatedLocation,
    ),
    order.continuousUpdate,
    shown(order.referencePriceType),
    order.trailStopPrice,
    order.trailingPercent,
    contract.comboLegsDescrip,
    _COMBO_LEGS,
    _LEG_PRICES,
    tag_values(order.smartComboRoutingParams),
    *_SCALE,
    *_HEDGE,
    order.clearingAccount,
    order.clearingIntent,
    order.notHeld,
    DELTA_NEUTRAL,
    *_ALGO,
    order.solicited,
    state.status,
    order.randomizeSize,
    order.randomizePrice,
    _PEG_TO_BENCHMARK,
    *_CONDITIONS,
    shown(order.trailStopPrice),
    shown(order.lmtPriceOffset),
    shown(order.cashQty),
    order.dontUseAutoPriceForHedge,
    order.isOmsContainer,
    order.autoCancelDate,
    size(order.filledQuantity),
    order.refFuturesConId,
    order.autoCancelParent,
    order.shareholder,
    order.imbalanceOnly,
    order.routeMarketableToBbo,
    order.parentPermId,
    state.completedTime,
    state.completedStatus,
    since(V.PEGBEST_PEGMID_OFFSETS, *_PEG_OFFSETS_OF_ANSWER),
    since(V.CUSTOMER_ACCOUNT, order.customerAccount),
    since(V.PROFESSIONAL_CUSTOMER, order.professionalCustomer),
    since(V.SUBMITTER, order.submitter),
)


@from_server(101, protobuf=V.PROTOBUF_COMPLETED_ORDER, text=COMPLETED_ORDER, tags={
    1: CONTRACT_WITH_PRICED_LEGS,
    2: embed(order, ORDER, when_empty=True),
    3: embed(state, ORDER_STATE, when_empty=True),
})  # fmt: skip
class CompletedOrder:
    """An order that has ended, in full."""

    contract: Contract
    order: Order
    orderState: OrderState
