"""Our nouns beside ib_async's: names, order of fields, defaults, constructors, reprs, equality, hashes.

Every class of ib_async's three modules of nouns is compared; `APPENDED` and the tests named `test_differs_...` are
all that differs.
"""

import dataclasses
import inspect
import itertools
from types import ModuleType
from typing import Any

import pytest
from oracles import ib_async

from ibdesk.model import (
    accounts,
    bars,
    components,
    conditions,
    contract,
    contract_details,
    executions,
    order,
    quotes,
    reference,
)

OURS: dict[str, Any] = {
    name: value
    for module in (
        accounts,
        bars,
        components,
        conditions,
        contract,
        contract_details,
        executions,
        order,
        quotes,
        reference,
    )
    for name, value in vars(module).items()
    if isinstance(value, type) and value.__module__ == module.__name__ and not name.startswith("_")
}

ELSEWHERE = {"Trade", "BarDataList", "RealTimeBarList", "ScanDataList"}
"""They carry events, and so belong to the client."""

APPENDED = {
    "Contract": "lastTradeDate",
    "ContractDetails": (
        "minAlgoSize lastPricePrecision lastSizePrecision fundName fundFamily fundType fundFrontLoad fundBackLoad"
        " fundBackLoadTimeInterval fundManagementFee fundClosed fundClosedForNewInvestors fundClosedForNewMoney"
        " fundNotifyAmount fundMinimumInitialPurchase fundSubsequentMinimumPurchase fundBlueSkyStates"
        " fundBlueSkyTerritories fundDistributionPolicyIndicator fundAssetType ineligibilityReasonList eventContract1"
        " eventContractDescription1 eventContractDescription2"
    ),
    "NewsTick": "contract",
    "Execution": "submitter optExerciseOrLapseType",
    "ExecutionFilter": "lastNDays specificDates",
    "Order": (
        "hedgeMaxSize customerAccount professionalCustomer bondAccruedInterest includeOvernight manualOrderIndicator"
        " submitter postOnly allowPreOpen ignoreOpenAuction deactivate seekPriceImprovement whatIfType slOrderId"
        " slOrderType ptOrderId ptOrderType"
    ),
    "OrderState": (
        "marginCurrency initMarginBeforeOutsideRTH maintMarginBeforeOutsideRTH equityWithLoanBeforeOutsideRTH"
        " initMarginChangeOutsideRTH maintMarginChangeOutsideRTH equityWithLoanChangeOutsideRTH"
        " initMarginAfterOutsideRTH maintMarginAfterOutsideRTH equityWithLoanAfterOutsideRTH suggestedSize"
        " rejectReason orderAllocations"
    ),
}
"""Fields of newer servers, which ib_async 2.1.0 does not know, and the contract of a headline, which it drops."""
APPENDED["OrderStateNumeric"] = APPENDED["OrderState"]

# Ours takes the two fields that all conditions have; it is not meant to be made.
OTHER_FIELDS = {"OrderCondition"}
# Ours takes prices too, as ib.bracketOrder does.
OTHER_SIGNATURE = {"BracketOrder", *OTHER_FIELDS}

_MADE_WITH = {"LimitOrder": 3, "MarketOrder": 2, "StopOrder": 3, "StopLimitOrder": 4}
"""How many arguments the classes need that are not dataclasses of their own."""


def _nouns_of(module: ModuleType) -> list[type]:
    return [
        value
        for name, value in vars(module).items()
        if isinstance(value, type) and value.__module__ == module.__name__ and name not in ELSEWHERE
    ]


def _theirs() -> dict[str, Any]:
    package = ib_async()
    nouns = itertools.chain(*map(_nouns_of, (package.contract, package.order, package.objects)))
    return {noun.__name__: noun for noun in nouns}


THEIRS = _theirs()
DATACLASSES = sorted(name for name, noun in THEIRS.items() if "__dataclass_params__" in vars(noun))
TUPLES = sorted(name for name, noun in THEIRS.items() if issubclass(noun, tuple))
KINDS = sorted(name for name, noun in THEIRS.items() if dataclasses.is_dataclass(noun) and name not in DATACLASSES)


