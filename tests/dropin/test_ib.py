"""`IB` has ib_async's names, parameters and defaults, as far as this version goes."""

import inspect

import pytest
from oracles import ib_async

import ibdesk

METHODS = [
    "connect",
    "connectAsync",
    "disconnect",
    "isConnected",
    "run",
    "sleep",
    "schedule",
    "timeRange",
    "timeRangeAsync",
    "waitUntil",
    "waitOnUpdate",
    "loopUntil",
    "setTimeout",
    "managedAccounts",
    "accountValues",
    "accountSummary",
    "accountSummaryAsync",
    "portfolio",
    "positions",
    "trades",
    "openTrades",
    "orders",
    "openOrders",
    "fills",
    "executions",
    "ticker",
    "tickers",
    "pendingTickers",
    "realtimeBars",
    "reqTickers",
    "reqTickersAsync",
    "qualifyContracts",
    "qualifyContractsAsync",
    "bracketOrder",
    "oneCancelsAll",
    "whatIfOrder",
    "whatIfOrderAsync",
    "placeOrder",
    "cancelOrder",
    "reqGlobalCancel",
    "reqCurrentTime",
    "reqCurrentTimeAsync",
    "reqAccountUpdates",
    "reqAccountUpdatesAsync",
    "reqAccountUpdatesMulti",
    "reqAccountUpdatesMultiAsync",
    "reqAccountSummary",
    "reqAccountSummaryAsync",
    "reqAutoOpenOrders",
    "reqOpenOrders",
    "reqOpenOrdersAsync",
    "reqAllOpenOrders",
    "reqAllOpenOrdersAsync",
    "reqCompletedOrders",
    "reqCompletedOrdersAsync",
    "reqExecutions",
    "reqExecutionsAsync",
    "reqPositions",
    "reqPositionsAsync",
    "reqContractDetails",
    "reqContractDetailsAsync",
    "reqHistoricalData",
    "reqHistoricalDataAsync",
    "cancelHistoricalData",
    "reqMarketDataType",
    "reqMktData",
    "cancelMktData",
    "reqRealTimeBars",
    "cancelRealTimeBars",
    "reqTickByTickData",
    "cancelTickByTickData",
    "reqMktDepth",
    "cancelMktDepth",
    "reqMktDepthExchanges",
    "reqMktDepthExchangesAsync",
    "reqSmartComponents",
    "reqSmartComponentsAsync",
    "reqMarketRule",
    "reqMarketRuleAsync",
    "reqHeadTimeStamp",
    "reqHeadTimeStampAsync",
    "reqHistogramData",
    "reqHistogramDataAsync",
    "reqHistoricalTicks",
    "reqHistoricalTicksAsync",
    "reqHistoricalSchedule",
    "reqHistoricalScheduleAsync",
    "calculateImpliedVolatility",
    "calculateImpliedVolatilityAsync",
    "calculateOptionPrice",
    "calculateOptionPriceAsync",
    "reqSecDefOptParams",
    "reqSecDefOptParamsAsync",
    "exerciseOptions",
]

_OPTIONS = "None instead of a list that all calls share"
_DEFAULT = "may be left out, as in the reference"
_TICKS = dict.fromkeys(("numberOfTicks", "whatToShow", "useRth"), _DEFAULT) | {"miscOptions": _OPTIONS}
_HEAD = dict.fromkeys(("whatToShow", "useRTH", "formatDate"), _DEFAULT)

# Name -> parameter -> why it differs.
DIFFERENCES = {
    "reqRealTimeBars": dict.fromkeys(("barSize", "whatToShow", "useRTH"), _DEFAULT) | {"realTimeBarsOptions": _OPTIONS},
    "reqHeadTimeStamp": _HEAD,
    "reqHeadTimeStampAsync": _HEAD,
    "reqHistoricalTicks": _TICKS,
    "reqHistoricalTicksAsync": _TICKS,
    "reqHistoricalSchedule": {"numDays": _DEFAULT},
    "reqHistoricalScheduleAsync": {"numDays": _DEFAULT},
    "calculateImpliedVolatility": {"implVolOptions": _OPTIONS},
    "calculateImpliedVolatilityAsync": {"implVolOptions": _OPTIONS},
    "calculateOptionPrice": {"optPrcOptions": _OPTIONS},
    "calculateOptionPriceAsync": {"optPrcOptions": _OPTIONS},
    "exerciseOptions": dict.fromkeys(
        ("manualOrderTime", "customerAccount", "professionalCustomer"), "what newer servers know"
    ),
    "reqMktData": {"mktDataOptions": "None instead of a list that all calls share"},
    "reqHistoricalData": {"chartOptions": "None instead of a list that all calls share"},
    "reqHistoricalDataAsync": {"chartOptions": "None instead of a list that all calls share"},
    "qualifyContracts": {"returnAll": "the blocking twin has all parameters of the Async form"},
    "reqAccountUpdatesAsync": {"account": "may be left out, as in the blocking form"},
    "reqAccountUpdatesMultiAsync": {"account": "may be left out, as in the blocking form"},
    "connect": {"timeout": "may be None, as in the Async form; same default"},
}


def parameters(method: object) -> dict[str, tuple[inspect._ParameterKind, object]]:
    assert callable(method)
    found = inspect.signature(method).parameters.values()
    return {one.name: (one.kind, one.default) for one in found if one.name != "self"}


@pytest.mark.parametrize("name", METHODS)
def test_parameters_and_defaults(name: str) -> None:
    theirs, ours = (parameters(getattr(lib.IB, name)) for lib in (ib_async(), ibdesk))
    ignored = DIFFERENCES.get(name, {})
    assert [one for one in ours if one not in ignored] == [one for one in theirs if one not in ignored]
    for parameter, (kind, default) in theirs.items():
        if parameter in ignored:
            continue
        assert ours[parameter][0] == kind
        assert str(ours[parameter][1]) == str(default), parameter


def test_events_are_the_same() -> None:
    assert ibdesk.IB.events == ib_async().IB.events
    ib = ibdesk.IB()
    for name in ibdesk.IB.events:
        assert isinstance(getattr(ib, name), ibdesk.Event)


def test_class_attributes() -> None:
    for name in ("RequestTimeout", "RaiseRequestErrors", "MaxSyncedSubAccounts", "TimezoneTWS"):
        assert getattr(ibdesk.IB, name) == getattr(ib_async().IB, name)
    assert ibdesk.Client.MaxRequests == ib_async().Client.MaxRequests
    assert [one.name for one in ibdesk.StartupFetch] == [one.name for one in ib_async().StartupFetch]


def test_module_util_is_found_by_its_path() -> None:
    import ibdesk.util as util  # programs for ib_async name it so

    assert util is ibdesk.util
    for name in ("df", "startLoop", "logToConsole", "parseIBDatetime", "formatIBDatetime"):
        assert callable(getattr(util, name))
