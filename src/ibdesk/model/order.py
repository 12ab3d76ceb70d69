"""Orders, and what the server reports of them."""

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from math import nan
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Self, overload

from .components import OrderComboLeg as OrderComboLeg
from .components import SoftDollarTier, TagValue
from .conditions import OrderCondition
from .fields import Noun, Values, call_repr, dataclassNonDefaults, named_values, same
from .signatures import SpelledOut
from .unset import UNSET_DOUBLE, UNSET_INTEGER

if TYPE_CHECKING:
    from typing import Unpack

    from .keywords import BracketFields, LimitFields, MarketFields, OrderFields, StopFields, StopLimitFields


@dataclass(repr=False, eq=False)
class Order(Noun):
    """An order. Two orders are equal only when they are the same object.

    `action` is `BUY` or `SELL`. `auxPrice` is the stop price, or the offset of a trailing or pegged order. `tif` (time
    in force) says how long the order stays valid. With `transmit` False the order waits in the gateway until a later
    order of its group transmits it. `permId` is IBKR's own number of the order, unique for ever; `orderId` is unique
    for one client only. `faProfile`, `eTradeOnly`, `firmQuoteOnly` and `nbboPriceCap` are obsolete: servers refuse
    them.

    Source: TWS API documentation, "Order" class reference and "Order Types".
    """

    orderId: int = 0
    clientId: int = 0
    permId: int = 0
    action: str = ""
    totalQuantity: float = 0.0
    orderType: str = ""
    lmtPrice: float = UNSET_DOUBLE
    auxPrice: float = UNSET_DOUBLE
    tif: str = ""
    activeStartTime: str = ""
    activeStopTime: str = ""
    ocaGroup: str = ""
    ocaType: int = 0
    orderRef: str = ""
    transmit: bool = True
    parentId: int = 0
    blockOrder: bool = False
    sweepToFill: bool = False
    displaySize: int = 0
    triggerMethod: int = 0
    outsideRth: bool = False
    hidden: bool = False
    goodAfterTime: str = ""
    goodTillDate: str = ""
    rule80A: str = ""
    allOrNone: bool = False
    minQty: int = UNSET_INTEGER
    percentOffset: float = UNSET_DOUBLE
    overridePercentageConstraints: bool = False
    trailStopPrice: float = UNSET_DOUBLE
    trailingPercent: float = UNSET_DOUBLE
    faGroup: str = ""
    faProfile: str = ""
    faMethod: str = ""
    faPercentage: str = ""
    designatedLocation: str = ""
    openClose: str = "O"
    origin: int = 0
    shortSaleSlot: int = 0
    exemptCode: int = -1
    discretionaryAmt: float = 0.0
    eTradeOnly: bool = False
    firmQuoteOnly: bool = False
    nbboPriceCap: float = UNSET_DOUBLE
    optOutSmartRouting: bool = False
    auctionStrategy: int = 0
    startingPrice: float = UNSET_DOUBLE
    stockRefPrice: float = UNSET_DOUBLE
    delta: float = UNSET_DOUBLE
    stockRangeLower: float = UNSET_DOUBLE
    stockRangeUpper: float = UNSET_DOUBLE
    randomizePrice: bool = False
    randomizeSize: bool = False
    volatility: float = UNSET_DOUBLE
    volatilityType: int = UNSET_INTEGER
    deltaNeutralOrderType: str = ""
    deltaNeutralAuxPrice: float = UNSET_DOUBLE
    deltaNeutralConId: int = 0
    deltaNeutralSettlingFirm: str = ""
    deltaNeutralClearingAccount: str = ""
    deltaNeutralClearingIntent: str = ""
    deltaNeutralOpenClose: str = ""
    deltaNeutralShortSale: bool = False
    deltaNeutralShortSaleSlot: int = 0
    deltaNeutralDesignatedLocation: str = ""
    continuousUpdate: bool = False
    referencePriceType: int = UNSET_INTEGER
    basisPoints: float = UNSET_DOUBLE
    basisPointsType: int = UNSET_INTEGER
    scaleInitLevelSize: int = UNSET_INTEGER
    scaleSubsLevelSize: int = UNSET_INTEGER
    scalePriceIncrement: float = UNSET_DOUBLE
    scalePriceAdjustValue: float = UNSET_DOUBLE
    scalePriceAdjustInterval: int = UNSET_INTEGER
    scaleProfitOffset: float = UNSET_DOUBLE
    scaleAutoReset: bool = False
    scaleInitPosition: int = UNSET_INTEGER
    scaleInitFillQty: int = UNSET_INTEGER
    scaleRandomPercent: bool = False
    scaleTable: str = ""
    hedgeType: str = ""
    hedgeParam: str = ""
    account: str = ""
    settlingFirm: str = ""
    clearingAccount: str = ""
    clearingIntent: str = ""
    algoStrategy: str = ""
    algoParams: list[TagValue] = field(default_factory=list)
    smartComboRoutingParams: list[TagValue] = field(default_factory=list)
    algoId: str = ""
    whatIf: bool = False
    notHeld: bool = False
    solicited: bool = False
    modelCode: str = ""
    orderComboLegs: list[OrderComboLeg] = field(default_factory=list)
    orderMiscOptions: list[TagValue] = field(default_factory=list)
    referenceContractId: int = 0
    peggedChangeAmount: float = 0.0
    isPeggedChangeAmountDecrease: bool = False
    referenceChangeAmount: float = 0.0
    referenceExchangeId: str = ""
    adjustedOrderType: str = ""
    triggerPrice: float = UNSET_DOUBLE
    adjustedStopPrice: float = UNSET_DOUBLE
    adjustedStopLimitPrice: float = UNSET_DOUBLE
    adjustedTrailingAmount: float = UNSET_DOUBLE
    adjustableTrailingUnit: int = 0
    lmtPriceOffset: float = UNSET_DOUBLE
    conditions: list[OrderCondition] = field(default_factory=list)
    conditionsCancelOrder: bool = False
    conditionsIgnoreRth: bool = False
    extOperator: str = ""
    softDollarTier: SoftDollarTier = field(default_factory=SoftDollarTier)
    cashQty: float = UNSET_DOUBLE
    mifid2DecisionMaker: str = ""
    mifid2DecisionAlgo: str = ""
    mifid2ExecutionTrader: str = ""
    mifid2ExecutionAlgo: str = ""
    dontUseAutoPriceForHedge: bool = False
    isOmsContainer: bool = False
    discretionaryUpToLimitPrice: bool = False
    autoCancelDate: str = ""
    filledQuantity: float = UNSET_DOUBLE
    refFuturesConId: int = 0
    autoCancelParent: bool = False
    shareholder: str = ""
    imbalanceOnly: bool = False
    routeMarketableToBbo: bool = False
    parentPermId: int = 0
    usePriceMgmtAlgo: bool = False
    duration: int = UNSET_INTEGER
    postToAts: int = UNSET_INTEGER
    advancedErrorOverride: str = ""
    manualOrderTime: str = ""
    minTradeQty: int = UNSET_INTEGER
    minCompeteSize: int = UNSET_INTEGER
    competeAgainstBestOffset: float = UNSET_DOUBLE
    midOffsetAtWhole: float = UNSET_DOUBLE
    midOffsetAtHalf: float = UNSET_DOUBLE
    hedgeMaxSize: int = UNSET_INTEGER
    customerAccount: str = ""
    professionalCustomer: bool = False
    bondAccruedInterest: str = ""
    includeOvernight: bool = False
    manualOrderIndicator: int = UNSET_INTEGER
    submitter: str = ""
    postOnly: bool = False
    allowPreOpen: bool = False
    ignoreOpenAuction: bool = False
    deactivate: bool = False
    seekPriceImprovement: bool | None = None
    whatIfType: int = UNSET_INTEGER
    slOrderId: int = UNSET_INTEGER
    slOrderType: str = ""
    ptOrderId: int = UNSET_INTEGER
    ptOrderType: str = ""

    _own_order_type: ClassVar[str] = ""
    __signature__: ClassVar[SpelledOut] = SpelledOut("orderType")

    if TYPE_CHECKING:

        def update(self, *srcObjs: object, **kwargs: Unpack[OrderFields]) -> Self: ...  # type: ignore[override]

    @property
    def parent(self) -> "Order | None":
        """The order that this one is attached to, for use before that order has an `orderId`.

        It is not sent. Whoever places this order first turns it into `parentId`.
        """
        parent: Order | None = vars(self).get("parent")
        return parent

    @parent.setter
    def parent(self, value: "Order | None") -> None:
        vars(self)["parent"] = value

    def __repr__(self) -> str:
        arguments = dataclassNonDefaults(self)
        if same(self.orderType, self._own_order_type):
            arguments.pop("orderType", None)
        return call_repr(self, arguments)