def both(name: str) -> tuple[Any, Any]:
    return OURS[name], THEIRS[name]


def default(field: "dataclasses.Field[Any]") -> Any:
    return repr(field.default if field.default_factory is dataclasses.MISSING else field.default_factory())


def sample(noun: Any) -> Any:
    """An instance with a different value in each field that ib_async knows."""
    theirs = THEIRS[noun.__name__]
    names = [field.name for field in dataclasses.fields(theirs)]
    return noun(**{name: f"value {place}" for place, name in enumerate(names) if name != "condType"})


def smallest(noun: Any) -> Any:
    """An instance with values only where the class has no defaults."""
    needed = [f for f in dataclasses.fields(noun) if default(f) == repr(dataclasses.MISSING)]
    return noun(*range(_MADE_WITH.get(noun.__name__, len(needed))))


def test_every_noun_is_here():
    assert len(THEIRS) > 70
    assert THEIRS.keys() - OURS.keys() == set()


@pytest.mark.parametrize("name", sorted(set(DATACLASSES) - OTHER_FIELDS))
def test_fields_and_defaults(name: str):
    ours, theirs = ({field.name: default(field) for field in dataclasses.fields(noun)} for noun in both(name))
    appended = APPENDED.get(name, "").split()
    assert list(ours) == [*theirs, *appended]
    assert {field: ours[field] for field in theirs} == theirs


@pytest.mark.parametrize("name", DATACLASSES)
def test_frozen_slotted_hashable(name: str):
    ours, theirs = both(name)
    assert ours.__dataclass_params__.frozen == theirs.__dataclass_params__.frozen
    assert ("__slots__" in vars(ours)) == ("__slots__" in vars(theirs))
    assert (ours.__hash__ is None) == (theirs.__hash__ is None)


@pytest.mark.parametrize("name", TUPLES)
def test_named_tuples(name: str):
    ours, theirs = both(name)
    assert ours._fields == theirs._fields
    assert ours._field_defaults == theirs._field_defaults
    values = range(len(ours._fields))
    if name not in OTHER_SIGNATURE:
        assert repr(ours(*values)) == repr(theirs(*values))
        assert list(inspect.signature(ours).parameters) == list(inspect.signature(theirs).parameters)


@pytest.mark.parametrize("name", sorted({*DATACLASSES, *KINDS} - OTHER_SIGNATURE))
def test_constructors(name: str):
    # Of `__init__`: what `help` shows spells out the fields that are behind `**kwargs`.
    ours, theirs = (
        [(p.name, p.kind, repr(p.default)) for p in inspect.signature(noun.__init__).parameters.values()]
        for noun in both(name)
    )
    assert ours[: len(theirs)] == theirs
    assert [parameter[0] for parameter in ours[len(theirs) :]] == APPENDED.get(name, "").split()


@pytest.mark.parametrize("name", sorted({*DATACLASSES, *KINDS} - OTHER_FIELDS))
def test_repr_of_defaults(name: str):
    ours, theirs = map(repr, map(smallest, both(name)))
    if name in APPENDED and name not in ("Contract", "Order"):
        theirs = theirs.removesuffix(")")
        assert ours.startswith(f"{theirs}, {APPENDED[name].split()[0]}=")
    else:
        assert ours == theirs


@pytest.mark.parametrize("name", sorted(set(DATACLASSES) - OTHER_FIELDS))
def test_repr_of_values(name: str):
    ours, theirs = (repr(sample(noun)) for noun in both(name))
    assert ours.startswith(theirs.removesuffix(")"))


@pytest.mark.parametrize("name", sorted(THEIRS))
def test_public_attributes(name: str):
    """Also the methods that ib_async hangs onto its dataclasses: dict, tuple, update, nonDefaults."""
    ours, theirs = ({attribute for attribute in dir(noun) if not attribute.startswith("_")} for noun in both(name))
    assert theirs - ours == set()


