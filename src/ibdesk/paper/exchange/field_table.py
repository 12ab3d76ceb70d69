"""What the gateway does with every field of an order: the table by which orders are judged.

A field that becomes served is a row that changes here. Rows of fields that only some order types take (`by_type`) need
no change when a type is added: the type says itself which fields it `takes`. The page `docs/reference/orders.md`, and
`ContractDetails.orderTypes`, are made from this table and from those of order types and times in force.

Sources: TWS API documentation, "Order" class reference, "Order Types" and "Message Codes"; refusals of paper gateways,
2020 to 2026. Where these name no code for a case, the row has the nearest one, and the page says so.
"""

from . import hedges
from .cash_quantity import PRODUCTS as CASH_PRODUCTS
from .field_rules import FieldRule, Harmless, Otherwise, Refused, Told, cause
from .order_types import adjustment
from .presets import PRESET
from .products import ALL, EXCHANGE_TRADED, FUTURE, OPTIONS, STOCKS
from .triggers import METHODS

NOT_SUPPORTED = Refused(10340, parts={"attribute": "{field}"})
"""IBKR's general refusal of a field; which fields its servers refuse so is known of few."""

_NOT_AN_ADVISOR = Refused(344)
_NOT_INSTITUTIONAL = Refused(346)
_NOT_SHORT = Refused(348)
_MARK = Harmless("a mark for regulators or for the client's own records, which changes nothing about the order")
_UNUSED_PRICE = Harmless(
    "IBKR ignores a price that the order type does not use; programs leave old ones in orders of which they change the "
    "type, and older clients write 0 or anything else there"
)
_BENCHMARKED = STOCKS | {FUTURE}
_OF_SERVER = Harmless("the server sets it, and a client sends back what it was shown")


def _served(name: str, serves: str, words: str = "", otherwise: Otherwise = NOT_SUPPORTED) -> FieldRule:
    return FieldRule(name, otherwise, serves, ALL, words=tuple(words.split()))


def _preset(name: str) -> FieldRule:
    wrong = cause("Invalid attached order type {value}")
    return FieldRule(name, NOT_SUPPORTED, "attaches it, as PRESET", ALL, values=frozenset({PRESET}), invalid=wrong)


def _by_type(name: str, serves: str, otherwise: Otherwise = NOT_SUPPORTED, products: frozenset[str] = ALL) -> FieldRule:
    return FieldRule(name, otherwise, serves, products, by_type=products)


def _stocks(name: str, serves: str) -> FieldRule:
    return FieldRule(name, Refused(442, by_ib=True), serves, STOCKS)


def _harmless(name: str, why: str) -> FieldRule:
    return FieldRule(name, Harmless(why))


def _refused(name: str, otherwise: Otherwise = NOT_SUPPORTED) -> FieldRule:
    return FieldRule(name, otherwise)


_IDENTITY = (
    _served("orderId", "names the order; the client's own number"),
    FieldRule("clientId", _OF_SERVER),
    FieldRule("permId", _OF_SERVER),
    FieldRule("parentPermId", _OF_SERVER),
    FieldRule("filledQuantity", _OF_SERVER),
    FieldRule("shareholder", _OF_SERVER),
    FieldRule("submitter", _OF_SERVER),
    FieldRule("refFuturesConId", _OF_SERVER),
    _served("orderRef", "is told with the order and with its executions"),
    _served("account", "is the account that trades"),
    _refused("modelCode"),
)

