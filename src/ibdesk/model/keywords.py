"""Decides which fields each kind of contract and of order takes by keyword, for type checkers; must not know their use.

The dataclasses `Contract` and `Order` have the same fields with their defaults: `tests/model/test_keywords.py`
compares. What a kind takes by position, or sets itself, is none of its keywords. Programs annotate with them, too::

    from ibdesk.order import LimitFields

    habits: LimitFields = {"tif": "GTC", "outsideRth": True}
    order = LimitOrder("BUY", 100, 1.5, **habits)

The source imports this for type checkers only, so that `import ibdesk` need not read it.
"""

from typing import TypedDict

from .conditions import OrderCondition
from .contract import ComboLeg, DeltaNeutralContract, TagValue
from .order import OrderComboLeg
from .reference import SoftDollarTier


class _SharedFields(TypedDict, total=False):
    conId: int
    primaryExchange: str
    tradingClass: str
    includeExpired: bool
    secIdType: str
    secId: str
    description: str
    issuerId: str
    comboLegsDescrip: str
    comboLegs: list[ComboLeg]
    deltaNeutralContract: DeltaNeutralContract | None
    lastTradeDate: str


class OptionFields(_SharedFields, total=False):
    """What an option, on whatever, can be given besides its seven positions."""

    localSymbol: str


class FutureFields(_SharedFields, total=False):
    """What a future can be given besides its six positions."""

    strike: float
    right: str


class ContFutureFields(FutureFields, total=False):
    """What a continuous future can be given besides its five positions."""

    lastTradeDateOrContractMonth: str


class StockFields(ContFutureFields, total=False):
    """What a stock can be given besides symbol, exchange and currency; an index or a pair of currencies, too."""

    localSymbol: str
    multiplier: str


class ContractFields(StockFields, total=False):
    """All fields of a contract."""

    secType: str
    symbol: str
    exchange: str
    currency: str


class BracketFields(TypedDict, total=False):
    """What all three orders of a bracket can be given."""

    orderId: int
    clientId: int
    permId: int
    tif: str
    activeStartTime: str
    activeStopTime: str
    ocaGroup: str
    ocaType: int
    orderRef: str
    parentId: int
    blockOrder: bool
    sweepToFill: bool
    displaySize: int
    triggerMethod: int
    outsideRth: bool
    hidden: bool
    goodAfterTime: str
    goodTillDate: str
    rule80A: str
    allOrNone: bool
    minQty: int
    percentOffset: float
    overridePercentageConstraints: bool
    trailStopPrice: float
    trailingPercent: float
    faGroup: str
    faProfile: str
    faMethod: str
    faPercentage: str
    designatedLocation: str
    openClose: str
    origin: int
    shortSaleSlot: int
    exemptCode: int
    discretionaryAmt: float
    eTradeOnly: bool
    firmQuoteOnly: bool
    nbboPriceCap: float
    optOutSmartRouting: bool
    auctionStrategy: int
    startingPrice: float
    stockRefPrice: float
    delta: float
    stockRangeLower: float
    stockRangeUpper: float
    randomizePrice: bool
    randomizeSize: bool
    volatility: float
    volatilityType: int
    deltaNeutralOrderType: str
    deltaNeutralAuxPrice: float
    deltaNeutralConId: int
    deltaNeutralSettlingFirm: str
    deltaNeutralClearingAccount: str
    deltaNeutralClearingIntent: str
    deltaNeutralOpenClose: str
    deltaNeutralShortSale: bool
    deltaNeutralShortSaleSlot: int
    deltaNeutralDesignatedLocation: str
    continuousUpdate: bool
    referencePriceType: int
    basisPoints: float
    basisPointsType: int
    scaleInitLevelSize: int
    scaleSubsLevelSize: int
    scalePriceIncrement: float
    scalePriceAdjustValue: float
    scalePriceAdjustInterval: int
    scaleProfitOffset: float
    scaleAutoReset: bool
    scaleInitPosition: int
    scaleInitFillQty: int
    scaleRandomPercent: bool
    scaleTable: str
    hedgeType: str
    hedgeParam: str
    account: str
    settlingFirm: str
    clearingAccount: str
    clearingIntent: str
    algoStrategy: str
    algoParams: list[TagValue]
    smartComboRoutingParams: list[TagValue]
    algoId: str
    whatIf: bool
    notHeld: bool
    solicited: bool
    modelCode: str
    orderComboLegs: list[OrderComboLeg]
    orderMiscOptions: list[TagValue]
    referenceContractId: int
    peggedChangeAmount: float
    isPeggedChangeAmountDecrease: bool
    referenceChangeAmount: float
    referenceExchangeId: str
    adjustedOrderType: str
    triggerPrice: float
    adjustedStopPrice: float
    adjustedStopLimitPrice: float
    adjustedTrailingAmount: float
    adjustableTrailingUnit: int
    lmtPriceOffset: float
    conditions: list[OrderCondition]
    conditionsCancelOrder: bool
    conditionsIgnoreRth: bool
    extOperator: str
    softDollarTier: SoftDollarTier
    cashQty: float
    mifid2DecisionMaker: str
    mifid2DecisionAlgo: str
    mifid2ExecutionTrader: str
    mifid2ExecutionAlgo: str
    dontUseAutoPriceForHedge: bool
    isOmsContainer: bool
    discretionaryUpToLimitPrice: bool
    autoCancelDate: str
    filledQuantity: float
    refFuturesConId: int
    autoCancelParent: bool
    shareholder: str
    imbalanceOnly: bool
    routeMarketableToBbo: bool
    parentPermId: int
    usePriceMgmtAlgo: bool
    duration: int
    postToAts: int
    advancedErrorOverride: str
    manualOrderTime: str
    minTradeQty: int
    minCompeteSize: int
    competeAgainstBestOffset: float
    midOffsetAtWhole: float
    midOffsetAtHalf: float
    hedgeMaxSize: int
    customerAccount: str
    professionalCustomer: bool
    bondAccruedInterest: str
    includeOvernight: bool
    manualOrderIndicator: int
    submitter: str
    postOnly: bool
    allowPreOpen: bool
    ignoreOpenAuction: bool
    deactivate: bool
    seekPriceImprovement: bool | None
    whatIfType: int
    slOrderId: int
    slOrderType: str
    ptOrderId: int
    ptOrderType: str


class StopLimitFields(BracketFields, total=False):
    """What a stop limit order can be given besides action, quantity and both prices."""

    transmit: bool


class StopFields(StopLimitFields, total=False):
    """What a stop order can be given besides action, quantity and the stop price."""

    lmtPrice: float


class LimitFields(StopLimitFields, total=False):
    """What a limit order can be given besides action, quantity and price."""

    auxPrice: float


class MarketFields(LimitFields, total=False):
    """What a market order can be given besides action and quantity."""

    lmtPrice: float


class OrderFields(MarketFields, total=False):
    """All fields of an order."""

    action: str
    totalQuantity: float
    orderType: str