class LimitOrder(Order):
    """An order to buy at `lmtPrice` or less, or to sell at `lmtPrice` or more."""

    _own_order_type = "LMT"

    def __init__(self, action: str, totalQuantity: float, lmtPrice: float, **kwargs: "Unpack[LimitFields]") -> None:
        Order.__init__(self, orderType="LMT", action=action, totalQuantity=totalQuantity, lmtPrice=lmtPrice, **kwargs)


class MarketOrder(Order):
    """An order to buy or sell at the price that the market offers."""

    _own_order_type = "MKT"

    def __init__(self, action: str, totalQuantity: float, **kwargs: "Unpack[MarketFields]") -> None:
        Order.__init__(self, orderType="MKT", action=action, totalQuantity=totalQuantity, **kwargs)


class StopOrder(Order):
    """An order that becomes a market order when the price reaches `stopPrice`, which is stored as `auxPrice`."""

    _own_order_type = "STP"
    __signature__: ClassVar[SpelledOut] = SpelledOut("orderType", "auxPrice")

    def __init__(self, action: str, totalQuantity: float, stopPrice: float, **kwargs: "Unpack[StopFields]") -> None:
        Order.__init__(self, orderType="STP", action=action, totalQuantity=totalQuantity, auxPrice=stopPrice, **kwargs)