_TERMS = (
    _served("action", "BUY or SELL"),
    _served("totalQuantity", "is the size"),
    _served("orderType", "see the order types"),
    _by_type("lmtPrice", "is the worst price that the order accepts", _UNUSED_PRICE),
    _by_type(
        "auxPrice",
        "is the stop price, or the distance from the price that the order follows or snaps to",
        _UNUSED_PRICE,
    ),
    _served("tif", "see the times in force"),
    _served("goodAfterTime", "is the moment before which the order is held", "GAT"),
    _served("goodTillDate", "is the moment at which an order good till date expires"),
    _refused("activeStartTime"),
    _refused("activeStopTime"),
    _refused("autoCancelDate"),
    _served("duration", "is after how many seconds the order expires", "DUR"),
    _refused("deactivate"),
    FieldRule(
        "outsideRth",
        Told(2109),
        "lets the order be filled outside regular hours",
        STOCKS | {FUTURE},
        by_type=STOCKS,
        words=("RTH",),
    ),
    _refused("includeOvernight"),
    _refused("allowPreOpen"),
    _refused("ignoreOpenAuction"),
    FieldRule("allOrNone", NOT_SUPPORTED, "fills the order whole or not at all", STOCKS, words=("AON",)),
    FieldRule("minQty", NOT_SUPPORTED, "is the smallest execution, until less is left", STOCKS | OPTIONS),
    FieldRule(
        "displaySize",
        NOT_SUPPORTED,
        "makes the order an iceberg: it is the part that others see while the order rests; their trades fill it in "
        "parts of that size",
        EXCHANGE_TRADED,
        live_only=True,
        words=("ICE",),
    ),
    _harmless("hidden", "the depth that the gateway shows never has orders of clients in it"),
    FieldRule(
        "sweepToFill",
        Told(131),
        "takes at once all that is displayed; as any order here, since an instrument has one quote",
        STOCKS,
        words=("SWEEP",),
    ),
    _refused("blockOrder"),
    FieldRule(
        "cashQty",
        Refused(10244, by_ib=True),
        "is an amount of money that gives the size, in place of `totalQuantity`",
        CASH_PRODUCTS,
        by_type=CASH_PRODUCTS,
        words=("CASHQTY",),
    ),
    FieldRule(
        "postOnly",
        NOT_SUPPORTED,
        "cancels the order if it would be filled as it goes to the market",
        EXCHANGE_TRADED,
        by_type=EXCHANGE_TRADED,
        words=("POSTONLY",),
    ),
    _refused("seekPriceImprovement"),
    _refused("usePriceMgmtAlgo"),
    _harmless("overridePercentageConstraints", "the gateway has no precautionary settings that it could override"),
    _harmless("advancedErrorOverride", "the gateway makes no objections that could be overridden"),
    _refused("orderMiscOptions", Refused(10337, True, {"key": "{value}", "request": "placeOrder", "valid": "none"})),
    _refused("orderMiscOptions[].tag"),
    _refused("orderMiscOptions[].value"),
)

_GROUPS = (
    _served(
        "transmit",
        "False holds the order in the gateway until one of its group has True; no change of an order at work is held "
        "so (321, our guess)",
    ),
    _served("parentId", "holds the order until that one is filled, and cancels it with that one"),
    _served("autoCancelParent", "cancels the order that it is attached to when it is cancelled itself"),
    _served("ocaGroup", "names the orders of which a fill cancels or reduces the others", "OCA"),
    FieldRule(
        "ocaType",
        NOT_SUPPORTED,
        "1 cancels the others of the group, 2 and 3 reduce them",
        ALL,
        values=frozenset({1, 2, 3}),
        invalid=cause("Invalid OCA type {value}"),
    ),
    _refused("isOmsContainer"),
    _served("slOrderId", "numbers the preset stop, 1 % behind the price of the order (our guess)"),
    _preset("slOrderType"),
    _served("ptOrderId", "numbers the preset target, 1 % beyond the price of the order (our guess)"),
    _preset("ptOrderType"),
)

_WHAT_IF = (
    _served("whatIf", "asks what the order would do to the account, and places none", "WHATIF"),
    _refused("whatIfType"),
)

_TRIGGERS = (
    FieldRule(
        "triggerMethod",
        Harmless("the order waits for no trigger"),
        "chooses the prices that wake the order",
        ALL,
        by_type=ALL,
        values=METHODS,
        invalid=cause("Invalid trigger method", by_ib=True),
    ),
    _by_type("trailStopPrice", "is the first stop of a trailing order"),
    _by_type("trailingPercent", "is the distance of the stop, in percent"),
    _by_type("lmtPriceOffset", "is the distance of the limit from the stop"),
    FieldRule(
        "adjustedOrderType",
        NOT_SUPPORTED,
        "is what the order becomes, once, when the price has come to `triggerPrice`",
        ALL,
        by_type=ALL,
        values=adjustment.TYPES,
        invalid=cause("Invalid adjusted order type {value}"),
        words=("ADJUST",),
    ),
    _by_type("triggerPrice", "is where the order is adjusted, beyond the market as seen from the stop", Refused(361)),
    _by_type("adjustedStopPrice", "is the stop of the adjusted order", Refused(362)),
    _by_type("adjustedStopLimitPrice", "is the limit of the adjusted order", Refused(363)),
    _by_type("adjustedTrailingAmount", "is the distance by which the adjusted order trails", Refused(364)),
    FieldRule(
        "adjustableTrailingUnit",
        NOT_SUPPORTED,
        "1 and 100 make that distance a percentage",
        ALL,
        by_type=ALL,
        values=adjustment.PERCENT_UNITS,
        invalid=cause("Invalid adjustable trailing unit {value}"),
    ),
)