# ib_async forgot to give EfpData these methods.
@pytest.mark.parametrize("name", sorted(set(DATACLASSES) - OTHER_FIELDS - {"EfpData"}))
def test_dict_tuple_non_defaults(name: str):
    ours, theirs = map(sample, both(name))
    known = len(dataclasses.fields(theirs))
    assert dict(itertools.islice(ours.dict().items(), known)) == theirs.dict()
    assert ours.tuple()[:known] == theirs.tuple()
    assert ours.nonDefaults() == theirs.nonDefaults()


@pytest.mark.parametrize("name", ["DoneStates", "ActiveStates", "WaitingStates", "WorkingStates"])
def test_order_states(name: str):
    assert getattr(OURS["OrderStatus"], name) == getattr(THEIRS["OrderStatus"], name)


CONTRACTS = [
    ("Stock", ("AAPL", "SMART", "USD"), {}),
    ("Stock", ("AAPL",), {"conId": 265598}),
    ("Option", ("SPY", "20170721", 240, "C", "SMART"), {}),
    ("Option", ("SPY", "20170721", 240.0, "C", "SMART", "100", "USD"), {"conId": 265598}),
    ("Future", ("ES", "20180921", "GLOBEX"), {}),
    ("Future", ("ES",), {"conId": 495512563}),
    ("Contract", ("FUT", 495512563), {}),
    ("ContFuture", ("ES", "CME"), {}),
    ("Forex", ("EURUSD",), {}),
    ("Forex", (), {"symbol": "EUR", "currency": "USD"}),
    ("Forex", (), {"symbol": "EUR"}),
    ("Forex", ("EURUSD",), {"conId": 12087792, "localSymbol": "EUR.USD", "tradingClass": "EUR.USD"}),
    ("CFD", ("IBUS30",), {}),
    ("Bond", (), {"secIdType": "ISIN", "secId": "US03076KAA60"}),
    ("Crypto", ("BTC", "PAXOS", "USD"), {}),
    ("Contract", (), {"conId": 265598}),
    ("Contract", (), {"symbol": "AAPL", "secType": "STK", "exchange": "SMART", "currency": "USD"}),
    ("Contract", ("STK", 0, "AAPL"), {}),
    ("Warrant", (), {"symbol": "X"}),
    ("MutualFund", (), {"symbol": "VINIX"}),
    ("FuturesOption", ("ES", "202609", 6000.0, "P", "CME"), {}),
    ("Index", ("SPX", "CBOE"), {}),
    ("Commodity", ("XAUUSD",), {}),
]


def made(index: int, nouns: dict[str, Any]) -> Any:
    name, args, kwargs = CONTRACTS[index]
    return nouns[name](*args, **kwargs)


@pytest.mark.parametrize("index", range(len(CONTRACTS)))
def test_contract(index: int):
    ours, theirs = made(index, OURS), made(index, THEIRS)
    assert repr(ours) == str(ours) == repr(theirs)
    assert ours.isHashable() == theirs.isHashable()
    if theirs.isHashable():
        assert hash(ours) == hash(theirs)
    else:
        for one in (ours, theirs):
            with pytest.raises(ValueError, match="conId"):
                hash(one)
    again, theirs_again = OURS["Contract"].recreate(ours), THEIRS["Contract"].recreate(theirs)
    assert type(again).__name__ == type(theirs_again).__name__
    assert repr(again) == repr(theirs_again)
    assert again == ours
    assert OURS["Contract"].create(**ours.dict()) == ours


@pytest.mark.parametrize("one", range(len(CONTRACTS)))
def test_contract_equality(one: int):
    for other in range(len(CONTRACTS)):
        ours = made(one, OURS) == made(other, OURS)
        assert ours is bool(made(one, THEIRS) == made(other, THEIRS)), CONTRACTS[other]


def test_differs_combinations_are_equal_by_their_legs():
    """All combinations have the conId 28812380, so ib_async takes any two for one."""

    def bags(nouns: dict[str, Any]) -> list[Any]:
        return [nouns["Bag"](conId=28812380, comboLegs=[nouns["ComboLeg"](conId=leg)]) for leg in (1, 2)]

    one, other = bags(THEIRS)
    assert one == other
    one, other = bags(OURS)
    assert one != other