class StopLimitOrder(Order):
    """An order that becomes a limit order at `lmtPrice` when the price reaches `stopPrice`, stored as `auxPrice`."""

    _own_order_type = "STP LMT"
    __signature__: ClassVar[SpelledOut] = SpelledOut("orderType", "auxPrice")

    def __init__(
        self, action: str, totalQuantity: float, lmtPrice: float, stopPrice: float, **kwargs: "Unpack[StopLimitFields]"
    ) -> None:
        Order.__init__(
            self,
            orderType="STP LMT",
            action=action,
            totalQuantity=totalQuantity,
            lmtPrice=lmtPrice,
            auxPrice=stopPrice,
            **kwargs,
        )


class _Bracket(NamedTuple):
    parent: Order
    takeProfit: Order
    stopLoss: Order

    def dict(self, plain: bool = False) -> Values:
        """Return the fields by name, as `Noun.dict` does."""
        return named_values(self, plain)


class BracketOrder(_Bracket):
    """An entry order with the two orders that close its position: one at a profit, one at a loss.

    It is made either of the three orders, or of prices, like `ib.bracketOrder`. Orders made of prices have no ids yet,
    and the closing ones know the entry as their `Order.parent`. Only the last order transmits, so all three must be
    placed, in this order.

    Raises ValueError when `action` is neither `BUY` nor `SELL`.
    """

    __slots__ = ()

    @overload
    def __new__(cls, parent: Order, takeProfit: Order, stopLoss: Order) -> "BracketOrder": ...

    @overload
    def __new__(
        cls,
        action: str,
        quantity: float,
        limitPrice: float,
        takeProfitPrice: float,
        stopLossPrice: float,
        **kwargs: "Unpack[BracketFields]",
    ) -> "BracketOrder": ...

    def __new__(cls, *args: Any, **kwargs: Any) -> "BracketOrder":
        if isinstance(args[0] if args else kwargs.get("parent"), Order):
            return super().__new__(cls, *args, **kwargs)
        return super().__new__(cls, *_bracket(*args, **kwargs))


