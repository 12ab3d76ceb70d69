"""Values that every oracle can take: one Hypothesis strategy a scalar, a noun; knows no message and no bytes.

Values are what the wire can hold in both encodings: printable ASCII, ints of 32 bits, prices of few digits, and the
"unset" values where a field has one. What decides a branch of a layout (a security type, an order type ...) is drawn
from the values that matter, so that every branch is taken often.
"""

from collections.abc import Mapping
from typing import Any, get_args, get_origin

from hypothesis import strategies as st

from ibdesk.model.bars import BarData
from ibdesk.model.components import SoftDollarTier
from ibdesk.model.conditions import (
    ExecutionCondition,
    MarginCondition,
    PercentChangeCondition,
    PriceCondition,
    TimeCondition,
    VolumeCondition,
)
from ibdesk.model.contract import ComboLeg, Contract, DeltaNeutralContract, TagValue
from ibdesk.model.contract_details import ContractDetails, IneligibilityReason
from ibdesk.model.executions import CommissionReport, Execution, ExecutionFilter
from ibdesk.model.order import Order, OrderAllocation, OrderCancel, OrderComboLeg, OrderState
from ibdesk.model.unset import UNSET_DOUBLE, UNSET_INTEGER
from ibdesk.wire.layout import fields_of, part_class

Strategy = st.SearchStrategy[Any]

TEXTS = st.sampled_from(
    ["", "A", "AAPL", "x y", "0", "-1", "1.5", "2147483647", "a=b", "k:1,2|3", "Infinity", "~'\"<&"]
)
WORDS = st.text("ABCxyz019._-", min_size=1, max_size=5)
INTS = st.sampled_from([0, 1, 2, 7, -1, 100, 2**31 - 2, -(2**31)])
LONGS = INTS | st.sampled_from([2**31, 2**62, -(2**62), 1_775_425_766_350])
FLOATS = st.sampled_from([0.0, 1.0, 0.01, 1.5, -2.25, 100.0, 1e-05, 123456.789, 150.125, -0.5, 1e16, 3.0])
SIZES = st.sampled_from([0.0, 1.0, 100.0, 0.5, 1234567.0, 0.0001, 1e-08, -3.0, 2.25])
BOOLS = st.booleans()

OPTIONAL_INTS = st.just(UNSET_INTEGER) | INTS
OPTIONAL_FLOATS = st.just(UNSET_DOUBLE) | FLOATS
OPTIONAL_SIZES = st.just(UNSET_DOUBLE) | SIZES

NUMBERS_AS_TEXT = st.sampled_from(["", "1", "100", "0.01", "1.5", "1234567.25", "-12.5"])
DATES = st.sampled_from(["", "20250620", "202506"])
TIMES = st.sampled_from(["20250620 08:30:00 US/Eastern", "20250620-13:30:00", "08:30"])
CODES = st.sampled_from(["", "N", "Y"])
TAG_VALUES = st.lists(st.builds(TagValue, WORDS, WORDS), max_size=3, unique_by=lambda pair: pair.tag)


def noun(cls: type, **special: Strategy) -> Strategy:
    """Instances of a dataclass: each field by its annotation and default, or as `special` says."""
    return st.builds(cls, **strategies(cls, special))


def strategies(cls: type, special: Mapping[str, Strategy]) -> dict[str, Strategy]:
    """Field -> its values: by its annotation and default, or as `special` says."""
    return {
        name: special[name] if name in special else _by_type(hint, field.default)
        for name, (field, hint) in fields_of(cls).items()
    }


def _by_type(hint: Any, default: Any) -> Strategy:
    plain = get_args(hint)[0] if get_origin(hint) not in (None, list) else hint
    if plain is bool:
        return BOOLS
    if plain is int:
        return OPTIONAL_INTS if default == UNSET_INTEGER else INTS
    if plain is float:
        return OPTIONAL_FLOATS if default == UNSET_DOUBLE else FLOATS
    if plain is str:
        return TEXTS
    part = part_class(hint)
    if part in NOUNS:
        return NOUNS[part]
    raise TypeError(f"no strategy for {hint!r}")


def few(elements: Strategy) -> Strategy:
    """None, one or two; of its own accord Hypothesis would mostly give none."""
    return st.just([]) | st.lists(elements, min_size=1, max_size=2)


CONDITIONS = (
    noun(PriceCondition, condType=st.just(1), conjunction=st.sampled_from("ao")),
    noun(TimeCondition, condType=st.just(3), conjunction=st.sampled_from("ao"), time=TIMES),
    noun(MarginCondition, condType=st.just(4), conjunction=st.sampled_from("ao")),
    noun(ExecutionCondition, condType=st.just(5), conjunction=st.sampled_from("ao")),
    noun(VolumeCondition, condType=st.just(6), conjunction=st.sampled_from("ao")),
    noun(PercentChangeCondition, condType=st.just(7), conjunction=st.sampled_from("ao")),
)
"""Of each class of conditions."""

NOUNS: dict[Any, Strategy] = {}
"""Noun -> its instances; filled in the order in which they hold each other."""