_CONDITIONS = (
    _served("conditions", "hold the order back until they are true", "COND CONDORDER"),
    _served("conditionsCancelOrder", "lets the conditions cancel the order instead"),
    _served("conditionsIgnoreRth", "lets the conditions come true outside regular hours"),
    _served("conditions[].condType", "is the kind of the condition"),
    FieldRule(
        "conditions[].conjunction",
        NOT_SUPPORTED,
        "joins the condition to the next one: a is and, o is or",
        ALL,
        values=frozenset("ao"),
        invalid=cause("Invalid condition: {field}"),
    ),
    _served("conditions[].isMore", "tells at or above from at or below"),
    _served("conditions[].price", "is the price to be reached"),
    _served("conditions[].conId", "is the instrument that is watched, which has to be known"),
    _harmless("conditions[].exch", "an instrument has the same quote here wherever it is looked at"),
    FieldRule(
        "conditions[].triggerMethod",
        NOT_SUPPORTED,
        "chooses the prices that are watched",
        ALL,
        values=METHODS,
        invalid=cause("Invalid trigger method", by_ib=True),
    ),
    _served("conditions[].time", "is the moment to be reached"),
    _served("conditions[].percent", "is the margin cushion to be reached"),
    _served("conditions[].secType", "is the kind of instrument that is to be traded"),
    _served("conditions[].symbol", "is the symbol that is to be traded"),
    _served("conditions[].volume", "is the volume of the day to be reached"),
    _served("conditions[].changePercent", "is the change since yesterday's close to be reached"),
)

_PEGGED = (
    _by_type("percentOffset", "is the distance from the price that the order follows, in percent"),
    _by_type(
        "startingPrice",
        "is the price at which a pegged order begins; by default the middle of the market then",
        products=EXCHANGE_TRADED,
    ),
    _by_type(
        "stockRefPrice",
        "is the price of the other instrument from which a pegged order counts; by default its middle at the beginning",
        products=EXCHANGE_TRADED,
    ),
    _by_type(
        "delta",
        "is how far the price moves with that of the underlying, in percent, from 1 to 100; any other value: 341",
        Refused(341),
        OPTIONS,
    ),
    _by_type(
        "stockRangeLower",
        "is the price of the other instrument below which the order is cancelled",
        Refused(373, True),
        EXCHANGE_TRADED,
    ),
    _by_type(
        "stockRangeUpper",
        "is the price of the other instrument above which the order is cancelled",
        Refused(373, True),
        EXCHANGE_TRADED,
    ),
    _by_type("referenceContractId", "is the instrument that the order is pegged to", products=_BENCHMARKED),
    _by_type("peggedChangeAmount", "is how far the price moves with each step", products=_BENCHMARKED),
    _by_type(
        "isPeggedChangeAmountDecrease",
        "lets it fall where the other instrument rises, and rise where that falls",
        products=_BENCHMARKED,
    ),
    _by_type(
        "referenceChangeAmount",
        "is the step of the other instrument that moves the price",
        products=_BENCHMARKED,
    ),
    FieldRule("referenceExchangeId", Harmless("an instrument has the same quote here wherever it is looked at")),
    _by_type("minTradeQty", "is the smallest size of an execution", Refused(10302, True)),
    _by_type("minCompeteSize", "is the smallest size to compete with", Refused(10304)),
    _by_type("competeAgainstBestOffset", "is how far the order goes beyond the best price", Refused(10305)),
    _by_type(
        "midOffsetAtWhole",
        "is the distance from a middle in whole cents; it goes with the other one, else 10307",
        Refused(10306, True),
        STOCKS,
    ),
    _by_type(
        "midOffsetAtHalf", "is the distance from a middle that is between two cents", Refused(10306, True), STOCKS
    ),
    FieldRule(
        "discretionaryAmt",
        Refused(325, True),
        "lets the order take what is offered so much beyond its limit, while others see it at the limit",
        STOCKS | OPTIONS,
        by_type=STOCKS | OPTIONS,
        words=("DIS",),
    ),
    _refused("discretionaryUpToLimitPrice", Refused(325)),
    _refused("randomizePrice"),
    _refused("randomizeSize"),
    _refused("auctionStrategy"),
    _refused("imbalanceOnly", Refused(10342, True)),
)