def _bracket(
    action: str,
    quantity: float,
    limitPrice: float,
    takeProfitPrice: float,
    stopLossPrice: float,
    **kwargs: "Unpack[BracketFields]",
) -> tuple[Order, Order, Order]:
    if action not in ("BUY", "SELL"):
        raise ValueError(f"the action of a bracket is 'BUY' or 'SELL', not {action!r}")
    closing = "SELL" if action == "BUY" else "BUY"
    parent = LimitOrder(action, quantity, limitPrice, transmit=False, **kwargs)
    takeProfit = LimitOrder(closing, quantity, takeProfitPrice, transmit=False, **kwargs)
    stopLoss = StopOrder(closing, quantity, stopLossPrice, transmit=True, **kwargs)
    takeProfit.parent = stopLoss.parent = parent
    return parent, takeProfit, stopLoss


@dataclass
class OrderCancel(Noun):
    """The optional facts of a cancellation.

    `manualOrderIndicator` is 1 when a person cancels and 0 when a program does; US advisors must give it for futures
    orders.
    """

    manualOrderCancelTime: str = ""
    extOperator: str = ""
    manualOrderIndicator: int = UNSET_INTEGER


@dataclass
class OrderStatus(Noun):
    """How far an order has got.

    `mktCapPrice` is the price at which IBKR capped the order, or 0 when it did not. `whyHeld` tells what keeps the
    order from the market: `child`, `trigger`, `locate`, or several of these.
    """

    orderId: int = 0
    status: str = ""
    filled: float = 0.0
    remaining: float = 0.0
    avgFillPrice: float = 0.0
    permId: int = 0
    parentId: int = 0
    lastFillPrice: float = 0.0
    clientId: int = 0
    whyHeld: str = ""
    mktCapPrice: float = 0.0

    PendingSubmit: ClassVar[str] = "PendingSubmit"
    PendingCancel: ClassVar[str] = "PendingCancel"
    PreSubmitted: ClassVar[str] = "PreSubmitted"
    Submitted: ClassVar[str] = "Submitted"
    ApiPending: ClassVar[str] = "ApiPending"
    ApiCancelled: ClassVar[str] = "ApiCancelled"
    ApiUpdate: ClassVar[str] = "ApiUpdate"
    Cancelled: ClassVar[str] = "Cancelled"
    Filled: ClassVar[str] = "Filled"
    Inactive: ClassVar[str] = "Inactive"
    ValidationError: ClassVar[str] = "ValidationError"

    DoneStates: ClassVar[frozenset[str]] = frozenset({"Filled", "Cancelled", "ApiCancelled", "Inactive"})
    """The order is over: nothing more will be executed."""

    WaitingStates: ClassVar[frozenset[str]] = frozenset({"PendingSubmit", "ApiPending", "PreSubmitted"})
    """The order is at the broker or on its way there, and not at the market yet."""

    WorkingStates: ClassVar[frozenset[str]] = frozenset({"Submitted", "ValidationError", "ApiUpdate"})
    """The order is at the market."""

    ActiveStates: ClassVar[frozenset[str]] = WaitingStates | WorkingStates
    """The order is at the market or on its way there.

    An order that is being cancelled is not among these, and yet may still be executed.
    """

    @property
    def total(self) -> float:
        """The size of the order: the filled and the remaining quantity."""
        return self.filled + self.remaining


@dataclass
class OrderAllocation(Noun):
    """The share of one account in an allocated order."""

    account: str = ""
    position: float = UNSET_DOUBLE
    positionDesired: float = UNSET_DOUBLE
    positionAfter: float = UNSET_DOUBLE
    desiredAllocQty: float = UNSET_DOUBLE
    allowedAllocQty: float = UNSET_DOUBLE
    isMonetary: bool = False