NOUNS[ComboLeg] = noun(ComboLeg)
NOUNS[OrderComboLeg] = noun(OrderComboLeg)
NOUNS[DeltaNeutralContract] = noun(DeltaNeutralContract)
NOUNS[SoftDollarTier] = noun(SoftDollarTier)
NOUNS[IneligibilityReason] = noun(IneligibilityReason, id_=WORDS, description=WORDS)
NOUNS[OrderCancel] = noun(OrderCancel, manualOrderCancelTime=DATES)
NOUNS[ExecutionFilter] = noun(ExecutionFilter, specificDates=few(st.sampled_from([20250620, 20250621])))
NOUNS[Execution] = noun(
    Execution,
    time=st.sampled_from(["20250620 08:30:00 US/Eastern", "20250620 13:30:00 UTC"]),
    shares=SIZES,
    cumQty=SIZES,
    permId=LONGS,
    liquidation=st.sampled_from([0, 1]),  # a bool to the newest clients
    optExerciseOrLapseType=st.sampled_from([-1, 1, 2]),
)
NOUNS[CommissionReport] = noun(
    CommissionReport,
    commission=OPTIONAL_FLOATS,
    realizedPNL=OPTIONAL_FLOATS,
    yield_=OPTIONAL_FLOATS,
    yieldRedemptionDate=st.sampled_from([0, 20301215]),
)
NOUNS[BarData] = noun(BarData, date=TIMES, volume=SIZES, average=SIZES)
NOUNS[Contract] = noun(
    Contract,
    secType=st.sampled_from(["STK", "BAG", "OPT", "FUND", "BAG", ""]),
    exchange=st.sampled_from(["SMART", "IBKRATS", "CME", ""]),
    lastTradeDateOrContractMonth=DATES,
    multiplier=NUMBERS_AS_TEXT,
    comboLegs=few(NOUNS[ComboLeg]),
    deltaNeutralContract=st.none() | NOUNS[DeltaNeutralContract],
)
NOUNS[ContractDetails] = noun(
    ContractDetails,
    contract=NOUNS[Contract],
    secIdList=TAG_VALUES,
    lastTradeTime=st.just(""),  # see below
    fundDistributionPolicyIndicator=CODES,
    fundAssetType=st.sampled_from(["", "001", "004"]),
    ineligibilityReasonList=few(NOUNS[IneligibilityReason]),
    minSize=SIZES,
    sizeIncrement=SIZES,
    suggestedSizeIncrement=SIZES,
    minAlgoSize=OPTIONAL_SIZES,
    lastPricePrecision=OPTIONAL_SIZES,
    lastSizePrecision=OPTIONAL_SIZES,
)
NOUNS[Order] = noun(
    Order,
    totalQuantity=SIZES,
    filledQuantity=OPTIONAL_SIZES,
    permId=LONGS,
    parentPermId=LONGS,
    orderType=st.sampled_from(
        ["LMT", "MKT", "VOL", "PEG BENCH", "PEGBENCH", "PEG BEST", "PEGBEST", "PEG MID", "PEGMID", ""]
    ),
    deltaNeutralOrderType=st.sampled_from(["", "MKT"]),
    hedgeType=st.sampled_from(["", "D", "B"]),
    algoStrategy=st.sampled_from(["", "Vwap"]),
    scalePriceIncrement=st.sampled_from([UNSET_DOUBLE, 0.0, -1.0, 0.1, 2.0]),
    competeAgainstBestOffset=st.sampled_from([UNSET_DOUBLE, float("inf"), 0.02]),
    # Explicit no and yes only: what None means differs by client (see the exceptions).
    usePriceMgmtAlgo=BOOLS,
    seekPriceImprovement=st.none() | BOOLS,
    conditions=st.just([]) | st.lists(st.one_of(CONDITIONS), max_size=2) | st.tuples(*CONDITIONS).map(list),
    orderComboLegs=few(NOUNS[OrderComboLeg]),
    algoParams=TAG_VALUES,
    smartComboRoutingParams=TAG_VALUES,
    orderMiscOptions=TAG_VALUES,
)
NOUNS[OrderAllocation] = noun(
    OrderAllocation,
    **{
        name: OPTIONAL_SIZES
        for name in ("position", "positionDesired", "positionAfter", "desiredAllocQty", "allowedAllocQty")
    },
)
NOUNS[OrderState] = noun(
    OrderState,
    **{
        f"{amount}{when}": NUMBERS_AS_TEXT
        for amount in ("initMargin", "maintMargin", "equityWithLoan")
        for when in ("Before", "Change", "After")
    },
    suggestedSize=OPTIONAL_SIZES,
    orderAllocations=few(NOUNS[OrderAllocation]),
)


def _with_time(details: ContractDetails, time: str) -> ContractDetails:
    """A last trade has a time only where it has a day."""
    details.lastTradeTime = time if details.contract.lastTradeDateOrContractMonth else ""
    return details


NOUNS[ContractDetails] = st.builds(_with_time, NOUNS[ContractDetails], st.sampled_from(["", "08:30:00", "16:00"]))
