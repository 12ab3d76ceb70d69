"""The fields that each kind of contract and order takes by keyword, for type checkers.

The fields and their types are those of the dataclasses `Contract` and `Order`: `tests/model/test_keywords.py` compares
them. A kind's keywords leave out what it takes by position or sets itself. Programs can annotate with them, too::

    from ibdesk.order import LimitFields

    habits: LimitFields = {"tif": "GTC", "outsideRth": True}
    order = LimitOrder("BUY", 100, 1.5, **habits)

The source imports this module for type checkers only, so that `import ibdesk` need not read it.
"""

from typing import TypedDict

from .components import ComboLeg, DeltaNeutralContract, OrderComboLeg, SoftDollarTier, TagValue
from .conditions import OrderCondition


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
    """The keywords of an option on any underlying, besides its seven positional fields."""

    localSymbol: str


class FutureFields(_SharedFields, total=False):
    """The keywords of a future, besides its six positional fields."""

    strike: float
    right: str


class ContFutureFields(FutureFields, total=False):
    """The keywords of a continuous future, besides its five positional fields."""

    lastTradeDateOrContractMonth: str


class StockFields(ContFutureFields, total=False):
    """The keywords of a stock, an index or a currency pair, besides symbol, exchange and currency."""

    localSymbol: str
    multiplier: str


class ContractFields(StockFields, total=False):
    """All fields of a contract."""

    secType: str
    symbol: str
    exchange: str
    currency: str


class BracketFields(TypedDict, total=False):
    """The keywords that apply to all three orders of a bracket."""

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
    """The keywords of a stop limit order, besides action, quantity and both prices."""

    transmit: bool


class StopFields(StopLimitFields, total=False):
    """The keywords of a stop order, besides action, quantity and stop price."""

    lmtPrice: float


class LimitFields(StopLimitFields, total=False):
    """The keywords of a limit order, besides action, quantity and price."""

    auxPrice: float


class MarketFields(LimitFields, total=False):
    """The keywords of a market order, besides action and quantity."""

    lmtPrice: float


class OrderFields(MarketFields, total=False):
    """All fields of an order."""

    action: str
    totalQuantity: float
    orderType: str