def test_differs_a_continuous_future_is_not_its_front_month():
    """ib_async gives the two different hashes and takes them for equal."""
    for nouns, equal in ((THEIRS, True), (OURS, False)):
        assert (nouns["ContFuture"](conId=5) == nouns["Future"](conId=5)) is equal
        assert hash(nouns["ContFuture"](conId=5)) == -5


def test_differs_a_structured_product_stays_one():
    """ib_async's makes a warrant of it."""
    for nouns, secType in ((THEIRS, "WAR"), (OURS, "IOPT")):
        contract = nouns["Contract"].recreate(nouns["Contract"](secType="IOPT", conId=7))
        assert type(contract) is nouns["Warrant"]
        assert contract.secType == secType


def test_differs_a_wrong_pair_is_a_value_error():
    with pytest.raises(AssertionError):
        THEIRS["Forex"]("EUR")
    with pytest.raises(ValueError, match="'EUR'"):
        OURS["Forex"]("EUR")


def test_differs_repr_shows_an_order_type_that_is_not_the_kinds_own():
    for nouns, shown in ((THEIRS, False), (OURS, True)):
        order = nouns["LimitOrder"]("BUY", 1, 2)
        assert "orderType" not in repr(order)
        order.orderType = "TRAIL"
        assert ("orderType='TRAIL'" in repr(order)) is shown


def test_differs_an_empty_tier_is_a_default():
    assert "softDollarTier" in THEIRS["Order"]().nonDefaults()
    assert OURS["Order"]().nonDefaults() == {}


def test_differs_numeric_gives_the_class_that_it_says():
    assert type(THEIRS["OrderState"]().numeric()).__name__ == "OrderState"
    assert type(OURS["OrderState"]().numeric()).__name__ == "OrderStateNumeric"


def test_differs_the_type_of_a_condition_is_that_of_its_class():
    assert THEIRS["VolumeCondition"](condType=4).condType == 4
    assert OURS["VolumeCondition"](condType=4).condType == 6


def test_numeric_and_formatted():
    values = {"initMarginChange": "1234.567", "maintMarginAfter": "x", "commission": 0.0, "minCommission": 2.345}
    ours, theirs = (noun(**values) for noun in both("OrderState"))
    for digits in (0, 2, 4):
        for method in ("numeric", "formatted"):
            result, expected = (getattr(state, method)(digits).dict() for state in (ours, theirs))
            assert {name: result[name] for name in expected} == expected


def test_option_computations():
    for operation in (lambda a, b: a + b, lambda a, b: a - b, lambda a, b: a * 2 + b * -0.5):
        results = []
        for noun in both("OptionComputation"):
            one = noun(1, 0.2, 0.5, 3.0, 0.1, 0.01, None, -0.3, 100.0)
            other = noun(0, 0.3, -0.5, 4.0, None, 0.02, 0.4, None, 101.0)
            results.append(repr(operation(one, other)))
        assert results[0] == results[1]


def test_sessions():
    values = {
        "timeZoneId": "US/Eastern",
        "tradingHours": "20240721:CLOSED;20240722:0400-20240722:2000;20240723:0400-20240723:2000",
        "liquidHours": "20240721:CLOSED;20240722:0930-20240722:1600",
    }
    ours, theirs = (noun(**values) for noun in both("ContractDetails"))
    assert repr(ours.tradingSessions()) == repr(theirs.tradingSessions())
    assert repr(ours.liquidSessions()) == repr(theirs.liquidSessions())
    assert len(ours.tradingSessions()) == 2


def test_and_or():
    for nouns in (OURS, THEIRS):
        condition = nouns["PriceCondition"]()
        assert condition.Or() is condition
        assert condition.conjunction == "o"
        assert condition.And().conjunction == "a"
        assert nouns["OrderCondition"].createClass(3) is nouns["TimeCondition"]


def test_differs_a_real_time_bar_has_the_names_of_a_bar():
    bar = bars.RealTimeBar(open_=1.0, wap=1.5, count=3)
    assert (bar.date, bar.open, bar.average, bar.barCount) == (bar.time, 1.0, 1.5, 3)
    assert not hasattr(ib_async().RealTimeBar, "date")