_VOLATILITY = (
    _by_type("volatility", "is the volatility that gives the limit, in percent", Refused(371, True), OPTIONS),
    _by_type(
        "volatilityType", "1 is daily, 2 annual, as by default; any other value: 367", Refused(367, True), OPTIONS
    ),
    _by_type("continuousUpdate", "lets the limit go along with the underlying", Refused(372, True), OPTIONS),
    _by_type(
        "referencePriceType",
        "chooses the price of the underlying: 1 is the middle of bid and ask, as by default; 2 the bid for those who "
        "buy a call or sell a put, and the ask for others; any other value: 368",
        Refused(368, True),
        OPTIONS,
    ),
    _by_type(
        "deltaNeutralOrderType",
        "hedges each execution, by an order of this type for the underlying, MKT or LMT, of as many shares as the "
        "delta says; REL: 387, any other value: 380; on anything but a stock: 10010",
        Refused(10010),
        OPTIONS,
    ),
    _by_type("deltaNeutralAuxPrice", "is the limit of a hedge that is LMT", Refused(379), OPTIONS),
    _by_type(
        "deltaNeutralConId", "is the instrument of the hedge: the underlying; any other: 10010", Refused(10010), OPTIONS
    ),
    _refused("deltaNeutralSettlingFirm", _NOT_INSTITUTIONAL),
    _refused("deltaNeutralClearingAccount", _NOT_INSTITUTIONAL),
    _refused("deltaNeutralClearingIntent", _NOT_INSTITUTIONAL),
    _refused("deltaNeutralOpenClose", Refused(10010)),
    _refused("deltaNeutralShortSale", Refused(10010)),
    _refused("deltaNeutralShortSaleSlot", Refused(393)),
    _refused("deltaNeutralDesignatedLocation", Refused(10010)),
    _harmless("dontUseAutoPriceForHedge", "hedges here are priced as their order type says"),
)

_SCALE = (
    _by_type("scaleInitLevelSize", "is the size of the first component"),
    _by_type("scaleSubsLevelSize", "is the size of the others, that of the first if it is not given"),
    FieldRule(
        "scalePriceIncrement",
        NOT_SUPPORTED,
        "makes the order a scale order: each component is so much better than the one before",
        ALL,
        by_type=ALL,
        words=("SCALE",),
    ),
    _refused("scalePriceAdjustValue"),
    _refused("scalePriceAdjustInterval"),
    FieldRule(
        "scaleProfitOffset",
        NOT_SUPPORTED,
        "has each component that is filled followed by an order that takes so much profit; for options that would be "
        "one on the other side of the market",
        ALL - OPTIONS,
        by_type=ALL - OPTIONS,
    ),
    FieldRule(
        "scaleAutoReset",
        NOT_SUPPORTED,
        "gives what has taken its profit back to its component",
        ALL - OPTIONS,
        by_type=ALL - OPTIONS,
    ),
    _refused("scaleInitPosition"),
    _refused("scaleInitFillQty"),
    _refused("scaleRandomPercent"),
    _refused("scaleTable"),
)

_HEDGES = (
    FieldRule(
        "hedgeType",
        NOT_SUPPORTED,
        "makes the order a hedge of its parent, of which the fills give its size: D by delta, B by beta, F by the "
        "amount of money, P by a ratio",
        ALL,
        values=hedges.KINDS,
        invalid=Refused(10007, True),
    ),
    _served("hedgeParam", "is the beta (`1.5` or `beta=1.5`) or the ratio (`2` or `ratio=2`) of the hedge"),
    _served("hedgeMaxSize", "is the most that the hedge may come to"),
)