@dataclass
class OrderState(Noun):
    """What IBKR says about an order beside its status, mostly in answer to a what-if order.

    The first nine amounts are text, as they were received; `numeric` turns them into numbers. Amounts are in the base
    currency of the account, or in `marginCurrency` where that is given.
    """

    status: str = ""
    initMarginBefore: str = ""
    maintMarginBefore: str = ""
    equityWithLoanBefore: str = ""
    initMarginChange: str = ""
    maintMarginChange: str = ""
    equityWithLoanChange: str = ""
    initMarginAfter: str = ""
    maintMarginAfter: str = ""
    equityWithLoanAfter: str = ""
    commission: float = UNSET_DOUBLE
    minCommission: float = UNSET_DOUBLE
    maxCommission: float = UNSET_DOUBLE
    commissionCurrency: str = ""
    warningText: str = ""
    completedTime: str = ""
    completedStatus: str = ""
    marginCurrency: str = ""
    initMarginBeforeOutsideRTH: float = UNSET_DOUBLE
    maintMarginBeforeOutsideRTH: float = UNSET_DOUBLE
    equityWithLoanBeforeOutsideRTH: float = UNSET_DOUBLE
    initMarginChangeOutsideRTH: float = UNSET_DOUBLE
    maintMarginChangeOutsideRTH: float = UNSET_DOUBLE
    equityWithLoanChangeOutsideRTH: float = UNSET_DOUBLE
    initMarginAfterOutsideRTH: float = UNSET_DOUBLE
    maintMarginAfterOutsideRTH: float = UNSET_DOUBLE
    equityWithLoanAfterOutsideRTH: float = UNSET_DOUBLE
    suggestedSize: float = UNSET_DOUBLE
    rejectReason: str = ""
    orderAllocations: list[OrderAllocation] = field(default_factory=list)

    def transform(self, transformer: Callable[[Any], Any]) -> Self:
        """Return a copy with `transformer` applied to every amount."""
        return dataclasses.replace(self, **{name: transformer(getattr(self, name)) for name in _AMOUNTS})

    def numeric(self, digits: int = 2) -> "OrderStateNumeric":
        """Return a copy with every amount as a number rounded to `digits` decimals, or None where there is none."""
        numbers = self.transform(lambda amount: _number(amount, digits))
        return OrderStateNumeric(**numbers.dict())

    def formatted(self, digits: int = 2) -> "OrderState":
        """Return a copy with every amount as text such as `1,234.50`, or None where there is none."""
        texts = self.numeric(8).transform(lambda amount: None if amount is None else f"{amount:,.{digits}f}")
        return OrderState(**texts.dict())


@dataclass
class OrderStateNumeric(OrderState):
    """An order state whose amounts are numbers, as `OrderState.numeric` returns it."""

    initMarginBefore: float = nan  # type: ignore[assignment]
    maintMarginBefore: float = nan  # type: ignore[assignment]
    equityWithLoanBefore: float = nan  # type: ignore[assignment]
    initMarginChange: float = nan  # type: ignore[assignment]
    maintMarginChange: float = nan  # type: ignore[assignment]
    equityWithLoanChange: float = nan  # type: ignore[assignment]
    initMarginAfter: float = nan  # type: ignore[assignment]
    maintMarginAfter: float = nan  # type: ignore[assignment]
    equityWithLoanAfter: float = nan  # type: ignore[assignment]


_AMOUNTS = tuple(
    attribute.name
    for attribute in dataclasses.fields(OrderState)
    if attribute.name.startswith(("initMargin", "maintMargin", "equityWithLoan"))
    or attribute.name in ("commission", "minCommission", "maxCommission")
)


def _number(amount: Any, digits: int) -> float | None:
    try:
        number = float(amount)
    except (TypeError, ValueError):
        return None
    return None if number == UNSET_DOUBLE else round(number, digits)


@dataclass
class TradeLogEntry(Noun):
    """A line in the history of a trade: its new status, and why. `errorCode` is 0 when nothing failed."""

    time: datetime
    status: str = ""
    message: str = ""
    errorCode: int = 0