_ALGOS = (
    _stocks("algoStrategy", "names the algo that releases the quantity over time: see [algos](algos.md)"),
    _stocks("algoParams", "are the parameters of the algo"),
    _stocks("algoParams[].tag", "is the name of a parameter"),
    _stocks("algoParams[].value", "is its value"),
    _refused("algoId"),
)

_COMBINATIONS = (
    _refused("smartComboRoutingParams", Refused(320, parts={"detail": ":Invalid combo routing tag. {field}"})),
    _refused("smartComboRoutingParams[].tag"),
    _refused("smartComboRoutingParams[].value"),
    _refused(
        "orderComboLegs",
        Refused(320, True, {"detail": ":Mismatch per-leg price number with combo leg specification."}),
    ),
    _refused("orderComboLegs[].price"),
    _refused("basisPoints"),
    _refused("basisPointsType"),
)

_ROUTING = (
    _refused("optOutSmartRouting"),
    _refused("postToAts"),
    _refused("routeMarketableToBbo"),
    _refused("notHeld", Refused(10297, True)),
    _refused("eTradeOnly", Refused(10268, True)),
    _refused("firmQuoteOnly", Refused(10269, True)),
    _refused("nbboPriceCap", Refused(10270, True)),
)

_CUSTOMERS = (
    _refused("faGroup", _NOT_AN_ADVISOR),
    _refused("faProfile", Refused(585)),
    _refused("faMethod", _NOT_AN_ADVISOR),
    _refused("faPercentage", _NOT_AN_ADVISOR),
    FieldRule(
        "openClose",
        _NOT_INSTITUTIONAL,
        "O, which clients send by default; only institutions may ask for C",
        ALL,
        values=frozenset("O"),
        invalid=_NOT_INSTITUTIONAL,
    ),
    _refused("origin", Refused(311)),
    _refused("settlingFirm", _NOT_INSTITUTIONAL),
    _refused("clearingAccount", _NOT_INSTITUTIONAL),
    _refused("clearingIntent", _NOT_INSTITUTIONAL),
    _refused("shortSaleSlot", _NOT_SHORT),
    _refused("designatedLocation", _NOT_SHORT),
    _refused("exemptCode", _NOT_SHORT),
    _refused(
        "customerAccount",
        Refused(
            145,
            True,
            {"detail": "Account config doesn't allow to specify customer account value: {value} for account {account}"},
        ),
    ),
    _refused(
        "professionalCustomer",
        Refused(
            145,
            True,
            {"detail": "Account config doesn't allow to assign '{value}' value for ProfessionalCustomer"},
        ),
    ),
    _refused("softDollarTier"),
    _refused("softDollarTier.name"),
    _refused("softDollarTier.val"),
    _refused("softDollarTier.displayName"),
    _refused("bondAccruedInterest"),
)

_MARKS = tuple(
    FieldRule(name, _MARK)
    for name in (
        "rule80A",
        "solicited",
        "extOperator",
        "manualOrderTime",
        "manualOrderIndicator",
        "mifid2DecisionMaker",
        "mifid2DecisionAlgo",
        "mifid2ExecutionTrader",
        "mifid2ExecutionAlgo",
    )
)

PARTS: dict[str, tuple[FieldRule, ...]] = {
    "Who and what for": _IDENTITY,
    "Terms": _TERMS,
    "Groups of orders": _GROUPS,
    "What if": _WHAT_IF,
    "Triggers, trailing and adjusted stops": _TRIGGERS,
    "Conditions": _CONDITIONS,
    "Pegged, relative and discretionary orders, auctions": _PEGGED,
    "Volatility orders": _VOLATILITY,
    "Scale orders": _SCALE,
    "Hedges": _HEDGES,
    "Algos": _ALGOS,
    "Combinations": _COMBINATIONS,
    "Routing": _ROUTING,
    "Advisors, institutions and other customers": _CUSTOMERS,
    "Marks": _MARKS,
}
"""The table, as the page of the documentation shows it."""

RULES: dict[str, FieldRule] = {rule.name: rule for rules in PARTS.values() for rule in rules}
"""Field -> what the gateway does with it. Fields inside others have paths, such as `conditions[].price`."""
